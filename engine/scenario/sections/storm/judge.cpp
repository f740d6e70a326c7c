#include <fmt/format.h>

#include <algorithm>

#include "engine/flow/analysis.h"
#include "engine/scenario/operators.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections.h"
#include "engine/scenario/sections/ingest/tables.h"
#include "engine/scenario/sections/storm/collections.h"
#include "engine/scenario/sections/storm/component_config.h"
#include "engine/scenario/sections/storm/storm_section.h"
#include "engine/scenario/sections/zookeeper/collections.h"

namespace millrace::scenario {

namespace {

// What a laptop can still hold.
constexpr std::int64_t executorsMax = 10'000;
constexpr std::int64_t tasksMax = 100'000;
constexpr std::int64_t slotsMax = 100'000;
constexpr std::int64_t usualSlots = 4;

/// Storm, its topologies, their spouts and bolts.
class TopologyJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() {
        checkStorm();
        checkSlots();
        checkTopologies();
        checkExecutors();
    }

private:
    void checkStorm() {
        if (const Value* nimbus = at(root(), {"storm", "nimbus"})) {
            referIfSet(*nimbus, "host", hostNames, "storm.nimbus");
        }
        for (const Member& supervisor : membersAt(root(), {"storm", "supervisors"})) {
            referIfSet(supervisor.value, "host", hostNames, "storm.supervisors." + supervisor.key);
            if (supervisor.key.find('/') != std::string::npos) {
                error(supervisor.keyPlace, "storm.supervisors." + supervisor.key,
                      "a supervisor is a node of ZooKeeper: there is no / in its name");
            }
        }
        const Value* storm = at(root(), {"storm"});
        if (storm != nullptr && names(serverNames).empty()) {
            error(storm->place(), "storm", "Storm needs ZooKeeper: cluster.servers");
        }
    }

    void checkSlots() {
        std::int64_t slots = 0;
        for (const Member& supervisor : membersAt(root(), {"storm", "supervisors"})) {
            slots += countIn(supervisor.value, "slots", usualSlots);
        }
        bound(slots, slotsMax, "slots of supervisors", "storm");
    }

    void checkExecutors() {
        std::int64_t executors = 0;
        std::int64_t tasks = 0;
        for (const Member& topology : membersAt(root(), {"topologies"})) {
            const std::int64_t workers = workersOf(root(), topology.key).value_or(1);
            const Value* idle = at(topology.value, {"config", "topology.workers"});
            if (idle != nullptr && topology.value.find("workers") != nullptr) {
                warning(idle->place(), fmt::format("topologies.{}.config.topology.workers", topology.key),
                        "this changes nothing: \"workers\" of the topology says how many");
            }
            const Value* ackers = at(topology.value, {"config", "topology.acker.executors"});
            executors += std::clamp<std::int64_t>(wholeNumberIn(ackers).value_or(workers), 0, executorsMax + 1);
            for (const std::string_view kind : {"spouts", "bolts"}) {
                for (const Member& each : membersAt(topology.value, {kind})) {
                    const std::int64_t count = countIn(each.value, "executors", 1);
                    executors += count;
                    tasks += countIn(each.value, "tasks", count);
                }
            }
        }
        bound(executors, executorsMax, "executors (ackers, one a worker, included)", "topologies");
        bound(tasks, tasksMax, "tasks", "topologies");
    }

    void checkTopologies() {
        for (const Member& topology : membersAt(root(), {"topologies"})) {
            const std::string path = "topologies." + topology.key;
            if (names(supervisorNames).empty()) {
                error(topology.keyPlace, path, "a topology needs Storm: storm.nimbus and storm.supervisors");
            }
            if (topology.key.find_first_of("/.:\\") != std::string::npos) {
                error(topology.keyPlace, path, "Storm takes no / . : or \\ in the name of a topology");
            }
            checkComponents(topology.key, topology.value, path);
        }
    }

