#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/kafka/client/broker_links.h"
#include "engine/kafka/protocol/metadata.h"
#include "engine/sim/context.h"

namespace millrace::kafka {

/// How a client finds its cluster; names in brackets are Kafka's keys.
struct ClusterClientConfig {
    std::vector<BrokerEndpoint> bootstrap;  ///< bootstrap.servers: hosts and ports; ids are not looked at
    LinkConfig links;
    SimDuration retryBackoff = std::chrono::milliseconds{100};  ///< retry.backoff.ms
    SimDuration metadataMaxAge = std::chrono::minutes{5};       ///< metadata.max.age.ms
    bool allowAutoCreate = true;                                ///< allow.auto.create.topics
};

/// A client's connections together with what it knows of the cluster: the brokers, and the leaders of the partitions of
/// the topics it is interested in. Knowledge is refreshed when asked for (at most once a back-off) and when it has
/// become old; a leader epoch never goes back. A component of the client's actor. Source: Kafka's Metadata and
/// NetworkClient.
class ClusterClient {
public:
    using Event = BrokerLinks::Event;
    /// Tags from here on are the client's own.
    static constexpr BrokerLinks::Tag tagsEnd = ~std::uint64_t{0} - 1;

    ClusterClient() = default;
    explicit ClusterClient(ClusterClientConfig config);

    void start(sim::Context& context);
    void addTopic(sim::Context& context, const TopicName& topic);
    /// The knowledge has proved wrong or is missing.
    void requestUpdate(sim::Context& context);

    [[nodiscard]] const TopicMetadata* findTopic(const TopicName& topic) const;
    [[nodiscard]] const PartitionMetadata* findPartition(const TopicPartition& partition) const;
    /// `noBroker` when not known.
    [[nodiscard]] BrokerId leaderOf(const TopicPartition& partition) const;
    [[nodiscard]] const std::vector<BrokerEndpoint>& brokers() const { return m_brokers; }
    /// As of the last update; `noBroker` when not known.
    [[nodiscard]] BrokerId controller() const { return m_controller; }
    /// Grows with each update.
    [[nodiscard]] std::uint64_t version() const { return m_version; }

    [[nodiscard]] BrokerLinks& links() { return m_links; }
    [[nodiscard]] const BrokerLinks& links() const { return m_links; }
    /// A broker with an open connection and the fewest requests in flight; otherwise starts to connect to one and gives
    /// `noBroker`.
    [[nodiscard]] BrokerId leastLoaded(sim::Context& context);

    /// True when the message was the client's. `event.kind` None and `updated` true: there is new knowledge.
    struct Outcome {
        Event event;
        bool updated = false;
    };
    bool handle(sim::Context& context, const sim::Message& message, Outcome& outcome);

private:
    static constexpr BrokerLinks::Tag metadataTag = tagsEnd;

    void maybeRequest(sim::Context& context);
    void armRetry(sim::Context& context, SimDuration delay);
    void take(sim::Context& context, const MetadataResponse& response);
    void attemptFailed(sim::Context& context);

    ClusterClientConfig m_config;
    BrokerLinks m_links;
    std::vector<BrokerEndpoint> m_brokers;  // by id; the bootstrap addresses with ids below -1 until the first answer
    BrokerId m_controller = noBroker;
    std::vector<TopicName> m_topics;
    std::vector<TopicMetadata> m_known;
    std::uint64_t m_version = 0;
    std::uint64_t m_round = 0;
    SimTime m_notBefore;
    std::size_t m_nextToConnect = 0;
    bool m_wanted = false;
    bool m_underWay = false;
    bool m_retryArmed = false;
};

}  // namespace millrace::kafka
