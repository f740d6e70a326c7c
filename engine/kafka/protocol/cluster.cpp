#include <fmt/format.h>

#include "engine/kafka/protocol/controller.h"
#include "engine/kafka/protocol/metadata.h"
#include "engine/observe/wording.h"

namespace millrace::kafka {

namespace {

ByteCount times(std::size_t items) {
    return static_cast<ByteCount>(items);
}

template <class Items>
std::string countedOf(const Items& items, std::string_view noun) {
    return observe::counted(static_cast<std::int64_t>(items.size()), noun);
}

void addTo(Digest& digest, const BrokerEndpoint& broker) {
    digest.add(broker.id.value);
    digest.add(broker.host);
    digest.add(static_cast<std::int32_t>(broker.port));
    digest.add(broker.rack);
}

ByteCount sizeOf(const BrokerEndpoint& broker) {
    return wire::int32 + wire::string(broker.host) + wire::int32 + wire::string(broker.rack);
}

void addTo(Digest& digest, const ControllerStamp& stamp) {
    digest.add(stamp.controller.value);
    digest.add(stamp.controllerEpoch.value);
    digest.add(stamp.brokerEpoch.value);
}

constexpr ByteCount stampSize = wire::int32 + wire::int32 + wire::int64;

void addTo(Digest& digest, const PartitionState& state) {
    kafka::addTo(digest, state.partition);
    digest.add(state.leader.value);
    digest.add(state.leaderEpoch.value);
    kafka::addTo(digest, state.isr);
    digest.add(state.controllerEpoch.value);
    digest.add(state.partitionEpoch);
    kafka::addTo(digest, state.replicas);
    digest.add(state.isNew);
}

ByteCount sizeOf(const PartitionState& state) {
    return 5 * wire::int32 + wire::brokers(state.isr) + wire::brokers(state.replicas) + wire::boolean;
}

}  // namespace

// --- Metadata

ByteCount MetadataRequest::wireSize() const {
    ByteCount size = headerSize() + wire::array + wire::since(4, version, wire::boolean) +
                     wire::since(8, version, 2 * wire::boolean);
    if (topics) {
        for (const TopicName& topic : *topics) {
            size += wire::string(topic);
        }
    }
    return size;
}

void MetadataRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(allowAutoTopicCreation);
    digest.add(topics.has_value());
    if (topics) {
        for (const TopicName& topic : *topics) {
            digest.add(topic.hash());
        }
    }
}

std::string MetadataRequest::summary() const {
    return topics ? fmt::format("Metadata of {}", countedOf(*topics, "topic")) : "Metadata of all topics";
}

ByteCount MetadataResponse::wireSize() const {
    ByteCount size = headerSize() + wire::since(3, version, wire::int32) + wire::array +
                     wire::since(2, version, wire::string(clusterId)) + wire::since(1, version, wire::int32) +
                     wire::array + wire::since(8, version, wire::int32);
    for (const BrokerEndpoint& broker : brokers) {
        size +=
            wire::int32 + wire::string(broker.host) + wire::int32 + wire::since(1, version, wire::string(broker.rack));
    }
    for (const TopicMetadata& topic : topics) {
        size += wire::int16 + wire::string(topic.name) + wire::since(1, version, wire::boolean) + wire::array +
                wire::since(8, version, wire::int32);
        for (const PartitionMetadata& partition : topic.partitions) {
            size += wire::int16 + 2 * wire::int32 + wire::since(7, version, wire::int32) +
                    wire::brokers(partition.replicas) + wire::brokers(partition.isr) +
                    wire::since(5, version, wire::brokers(partition.offlineReplicas));
        }
    }
    return size;
}

void MetadataResponse::digest(Digest& digest) const {
    digestHeader(digest);
    for (const BrokerEndpoint& broker : brokers) {
        addTo(digest, broker);
    }
    digest.add(controller.value);
    for (const TopicMetadata& topic : topics) {
        kafka::addTo(digest, topic.error);
        digest.add(topic.name.hash());
        digest.add(topic.isInternal);
        for (const PartitionMetadata& partition : topic.partitions) {
            kafka::addTo(digest, partition.error);
            digest.add(partition.partition.value);
            digest.add(partition.leader.value);
            digest.add(partition.leaderEpoch.value);
            kafka::addTo(digest, partition.replicas);
            kafka::addTo(digest, partition.isr);
            kafka::addTo(digest, partition.offlineReplicas);
        }
    }
}

std::string MetadataResponse::summary() const {
    return fmt::format("Metadata: {}, {}", countedOf(brokers, "broker"), countedOf(topics, "topic"));
}

// --- CreateTopics

ByteCount CreateTopicsRequest::wireSize() const {
    ByteCount size = headerSize() + wire::array + wire::int32 + wire::since(1, version, wire::boolean);
    for (const Topic& topic : topics) {
        size += wire::string(topic.name) + wire::int32 + wire::int16 + 2 * wire::array;
        for (const auto& replicas : topic.assignment) {
            size += wire::int32 + wire::brokers(replicas);
        }
        for (const auto& [key, value] : topic.config) {
            size += wire::string(key) + wire::string(value);
        }
    }
    return size;
}

void CreateTopicsRequest::digest(Digest& digest) const {
    digestHeader(digest);
    for (const Topic& topic : topics) {
        digest.add(topic.name.hash());
        digest.add(topic.partitions);
        digest.add(static_cast<std::int32_t>(topic.replicationFactor));
        for (const auto& replicas : topic.assignment) {
            kafka::addTo(digest, replicas);
        }
        for (const auto& [key, value] : topic.config) {
            digest.add(key);
            digest.add(value);
        }
    }
    digest.add(timeout.count());
    digest.add(validateOnly);
}

