#include <fmt/format.h>

#include <algorithm>

#include "engine/base/utf8.h"
#include "engine/kafka/group/group_coordinator.h"
#include "engine/kafka/group/group_coordinator_internal.h"
#include "engine/kafka/journal_kinds.h"

namespace millrace::kafka {
namespace {

void journal(sim::Context& context, std::string_view kind, sim::Severity severity, std::string text, const Group& group,
             std::vector<std::pair<std::string_view, std::string>> more = {}) {
    sim::JournalDraft draft;
    draft.kind = kind;
    draft.severity = severity;
    draft.text = std::move(text);
    draft.fields = {{"group", group.name}, {"generation", std::to_string(group.generation)}};
    draft.fields.insert(draft.fields.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    context.journal(std::move(draft));
}

template <class Answer>
void replyTo(CoordinatorServices& services, std::optional<RequestOrigin>& parked, Answer answer) {
    const RequestOrigin origin = *parked;
    parked.reset();
    if (origin.connection == sim::noConnection) {
        return;
    }
    answer.answers(origin);
    services.respond(origin, makeRef<Answer>(std::move(answer)));
}

}  // namespace

ErrorCode commitError(ErrorCode appendError) {
    switch (appendError) {
        case ErrorCode::UnknownTopicOrPartition:
        case ErrorCode::NotEnoughReplicas:
        case ErrorCode::NotEnoughReplicasAfterAppend:
        case ErrorCode::RequestTimedOut:
            return ErrorCode::CoordinatorNotAvailable;
        case ErrorCode::NotLeaderOrFollower:
        case ErrorCode::KafkaStorageError:
            return ErrorCode::NotCoordinator;
        case ErrorCode::MessageTooLarge:
        case ErrorCode::RecordListTooLarge:
            return ErrorCode::InvalidCommitOffsetSize;
        default:
            return appendError;
    }
}

bool haveSameContent(const std::vector<JoinGroupRequest::Protocol>& a,
                     const std::vector<JoinGroupRequest::Protocol>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        const std::string_view left = x.metadata ? x.metadata->text() : std::string_view{};
        const std::string_view right = y.metadata ? y.metadata->text() : std::string_view{};
        return x.name == y.name && left == right;
    });
}

std::string newMemberId(CoordinatorServices& services, const RequestOrigin& origin, std::uint64_t number) {
    // A stream of its own for each id: drawing one shifts nothing else in the broker.
    RandomStream random =
        services.context().makeStream(fmt::format("member/{}/{}", services.context().incarnation(), number));
    const std::uint64_t high = random.next();
    const std::uint64_t low = random.next();
    constexpr std::size_t clientMost = 255;  // The id has to fit into a field of 16 bits.
    return fmt::format("{}-{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", utf8Front(origin.clientId.text(), clientMost),
                       high >> 32U, (high >> 16U) & 0xFFFFU, high & 0xFFFFU, low >> 48U, low & 0xFFFFFFFFFFFFU);
}

void GroupCoordinator::onMessage(Services& services, const sim::Message& message) {
    if (const auto* session = message.as<SessionTimer>()) {
        if (Group* group = find(session->group)) {
            sessionTimerFired(services, *group, session->member);
        }
    } else if (const auto* pending = message.as<PendingMemberTimer>()) {
        Group* group = find(pending->group);
        if (group != nullptr && std::erase(group->pendingMembers, pending->member) > 0) {
            completeJoinIfAllCame(services, *group);
        }
    } else if (const auto* loaded = message.as<GroupsLoaded>()) {
        if (m_runtime.loaded(loaded->partition, loaded->round)) {
            load(services, loaded->partition);
        }
    } else if (const auto* join = message.as<JoinTimer>()) {
        Group* group = find(join->group);
        if (group != nullptr && group->joinRound == join->round && group->state == GroupState::PreparingRebalance) {
            joinDelayOver(services, *group);
        }
    }
}

void GroupCoordinator::addMember(Services& services, Group& group, const std::string& id, const RequestOrigin& origin,
                                 const JoinGroupRequest& request) {
    GroupMember& member = group.members[id];
    member.id = id;
    member.clientId = origin.clientId.text();
    member.isNew = true;
    group.joinOrder.push_back(id);
    group.protocolType = request.protocolType;
    if (group.leader.empty()) {
        group.leader = id;
    }
    park(services, group, member, origin, request);
    if (group.state == GroupState::PreparingRebalance) {
        // Only a group without a past is held up for those who come one after the other.
        group.memberCameDuringDelay = group.memberCameDuringDelay || group.generation == 0;
        completeJoinIfAllCame(services, group);
    } else {
        prepareRebalance(services, group, fmt::format("{} joins", id));
    }
}

