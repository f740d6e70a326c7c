#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/kafka/types.h"
#include "engine/sim/ids.h"
#include "engine/zookeeper/types.h"

namespace millrace::kafka {

inline constexpr sim::Port defaultBrokerPort{9092};

/// What a topic may set for itself; absent values are the broker's. Stored by its keys under /config/topics/<topic>.
struct TopicConfig {
    std::optional<std::int32_t> minInsyncReplicas;          ///< min.insync.replicas
    std::optional<bool> uncleanLeaderElection;              ///< unclean.leader.election.enable
    std::optional<ByteCount> segmentBytes;                  ///< segment.bytes
    std::optional<SimDuration> segmentAge;                  ///< segment.ms
    std::optional<ByteCount> retentionBytes;                ///< retention.bytes
    std::optional<SimDuration> retentionAge;                ///< retention.ms
    std::optional<std::int32_t> maxMessageBytes;            ///< max.message.bytes
    std::optional<bool> logAppendTime;                      ///< message.timestamp.type is LogAppendTime
    std::vector<std::pair<std::string, std::string>> told;  ///< all that was set, by key
};

/// Reads a topic's configuration; keys that this broker does not model are left alone.
[[nodiscard]] TopicConfig topicConfigFrom(const std::vector<std::pair<std::string, std::string>>& config);

/// What is wrong with the first value that the broker models and would not take, with its key; nothing when all is
/// well.
[[nodiscard]] std::optional<std::string> troubleWithTopicConfig(
    const std::vector<std::pair<std::string, std::string>>& config);

/// Deliberate faults in the broker's own rules. A test plants one to prove that an invariant notices it, and a lesson
/// may show what the rule is good for. All off is Kafka.
struct BrokenRules {
    bool electOutsideInSyncSet = false;         ///< the first live replica leads, in sync or not
    bool truncateToHighWatermark = false;       ///< a new follower cuts to its high watermark, as before KIP-101
    bool neverTruncate = false;                 ///< a follower goes on behind what its new leader does not have
    bool keepLeaderEpoch = false;               ///< a new leader leads in the epoch of the one before
    bool acknowledgeBeforeReplication = false;  ///< acks = all is answered as soon as the leader has the batch
    bool appendTwice = false;                   ///< one batch in 16 is appended twice
    bool swapBatches = false;                   ///< one batch in 16 is appended behind the one that comes after it
    bool alterRecords = false;                  ///< one batch in 16 stands in the log with a byte changed
    bool forgetAppends = false;                 ///< one batch in 16 is acknowledged and not appended
    bool mixTopics = false;                     ///< one batch in 16 is appended to a partition of another topic
    bool readAboveHighWatermark = false;        ///< consumers are given all there is
    bool acceptAnyGeneration = false;           ///< commits of members that the group no longer has are taken
    bool commitBack = false;                    ///< one commit in four is stored with an offset long before
    [[nodiscard]] bool breaksAppends() const {
        return appendTwice || swapBatches || alterRecords || forgetAppends || mixTopics;
    }
};

/// A broker's settings with the defaults of Kafka 3.9 in ZooKeeper mode; comments give Kafka's own keys.
struct BrokerConfig final : Counted {
    BrokerId id;                                             ///< broker.id
    std::string host;                                        ///< name of the simulated host that clients are told
    sim::Port port = defaultBrokerPort;                      ///< listeners
    std::string rack;                                        ///< broker.rack
    std::vector<zookeeper::ServerAddress> zookeeperConnect;  ///< zookeeper.connect
    SimDuration zookeeperSessionTimeout = std::chrono::milliseconds{18'000};  ///< zookeeper.session.timeout.ms

    std::int32_t numPartitions = 1;             ///< num.partitions
    std::int16_t defaultReplicationFactor = 1;  ///< default.replication.factor
    bool autoCreateTopics = true;               ///< auto.create.topics.enable
    std::int32_t minInsyncReplicas = 1;         ///< min.insync.replicas
    bool uncleanLeaderElection = false;         ///< unclean.leader.election.enable
    std::int32_t messageMaxBytes = 1'048'588;   ///< message.max.bytes
    std::int32_t fetchMaxBytes = 55 << 20;      ///< fetch.max.bytes
    bool logAppendTime = false;                 ///< log.message.timestamp.type is LogAppendTime, not CreateTime

    SimDuration replicaLagTimeMax = std::chrono::seconds{30};          ///< replica.lag.time.max.ms
    SimDuration replicaFetchWaitMax = std::chrono::milliseconds{500};  ///< replica.fetch.wait.max.ms
    std::int32_t replicaFetchMinBytes = 1;                             ///< replica.fetch.min.bytes
    std::int32_t replicaFetchMaxBytes = 1 << 20;                       ///< replica.fetch.max.bytes
    std::int32_t replicaFetchResponseMaxBytes = 10 << 20;              ///< replica.fetch.response.max.bytes
    SimDuration replicaFetchBackoff = std::chrono::seconds{1};         ///< replica.fetch.backoff.ms
    SimDuration highWatermarkCheckpointInterval =
        std::chrono::seconds{5};  ///< replica.high.watermark.checkpoint.interval.ms

    ByteCount segmentBytes = 1 << 30;                              ///< log.segment.bytes
    SimDuration segmentAge = std::chrono::hours{168};              ///< log.roll.hours
    ByteCount retentionBytes = -1;                                 ///< log.retention.bytes
    SimDuration retentionAge = std::chrono::hours{168};            ///< log.retention.hours; negative: for ever
    SimDuration retentionCheckInterval = std::chrono::minutes{5};  ///< log.retention.check.interval.ms
    SimDuration initialTaskDelay = std::chrono::seconds{30};       ///< log.initial.task.delay.ms
    SimDuration recoveryPointInterval = std::chrono::minutes{1};   ///< log.flush.offset.checkpoint.interval.ms
    std::optional<SimDuration> flushInterval;  ///< log.flush.interval.ms; absent: left to the system

    bool autoLeaderRebalance = true;                                     ///< auto.leader.rebalance.enable
    SimDuration leaderImbalanceCheckInterval = std::chrono::minutes{5};  ///< leader.imbalance.check.interval.seconds
    std::int32_t leaderImbalancePercentage = 10;                         ///< leader.imbalance.per.broker.percentage

    bool controlledShutdown = true;                                        ///< controlled.shutdown.enable
    std::int32_t controlledShutdownMaxRetries = 3;                         ///< controlled.shutdown.max.retries
    SimDuration controlledShutdownRetryBackoff = std::chrono::seconds{5};  ///< controlled.shutdown.retry.backoff.ms

    std::int32_t offsetsTopicPartitions = 50;                          ///< offsets.topic.num.partitions
    std::int16_t offsetsTopicReplicationFactor = 3;                    ///< offsets.topic.replication.factor
    SimDuration offsetsCommitTimeout = std::chrono::seconds{5};        ///< offsets.commit.timeout.ms
    SimDuration groupInitialRebalanceDelay = std::chrono::seconds{3};  ///< group.initial.rebalance.delay.ms
    SimDuration groupMinSessionTimeout = std::chrono::seconds{6};      ///< group.min.session.timeout.ms
    SimDuration groupMaxSessionTimeout = std::chrono::minutes{30};     ///< group.max.session.timeout.ms

    BrokenRules broken;
    std::uint64_t placementSeed = 1;  ///< the scenario's seed: start and shift of a topic's replicas are drawn from it
};

}  // namespace millrace::kafka
