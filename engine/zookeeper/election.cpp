#include "engine/zookeeper/election.h"

#include <tuple>

namespace millrace::zookeeper {

namespace {

bool isBetter(const Vote& a, const Vote& b) {
    return std::tuple{a.epoch, a.zxid, a.leader} > std::tuple{b.epoch, b.zxid, b.leader};
}

}  // namespace

void Election::begin(ServerId self, std::size_t quorum, Vote own) {
    m_self = self;
    m_quorum = quorum;
    m_own = own;
    ++m_round;
    m_votes.clear();
    m_outside.clear();
    want(own);
}

void Election::want(const Vote& vote) {
    m_proposal = vote;
    ++m_stamp;
}

std::size_t Election::supporters() const {
    std::size_t count = 1;  // this server
    for (const auto& [id, heard] : m_votes) {
        count += heard.vote == m_proposal ? 1U : 0U;
    }
    return count;
}

std::optional<Vote> Election::settled(std::uint64_t stamp) const {
    return stamp == m_stamp && hasQuorum() ? std::optional{m_proposal} : std::nullopt;
}

bool Election::hasElected(const Votes& votes, const Notification& notification, bool withOwn) const {
    const Vote& wanted = notification.vote;
    const auto leader = votes.find(wanted.leader);
    const bool leads = wanted.leader == m_self ? m_round == notification.round
                                               : leader != votes.end() && leader->second.state == ServerState::Leading;
    if (!leads) {
        return false;
    }
    std::size_t count = withOwn && m_proposal.leader == wanted.leader ? 1 : 0;
    for (const auto& [id, heard] : votes) {
        count += heard.vote.leader == wanted.leader && heard.vote.epoch == wanted.epoch ? 1U : 0U;
    }
    return count >= m_quorum;
}

Election::Outcome Election::receive(const Notification& notification) {
    Outcome outcome;
    const Heard heard{notification.state, notification.vote, notification.round};
    if (notification.state != ServerState::Looking) {
        if (notification.round == m_round) {
            m_votes[notification.from] = heard;
            if (hasElected(m_votes, notification, true)) {
                outcome.decided = notification.vote;
                return outcome;
            }
        }
        m_outside[notification.from] = heard;
        if (hasElected(m_outside, notification, false)) {
            m_round = notification.round;
            outcome.decided = notification.vote;
        }
        return outcome;
    }
    if (notification.round < m_round) {
        outcome.answer = true;
        return outcome;
    }
    if (notification.round > m_round) {
        m_round = notification.round;
        m_votes.clear();
        want(isBetter(notification.vote, m_own) ? notification.vote : m_own);
        outcome.broadcast = true;
    } else if (isBetter(notification.vote, m_proposal)) {
        want(notification.vote);
        outcome.broadcast = true;
    }
    m_votes[notification.from] = heard;
    outcome.settling = hasQuorum();
    return outcome;
}

}  // namespace millrace::zookeeper
