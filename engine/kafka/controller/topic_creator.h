#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/kafka/broker/metadata_cache.h"
#include "engine/kafka/broker/replica_manager.h"
#include "engine/kafka/protocol/metadata.h"
#include "engine/kafka/zk/metadata_store.h"
#include "engine/sim/context.h"

namespace millrace::kafka {

/// Wakes the creator when a request's time may be up.
struct TopicCreatorAlarm final : sim::MessageBase<TopicCreatorAlarm> {
    static constexpr std::string_view Name = "kafka.TopicCreatorAlarm";
    void digest(Digest&) const override {}
};

/// Partitions that the cluster takes in all, and topics that may be under way because somebody named them.
inline constexpr std::int64_t partitionsMax = 250'000;
inline constexpr std::size_t onDemandMax = 1'000;

/// Letters, digits, '.', '_' and '-', at most 249, neither "." nor "..".
[[nodiscard]] bool isTopicName(std::string_view name);

/// Writes new topics into ZooKeeper: places replicas, writes configuration and assignment; the controller's watch does
/// the rest. A CreateTopics request is answered when this broker knows leaders for all partitions, or when its time is
/// up. Source: AdminUtils, ZkAdminManager and AutoTopicCreationManager of Kafka 3.9 in ZooKeeper mode. Owned by the
/// broker's actor.
class TopicCreator {
public:
    explicit TopicCreator(Ref<const BrokerConfig> config) : m_config(std::move(config)) {}

    void onRequest(sim::Context& context, MetadataStore& store, const RequestOrigin& origin,
                   const CreateTopicsRequest& request, const MetadataCache& metadata, bool isController);
    /// For auto.create.topics.enable and for the coordinator's topic, which waits until there are brokers for all its
    /// replicas (KIP-115). What it says belongs into the Metadata answer.
    ErrorCode createOnDemand(MetadataStore& store, const TopicName& topic, const MetadataCache& metadata);
    void onCreated(const MetadataStore::TopicCreated& created);
    /// Looks whether requests can be answered: after UpdateMetadata, replies, alarms.
    void check(SimTime now, const MetadataCache& metadata);
    [[nodiscard]] bool hasAnswers() const { return !m_answers.empty(); }
    [[nodiscard]] PooledVector<Answer> takeAnswers() { return std::exchange(m_answers, {}); }

private:
    struct Topic {
        TopicName name;
        std::int32_t partitions = 0;
        ErrorCode error = ErrorCode::None;
        std::string message;
        std::uint64_t token = 0;
        bool isWritten = false;
    };
    struct Parked {
        sim::ConnectionId connection;
        CorrelationId correlationId;
        std::int16_t version = 0;
        SimTime deadline;
        std::vector<Topic> topics;
    };

    using Assignment = std::vector<std::vector<BrokerId>>;
    struct Refusal {
        ErrorCode error = ErrorCode::None;
        std::string message;
    };
    /// Replicas for each partition. `room`: how many partitions may still be added.
    [[nodiscard]] Result<Assignment, Refusal> place(const CreateTopicsRequest::Topic& topic,
                                                    const MetadataCache& metadata, std::int64_t room) const;
    [[nodiscard]] static Result<Assignment, Refusal> checkOwn(const CreateTopicsRequest::Topic& topic,
                                                              const MetadataCache& metadata);
    /// Partitions that the cluster has room for beside those that are known and those that are being written.
    [[nodiscard]] std::int64_t roomIn(const MetadataCache& metadata) const;
    std::uint64_t write(MetadataStore& store, const TopicName& topic,
                        const std::vector<std::vector<BrokerId>>& assignment,
                        const std::vector<std::pair<std::string, std::string>>& config);
    [[nodiscard]] static bool isVisible(const Topic& topic, const MetadataCache& metadata);

    Ref<const BrokerConfig> m_config;
    std::uint64_t m_nextToken = 1;
    std::vector<Parked> m_parked;
    std::vector<TopicName> m_onDemand;  ///< being written
    PooledVector<Answer> m_answers;
};

}  // namespace millrace::kafka
