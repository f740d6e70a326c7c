#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/kafka/broker/config.h"
#include "engine/kafka/broker/offset_checkpoint.h"
#include "engine/kafka/broker/partition.h"
#include "engine/kafka/log/partition_log.h"

namespace millrace::kafka {

/// What a topic and the broker say together about the topic's partitions.
struct TopicRules {
    std::int32_t minInsyncReplicas = 1;  ///< min.insync.replicas
    std::int32_t maxMessageBytes = 0;    ///< max.message.bytes, message.max.bytes
    ByteCount segmentBytes = 0;          ///< segment.bytes, log.segment.bytes: no batch is larger
    bool logAppendTime = false;          ///< message.timestamp.type, log.message.timestamp.type
};

/// A broker's log folder: which logs lie in it, how they are configured, what must be read at a start, and the marks
/// that are left for the next one: the file of a clean stop, and the recovery points. The logs themselves stand in
/// their partitions. Source: LogManager and LogLoader of Kafka 3.9, with one log folder.
class LogManager {
public:
    static constexpr std::string_view folder = "kafka-logs";

    explicit LogManager(Ref<const BrokerConfig> config) : m_config(std::move(config)) {}

    // --- configuration
    void setTopicConfig(const TopicName& topic, const TopicConfig& config) { m_topicConfigs.set(topic, config); }
    /// What the topic sets for itself; null when that is not known here.
    [[nodiscard]] const TopicConfig* topicConfig(const TopicName& topic) const { return m_topicConfigs.find(topic); }
    [[nodiscard]] LogConfig logConfig(const TopicName& topic) const;
    [[nodiscard]] TopicRules rules(const TopicName& topic) const;

    // --- at a start
    /// The log as it lies on the disk; an empty one if there is none.
    [[nodiscard]] PartitionLog open(sim::Context& context, const TopicPartition& partition) const {
        return PartitionLog::recover(context, std::string{folder}, partition, logConfig(partition.topic));
    }
    /// Takes the mark of a clean stop away; false when there was none, and logs have to be read.
    [[nodiscard]] static bool takeCleanStop(sim::Context& context);
    [[nodiscard]] static OffsetCheckpoint recoveryPoints(const sim::ProcessDisk& disk);
    /// Reading the records of a log from its recovery point on; `noOffset`: none is known.
    static void chargeRecovery(sim::Context& context, const PartitionLog& log, Offset recoveryPoint);

    // --- in the background, and at a stop
    /// Writes the recovery points down when one has moved. False when the disk takes no more.
    [[nodiscard]] bool checkpointRecoveryPoints(sim::Context& context, const std::vector<Ref<Partition>>& partitions);
    /// Leaves the mark of a clean stop; `done` comes when it and all before it is on the medium.
    static void markCleanStop(sim::Context& context, sim::MessageRef done);

private:
    Ref<const BrokerConfig> m_config;
    SharedMap<TopicName, TopicConfig> m_topicConfigs;
    std::uint64_t m_recoveryCheckpointed = 0;  ///< digest of the last checkpoint of recovery points
};

/// What a broker's log folder holds of a replica, whether the broker runs or not; the high watermark is that of its
/// last checkpoint.
struct StoredReplica {
    PartitionLog::Stored log;
    Offset highWatermark;
};
/// By topic, then partition.
[[nodiscard]] std::vector<StoredReplica> storedReplicas(const sim::ProcessDisk& disk);
/// What it holds of one partition, in order.
[[nodiscard]] Batches storedBatches(const sim::ProcessDisk& disk, const TopicPartition& partition);

/// The high watermarks of a broker's replicas, as of some seconds ago.
inline constexpr OffsetCheckpointFile highWatermarkFile{"kafka-logs/replication-offset-checkpoint"};

}  // namespace millrace::kafka
