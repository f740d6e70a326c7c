#include "engine/spark/core/peers.h"

#include <algorithm>

namespace millrace::spark {

namespace {

/// A peer has not answered in its time.
struct PeerOverdue final : sim::MessageBase<PeerOverdue> {
    static constexpr std::string_view Name = "spark.PeerOverdue";
    ExecutorId peer;
    std::uint64_t round;
    PeerOverdue(ExecutorId who, std::uint64_t of) : peer(who), round(of) {}
    void digest(Digest& digest) const override {
        digest.add(peer.value);
        digest.add(round);
    }
};

}  // namespace

std::vector<std::uint64_t> Peers::giveUp(sim::Context& context, Peer& peer) {
    m_byConnection.forget(peer.link.connection());
    peer.link.close(context);
    std::vector<std::uint64_t> failed = std::move(peer.asked);
    peer.asked.clear();
    return failed;
}

std::vector<std::uint64_t> Peers::keepOnly(sim::Context& context, const std::vector<ExecutorId>& living) {
    std::vector<std::uint64_t> failed;
    for (auto& [id, peer] : m_peers) {
        if (peer.link.isConnected() && std::find(living.begin(), living.end(), id) == living.end()) {
            const std::vector<std::uint64_t> more = giveUp(context, peer);
            failed.insert(failed.end(), more.begin(), more.end());
        }
    }
    return failed;
}

void Peers::ask(sim::Context& context, ExecutorId id, const SparkAddress& where, sim::MessageRef message,
                std::uint64_t request) {
    Peer& peer = m_peers[id];
    if (!peer.link.isConnected()) {
        peer.link.open(context, where.host, where.port);
        m_byConnection.note(peer.link.connection(), id);
    }
    peer.asked.push_back(request);
    peer.link.request(context, std::move(message), request, m_patience,
                      [id](std::uint64_t round) { return makeRef<PeerOverdue>(id, round); });
}

bool Peers::handle(sim::Context& context, const sim::Message& message, Outcome& outcome) {
    if (const auto* overdue = message.as<PeerOverdue>()) {
        Peer& silent = m_peers[overdue->peer];
        if (silent.link.due(overdue->round) == sim::Link::Due::Answer) {
            outcome.failed = giveUp(context, silent);
        }
        return true;
    }
    const ExecutorId* id = m_byConnection.find(context.connection());
    if (id == nullptr) {
        return false;
    }
    Peer& peer = m_peers[*id];
    if (peer.link.read(context, message) == sim::Link::News::Lost) {
        m_byConnection.forget(context.connection());
        (void)peer.link.takeUnanswered(context);
        outcome.failed = std::move(peer.asked);
        peer.asked.clear();
        return true;
    }
    if (const auto* fetched = message.as<BlocksFetched>()) {
        (void)peer.link.answered(context, fetched->request);
        std::erase(peer.asked, fetched->request);
        outcome.fetched = fetched;
    } else if (const auto* replicated = message.as<BlockReplicated>()) {
        (void)peer.link.answered(context, replicated->request);
        std::erase(peer.asked, replicated->request);
        outcome.replicated = replicated;
    }
    return true;
}

}  // namespace millrace::spark
