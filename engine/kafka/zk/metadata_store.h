#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/kafka/error_code.h"
#include "engine/kafka/protocol/controller.h"
#include "engine/kafka/protocol/metadata.h"
#include "engine/kafka/zk/purpose.h"

namespace millrace::kafka {

/// Where the cluster's metadata stands: which brokers live, which topics there are, who leads what. Whoever asks names
/// its term of office; answers come one by one, in the order of asking, and changes are told once after each listing.
/// Nobody outside of this folder knows that these are nodes of ZooKeeper. Good for the duration of one call; never
/// kept. Source: KafkaZkClient of Kafka 3.9.
class MetadataStore {
public:
    using Assignment = std::vector<std::vector<BrokerId>>;  ///< replicas by partition
    using ConfigMap = std::vector<std::pair<std::string, std::string>>;

    MetadataStore(sim::Context& context, zookeeper::ZkClient& client) : m_context(context), m_client(client) {}

    // --- questions of a controller
    void listBrokers(ControllerEpoch term);  ///< and tells when they change
    void listTopics(ControllerEpoch term);   ///< and tells when there are others
    void readBroker(ControllerEpoch term, BrokerId broker);
    void readTopic(ControllerEpoch term, const TopicName& topic);  ///< and tells when it changes
    void readTopicConfig(ControllerEpoch term, const TopicName& topic);
    void readPartitionState(ControllerEpoch term, const TopicPartition& partition);

    struct StateChange {
        PartitionState state;
        bool isCreation = false;
        bool isFirstOfTopic = false;  ///< a creation in a topic that has no states yet
    };
    /// All of them or none, and none when there is another controller since `epochVersion`.
    void writeStates(ControllerEpoch term, std::int32_t epochVersion, const std::vector<StateChange>& changes);

    // --- topics that are made
    void createTopic(std::uint64_t token, const TopicName& topic, const Assignment& assignment,
                     const ConfigMap& config);

    // --- answers
    struct BrokersListed {
        std::vector<BrokerId> brokers;
    };
    struct TopicsListed {
        std::vector<TopicName> topics;
    };
    struct BrokerRead {
        BrokerId broker;
        std::optional<BrokerEndpoint> endpoint;  ///< nothing when it is gone
        BrokerEpoch epoch{-1};
    };
    struct TopicRead {
        TopicName topic;
        Assignment assignment;  ///< empty when it is gone
    };
    struct TopicConfigRead {
        TopicName topic;
        ConfigMap config;
    };
    struct PartitionStateRead {
        TopicPartition partition;
        std::optional<PartitionState> state;  ///< leader, epochs and in-sync set; nothing when there is none
    };
    struct StatesWritten {
        bool isDone = false;
        bool isReplaced = false;  ///< there is another controller
    };
    using Answer = std::variant<BrokersListed, TopicsListed, BrokerRead, TopicRead, TopicConfigRead, PartitionStateRead,
                                StatesWritten>;
    struct Answered {
        ControllerEpoch term;
        Answer answer;
    };
    /// Nothing when the reply is none of these, or the session is over.
    [[nodiscard]] static std::optional<Answered> read(const zookeeper::Reply& reply);

    struct TopicCreated {
        std::uint64_t token = 0;
        ErrorCode error = ErrorCode::None;
        std::string message;
    };
    [[nodiscard]] static TopicCreated readCreated(const zookeeper::Reply& reply);

    /// What has changed since it was listed or read.
    struct Change {
        bool brokers = false;
        bool topics = false;
        std::optional<TopicName> topic;
    };
    [[nodiscard]] static Change read(const zookeeper::WatchFired& fired);

private:
    sim::Context& m_context;
    zookeeper::ZkClient& m_client;
};

/// What topics set for themselves, as any broker asks for it. Good for the duration of one call; never kept.
class ConfigStore {
public:
    ConfigStore(sim::Context& context, zookeeper::ZkClient& client) : m_context(context), m_client(client) {}

    void readTopicConfig(const TopicName& topic);
    struct TopicConfigRead {
        TopicName topic;
        bool isForNobody = false;  ///< the session is over; whoever waits asks again in the next one
        MetadataStore::ConfigMap config;
    };
    [[nodiscard]] static TopicConfigRead read(const zookeeper::Reply& reply);

private:
    sim::Context& m_context;
    zookeeper::ZkClient& m_client;
};

}  // namespace millrace::kafka