    void checkComponents(const std::string& name, const Value& topology, const std::string& path) {
        const Names spouts = namesOf(topology.find("spouts"));
        const Names bolts = namesOf(topology.find("bolts"));
        if (spouts.empty()) {
            error(topology.place(), path + ".spouts", "a topology needs at least one spout");
        }
        Names components = spouts;
        components.insert(components.end(), bolts.begin(), bolts.end());
        for (const Member& spout : membersAt(topology, {"spouts"})) {
            const std::string spoutPath = path + ".spouts." + spout.key;
            checkComponentName(spout, spoutPath);
            if (const flow::Operator* row = operatorOf(flow::NodeKind::Spout, spout.value)) {
                checkParameters(spout.value, *row, spoutPath);
            }
            checkTasks(spout.value, spoutPath);
            warnOfSharedGroup(spout, textOf(spout.value, "group", fmt::format("{}-{}", name, spout.key)), spoutPath);
        }
        for (const Member& bolt : membersAt(topology, {"bolts"})) {
            const std::string boltPath = path + ".bolts." + bolt.key;
            checkComponentName(bolt, boltPath);
            if (contains(spouts, bolt.key)) {
                error(bolt.keyPlace, boltPath, "a spout has this name");
            }
            checkBolt(bolt.value, components, boltPath);
        }
        warnOfCycle(topology, path);
    }

    /// A spout commits without being a member, which a coordinator takes only for a group that has none.
    void warnOfSharedGroup(const Member& spout, const std::string& group, const std::string& path) {
        if (contains(namesOf(at(root(), {"clients", "groups"})), group)) {
            const Value* set = spout.value.find("group");
            warning(set != nullptr ? set->place() : spout.keyPlace, path + ".group",
                    fmt::format("the group \"{}\" has members of its own (clients.groups): while they are there the "
                                "coordinator refuses what this spout commits (error 25, UNKNOWN_MEMBER_ID)",
                                group));
        }
    }

    void checkComponentName(const Member& component, const std::string& path) {
        if (component.key.starts_with("__")) {
            error(component.keyPlace, path, "names that begin with __ belong to Storm");
        }
    }

    void checkTasks(const Value& component, const std::string& path) {
        const Value* executors = component.find("executors");
        const Value* tasks = component.find("tasks");
        if (executors != nullptr && tasks != nullptr && executors->asInteger() > tasks->asInteger()) {
            warning(executors->place(), path + ".executors",
                    fmt::format("{} executors share {} tasks: Storm starts only as many as there are tasks",
                                executors->asInteger(), tasks->asInteger()));
        }
    }

    void checkBolt(const Value& bolt, const Names& components, const std::string& path) {
        checkTasks(bolt, path);
        if (const flow::Operator* row = operatorOf(flow::NodeKind::Bolt, bolt)) {
            checkParameters(bolt, *row, path);
        }
        checkInputs(bolt, components, path);
    }

    void checkParameters(const Value& component, const flow::Operator& row, const std::string& path) {
        for (const flow::Parameter& parameter : row.parameters) {
            if (parameter.type == flow::ParameterType::Reference) {
                referIfSet(component, parameter.key, collectionOf(parameter.refersTo), path);
                checkKindOf(component, row, parameter, path);
            } else if (parameter.type == flow::ParameterType::Table) {
                checkTable(component, row, parameter, path);
            }
        }
    }

    /// The object that is meant is of the kind that the operator works with.
    void checkKindOf(const Value& component, const flow::Operator& row, const flow::Parameter& parameter,
                     const std::string& path) {
        const Value* target = at(root(), {"sinks", textOf(component, parameter.key)});
        const std::string kind = target != nullptr ? textOf(*target, "kind") : std::string();
        if (parameter.ofKind.empty() || kind.empty() || kind == parameter.ofKind) {
            return;
        }
        error(component.find(parameter.key)->place(), fmt::format("{}.{}", path, parameter.key),
              fmt::format("this is a {} of kind {}, and the {} \"{}\" is of kind {}", observe::rowOf(row.node).word,
                          row.kind, observe::rowOf(parameter.refersTo).word, textOf(component, parameter.key), kind));
    }

