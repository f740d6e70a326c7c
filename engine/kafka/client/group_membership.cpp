#include "engine/kafka/client/group_membership.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/base/check.h"
#include "engine/kafka/client/assignor.h"
#include "engine/kafka/client/cost.h"
#include "engine/kafka/protocol/group.h"

namespace millrace::kafka {
namespace {

/// AbstractCoordinator.JOIN_GROUP_TIMEOUT_LAPSE
constexpr SimDuration joinGrace = std::chrono::seconds{5};
constexpr SimDuration retryBackoff = std::chrono::milliseconds{100};

enum Tag : BrokerLinks::Tag { JoinTag = GroupMembership::tagsBegin, SyncTag, HeartbeatTag, LeaveTag };

struct MembershipTimer final : sim::MessageBase<MembershipTimer> {
    static constexpr std::string_view Name = "kafka.MembershipTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"heartbeat to the group", "next try to join the group"};
        return std::string{words[static_cast<std::size_t>(what)]};
    }
    enum class What : std::uint8_t { Heartbeat, Retry };
    std::uint32_t instance;
    What what;
    MembershipTimer(std::uint32_t of, What why) : instance(of), what(why) {}
    void digest(Digest& digest) const override {
        digest.add(instance);
        digest.add(static_cast<std::uint32_t>(what));
    }
};

/// What the coordinator will say again however often it is asked, and why; empty for everything else.
std::string refusalForGood(ErrorCode error, const GroupMembershipConfig& config) {
    switch (error) {
        case ErrorCode::InvalidSessionTimeout:
            return fmt::format(
                "InvalidSessionTimeout: session.timeout.ms {} is not between the broker's group.min.session.timeout.ms "
                "and group.max.session.timeout.ms",
                config.sessionTimeout / std::chrono::milliseconds{1});
        case ErrorCode::InconsistentGroupProtocol:
            return fmt::format("InconsistentGroupProtocol: the group has members that do not know {}", config.assignor);
        case ErrorCode::InvalidGroupId:
            return "InvalidGroupId: the coordinator takes no group of this name";
        case ErrorCode::GroupMaxSizeReached:
            return "GroupMaxSizeReached: the group has as many members as group.max.size allows";
        default:
            return {};
    }
}

}  // namespace

void GroupMembership::subscribe(std::vector<TopicName> topics) {
    std::sort(topics.begin(), topics.end());
    m_topics = std::move(topics);
}

void GroupMembership::leave(sim::Context& context, CoordinatorClient& coordinator) {
    if (coordinator.isReady() && !m_memberId.empty()) {
        LeaveGroupRequest request;
        request.group = m_group;
        request.members.push_back({m_memberId, std::nullopt, {}});
        coordinator.send(context, std::move(request), LeaveTag);
    }
    Change change;
    reset(change);
    m_topics.clear();
}

void GroupMembership::setBusy(bool busy, Change& change) {
    m_isBusy = busy;
    if (!busy && m_rejoinPutOff) {
        rejoin(change);
    }
}

void GroupMembership::leaveLate(sim::Context& context, CoordinatorClient& coordinator, Change& change) {
    const std::vector<TopicName> topics = m_topics;
    leave(context, coordinator);
    m_topics = topics;
    change.revoked = true;
}

void GroupMembership::advance(sim::Context& context, CoordinatorClient& coordinator) {
    if (!isSubscribed() || m_isBusy || m_underWay || m_retryArmed || !coordinator.isReady()) {
        return;
    }
    if (m_state == State::Out || m_state == State::Joining) {
        sendJoin(context, coordinator);
    } else if (m_state == State::Syncing) {
        sendSync(context, coordinator);
    }
}

void GroupMembership::sendJoin(sim::Context& context, CoordinatorClient& coordinator) {
    JoinGroupRequest request;
    request.group = m_group;
    request.memberId = m_memberId;
    request.sessionTimeout = m_config.sessionTimeout;
    request.rebalanceTimeout = m_config.rebalanceTimeout;
    request.protocols.push_back({m_config.assignor, encodeSubscription(m_topics)});
    context.spend(cost::clientRequest);
    // A join is answered when the slowest member has come, so it may take as long as the rebalance and a little more.
    coordinator.send(context, std::move(request), JoinTag, m_config.rebalanceTimeout + joinGrace);
    m_state = State::Joining;
    m_underWay = true;
}

