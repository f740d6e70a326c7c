#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kafka/broker/broker.h"
#include "engine/kafka/types.h"
#include "engine/observe/cluster_view.h"
#include "engine/sim/fault.h"
#include "engine/sim/world.h"

namespace millrace::kafka {

/// How far somebody who is not one of this room's own consumers has read.
struct ReadPosition {
    std::string group;
    TopicPartition partition;
    Offset next;  ///< of the next record to be read
};

/// Fills brokers, controller, topics, groups and producers, each by id or name. What a partition's state is, is what
/// the live brokers were last told by a controller, the newest of it; its offsets are the leader's. A group that reads
/// and has never committed is in the view too, without a coordinator.
void describe(const sim::World& world, observe::ClusterView& view, const std::vector<ReadPosition>& readers = {});

/// The newest state of a partition that a live broker was told; leader -1 when none knows one.
[[nodiscard]] std::optional<PartitionState> partitionState(const sim::World& world, const TopicPartition& partition);

/// "broker:2", "leader:access-0" and "controller"; nothing when it names nobody now.
[[nodiscard]] std::optional<sim::FaultTarget> resolveTarget(const sim::World& world, std::string_view target);

/// The actor of a live broker, or null.
[[nodiscard]] const Broker* findBroker(const sim::World& world, BrokerId id);

}  // namespace millrace::kafka