    void checkTable(const Value& component, const flow::Operator& row, const flow::Parameter& parameter,
                    const std::string& path) {
        const flow::Parameter* sinkName = row.reference(flow::NodeKind::Sink);
        const Value* sink = sinkName != nullptr ? at(root(), {"sinks", textOf(component, sinkName->key)}) : nullptr;
        if (sink != nullptr) {
            const Value* tables = sink->find("tables");
            referIfSet(component, parameter.key, "table", tables != nullptr ? namesOf(tables) : auditTableNames(),
                       path);
        }
    }

    void checkInputs(const Value& bolt, const Names& components, const std::string& path) {
        const Value* inputs = bolt.find("inputs");
        if (inputs != nullptr && inputs->isList() && inputs->items().empty()) {
            error(inputs->place(), path + ".inputs", "a bolt needs at least one input");
        }
        std::size_t index = 0;
        for (const Value& input : inputs != nullptr ? inputs->items() : std::span<const Value>()) {
            const std::string inputPath = fmt::format("{}.inputs[{}]", path, index++);
            referIfSet(input, "from", "spout or bolt", components, inputPath);
            const Value* fields = input.find("fields");
            const bool needsFields = textOf(input, "grouping") == "fields";
            if (needsFields && (fields == nullptr || fields->items().empty())) {
                error(input.place(), inputPath + ".fields",
                      "\"fields\" is missing: by which values tuples are grouped");
            }
            if (!needsFields && fields != nullptr) {
                error(fields->place(), inputPath + ".fields", "only the grouping \"fields\" has fields");
            }
        }
    }

    void warnOfCycle(const Value& topology, const std::string& path) {
        flow::Graph graph;
        for (const Member& bolt : membersAt(topology, {"bolts"})) {
            graph.nodes.push_back({bolt.key, flow::NodeKind::Bolt, bolt.key, {}});
            const Value* inputs = bolt.value.find("inputs");
            for (const Value& input : inputs != nullptr ? inputs->items() : std::span<const Value>()) {
                graph.edges.push_back({textOf(input, "from"), bolt.key, flow::EdgeKind::Stream, {}, {}});
            }
        }
        const std::vector<std::string> inCycles = flow::nodesInCycles(graph);
        for (const Member& bolt : membersAt(topology, {"bolts"})) {
            if (!inCycles.empty() && bolt.key == inCycles.front()) {
                warning(bolt.keyPlace, path + ".bolts." + bolt.key,
                        "tuples can come back to this bolt; Storm allows such a cycle, but under pressure its "
                        "full queues can block one another for good");
            }
        }
    }
};

}  // namespace

std::optional<std::int64_t> workersOf(const Value& root, std::string_view topology) {
    const Value* own = at(root, {"topologies", topology, "workers"});
    for (const Value* said : {own, at(root, {"topologies", topology, "config", "topology.workers"}),
                              at(root, {"storm", "config", "topology.workers"})}) {
        if (said != nullptr) {
            return wholeNumberIn(said);
        }
    }
    return std::stoll(std::string(findConfigKey(stormScope, "topology.workers")->defaultText));
}

void StormSection::judge(const Value& root, const KnownNames& known, Complaints& complaints) const {
    TopologyJudge(root, known, complaints).judge();
    judgeComponentConfig(root, known, complaints);
}

void StormSection::addLoad(const Value& root, HostLoad& load) const {
    for (const Member& supervisor : membersAt(root, {"storm", "supervisors"})) {
        load.listeners[textOf(supervisor.value, "host")] += 1 + countIn(supervisor.value, "slots", usualSlots);
    }
}

bool StormSection::hasGroups(const Value& root) const {
    const auto topologies = membersAt(root, {"topologies"});
    return std::any_of(topologies.begin(), topologies.end(), [](const Member& each) {
        const Value* spouts = each.value.find("spouts");
        return spouts != nullptr && !spouts->members().empty();
    });
}

}  // namespace millrace::scenario
