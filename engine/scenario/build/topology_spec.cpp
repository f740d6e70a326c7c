#include "engine/scenario/build/topology_spec.h"

#include <fmt/format.h>

#include "engine/ingest/sink_process.h"
#include "engine/scenario/build/sinks_and_sources.h"
#include "engine/scenario/build/systems_config.h"
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

storm::BoltParameters parametersOf(const BoltPlan& plan) {
    storm::BoltParameters parameters;
    const auto add = [&](std::string key, const std::string& value) {
        if (!value.empty()) {
            parameters.values[std::move(key)] = {value};
        }
    };
    add("field", plan.field);
    add("separator", plan.separator);
    add("pattern", plan.pattern);
    add("format", plan.format);
    add("keep", plan.keepsMatching ? "matching" : "others");
    add("sink", plan.sink);
    add("table", plan.table);
    if (!plan.fields.empty()) {
        parameters.values["fields"] = plan.fields;
    }
    return parameters;
}

storm::BoltSurroundings surroundingsOf(const BoltPlan& plan, const TopologySurroundings& all) {
    storm::BoltSurroundings surroundings;
    surroundings.sourceFiles = all.sourceFiles;
    const auto sink = all.sinks.find(plan.sink);
    if (sink != all.sinks.end()) {
        surroundings.sink = sink->second.spec;
        surroundings.sinkHost = sink->second.host;
        surroundings.sinkPort = sink->second.port;
    }
    return surroundings;
}

/// An operator names the parameter of its kind that is wrong before what it says: "pattern: it is not ...". Whatever
/// else stands before a colon is none.
Error boltError(const std::string& where, const BoltPlan& bolt, const std::string& text) {
    const storm::OperatorKind* kind = storm::findOperatorKind(bolt.kind);
    const std::string parameter = text.substr(0, text.find(": "));
    const bool namesParameter = parameter.size() < text.size() && kind != nullptr && kind->find(parameter) != nullptr;
    return namesParameter ? Error{text.substr(parameter.size() + 2), where + "." + parameter} : Error{text, where};
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
                return boltError(where, bolt, complaint.message);
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
                                                                const TopologySurroundings& surroundings) {
    std::vector<Error> errors;
    storm::TopologySpec spec;
    spec.name = topology.name;
    spec.config = topologyConfig(topology);
    for (const SpoutPlan& plan : topology.spouts) {
        storm::ComponentSpec component;
        component.id = plan.name;
        component.executors = plan.executors;
        component.tasks = plan.tasks;
        component.spout = storm::makeKafkaSpout(spoutConfig(plan, surroundings.bootstrap));
        spec.components.push_back(std::move(component));
    }
    for (const BoltPlan& plan : topology.bolts) {
        auto bolt = storm::makeBolt(plan.kind, parametersOf(plan), surroundingsOf(plan, surroundings));
        if (!bolt) {
            errors.push_back(
                boltError(fmt::format("topologies.{}.bolts.{}", topology.name, plan.name), plan, bolt.error()));
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
    TopologySurroundings surroundings;
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