void GroupCoordinator::park(Services& services, Group& group, GroupMember& member, const RequestOrigin& origin,
                            const JoinGroupRequest& request) {
    member.protocols = request.protocols;
    member.sessionTimeout = request.sessionTimeout;
    member.rebalanceTimeout = request.rebalanceTimeout;
    member.join = origin;
    member.sync.reset();
    renewSession(services, group, member, origin.connection);
}

void GroupCoordinator::prepareRebalance(Services& services, Group& group, std::string_view reason) {
    if (group.state == GroupState::CompletingRebalance) {
        for (auto& [id, member] : group.members) {
            member.assignment = nullptr;
            if (member.sync) {
                SyncGroupResponse answer;
                answer.error = ErrorCode::RebalanceInProgress;
                replyTo(services, member.sync, std::move(answer));
            }
        }
    }
    const bool isNewGroup = group.state == GroupState::Empty;
    group.state = GroupState::PreparingRebalance;
    group.memberCameDuringDelay = false;
    ++group.joinRound;
    journal(services.context(), happened::groupRebalancing, sim::Severity::Notice,
            fmt::format("Group {} rebalances: {}", group.name, reason), group, {{"reason", std::string{reason}}});
    SimDuration delay = group.rebalanceTimeout();
    if (isNewGroup) {
        delay = std::min(m_config.groupInitialRebalanceDelay, delay);
        group.joinDelayLeft = group.rebalanceTimeout() - delay;
    } else {
        group.joinDelayLeft = SimDuration{0};
    }
    group.isFirstJoin = isNewGroup;
    services.context().arm(delay, makeRef<JoinTimer>(group.name, group.joinRound));
    completeJoinIfAllCame(services, group);
}

void GroupCoordinator::completeJoinIfAllCame(Services& services, Group& group) {
    // A new group waits for its delay to pass, so that members that start together share their first generation.
    if (group.state == GroupState::PreparingRebalance && !group.isFirstJoin && group.everybodyJoined()) {
        completeJoin(services, group);
    }
}

void GroupCoordinator::joinDelayOver(Services& services, Group& group) {
    if (group.isFirstJoin && group.memberCameDuringDelay && group.joinDelayLeft > SimDuration{0}) {
        const SimDuration delay = std::min(m_config.groupInitialRebalanceDelay, group.joinDelayLeft);
        group.joinDelayLeft -= delay;
        group.memberCameDuringDelay = false;
        services.context().arm(delay, makeRef<JoinTimer>(group.name, group.joinRound));
        return;
    }
    std::vector<std::string> absent;
    for (const auto& [id, member] : group.members) {
        if (!member.join) {
            absent.push_back(id);
        }
    }
    for (const std::string& id : absent) {
        group.members.erase(id);
        std::erase(group.joinOrder, id);
        journal(services.context(), happened::memberRemoved, sim::Severity::Notice,
                fmt::format("Group {} removes {}: it did not join in time", group.name, id), group,
                {{"member", id}, {"reason", "it did not join in time"}});
    }
    // Whoever was given an id and has not come yet may still: the group comes together once more then.
    completeJoin(services, group);
}

void GroupCoordinator::completeJoin(Services& services, Group& group) {
    ++group.generation;
    ++group.rebalances;
    ++group.joinRound;
    group.isFirstJoin = false;
    if (group.members.empty()) {
        group.state = GroupState::Empty;
        group.protocol.clear();
        group.leader.clear();
        journal(services.context(), happened::groupEmpty, sim::Severity::Notice,
                fmt::format("Group {} has no members", group.name), group);
        storeGroup(services, group, PendingAppend::What::Marker);
        return;
    }
    group.state = GroupState::CompletingRebalance;
    if (group.find(group.leader) == nullptr) {
        group.leader = group.joinOrder.front();
    }
    group.protocol = group.selectProtocol();
    journal(
        services.context(), happened::groupGeneration, sim::Severity::Notice,
        fmt::format("Group {} has generation {} with {} members", group.name, group.generation, group.members.size()),
        group, {{"members", std::to_string(group.members.size())}, {"leader", group.leader}});
    for (const std::string& id : group.joinOrder) {
        GroupMember& member = group.members.at(id);
        member.isNew = false;
        renewSession(services, group, member, member.join->connection);
        replyTo(services, member.join, joinAnswer(group, member));
    }
}

