#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/shared_map.h"
#include "engine/zookeeper/broken_rules.h"
#include "engine/zookeeper/transaction.h"
#include "engine/zookeeper/types.h"

namespace millrace::zookeeper {

struct Node final : Counted {
    std::string data;
    Stat stat;  ///< `cversion` here counts creations only, as in ZooKeeper's own tree; see `Tree::statOf`
};

struct Session {
    SimDuration timeout{0};
    sim::ProcessId client = sim::noProcess;
    std::string clientName;
};

/// A watch that a transaction would fire on whoever watches `path`.
struct Touched {
    std::string path;
    WatchEvent event = WatchEvent::NodeDataChanged;
};

struct Applied {
    std::vector<OperationResult> results;
    std::vector<Touched> touched;
};

/// The tree of nodes and the sessions, as one server has it after the transaction `lastZxid`: what a snapshot holds.
/// Invariants: every node's parent is there; an ephemeral has no children and its owner is a session that is there;
/// `digest` is the sum over all nodes and sessions of their content's hash, kept up with each transaction, so that two
/// trees with the same `lastZxid` must have the same digest. Copying is O(1).
class Tree {
public:
    Tree();

    [[nodiscard]] Zxid lastZxid() const { return m_lastZxid; }
    [[nodiscard]] std::uint64_t digest() const { return m_digest; }
    /// The digest computed from nothing, for checks: O(nodes).
    [[nodiscard]] std::uint64_t sumDigest() const;
    [[nodiscard]] std::uint64_t nodeCount() const { return m_nodes.size(); }
    [[nodiscard]] const Node* find(std::string_view path) const;
    [[nodiscard]] std::optional<Stat> statOf(std::string_view path) const;
    /// Names in order. O(children * log n).
    [[nodiscard]] std::vector<std::string> childrenOf(std::string_view path) const;
    [[nodiscard]] const SharedMap<std::string, Ref<const Node>>& nodes() const { return m_nodes; }

    [[nodiscard]] const Session* findSession(SessionId session) const { return m_sessions.find(session); }
    [[nodiscard]] const SharedMap<SessionId, Session>& sessions() const { return m_sessions; }
    [[nodiscard]] std::vector<std::string> ephemeralsOf(SessionId session) const;

    /// The transaction must have been decided on this tree's state, with a greater zxid.
    Applied apply(const Transaction& transaction);
    /// One change of a transaction; used on its own while a multi is being decided.
    void applyChange(const Transaction& transaction, const Change& change, Applied& applied);

private:
    void put(const std::string& path, Ref<const Node> node);
    void erase(const std::string& path);
    void applySession(const Transaction& transaction);

    SharedMap<std::string, Ref<const Node>> m_nodes;
    SharedMap<SessionId, Session> m_sessions;
    SharedMap<std::pair<SessionId, std::string>, char> m_ephemerals;
    Zxid m_lastZxid;
    std::uint64_t m_digest = 0;
};

/// A client's write as it reaches the leader.
struct WriteRequest {
    SessionId session;
    std::uint64_t xid = 0;
    OpCode code = OpCode::Error;  ///< Create, Delete, SetData, Multi, CreateSession, CloseSession
    std::vector<Operation> operations;
    SimDuration sessionTimeout{0};
    sim::ProcessId client = sim::noProcess;
    std::string clientName;
};

/// Decides a request on the state that all earlier proposals lead to. Conditions are checked here and only here.
[[nodiscard]] Ref<Transaction> decide(const Tree& tree, const WriteRequest& request, Zxid zxid, std::int64_t timeMillis,
                                      const BrokenRules& broken = {});

}  // namespace millrace::zookeeper
