#pragma once

#include <utility>

#include "engine/kafka/group/group_coordinator.h"
#include "engine/kafka/server/broker.h"
#include "engine/kafka/server/broker_services.h"

namespace millrace::kafka {

/// One request that a broker has taken from its channel, with all that its handler may use: `serve(call, request)` in
/// `handlers/`, chosen by the request's type. Good for the duration of that call.
class BrokerCall {
public:
    BrokerCall(Broker& broker, sim::Context& context, RequestOrigin origin)
        : m_broker(broker), m_context(context), m_origin(std::move(origin)) {}

    [[nodiscard]] sim::Context& context() { return m_context; }
    [[nodiscard]] const RequestOrigin& origin() const { return m_origin; }
    [[nodiscard]] const BrokerConfig& config() const { return *m_broker.m_config; }
    [[nodiscard]] ReplicaManager& replicas() { return m_broker.m_replicas; }
    [[nodiscard]] ReplicaFetchers& fetchers() { return m_broker.m_fetchers; }
    [[nodiscard]] MetadataCache& metadata() { return m_broker.m_metadata; }
    [[nodiscard]] TopicCreator& topicCreator() { return m_broker.m_topicCreator; }
    [[nodiscard]] Controller& controller() { return m_broker.m_controller; }
    [[nodiscard]] MetadataStore store() { return {m_context, m_broker.m_zk}; }
    [[nodiscard]] const GroupCoordinator& groups() const {
        return static_cast<const GroupCoordinator&>(*m_broker.coordinator());
    }

    /// An older controller's orders, or those for an earlier life of this broker, are refused.
    [[nodiscard]] ErrorCode checkStamp(const ControllerStamp& stamp) { return m_broker.checkStamp(stamp); }
    void takeRoles(Ref<const LeaderAndIsrRequest> request) {
        m_broker.onLeaderAndIsr(m_context, m_origin.connection, std::move(request));
    }
    /// None when this broker coordinates the group.
    [[nodiscard]] ErrorCode checkGroup(std::string_view group) {
        Broker::Services services(m_context, m_broker);
        return groups().checkCoordinates(services, group);
    }
    /// Hands the request to the group coordinator, which answers it now or later.
    void coordinate(const sim::Message& request) {
        Broker::Services services(m_context, m_broker);
        m_broker.groupsToChange().onRequest(services, m_origin, request);
    }

    /// Whether what the topic has set for itself has to be asked of ZooKeeper first: the request is served again then.
    template <class R>
    [[nodiscard]] bool waitsForConfigOf(const TopicName& topic, const R& request) {
        if (replicas().hasTopicConfig(topic)) {
            return false;
        }
        m_broker.askTopicConfig(m_context, topic);
        m_broker.m_heldRequests.push_back({m_origin.connection, sim::MessageRef(&request)});
        return true;
    }

    /// The answer in the request's version and with its number.
    template <class R>
    void answer(Ref<R> response) {
        response->answers(m_origin);
        m_broker.answer(m_context, m_origin.connection, std::move(response));
    }

private:
    Broker& m_broker;
    sim::Context& m_context;
    RequestOrigin m_origin;
};

}  // namespace millrace::kafka
