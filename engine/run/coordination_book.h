#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/sim/fact.h"
#include "engine/zookeeper/facts.h"
#include "engine/zookeeper/tree.h"

namespace millrace::run {

/// What must hold of ZooKeeper's history and of what its clients are told.
enum class CoordinationRule : std::uint8_t {
    OneHistory,           ///< every server applies the same transactions in the same order
    CommittedStays,       ///< a new leader has all that servers had applied and clients had been told
    AnswersAreCommitted,  ///< a write that a client was told to be done stands in the history
    AnswersAreSeen,       ///< a write comes behind all that any client was told before it was asked for; so does a sync
    VersionsAreKept,      ///< no write is done on another version than its client expected
    EphemeralsLive,       ///< ephemeral nodes go with their session, not before and not later
    NumbersAreUnique,     ///< a sequence number is given once in its parent's life
    ReadsGoForward,       ///< no session is answered from an older state than it has seen
    WatchesAreToldOnce,   ///< what a client watches is told before a newer state, and once
    SessionsHaveTheirTime  ///< a session does not end while its time-out has not passed
};
inline constexpr std::size_t coordinationRuleCount = 10;

/// ZooKeeper's history as its servers and clients tell it (zookeeper/facts.h): the transactions in their order, the
/// tree that they lead to, and what each session has seen and waits for. A value that is kept with each checkpoint;
/// copies share. Rules after ZooKeeper's guarantees: linearisable writes, syncs that show what was acknowledged before
/// them, reads of one session in order, watches before what they announce. Memory: the tree and its sessions; `kept`
/// transactions and changes of nodes; what is older is not asked about.
class CoordinationBook {
public:
    static constexpr std::uint64_t kept = 4096;

    /// How one rule stands: how often it was asked, and what first contradicted it.
    struct Status {
        std::uint64_t checked = 0;
        std::optional<std::pair<SimTime, std::string>> first;
    };

    /// True when the fact was one of ZooKeeper's.
    bool take(const sim::ToldFact& told);
    [[nodiscard]] const Status& status(CoordinationRule rule) const { return m_rules[static_cast<std::size_t>(rule)]; }

private:
    struct Change {
        zookeeper::Zxid zxid;
        std::string path;
        zookeeper::WatchEvent event = zookeeper::WatchEvent::NodeDataChanged;
    };
    enum class WatchKind : std::uint8_t { Node, Absence, Children };
    using WatchKey = std::pair<std::pair<zookeeper::SessionId, std::string>, WatchKind>;
    struct Seen {
        zookeeper::Zxid zxid;               ///< newest state that the client has been shown
        std::uint64_t changesLookedAt = 0;  ///< of `m_changes`
    };
    /// A node under which numbers are given, in one of its lives.
    using Numbered = std::pair<std::string, zookeeper::Zxid>;

    void onApplied(SimTime time, const zookeeper::Transaction& transaction, zookeeper::Zxid before);
    void apply(SimTime time, const zookeeper::Transaction& transaction);
    void checkChange(SimTime time, const zookeeper::Tree& tree, const zookeeper::Transaction& transaction,
                     const zookeeper::Change& change);
    void checkNumber(SimTime time, const zookeeper::Tree& tree, const zookeeper::Change& change);
    void onLeader(SimTime time, const zookeeper::LeaderServes& fact);
    void onTimedOut(SimTime time, const zookeeper::SessionTimedOut& fact);
    void onAnswered(SimTime time, const zookeeper::ClientAnswered& fact);
    void checkWrite(SimTime time, const zookeeper::ClientAnswered& fact);
    void checkOrder(SimTime time, const zookeeper::ClientAnswered& fact);
    void checkRead(SimTime time, const zookeeper::ClientAnswered& fact);
    void checkWatches(SimTime time, const zookeeper::ClientAnswered& fact, Seen& seen);
    void leaveWatch(const zookeeper::ClientAnswered& fact);
    void onWatch(SimTime time, const zookeeper::WatchTold& fact);
    void onHeld(const zookeeper::SessionHeld& fact);
    void forget(zookeeper::SessionId session, bool onlyAbsences);
    void note(const zookeeper::Transaction& transaction, const zookeeper::Applied& applied);

    template <class Text>
    void expect(CoordinationRule rule, SimTime time, bool holds, const Text& text) {
        Status& status = m_rules[static_cast<std::size_t>(rule)];
        ++status.checked;
        if (!holds && !status.first) [[unlikely]] {
            status.first.emplace(time, text());
        }
    }

    zookeeper::Tree m_tree;
    bool m_isLost = false;  ///< the histories part: nothing more can be said
    SharedLog<zookeeper::TransactionRef, 64> m_history;
    SharedMap<zookeeper::Zxid, std::uint64_t> m_historyIndex;
    SharedLog<Change, 64> m_changes;
    SharedMap<Numbered, std::int64_t> m_numbers;
    SharedLog<std::pair<SimTime, zookeeper::Zxid>, 64> m_told;  ///< newest write that clients were told of, as it rose
    SharedMap<zookeeper::SessionId, Seen> m_seen;
    SharedMap<WatchKey, zookeeper::Zxid> m_watches;  ///< by whom and on what, with the state they were left at
    std::array<Status, coordinationRuleCount> m_rules;
};

}  // namespace millrace::run
