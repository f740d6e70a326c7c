#include "engine/ingest/sink_client.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace millrace::ingest {
namespace {

/// The timers of one client among those of its actor.
template <class Derived>
struct ClientTimer : sim::MessageBase<Derived> {
    std::uint32_t instance;
    std::uint64_t number;
    ClientTimer(std::uint32_t client, std::uint64_t of) : instance(client), number(of) {}
    void digest(Digest& digest) const override {
        digest.add(number);
        if (instance > 0) {
            digest.add(instance);
        }
    }
};

struct LingerOver final : ClientTimer<LingerOver> {
    static constexpr std::string_view Name = "ingest.LingerOver";
    using ClientTimer::ClientTimer;
};

struct RequestTimedOut final : ClientTimer<RequestTimedOut> {
    static constexpr std::string_view Name = "ingest.RequestTimedOut";
    using ClientTimer::ClientTimer;
};

struct ConnectAgain final : sim::MessageBase<ConnectAgain> {
    static constexpr std::string_view Name = "ingest.ConnectAgain";
    std::uint32_t instance;
    explicit ConnectAgain(std::uint32_t client) : instance(client) {}
    void digest(Digest& digest) const override {
        if (instance > 0) {
            digest.add(instance);
        }
    }
};

}  // namespace

void SinkClient::add(sim::Context& context, SinkWrite write, Token token) {
    m_waiting.push({std::move(write), token});
    if (m_link.isClosed()) {
        connect(context);
    }
    if (m_waiting.size() >= m_config.batchMax || m_config.linger == SimDuration{0}) {
        sendWhatIsReady(context, m_config.linger == SimDuration{0});
    } else if (!m_lingering) {
        m_lingering = true;
        context.arm(m_config.linger, makeRef<LingerOver>(m_instance, ++m_lingerRound));
    }
}

void SinkClient::connect(sim::Context& context) {
    const sim::HostId host = context.findHost(m_config.host);
    MILLRACE_CHECK(host != sim::noHost, m_config.host);
    m_link.open(context, host, m_config.port);
}

void SinkClient::sendWhatIsReady(sim::Context& context, bool lingerOver) {
    while (m_link.isOpen() && m_inFlight.size() < m_config.requestsInFlightMax && !m_waiting.empty() &&
           (lingerOver || m_waiting.size() >= m_config.batchMax)) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(m_waiting.size(), m_config.batchMax));
        std::vector<SinkWrite> writes;
        writes.reserve(count);
        Request request{m_nextRequest++, {}};
        for (std::size_t i = 0; i < count; ++i) {
            auto [write, token] = m_waiting.pop();
            writes.push_back(std::move(write));
            request.tokens.push_back(token);
        }
        auto commit = makeRef<SinkCommit>(request.number, std::move(writes), m_config.writer);
        commit->work = std::exchange(m_work, CpuTime{0});
        m_link.request(context, sim::MessageRef(std::move(commit)), request.number, m_config.timeout,
                       [&](std::uint64_t) { return makeRef<RequestTimedOut>(m_instance, request.number); });
        m_inFlight.push_back(std::move(request));
    }
    m_lingering = m_lingering && !lingerOver;
    if (m_waiting.empty()) {
        m_lingering = false;
        ++m_lingerRound;
    }
}

/// The client's own timers; another client's are left to it.
bool SinkClient::handleTimer(sim::Context& context, const sim::Message& message, Outcome& outcome) {
    if (const auto* linger = message.as<LingerOver>(); linger != nullptr && linger->instance == m_instance) {
        if (linger->number == m_lingerRound) {
            m_lingering = false;
            sendWhatIsReady(context, true);
        }
        return true;
    }
    if (const auto* late = message.as<RequestTimedOut>(); late != nullptr && late->instance == m_instance) {
        const bool waits = !m_inFlight.empty() && m_inFlight.front().number <= late->number;
        if (waits) {
            giveUp(context, outcome);
        }
        return true;
    }
    if (const auto* again = message.as<ConnectAgain>(); again != nullptr && again->instance == m_instance) {
        m_link.endRest();
        connect(context);
        return true;
    }
    return false;
}

void SinkClient::onAnswer(sim::Context& context, const SinkAnswer& answer, Outcome& outcome) {
    for (auto it = m_inFlight.begin(); it != m_inFlight.end(); ++it) {
        if (it->number == answer.request) {
            m_link.answered(context, it->number);
            (answer.committed ? outcome.committed : outcome.failed) = std::move(it->tokens);
            outcome.sinkCost += answer.cost;
            m_inFlight.erase(it);
            break;
        }
    }
    sendWhatIsReady(context, !m_lingering);
}

bool SinkClient::handle(sim::Context& context, const sim::Message& message, Outcome& outcome) {
    if (handleTimer(context, message, outcome)) {
        return true;
    }
    if (!m_link.owns(context.connection())) {
        return false;
    }
    switch (m_link.read(context, message)) {
        case sim::Link::News::None:
            break;
        case sim::Link::News::Opened:
            sendWhatIsReady(context, !m_lingering);
            break;
        case sim::Link::News::Lost:
            giveUp(context, outcome);
            break;
        case sim::Link::News::Message:
            if (const auto* answer = message.as<SinkAnswer>()) {
                onAnswer(context, *answer, outcome);
            }
            break;
    }
    return true;
}

void SinkClient::giveUp(sim::Context& context, Outcome& outcome) {
    for (Request& request : m_inFlight) {
        outcome.failed.insert(outcome.failed.end(), request.tokens.begin(), request.tokens.end());
    }
    m_inFlight.clear();
    m_link.backOff(context, sim::Backoff::constant(m_config.retryBackoff),
                   [&](std::uint64_t) { return makeRef<ConnectAgain>(m_instance); });
}

std::uint64_t SinkClient::pending() const {
    std::uint64_t count = m_waiting.size();
    for (const Request& request : m_inFlight) {
        count += request.tokens.size();
    }
    return count;
}

}  // namespace millrace::ingest
