#include "engine/scenario/references/judge.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "engine/scenario/operators.h"
#include "engine/scenario/references.h"

namespace millrace::scenario {

namespace {

/// Storm, its topologies, their spouts and bolts.
class TopologyJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() {
        checkStorm();
        checkTopologies();
    }

private:
    void checkStorm() {
        if (const Value* nimbus = at(root(), {"storm", "nimbus"})) {
            referIfSet(*nimbus, "host", "host", known().hosts, "storm.nimbus");
        }
        for (const Member& supervisor : membersAt(root(), {"storm", "supervisors"})) {
            referIfSet(supervisor.value, "host", "host", known().hosts, "storm.supervisors." + supervisor.key);
            if (supervisor.key.find('/') != std::string::npos) {
                error(supervisor.keyPlace, "storm.supervisors." + supervisor.key,
                      "a supervisor is a node of ZooKeeper: there is no / in its name");
            }
        }
        const Value* storm = at(root(), {"storm"});
        if (storm != nullptr && known().servers.empty()) {
            error(storm->place(), "storm", "Storm needs ZooKeeper: cluster.servers");
        }
    }

    void checkTopologies() {
        for (const Member& topology : membersAt(root(), {"topologies"})) {
            const std::string path = "topologies." + topology.key;
            if (known().supervisors.empty()) {
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
                const bool isTopic = parameter.refersTo == flow::NodeKind::Topic;
                referIfSet(component, parameter.key, flow::toText(parameter.refersTo),
                           isTopic ? known().topics : known().sinks, path);
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
              fmt::format("this is a {} of kind {}, and the {} \"{}\" is of kind {}", flow::toText(row.node), row.kind,
                          flow::toText(parameter.refersTo), textOf(component, parameter.key), kind));
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
        std::map<std::string, std::vector<std::string>, std::less<>> targets;
        for (const Member& bolt : membersAt(topology, {"bolts"})) {
            const Value* inputs = bolt.value.find("inputs");
            for (const Value& input : inputs != nullptr ? inputs->items() : std::span<const Value>()) {
                targets[textOf(input, "from")].push_back(bolt.key);
            }
        }
        std::set<std::string, std::less<>> done;
        for (const Member& bolt : membersAt(topology, {"bolts"})) {
            if (!done.contains(bolt.key) && reaches(targets, bolt.key, bolt.key, done)) {
                warning(bolt.keyPlace, path + ".bolts." + bolt.key,
                        "tuples can come back to this bolt; Storm allows such a cycle, but under pressure its "
                        "full queues can block one another for good");
                return;
            }
        }
    }

    /// Walks without recursion, since a hostile file may chain thousands of bolts.
    static bool reaches(const std::map<std::string, std::vector<std::string>, std::less<>>& targets,
                        const std::string& from, const std::string& to, std::set<std::string, std::less<>>& done) {
        std::set<std::string, std::less<>> seen;
        std::vector<std::string> open{from};
        while (!open.empty()) {
            const std::string here = open.back();
            open.pop_back();
            const auto next = targets.find(here);
            for (const std::string& each : next != targets.end() ? next->second : std::vector<std::string>()) {
                if (each == to) {
                    return true;
                }
                if (!done.contains(each) && seen.insert(each).second) {
                    open.push_back(each);
                }
            }
        }
        done.insert(from);
        return false;
    }
};

}  // namespace

void judgeTopologies(const Value& root, const KnownNames& known, Complaints& complaints) {
    TopologyJudge(root, known, complaints).judge();
}

}  // namespace millrace::scenario
