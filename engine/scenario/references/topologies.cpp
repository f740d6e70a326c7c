#include "engine/scenario/references/judge.h"

#include <fmt/format.h>

#include <map>
#include <set>

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
            checkComponents(topology.value, path);
        }
    }

    void checkComponents(const Value& topology, const std::string& path) {
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
            referIfSet(spout.value, "topic", "topic", known().topics, spoutPath);
            checkTasks(spout.value, spoutPath);
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
        const std::string kind = textOf(bolt, "kind");
        checkTasks(bolt, path);
        if (kind == "filter") {
            require(bolt, "field", "the field that is looked at", path);
            require(bolt, "pattern", "the regular expression", path);
        }
        if (kind == "count") {
            require(bolt, "field", "the field whose values are counted", path);
        }
        if (kind == "extract" && textOf(bolt, "format", "pattern") == "pattern") {
            require(bolt, "pattern", "the regular expression whose groups are taken", path);
            require(bolt, "fields", "names for the groups", path);
        }
        if (kind == "sqlite" || kind == "file") {
            require(bolt, "sink", "where it writes", path);
            referIfSet(bolt, "sink", "sink", known().sinks, path);
            checkSinkKind(bolt, kind, path);
            checkTableOf(bolt, kind, path);
        }
        checkInputs(bolt, components, path);
    }

    void checkSinkKind(const Value& bolt, const std::string& kind, const std::string& path) {
        const Value* sink = at(root(), {"sinks", textOf(bolt, "sink")});
        const std::string sinkKind = sink != nullptr ? textOf(*sink, "kind") : std::string();
        if (!sinkKind.empty() && sinkKind != kind) {
            error(bolt.find("sink")->place(), path + ".sink",
                  fmt::format("this is a bolt of kind {}, and the sink \"{}\" is of kind {}", kind,
                              textOf(bolt, "sink"), sinkKind));
        }
    }

    void checkTableOf(const Value& bolt, const std::string& kind, const std::string& path) {
        if (kind != "sqlite") {
            return;
        }
        require(bolt, "table", "the table of the sink that it fills", path);
        const Value* sink = at(root(), {"sinks", textOf(bolt, "sink")});
        if (sink != nullptr) {
            const Value* tables = sink->find("tables");
            referIfSet(bolt, "table", "table", tables != nullptr ? namesOf(tables) : auditTableNames(), path);
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
