#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/kafka/protocol/metadata.h"
#include "engine/kafka/types.h"
#include "engine/sim/link.h"

namespace millrace::kafka {

/// Settings of a client's connections; names in brackets are Kafka's keys.
struct LinkConfig {
    ClientId clientId;
    SimDuration requestTimeout = std::chrono::seconds{30};               ///< request.timeout.ms
    SimDuration connectTimeout = std::chrono::seconds{10};               ///< socket.connection.setup.timeout.ms
    SimDuration reconnectBackoff = std::chrono::milliseconds{50};        ///< reconnect.backoff.ms
    SimDuration reconnectBackoffMax = std::chrono::milliseconds{1'000};  ///< reconnect.backoff.max.ms
    std::uint32_t instance = 0;  ///< tells apart the timers of several clients inside one actor

    [[nodiscard]] sim::Backoff backoff() const { return {reconnectBackoff, reconnectBackoffMax, 0.2, SimDuration{0}}; }
};

/// A client's connections to brokers, one each: opened on demand, given up with everything in flight when a request is
/// not answered in time, opened again after a back-off that doubles (with 20 % of jitter). A connection's responses
/// come in the order of its requests. A component of the client's actor. Source: Kafka's NetworkClient.
class BrokerLinks {
public:
    using Tag = sim::Link::Tag;

    /// What a message meant to the client.
    struct Event {
        enum class Kind : std::uint8_t {
            None,       ///< the links' own business
            Opened,     ///< requests may be sent
            Response,   ///< `response` answers the request of `tag`
            Lost,       ///< the connection is gone or was not made; `lost` had no answer
            MayConnect  ///< the back-off is over
        };
        Kind kind = Kind::None;
        BrokerId broker = noBroker;
        Tag tag = 0;
        const sim::Message* response = nullptr;
        std::vector<Tag> lost;
        std::string_view reason;  ///< of Lost: "connection refused", "connection reset" ...
    };

    BrokerLinks() = default;
    explicit BrokerLinks(LinkConfig config) : m_config(std::move(config)) {}

    /// Where the broker is; a changed address takes effect at the next connection.
    void setEndpoint(const BrokerEndpoint& endpoint);
    [[nodiscard]] bool knows(BrokerId broker) const { return find(broker) != nullptr; }
    [[nodiscard]] bool isOpen(BrokerId broker) const;
    [[nodiscard]] bool isConnecting(BrokerId broker) const;
    [[nodiscard]] bool isBackingOff(BrokerId broker) const;
    [[nodiscard]] std::size_t inFlight(BrokerId broker) const;
    /// Bytes that the connection has not yet passed on.
    [[nodiscard]] ByteCount unsent(const sim::Context& context, BrokerId broker) const;
    /// Does nothing unless the link is closed and its back-off over.
    void connect(sim::Context& context, BrokerId broker);
    void close(sim::Context& context, BrokerId broker);

    enum class Expects : std::uint8_t { Answer, NoAnswer };
    /// The answer is waited for as long as `request.timeout.ms` says, or `patience` when that is longer.
    template <class R>
    void send(sim::Context& context, BrokerId broker, R request, Tag tag, Expects expects = Expects::Answer,
              SimDuration patience = SimDuration{0}) {
        request.correlationId = CorrelationId{m_nextCorrelation++};
        request.clientId = m_config.clientId;
        transmit(context, broker, makeRef<R>(std::move(request)), tag, expects, patience);
    }

    /// True when the message was one of this client's connections or timers.
    bool handle(sim::Context& context, const sim::Message& message, Event& event);

private:
    struct Link {
        BrokerEndpoint endpoint;
        sim::Link link;
    };

    [[nodiscard]] const Link* find(BrokerId broker) const;
    [[nodiscard]] Link* find(BrokerId broker);
    [[nodiscard]] Link* findConnection(sim::ConnectionId connection);
    void transmit(sim::Context& context, BrokerId broker, sim::MessageRef request, Tag tag, Expects expects,
                  SimDuration patience);
    void onTimer(sim::Context& context, Link& link, bool isRest, Event& event);
    void lose(sim::Context& context, Link& link, std::string_view reason, Event& event);

    LinkConfig m_config;
    std::vector<Link> m_links;  // by broker id
    sim::LinkIndex<BrokerId> m_byConnection;
    std::int32_t m_nextCorrelation = 1;
};

}  // namespace millrace::kafka
