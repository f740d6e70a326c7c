#include "engine/run/coordination_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/zookeeper/paths.h"

namespace millrace::run {

using zookeeper::ErrorCode;
using zookeeper::OpCode;
using zookeeper::SessionId;
using zookeeper::Transaction;
using zookeeper::TransactionRef;
using zookeeper::WatchEvent;
using zookeeper::Zxid;

namespace {

bool isWrite(OpCode code) {
    return code == OpCode::Create || code == OpCode::Delete || code == OpCode::SetData || code == OpCode::Multi;
}

/// The transaction with this zxid, or null.
const Transaction* findIn(const SharedLog<TransactionRef>& log, Zxid zxid) {
    std::uint64_t low = log.firstIndex();
    std::uint64_t high = log.endIndex();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (log[middle]->zxid < zxid) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < log.endIndex() && log[low]->zxid == zxid ? log[low].get() : nullptr;
}

}  // namespace

bool CoordinationBook::take(const sim::ToldFact& told) {
    const sim::Fact& fact = *told.fact;
    if (const auto* answered = fact.as<zookeeper::ClientAnswered>()) {
        onAnswered(told.time, *answered);
    } else if (const auto* applied = fact.as<zookeeper::TransactionApplied>()) {
        onApplied(told.time, *applied->transaction, applied->before);
    } else if (const auto* watch = fact.as<zookeeper::WatchTold>()) {
        onWatch(told.time, *watch);
    } else if (const auto* held = fact.as<zookeeper::SessionHeld>()) {
        onHeld(*held);
    } else if (const auto* left = fact.as<zookeeper::SessionLeft>()) {
        m_seen.erase(left->session);
        forget(left->session, false);
    } else if (const auto* leader = fact.as<zookeeper::LeaderServes>()) {
        onLeader(told.time, *leader);
    } else if (const auto* timedOut = fact.as<zookeeper::SessionTimedOut>()) {
        onTimedOut(told.time, *timedOut);
    } else {
        return false;
    }
    return true;
}

// --- servers --------------------------------------------------------------------------------------------------------

void CoordinationBook::onApplied(SimTime time, const Transaction& transaction, Zxid before) {
    if (m_isLost) {
        return;
    }
    if (transaction.zxid > m_tree.lastZxid()) {
        expect(CoordinationRule::OneHistory, time, before == m_tree.lastZxid(), [&] {
            return fmt::format("the transaction {} was applied after {}, where others have {} before it",
                               toText(transaction.zxid), toText(before), toText(m_tree.lastZxid()));
        });
        m_isLost = before != m_tree.lastZxid();
        if (!m_isLost) {
            apply(time, transaction);
        }
        return;
    }
    const std::uint64_t* known = m_historyIndex.find(transaction.zxid);
    if (known != nullptr) {
        const bool isSame = m_history[*known]->digest() == transaction.digest();
        expect(CoordinationRule::OneHistory, time, isSame, [&] {
            return fmt::format("two servers have applied different transactions as {}", toText(transaction.zxid));
        });
    }
}

void CoordinationBook::apply(SimTime time, const Transaction& transaction) {
    zookeeper::Tree scratch = m_tree;
    zookeeper::Applied ignored;
    if (transaction.error == ErrorCode::Ok) {
        for (const zookeeper::Change& change : transaction.changes) {
            checkChange(time, scratch, transaction, change);
            scratch.applyChange(transaction, change, ignored);
        }
    }
    note(transaction, m_tree.apply(transaction));
    if (transaction.code == OpCode::CloseSession && transaction.error == ErrorCode::Ok) {
        forget(transaction.session, false);
        const std::vector<std::string> left = m_tree.ephemeralsOf(transaction.session);
        expect(CoordinationRule::EphemeralsLive, time, left.empty(), [&] {
            return fmt::format("the session {} is over, and its ephemeral node {} is still there",
                               toText(transaction.session), left.front());
        });
    }
}

void CoordinationBook::checkChange(SimTime time, const zookeeper::Tree& tree, const Transaction& transaction,
                                   const zookeeper::Change& change) {
    const zookeeper::Node* node = tree.find(change.path);
    if (change.code == OpCode::Create) {
        const bool hasOwner = !change.ephemeral || tree.findSession(transaction.session) != nullptr;
        expect(CoordinationRule::EphemeralsLive, time, hasOwner, [&] {
            return fmt::format("the ephemeral node {} is made for the session {}, which is over", change.path,
                               toText(transaction.session));
        });
        checkNumber(time, tree, change);
        return;
    }
    if (node == nullptr) {
        return;
    }
    if (change.expected != zookeeper::anyVersion) {
        expect(CoordinationRule::VersionsAreKept, time, change.expected == node->stat.version, [&] {
            return fmt::format("{} of {} was done on version {}, and its client expected version {}",
                               toText(change.code), change.path, node->stat.version, change.expected);
        });
    }
    if (change.code != OpCode::Delete) {
        return;
    }
    m_numbers.erase(Numbered{change.path, node->stat.czxid});
    if (transaction.code == OpCode::CloseSession) {
        expect(CoordinationRule::EphemeralsLive, time, node->stat.ephemeralOwner == transaction.session, [&] {
            return fmt::format("the end of the session {} takes {} with it, which is not its own",
                               toText(transaction.session), change.path);
        });
    }
}

void CoordinationBook::checkNumber(SimTime time, const zookeeper::Tree& tree, const zookeeper::Change& change) {
    const std::string parent{zookeeper::paths::parentOf(change.path)};
    const zookeeper::Node* node = tree.find(parent);
    if (!change.isSequential || node == nullptr) {
        return;
    }
    const std::int64_t number = zookeeper::paths::sequenceOf(zookeeper::paths::nameOf(change.path));
    const Numbered key{parent, node->stat.czxid};
    const std::int64_t* last = m_numbers.find(key);
    expect(CoordinationRule::NumbersAreUnique, time, last == nullptr || number > *last, [&] {
        return fmt::format("{} has a number under {} that is not above {}, the last one given", change.path, parent,
                           *last);
    });
    m_numbers.set(key, number);
}

void CoordinationBook::note(const Transaction& transaction, const zookeeper::Applied& applied) {
    m_historyIndex.set(transaction.zxid, m_history.endIndex());
    m_history.append(TransactionRef(&transaction));
    if (m_history.size() > kept) {
        m_historyIndex.erase(m_history.front()->zxid);
        m_history.dropFront(m_history.firstIndex() + 1);
    }
    for (const zookeeper::Touched& touched : applied.touched) {
        m_changes.append({transaction.zxid, touched.path, touched.event});
    }
    if (m_changes.size() > kept) {
        m_changes.dropFront(m_changes.endIndex() - kept);
    }
}

void CoordinationBook::onLeader(SimTime time, const zookeeper::LeaderServes& fact) {
    if (m_isLost) {
        return;
    }
    constexpr std::uint64_t lookedAt = 256;
    const std::uint64_t from =
        std::max(m_history.firstIndex(), m_history.endIndex() - std::min(m_history.size(), lookedAt));
    for (std::uint64_t i = from; i < m_history.endIndex() && !m_isLost; ++i) {
        const Transaction& known = *m_history[i];
        const bool isCovered = fact.log.empty() || known.zxid < fact.log.front()->zxid;
        const Transaction* own = findIn(fact.log, known.zxid);
        const bool isThere =
            isCovered ? known.zxid <= fact.tree.lastZxid() : own != nullptr && own->digest() == known.digest();
        expect(CoordinationRule::CommittedStays, time, isThere, [&] {
            return fmt::format("{} leads epoch {} without the transaction {}, which had been committed", fact.server,
                               fact.epoch, toText(known.zxid));
        });
        m_isLost = !isThere;
    }
    if (m_isLost || fact.tree.lastZxid() <= m_tree.lastZxid()) {
        return;
    }
    if (!fact.log.empty() && fact.log.front()->zxid > m_tree.lastZxid() && m_tree.lastZxid() != Zxid{}) {
        m_tree = fact.tree;  // What lies between is not known one by one.
        m_history.clear();
        m_historyIndex.clear();
        m_changes.clear();
        return;
    }
    for (const TransactionRef& transaction : fact.log) {
        if (transaction->zxid > m_tree.lastZxid() && transaction->zxid <= fact.tree.lastZxid()) {
            apply(time, *transaction);
        }
    }
}

void CoordinationBook::onTimedOut(SimTime time, const zookeeper::SessionTimedOut& fact) {
    expect(CoordinationRule::SessionsHaveTheirTime, time, fact.silent >= fact.timeout, [&] {
        return fmt::format("the session {} of {} is ended after {} of silence", toText(fact.session),
                           millrace::toText(fact.timeout), millrace::toText(fact.silent));
    });
}

// --- clients --------------------------------------------------------------------------------------------------------

void CoordinationBook::onAnswered(SimTime time, const zookeeper::ClientAnswered& fact) {
    Seen& seen = m_seen[fact.session];
    expect(CoordinationRule::ReadsGoForward, time, fact.zxid >= seen.zxid, [&] {
        return fmt::format("the session {} is answered about {} from the state {}, and has seen {}",
                           toText(fact.session), fact.path, toText(fact.zxid), toText(seen.zxid));
    });
    checkWatches(time, fact, seen);
    checkOrder(time, fact);
    seen.zxid = std::max(seen.zxid, fact.zxid);
    if (!m_isLost && fact.zxid <= m_tree.lastZxid() && !m_history.empty() && fact.zxid >= m_history.front()->zxid) {
        if (isWrite(fact.code)) {
            checkWrite(time, fact);
        } else {
            checkRead(time, fact);
        }
    } else if (!m_isLost && isWrite(fact.code) && fact.error == ErrorCode::Ok) {
        expect(CoordinationRule::AnswersAreCommitted, time, fact.zxid <= m_tree.lastZxid(), [&] {
            return fmt::format("the session {} was told that its {} of {} is done as {}, which no server has applied",
                               toText(fact.session), toText(fact.code), fact.path, toText(fact.zxid));
        });
    }
    if (fact.leavesWatch) {
        leaveWatch(fact);
    }
}

/// The order of zxids is one in time: what was acknowledged before a write was asked for, by whomever, is before it,
/// and whoever has synchronised sees it. A sync that a leader answers without knowing that it has been replaced shows
/// its own epoch only: ZooKeeper asks no quorum for it.
void CoordinationBook::checkOrder(SimTime time, const zookeeper::ClientAnswered& fact) {
    const bool isSync = fact.code == OpCode::Sync;
    if (fact.error != ErrorCode::Ok || (!isSync && !isWrite(fact.code))) {
        return;
    }
    std::uint64_t low = m_told.firstIndex();
    std::uint64_t high = m_told.endIndex();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (m_told[middle].first < fact.asked) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low > m_told.firstIndex()) {
        const Zxid before = m_told[low - 1].second;
        const bool isOfAnEarlierEpoch = epochOf(fact.zxid) < epochOf(before);
        const bool isBehind = isSync ? fact.zxid >= before || isOfAnEarlierEpoch : fact.zxid > before;
        expect(CoordinationRule::AnswersAreSeen, time, isBehind, [&] {
            return fmt::format("the session {} was told {} as {}, and {} had been acknowledged before it was asked for",
                               toText(fact.session), toText(fact.code), toText(fact.zxid), toText(before));
        });
    }
    if (!isSync && (m_told.empty() || fact.zxid > m_told.back().second)) {
        m_told.append({time, fact.zxid});
        if (m_told.size() > kept) {
            m_told.dropFront(m_told.firstIndex() + 1);
        }
    }
}

