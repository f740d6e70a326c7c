#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/sim/link.h"
#include "engine/sim/metrics.h"
#include "engine/zookeeper/election.h"
#include "engine/zookeeper/protocol.h"
#include "engine/zookeeper/server.h"
#include "engine/zookeeper/session_tracker.h"
#include "engine/zookeeper/store.h"
#include "engine/zookeeper/tree.h"

namespace millrace::zookeeper {

struct ServerTimer;
struct Flushed;

/// One server of an ensemble: a member of the election, then leader or follower under Zab 1.0, and all the while the
/// front desk of the clients that are connected to it.
///
/// Invariants: the log's zxids rise; a transaction is applied only when a quorum has it on disk (or, at a start, when
/// it stands in the own log, as ZooKeeper does: what turns out to be nobody's is cut and the tree built again); a
/// server that does not follow or lead with a quorum serves nobody; a client's requests are answered in order. Source:
/// Junqueira, Reed, Serafini, "Zab" (DSN 2011); ZooKeeper 3.8: FastLeaderElection, Leader, LearnerHandler, Learner,
/// PrepRequestProcessor, FinalRequestProcessor.
/// Left out: observers, weights and groups, dynamic reconfiguration, the pipeline's separate threads, local sessions.
///
/// Files: server_actor.cpp (life and dispatch), server_leader.cpp, server_follower.cpp, server_clients.cpp.
class Server final : public sim::ActorBase<Server> {
public:
    Server(EnsembleConfig config, ServerId self);

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;

    // --- looking: for views, checks and tests
    [[nodiscard]] const EnsembleConfig& config() const { return m_config; }
    [[nodiscard]] const EnsembleMember& member() const { return m_member; }
    [[nodiscard]] ServerState state() const { return m_state; }
    /// Follows or leads with a quorum: clients are served.
    [[nodiscard]] bool isServing() const { return m_isServing; }
    [[nodiscard]] ServerId leader() const { return m_state == ServerState::Looking ? noServer : m_vote.leader; }
    [[nodiscard]] std::uint32_t epoch() const { return m_store.currentEpoch(); }
    [[nodiscard]] const Tree& tree() const { return m_tree; }
    [[nodiscard]] const Store& store() const { return m_store; }
    /// Sessions and when they expire, as the leader counts them; empty on a follower.
    [[nodiscard]] const SessionTracker& sessions() const { return m_tracker; }
    /// Transactions known to be committed, by this server.
    [[nodiscard]] Zxid committed() const { return m_committed; }
    [[nodiscard]] std::size_t clientCount() const { return m_sessionDesk.size(); }
    [[nodiscard]] std::size_t watchCount() const;
    [[nodiscard]] std::uint64_t requestCount() const { return m_requests; }

private:
    enum class LeaderPhase : std::uint8_t { Discovery, Epoch, Synchronisation, Broadcast };
    enum class LinkPhase : std::uint8_t { Connected, EpochAcked, Synchronising, Synced };
    /// The leader's side of a follower's connection.
    struct Link {
        ServerId id = noServer;
        LinkPhase phase = LinkPhase::Connected;
        std::uint32_t acceptedEpoch = 0;
        std::uint32_t currentEpoch = 0;
        Zxid lastZxid;
        bool counts = true;
        Zxid logged;
        SimTime lastHeard;
    };
    struct Waiting {
        Ref<const ClientRequest> request;
        bool isWrite = false;
    };
    /// A client's connection.
    struct Desk {
        SessionId session;        ///< asked for or granted
        bool isAdmitted = false;  ///< the session is known to be valid
        sim::ProcessId client = sim::noProcess;
        SimDuration timeout{0};
        std::deque<Waiting> queue;  ///< writes under way and what stands behind them
    };
    struct PendingSync {
        Zxid after;
        sim::ConnectionId link = sim::noConnection;  ///< `noConnection`: a client of the leader's own
        SessionId session;
        std::uint64_t xid = 0;
    };