JoinGroupResponse GroupCoordinator::joinAnswer(const Group& group, const GroupMember& member) {
    JoinGroupResponse answer;
    answer.generation = group.generation;
    answer.protocolType = group.protocolType;
    answer.protocol = group.protocol;
    answer.leader = group.leader;
    answer.memberId = member.id;
    if (group.leader == member.id) {
        for (const std::string& id : group.joinOrder) {
            const auto* protocol = group.members.at(id).findProtocol(group.protocol);
            answer.members.push_back({id, std::nullopt, protocol != nullptr ? protocol->metadata : BytesRef{}});
        }
    }
    return answer;
}

SyncGroupResponse GroupCoordinator::syncAnswer(const Group& group, const GroupMember& member) {
    SyncGroupResponse answer;
    answer.protocolType = group.protocolType;
    answer.protocol = group.protocol;
    answer.assignment = member.assignment;
    return answer;
}

void GroupCoordinator::finishAssignment(Services& services, Group& group, ErrorCode error) {
    if (error != ErrorCode::None) {
        for (auto& [id, member] : group.members) {
            member.assignment = nullptr;
            if (member.sync) {
                SyncGroupResponse answer;
                answer.error = error;
                replyTo(services, member.sync, std::move(answer));
            }
        }
        prepareRebalance(services, group, "its assignment could not be stored");
        return;
    }
    group.state = GroupState::Stable;
    journal(services.context(), happened::groupStable, sim::Severity::Notice,
            fmt::format("Group {} is stable in generation {}", group.name, group.generation), group);
    for (const std::string& id : group.joinOrder) {
        GroupMember& member = group.members.at(id);
        if (member.sync) {
            renewSession(services, group, member, member.sync->connection);
            replyTo(services, member.sync, syncAnswer(group, member));
        }
    }
}

void GroupCoordinator::removeMember(Services& services, Group& group, const std::string& id, std::string_view reason) {
    journal(services.context(), happened::memberRemoved, sim::Severity::Notice,
            fmt::format("Group {} removes {}: {}", group.name, id, reason), group,
            {{"member", id}, {"reason", std::string{reason}}});
    GroupMember& member = *group.find(id);
    if (member.join) {
        JoinGroupResponse answer;
        answer.error = ErrorCode::UnknownMemberId;
        answer.memberId = id;
        replyTo(services, member.join, std::move(answer));
    }
    if (member.sync) {
        SyncGroupResponse answer;
        answer.error = ErrorCode::UnknownMemberId;
        replyTo(services, member.sync, std::move(answer));
    }
    group.members.erase(id);
    std::erase(group.joinOrder, id);
    if (group.leader == id) {
        group.leader = group.joinOrder.empty() ? std::string{} : group.joinOrder.front();
    }
    if (group.state == GroupState::PreparingRebalance) {
        completeJoinIfAllCame(services, group);
    } else {
        prepareRebalance(services, group, fmt::format("{} is gone", id));
    }
}

// --- Sessions -------------------------------------------------------------------------------------------------------

void GroupCoordinator::renewSession(Services& services, const Group& group, GroupMember& member,
                                    sim::ConnectionId connection) {
    member.sessionEnd = services.context().now() + member.sessionTimeout;
    if (connection != sim::noConnection) {
        member.sessionConnection = connection;
    }
    armSession(services, group, member);
}

// One timer a member is under way at any time; when it fires early it is set again for the rest.
void GroupCoordinator::armSession(Services& services, const Group& group, GroupMember& member) {
    if (member.sessionTimerArmed) {
        return;
    }
    member.sessionTimerArmed = true;
    sim::Context& context = services.context();
    const SimDuration rest = std::max(member.sessionEnd - context.now(), SimDuration{0});
    auto timer = makeRef<SessionTimer>(group.name, member.id);
    if (member.sessionConnection == sim::noConnection) {
        context.arm(rest, std::move(timer));
    } else {
        context.waitFor(member.sessionConnection, rest, std::move(timer));
    }
}

void GroupCoordinator::sessionTimerFired(Services& services, Group& group, const std::string& id) {
    GroupMember* member = group.find(id);
    if (member == nullptr) {
        return;
    }
    member->sessionTimerArmed = false;
    // A member whose join or sync is parked waits for us, not we for it.
    const bool waitsForUs = (member->join && member->join->connection != sim::noConnection) || member->sync;
    if (waitsForUs) {
        member->sessionEnd = services.context().now() + member->sessionTimeout;
    }
    if (services.context().now() < member->sessionEnd) {
        armSession(services, group, *member);
        return;
    }
    removeMember(services, group, id, "its session timed out");
}

}  // namespace millrace::kafka