void CoordinationBook::checkWrite(SimTime time, const zookeeper::ClientAnswered& fact) {
    if (fact.error != ErrorCode::Ok) {
        return;
    }
    const std::uint64_t* at = m_historyIndex.find(fact.zxid);
    const bool isThere = at != nullptr && m_history[*at]->session == fact.session && m_history[*at]->xid == fact.xid &&
                         m_history[*at]->error == ErrorCode::Ok;
    expect(CoordinationRule::AnswersAreCommitted, time, isThere, [&] {
        return fmt::format("the session {} was told that its {} of {} is done as {}, which is not in the history",
                           toText(fact.session), toText(fact.code), fact.path, toText(fact.zxid));
    });
}

/// A node that has not changed since the state that the answer is from must look as it does now.
void CoordinationBook::checkRead(SimTime time, const zookeeper::ClientAnswered& fact) {
    if (fact.code == OpCode::Sync) {
        return;
    }
    const zookeeper::Node* node = m_tree.find(fact.path);
    const bool isNow = fact.zxid == m_tree.lastZxid();
    if (node == nullptr || node->stat.czxid > fact.zxid) {
        expect(
            CoordinationRule::ReadsGoForward, time, node != nullptr || !isNow || fact.error == ErrorCode::NoNode, [&] {
                return fmt::format("a client read {} in the state {}, where it is not", fact.path, toText(fact.zxid));
            });
        return;
    }
    const bool isUnchanged = node->stat.mzxid <= fact.zxid;
    const bool isSame =
        fact.error == ErrorCode::Ok && fact.stat.mzxid == node->stat.mzxid && fact.stat.version == node->stat.version;
    expect(CoordinationRule::ReadsGoForward, time, !isUnchanged || isSame, [&] {
        return fmt::format("a client read version {} of {} in the state {}, where it has version {}", fact.stat.version,
                           fact.path, toText(fact.zxid), node->stat.version);
    });
}

