#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/kafka/client/consumer.h"
#include "engine/kafka/client/cost.h"
#include "engine/kafka/journal_kinds.h"

namespace millrace::kafka {

// --- Offsets committed by the group ---------------------------------------------------------------------------------

void Consumer::askCommitted(sim::Context& context) {
    if (!m_coordinator.isReady()) {
        return;
    }
    OffsetFetchRequest request;
    std::vector<TopicPartition>& asked =
        request.groups.emplace_back(OffsetFetchRequest::Group{m_config.group, {}}).partitions.emplace();
    for (Partition& partition : m_partitions) {
        if (partition.stage == Stage::NeedsCommitted && !partition.asked) {
            partition.asked = true;
            asked.push_back(partition.name);
        }
    }
    if (asked.empty()) {
        return;
    }
    context.spend(cost::clientRequest);
    m_coordinator.send(context, std::move(request), ++m_nextTag);
}

void Consumer::takeCommitted(sim::Context& context, const OffsetFetchResponse& response) {
    context.spend(cost::clientResponse);
    const OffsetFetchResponse::Group& said = response.groups.front();
    for (const auto& result : said.partitions) {
        Partition* partition = find(result.partition);
        if (partition == nullptr || partition->stage != Stage::NeedsCommitted) {
            continue;
        }
        const ErrorCode error = said.error != ErrorCode::None ? said.error : result.error;
        if (error == ErrorCode::NotCoordinator || error == ErrorCode::CoordinatorNotAvailable) {
            m_coordinator.forget(context);
            partition->asked = false;
        } else if (error != ErrorCode::None) {
            retryLater(context);
        } else if (result.offset != noOffset) {
            setPosition(context, *partition, result.offset, PositionSet::Why::Committed);
            partition->positionEpoch = result.leaderEpoch;
        } else if (m_config.offsetReset == OffsetReset::None) {
            failPartition(
                context, *partition,
                fmt::format("NoOffsetForPartition: nothing is committed for {}, and auto.offset.reset is none",
                            toText(partition->name)));
        } else {
            startLookUp(*partition, partition->lookUpTimestamp);
        }
    }
}

void Consumer::commit(sim::Context& context, const std::vector<Commit>& offsets, std::uint64_t token) {
    MILLRACE_CHECK(!m_config.group.empty() && !offsets.empty());
    m_commits.push_back({token, offsets, m_assignedIn, 0, false});
    m_coordinator.ensure(context, m_client);
    sendCommits(context);
}

void Consumer::sendCommits(sim::Context& context) {
    if (!m_coordinator.isReady()) {
        return;
    }
    for (PendingCommit& commit : m_commits) {
        if (commit.waits) {
            break;  // A later one would be followed by this older one, and the offsets set back.
        }
        if (commit.tag != 0) {
            continue;
        }
        OffsetCommitRequest request;
        request.group = m_config.group;
        request.generation = commit.heldBy.generation;
        request.memberId = commit.heldBy.memberId;
        for (const Commit& offset : commit.offsets) {
            const Partition* partition = find(offset.partition);
            OffsetCommitRequest::Partition item;
            item.partition = offset.partition;
            item.offset = offset.offset;
            const bool isKnown = offset.epoch == noEpoch && partition != nullptr;
            item.leaderEpoch = isKnown ? partition->positionEpoch : offset.epoch;
            request.partitions.push_back(std::move(item));
        }
        commit.tag = ++m_nextTag;
        context.spend(cost::clientRequest);
        m_coordinator.send(context, std::move(request), commit.tag);
    }
}

void Consumer::settleCommit(sim::Context& context, BrokerLinks::Tag tag, const OffsetCommitResponse* response,
                            Outcome& outcome, GroupMembership::Change& change) {
    const auto at = std::find_if(m_commits.begin(), m_commits.end(),
                                 [&](const PendingCommit& commit) { return commit.tag == tag; });
    MILLRACE_CHECK(at != m_commits.end() && response != nullptr, tag);
    context.spend(cost::clientResponse);
    ErrorCode error = ErrorCode::None;
    for (const auto& result : response->partitions) {
        error = error == ErrorCode::None ? result.error : error;
    }
    switch (error) {
        case ErrorCode::NotCoordinator:
        case ErrorCode::CoordinatorNotAvailable:
            at->tag = 0;
            m_coordinator.forget(context);
            return;
        case ErrorCode::CoordinatorLoadInProgress:
        case ErrorCode::RequestTimedOut:
            at->tag = 0;
            at->waits = true;
            retryLater(context);
            return;
        default:
            break;
    }
    outcome.commits.push_back({at->token, error});
    const bool isOfToday =
        at->heldBy.generation == m_membership.generation() && at->heldBy.memberId == m_membership.memberId();
    m_commits.erase(at);
    if (isOfToday) {
        m_membership.onCommitRefused(error, change);
    }
}

// --- Offsets that only leaders know ---------------------------------------------------------------------------------

void Consumer::askLeaders(sim::Context& context) {
    bool someWithoutLeader = false;
    std::vector<std::pair<BrokerId, ListOffsetsRequest>> lookUps;
    std::vector<std::pair<BrokerId, OffsetForLeaderEpochRequest>> checks;
    const auto forBroker = [](auto& requests, BrokerId broker) -> auto& {
        for (auto& [id, request] : requests) {
            if (id == broker) {
                return request;
            }
        }
        return requests.emplace_back(broker, typename std::decay_t<decltype(requests)>::value_type::second_type{})
            .second;
    };
    for (Partition& partition : m_partitions) {
        const bool asks = partition.stage == Stage::NeedsLookUp || partition.stage == Stage::NeedsCheck;
        if (!asks || partition.asked) {
            continue;
        }
        const PartitionMetadata* known = m_client.findPartition(partition.name);
        if (known == nullptr || known->leader == noBroker) {
            someWithoutLeader = true;
        } else if (!m_client.links().isOpen(known->leader)) {
            m_client.links().connect(context, known->leader);
        } else {
            partition.asked = true;
            if (partition.stage == Stage::NeedsLookUp) {
                ListOffsetsRequest& request = forBroker(lookUps, known->leader);
                request.isolation = m_config.isolation;
                request.partitions.push_back({partition.name, known->leaderEpoch, partition.lookUpTimestamp});
            } else {
                forBroker(checks, known->leader)
                    .partitions.push_back({partition.name, known->leaderEpoch, partition.positionEpoch});
            }
        }
    }
    for (auto& [broker, request] : lookUps) {
        context.spend(cost::clientRequest);
        m_client.links().send(context, broker, std::move(request), ++m_nextTag);
    }
    for (auto& [broker, request] : checks) {
        context.spend(cost::clientRequest);
        m_client.links().send(context, broker, std::move(request), ++m_nextTag);
    }
    if (someWithoutLeader) {
        m_client.requestUpdate(context);
    }
}

void Consumer::takeOffsets(sim::Context& context, const ListOffsetsResponse& response) {
    for (const auto& result : response.partitions) {
        Partition* partition = find(result.partition);
        if (partition == nullptr || partition->stage != Stage::NeedsLookUp) {
            continue;
        }
        if (result.error != ErrorCode::None) {
            m_client.requestUpdate(context);
            retryLater(context);
        } else if (result.offset == noOffset) {
            // No record is as young as the time stamp: read on at the end.
            startLookUp(*partition, ListOffsetsRequest::latest);
        } else {
            setPosition(context, *partition, result.offset, PositionSet::Why::LookedUp);
            partition->positionEpoch = noEpoch;
            if (const PartitionMetadata* known = m_client.findPartition(partition->name)) {
                partition->leaderEpoch = known->leaderEpoch;
            }
        }
    }
}

// A leader of a later epoch may lack what an earlier one had: positions that have an epoch are checked against its log.
void Consumer::checkLeaders() {
    for (Partition& partition : m_partitions) {
        const PartitionMetadata* known = m_client.findPartition(partition.name);
        if (known == nullptr || known->leader == noBroker || known->leaderEpoch <= partition.leaderEpoch ||
            partition.stage != Stage::Ready) {
            continue;
        }
        partition.leaderEpoch = known->leaderEpoch;
        if (partition.positionEpoch != noEpoch && partition.positionEpoch < known->leaderEpoch) {
            // What is buffered came from the old leader and was below its high watermark; the check starts at the
            // position.
            partition.buffered.clear();
            partition.fetchedTo = partition.position;
            partition.stage = Stage::NeedsCheck;
            partition.asked = false;
        }
    }
}

void Consumer::takeEpochs(sim::Context& context, const OffsetForLeaderEpochResponse& response) {
    for (const auto& result : response.partitions) {
        Partition* partition = find(result.partition);
        if (partition == nullptr || partition->stage != Stage::NeedsCheck) {
            continue;
        }
        if (result.error != ErrorCode::None) {
            m_client.requestUpdate(context);
            retryLater(context);
            continue;
        }
        const bool truncated = result.end.endOffset != noOffset && result.end.endOffset < partition->position;
        if (truncated) {
            noteTruncation(context, *partition, result.end.endOffset);
        }
        if (truncated && m_config.offsetReset == OffsetReset::None) {
            failPartition(context, *partition,
                          fmt::format("LogTruncation: {} was cut off at {}, and auto.offset.reset is none",
                                      toText(partition->name), result.end.endOffset.value));
            continue;
        }
        setPosition(context, *partition, truncated ? result.end.endOffset : partition->position,
                    truncated ? PositionSet::Why::Truncated : PositionSet::Why::Checked);
        partition->positionEpoch = truncated ? result.end.epoch : partition->positionEpoch;
    }
}

void Consumer::noteTruncation(sim::Context& context, const Partition& partition, Offset to) const {
    sim::JournalDraft draft;
    draft.kind = happened::consumerTruncated;
    draft.severity = sim::Severity::Error;
    draft.text = fmt::format("{} was cut off at {} below the position {} of its reader", toText(partition.name),
                             to.value, partition.position.value);
    draft.fields = {field::topic(partition.name.topic.text()),
                    field::partition(partition.name.partition),
                    {"position", toText(partition.position)},
                    {"end", toText(to)},
                    {"group", m_config.group}};
    context.journal(std::move(draft));
}

}  // namespace millrace::kafka
