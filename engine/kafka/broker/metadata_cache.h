#pragma once

#include <optional>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/kafka/protocol/controller.h"
#include "engine/kafka/protocol/metadata.h"
#include "engine/kafka/types.h"

namespace millrace::kafka {

/// What this broker tells clients about the cluster: the last word of the controller, which may be late. Owned by the
/// broker's actor; filled by UpdateMetadata only.
class MetadataCache {
public:
    void update(const UpdateMetadataRequest& request);

    [[nodiscard]] BrokerId controller() const { return m_controller; }
    [[nodiscard]] const std::vector<BrokerEndpoint>& brokers() const { return m_brokers; }
    [[nodiscard]] const BrokerEndpoint* broker(BrokerId id) const;
    [[nodiscard]] bool isAlive(BrokerId id) const { return broker(id) != nullptr; }
    [[nodiscard]] bool hasTopic(const TopicName& topic) const { return m_topics.contains(topic); }
    /// 0 when the topic is not known.
    [[nodiscard]] std::int32_t partitionCount(const TopicName& topic) const;
    [[nodiscard]] std::int64_t partitionCount() const { return m_partitionCount; }  ///< of all topics
    [[nodiscard]] const PartitionState* partition(const TopicPartition& partition) const;
    [[nodiscard]] std::vector<TopicName> topics() const;
    /// As a Metadata response says it.
    [[nodiscard]] TopicMetadata describe(const TopicName& topic) const;

private:
    BrokerId m_controller = noBroker;
    std::vector<BrokerEndpoint> m_brokers;  ///< by id
    SharedMap<TopicName, std::vector<PartitionState>> m_topics;
    std::int64_t m_partitionCount = 0;
};

}  // namespace millrace::kafka
