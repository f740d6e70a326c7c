#include <fmt/format.h>

#include <map>

#include "engine/scenario/build/ports.h"
#include "engine/scenario/references/judge.h"

namespace millrace::scenario {

namespace {

// What a laptop can still hold. Everything is legal up to these; beyond them a run would not begin in a person's
// patience, or its machine's memory would end first.
constexpr std::int64_t hostsMax = 10'000;
constexpr std::int64_t partitionsMax = 200'000;
constexpr std::int64_t replicasMax = 1'000'000;
constexpr std::int64_t membersMax = 10'000;
constexpr std::int64_t executorsMax = 10'000;
constexpr std::int64_t tasksMax = 100'000;
constexpr std::int64_t slotsMax = 100'000;

/// Sizes that only the whole shows: partitions of all topics, executors of all topologies, what one host carries.
class SizeJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() {
        judgePartitions();
        judgeHosts();
        judgeTopologies();
        judgeListeners();
    }

private:
    static std::int64_t numberIn(const Value& object, std::string_view key, std::int64_t otherwise) {
        const Value* value = object.find(key);
        constexpr std::int64_t most = 1'000'000'000;  // what is far beyond any bound is complained about as it is
        return value != nullptr && value->isInteger() ? std::clamp<std::int64_t>(value->asInteger(), 0, most)
                                                      : otherwise;
    }

    void bound(std::int64_t count, std::int64_t most, std::string_view what, const std::string& path) {
        const Value* value = root().find(path.substr(0, path.find('.')));
        if (count > most) {
            error(value != nullptr ? value->place() : Place{}, path,
                  fmt::format("{} {} in all; a scenario has at most {}", count, what, most));
        }
    }

    void judgePartitions() {
        std::int64_t partitions = 0;
        std::int64_t replicas = 0;
        for (const Member& topic : membersAt(root(), {"topics"})) {
            const std::int64_t count = numberIn(topic.value, "partitions", 1);
            partitions += count;
            replicas += count * numberIn(topic.value, "replicas", 1);
        }
        bound(partitions, partitionsMax, "partitions", "topics");
        bound(replicas, replicasMax, "replicas of partitions", "topics");
    }

    /// Clients that name no host have one each.
    void judgeHosts() {
        auto hosts = static_cast<std::int64_t>(known().hosts.size());
        std::int64_t members = 0;
        const auto ownHosts = [&](std::initializer_list<std::string_view> steps, bool isGroup) {
            for (const Member& each : membersAt(root(), steps)) {
                const std::int64_t count = isGroup ? numberIn(each.value, "members", 1) : 1;
                members += isGroup ? count : 0;
                hosts += each.value.find("host") == nullptr ? count : 0;
            }
        };
        ownHosts({"sources"}, false);
        ownHosts({"sinks"}, false);
        ownHosts({"clients", "producers"}, false);
        ownHosts({"clients", "groups"}, true);
        bound(hosts, hostsMax, "hosts (clients that name none have one each)", "hosts");
        bound(members, membersMax, "members of groups", "clients");
    }

    void judgeTopologies() {
        std::int64_t executors = 0;
        std::int64_t tasks = 0;
        for (const Member& topology : membersAt(root(), {"topologies"})) {
            const std::int64_t workers = numberIn(topology.value, "workers", 1);
            const Value* config = topology.value.find("config");
            executors += config != nullptr ? numberIn(*config, "topology.acker.executors", workers) : workers;
            for (const std::string_view kind : {"spouts", "bolts"}) {
                for (const Member& each : membersAt(topology.value, {kind})) {
                    const std::int64_t count = numberIn(each.value, "executors", 1);
                    executors += count;
                    tasks += numberIn(each.value, "tasks", count);
                }
            }
        }
        bound(executors, executorsMax, "executors (ackers, one a worker, included)", "topologies");
        bound(tasks, tasksMax, "tasks", "topologies");
    }

    void judgeListeners() {
        constexpr std::int64_t portsOfServer = 3;
        std::map<std::string, std::int64_t> listeners;
        std::int64_t slots = 0;
        const auto add = [&](const Value& object, std::int64_t count) { listeners[textOf(object, "host")] += count; };
        for (const Member& server : membersAt(root(), {"cluster", "servers"})) {
            add(server.value, portsOfServer);
        }
        for (const Member& broker : membersAt(root(), {"cluster", "brokers"})) {
            add(broker.value, 1);
        }
        for (const Member& sink : membersAt(root(), {"sinks"})) {
            add(sink.value, 1);
        }
        for (const Member& supervisor : membersAt(root(), {"storm", "supervisors"})) {
            constexpr std::int64_t usualSlots = 4;
            const std::int64_t count = numberIn(supervisor.value, "slots", usualSlots);
            slots += count;
            add(supervisor.value, 1 + count);
        }
        bound(slots, slotsMax, "slots of supervisors", "storm");
        for (const Member& host : membersAt(root(), {"hosts"})) {
            const auto at = listeners.find(host.key);
            if (at != listeners.end() && at->second >= listenersOfHostMax) {
                error(host.keyPlace, "hosts." + host.key,
                      fmt::format("{} listen here, and a host has ports for {}: use more hosts", at->second,
                                  listenersOfHostMax));
            }
        }
    }
};

}  // namespace

void judgeSizes(const Value& root, const KnownNames& known, Complaints& complaints) {
    SizeJudge(root, known, complaints).judge();
}

}  // namespace millrace::scenario
