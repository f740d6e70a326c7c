#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/shared_queue.h"
#include "engine/ingest/sink.h"
#include "engine/ingest/sink_process.h"
#include "engine/sim/link.h"

namespace millrace::ingest {

/// How a writer gathers writes into requests.
struct SinkClientConfig {
    std::string host;    ///< of the sink's process
    std::string writer;  ///< topology and bolt, "audit/save"; empty when none writes
    sim::Port port = sinkPort;
    std::uint32_t batchMax = 500;                               ///< a request is sent when it holds this many writes,
    SimDuration linger = std::chrono::milliseconds{5};          ///< or when its first write is this old,
    std::uint32_t requestsInFlightMax = 2;                      ///< but never more than these at once
    SimDuration timeout = std::chrono::seconds{30};             ///< without an answer the connection is given up
    SimDuration retryBackoff = std::chrono::milliseconds{500};  ///< between attempts to connect
};

/// A writer's end of a sink, embedded in an actor (a bolt): the actor hands it writes, each with a token of its own (a
/// tuple), passes it the messages that it does not know itself, and learns which tokens are durable. A request whose
/// connection breaks is not sent again, because it may have been committed: its tokens are given back as failed and the
/// actor decides (a bolt fails the tuple).
class SinkClient {
public:
    using Token = std::uint64_t;
    struct Outcome {
        std::vector<Token> committed;
        std::vector<Token> failed;
        CpuTime sinkCost{0};  ///< that the sink took for what is committed
    };

    SinkClient() = default;
    /// One actor may hold several clients when each is made with its own `instance`.
    explicit SinkClient(SinkClientConfig config, std::uint32_t instance = 0)
        : m_instance(instance), m_config(std::move(config)) {}

    void add(sim::Context& context, SinkWrite write, Token token);
    /// Processor time that the sink's machine shall take along with the next request.
    void addWork(CpuTime work) { m_work += work; }
    /// True when the message was the client's; then `outcome` holds what it decided.
    bool handle(sim::Context& context, const sim::Message& message, Outcome& outcome);
    /// Writes that are neither committed nor failed.
    [[nodiscard]] std::uint64_t pending() const;

private:
    struct Request {
        std::uint64_t number = 0;
        std::vector<Token> tokens;
    };

    void connect(sim::Context& context);
    void sendWhatIsReady(sim::Context& context, bool lingerOver);
    bool handleTimer(sim::Context& context, const sim::Message& message, Outcome& outcome);
    void onAnswer(sim::Context& context, const SinkAnswer& answer, Outcome& outcome);
    void giveUp(sim::Context& context, Outcome& outcome);

    std::uint32_t m_instance = 0;
    SinkClientConfig m_config;
    sim::Link m_link{sim::LinkWatch::EachUntilAnswered};
    SharedQueue<std::pair<SinkWrite, Token>> m_waiting;  // in no request yet: grows while the sink is away
    std::vector<Request> m_inFlight;
    std::uint64_t m_nextRequest = 1;
    CpuTime m_work{0};
    bool m_lingering = false;
    std::uint64_t m_lingerRound = 0;
};

}  // namespace millrace::ingest
