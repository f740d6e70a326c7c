#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/kafka/client/broker_links.h"
#include "engine/kafka/client/cluster_client.h"
#include "engine/kafka/protocol/group.h"
#include "engine/sim/context.h"

namespace millrace::kafka {

/// Finds the coordinator of a group and keeps a connection to it, apart from the one for fetches, so that a long poll
/// holds up no heartbeat. When the coordinator has moved or died it is looked for again after a back-off. A component
/// of a consumer.
class CoordinatorClient {
public:
    using Event = BrokerLinks::Event;
    /// The tag in the cluster client's space that answers to this component.
    static constexpr BrokerLinks::Tag findTag = ClusterClient::tagsEnd - 1;

    CoordinatorClient() = default;
    CoordinatorClient(std::string group, LinkConfig links, SimDuration retryBackoff);

    /// Looks for the coordinator or connects to it, unless that is done or under way.
    void ensure(sim::Context& context, ClusterClient& cluster);
    [[nodiscard]] bool isReady() const { return m_broker != noBroker && m_links.isOpen(m_broker); }
    /// It is not, or no longer, the coordinator.
    void forget(sim::Context& context);
    template <class R>
    void send(sim::Context& context, R request, BrokerLinks::Tag tag, SimDuration patience = SimDuration{0}) {
        m_links.send(context, m_broker, std::move(request), tag, BrokerLinks::Expects::Answer, patience);
    }

    /// True when the message was this component's; Opened: requests may be sent.
    bool handle(sim::Context& context, const sim::Message& message, ClusterClient& cluster, Event& event);
    /// The answer to the request of `findTag`, or null when it was lost.
    void onFound(sim::Context& context, const FindCoordinatorResponse* response, ClusterClient& cluster);

private:
    void armRetry(sim::Context& context);

    std::string m_group;
    std::uint32_t m_instance = 0;
    SimDuration m_retryBackoff{};
    BrokerLinks m_links;
    BrokerId m_broker = noBroker;
    bool m_finding = false;
    bool m_retryArmed = false;
};

}  // namespace millrace::kafka
