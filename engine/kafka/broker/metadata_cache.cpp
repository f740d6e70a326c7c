#include "engine/kafka/broker/metadata_cache.h"

#include <algorithm>

namespace millrace::kafka {

void MetadataCache::update(const UpdateMetadataRequest& request) {
    m_controller = request.stamp.controller;
    m_brokers = request.liveBrokers;
    for (const PartitionState& state : request.partitions) {
        auto& partitions = m_topics[state.partition.topic];
        const auto index = static_cast<std::size_t>(state.partition.partition.value);
        if (index >= partitions.size()) {
            m_partitionCount += static_cast<std::int64_t>(index + 1 - partitions.size());
            partitions.resize(index + 1);
        }
        partitions[index] = state;
    }
}

const BrokerEndpoint* MetadataCache::broker(BrokerId id) const {
    const auto at =
        std::find_if(m_brokers.begin(), m_brokers.end(), [&](const BrokerEndpoint& b) { return b.id == id; });
    return at == m_brokers.end() ? nullptr : &*at;
}

std::int32_t MetadataCache::partitionCount(const TopicName& topic) const {
    const auto* partitions = m_topics.find(topic);
    return partitions == nullptr ? 0 : static_cast<std::int32_t>(partitions->size());
}

const PartitionState* MetadataCache::partition(const TopicPartition& partition) const {
    const auto* partitions = m_topics.find(partition.topic);
    const auto index = static_cast<std::size_t>(partition.partition.value);
    return partitions == nullptr || index >= partitions->size() ? nullptr : &(*partitions)[index];
}

std::vector<TopicName> MetadataCache::topics() const {
    std::vector<TopicName> names;
    for (const auto& [name, partitions] : m_topics) {
        names.push_back(name);
    }
    return names;
}

TopicMetadata MetadataCache::describe(const TopicName& topic) const {
    TopicMetadata said;
    said.name = topic;
    said.isInternal = topic.text() == consumerOffsetsTopic;
    const auto* partitions = m_topics.find(topic);
    if (partitions == nullptr) {
        said.error = ErrorCode::UnknownTopicOrPartition;
        return said;
    }
    std::int32_t index = 0;
    for (const PartitionState& state : *partitions) {
        PartitionMetadata partition;
        partition.partition = PartitionIndex{index++};
        partition.leader = isAlive(state.leader) ? state.leader : noBroker;
        partition.leaderEpoch = state.leaderEpoch;
        partition.error = partition.leader == noBroker ? ErrorCode::LeaderNotAvailable : ErrorCode::None;
        partition.replicas = state.replicas;
        partition.isr = state.isr;
        for (const BrokerId replica : state.replicas) {
            if (!isAlive(replica)) {
                partition.offlineReplicas.push_back(replica);
            }
        }
        said.partitions.push_back(std::move(partition));
    }
    return said;
}

}  // namespace millrace::kafka