void CoordinationBook::checkWatches(SimTime time, const zookeeper::ClientAnswered& fact, Seen& seen) {
    std::uint64_t at = std::max(seen.changesLookedAt, m_changes.firstIndex());
    for (; at < m_changes.endIndex() && m_changes[at].zxid <= fact.zxid; ++at) {
        const Change& change = m_changes[at];
        const auto isMissed = [&](WatchKind kind) {
            const Zxid* left = m_watches.find(WatchKey{{fact.session, change.path}, kind});
            return left != nullptr && *left < change.zxid;
        };
        const bool isMissing =
            (change.event == WatchEvent::NodeCreated && isMissed(WatchKind::Absence)) ||
            (change.event == WatchEvent::NodeDataChanged && isMissed(WatchKind::Node)) ||
            (change.event == WatchEvent::NodeChildrenChanged && isMissed(WatchKind::Children)) ||
            (change.event == WatchEvent::NodeDeleted && (isMissed(WatchKind::Node) || isMissed(WatchKind::Children)));
        expect(CoordinationRule::WatchesAreToldOnce, time, !isMissing, [&] {
            return fmt::format("the session {} sees the state {} and was not told of {} of {}, which it watches",
                               toText(fact.session), toText(fact.zxid), toText(change.event), change.path);
        });
    }
    seen.changesLookedAt = at;
}