void GroupMembership::sendSync(sim::Context& context, CoordinatorClient& coordinator) {
    SyncGroupRequest request;
    request.group = m_group;
    request.generation = m_generation;
    request.memberId = m_memberId;
    for (const auto& [id, assignment] : m_toAssign) {
        request.assignments.push_back({id, assignment});
    }
    context.spend(cost::clientRequest);
    coordinator.send(context, std::move(request), SyncTag);
    m_underWay = true;
}

void GroupMembership::sendHeartbeat(sim::Context& context, CoordinatorClient& coordinator) {
    HeartbeatRequest request;
    request.group = m_group;
    request.generation = m_generation;
    request.memberId = m_memberId;
    context.spend(cost::clientRequest);
    coordinator.send(context, std::move(request), HeartbeatTag);
}

void GroupMembership::armHeartbeat(sim::Context& context) {
    if (!m_heartbeatArmed) {
        m_heartbeatArmed = true;
        context.arm(m_config.heartbeatInterval, makeRef<MembershipTimer>(m_instance, MembershipTimer::What::Heartbeat));
    }
}

void GroupMembership::armRetry(sim::Context& context) {
    if (!m_retryArmed) {
        m_retryArmed = true;
        context.arm(retryBackoff, makeRef<MembershipTimer>(m_instance, MembershipTimer::What::Retry));
    }
}

bool GroupMembership::handleTimer(sim::Context& context, const sim::Message& message, CoordinatorClient& coordinator,
                                  Change&) {
    const auto* timer = message.as<MembershipTimer>();
    if (timer == nullptr || timer->instance != m_instance) {
        return false;
    }
    if (timer->what == MembershipTimer::What::Retry) {
        m_retryArmed = false;
        advance(context, coordinator);
        return true;
    }
    m_heartbeatArmed = false;
    if (m_state == State::Stable) {
        if (coordinator.isReady()) {
            sendHeartbeat(context, coordinator);
        }
        armHeartbeat(context);
    }
    return true;
}

void GroupMembership::onLost() {
    m_underWay = false;
}

void GroupMembership::rejoinAtNextPoll(Change& change) {
    if (m_isBusy) {
        m_rejoinPutOff = true;
    } else {
        rejoin(change);
    }
}

// Eager: nothing is kept over a rebalance.
void GroupMembership::rejoin(Change& change) {
    m_rejoinPutOff = false;
    change.revoked = change.revoked || m_state == State::Stable;
    change.assigned = false;
    m_assignment.clear();
    m_toAssign.clear();
    m_isLeader = false;
    m_state = State::Joining;
}

void GroupMembership::reset(Change& change) {
    rejoin(change);
    m_state = State::Out;
    m_generation = -1;
    m_memberId.clear();
}

bool GroupMembership::coordinatorMoved(sim::Context& context, ErrorCode error, CoordinatorClient& coordinator) {
    if (error == ErrorCode::NotCoordinator || error == ErrorCode::CoordinatorNotAvailable) {
        coordinator.forget(context);
        return true;
    }
    return false;
}

void GroupMembership::onResponse(sim::Context& context, const BrokerLinks::Event& event, CoordinatorClient& coordinator,
                                 const ClusterClient& cluster, Change& change) {
    context.spend(cost::clientResponse);
    switch (event.tag) {
        case JoinTag:
            m_underWay = false;
            onJoined(context, *event.response, coordinator, cluster, change);
            break;
        case SyncTag:
            m_underWay = false;
            onSynced(context, *event.response, coordinator, change);
            break;
        case HeartbeatTag:
            onHeartbeat(context, *event.response, coordinator, change);
            break;
        default:
            break;
    }
}

