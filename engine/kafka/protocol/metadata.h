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
    static void fields(auto& v, auto& broker) {
        v.field(broker.id);
        v.field(broker.host);
        v.field(broker.port);
        v.nullable(broker.rack, since(1).orDropped());
    }
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
    static void fields(auto& v, auto& p) {
        v.field(p.error);
        v.field(p.partition);
        v.field(p.leader);
        v.field(p.leaderEpoch, since(7).orDropped());
        v.field(p.replicas);
        v.field(p.isr);
        v.field(p.offlineReplicas, since(5).orDropped());
    }
};

struct TopicMetadata {
    ErrorCode error = ErrorCode::None;
    TopicName name;
    bool isInternal = false;
    std::vector<PartitionMetadata> partitions;  ///< by partition index, without gaps
    static void fields(auto& v, auto& topic) {
        v.field(topic.error);
        v.nullable(topic.name, always, since(12));
        v.fixed(Uuid{}, since(10));
        v.field(topic.isInternal, since(1).orDropped());
        v.field(topic.partitions);
        v.fixed(noOperations, since(8));
    }
};

inline constexpr Api metadataApi{.key = 3, .name = "Metadata", .last = 12, .served = 12, .flexible = 9};

struct MetadataResponse;

/// No `topics` asks for all; an empty list for none (brokers only). A topic that is not there is created when both this
/// request and `auto.create.topics.enable` allow it; it is answered with LEADER_NOT_AVAILABLE then. Topics have no ids,
/// as those made before Kafka 2.8: clients that see none go on with names.
struct MetadataRequest final : Request<MetadataRequest, MetadataResponse, metadataApi> {
    std::optional<std::vector<TopicName>> topics;
    bool allowAutoTopicCreation = true;

    static void fields(auto& v, auto& m) {
        v.nullableList(m.topics, since(1), [](auto& in, auto& topic) {
            in.fixed(Uuid{}, since(10));
            in.nullable(topic, always, since(10));
        });
        v.field(m.allowAutoTopicCreation, since(4).orDropped());
        v.fixed(false, between(8, 10));  // whether to tell what the client may do with the cluster
        v.fixed(false, since(8));        // ... and with topics
    }
    /// Before there was a null, nothing meant everything.
    void decoded() {
        if (version == 0 && topics && topics->empty()) {
            topics.reset();
        }
    }
    [[nodiscard]] std::string summary() const override;
};

struct MetadataResponse final : Response<MetadataResponse, metadataApi> {
    std::vector<BrokerEndpoint> brokers;
    BrokerId controller = noBroker;
    std::vector<TopicMetadata> topics;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(3));
        v.field(m.brokers);
        v.fixed(std::optional{std::string{clusterId}}, since(2));
        v.field(m.controller, since(1).orDropped());
        v.field(m.topics);
        v.fixed(noOperations, between(8, 10));
    }
    [[nodiscard]] std::string summary() const override;
};
void serve(BrokerCall& call, const MetadataRequest& request);

/// Partitions that one CreateTopics request may add, so that none can keep the cluster busy for minutes; Kafka's
/// controller in KRaft mode has the same bound.
inline constexpr std::int64_t partitionsPerRequestMax = 10'000;

inline constexpr Api createTopicsApi{.key = 19, .name = "CreateTopics", .last = 7, .served = 4, .flexible = 5};

struct CreateTopicsResponse;

/// Only the controller answers it; others say NOT_CONTROLLER. Answered when the topic's leaders are known to the
/// controller, or with REQUEST_TIMED_OUT (the topic may still appear). Described and not served: the answers of
/// version 5 and later, which tell a new topic's settings.
struct CreateTopicsRequest final : Request<CreateTopicsRequest, CreateTopicsResponse, createTopicsApi> {
    struct Assignment {
        PartitionIndex partition;
        std::vector<BrokerId> replicas;
        static void fields(auto& v, auto& a) {
            v.field(a.partition);
            v.field(a.replicas);
        }
    };
    struct Topic {
        TopicName name;
        std::int32_t partitions = -1;         ///< -1: the broker's num.partitions
        std::int16_t replicationFactor = -1;  ///< -1: the broker's default.replication.factor
        std::vector<Assignment> assignment;   ///< empty: the broker places the replicas
        std::vector<std::pair<std::string, std::string>> config;
        static void fields(auto& v, auto& topic) {
            v.field(topic.name);
            v.field(topic.partitions);
            v.field(topic.replicationFactor);
            v.field(topic.assignment);
            v.list(topic.config, always, [](auto& in, auto& setting) {
                in.field(setting.first);
                in.field(setting.second);
            });
        }
    };
    std::vector<Topic> topics;
    SimDuration timeout = std::chrono::seconds{30};
    bool validateOnly = false;

    static void fields(auto& v, auto& m) {
        v.field(m.topics);
        v.field(m.timeout);
        v.field(m.validateOnly, since(1));
    }
    [[nodiscard]] std::string summary() const override;
};

struct CreateTopicsResponse final : Response<CreateTopicsResponse, createTopicsApi> {
    struct Topic {
        TopicName name;
        ErrorCode error = ErrorCode::None;
        std::string message;
        static void fields(auto& v, auto& topic) {
            v.field(topic.name);
            v.fixed(Uuid{}, since(7));
            v.field(topic.error);
            v.nullable(topic.message, since(1).orDropped());
            v.fixed(std::int32_t{-1}, since(5));  // partitions
            v.fixed(std::int16_t{-1}, since(5));  // replicas
            v.nothing(since(5));                  // settings
        }
    };
    std::vector<Topic> topics;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(2));
        v.field(m.topics);
    }
};
void serve(BrokerCall& call, const CreateTopicsRequest& request);

}  // namespace millrace::kafka
