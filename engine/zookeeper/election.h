#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "engine/zookeeper/protocol.h"
#include "engine/zookeeper/types.h"

namespace millrace::zookeeper {

/// ZooKeeper's fast leader election (FastLeaderElection.java) as one looking server sees it. A value without timers or
/// connections: the server carries its notifications and tells it what it hears.
/// Every server first wants itself, then the best candidate it hears of; a vote that a quorum shares and that nothing
/// better has followed for `settleTime` is the result. One that finds a leader already at work joins it.
class Election {
public:
    static constexpr SimDuration settleTime = std::chrono::milliseconds{200};
    static constexpr SimDuration resendMin = std::chrono::milliseconds{200};
    static constexpr SimDuration resendMax = std::chrono::seconds{60};

    struct Outcome {
        bool broadcast = false;       ///< our vote has changed: tell everybody
        bool answer = false;          ///< the sender is behind: tell it
        bool settling = false;        ///< a quorum agrees: ask `settled(stamp())` after `settleTime`
        std::optional<Vote> decided;  ///< a leader is already at work
    };

    void begin(ServerId self, std::size_t quorum, Vote own);
    Outcome receive(const Notification& notification);
    /// Our own vote alone is a quorum only in an ensemble of one.
    [[nodiscard]] bool hasQuorum() const { return supporters() >= m_quorum; }
    /// The result, when nothing has changed since the stamp was taken.
    [[nodiscard]] std::optional<Vote> settled(std::uint64_t stamp) const;
    [[nodiscard]] std::uint64_t stamp() const { return m_stamp; }
    [[nodiscard]] const Vote& proposal() const { return m_proposal; }
    [[nodiscard]] std::uint64_t round() const { return m_round; }

private:
    struct Heard {
        ServerState state = ServerState::Looking;
        Vote vote;
        std::uint64_t round = 0;
    };
    using Votes = std::map<ServerId, Heard>;

    void want(const Vote& vote);
    [[nodiscard]] std::size_t supporters() const;
    [[nodiscard]] bool hasElected(const Votes& votes, const Notification& notification, bool withOwn) const;

    ServerId m_self = noServer;
    std::size_t m_quorum = 1;
    Vote m_own;
    Vote m_proposal;
    std::uint64_t m_round = 0;
    std::uint64_t m_stamp = 0;
    Votes m_votes;    ///< of this round
    Votes m_outside;  ///< of servers that follow or lead
};

}  // namespace millrace::zookeeper
