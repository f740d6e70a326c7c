#include <fmt/format.h>

#include <algorithm>

#include "engine/zookeeper/cost.h"
#include "engine/zookeeper/journal_kinds.h"
#include "engine/zookeeper/server_actor.h"
#include "engine/zookeeper/server_messages.h"

namespace millrace::zookeeper {

void Server::follow(sim::Context& context) {
    m_connectTries = 0;
    m_isSynced = m_isInstalling = false;
    connectToLeader(context);
}

void Server::connectToLeader(sim::Context& context) {
    const EnsembleMember& leader = memberOf(m_vote.leader);
    const SimDuration limit = m_config.tickTime * static_cast<std::int64_t>(m_config.initLimit);
    ++m_connectTries;
    m_leaderLink.open(context, leader.host, leader.quorumPort, limit);
    auto info = makeRef<FollowerInfo>();
    info->from = m_self;
    info->acceptedEpoch = m_store.acceptedEpoch();
    m_leaderLink.transmit(context, std::move(info));
    m_leaderLink.watchSilence(context, silenceCheck(false, SimDuration{0}),
                              makeRef<ServerTimer>(ServerTimer::Purpose::LeaderSilent, m_term));
}

void Server::onLeaderGone(sim::Context& context) {
    constexpr std::uint32_t triesMax = 5;
    constexpr SimDuration pause = std::chrono::milliseconds{100};
    if (!m_isSynced && m_connectTries < triesMax) {
        // The elected server may need a moment to find out that it leads.
        m_leaderLink.backOff(context, sim::Backoff::constant(pause), [&](std::uint64_t) {
            return makeRef<ServerTimer>(ServerTimer::Purpose::Reconnect, m_term);
        });
        return;
    }
    if (m_isSynced) {
        context.journal({happened::leaderLost,
                         sim::Severity::Warning,
                         fmt::format("Server {} has lost its leader {}", m_member.name, memberOf(m_vote.leader).name),
                         {{"server", m_member.name}, {"leader", memberOf(m_vote.leader).name}}});
    }
    lookForLeader(context);
}

void Server::onSilenceTimer(sim::Context& context) {
    if (!m_leaderLink.isConnected()) {
        return;
    }
    const SimDuration wait = silenceCheck(m_isSynced, context.now() - m_leaderLink.heardAt());
    if (wait > SimDuration{0}) {
        m_leaderLink.watchSilence(context, wait, makeRef<ServerTimer>(ServerTimer::Purpose::LeaderSilent, m_term));
        return;
    }
    m_leaderLink.close(context);
    onLeaderGone(context);
}

void Server::onLeaderMessage(sim::Context& context, const sim::Message& message) {
    (void)m_leaderLink.read(context, message);
    if (const auto* proposal = message.as<Proposal>()) {
        onProposal(context, *proposal);
    } else if (const auto* commit = message.as<Commit>()) {
        onCommitted(context, commit->committed);
    } else if (message.as<LeaderPing>() != nullptr) {
        context.spend(cost::heartbeat);
        auto pong = makeRef<FollowerPing>();
        pong->touched.assign(m_touched.begin(), m_touched.end());
        m_touched.clear();
        m_leaderLink.transmit(context, std::move(pong));
    } else if (const auto* revalidated = message.as<Revalidated>()) {
        onAdmission(context, revalidated->session, revalidated->isValid);
    } else if (const auto* done = message.as<SyncDone>()) {
        answerSync(context, done->session, done->xid);
    } else if (const auto* info = message.as<LeaderInfo>()) {
        onLeaderInfo(context, *info);
    } else if (const auto* history = message.as<Synchronise>()) {
        onSynchronise(context, *history);
    } else if (const auto* upToDate = message.as<UpToDate>()) {
        m_isSynced = m_isServing = true;
        m_vote.epoch = m_newEpoch;
        onCommitted(context, upToDate->committed);
        context.journal(
            {happened::following,
             sim::Severity::Detail,
             fmt::format("Server {} follows {} in epoch {}", m_member.name, memberOf(m_vote.leader).name, m_newEpoch),
             {{"server", m_member.name},
              {"leader", memberOf(m_vote.leader).name},
              {"epoch", std::to_string(m_newEpoch)}}});
    }
}

void Server::onLeaderInfo(sim::Context& context, const LeaderInfo& info) {
    m_newEpoch = info.newEpoch;
    if (info.newEpoch < m_store.acceptedEpoch()) {
        lookForLeader(context);
    } else if (info.newEpoch == m_store.acceptedEpoch()) {
        ackEpoch(context, false, m_store.lastLogged());
    } else if (m_store.setEpochs(context, info.newEpoch, m_store.currentEpoch())) {
        m_store.flushEpochs(context, makeRef<Flushed>(Flushed::What::AcceptedEpoch, m_term));
    } else {
        fail(context);
    }
}

void Server::ackEpoch(sim::Context& context, bool counts, Zxid lastZxid) {
    auto ack = makeRef<AckEpoch>();
    ack->currentEpoch = m_store.currentEpoch();
    ack->lastZxid = lastZxid;
    ack->counts = counts;
    m_leaderLink.transmit(context, std::move(ack));
}

void Server::onSynchronise(sim::Context& context, const Synchronise& message) {
    context.spend(cost::replayed * static_cast<std::int64_t>(message.tail.size()));
    if (message.mode == Synchronise::Mode::Trunc) {
        const Zxid cut = message.truncateTo;
        if (cut != m_store.snapshotZxid() && !m_store.contains(cut)) {
            // The histories part before what this server still has one by one: it needs the whole tree.
            ackEpoch(context, false, Zxid{});
            return;
        }
        m_store.truncate(context, cut);
        if (m_tree.lastZxid() > cut) {
            m_tree = m_store.rebuild();
            m_committed = std::min(m_committed, cut);
        }
    }
    if (message.mode == Synchronise::Mode::Snap) {
        m_store.truncate(context, std::max(message.snapshot.lastZxid(), m_store.snapshotZxid()));
        if (!m_store.writeSnapshot(context, message.snapshot)) {
            fail(context);
            return;
        }
        m_tree = message.snapshot;
        m_isInstalling = true;
        m_held = message.tail;
        m_store.flushSnapshot(context, makeRef<Flushed>(Flushed::What::Installed, m_term));
        return;
    }
    for (const TransactionRef& transaction : message.tail) {
        if (!log(context, transaction)) {
            return;
        }
    }
    acknowledgeLeader(context);
}

void Server::acknowledgeLeader(sim::Context& context) {
    // First the history, then the epoch that says whose it is, each on the disk before the next.
    m_store.flushLog(context, makeRef<Flushed>(Flushed::What::History, m_term, m_store.lastLogged()));
}

void Server::onProposal(sim::Context& context, const Proposal& proposal) {
    if (m_isInstalling) {
        m_held.push_back(proposal.transaction);
        return;
    }
    if (log(context, proposal.transaction)) {
        flushLogged(context);
    }
}

void Server::onCommitted(sim::Context& context, Zxid zxid) {
    if (m_isSynced) {
        applyUpTo(context, zxid);
    }
}

}  // namespace millrace::zookeeper
