#include "engine/kafka/broker/log_manager.h"

#include <algorithm>
#include <map>

#include "engine/kafka/cost.h"

namespace millrace::kafka {

namespace {

constexpr OffsetCheckpointFile recoveryPointFile{"kafka-logs/recovery-point-offset-checkpoint"};
constexpr const char* cleanStopFile = "kafka-logs/.kafka_cleanshutdown";

}  // namespace

LogConfig LogManager::logConfig(const TopicName& topic) const {
    LogConfig config{m_config->segmentBytes, m_config->segmentAge, m_config->retentionBytes, m_config->retentionAge};
    if (topic.text() == consumerOffsetsTopic) {
        // Compacted, not deleted; compaction is left out, so it keeps everything.
        config.segmentBytes = 100 << 20;
        config.retentionBytes = -1;
        config.retentionAge = SimDuration{-1};
    }
    if (const TopicConfig* own = topicConfig(topic)) {
        config.segmentBytes = own->segmentBytes.value_or(config.segmentBytes);
        config.segmentAge = own->segmentAge.value_or(config.segmentAge);
        config.retentionBytes = own->retentionBytes.value_or(config.retentionBytes);
        config.retentionAge = own->retentionAge.value_or(config.retentionAge);
    }
    return config;
}

TopicRules LogManager::rules(const TopicName& topic) const {
    TopicRules rules{m_config->minInsyncReplicas, m_config->messageMaxBytes, logConfig(topic).segmentBytes,
                     m_config->logAppendTime};
    if (const TopicConfig* own = topicConfig(topic)) {
        rules.minInsyncReplicas = own->minInsyncReplicas.value_or(rules.minInsyncReplicas);
        rules.maxMessageBytes = own->maxMessageBytes.value_or(rules.maxMessageBytes);
        rules.logAppendTime = own->logAppendTime.value_or(rules.logAppendTime);
    }
    return rules;
}

bool LogManager::takeCleanStop(sim::Context& context) {
    if (context.disk().find(cleanStopFile) == nullptr) {
        return false;
    }
    context.remove(cleanStopFile);
    return true;
}

OffsetCheckpoint LogManager::recoveryPoints(const sim::ProcessDisk& disk) {
    return recoveryPointFile.read(disk);
}

void LogManager::chargeRecovery(sim::Context& context, const PartitionLog& log, Offset recoveryPoint) {
    const Offset from = recoveryPoint == noOffset ? log.start() : recoveryPoint;
    context.spend(cost::bytes(log.bytesFrom(from), cost::recoverByte));
}

/// Without a closed segment every point is the log's start, which need not be written down.
bool LogManager::checkpointRecoveryPoints(sim::Context& context, const std::vector<Ref<Partition>>& partitions) {
    OffsetCheckpoint entries;
    Digest digest;
    for (const Ref<Partition>& partition : partitions) {
        if (const Offset point = partition->log.recoveryPoint(); point > partition->log.start()) {
            entries.emplace_back(partition->id(), point);
            addTo(digest, partition->id());
            digest.add(point.value);
        }
    }
    if (entries.empty() || digest.value() == m_recoveryCheckpointed) {
        return true;
    }
    m_recoveryCheckpointed = digest.value();
    return recoveryPointFile.write(context, entries);
}

void LogManager::markCleanStop(sim::Context& context, sim::MessageRef done) {
    const bool isMarked = context.replace(cleanStopFile, makeRef<sim::TextChunk>("version=0")).has_value();
    if (done && isMarked) {
        context.flush(cleanStopFile, std::move(done));
    } else if (done) {
        context.arm(SimDuration{0}, std::move(done));
    }
}

std::vector<StoredReplica> storedReplicas(const sim::ProcessDisk& disk) {
    std::map<TopicPartition, StoredReplica> replicas;
    for (PartitionLog::Stored& stored : PartitionLog::onDisk(disk, LogManager::folder)) {
        const TopicPartition partition = stored.partition;
        replicas.insert_or_assign(partition, StoredReplica{std::move(stored), Offset{0}});
    }
    for (const auto& [partition, offset] : highWatermarkFile.read(disk)) {
        if (const auto found = replicas.find(partition); found != replicas.end()) {
            found->second.highWatermark = std::clamp(offset, found->second.log.start, found->second.log.end);
        }
    }
    std::vector<StoredReplica> sorted;
    for (auto& [partition, replica] : replicas) {
        sorted.push_back(std::move(replica));
    }
    return sorted;
}

Batches storedBatches(const sim::ProcessDisk& disk, const TopicPartition& partition) {
    return PartitionLog::batchesOnDisk(disk, LogManager::folder, partition);
}

}  // namespace millrace::kafka
