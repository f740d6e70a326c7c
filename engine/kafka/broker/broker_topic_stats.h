#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/kafka/broker/slot_set.h"
#include "engine/kafka/types.h"

namespace millrace::kafka {

/// What one replica here has done and is, or several together.
struct ReplicaFigures {
    std::uint64_t recordsIn = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;  ///< to consumers
    std::uint64_t isrShrinks = 0;
    std::uint64_t isrExpands = 0;
    ByteCount logSize = 0;
    std::int32_t led = 0;
    std::int32_t underReplicated = 0;  ///< of those that are led here

    void add(const ReplicaFigures& other);
    void subtract(const ReplicaFigures& other);
    [[nodiscard]] bool isAnything() const { return recordsIn + bytesOut + isrShrinks + isrExpands > 0; }
};

/// A broker's figures by topic, kept as sums of its replicas' so that a sample costs the topics and not the replicas.
/// Source: BrokerTopicStats of Kafka 3.9; those of single partitions are an addition. Owned by ReplicaManager.
class BrokerTopicStats {
public:
    /// The replica in the next slot.
    void addReplica(const TopicName& topic);
    void set(Slot slot, const ReplicaFigures& now);

    /// Those that came first first.
    [[nodiscard]] const std::vector<std::pair<TopicName, ReplicaFigures>>& topics() const { return m_topics; }
    [[nodiscard]] const ReplicaFigures& of(Slot slot) const { return m_replicas[slot]; }
    [[nodiscard]] ReplicaFigures all() const;
    /// Replicas that ever did something here, in order.
    [[nodiscard]] const std::vector<Slot>& measured() const { return m_measured; }

private:
    std::vector<ReplicaFigures> m_replicas;  ///< by slot
    std::vector<std::uint32_t> m_topicOf;    ///< by slot: in m_topics
    std::vector<std::pair<TopicName, ReplicaFigures>> m_topics;
    std::vector<Slot> m_measured;
};

}  // namespace millrace::kafka
