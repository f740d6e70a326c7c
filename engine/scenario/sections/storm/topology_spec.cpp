#include "engine/scenario/sections/storm/topology_spec.h"

#include <fmt/format.h>

#include "engine/ingest/sink_process.h"
#include "engine/scenario/sections/ingest/sinks_and_sources.h"
#include "engine/scenario/sections/storm/storm_config.h"
#include "engine/storm/operators/catalog.h"
#include "engine/storm/operators/kafka_spout.h"

namespace millrace::scenario {

namespace {

storm::GroupingKind groupingOf(const std::string& text) {
    if (text == "fields") {
        return storm::GroupingKind::Fields;
    }
    if (text == "all") {
        return storm::GroupingKind::All;
    }
    if (text == "none") {
        return storm::GroupingKind::None;
    }
    if (text == "local-or-shuffle") {
        return storm::GroupingKind::LocalOrShuffle;
    }
    return text == "global" ? storm::GroupingKind::Global : storm::GroupingKind::Shuffle;
}

storm::InputSpec inputSpec(const InputPlan& plan) {
    return {plan.from, plan.stream, groupingOf(plan.grouping), plan.fields};
}

storm::BoltSurroundings surroundingsOf(const BoltPlan& plan, const Surroundings& all) {
    storm::BoltSurroundings surroundings;
    surroundings.sourceFiles = all.sourceFiles;
    const storm::BoltKind* kind = storm::findBoltKind(plan.kind);
    const flow::Parameter* target = kind != nullptr ? kind->about.reference(flow::NodeKind::Sink) : nullptr;
    const auto sink = target != nullptr ? all.sinks.find(plan.parameters.text(target->key)) : all.sinks.end();
    if (sink != all.sinks.end()) {
        surroundings.sink = sink->second.spec;
        surroundings.sinkHost = sink->second.host;
        surroundings.sinkPort = sink->second.port;
    }
    return surroundings;
}

Error errorAt(const std::string& component, const std::string& parameter, const std::string& message) {
    return {message, parameter.empty() ? component : component + "." + parameter};
}

Error compileError(const TopologyPlan& topology, const storm::TopologyComplaint& complaint) {
    std::string where = "topologies." + topology.name;
    for (const SpoutPlan& spout : topology.spouts) {
        where += spout.name == complaint.component ? ".spouts." + spout.name : "";
    }
    for (const BoltPlan& bolt : topology.bolts) {
        if (bolt.name == complaint.component) {
            where += ".bolts." + bolt.name;
            if (complaint.input < 0) {
                return errorAt(where, complaint.parameter, complaint.message);
            }
        }
    }
    if (complaint.input < 0) {
        return {complaint.message, where};
    }
    where += fmt::format(".inputs[{}]", complaint.input);
    return {complaint.message, complaint.field.empty() ? where : where + "." + complaint.field};
}

}  // namespace

Result<storm::TopologyRef, std::vector<Error>> compiledTopology(const TopologyPlan& topology,
                                                                const Surroundings& surroundings) {
    std::vector<Error> errors;
    storm::TopologySpec spec;
    spec.name = topology.name;
    spec.config = topologyConfig(topology);
    for (const SpoutPlan& plan : topology.spouts) {
        storm::ComponentSpec component;
        component.id = plan.name;
        component.executors = plan.executors;
        component.tasks = plan.tasks;
        component.spout = storm::makeKafkaSpout(spoutConfig(plan, surroundings.brokers));
        spec.components.push_back(std::move(component));
    }
    for (const BoltPlan& plan : topology.bolts) {
        auto bolt = storm::makeBolt(plan.kind, plan.parameters, surroundingsOf(plan, surroundings));
        if (!bolt) {
            errors.push_back(errorAt(fmt::format("topologies.{}.bolts.{}", topology.name, plan.name),
                                     bolt.error().parameter, bolt.error().message));
            continue;
        }
        if (spec.config.enableMessageTimeouts && (*bolt)->keepsTuplesFor() > spec.config.messageTimeout) {
            errors.push_back(
                {fmt::format("length and slide are {} together, more than topology.message.timeout.secs, "
                             "{}: Storm does not start such a bolt",
                             millrace::toText((*bolt)->keepsTuplesFor()), millrace::toText(spec.config.messageTimeout)),
                 fmt::format("topologies.{}.bolts.{}.length", topology.name, plan.name)});
            continue;
        }
        storm::ComponentSpec component;
        component.id = plan.name;
        component.executors = plan.executors;
        component.tasks = plan.tasks;
        if (plan.config.isSet("topology.max.task.parallelism")) {
            component.maxTaskParallelism =
                static_cast<std::int32_t>(plan.config.integer("topology.max.task.parallelism"));
        }
        component.bolt = std::move(*bolt);
        component.cost = plan.cost;
        component.tickEvery = plan.tickEvery;
        for (const InputPlan& input : plan.inputs) {
            component.inputs.push_back(inputSpec(input));
        }
        spec.components.push_back(std::move(component));
    }
    if (!errors.empty()) {
        return tl::unexpected(std::move(errors));
    }
    auto compiled = storm::compileTopology(spec);
    if (compiled) {
        return std::move(*compiled);
    }
    for (const storm::TopologyComplaint& complaint : compiled.error()) {
        errors.push_back(compileError(topology, complaint));
    }
    return tl::unexpected(std::move(errors));
}

std::vector<Error> troubleWithTopologies(const Scenario& plan) {
    Surroundings surroundings;
    for (const SinkPlan& sink : plan.sinks) {
        surroundings.sinks[sink.name] = {sinkSpec(sink), sink.host, ingest::sinkPort};
    }
    std::vector<Error> errors;
    for (const TopologyPlan& topology : plan.topologies) {
        if (auto compiled = compiledTopology(topology, surroundings); !compiled) {
            errors.insert(errors.end(), compiled.error().begin(), compiled.error().end());
        }
    }
    return errors;
}

}  // namespace millrace::scenario