std::string CreateTopicsRequest::summary() const {
    return topics.size() == 1 ? "CreateTopics " + topics.front().name.text()
                              : fmt::format("CreateTopics ({})", topics.size());
}

ByteCount CreateTopicsResponse::wireSize() const {
    ByteCount size = headerSize() + wire::since(2, version, wire::int32) + wire::array;
    for (const Topic& topic : topics) {
        size += wire::string(topic.name) + wire::int16 + wire::since(1, version, wire::string(topic.message));
    }
    return size;
}

void CreateTopicsResponse::digest(Digest& digest) const {
    digestHeader(digest);
    for (const Topic& topic : topics) {
        digest.add(topic.name.hash());
        kafka::addTo(digest, topic.error);
        digest.add(topic.message);
    }
}

// --- LeaderAndIsr

ByteCount LeaderAndIsrRequest::wireSize() const {
    ByteCount size = headerSize() + stampSize + wire::int8 + wire::topics(partitions) + wire::array;
    for (const PartitionState& state : partitions) {
        size += sizeOf(state);
    }
    for (const BrokerEndpoint& broker : liveLeaders) {
        size += sizeOf(broker);
    }
    return size;
}

void LeaderAndIsrRequest::digest(Digest& digest) const {
    digestHeader(digest);
    addTo(digest, stamp);
    for (const PartitionState& state : partitions) {
        addTo(digest, state);
    }
    for (const BrokerEndpoint& broker : liveLeaders) {
        addTo(digest, broker);
    }
}

std::string LeaderAndIsrRequest::summary() const {
    return fmt::format("LeaderAndIsr ({})", countedOf(partitions, "partition"));
}

ByteCount LeaderAndIsrResponse::wireSize() const {
    return headerSize() + wire::int16 + wire::topics(partitions) +
           times(partitions.size()) * (wire::int32 + wire::int16);
}

void LeaderAndIsrResponse::digest(Digest& digest) const {
    digestHeader(digest);
    kafka::addTo(digest, error);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        kafka::addTo(digest, each.error);
    }
}

// --- UpdateMetadata

ByteCount UpdateMetadataRequest::wireSize() const {
    ByteCount size = headerSize() + stampSize + wire::topics(partitions) + wire::array;
    for (const PartitionState& state : partitions) {
        size += sizeOf(state);
    }
    for (const BrokerEndpoint& broker : liveBrokers) {
        size += sizeOf(broker);
    }
    return size;
}

void UpdateMetadataRequest::digest(Digest& digest) const {
    digestHeader(digest);
    addTo(digest, stamp);
    for (const PartitionState& state : partitions) {
        addTo(digest, state);
    }
    for (const BrokerEndpoint& broker : liveBrokers) {
        addTo(digest, broker);
    }
}

std::string UpdateMetadataRequest::summary() const {
    return fmt::format("UpdateMetadata ({}, {})", countedOf(partitions, "partition"), countedOf(liveBrokers, "broker"));
}

ByteCount UpdateMetadataResponse::wireSize() const {
    return headerSize() + wire::int16;
}

void UpdateMetadataResponse::digest(Digest& digest) const {
    digestHeader(digest);
    kafka::addTo(digest, error);
}

// --- StopReplica

ByteCount StopReplicaRequest::wireSize() const {
    return headerSize() + stampSize + wire::topics(partitions) + times(partitions.size()) * (4 + 4 + 1);
}

void StopReplicaRequest::digest(Digest& digest) const {
    digestHeader(digest);
    addTo(digest, stamp);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        digest.add(each.leaderEpoch.value);
        digest.add(each.deletePartition);
    }
}

ByteCount StopReplicaResponse::wireSize() const {
    return headerSize() + wire::int16 + wire::array;
}

void StopReplicaResponse::digest(Digest& digest) const {
    digestHeader(digest);
    kafka::addTo(digest, error);
}

// --- AlterPartition

ByteCount AlterPartitionRequest::wireSize() const {
    ByteCount size = headerSize() + wire::int32 + wire::int64 + wire::topics(partitions);
    for (const Partition& each : partitions) {
        size += 3 * wire::int32 + wire::brokers(each.newIsr);
    }
    return size;
}

void AlterPartitionRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(broker.value);
    digest.add(brokerEpoch.value);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        digest.add(each.leaderEpoch.value);
        kafka::addTo(digest, each.newIsr);
        digest.add(each.partitionEpoch);
    }
}

std::string AlterPartitionRequest::summary() const {
    return partitions.size() == 1 ? fmt::format("AlterPartition {} isr {}", toText(partitions.front().partition),
                                                toText(partitions.front().newIsr))
                                  : fmt::format("AlterPartition ({})", countedOf(partitions, "partition"));
}

ByteCount AlterPartitionResponse::wireSize() const {
    ByteCount size = headerSize() + wire::int32 + wire::int16 + wire::topics(partitions);
    for (const Partition& each : partitions) {
        size += wire::int32 + wire::int16 + 3 * wire::int32 + wire::brokers(each.isr);
    }
    return size;
}

void AlterPartitionResponse::digest(Digest& digest) const {
    digestHeader(digest);
    kafka::addTo(digest, error);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        kafka::addTo(digest, each.error);
        digest.add(each.leader.value);
        digest.add(each.leaderEpoch.value);
        kafka::addTo(digest, each.isr);
        digest.add(each.partitionEpoch);
    }
}

}  // namespace millrace::kafka