    // --- life (server_actor.cpp)
    void lookForLeader(sim::Context& context);
    void onNotification(sim::Context& context, const Notification& notification);
    void onElected(sim::Context& context, const Vote& vote);
    void notify(sim::Context& context, ServerId to);
    void notifyAll(sim::Context& context);
    void onTimer(sim::Context& context, const ServerTimer& timer);
    void onFlushed(sim::Context& context, const Flushed& flushed);
    void onConnectionGone(sim::Context& context, const sim::Message& message);
    void stopServing(sim::Context& context);
    void fail(sim::Context& context);
    [[nodiscard]] const EnsembleMember& memberOf(ServerId id) const;
    [[nodiscard]] bool onPeerMessage(sim::Context& context, const sim::Message& message);
    /// When to look again at a peer that has been silent for so long; zero: too long. A peer that is still getting its
    /// history may be silent for initLimit, but it is looked at every syncLimit: by then it may be synchronised.
    [[nodiscard]] SimDuration silenceCheck(bool isSynced, SimDuration silent) const;

    // --- leading (server_leader.cpp)
    void lead(sim::Context& context);
    void onFollowerInfo(sim::Context& context, const FollowerInfo& info);
    void proposeEpoch(sim::Context& context);
    void offerEpoch(sim::Context& context, sim::ConnectionId connection, Link& link);
    void onAckEpoch(sim::Context& context, const AckEpoch& ack);
    void synchronise(sim::Context& context, sim::ConnectionId connection, Link& link);
    void checkEpochAcks(sim::Context& context);
    void onAckNewLeader(sim::Context& context, const AckNewLeader& ack);
    void checkNewLeaderAcks(sim::Context& context);
    void onProposalAck(sim::Context& context, const ProposalAck& ack);
    void submit(sim::Context& context, const WriteRequest& request, ServerId origin);
    void propose(sim::Context& context, TransactionRef transaction);
    void advanceCommit(sim::Context& context);
    void finishSyncs(sim::Context& context);
    void onRevalidate(sim::Context& context, const Revalidate& ask);
    [[nodiscard]] bool admit(sim::Context& context, SessionId session, ServerId owner);
    void trackSession(sim::Context& context, SessionId id, SimDuration timeout, sim::ProcessId client, ServerId owner);
    void armExpiry(sim::Context& context, SessionId session);
    void onExpiryTimer(sim::Context& context, SessionId session);
    void expireAfterStandstill(sim::Context& context);
    void onLeaderTick(sim::Context& context);
    void onLinkTimer(sim::Context& context, sim::ConnectionId connection);
    void dropLink(sim::Context& context, sim::ConnectionId connection);
    [[nodiscard]] Link* linkOf(sim::Context& context);
    [[nodiscard]] std::size_t linksIn(LinkPhase atLeast) const;

    // --- following (server_follower.cpp)
    void follow(sim::Context& context);
    void connectToLeader(sim::Context& context);
    void onLeaderGone(sim::Context& context);
    void onLeaderMessage(sim::Context& context, const sim::Message& message);
    void onLeaderInfo(sim::Context& context, const LeaderInfo& info);
    void ackEpoch(sim::Context& context, bool counts, Zxid lastZxid);
    void onSynchronise(sim::Context& context, const Synchronise& message);
    void acknowledgeLeader(sim::Context& context);
    void onProposal(sim::Context& context, const Proposal& proposal);
    void onCommitted(sim::Context& context, Zxid zxid);
    void onSilenceTimer(sim::Context& context);

    // --- what both do with a log (server_actor.cpp)
    [[nodiscard]] bool log(sim::Context& context, TransactionRef transaction);
    void flushLogged(sim::Context& context);
    void onLogFlushed(sim::Context& context, Zxid upTo);
    void applyUpTo(sim::Context& context, Zxid zxid);
    void maybeSnapshot(sim::Context& context);
    void drawSnapshotSize(sim::Context& context);

