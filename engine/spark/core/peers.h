#pragma once

#include <map>
#include <vector>

#include "engine/sim/link.h"
#include "engine/spark/core/messages.h"

namespace millrace::spark {

/// An executor's connections to the block managers of others, opened when something is asked of them. A component of
/// its actor.
class Peers {
public:
    struct Outcome {
        std::vector<std::uint64_t> failed;  ///< requests whose connection broke
        const BlocksFetched* fetched = nullptr;
        const BlockReplicated* replicated = nullptr;
    };

    Peers() = default;
    /// `patience`: without an answer for so long the connection is given up (spark.network.timeout).
    explicit Peers(SimDuration patience) : m_patience(patience) {}

    /// Asks; answers come with the request's number.
    void ask(sim::Context& context, ExecutorId peer, const SparkAddress& where, sim::MessageRef message,
             std::uint64_t request);
    /// Only these live: what others were asked has failed.
    [[nodiscard]] std::vector<std::uint64_t> keepOnly(sim::Context& context, const std::vector<ExecutorId>& living);
    /// True when the message came from one of them.
    bool handle(sim::Context& context, const sim::Message& message, Outcome& outcome);

private:
    struct Peer {
        sim::Link link{sim::LinkWatch::EachUntilAnswered};
        std::vector<std::uint64_t> asked;
    };
    std::vector<std::uint64_t> giveUp(sim::Context& context, Peer& peer);

    SimDuration m_patience = std::chrono::seconds{120};
    std::map<ExecutorId, Peer> m_peers;
    sim::LinkIndex<ExecutorId> m_byConnection;
};

}  // namespace millrace::spark
