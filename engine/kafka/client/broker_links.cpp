#include "engine/kafka/client/broker_links.h"

#include <algorithm>

#include "engine/base/check.h"

namespace millrace::kafka {
namespace {

struct LinkTimer : sim::MessageBase<LinkTimer> {
    static constexpr std::string_view Name = "kafka.LinkTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"time-out of a request", "next try to reach a broker"};
        return std::string{words[static_cast<std::size_t>(what)]};
    }
    enum class What : std::uint8_t { Request, Backoff };
    std::uint32_t instance;
    BrokerId broker;
    What what;
    LinkTimer(std::uint32_t of, BrokerId to, What why) : instance(of), broker(to), what(why) {}
    void digest(Digest& digest) const override {
        digest.add(instance);
        digest.add(broker.value);
        digest.add(static_cast<std::uint32_t>(what));
    }
};

auto timerOf(std::uint32_t instance, BrokerId broker, LinkTimer::What what) {
    return [=](std::uint64_t) { return makeRef<LinkTimer>(instance, broker, what); };
}

}  // namespace

const BrokerLinks::Link* BrokerLinks::find(BrokerId broker) const {
    // Ids mostly follow one another.
    const std::int64_t guess = m_links.empty() ? -1 : std::int64_t{broker.value} - m_links.front().endpoint.id.value;
    if (guess >= 0 && static_cast<std::size_t>(guess) < m_links.size() &&
        m_links[static_cast<std::size_t>(guess)].endpoint.id == broker) {
        return &m_links[static_cast<std::size_t>(guess)];
    }
    const auto at = std::lower_bound(m_links.begin(), m_links.end(), broker,
                                     [](const Link& link, BrokerId id) { return link.endpoint.id < id; });
    return at != m_links.end() && at->endpoint.id == broker ? &*at : nullptr;
}

BrokerLinks::Link* BrokerLinks::find(BrokerId broker) {
    return const_cast<Link*>(std::as_const(*this).find(broker));
}

BrokerLinks::Link* BrokerLinks::findConnection(sim::ConnectionId connection) {
    const BrokerId* broker = m_byConnection.find(connection);
    return broker != nullptr ? find(*broker) : nullptr;
}

void BrokerLinks::setEndpoint(const BrokerEndpoint& endpoint) {
    if (Link* link = find(endpoint.id)) {
        link->endpoint = endpoint;
        return;
    }
    Link link;
    link.endpoint = endpoint;
    const auto at = std::lower_bound(m_links.begin(), m_links.end(), endpoint.id,
                                     [](const Link& other, BrokerId id) { return other.endpoint.id < id; });
    m_links.insert(at, std::move(link));
}

bool BrokerLinks::isOpen(BrokerId broker) const {
    const Link* link = find(broker);
    return link != nullptr && link->link.isOpen();
}
bool BrokerLinks::isConnecting(BrokerId broker) const {
    const Link* link = find(broker);
    return link != nullptr && link->link.isConnecting();
}
bool BrokerLinks::isBackingOff(BrokerId broker) const {
    const Link* link = find(broker);
    return link != nullptr && link->link.isBackingOff();
}
std::size_t BrokerLinks::inFlight(BrokerId broker) const {
    const Link* link = find(broker);
    return link != nullptr ? link->link.inFlight() : 0;
}
ByteCount BrokerLinks::unsent(const sim::Context& context, BrokerId broker) const {
    const Link* link = find(broker);
    return link != nullptr && link->link.isConnected() ? context.unsent(link->link.connection()) : 0;
}

void BrokerLinks::connect(sim::Context& context, BrokerId broker) {
    Link* link = find(broker);
    if (link == nullptr || !link->link.isClosed()) {
        return;
    }
    const sim::HostId host = context.findHost(link->endpoint.host);
    MILLRACE_CHECK(host != sim::noHost, link->endpoint.host);
    link->link.open(context, host, sim::Port{link->endpoint.port}, m_config.connectTimeout);
    m_byConnection.note(link->link.connection(), broker);
}

void BrokerLinks::close(sim::Context& context, BrokerId broker) {
    Link* link = find(broker);
    if (link != nullptr && link->link.isConnected()) {
        m_byConnection.forget(link->link.connection());
        link->link.close(context);
    }
}

void BrokerLinks::transmit(sim::Context& context, BrokerId broker, sim::MessageRef request, Tag tag, Expects expects,
                           SimDuration patience) {
    Link* link = find(broker);
    MILLRACE_CHECK(link != nullptr && link->link.isOpen(), broker.value);
    if (expects == Expects::Answer) {
        link->link.request(context, std::move(request), tag, std::max(m_config.requestTimeout, patience),
                           timerOf(m_config.instance, broker, LinkTimer::What::Request));
    } else {
        link->link.transmit(context, std::move(request));
    }
}

void BrokerLinks::onTimer(sim::Context& context, Link& link, bool isRest, Event& event) {
    if (isRest) {
        link.link.endRest();
        event.kind = Event::Kind::MayConnect;
    } else if (link.link.isOverdue(context, timerOf(m_config.instance, link.endpoint.id, LinkTimer::What::Request))) {
        lose(context, link, "request timed out", event);
    }
}

bool BrokerLinks::handle(sim::Context& context, const sim::Message& message, Event& event) {
    if (const auto* timer = message.as<LinkTimer>()) {
        Link* link = timer->instance == m_config.instance ? find(timer->broker) : nullptr;
        if (link != nullptr) {
            event.broker = timer->broker;
            onTimer(context, *link, timer->what == LinkTimer::What::Backoff, event);
        }
        return link != nullptr;
    }
    Link* link = findConnection(context.connection());
    if (link == nullptr) {
        return false;
    }
    event.broker = link->endpoint.id;
    switch (link->link.read(context, message)) {
        case sim::Link::News::None:
            break;
        case sim::Link::News::Opened:
            event.kind = Event::Kind::Opened;
            break;
        case sim::Link::News::Lost:
            lose(context, *link, sim::lossOf(message), event);
            break;
        case sim::Link::News::Message:
            event.kind = Event::Kind::Response;
            event.tag = link->link.answered();
            event.response = &message;
            break;
    }
    return true;
}

void BrokerLinks::lose(sim::Context& context, Link& link, std::string_view reason, Event& event) {
    event.kind = Event::Kind::Lost;
    event.reason = reason;
    event.lost = link.link.takeUnanswered(context);
    m_byConnection.forget(link.link.lastConnection());
    link.link.backOff(context, m_config.backoff(),
                      timerOf(m_config.instance, link.endpoint.id, LinkTimer::What::Backoff));
}

}  // namespace millrace::kafka
