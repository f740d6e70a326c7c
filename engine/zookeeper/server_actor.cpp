#include "engine/zookeeper/server_actor.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/zookeeper/cost.h"
#include "engine/zookeeper/facts.h"
#include "engine/zookeeper/journal_kinds.h"
#include "engine/zookeeper/metrics.h"
#include "engine/zookeeper/server_messages.h"

namespace millrace::zookeeper {

Server::Server(EnsembleConfig config, ServerId self) : m_config(std::move(config)), m_self(self) {
    m_member = memberOf(self);
    m_store = Store("version-2");
    m_tracker = SessionTracker(m_config.tickTime);
}

const EnsembleMember& Server::memberOf(ServerId id) const {
    const auto at = std::find_if(m_config.members.begin(), m_config.members.end(),
                                 [id](const EnsembleMember& member) { return member.id == id; });
    MILLRACE_CHECK(at != m_config.members.end(), id.value);
    return *at;
}

void Server::start(sim::Context& context) {
    context.listen(m_member.clientPort);
    context.listen(m_member.quorumPort);
    context.listen(m_member.electionPort);
    m_tree = m_store.load(context);
    m_committed = Zxid{};
    // The upper bits are the server, so that two servers never hand out the same; the time keeps restarts apart.
    const auto millis = static_cast<std::uint64_t>(nanoseconds(context.now()) / 1'000'000);
    m_nextSession = (static_cast<std::uint64_t>(m_self.value) << 56U) | ((millis << 24U) >> 8U);
    drawSnapshotSize(context);
    lookForLeader(context);
}

/// Each server writes its snapshots at another size, so that they do not all do so at once. Source:
/// SyncRequestProcessor.shouldSnapshot.
void Server::drawSnapshotSize(sim::Context& context) {
    const std::uint64_t half = m_config.snapCount / 2;
    m_snapshotAfter = half + (half == 0 ? 0 : context.random().below(half));
}

void Server::handle(sim::Context& context, const sim::Message& message) {
    if (m_hasFailed) {
        return;
    }
    expireAfterStandstill(context);
    if (const auto* timer = message.as<ServerTimer>()) {
        onTimer(context, *timer);
    } else if (const auto* flushed = message.as<Flushed>()) {
        onFlushed(context, *flushed);
    } else if (const auto* accepted = message.as<sim::ConnectionAccepted>()) {
        if (accepted->port == m_member.clientPort) {
            m_desks[context.connection()].client = accepted->peer;
        }
    } else if (message.as<sim::ConnectionClosed>() != nullptr || message.as<sim::ConnectionFailed>() != nullptr) {
        onConnectionGone(context, message);
    } else if (const auto* notification = message.as<Notification>()) {
        onNotification(context, *notification);
    } else if (m_leaderLink.owns(context.connection())) {
        onLeaderMessage(context, message);
    } else if (!onClientMessage(context, message)) {
        (void)onPeerMessage(context, message);
    }
}

// --- looking for a leader -------------------------------------------------------------------------------------------

void Server::lookForLeader(sim::Context& context) {
    stopServing(context);
    for (const auto& [connection, link] : m_links) {
        context.close(connection);
    }
    m_links.clear();
    m_tracker.clear();
    m_syncs.clear();
    m_touched.clear();
    m_held.clear();
    m_isInstalling = m_isSynced = m_isSnapshotting = m_isFlushing = false;
    m_leaderLink.close(context);
    m_state = ServerState::Looking;
    ++m_term;
    m_election.begin(m_self, m_config.quorum(), Vote{m_self, m_store.lastLogged(), m_store.currentEpoch()});
    context.journal({happened::electionStarted,
                     sim::Severity::Detail,
                     fmt::format("Server {} looks for a leader", m_member.name),
                     {{"server", m_member.name},
                      {"round", std::to_string(m_election.round())},
                      {"zxid", toText(m_store.lastLogged())}}});
    m_resendAfter = Election::resendMin;
    context.arm(m_resendAfter, makeRef<ServerTimer>(ServerTimer::Purpose::Resend, m_term));
    if (m_election.hasQuorum()) {
        context.arm(Election::settleTime,
                    makeRef<ServerTimer>(ServerTimer::Purpose::Settle, m_term, m_election.stamp()));
    }
    notifyAll(context);
}

void Server::notifyAll(sim::Context& context) {
    for (const EnsembleMember& member : m_config.members) {
        if (member.id != m_self) {
            notify(context, member.id);
        }
    }
}

void Server::notify(sim::Context& context, ServerId to) {
    auto notification = makeRef<Notification>();
    notification->from = m_self;
    notification->state = m_state;
    notification->vote = m_state == ServerState::Looking ? m_election.proposal() : m_vote;
    notification->round = m_election.round();
    auto [at, isNew] = m_electionLinks.try_emplace(to);
    if (isNew) {
        const EnsembleMember& member = memberOf(to);
        at->second.open(context, member.host, member.electionPort, std::chrono::seconds{5});
    }
    at->second.transmit(context, std::move(notification));
}

void Server::onNotification(sim::Context& context, const Notification& notification) {
    context.spend(cost::vote);
    if (m_state != ServerState::Looking) {
        if (notification.state == ServerState::Looking) {
            notify(context, notification.from);
        }
        return;
    }
    const Election::Outcome outcome = m_election.receive(notification);
    if (outcome.decided) {
        onElected(context, *outcome.decided);
        return;
    }
    if (outcome.answer) {
        notify(context, notification.from);
    }
    if (outcome.broadcast) {
        notifyAll(context);
    }
    if (outcome.settling) {
        context.arm(Election::settleTime,
                    makeRef<ServerTimer>(ServerTimer::Purpose::Settle, m_term, m_election.stamp()));
    }
}

void Server::onElected(sim::Context& context, const Vote& vote) {
    m_vote = vote;
    ++m_term;
    const SimDuration limit = m_config.tickTime * static_cast<std::int64_t>(m_config.initLimit);
    context.arm(limit, makeRef<ServerTimer>(ServerTimer::Purpose::StartDeadline, m_term));
    if (vote.leader == m_self) {
        m_state = ServerState::Leading;
        context.journal(
            {happened::leaderElected,
             sim::Severity::Notice,
             fmt::format("Server {} is elected leader of the ensemble", m_member.name),
             {{"server", m_member.name}, {"zxid", toText(vote.zxid)}, {"round", std::to_string(m_election.round())}}});
        lead(context);
    } else {
        m_state = ServerState::Following;
        follow(context);
    }
}

// --- dispatch of what a server tells itself
// ---------------------------------------------------------------------------

void Server::onTimer(sim::Context& context, const ServerTimer& timer) {
    if (timer.term != m_term) {
        return;
    }
    switch (timer.purpose) {
        case ServerTimer::Purpose::Resend:
            notifyAll(context);
            m_resendAfter = std::min(m_resendAfter * 2, Election::resendMax);
            context.arm(m_resendAfter, makeRef<ServerTimer>(ServerTimer::Purpose::Resend, m_term));
            break;
        case ServerTimer::Purpose::Settle:
            if (const std::optional<Vote> vote = m_election.settled(timer.argument)) {
                onElected(context, *vote);
            }
            break;
        case ServerTimer::Purpose::StartDeadline:
            if (!m_isServing) {
                lookForLeader(context);
            }
            break;
        case ServerTimer::Purpose::Reconnect:
            connectToLeader(context);
            break;
        case ServerTimer::Purpose::Tick:
            onLeaderTick(context);
            break;
        case ServerTimer::Purpose::LinkSilent:
            onLinkTimer(context, sim::ConnectionId{timer.argument});
            break;
        case ServerTimer::Purpose::LeaderSilent:
            onSilenceTimer(context);
            break;
        case ServerTimer::Purpose::Expiry:
            onExpiryTimer(context, SessionId{timer.argument});
            break;
    }
}

void Server::onFlushed(sim::Context& context, const Flushed& flushed) {
    if (flushed.term != m_term) {
        return;
    }
    const bool leads = m_state == ServerState::Leading;
    switch (flushed.what) {
        case Flushed::What::Transaction:
            onLogFlushed(context, flushed.zxid);
            break;
        case Flushed::What::OwnEpoch:
            m_hasOwnEpoch = true;
            m_vote.epoch = m_newEpoch;
            for (auto& [connection, link] : m_links) {
                offerEpoch(context, connection, link);
            }
            checkEpochAcks(context);
            break;
        case Flushed::What::AcceptedEpoch:
            ackEpoch(context, true, m_store.lastLogged());
            break;
        case Flushed::What::History:
            if (!m_store.setEpochs(context, std::max(m_store.acceptedEpoch(), m_newEpoch), m_newEpoch)) {
                fail(context);
                return;
            }
            m_store.flushEpochs(context, makeRef<Flushed>(Flushed::What::NewLeader, m_term, flushed.zxid));
            break;
        case Flushed::What::NewLeader:
            if (leads) {
                m_hasOwnNewLeader = true;
                checkNewLeaderAcks(context);
            } else {
                auto ack = makeRef<AckNewLeader>();
                ack->logged = flushed.zxid;
                m_leaderLink.transmit(context, std::move(ack));
            }
            break;
        case Flushed::What::Installed:
            m_isInstalling = false;
            m_store.dropCovered(context, 0);
            for (TransactionRef& transaction : std::exchange(m_held, {})) {
                if (!log(context, std::move(transaction))) {
                    return;
                }
            }
            acknowledgeLeader(context);
            break;
        case Flushed::What::Snapshot:
            m_isSnapshotting = false;
            m_store.dropCovered(context, m_config.commitLogCount);
            break;
    }
}

void Server::onConnectionGone(sim::Context& context, const sim::Message& message) {
    const sim::ConnectionId connection = context.connection();
    std::erase_if(m_electionLinks, [connection](const auto& entry) { return entry.second.owns(connection); });
    if (m_leaderLink.owns(connection)) {
        (void)m_leaderLink.read(context, message);
        onLeaderGone(context);
    } else if (m_links.contains(connection)) {
        dropLink(context, connection);
    } else if (m_desks.contains(connection)) {
        closeDesk(context, connection, false);
    }
}

SimDuration Server::silenceCheck(bool isSynced, SimDuration silent) const {
    const SimDuration inSync = m_config.tickTime * static_cast<std::int64_t>(m_config.syncLimit);
    const SimDuration atStart = m_config.tickTime * static_cast<std::int64_t>(m_config.initLimit);
    return std::clamp((isSynced ? inSync : atStart) - silent, SimDuration{0}, inSync);
}

void Server::stopServing(sim::Context& context) {
    m_isServing = false;
    while (!m_desks.empty()) {
        closeDesk(context, m_desks.begin()->first, true);
    }
}

void Server::fail(sim::Context& context) {
    m_hasFailed = true;
    context.journal({happened::diskFull,
                     sim::Severity::Error,
                     fmt::format("Server {} cannot write its log and stops", m_member.name),
                     {{"server", m_member.name}}});
    context.kill(context.process(), sim::ProcessExited::Reason::Crashed);
}

// --- the log
// ----------------------------------------------------------------------------------------------------------

bool Server::log(sim::Context& context, TransactionRef transaction) {
    if (!m_store.append(context, std::move(transaction))) {
        fail(context);
        return false;
    }
    return true;
}

/// One flush is under way at a time, and the next one takes all that was logged meanwhile: on a slow disk many
/// transactions share a flush. Source: SyncRequestProcessor.run.
void Server::flushLogged(sim::Context& context) {
    if (!m_isFlushing) {
        m_isFlushing = true;
        m_store.flushLog(context, makeRef<Flushed>(Flushed::What::Transaction, m_term, m_store.lastLogged()));
    }
}

void Server::onLogFlushed(sim::Context& context, Zxid upTo) {
    m_isFlushing = false;
    if (upTo < m_store.lastLogged()) {
        flushLogged(context);
    }
    if (m_state == ServerState::Leading) {
        m_ownLogged = std::max(m_ownLogged, upTo);
        advanceCommit(context);
        return;
    }
    auto ack = makeRef<ProposalAck>();
    ack->logged = upTo;
    context.spend(cost::acknowledge);
    m_leaderLink.transmit(context, std::move(ack));
}

namespace {

/// A planted fault: the leader's time is not taken over.
TransactionRef stampedAgain(const Transaction& transaction, sim::Context& context) {
    auto own = makeRef<Transaction>(transaction);
    own->timeMillis = context.clockMillis();
    return own;
}

}  // namespace

void Server::applyUpTo(sim::Context& context, Zxid zxid) {
    const SharedLog<TransactionRef>& all = m_store.log();
    for (std::uint64_t at = m_store.indexAfter(m_tree.lastZxid()); at < all.endIndex() && all[at]->zxid <= zxid; ++at) {
        const TransactionRef transaction = m_config.broken.stampsByOwnClock ? stampedAgain(*all[at], context) : all[at];
        const Zxid before = m_tree.lastZxid();
        context.spend(cost::apply);
        const Applied applied = m_tree.apply(*transaction);
        ++m_sinceSnapshot;
        if (m_config.broken.servesOldReads && m_sinceSnapshot % 8 == 0) {
            m_oldTree = m_tree;
        }
        if (m_isServing) {
            if (context.isListenedTo()) {
                context.tell(makeRef<TransactionApplied>(all[at], before));
            }
            fireWatches(context, applied.touched);
            answerWrite(context, *transaction, applied);
        }
        if (transaction->code == OpCode::CloseSession) {
            m_tracker.remove(transaction->session);
        }
    }
    m_committed = std::max(m_committed, zxid);
    maybeSnapshot(context);
}

void Server::maybeSnapshot(sim::Context& context) {
    if (m_sinceSnapshot <= m_snapshotAfter || m_isSnapshotting || !m_isServing) {
        return;
    }
    m_sinceSnapshot = 0;
    m_isSnapshotting = true;
    drawSnapshotSize(context);
    if (!m_store.writeSnapshot(context, m_tree)) {
        fail(context);
        return;
    }
    m_store.flushSnapshot(context, makeRef<Flushed>(Flushed::What::Snapshot, m_term));
}

void Server::sample(sim::MetricSink& sink) const {
    sink.add(metric::requests, static_cast<double>(m_requests));
    sink.add(metric::reads, static_cast<double>(m_reads));
    sink.add(metric::writes, static_cast<double>(m_writes));
    sink.add(metric::connections, static_cast<double>(m_sessionDesk.size()));
    sink.add(metric::sessions, static_cast<double>(m_tree.sessions().size()));
    sink.add(metric::znodes, static_cast<double>(m_tree.nodeCount()));
    sink.add(metric::isServing, m_isServing ? 1 : 0);
    sink.add(metric::isLeader, m_isServing && m_state == ServerState::Leading ? 1 : 0);
}

}  // namespace millrace::zookeeper
