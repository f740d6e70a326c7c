#include "engine/ingest/sink_client.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace millrace::ingest {
namespace {

struct LingerOver final : sim::MessageBase<LingerOver> {
    static constexpr std::string_view Name = "ingest.LingerOver";
    std::uint64_t round;
    explicit LingerOver(std::uint64_t number) : round(number) {}
    void digest(Digest& digest) const override { digest.add(round); }
};

struct RequestTimedOut final : sim::MessageBase<RequestTimedOut> {
    static constexpr std::string_view Name = "ingest.RequestTimedOut";
    std::uint64_t request;
    explicit RequestTimedOut(std::uint64_t number) : request(number) {}
    void digest(Digest& digest) const override { digest.add(request); }
};

struct ConnectAgain final : sim::MessageBase<ConnectAgain> {
    static constexpr std::string_view Name = "ingest.ConnectAgain";
    void digest(Digest&) const override {}
};

}  // namespace

void SinkClient::add(sim::Context& context, SinkWrite write, Token token) {
    m_waiting.push({std::move(write), token});
    if (m_link == Link::Closed) {
        connect(context);
    }
    if (m_waiting.size() >= m_config.batchMax || m_config.linger == SimDuration{0}) {
        sendWhatIsReady(context, m_config.linger == SimDuration{0});
    } else if (!m_lingering) {
        m_lingering = true;
        context.arm(m_config.linger, makeRef<LingerOver>(++m_lingerRound));
    }
}

void SinkClient::connect(sim::Context& context) {
    const sim::HostId host = context.findHost(m_config.host);
    MILLRACE_CHECK(host != sim::noHost, m_config.host);
    m_link = Link::Connecting;
    m_connection = context.connect(host, m_config.port);
}

void SinkClient::sendWhatIsReady(sim::Context& context, bool lingerOver) {
    while (m_link == Link::Open && m_inFlight.size() < m_config.requestsInFlightMax && !m_waiting.empty() &&
           (lingerOver || m_waiting.size() >= m_config.batchMax)) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(m_waiting.size(), m_config.batchMax));
        std::vector<SinkWrite> writes;
        writes.reserve(count);
        Request request{m_nextRequest++, {}, sim::noTimer};
        for (std::size_t i = 0; i < count; ++i) {
            auto [write, token] = m_waiting.pop();
            writes.push_back(std::move(write));
            request.tokens.push_back(token);
        }
        context.transmit(m_connection, makeRef<SinkCommit>(request.number, std::move(writes)));
        request.timeout = context.waitFor(m_connection, m_config.timeout, makeRef<RequestTimedOut>(request.number));
        m_inFlight.push_back(std::move(request));
    }
    m_lingering = m_lingering && !lingerOver;
    if (m_waiting.empty()) {
        m_lingering = false;
        ++m_lingerRound;
    }
}

bool SinkClient::handle(sim::Context& context, const sim::Message& message, Outcome& outcome) {
    if (const auto* answer = message.as<SinkAnswer>()) {
        for (auto it = m_inFlight.begin(); it != m_inFlight.end(); ++it) {
            if (it->number == answer->request && context.connection() == m_connection) {
                context.cancel(it->timeout);
                (answer->committed ? outcome.committed : outcome.failed) = std::move(it->tokens);
                m_inFlight.erase(it);
                break;
            }
        }
        sendWhatIsReady(context, !m_lingering);
        return true;
    }
    if (const auto* linger = message.as<LingerOver>()) {
        if (linger->round == m_lingerRound) {
            m_lingering = false;
            sendWhatIsReady(context, true);
        }
        return true;
    }
    if (const auto* late = message.as<RequestTimedOut>()) {
        const bool waits = !m_inFlight.empty() && m_inFlight.front().number <= late->request;
        if (waits) {
            context.close(m_connection);
            giveUp(context, outcome);
        }
        return true;
    }
    if (message.as<ConnectAgain>() != nullptr) {
        connect(context);
        return true;
    }
    if (m_connection == sim::noConnection || context.connection() != m_connection) {
        return false;
    }
    if (message.as<sim::ConnectionOpened>() != nullptr) {
        m_link = Link::Open;
        sendWhatIsReady(context, !m_lingering);
        return true;
    }
    if (message.as<sim::ConnectionFailed>() != nullptr || message.as<sim::ConnectionClosed>() != nullptr) {
        giveUp(context, outcome);
        return true;
    }
    return message.as<sim::ConnectionWritable>() != nullptr;
}

void SinkClient::giveUp(sim::Context& context, Outcome& outcome) {
    for (Request& request : m_inFlight) {
        context.cancel(request.timeout);
        outcome.failed.insert(outcome.failed.end(), request.tokens.begin(), request.tokens.end());
    }
    m_inFlight.clear();
    m_connection = sim::noConnection;
    m_link = Link::BackingOff;
    context.arm(m_config.retryBackoff, makeRef<ConnectAgain>());
}

std::uint64_t SinkClient::pending() const {
    std::uint64_t count = m_waiting.size();
    for (const Request& request : m_inFlight) {
        count += request.tokens.size();
    }
    return count;
}

}  // namespace millrace::ingest
