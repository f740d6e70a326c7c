#include "engine/kafka/client/broker_links.h"

#include <algorithm>

#include "engine/base/check.h"

namespace millrace::kafka {
namespace {

struct LinkTimer : sim::MessageBase<LinkTimer> {
    static constexpr std::string_view Name = "kafka.LinkTimer";
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

std::string_view reasonOf(sim::ConnectionFailed::Reason reason) {
    return reason == sim::ConnectionFailed::Reason::Refused ? "connection refused" : "connection timed out";
}

std::string_view reasonOf(sim::ConnectionClosed::Reason reason) {
    switch (reason) {
        case sim::ConnectionClosed::Reason::Closed:
            return "connection closed";
        case sim::ConnectionClosed::Reason::Reset:
            return "connection reset";
        case sim::ConnectionClosed::Reason::TimedOut:
            break;
    }
    return "connection silent";
}

}  // namespace

const BrokerLinks::Link* BrokerLinks::find(BrokerId broker) const {
    const auto at = std::lower_bound(m_links.begin(), m_links.end(), broker,
                                     [](const Link& link, BrokerId id) { return link.endpoint.id < id; });
    return at != m_links.end() && at->endpoint.id == broker ? &*at : nullptr;
}

BrokerLinks::Link* BrokerLinks::find(BrokerId broker) {
    return const_cast<Link*>(std::as_const(*this).find(broker));
}

BrokerLinks::Link* BrokerLinks::findConnection(sim::ConnectionId connection) {
    const auto at = placeOf(connection);
    return at != m_byConnection.end() && at->first == connection ? find(at->second) : nullptr;
}

std::vector<BrokerLinks::OfConnection>::const_iterator BrokerLinks::placeOf(sim::ConnectionId connection) const {
    return std::lower_bound(m_byConnection.begin(), m_byConnection.end(), connection,
                            [](const OfConnection& entry, sim::ConnectionId id) { return entry.first < id; });
}

void BrokerLinks::setConnection(Link& link, sim::ConnectionId connection) {
    if (link.connection != sim::noConnection) {
        m_byConnection.erase(placeOf(link.connection));
    }
    link.connection = connection;
    if (connection != sim::noConnection) {
        m_byConnection.insert(placeOf(connection), {connection, link.endpoint.id});
    }
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
    return link != nullptr && link->state == State::Open;
}
bool BrokerLinks::isConnecting(BrokerId broker) const {
    const Link* link = find(broker);
    return link != nullptr && link->state == State::Connecting;
}
bool BrokerLinks::isBackingOff(BrokerId broker) const {
    const Link* link = find(broker);
    return link != nullptr && link->state == State::BackingOff;
}
std::size_t BrokerLinks::inFlight(BrokerId broker) const {
    const Link* link = find(broker);
    return link != nullptr ? link->sent.size() : 0;
}
ByteCount BrokerLinks::unsent(const sim::Context& context, BrokerId broker) const {
    const Link* link = find(broker);
    return link != nullptr && link->connection != sim::noConnection ? context.unsent(link->connection) : 0;
}

void BrokerLinks::connect(sim::Context& context, BrokerId broker) {
    Link* link = find(broker);
    if (link == nullptr || link->state != State::Closed) {
        return;
    }
    const sim::HostId host = context.findHost(link->endpoint.host);
    MILLRACE_CHECK(host != sim::noHost, link->endpoint.host);
    link->state = State::Connecting;
    setConnection(*link, context.connect(host, sim::Port{link->endpoint.port}, m_config.connectTimeout));
}

void BrokerLinks::close(sim::Context& context, BrokerId broker) {
    Link* link = find(broker);
    if (link == nullptr || link->connection == sim::noConnection) {
        return;
    }
    context.close(link->connection);
    setConnection(*link, sim::noConnection);
    link->state = State::Closed;
    link->sent.clear();
}

void BrokerLinks::transmit(sim::Context& context, BrokerId broker, sim::MessageRef request, Tag tag, Expects expects,
                           SimDuration patience) {
    Link* link = find(broker);
    MILLRACE_CHECK(link != nullptr && link->state == State::Open, broker.value);
    context.transmit(link->connection, std::move(request));
    if (expects == Expects::Answer) {
        link->sent.push_back({tag, context.now() + std::max(m_config.requestTimeout, patience)});
        watch(context, *link);
    }
}

// One timer a link, set for the request that is due first; when it fires early it is set again for the rest.
void BrokerLinks::watch(sim::Context& context, Link& link) {
    const SimTime due = firstDeadline(link);
    if (due < link.timerAt) {
        link.timerAt = due;
        context.waitFor(link.connection, due - context.now(),
                        makeRef<LinkTimer>(m_config.instance, link.endpoint.id, LinkTimer::What::Request));
    }
}

SimTime BrokerLinks::firstDeadline(const Link& link) {
    SimTime first = SimTime::max();
    for (const Sent& sent : link.sent) {
        first = std::min(first, sent.deadline);
    }
    return first;
}

bool BrokerLinks::handle(sim::Context& context, const sim::Message& message, Event& event) {
    if (const auto* timer = message.as<LinkTimer>()) {
        Link* link = timer->instance == m_config.instance ? find(timer->broker) : nullptr;
        if (link == nullptr) {
            return false;
        }
        event.broker = timer->broker;
        if (timer->what == LinkTimer::What::Backoff) {
            link->state = State::Closed;
            event.kind = Event::Kind::MayConnect;
            return true;
        }
        if (context.now() < link->timerAt) {
            return true;  // An earlier one took its place.
        }
        link->timerAt = SimTime::max();
        if (firstDeadline(*link) <= context.now()) {
            context.close(link->connection);
            lose(context, *link, "request timed out", event);
        } else {
            watch(context, *link);
        }
        return true;
    }
    Link* link = findConnection(context.connection());
    if (link == nullptr) {
        return false;
    }
    event.broker = link->endpoint.id;
    if (message.as<sim::ConnectionOpened>() != nullptr) {
        link->state = State::Open;
        link->failures = 0;
        event.kind = Event::Kind::Opened;
    } else if (const auto* failed = message.as<sim::ConnectionFailed>()) {
        lose(context, *link, reasonOf(failed->reason), event);
    } else if (const auto* closed = message.as<sim::ConnectionClosed>()) {
        lose(context, *link, reasonOf(closed->reason), event);
    } else if (message.as<sim::ConnectionWritable>() == nullptr) {
        MILLRACE_CHECK(!link->sent.empty(), message.summary());
        event.kind = Event::Kind::Response;
        event.tag = link->sent.front().tag;
        event.response = &message;
        link->sent.pop_front();
    }
    return true;
}

void BrokerLinks::lose(sim::Context& context, Link& link, std::string_view reason, Event& event) {
    event.kind = Event::Kind::Lost;
    event.reason = reason;
    for (const Sent& sent : link.sent) {
        event.lost.push_back(sent.tag);
    }
    link.sent.clear();
    setConnection(link, sim::noConnection);
    link.state = State::BackingOff;
    const auto doubled = m_config.reconnectBackoff * (std::int64_t{1} << std::min(link.failures, 16U));
    const auto base = std::min<SimDuration>(doubled, m_config.reconnectBackoffMax);
    const auto jitter = 0.8 + 0.4 * context.random().uniform();
    ++link.failures;
    context.arm(fromSeconds(seconds(base) * jitter),
                makeRef<LinkTimer>(m_config.instance, link.endpoint.id, LinkTimer::What::Backoff));
}

}  // namespace millrace::kafka
