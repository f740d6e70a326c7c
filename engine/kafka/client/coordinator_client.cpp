#include "engine/kafka/client/coordinator_client.h"

#include "engine/kafka/client/cost.h"

namespace millrace::kafka {
namespace {

struct FindAgain final : sim::MessageBase<FindAgain> {
    static constexpr std::string_view Name = "kafka.FindCoordinatorAgain";
    std::uint32_t instance;
    explicit FindAgain(std::uint32_t of) : instance(of) {}
    void digest(Digest& digest) const override { digest.add(instance); }
};

/// The cluster's links know the same brokers: without a number of their own one would take the other's alarms.
LinkConfig withOwnInstance(LinkConfig links) {
    constexpr std::uint32_t coordinatorBit = 0x8000'0000U;
    links.instance |= coordinatorBit;
    return links;
}

}  // namespace

CoordinatorClient::CoordinatorClient(std::string group, LinkConfig links, SimDuration retryBackoff)
    : m_group(std::move(group)),
      m_instance(links.instance),
      m_retryBackoff(retryBackoff),
      m_links(withOwnInstance(std::move(links))) {}

void CoordinatorClient::ensure(sim::Context& context, ClusterClient& cluster) {
    if (m_broker != noBroker) {
        m_links.connect(context, m_broker);
        return;
    }
    if (m_finding || m_retryArmed) {
        return;
    }
    const BrokerId broker = cluster.leastLoaded(context);
    if (broker == noBroker) {
        armRetry(context);
        return;
    }
    FindCoordinatorRequest request;
    request.keys = {m_group};
    context.spend(cost::clientRequest);
    cluster.links().send(context, broker, std::move(request), findTag);
    m_finding = true;
}

void CoordinatorClient::armRetry(sim::Context& context) {
    if (!m_retryArmed) {
        m_retryArmed = true;
        context.arm(m_retryBackoff, makeRef<FindAgain>(m_instance));
    }
}

void CoordinatorClient::forget(sim::Context& context) {
    if (m_broker != noBroker) {
        m_links.close(context, m_broker);
        m_broker = noBroker;
    }
    armRetry(context);
}

void CoordinatorClient::onFound(sim::Context& context, const FindCoordinatorResponse* response,
                                ClusterClient& cluster) {
    m_finding = false;
    if (response == nullptr || response->coordinators.front().error != ErrorCode::None) {
        armRetry(context);
        return;
    }
    const FindCoordinatorResponse::Coordinator& found = response->coordinators.front();
    m_links.setEndpoint({found.id, found.host, static_cast<std::uint16_t>(found.port), {}});
    m_broker = found.id;
    ensure(context, cluster);
}

bool CoordinatorClient::handle(sim::Context& context, const sim::Message& message, ClusterClient& cluster,
                               Event& event) {
    if (const auto* again = message.as<FindAgain>()) {
        if (again->instance != m_instance) {
            return false;
        }
        m_retryArmed = false;
        ensure(context, cluster);
        return true;
    }
    if (!m_links.handle(context, message, event)) {
        return false;
    }
    if (event.kind == Event::Kind::Lost) {
        if (event.broker == m_broker) {
            m_broker = noBroker;
        }
        armRetry(context);
    }
    return true;
}

}  // namespace millrace::kafka
