#include "engine/kafka/broker/partition.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace millrace::kafka {

Partition::Accepted Partition::accept(sim::Context& context, const PartitionState& state, BrokerId self) {
    const bool isFirst = m_role == Role::None && m_state.replicas.empty();
    if (!isFirst && state.leaderEpoch < m_state.leaderEpoch) {
        return Accepted::Stale;
    }
    const bool isSameLeader = state.leaderEpoch == m_state.leaderEpoch && state.leader == m_state.leader;
    if (!isFirst && m_role != Role::None && isSameLeader) {
        return Accepted::Same;
    }
    const bool wasLeader = m_role == Role::Leader;
    m_state = state;
    m_proposed.reset();
    if (state.leader == self) {
        m_role = Role::Leader;
        becomeLeader(context, !wasLeader, self);
    } else {
        m_role = Role::Follower;
        m_followers.clear();
    }
    return Accepted::Changed;
}

void Partition::stop() {
    m_role = Role::None;
    m_proposed.reset();
    m_followers.clear();
}

void Partition::becomeLeader(sim::Context& context, bool isNewLeader, BrokerId self) {
    log.beginEpoch(context, m_state.leaderEpoch);
    m_epochStart = log.end();
    if (isNewLeader) {
        m_followers.clear();
    }
    std::vector<FollowerProgress> followers;
    for (const BrokerId replica : m_state.replicas) {
        if (replica == self) {
            continue;
        }
        const auto known = std::find_if(m_followers.begin(), m_followers.end(),
                                        [&](const FollowerProgress& follower) { return follower.id == replica; });
        FollowerProgress progress;
        if (known != m_followers.end()) {
            progress = *known;
        }
        progress.id = replica;
        progress.caughtUp = holds(m_state.isr, replica) ? context.now() : longAgo;
        if (known == m_followers.end()) {
            progress.lastFetch = longAgo;
        }
        followers.push_back(progress);
    }
    m_followers = std::move(followers);
}

std::int32_t Partition::minInSync() const {
    return std::min(m_minInSync, static_cast<std::int32_t>(m_state.replicas.size()));
}

bool Partition::noteFetch(BrokerId replica, Offset fetchOffset, SimTime now) {
    for (FollowerProgress& follower : m_followers) {
        if (follower.id != replica) {
            continue;
        }
        if (fetchOffset >= log.end()) {
            follower.caughtUp = std::max(follower.caughtUp, now);
        } else if (fetchOffset >= follower.leaderEndAtFetch && follower.leaderEndAtFetch != noOffset) {
            // It has all that there was at its last fetch: it had caught up by then.
            follower.caughtUp = std::max(follower.caughtUp, follower.lastFetch);
        }
        follower.logEnd = fetchOffset;
        follower.leaderEndAtFetch = log.end();
        follower.lastFetch = now;
        return true;
    }
    return false;
}

bool Partition::isInMaximalSet(BrokerId replica) const {
    return holds(m_state.isr, replica) || (m_proposed && holds(*m_proposed, replica));
}

bool Partition::isCaughtUp(const FollowerProgress& follower, SimTime now, SimDuration lagMax) const {
    return follower.logEnd == log.end() || now - follower.caughtUp <= lagMax;
}

bool Partition::advanceHighWatermark(SimTime now, SimDuration lagMax) {
    MILLRACE_CHECK(m_role == Role::Leader, toText(m_partition));
    if (isUnderMinInSync()) {
        return false;
    }
    Offset least = log.end();
    for (const FollowerProgress& follower : m_followers) {
        if (follower.logEnd < least && (isInMaximalSet(follower.id) || isCaughtUp(follower, now, lagMax))) {
            least = follower.logEnd;
        }
    }
    return log.raiseHighWatermark(least);
}

std::optional<std::vector<BrokerId>> Partition::expandedBy(BrokerId replica) const {
    if (m_proposed || isInMaximalSet(replica)) {
        return std::nullopt;
    }
    for (const FollowerProgress& follower : m_followers) {
        if (follower.id == replica && follower.logEnd >= log.highWatermark() && follower.logEnd >= m_epochStart) {
            std::vector<BrokerId> joined = m_state.isr;
            joined.push_back(replica);
            return joined;
        }
    }
    return std::nullopt;
}

std::optional<std::vector<BrokerId>> Partition::shrunk(SimTime now, SimDuration lagMax) const {
    if (m_role != Role::Leader || m_proposed) {
        return std::nullopt;
    }
    const auto lags = [&](const FollowerProgress& follower) {
        return !isCaughtUp(follower, now, lagMax) && holds(m_state.isr, follower.id);
    };
    if (std::none_of(m_followers.begin(), m_followers.end(), lags)) {
        return std::nullopt;
    }
    std::vector<BrokerId> left = m_state.isr;
    for (const FollowerProgress& follower : m_followers) {
        if (lags(follower)) {
            std::erase(left, follower.id);
        }
    }
    return left;
}

void Partition::confirm(const std::vector<BrokerId>& inSyncSet, std::int32_t partitionEpoch) {
    m_state.isr = inSyncSet;
    m_state.partitionEpoch = partitionEpoch;
    m_proposed.reset();
}

std::optional<ErrorCode> Partition::reached(Offset end) const {
    if (log.highWatermark() < end) {
        return std::nullopt;
    }
    // Against the maximal set: a member that is about to join counts, as its records did for the watermark.
    std::size_t inSync = m_state.isr.size();
    if (m_proposed) {
        inSync = std::max(inSync, m_proposed->size());
    }
    return std::cmp_less(inSync, minInSync()) ? ErrorCode::NotEnoughReplicasAfterAppend : ErrorCode::None;
}

}  // namespace millrace::kafka
