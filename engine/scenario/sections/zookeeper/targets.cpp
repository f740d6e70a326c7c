#include "engine/scenario/sections/zookeeper/collections.h"
#include "engine/scenario/sections/zookeeper/zookeeper_section.h"
#include "engine/scenario/world_processes.h"

namespace millrace::scenario {

namespace {

std::optional<sim::FaultTarget> server(const sim::World& world, std::string_view name) {
    return processTarget(world, "zookeeper/" + std::string(name));
}

constexpr TargetKind serverTargets[] = {
    {.noun = "server", .example = "server:zk2", .names = &serverNames, .resolve = server},
};

// Heap: ZK_SERVER_HEAP of zkEnv.sh.
constexpr ProcessKind serverProcesses[] = {
    {.kind = "zookeeper", .example = "zookeeper/zk1", .names = &serverNames, .heap = ByteCount{1000} << 20U},
};

}  // namespace

std::span<const TargetKind> ZooKeeperSection::targets() const {
    return serverTargets;
}

std::span<const ProcessKind> ZooKeeperSection::processes() const {
    return serverProcesses;
}

}  // namespace millrace::scenario