void CoordinationBook::leaveWatch(const zookeeper::ClientAnswered& fact) {
    const WatchKind kind = fact.code == OpCode::GetChildren ? WatchKind::Children
                           : fact.error == ErrorCode::Ok    ? WatchKind::Node
                                                            : WatchKind::Absence;
    m_watches.set(WatchKey{{fact.session, fact.path}, kind}, fact.zxid);
}

void CoordinationBook::onWatch(SimTime time, const zookeeper::WatchTold& fact) {
    // A node's end is told once for its data and once for its children to a client that comes back, as in ZooKeeper.
    expect(CoordinationRule::WatchesAreToldOnce, time, fact.isAwaited || fact.event == WatchEvent::NodeDeleted, [&] {
        return fmt::format("the session {} is told of {} of {}, which it does not watch", toText(fact.session),
                           toText(fact.event), fact.path);
    });
    const std::pair<SessionId, std::string> where{fact.session, fact.path};
    if (fact.event != WatchEvent::NodeChildrenChanged) {
        m_watches.erase(WatchKey{where, WatchKind::Node});
        m_watches.erase(WatchKey{where, WatchKind::Absence});
    }
    if (fact.event == WatchEvent::NodeChildrenChanged || fact.event == WatchEvent::NodeDeleted) {
        m_watches.erase(WatchKey{where, WatchKind::Children});
    }
}

void CoordinationBook::onHeld(const zookeeper::SessionHeld& fact) {
    if (fact.isNew) {
        m_seen.set(fact.session, Seen{Zxid{}, m_changes.endIndex()});
        return;
    }
    // A node that came and went while its client was away is not told: the server sees only that it is not there.
    forget(fact.session, true);
}

void CoordinationBook::forget(SessionId session, bool onlyAbsences) {
    std::vector<WatchKey> gone;
    for (auto at = m_watches.lowerBound(WatchKey{{session, std::string()}, WatchKind::Node});
         at != m_watches.end() && at->first.first.first == session; ++at) {
        if (!onlyAbsences || at->first.second == WatchKind::Absence) {
            gone.push_back(at->first);
        }
    }
    for (const WatchKey& key : gone) {
        m_watches.erase(key);
    }
}

}  // namespace millrace::run
