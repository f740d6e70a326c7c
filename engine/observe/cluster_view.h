#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/observe/object_id.h"
#include "engine/observe/state.h"

namespace millrace::observe {

/// A machine: what it has, how busy it was over the last sample period, and which processes it carries.
struct HostView {
    ObjectId id;
    std::string rack;
    LifeState state = LifeState::Running;
    double cores = 0;
    double speedFactor = 1.0;    ///< below 1 when the processor was slowed
    double coreUtilisation = 0;  ///< 0..1 of all cores
    double diskUtilisation = 0;  ///< 0..1 of the time
    std::int64_t diskUsedBytes = 0;
    std::int64_t diskCapacityBytes = 0;
    double networkInBytesPerSecond = 0;
    double networkOutBytesPerSecond = 0;
    SimDuration clockSkew{};
    std::vector<ObjectId> processes;
    std::vector<std::pair<ObjectId, LifeState>> silent;  ///< of these, what does not run while the host does
    std::vector<std::string> ailments;                   ///< such as "disk full": what a fault did that still lasts
    std::vector<ObjectId> cutFrom;                       ///< hosts that nothing of this one reaches
};

enum class ServerRole { Leader, Follower, Looking, Standalone };
[[nodiscard]] std::string_view toText(ServerRole role);

/// One server of the coordination ensemble.
struct ServerView {
    ObjectId id;
    ObjectId host;
    LifeState state = LifeState::Running;
    ServerRole role = ServerRole::Looking;
    std::uint64_t zxid = 0;  ///< epoch in the high, counter in the low 32 bits
    std::int64_t znodes = 0;
    std::int64_t sessions = 0;
};

/// One replica of one partition as its broker knows it.
struct ReplicaView {
    std::string topic;
    std::int32_t partition = 0;
    bool isLeader = false;
    bool isInSync = true;
    std::int32_t leaderEpoch = 0;
    std::int64_t logStartOffset = 0;
    std::int64_t logEndOffset = 0;
    std::int64_t highWatermark = 0;
    std::int64_t truncatedTo = -1;    ///< first offset that the last truncation removed, -1 when none did
    std::int64_t truncatedFrom = -1;  ///< log end before that truncation
    std::int64_t sizeBytes = 0;
};

struct BrokerView {
    ObjectId id;
    ObjectId host;
    LifeState state = LifeState::Running;
    bool isController = false;
    bool isRegistered = false;  ///< its ephemeral node exists
    std::string session;        ///< such as "0x1a, 6 s" or "expired at 11.000 s"
    std::int32_t incarnation = 1;
    double bytesInPerSecond = 0;
    double bytesOutPerSecond = 0;
    double requestUtilisation = 0;  ///< 0..1
    std::int64_t unflushedBytes = 0;
    std::vector<ReplicaView> replicas;  ///< by topic, then partition
};

struct PartitionView {
    std::int32_t partition = 0;
    std::int32_t leader = -1;  ///< broker id, -1 when the partition is offline
    std::int32_t leaderEpoch = 0;
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> inSync;
    std::int64_t logStartOffset = 0;
    std::int64_t highWatermark = 0;
    std::int64_t logEndOffset = 0;
};

struct TopicView {
    ObjectId id;
    std::string name;
    std::int32_t replicationFactor = 1;
    std::int32_t minInSync = 1;
    double recordsInPerSecond = 0;
    double bytesInPerSecond = 0;
    std::vector<PartitionView> partitions;
};

struct ProducerView {
    ObjectId id;
    std::string topic;
    LifeState state = LifeState::Running;
    std::int64_t sent = 0;
    std::int64_t acked = 0;   ///< with acks=0: handed to a connection, which nobody confirms
    bool isConfirmed = true;  ///< whether its records are acknowledged by a broker
    std::int64_t failed = 0;
    std::int64_t retried = 0;
    std::int64_t pending = 0;  ///< records handed over and neither acked nor failed
    std::int64_t lost = 0;     ///< records acknowledged that no log holds any more
    std::string losses;        ///< where and why: "2000 of access-3 (unclean-election)"
    std::string givenUp;       ///< why records failed: "3 by MESSAGE_TOO_LARGE"
    double recordsPerSecond = 0;
};

struct GroupMemberView {
    std::string id;
    std::string client;
    std::vector<std::string> assigned;  ///< such as "access-0"
};

/// Where a group stands in a partition. Its lag is the distance from the position of whoever reads to the high
/// watermark, as a consumer's own metric records-lag tells it; while nobody reads it is that from the committed offset,
/// and before a first commit that from the log's start. Without a live leader the high watermark is what the replicas
/// left know of it, on their disks if need be: a lag is always a number.
struct GroupOffsetView {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t committed = -1;
    std::int64_t position = -1;      ///< offset of the next record to be read, -1 when nobody reads now or says
    std::int64_t lag = 0;            ///< records that are still to be read
    std::int64_t uncommitted = 0;    ///< from the committed offset to the high watermark, 0 while nothing is committed:
                                     ///< the lag of `kafka-consumer-groups`
    std::int64_t commitsToCome = 0;  ///< records read that a commit will still cover
};

struct GroupView {
    ObjectId id;
    std::string name;
    std::string state;  ///< Kafka's own word: Stable, PreparingRebalance, Empty ...; Unknown while its coordinator is
                        ///< down, empty before it is known to any
    std::int32_t generation = 0;
    std::int32_t coordinator = -1;
    std::int64_t lag = 0;          ///< records that are still to be read: the sum over `offsets`
    std::int64_t uncommitted = 0;  ///< records from the committed offsets on
    SimDuration unreadTime{};      ///< age of the oldest record not read
    std::vector<GroupMemberView> members;
    std::vector<GroupOffsetView> offsets;
    std::int64_t pollTimeouts = 0;          ///< how often members worked longer than max.poll.interval.ms
    std::vector<std::string> endedMembers;  ///< such as "m-1: NoOffsetForPartition: ...", by name
};

/// Hosts, coordination, brokers, topics and clients at one instant.
struct ClusterView {
    std::vector<HostView> hosts;
    std::vector<ServerView> servers;
    bool hasQuorum = true;
    std::vector<BrokerView> brokers;
    std::int32_t controller = -1;  ///< broker id, -1 when there is none
    std::vector<TopicView> topics;
    std::vector<ProducerView> producers;
    std::vector<GroupView> groups;
};

}  // namespace millrace::observe
