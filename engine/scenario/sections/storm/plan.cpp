#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <set>

#include "engine/base/check.h"
#include "engine/scenario/plan_reader.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/storm/collections.h"
#include "engine/scenario/sections/storm/storm_section.h"
#include "engine/scenario/sections/storm/topology_spec.h"

namespace millrace::scenario {

namespace {

/// topology.tasks, of a component or of the whole topology.
std::int32_t tasksByKey(const Settings& settings, std::int32_t otherwise) {
    return static_cast<std::int32_t>(settings.optionalInteger("topology.tasks").value_or(otherwise));
}

SpoutPlan spoutPlan(const TopologyPlan& topology, const std::string& name, const PlanReader& spout) {
    SpoutPlan plan;
    plan.name = name;
    plan.topic = spout.text("topic");
    plan.group = spout.text("group", fmt::format("{}-{}", topology.name, name));
    plan.executors = spout.count("executors", 1);
    plan.tasks = spout.count("tasks", tasksByKey(topology.config, plan.executors));
    plan.startsAtLatest = spout.text("first_poll_offset_strategy") == "UNCOMMITTED_LATEST";
    plan.config = spout.settings(consumerScope, topology.profile);
    return plan;
}

BoltPlan boltPlan(const TopologyPlan& topology, const std::string& name, const PlanReader& bolt) {
    BoltPlan plan;
    plan.name = name;
    plan.kind = bolt.text("kind");
    plan.executors = bolt.count("executors", 1);
    plan.config = bolt.settings(stormScope, topology.profile);
    plan.tasks = bolt.count("tasks", tasksByKey(plan.config, tasksByKey(topology.config, plan.executors)));
    const flow::Operator* row = findOperator(flow::NodeKind::Bolt, plan.kind);
    MILLRACE_CHECK(row != nullptr, plan.kind);
    plan.parameters = bolt.valuesFor(*row);
    plan.cost = bolt.duration("cost", SimDuration::zero());
    const std::string tick = "topology.tick.tuple.freq.secs";
    for (const Settings* each : std::initializer_list<const Settings*>{&plan.config, &topology.config}) {
        if (each->optionalInteger(tick) && plan.tickEvery == SimDuration::zero()) {
            plan.tickEvery = each->duration(tick);
        }
    }
    for (const Value& value : bolt.items("inputs")) {
        const PlanReader input(&value);
        plan.inputs.push_back({input.text("from"), input.text("stream", "default"), input.text("grouping", "shuffle"),
                               input.texts("fields")});
    }
    return plan;
}

/// A bolt that can be asked to tell something `every` so often tells it whether tuples come or not, and so does what
/// follows it.
void noteSinksOfTheClock(const TopologyPlan& topology, std::vector<SinkPlan>& sinks) {
    std::set<std::string> ofTheClock;
    const auto isOfTheClock = [&](const BoltPlan& bolt) {
        const auto& parameters = findOperator(flow::NodeKind::Bolt, bolt.kind)->parameters;
        return std::any_of(parameters.begin(), parameters.end(),
                           [](const auto& each) { return each.key == "every"; }) ||
               std::any_of(bolt.inputs.begin(), bolt.inputs.end(),
                           [&](const auto& input) { return ofTheClock.contains(input.from); });
    };
    for (std::size_t before = ~std::size_t{0}; before != ofTheClock.size();) {
        before = ofTheClock.size();
        for (const BoltPlan& bolt : topology.bolts) {
            if (isOfTheClock(bolt)) {
                ofTheClock.insert(bolt.name);
            }
        }
    }
    for (const BoltPlan& bolt : topology.bolts) {
        for (SinkPlan& sink : sinks) {
            const bool isWritten = ofTheClock.contains(bolt.name) && bolt.parameters.text("sink") == sink.name;
            sink.isWrittenByTheClock = sink.isWrittenByTheClock || isWritten;
        }
    }
}

void readStorm(const PlanReader& root, Scenario& scenario) {
    const PlanReader storm = root.object("storm");
    if (!root.has("storm")) {
        return;
    }
    StormPlan plan;
    plan.profile = storm.profile();
    plan.nimbusHost = storm.object("nimbus").text("host");
    plan.nimbusRestart = storm.object("nimbus").restart();
    plan.config = storm.settings(stormScope, plan.profile);
    for (const Member& member : storm.members("supervisors")) {
        const PlanReader supervisor(&member.value);
        SupervisorPlan each{member.key, supervisor.text("host"), supervisor.count("slots", 4), plan.config,
                            supervisor.restart()};
        each.config.overlay(supervisor.settings(stormScope, plan.profile));
        plan.supervisors.push_back(std::move(each));
    }
    scenario.storm = std::move(plan);
}

void readTopologies(const PlanReader& root, const std::map<std::string, std::string>& paths, Scenario& scenario) {
    for (const Member& member : root.members("topologies")) {
        const PlanReader topology(&member.value);
        TopologyPlan plan;
        plan.name = member.key;
        plan.profile = topology.profile();
        plan.config = Settings(stormScope, plan.profile);
        if (scenario.storm) {
            plan.config.overlay(scenario.storm->config);
        }
        plan.config.overlay(topology.settings(stormScope, plan.profile));
        plan.workers = topology.count("workers", static_cast<std::int32_t>(plan.config.integer("topology.workers")));
        plan.submitAt = topology.duration("submit_at", SimDuration::zero());
        for (const Member& spout : topology.members("spouts")) {
            plan.spouts.push_back(spoutPlan(plan, spout.key, PlanReader(&spout.value)));
        }
        for (const Member& bolt : topology.members("bolts")) {
            plan.bolts.push_back(boltPlan(plan, bolt.key, PlanReader(&bolt.value)));
            const auto path = paths.find(fmt::format("topologies.{}.bolts.{}.path", member.key, bolt.key));
            if (path != paths.end()) {
                plan.bolts.back().parameters.values["path"] = {path->second};
            }
        }
        noteSinksOfTheClock(plan, scenario.sinks);
        scenario.topologies.push_back(std::move(plan));
    }
}

}  // namespace

void StormSection::read(const PlanReader& root, const std::map<std::string, std::string>& paths,
                        Scenario& scenario) const {
    readStorm(root, scenario);
    readTopologies(root, paths, scenario);
}

std::vector<Error> StormSection::troubleWith(const Scenario& plan) const {
    return troubleWithTopologies(plan);
}

}  // namespace millrace::scenario
