#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/base/shared_log.h"
#include "engine/sim/fact.h"
#include "engine/zookeeper/tree.h"
#include "engine/zookeeper/types.h"

namespace millrace::zookeeper {

// What servers and clients tell the books of a run (see run::CoordinationBook).

/// A server that serves clients has applied a transaction to a tree that ended with `before`.
struct TransactionApplied final : sim::FactBase<TransactionApplied> {
    static constexpr std::string_view Name = "zookeeper.TransactionApplied";
    TransactionRef transaction;
    Zxid before;
    TransactionApplied(TransactionRef what, Zxid on) : transaction(std::move(what)), before(on) {}
};

/// A leader begins to serve with this history: what does not stand in it is not committed.
struct LeaderServes final : sim::FactBase<LeaderServes> {
    static constexpr std::string_view Name = "zookeeper.LeaderServes";
    std::string server;
    std::uint32_t epoch;
    Tree tree;
    SharedLog<TransactionRef> log;  ///< it may begin later than the tree's own history
    LeaderServes(std::string who, std::uint32_t in, Tree state, SharedLog<TransactionRef> history)
        : server(std::move(who)), epoch(in), tree(std::move(state)), log(std::move(history)) {}
};

/// The leader ends a session from which nothing came.
struct SessionTimedOut final : sim::FactBase<SessionTimedOut> {
    static constexpr std::string_view Name = "zookeeper.SessionTimedOut";
    SessionId session;
    SimDuration silent;   ///< since the leader heard of it
    SimDuration timeout;  ///< as agreed with the client
    SessionTimedOut(SessionId which, SimDuration since, SimDuration agreed)
        : session(which), silent(since), timeout(agreed) {}
};

/// A client was answered.
struct ClientAnswered final : sim::FactBase<ClientAnswered> {
    static constexpr std::string_view Name = "zookeeper.ClientAnswered";
    SessionId session;
    std::uint64_t xid = 0;
    OpCode code = OpCode::Error;
    std::string path;  ///< as asked; for a create, the node made
    bool leavesWatch = false;
    ErrorCode error = ErrorCode::Ok;
    Stat stat;
    Zxid zxid;
    SimTime asked{};  ///< when the client began to want it
};

/// A client was told that a node has changed.
struct WatchTold final : sim::FactBase<WatchTold> {
    static constexpr std::string_view Name = "zookeeper.WatchTold";
    SessionId session;
    std::string path;
    WatchEvent event;
    bool isAwaited;  ///< the client had left such a watch
    WatchTold(SessionId who, std::string where, WatchEvent what, bool awaited)
        : session(who), path(std::move(where)), event(what), isAwaited(awaited) {}
};

/// A client has a session, a new one or the one it had.
struct SessionHeld final : sim::FactBase<SessionHeld> {
    static constexpr std::string_view Name = "zookeeper.SessionHeld";
    SessionId session;
    bool isNew;
    SessionHeld(SessionId which, bool fresh) : session(which), isNew(fresh) {}
};

/// A client knows that its session is over, or ends it.
struct SessionLeft final : sim::FactBase<SessionLeft> {
    static constexpr std::string_view Name = "zookeeper.SessionLeft";
    SessionId session;
    explicit SessionLeft(SessionId which) : session(which) {}
};

}  // namespace millrace::zookeeper
