#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

/// What this cluster calls itself to clients.
inline constexpr std::string_view clusterId = "millrace";

/// Where a broker is reached. The host's name is the simulated host's: `Context::findHost` turns it into an id.
struct BrokerEndpoint {
    BrokerId id;
    std::string host;
    std::uint16_t port = 0;
    std::string rack;
    friend bool operator==(const BrokerEndpoint&, const BrokerEndpoint&) = default;
};

struct PartitionMetadata {
    ErrorCode error = ErrorCode::None;
    PartitionIndex partition;
    BrokerId leader = noBroker;
    LeaderEpoch leaderEpoch = noEpoch;
    std::vector<BrokerId> replicas;
    std::vector<BrokerId> isr;
    std::vector<BrokerId> offlineReplicas;
};

struct TopicMetadata {
    ErrorCode error = ErrorCode::None;
    TopicName name;
    bool isInternal = false;
    std::vector<PartitionMetadata> partitions;  ///< by partition index, without gaps
};

/// Metadata, versions 0 to 8. No `topics` asks for all; an empty list for none (brokers only). A topic that is not
/// there is created when both this request and `auto.create.topics.enable` allow it; it is answered with
/// LEADER_NOT_AVAILABLE then.
struct MetadataRequest final : Request<MetadataRequest> {
    static constexpr std::string_view Name = "kafka.MetadataRequest";
    static constexpr std::int16_t newestVersion = 8;
    std::optional<std::vector<TopicName>> topics;
    bool allowAutoTopicCreation = true;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

struct MetadataResponse final : Response<MetadataResponse> {
    static constexpr std::string_view Name = "kafka.MetadataResponse";
    static constexpr std::int16_t newestVersion = 8;
    std::vector<BrokerEndpoint> brokers;
    BrokerId controller = noBroker;
    std::vector<TopicMetadata> topics;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

/// Partitions that one CreateTopics request may add, so that none can keep the cluster busy for minutes; Kafka's
/// controller in KRaft mode has the same bound.
inline constexpr std::int64_t partitionsPerRequestMax = 10'000;

/// CreateTopics, versions 0 to 4. Only the controller answers it; others say NOT_CONTROLLER. Answered when the topic's
/// leaders are known to the controller, or with REQUEST_TIMED_OUT (the topic may still appear).
struct CreateTopicsRequest final : Request<CreateTopicsRequest> {
    static constexpr std::string_view Name = "kafka.CreateTopicsRequest";
    static constexpr std::int16_t newestVersion = 4;
    struct Topic {
        TopicName name;
        std::int32_t partitions = -1;                   ///< -1: the broker's num.partitions
        std::int16_t replicationFactor = -1;            ///< -1: the broker's default.replication.factor
        std::vector<std::vector<BrokerId>> assignment;  ///< by partition; empty: the broker places the replicas
        std::vector<std::pair<std::string, std::string>> config;
    };
    std::vector<Topic> topics;
    SimDuration timeout = std::chrono::seconds{30};
    bool validateOnly = false;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

struct CreateTopicsResponse final : Response<CreateTopicsResponse> {
    static constexpr std::string_view Name = "kafka.CreateTopicsResponse";
    static constexpr std::int16_t newestVersion = 4;
    struct Topic {
        TopicName name;
        ErrorCode error = ErrorCode::None;
        std::string message;
    };
    std::vector<Topic> topics;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

}  // namespace millrace::kafka
