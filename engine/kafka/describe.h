#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/kafka/server/broker.h"
#include "engine/kafka/types.h"
#include "engine/observe/cluster_view.h"
#include "engine/sim/fault.h"
#include "engine/sim/world.h"

namespace millrace::kafka {

/// How far somebody has read.
struct ReadPosition {
    std::string group;
    TopicPartition partition;
    Offset next;  ///< of the next record to be read
    Offset safe;  ///< what lies before needs no commit; `noOffset`: what has a record
};
/// Who reads, beside the group members of this room, whom `describe` finds by itself.
struct Readers {
    std::vector<ReadPosition> positions;
    std::vector<std::pair<std::string, TopicName>> subscriptions;  ///< groups and topics, whether anybody reads yet
};

/// Fills brokers, controller, topics, groups and producers, each by id or name. What a partition's state is, is what
/// the live brokers were last told by a controller, the newest of it; its offsets are the leader's. A group that reads
/// or will, and has never committed, is in the view too, without a state; one whose coordinator is down is told from
/// what is left of `__consumer_offsets`, in the state Unknown.
void describe(const sim::World& world, observe::ClusterView& view, const Readers& readers = {});

/// Names, offsets and lags of all groups, the same that `describe` gives, and nothing else: for who asks often.
[[nodiscard]] std::vector<observe::GroupView> describeLags(const sim::World& world, Readers readers);

/// The newest state of a partition that a live broker was told; leader -1 when none knows one.
[[nodiscard]] std::optional<PartitionState> partitionState(const sim::World& world, const TopicPartition& partition);

/// The logs that are shown of a topic, by partition: the leader's, or, without a live leader, the longest of the live
/// replicas'; null where none is alive. Empty: no live broker knows the topic. Valid until the world goes on.
[[nodiscard]] std::vector<const PartitionLog*> shownLogs(const sim::World& world, const TopicName& topic);

/// "broker:2", "leader:access-0" and "controller"; nothing when it names nobody now.
[[nodiscard]] std::optional<sim::FaultTarget> resolveTarget(const sim::World& world, std::string_view target);

/// The actor of a live broker, or null.
[[nodiscard]] const Broker* findBroker(const sim::World& world, BrokerId id);

}  // namespace millrace::kafka
