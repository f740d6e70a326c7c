#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/topology_view.h"
#include "engine/sim/fault.h"
#include "engine/sim/world.h"
#include "engine/storm/runtime/executor.h"
#include "engine/storm/runtime/operator.h"
#include "engine/storm/runtime/worker.h"

namespace millrace::storm {

/// Nimbus, supervisors and topologies of a world. Counts of a component are those of the whole run: of its live
/// executors since each started, and what those of workers that are gone had counted (`pastCounts`), which Storm's own
/// pages forget. Latencies, capacity and replays are of the live ones.
void describe(const sim::World& world, observe::StormView& view);

/// "nimbus", "supervisor:s1" and "worker:audit/1" (the topology's workers in the order in which they were first
/// launched); nothing when it names nobody now.
[[nodiscard]] std::optional<sim::FaultTarget> resolveTarget(const sim::World& world, std::string_view target);

/// What each worker process that was ever launched is called in views and as a target: "worker/audit/6700@h4" is
/// `worker:audit/1` when it was the first of its topology.
[[nodiscard]] std::map<std::string, observe::ObjectId, std::less<>> workerIds(const sim::World& world);

/// A live executor with the full name of its actor.
struct LiveExecutor {
    std::string name;
    const Executor* executor = nullptr;
    const Worker* worker = nullptr;
};
/// Of one topology, by worker and first task; of all with an empty name.
[[nodiscard]] std::vector<LiveExecutor> liveExecutors(const sim::World& world, std::string_view topology = {});

/// Where the live spouts are in what they read.
[[nodiscard]] std::vector<SpoutPosition> spoutPositions(const sim::World& world);

/// The topologies that have been handed to Nimbus or will be, by name.
[[nodiscard]] std::vector<TopologyRef> topologies(const sim::World& world);

/// What a topology still has to do, for "drained".
struct Unfinished {
    std::uint64_t tuples = 0;  ///< taken from outside and not acked, held by bolts, or waiting in queues
    std::uint64_t lost = 0;    ///< roots that nobody holds any more: known while nothing else moves
    bool isRunning = false;    ///< every executor lives and every spout is open
};
[[nodiscard]] Unfinished unfinished(const sim::World& world, std::string_view topology);

}  // namespace millrace::storm
