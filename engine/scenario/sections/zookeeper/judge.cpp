#include <fmt/format.h>

#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections/zookeeper/collections.h"
#include "engine/scenario/sections/zookeeper/zookeeper_section.h"

namespace millrace::scenario {

void ZooKeeperSection::judge(const Value& root, const KnownNames& known, Complaints& complaints) const {
    ReferenceJudge judge(root, known, complaints);
    const Value* cluster = at(root, {"cluster"});
    if (cluster == nullptr || !cluster->isObject()) {
        return;
    }
    const std::size_t servers = judge.names(serverNames).size();
    if (servers != 1 && servers != 3 && servers != 5) {
        const Value* map = cluster->find("servers");
        judge.error(map != nullptr ? map->place() : cluster->place(), "cluster.servers",
                    fmt::format("an ensemble has 1, 3 or 5 servers, and here are {}", servers));
    }
    for (const Member& server : membersAt(root, {"cluster", "servers"})) {
        judge.referIfSet(server.value, "host", hostNames, "cluster.servers." + server.key);
    }
}

void ZooKeeperSection::addLoad(const Value& root, HostLoad& load) const {
    constexpr std::int64_t portsOfServer = 3;
    for (const Member& server : membersAt(root, {"cluster", "servers"})) {
        load.listeners[textOf(server.value, "host")] += portsOfServer;
    }
}

}  // namespace millrace::scenario