    // --- clients (server_clients.cpp)
    [[nodiscard]] bool onClientMessage(sim::Context& context, const sim::Message& message);
    void onClientConnect(sim::Context& context, const ClientConnect& hello);
    void onClientRequest(sim::Context& context, Ref<const ClientRequest> request);
    void onSetWatches(sim::Context& context, const SetWatches& wanted);
    void touch(sim::Context& context, const Desk& desk);
    void passOn(sim::Context& context, const WriteRequest& request);
    void welcome(sim::Context& context, sim::ConnectionId connection, Desk& desk);
    void onAdmission(sim::Context& context, SessionId session, bool isValid);
    void answerRead(sim::Context& context, sim::ConnectionId connection, const ClientRequest& request);
    void answerReadsAtHead(sim::Context& context, sim::ConnectionId connection, Desk& desk);
    void answerWrite(sim::Context& context, const Transaction& transaction, const Applied& applied);
    void answerSync(sim::Context& context, SessionId session, std::uint64_t xid);
    void fireWatches(sim::Context& context, const std::vector<Touched>& touched);
    void closeDesk(sim::Context& context, sim::ConnectionId connection, bool tellPeer);
    [[nodiscard]] SessionId newSessionId();
    [[nodiscard]] Desk* deskOf(SessionId session, sim::ConnectionId& connection);

    using Watches = SharedMap<std::string, std::vector<sim::ConnectionId>>;

    EnsembleConfig m_config;
    EnsembleMember m_member;
    ServerId m_self;

    ServerState m_state = ServerState::Looking;
    std::uint64_t m_term = 0;  ///< counts changes of state: timers and flushes of earlier ones are stale
    bool m_isServing = false;
    bool m_hasFailed = false;
    Vote m_vote;
    Election m_election;
    SimDuration m_resendAfter{0};
    std::map<ServerId, sim::Link> m_electionLinks;  ///< opened by this server, to tell its vote

    Store m_store;
    Tree m_tree;
    Tree m_oldTree;  ///< what a planted fault reads from
    Zxid m_committed;
    std::uint64_t m_sinceSnapshot = 0;
    std::uint64_t m_snapshotAfter = 0;  ///< transactions: half of snapCount to all of it
    bool m_isSnapshotting = false;
    bool m_isFlushing = false;  ///< the log: what is appended meanwhile waits for the next flush

    // leading
    LeaderPhase m_leaderPhase = LeaderPhase::Discovery;
    std::uint32_t m_newEpoch = 0;
    bool m_hasOwnEpoch = false;      ///< own acceptance of the new epoch is on disk
    bool m_hasOwnNewLeader = false;  ///< own acknowledgement as new leader is on disk
    std::map<sim::ConnectionId, Link> m_links;
    Tree m_prepared;  ///< the tree that all proposals lead to
    std::uint32_t m_counter = 0;
    Zxid m_ownLogged;
    SessionTracker m_tracker;
    SimTime m_lastTick;
    std::deque<PendingSync> m_syncs;

    // following
    sim::Link m_leaderLink;
    std::uint32_t m_connectTries = 0;
    bool m_isSynced = false;
    bool m_isInstalling = false;         ///< a snapshot from the leader is on its way to the disk
    std::vector<TransactionRef> m_held;  ///< proposals that came meanwhile
    std::set<SessionId> m_touched;

    // clients
    std::map<sim::ConnectionId, Desk> m_desks;
    std::map<SessionId, sim::ConnectionId> m_sessionDesk;
    Watches m_dataWatches;
    Watches m_childWatches;
    std::uint64_t m_requests = 0;
    std::uint64_t m_reads = 0;
    std::uint64_t m_writes = 0;
    std::uint64_t m_nextSession = 0;
};

}  // namespace millrace::zookeeper
