#include "engine/kafka/client/cluster_client.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/kafka/client/cost.h"

namespace millrace::kafka {
namespace {

struct MetadataTimer final : sim::MessageBase<MetadataTimer> {
    static constexpr std::string_view Name = "kafka.MetadataTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"next question for metadata", "age of metadata"};
        return std::string{words[static_cast<std::size_t>(what)]};
    }
    enum class What : std::uint8_t { Retry, Age };
    std::uint32_t instance;
    What what;
    std::uint64_t version;
    MetadataTimer(std::uint32_t of, What why, std::uint64_t at) : instance(of), what(why), version(at) {}
    void digest(Digest& digest) const override {
        digest.add(instance);
        digest.add(static_cast<std::uint32_t>(what));
        digest.add(version);
    }
};

}  // namespace

ClusterClient::ClusterClient(ClusterClientConfig config) : m_config(std::move(config)), m_links(m_config.links) {
    MILLRACE_CHECK(!m_config.bootstrap.empty());
    std::int32_t id = -1 - static_cast<std::int32_t>(m_config.bootstrap.size());
    for (BrokerEndpoint endpoint : m_config.bootstrap) {
        endpoint.id = BrokerId{id++};
        m_links.setEndpoint(endpoint);
        m_brokers.push_back(endpoint);
    }
}

void ClusterClient::start(sim::Context& context) {
    // Clients that start together do not all ask the same broker first.
    m_nextToConnect = static_cast<std::size_t>(context.random().below(m_brokers.size()));
    requestUpdate(context);
}

void ClusterClient::addTopic(sim::Context& context, const TopicName& topic) {
    if (std::find(m_topics.begin(), m_topics.end(), topic) == m_topics.end()) {
        m_topics.push_back(topic);
        requestUpdate(context);
    }
}

void ClusterClient::requestUpdate(sim::Context& context) {
    m_wanted = true;
    maybeRequest(context);
}

void ClusterClient::maybeRequest(sim::Context& context) {
    if (!m_wanted || m_underWay) {
        return;
    }
    if (context.now() < m_notBefore) {
        armRetry(context, m_notBefore - context.now());
        return;
    }
    const BrokerId broker = leastLoaded(context);
    if (broker == noBroker) {
        return;
    }
    MetadataRequest request;
    request.topics = m_topics;
    request.allowAutoTopicCreation = m_config.allowAutoCreate;
    context.spend(cost::clientRequest);
    m_links.send(context, broker, std::move(request), metadataTag);
    m_underWay = true;
    m_wanted = false;
}

void ClusterClient::armRetry(sim::Context& context, SimDuration delay) {
    if (!m_retryArmed) {
        m_retryArmed = true;
        context.arm(delay, makeRef<MetadataTimer>(m_config.links.instance, MetadataTimer::What::Retry, 0));
    }
}

BrokerId ClusterClient::leastLoaded(sim::Context& context) {
    BrokerId best = noBroker;
    bool connecting = false;
    for (const BrokerEndpoint& broker : m_brokers) {
        connecting = connecting || m_links.isConnecting(broker.id);
        if (m_links.isOpen(broker.id) && (best == noBroker || m_links.inFlight(broker.id) < m_links.inFlight(best))) {
            best = broker.id;
        }
    }
    if (best != noBroker || connecting) {
        return best;
    }
    for (std::size_t i = 0; i < m_brokers.size(); ++i) {
        const BrokerId next = m_brokers[m_nextToConnect++ % m_brokers.size()].id;
        if (!m_links.isBackingOff(next)) {
            m_links.connect(context, next);
            break;
        }
    }
    return noBroker;
}

