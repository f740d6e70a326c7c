#include "engine/kafka/group/group_coordinator.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "engine/kafka/facts.h"
#include "engine/kafka/group/group_coordinator_internal.h"
#include "engine/kafka/group/group_records.h"
#include "engine/kafka/metrics.h"

namespace millrace::kafka {

template <class Answer>
void GroupCoordinator::reply(Services& services, const RequestOrigin& to, Answer answer) {
    answer.answers(to);
    services.respond(to, makeRef<Answer>(std::move(answer)));
}

GroupCoordinator::GroupCoordinator(const BrokerConfig& config)
    : m_config(config), m_runtime(consumerOffsetsTopic, config.offsetsCommitTimeout) {}

Group* GroupCoordinator::find(std::string_view group) {
    const auto at = m_groups.find(group);
    return at == m_groups.end() ? nullptr : &at->second;
}

ErrorCode GroupCoordinator::checkCoordinates(Services& services, std::string_view group) const {
    return group.empty() ? ErrorCode::InvalidGroupId : m_runtime.shards().check(services, group);
}

Group& GroupCoordinator::findOrCreate(Services& services, const std::string& name) {
    Group& group = m_groups[name];
    if (group.name.empty()) {
        group.name = name;
        group.partition = m_runtime.shards().partitionOf(services, name);
    }
    return group;
}

void GroupCoordinator::onRequest(Services& services, const RequestOrigin& origin, const sim::Message& request) {
    if (const auto* joining = request.as<JoinGroupRequest>()) {
        join(services, origin, *joining);
    } else if (const auto* syncing = request.as<SyncGroupRequest>()) {
        sync(services, origin, *syncing);
    } else if (const auto* beating = request.as<HeartbeatRequest>()) {
        heartbeat(services, origin, *beating);
    } else if (const auto* leaving = request.as<LeaveGroupRequest>()) {
        leave(services, origin, *leaving);
    } else if (const auto* committing = request.as<OffsetCommitRequest>()) {
        commit(services, origin, *committing);
    } else if (const auto* fetching = request.as<OffsetFetchRequest>()) {
        fetchOffsets(services, origin, *fetching);
    }
}

// --- JoinGroup ------------------------------------------------------------------------------------------------------

void GroupCoordinator::join(Services& services, const RequestOrigin& origin, const JoinGroupRequest& request) {
    JoinGroupResponse answer;
    answer.memberId = request.memberId;
    answer.error = checkCoordinates(services, request.group);
    if (answer.error == ErrorCode::None && (request.sessionTimeout < m_config.groupMinSessionTimeout ||
                                            request.sessionTimeout > m_config.groupMaxSessionTimeout)) {
        answer.error = ErrorCode::InvalidSessionTimeout;
    }
    if (answer.error == ErrorCode::None && find(request.group) == nullptr && !request.memberId.empty()) {
        answer.error = ErrorCode::UnknownMemberId;
    }
    if (answer.error != ErrorCode::None) {
        reply(services, origin, std::move(answer));
        return;
    }
    Group& group = findOrCreate(services, request.group);
    if (!group.supports(request.protocolType, request.protocols)) {
        answer.error = ErrorCode::InconsistentGroupProtocol;
        reply(services, origin, std::move(answer));
    } else if (request.memberId.empty() && !request.isToldItsIdFirst()) {
        addMember(services, group, newMemberId(services, origin, ++m_membersNamed), origin, request);
    } else if (request.memberId.empty()) {
        // KIP-394: a newcomer is told its id and comes again with it, so that a lost answer leaves no ghost behind.
        answer.error = ErrorCode::MemberIdRequired;
        answer.memberId = newMemberId(services, origin, ++m_membersNamed);
        group.pendingMembers.push_back(answer.memberId);
        services.context().waitFor(origin.connection, std::max(request.sessionTimeout, SimDuration{0}),
                                   makeRef<PendingMemberTimer>(group.name, answer.memberId));
        reply(services, origin, std::move(answer));
    } else if (std::erase(group.pendingMembers, request.memberId) > 0) {
        addMember(services, group, request.memberId, origin, request);
    } else if (group.find(request.memberId) == nullptr) {
        answer.error = ErrorCode::UnknownMemberId;
        reply(services, origin, std::move(answer));
    } else {
        joinKnown(services, group, origin, request);
    }
}

void GroupCoordinator::joinKnown(Services& services, Group& group, const RequestOrigin& origin,
                                 const JoinGroupRequest& request) {
    GroupMember& member = *group.find(request.memberId);
    const bool sameProtocols = haveSameContent(member.protocols, request.protocols);
    const bool isLeader = group.leader == member.id;
    const bool repeats = (group.state == GroupState::CompletingRebalance && sameProtocols) ||
                         (group.state == GroupState::Stable && sameProtocols && !isLeader);
    if (repeats) {
        // Its answer was lost: it gets the present generation's once more.
        renewSession(services, group, member, origin.connection);
        reply(services, origin, joinAnswer(group, member));
        return;
    }
    park(services, group, member, origin, request);
    if (group.state == GroupState::PreparingRebalance) {
        completeJoinIfAllCame(services, group);
    } else {
        prepareRebalance(services, group, fmt::format("{} joins again", member.id));
    }
}

// --- SyncGroup, Heartbeat, LeaveGroup -------------------------------------------------------------------------------

void GroupCoordinator::sync(Services& services, const RequestOrigin& origin, const SyncGroupRequest& request) {
    SyncGroupResponse answer;
    answer.error = checkCoordinates(services, request.group);
    Group* group = answer.error == ErrorCode::None ? find(request.group) : nullptr;
    GroupMember* member = group != nullptr ? group->find(request.memberId) : nullptr;
    if (answer.error == ErrorCode::CoordinatorLoadInProgress) {
        // What was known of the rebalance is lost: it begins anew with a join.
        answer.error = ErrorCode::RebalanceInProgress;
    } else if (answer.error != ErrorCode::None) {
    } else if (member == nullptr) {
        answer.error = ErrorCode::UnknownMemberId;
    } else if (request.generation != group->generation) {
        answer.error = ErrorCode::IllegalGeneration;
    } else if (request.protocolType.value_or(group->protocolType) != group->protocolType ||
               request.protocol.value_or(group->protocol) != group->protocol) {
        answer.error = ErrorCode::InconsistentGroupProtocol;
    } else if (group->state == GroupState::PreparingRebalance) {
        answer.error = ErrorCode::RebalanceInProgress;
    } else if (group->state == GroupState::Empty || group->state == GroupState::Dead) {
        answer.error = ErrorCode::UnknownMemberId;
    } else if (group->state == GroupState::CompletingRebalance) {
        member->sync = origin;
        member->sessionConnection = origin.connection;
        if (group->leader == member->id) {
            for (auto& [id, each] : group->members) {
                each.assignment = nullptr;
            }
            for (const auto& [id, assignment] : request.assignments) {
                if (GroupMember* target = group->find(id)) {
                    target->assignment = assignment;
                }
            }
            if (recordSizeOf(*group) > m_config.messageMaxBytes) {
                finishAssignment(services, *group, ErrorCode::UnknownServerError);  // as RecordTooLarge comes out
            } else {
                storeGroup(services, *group, PendingAppend::What::Assignment);
            }
        }
        return;
    } else {
        renewSession(services, *group, *member, origin.connection);
        reply(services, origin, syncAnswer(*group, *member));
        return;
    }
    reply(services, origin, std::move(answer));
}

void GroupCoordinator::heartbeat(Services& services, const RequestOrigin& origin, const HeartbeatRequest& request) {
    HeartbeatResponse answer;
    answer.error = checkCoordinates(services, request.group);
    Group* group = answer.error == ErrorCode::None ? find(request.group) : nullptr;
    GroupMember* member = group != nullptr ? group->find(request.memberId) : nullptr;
    if (answer.error == ErrorCode::CoordinatorLoadInProgress) {
        answer.error = ErrorCode::None;  // Nobody knows better yet.
    } else if (answer.error != ErrorCode::None) {
    } else if (member == nullptr) {
        answer.error = ErrorCode::UnknownMemberId;
    } else if (request.generation != group->generation) {
        answer.error = ErrorCode::IllegalGeneration;
    } else {
        renewSession(services, *group, *member, origin.connection);
        answer.error =
            group->state == GroupState::PreparingRebalance ? ErrorCode::RebalanceInProgress : ErrorCode::None;
    }
    reply(services, origin, std::move(answer));
}

ErrorCode GroupCoordinator::leave(Services& services, Group* group, const std::string& member) {
    if (group != nullptr && std::erase(group->pendingMembers, member) > 0) {
        completeJoinIfAllCame(services, *group);
    } else if (group == nullptr || group->find(member) == nullptr) {
        return ErrorCode::UnknownMemberId;
    } else {
        removeMember(services, *group, member, "it left");
    }
    return ErrorCode::None;
}

void GroupCoordinator::leave(Services& services, const RequestOrigin& origin, const LeaveGroupRequest& request) {
    LeaveGroupResponse answer;
    answer.error = checkCoordinates(services, request.group);
    Group* group = answer.error == ErrorCode::None ? find(request.group) : nullptr;
    for (const LeaveGroupRequest::Member& each : request.members) {
        if (answer.error == ErrorCode::None) {
            answer.members.push_back({each.memberId, each.groupInstanceId, leave(services, group, each.memberId)});
        }
    }
    if (origin.version < 3 && !answer.members.empty()) {
        answer.error = answer.members.front().error;
    }
    reply(services, origin, std::move(answer));
}

// --- Offsets --------------------------------------------------------------------------------------------------------

ErrorCode GroupCoordinator::checkCommit(const OffsetCommitRequest& request) {
    Group* group = find(request.group);
    const bool fromOutside = request.generation < 0 && request.memberId.empty();
    if (fromOutside) {
        // Who assigns partitions itself may commit for a group without members only.
        return group == nullptr || group->state == GroupState::Empty ? ErrorCode::None : ErrorCode::UnknownMemberId;
    }
    if (m_config.broken.acceptAnyGeneration && group != nullptr) {
        return ErrorCode::None;
    }
    const GroupMember* member = group != nullptr ? group->find(request.memberId) : nullptr;
    if (member == nullptr) {
        return group == nullptr && request.generation >= 0 ? ErrorCode::IllegalGeneration : ErrorCode::UnknownMemberId;
    }
    if (request.generation != group->generation) {
        return ErrorCode::IllegalGeneration;
    }
    return group->state == GroupState::CompletingRebalance ? ErrorCode::RebalanceInProgress : ErrorCode::None;
}

void GroupCoordinator::commit(Services& services, const RequestOrigin& origin, const OffsetCommitRequest& request) {
    ErrorCode error = checkCoordinates(services, request.group);
    if (error == ErrorCode::None) {
        error = checkCommit(request);
    }
    PendingAppend pending;
    pending.what = PendingAppend::What::Offsets;
    pending.origin = origin;
    RecordBatchBuilder builder;
    const std::int64_t clock = services.context().clockMillis();
    bool isTooLarge = false;
    for (const auto& offset : request.partitions) {
        ErrorCode refused = error;
        if (refused == ErrorCode::None && !services.knowsPartition(offset.partition)) {
            refused = ErrorCode::UnknownTopicOrPartition;
        } else if (refused == ErrorCode::None && offset.metadata.size() > offsetMetadataMax) {
            refused = ErrorCode::OffsetMetadataTooLarge;
        }
        if (refused != ErrorCode::None) {
            pending.refused.partitions.push_back({offset.partition, refused});
            continue;
        }
        pending.offsets.push_back(offset);
        // Each record repeats the group's name, and a request may name a partition as often as it likes.
        isTooLarge = isTooLarge ||
                     static_cast<std::int64_t>(builder.sizeInBytes() + request.group.size()) > m_config.messageMaxBytes;
        if (!isTooLarge) {
            builder.append(clock, offsetKey(request.group, offset.partition), offsetValue(offset, clock));
        }
    }
    if (isTooLarge) {
        for (const auto& offset : std::exchange(pending.offsets, {})) {
            pending.refused.partitions.push_back({offset.partition, ErrorCode::InvalidCommitOffsetSize});
        }
    }
    if (pending.offsets.empty()) {
        reply(services, origin, pending.refused);
        return;
    }
    Group& group = findOrCreate(services, request.group);
    pending.group = group.name;
    pending.partition = group.partition;
    pending.generation = request.generation;
    pending.acceptedIn = group.generation;
    if (m_config.broken.commitBack && m_runtime.nextWrite() % 4 == 0) {
        for (auto& offset : pending.offsets) {
            offset.offset = std::max(Offset{0}, offset.offset - 50);
        }
    }
    if (GroupMember* member = group.find(request.memberId)) {
        renewSession(services, group, *member, origin.connection);
    }
    tellCommit(services, pending, false);
    append(services, std::move(pending), builder.build());
}

void GroupCoordinator::tellCommit(Services& services, const PendingAppend& append, bool isStored) {
    sim::Context& context = services.context();
    if (!context.isListenedTo()) {
        return;
    }
    const PartitionLog* led = m_runtime.shards().log(services, append.partition);
    for (const auto& what : append.offsets) {
        const auto committed = makeRef<OffsetCommitted>();
        committed->group = append.group;
        committed->partition = what.partition;
        committed->offset = what.offset;
        committed->generation = append.generation;
        committed->groupGeneration = append.acceptedIn;
        committed->leaderEpoch = led == nullptr ? noEpoch.value : led->epochs().latest().value;
        committed->isStored = isStored;
        context.tell(committed);
    }
}

void GroupCoordinator::finishCommit(Services& services, const PendingAppend& append, ErrorCode error) {
    OffsetCommitResponse answer = append.refused;
    Group* group = find(append.group);
    for (const auto& offset : append.offsets) {
        answer.partitions.push_back({offset.partition, error});
        if (error == ErrorCode::None && group != nullptr) {
            group->offsets.set(offset.partition,
                               {offset.offset, offset.leaderEpoch, offset.metadata, services.context().now()});
        }
    }
    if (error == ErrorCode::None && group != nullptr) {
        tellCommit(services, append, true);
    }
    m_commits += error == ErrorCode::None ? 1U : 0U;
    reply(services, append.origin, std::move(answer));
}

OffsetFetchResponse::Group GroupCoordinator::offsetsOf(Services& services, const OffsetFetchRequest::Group& asked) {
    OffsetFetchResponse::Group said;
    said.group = asked.group;
    said.error = checkCoordinates(services, asked.group);
    const Group* group = said.error == ErrorCode::None ? find(asked.group) : nullptr;
    const auto add = [&](const TopicPartition& partition, const CommittedOffset* committed) {
        if (committed != nullptr) {
            said.partitions.push_back(
                {partition, committed->offset, committed->leaderEpoch, committed->metadata, ErrorCode::None});
        } else {
            said.partitions.push_back({partition, noOffset, noEpoch, {}, said.error});
        }
    };
    if (asked.partitions) {
        for (const TopicPartition& partition : *asked.partitions) {
            add(partition, group != nullptr ? group->offsets.find(partition) : nullptr);
        }
    } else if (group != nullptr) {
        for (const auto& [partition, committed] : group->offsets) {
            add(partition, &committed);
        }
    }
    return said;
}

void GroupCoordinator::fetchOffsets(Services& services, const RequestOrigin& origin,
                                    const OffsetFetchRequest& request) {
    OffsetFetchResponse answer;
    // A group's offsets are told once, however often it is named.
    std::set<std::string_view> named;
    for (const OffsetFetchRequest::Group& asked : request.groups) {
        if (named.insert(asked.group).second) {
            answer.groups.push_back(offsetsOf(services, asked));
        }
    }
    reply(services, origin, std::move(answer));
}

// --- The log --------------------------------------------------------------------------------------------------------

void GroupCoordinator::append(Services& services, PendingAppend pending, BatchRef batch) {
    const PartitionIndex partition = pending.partition;
    m_runtime.append(services, partition, std::move(pending), std::move(batch));
}

void GroupCoordinator::onAppended(Services& services, PartitionIndex, std::uint64_t token, ErrorCode error) {
    m_runtime.appended(token, [&](const PendingAppend& append) { finish(services, append, error); });
}

void GroupCoordinator::finish(Services& services, const PendingAppend& append, ErrorCode error) {
    if (append.what == PendingAppend::What::Offsets) {
        finishCommit(services, append, commitError(error));
        return;
    }
    Group* group = find(append.group);
    const bool stillWaits = group != nullptr && append.what == PendingAppend::What::Assignment &&
                            group->state == GroupState::CompletingRebalance && group->generation == append.generation;
    if (stillWaits) {
        finishAssignment(services, *group, commitError(error));
    }
}

void GroupCoordinator::storeGroup(Services& services, const Group& group, PendingAppend::What what) {
    PendingAppend pending;
    pending.what = what;
    pending.partition = group.partition;
    pending.group = group.name;
    pending.generation = group.generation;
    RecordBatchBuilder builder;
    const std::int64_t clock = services.context().clockMillis();
    builder.append(clock, groupKey(group.name), groupValue(group, clock));
    append(services, std::move(pending), builder.build());
}

void GroupCoordinator::onLead(Services& services, PartitionIndex partition, LeaderEpoch) {
    const bool isActive = m_runtime.lead(services, partition,
                                         [&](std::uint64_t round) { return makeRef<GroupsLoaded>(partition, round); });
    if (isActive) {
        load(services, partition);
    }
}

void GroupCoordinator::load(Services& services, PartitionIndex partition) {
    m_runtime.replay(services, partition, [&](const RecordBatch& batch) { loadGroups(batch, partition, m_groups); });
    for (auto& [name, group] : m_groups) {
        for (auto& [id, member] : group.members) {
            if (group.partition == partition) {
                member.sessionEnd = services.context().now() + member.sessionTimeout;
                armSession(services, group, member);
            }
        }
    }
}

void loadGroups(const RecordBatch& batch, PartitionIndex partition, std::map<std::string, Group, std::less<>>& groups) {
    for (const RecordView& record : batch.records()) {
        const auto read = record.key ? readGroupRecord(*record.key, record.value) : std::nullopt;
        if (!read) {
            continue;
        }
        if (const auto* offset = std::get_if<OffsetRecord>(&*read)) {
            Group& group = groups[offset->group];
            group.name = offset->group;
            group.partition = partition;
            if (offset->committed) {
                group.offsets.set(offset->partition, *offset->committed);
            } else {
                group.offsets.erase(offset->partition);
            }
            continue;
        }
        const auto& stored = std::get<GroupRecord>(*read);
        if (!stored.state) {
            groups.erase(stored.group);
            continue;
        }
        Group& group = groups[stored.group];
        Group loaded = *stored.state;
        loaded.partition = partition;
        loaded.offsets = group.offsets;
        group = std::move(loaded);
    }
}

void GroupCoordinator::onResign(Services& services, PartitionIndex partition) {
    m_runtime.resign(partition);
    for (auto it = m_groups.begin(); it != m_groups.end();) {
        if (it->second.partition != partition) {
            ++it;
            continue;
        }
        for (auto& [id, member] : it->second.members) {
            if (member.join) {
                JoinGroupResponse answer;
                answer.error = ErrorCode::NotCoordinator;
                answer.memberId = id;
                reply(services, *member.join, std::move(answer));
            }
            if (member.sync) {
                SyncGroupResponse answer;
                answer.error = ErrorCode::NotCoordinator;
                reply(services, *member.sync, std::move(answer));
            }
        }
        it = m_groups.erase(it);
    }
}

void GroupCoordinator::onConnectionClosed(Services&, sim::ConnectionId connection) {
    for (auto& [name, group] : m_groups) {
        for (auto& [id, member] : group.members) {
            for (auto* parked : {&member.join, &member.sync}) {
                if (*parked && (*parked)->connection == connection) {
                    // Kept, because a member that has joined counts as present until its session ends; the broker drops
                    // the answer.
                    (*parked)->connection = sim::noConnection;
                }
            }
        }
    }
}

void GroupCoordinator::sample(sim::MetricSink& sink) const {
    sink.add(metric::groups, static_cast<double>(m_groups.size()));
    sink.add(metric::offsetCommits, static_cast<double>(m_commits));
}

}  // namespace millrace::kafka