void GroupMembership::onJoined(sim::Context& context, const sim::Message& message, CoordinatorClient& coordinator,
                               const ClusterClient& cluster, Change& change) {
    const auto* response = message.as<JoinGroupResponse>();
    MILLRACE_CHECK(response != nullptr, message.summary());
    if (m_state != State::Joining) {
        return;  // it has left meanwhile
    }
    if (response->error == ErrorCode::MemberIdRequired) {
        m_memberId = response->memberId;
    } else if (response->error == ErrorCode::UnknownMemberId) {
        reset(change);
    } else if (std::string refusal = refusalForGood(response->error, m_config); !refusal.empty()) {
        reset(change);
        m_topics.clear();
        change.failed = std::move(refusal);
        return;
    } else if (response->error != ErrorCode::None) {
        if (!coordinatorMoved(context, response->error, coordinator)) {
            armRetry(context);
        }
        return;
    } else {
        m_state = State::Syncing;
        m_generation = response->generation;
        m_memberId = response->memberId;
        m_isLeader = response->leader == m_memberId;
        m_toAssign.clear();
        if (m_isLeader) {
            std::vector<MemberSubscription> members;
            std::vector<TopicName> topics;
            for (const auto& member : response->members) {
                members.push_back({member.memberId, decodeSubscription(member.metadata->text())});
                topics.insert(topics.end(), members.back().topics.begin(), members.back().topics.end());
            }
            m_counted = countPartitions(cluster, std::move(topics));
            auto ranges = assignRanges(members, {m_counted.begin(), m_counted.end()});
            if (m_config.assignsTwice && ranges.size() > 1 && !ranges.begin()->second.empty()) {
                ranges.rbegin()->second.push_back(ranges.begin()->second.front());
            }
            if (m_config.leavesOneOut && !ranges.begin()->second.empty()) {
                ranges.begin()->second.erase(ranges.begin()->second.begin());
            }
            for (auto& [id, partitions] : ranges) {
                m_toAssign.emplace_back(id, encodeAssignment(partitions));
            }
        }
    }
    advance(context, coordinator);
}

std::vector<std::pair<TopicName, std::int32_t>> GroupMembership::countPartitions(const ClusterClient& cluster,
                                                                                 std::vector<TopicName> topics) const {
    std::sort(topics.begin(), topics.end());
    topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
    std::vector<std::pair<TopicName, std::int32_t>> counts;
    for (const TopicName& topic : topics) {
        const TopicMetadata* known = cluster.findTopic(topic);
        counts.emplace_back(topic, known != nullptr ? static_cast<std::int32_t>(known->partitions.size()) : 0);
    }
    return counts;
}

void GroupMembership::onMetadata(const ClusterClient& cluster, Change& change) {
    if (m_state != State::Stable || !m_isLeader) {
        return;
    }
    std::vector<TopicName> topics;
    for (const auto& [topic, count] : m_counted) {
        topics.push_back(topic);
    }
    if (countPartitions(cluster, std::move(topics)) != m_counted) {
        rejoinAtNextPoll(change);
    }
}

void GroupMembership::onSynced(sim::Context& context, const sim::Message& message, CoordinatorClient& coordinator,
                               Change& change) {
    const auto* response = message.as<SyncGroupResponse>();
    MILLRACE_CHECK(response != nullptr, message.summary());
    if (m_state != State::Syncing) {
        return;
    }
    switch (response->error) {
        case ErrorCode::None:
            m_state = State::Stable;
            m_assignment =
                response->assignment ? decodeAssignment(response->assignment->text()) : std::vector<TopicPartition>{};
            std::sort(m_assignment.begin(), m_assignment.end());
            change.assigned = true;
            armHeartbeat(context);
            return;
        case ErrorCode::UnknownMemberId:
        case ErrorCode::IllegalGeneration:
            reset(change);
            break;
        default:
            if (coordinatorMoved(context, response->error, coordinator)) {
                rejoin(change);
                return;
            }
            rejoin(change);
            break;
    }
    advance(context, coordinator);
}

void GroupMembership::onHeartbeat(sim::Context& context, const sim::Message& message, CoordinatorClient& coordinator,
                                  Change& change) {
    const auto* response = message.as<HeartbeatResponse>();
    MILLRACE_CHECK(response != nullptr, message.summary());
    if (m_state != State::Stable) {
        return;
    }
    switch (response->error) {
        case ErrorCode::RebalanceInProgress:
            rejoinAtNextPoll(change);
            break;
        case ErrorCode::UnknownMemberId:
        case ErrorCode::IllegalGeneration:
            reset(change);
            break;
        default:
            coordinatorMoved(context, response->error, coordinator);
            break;
    }
}

void GroupMembership::onCommitRefused(ErrorCode error, Change& change) {
    if (m_state != State::Stable) {
        return;
    }
    if (error == ErrorCode::RebalanceInProgress) {
        rejoinAtNextPoll(change);
    } else if (error == ErrorCode::UnknownMemberId || error == ErrorCode::IllegalGeneration) {
        reset(change);
    }
}

}  // namespace millrace::kafka