bool ClusterClient::handle(sim::Context& context, const sim::Message& message, Outcome& outcome) {
    if (const auto* timer = message.as<MetadataTimer>()) {
        if (timer->instance != m_config.links.instance) {
            return false;
        }
        if (timer->what == MetadataTimer::What::Retry) {
            m_retryArmed = false;
            maybeRequest(context);
        } else if (timer->version == m_version) {
            requestUpdate(context);
        }
        return true;
    }
    if (!m_links.handle(context, message, outcome.event)) {
        return false;
    }
    Event& event = outcome.event;
    switch (event.kind) {
        case Event::Kind::Response:
            if (event.tag == metadataTag) {
                MILLRACE_CHECK(message.as<MetadataResponse>() != nullptr, message.summary());
                context.spend(cost::clientResponse);
                take(context, *message.as<MetadataResponse>());
                event = {};
                outcome.updated = true;
            }
            break;
        case Event::Kind::Lost:
            if (std::erase(event.lost, metadataTag) > 0) {
                m_underWay = false;
            }
            // A broker that went away took leaderships along.
            m_wanted = true;
            maybeRequest(context);
            break;
        case Event::Kind::Opened:
        case Event::Kind::MayConnect:
            maybeRequest(context);
            break;
        case Event::Kind::None:
            break;
    }
    return true;
}

void ClusterClient::take(sim::Context& context, const MetadataResponse& response) {
    m_underWay = false;
    m_notBefore = context.now() + m_config.retryBackoff;
    m_controller = response.controller;
    if (!response.brokers.empty()) {
        for (const BrokerEndpoint& broker : m_brokers) {
            // One that still owes an answer (to FindCoordinator) stays open: a close would drop that silently.
            if (broker.id.value < -1 && m_links.inFlight(broker.id) == 0) {
                m_links.close(context, broker.id);
            }
        }
        m_brokers = response.brokers;
        std::sort(m_brokers.begin(), m_brokers.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
        for (const BrokerEndpoint& broker : m_brokers) {
            m_links.setEndpoint(broker);
        }
    }
    for (const TopicMetadata& topic : response.topics) {
        const auto at =
            std::find_if(m_known.begin(), m_known.end(), [&](const auto& t) { return t.name == topic.name; });
        if (at == m_known.end()) {
            m_known.push_back(topic);
            continue;
        }
        TopicMetadata updated = topic;
        for (PartitionMetadata& partition : updated.partitions) {
            const auto index = static_cast<std::size_t>(partition.partition.value);
            if (index < at->partitions.size() && at->partitions[index].leaderEpoch > partition.leaderEpoch) {
                partition = at->partitions[index];
            }
        }
        if (topic.error == ErrorCode::None || at->partitions.empty()) {
            *at = std::move(updated);
        }
    }
    // What is not there yet is asked for again after the back-off, not when all has aged (Metadata.java).
    m_wanted =
        m_wanted || std::any_of(response.topics.begin(), response.topics.end(), [](const TopicMetadata& topic) {
            return topic.error == ErrorCode::UnknownTopicOrPartition || topic.error == ErrorCode::LeaderNotAvailable;
        });
    ++m_version;
    context.arm(m_config.metadataMaxAge,
                makeRef<MetadataTimer>(m_config.links.instance, MetadataTimer::What::Age, m_version));
    maybeRequest(context);
}

const TopicMetadata* ClusterClient::findTopic(const TopicName& topic) const {
    const auto at = std::find_if(m_known.begin(), m_known.end(), [&](const auto& t) { return t.name == topic; });
    return at != m_known.end() ? &*at : nullptr;
}

const PartitionMetadata* ClusterClient::findPartition(const TopicPartition& partition) const {
    const TopicMetadata* topic = findTopic(partition.topic);
    const auto index = static_cast<std::size_t>(partition.partition.value);
    return topic != nullptr && index < topic->partitions.size() ? &topic->partitions[index] : nullptr;
}

BrokerId ClusterClient::leaderOf(const TopicPartition& partition) const {
    const PartitionMetadata* known = findPartition(partition);
    return known != nullptr ? known->leader : noBroker;
}

}  // namespace millrace::kafka
