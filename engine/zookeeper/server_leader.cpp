#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <tuple>

#include "engine/zookeeper/cost.h"
#include "engine/zookeeper/facts.h"
#include "engine/zookeeper/journal_kinds.h"
#include "engine/zookeeper/server_actor.h"
#include "engine/zookeeper/server_messages.h"

namespace millrace::zookeeper {

// --- discovery: a new epoch, greater than any that a quorum has accepted
// ----------------------------------------------

void Server::lead(sim::Context& context) {
    m_leaderPhase = LeaderPhase::Discovery;
    m_hasOwnEpoch = m_hasOwnNewLeader = false;
    m_newEpoch = 0;
    m_counter = 0;
    m_ownLogged = Zxid{};
    // The own log is the history that the new epoch starts from.
    applyUpTo(context, m_store.lastLogged());
    proposeEpoch(context);
}

Server::Link* Server::linkOf(sim::Context& context) {
    const auto at = m_links.find(context.connection());
    if (at == m_links.end()) {
        return nullptr;
    }
    at->second.lastHeard = context.now();
    return &at->second;
}

std::size_t Server::linksIn(LinkPhase atLeast) const {
    return static_cast<std::size_t>(std::count_if(
        m_links.begin(), m_links.end(), [atLeast](const auto& entry) { return entry.second.phase >= atLeast; }));
}

bool Server::onPeerMessage(sim::Context& context, const sim::Message& message) {
    if (const auto* info = message.as<FollowerInfo>()) {
        onFollowerInfo(context, *info);
        return true;
    }
    Link* link = linkOf(context);
    if (link == nullptr || m_state != ServerState::Leading) {
        return false;
    }
    if (const auto* logged = message.as<ProposalAck>()) {
        onProposalAck(context, *logged);
    } else if (const auto* write = message.as<ForwardedWrite>()) {
        submit(context, write->request, link->id);
    } else if (const auto* ping = message.as<FollowerPing>()) {
        context.spend(cost::heartbeat);
        for (const SessionId session : ping->touched) {
            m_tracker.touch(session, context.now());
        }
    } else if (const auto* revalidate = message.as<Revalidate>()) {
        onRevalidate(context, *revalidate);
    } else if (const auto* epoch = message.as<AckEpoch>()) {
        onAckEpoch(context, *epoch);
    } else if (const auto* newLeader = message.as<AckNewLeader>()) {
        onAckNewLeader(context, *newLeader);
    }
    return true;
}

void Server::onFollowerInfo(sim::Context& context, const FollowerInfo& info) {
    if (m_state != ServerState::Leading) {
        context.close(context.connection());
        return;
    }
    if (m_leaderPhase != LeaderPhase::Discovery && info.acceptedEpoch > m_newEpoch) {
        // It has promised itself to an epoch that never came about. ZooKeeper leaves such a follower outside until the
        // next election; a new election now lets it in.
        lookForLeader(context);
        return;
    }
    Link& link = m_links[context.connection()];
    link.id = info.from;
    link.acceptedEpoch = info.acceptedEpoch;
    link.lastHeard = context.now();
    context.waitFor(context.connection(), silenceCheck(false, SimDuration{0}),
                    makeRef<ServerTimer>(ServerTimer::Purpose::LinkSilent, m_term, context.connection().value));
    if (m_hasOwnEpoch) {
        offerEpoch(context, context.connection(), link);
    } else {
        proposeEpoch(context);
    }
}

void Server::proposeEpoch(sim::Context& context) {
    if (m_leaderPhase != LeaderPhase::Discovery || linksIn(LinkPhase::Connected) + 1 < m_config.quorum()) {
        return;
    }
    m_leaderPhase = LeaderPhase::Epoch;
    m_newEpoch = m_store.acceptedEpoch();
    for (const auto& [connection, link] : m_links) {
        m_newEpoch = std::max(m_newEpoch, link.acceptedEpoch);
    }
    ++m_newEpoch;
    if (!m_store.setEpochs(context, m_newEpoch, m_store.currentEpoch())) {
        fail(context);
        return;
    }
    m_store.flushEpochs(context, makeRef<Flushed>(Flushed::What::OwnEpoch, m_term));
}

void Server::offerEpoch(sim::Context& context, sim::ConnectionId connection, Link& link) {
    if (link.phase != LinkPhase::Connected) {
        return;
    }
    auto info = makeRef<LeaderInfo>();
    info->newEpoch = m_newEpoch;
    context.transmit(connection, std::move(info));
}

void Server::onAckEpoch(sim::Context& context, const AckEpoch& ack) {
    Link& link = *linkOf(context);
    const bool isAhead =
        std::tuple{ack.currentEpoch, ack.lastZxid} > std::tuple{m_store.currentEpoch(), m_store.lastLogged()};
    if (m_leaderPhase == LeaderPhase::Epoch && ack.counts && isAhead) {
        lookForLeader(context);  // Somebody else has the newest history after all.
        return;
    }
    link.phase = LinkPhase::EpochAcked;
    link.currentEpoch = ack.currentEpoch;
    link.lastZxid = ack.lastZxid;
    link.counts = ack.counts;
    if (m_leaderPhase >= LeaderPhase::Synchronisation) {
        synchronise(context, context.connection(), link);
    } else {
        checkEpochAcks(context);
    }
}

void Server::checkEpochAcks(sim::Context& context) {
    std::size_t acks = m_hasOwnEpoch ? 1 : 0;
    for (const auto& [connection, link] : m_links) {
        acks += link.phase >= LinkPhase::EpochAcked && link.counts ? 1U : 0U;
    }
    if (m_leaderPhase != LeaderPhase::Epoch || acks < m_config.quorum()) {
        return;
    }
    m_leaderPhase = LeaderPhase::Synchronisation;
    acknowledgeLeader(context);
    for (auto& [connection, link] : m_links) {
        if (link.phase == LinkPhase::EpochAcked) {
            synchronise(context, connection, link);
        }
    }
}

// --- synchronisation: every follower gets the leader's history (LearnerHandler.syncFollower)
// --------------------------

void Server::synchronise(sim::Context& context, sim::ConnectionId connection, Link& link) {
    auto message = makeRef<Synchronise>();
    message->newEpoch = m_newEpoch;
    message->committed = m_committed;
    const Zxid theirs = link.lastZxid;
    const Zxid ours = m_store.lastLogged();
    if (theirs == ours || m_store.contains(theirs)) {
        message->tail = m_store.tailAfter(theirs);
    } else if (theirs > ours) {
        message->mode = Synchronise::Mode::Trunc;
        message->truncateTo = ours;
    } else if (const std::uint64_t after = m_store.indexAfter(theirs);
               theirs != Zxid{} && after > m_store.log().firstIndex()) {
        message->mode = Synchronise::Mode::Trunc;
        message->truncateTo = m_store.log()[after - 1]->zxid;
        message->tail = m_store.tailAfter(theirs);
    } else {
        message->mode = Synchronise::Mode::Snap;
        message->snapshot = m_tree;
        message->tail = m_store.tailAfter(m_tree.lastZxid());
        context.spend(cost::node * static_cast<std::int64_t>(m_tree.nodeCount()));
    }
    context.spend(cost::replayed * static_cast<std::int64_t>(message->tail.size()));
    link.phase = LinkPhase::Synchronising;
    context.journal({happened::followerSynchronised,
                     sim::Severity::Detail,
                     fmt::format("Server {} brings {} to its history by {} and {} transactions", m_member.name,
                                 memberOf(link.id).name, toText(message->mode), message->tail.size()),
                     {{"leader", m_member.name},
                      {"follower", memberOf(link.id).name},
                      {"mode", std::string{toText(message->mode)}},
                      {"transactions", std::to_string(message->tail.size())}}});
    context.transmit(connection, std::move(message));
}

void Server::onAckNewLeader(sim::Context& context, const AckNewLeader& ack) {
    Link& link = *linkOf(context);
    if (link.phase != LinkPhase::Synchronising) {
        return;
    }
    link.phase = LinkPhase::Synced;
    link.logged = std::max(link.logged, ack.logged);
    if (m_leaderPhase != LeaderPhase::Broadcast) {
        checkNewLeaderAcks(context);
        return;
    }
    auto upToDate = makeRef<UpToDate>();
    upToDate->committed = m_committed;
    context.transmit(context.connection(), std::move(upToDate));
    advanceCommit(context);
}

void Server::checkNewLeaderAcks(sim::Context& context) {
    if (m_leaderPhase != LeaderPhase::Synchronisation || !m_hasOwnNewLeader ||
        linksIn(LinkPhase::Synced) + 1 < m_config.quorum()) {
        return;
    }
    m_leaderPhase = LeaderPhase::Broadcast;
    m_ownLogged = m_committed = m_store.lastLogged();
    m_prepared = m_tree;
    m_isServing = true;
    if (context.isListenedTo()) {
        context.tell(makeRef<LeaderServes>(m_member.name, m_newEpoch, m_tree, m_store.log()));
    }
    context.journal({happened::quorumFormed,
                     sim::Severity::Notice,
                     fmt::format("Server {} leads epoch {} with {} of {} servers", m_member.name, m_newEpoch,
                                 linksIn(LinkPhase::Synced) + 1, m_config.members.size()),
                     {{"leader", m_member.name},
                      {"epoch", std::to_string(m_newEpoch)},
                      {"servers", std::to_string(linksIn(LinkPhase::Synced) + 1)}}});
    for (const auto& [id, session] : m_tree.sessions()) {
        trackSession(context, id, session.timeout, session.client, noServer);
    }
    for (const auto& [connection, link] : m_links) {
        if (link.phase == LinkPhase::Synced) {
            auto upToDate = makeRef<UpToDate>();
            upToDate->committed = m_committed;
            context.transmit(connection, std::move(upToDate));
        }
    }
    m_lastTick = context.now();
    context.arm(m_config.tickTime / 2, makeRef<ServerTimer>(ServerTimer::Purpose::Tick, m_term));
}

// --- broadcast
// --------------------------------------------------------------------------------------------------------

void Server::submit(sim::Context& context, const WriteRequest& request, ServerId origin) {
    if (m_state != ServerState::Leading || m_leaderPhase != LeaderPhase::Broadcast) {
        return;
    }
    context.spend(cost::prepare);
    if (request.code == OpCode::Sync) {
        const bool isOwn = origin == m_self;
        m_syncs.push_back(
            {m_prepared.lastZxid(), isOwn ? sim::noConnection : context.connection(), request.session, request.xid});
        finishSyncs(context);
        return;
    }
    SessionTracker::Tracked* tracked = m_tracker.find(request.session);
    if (request.code == OpCode::CreateSession) {
        trackSession(context, request.session, request.sessionTimeout, request.client, origin);
    } else if (request.code == OpCode::CloseSession && tracked != nullptr) {
        tracked->isClosing = true;
    }
    ++m_counter;
    Ref<Transaction> transaction =
        decide(m_prepared, request, makeZxid(m_newEpoch, m_counter), context.clockMillis(), m_config.broken);
    const bool hasMoved = tracked != nullptr && tracked->owner != noServer && tracked->owner != origin;
    if (hasMoved && origin != noServer) {
        transaction->changes.clear();
        transaction->multiErrors.clear();
        transaction->error = ErrorCode::SessionMoved;
    }
    propose(context, std::move(transaction));
}

void Server::propose(sim::Context& context, TransactionRef transaction) {
    ++m_writes;
    m_prepared.apply(*transaction);
    if (!log(context, transaction)) {
        return;
    }
    flushLogged(context);
    auto proposal = makeRef<Proposal>();
    proposal->transaction = std::move(transaction);
    for (const auto& [connection, link] : m_links) {
        if (link.phase >= LinkPhase::Synchronising) {
            context.spend(cost::propose);
            context.transmit(connection, proposal);
        }
    }
}

void Server::onProposalAck(sim::Context& context, const ProposalAck& ack) {
    Link& link = *linkOf(context);
    context.spend(cost::acknowledge);
    link.logged = std::max(link.logged, ack.logged);
    advanceCommit(context);
}

void Server::advanceCommit(sim::Context& context) {
    if (m_leaderPhase != LeaderPhase::Broadcast) {
        return;
    }
    std::vector<Zxid> logged{m_ownLogged};
    for (const auto& [connection, link] : m_links) {
        if (link.phase == LinkPhase::Synced) {
            logged.push_back(link.logged);
        }
    }
    if (logged.size() < m_config.quorum()) {
        return;
    }
    std::sort(logged.begin(), logged.end(), std::greater<>{});
    const Zxid majority = m_config.broken.acknowledgesAlone ? m_ownLogged : logged[m_config.quorum() - 1];
    if (majority <= m_committed) {
        return;
    }
    auto commit = makeRef<Commit>();
    commit->committed = majority;
    for (const auto& [connection, link] : m_links) {
        if (link.phase >= LinkPhase::Synchronising) {
            context.transmit(connection, commit);
        }
    }
    applyUpTo(context, majority);
    finishSyncs(context);
}

void Server::finishSyncs(sim::Context& context) {
    while (!m_syncs.empty() && m_syncs.front().after <= m_committed) {
        const PendingSync sync = m_syncs.front();
        m_syncs.pop_front();
        if (sync.link == sim::noConnection) {
            answerSync(context, sync.session, sync.xid);
            continue;
        }
        auto done = makeRef<SyncDone>();
        done->session = sync.session;
        done->xid = sync.xid;
        context.transmit(sync.link, std::move(done));
    }
}

// --- sessions
// ---------------------------------------------------------------------------------------------------------

void Server::trackSession(sim::Context& context, SessionId id, SimDuration timeout, sim::ProcessId client,
                          ServerId owner) {
    m_tracker.add(id, m_config.broken.expiresEarly ? timeout / 2 : timeout, client, context.now()).owner = owner;
    armExpiry(context, id);
}

void Server::armExpiry(sim::Context& context, SessionId session) {
    const SessionTracker::Tracked& tracked = *m_tracker.find(session);
    auto timer = makeRef<ServerTimer>(ServerTimer::Purpose::Expiry, m_term, session.value);
    const SimDuration left = tracked.expires - context.now();
    if (tracked.client == sim::noProcess) {
        context.arm(left, std::move(timer));
    } else {
        context.waitFor(tracked.client, left, std::move(timer));
    }
}

void Server::onExpiryTimer(sim::Context& context, SessionId session) {
    SessionTracker::Tracked* tracked = m_tracker.find(session);
    if (tracked == nullptr || tracked->isClosing) {
        return;
    }
    if (context.now() < tracked->expires) {
        armExpiry(context, session);
        return;
    }
    const Session* known = m_prepared.findSession(session);
    const std::string name = known == nullptr || known->clientName.empty() ? toText(session) : known->clientName;
    if (known != nullptr && context.isListenedTo()) {
        context.tell(makeRef<SessionTimedOut>(session, context.now() - tracked->heard, known->timeout));
    }
    context.journal({happened::sessionExpired,
                     sim::Severity::Warning,
                     fmt::format("The session of {} expired: nothing was heard from it for {}", name,
                                 millrace::toText(tracked->timeout)),
                     {{"session", toText(session)},
                      {"client", name},
                      {"timeout_ms", std::to_string(tracked->timeout / std::chrono::milliseconds{1})},
                      {"ephemerals", std::to_string(m_prepared.ephemeralsOf(session).size())}}});
    WriteRequest request;
    request.session = session;
    request.code = OpCode::CloseSession;
    submit(context, request, noServer);
}

/// A leader that stood still (stopped and continued, swapped out) expires what is overdue as soon as it goes on, before
/// it reads what its clients and followers have sent meanwhile: SessionTrackerImpl is a thread of its own that sleeps
/// until the next expiry by the monotonic clock and takes no account of pauses, while a client's word has to pass the
/// selector, a worker and the throttler before it touches the session. Whether the closing of the sessions holds is
/// decided by who leads then: the leader has them in its log, so it is elected again if all stood still, and they are
/// cut off if others have gone on without it.
void Server::expireAfterStandstill(sim::Context& context) {
    const bool leads = m_state == ServerState::Leading && m_leaderPhase == LeaderPhase::Broadcast;
    if (!leads || context.now() - m_lastTick <= m_config.tickTime) {
        return;
    }
    m_lastTick = context.now();
    std::vector<SessionId> overdue;
    for (const auto& [id, tracked] : m_tracker.all()) {
        if (tracked.expires <= context.now() && !tracked.isClosing) {
            overdue.push_back(id);
        }
    }
    for (const SessionId id : overdue) {
        onExpiryTimer(context, id);
    }
}

bool Server::admit(sim::Context& context, SessionId session, ServerId owner) {
    if (!m_tracker.touch(session, context.now())) {
        return false;
    }
    m_tracker.find(session)->owner = owner;
    return true;
}

void Server::onRevalidate(sim::Context& context, const Revalidate& ask) {
    context.spend(cost::heartbeat);
    const Link& link = *linkOf(context);
    auto answer = makeRef<Revalidated>();
    answer->session = ask.session;
    answer->isValid = admit(context, ask.session, link.id);
    context.transmit(context.connection(), std::move(answer));
}

// --- keeping the quorum
// -----------------------------------------------------------------------------------------------

void Server::onLeaderTick(sim::Context& context) {
    for (const auto& [connection, link] : m_links) {
        if (link.phase >= LinkPhase::Synchronising) {
            context.spend(cost::heartbeat);
            context.transmit(connection, makeRef<LeaderPing>());
        }
    }
    m_lastTick = context.now();
    context.arm(m_config.tickTime / 2, makeRef<ServerTimer>(ServerTimer::Purpose::Tick, m_term));
}

void Server::onLinkTimer(sim::Context& context, sim::ConnectionId connection) {
    const auto at = m_links.find(connection);
    if (at == m_links.end()) {
        return;
    }
    const bool isSynced = at->second.phase == LinkPhase::Synced;
    const SimDuration wait = silenceCheck(isSynced, context.now() - at->second.lastHeard);
    if (wait > SimDuration{0}) {
        context.waitFor(connection, wait,
                        makeRef<ServerTimer>(ServerTimer::Purpose::LinkSilent, m_term, connection.value));
        return;
    }
    context.close(connection);
    dropLink(context, connection);
}

void Server::dropLink(sim::Context& context, sim::ConnectionId connection) {
    const std::string follower = memberOf(m_links.at(connection).id).name;
    m_links.erase(connection);
    std::erase_if(m_syncs, [connection](const PendingSync& sync) { return sync.link == connection; });
    if (m_leaderPhase != LeaderPhase::Broadcast || linksIn(LinkPhase::Synced) + 1 >= m_config.quorum()) {
        return;
    }
    context.journal({happened::quorumLost,
                     sim::Severity::Warning,
                     fmt::format("Server {} has lost {} and with it the quorum: writes stop", m_member.name, follower),
                     {{"leader", m_member.name}, {"follower", follower}, {"epoch", std::to_string(m_newEpoch)}}});
    lookForLeader(context);
}

}  // namespace millrace::zookeeper
