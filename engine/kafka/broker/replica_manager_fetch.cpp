#include <algorithm>
#include <map>

#include "engine/base/check.h"
#include "engine/kafka/broker/replica_manager.h"
#include "engine/kafka/cost.h"

namespace millrace::kafka {

namespace {

/// What a leader says to a request that carries the requester's idea of the leader epoch.
ErrorCode checkEpoch(const Partition& partition, LeaderEpoch asked) {
    if (asked == noEpoch || asked == partition.leaderEpoch()) {
        return ErrorCode::None;
    }
    return asked < partition.leaderEpoch() ? ErrorCode::FencedLeaderEpoch : ErrorCode::UnknownLeaderEpoch;
}

}  // namespace

void ReplicaManager::Learner::operator()(const FetchSession& session, const FetchItem& item) const {
    (void)writable(replicas.m_partitions[item.slot])
        .noteFetch(session.replica, item.asked.fetchOffset, session.fetchedAt);
}

/// Whether nothing about it is due, whatever time it is, until the partition changes or the follower asks otherwise.
bool ReplicaManager::isQuiet(const FetchItem& item) const {
    if (checkFetch(item) != ErrorCode::None) {
        return false;
    }
    const PartitionLog& log = at(item.slot).log;
    return item.asked.fetchOffset == log.end() && log.highWatermark() == log.end() &&
           item.sentHighWatermark == log.highWatermark() && item.sentLogStart == log.start() &&
           item.asked.fetchOffset >= log.start() && !divergence(item);
}

// --- what there is to read

ErrorCode ReplicaManager::checkFetch(const FetchItem& item) const {
    if (item.slot == noSlot) {
        return ErrorCode::UnknownTopicOrPartition;
    }
    const Partition& partition = at(item.slot);
    if (!partition.isLeader()) {
        return ErrorCode::NotLeaderOrFollower;
    }
    return checkEpoch(partition, item.asked.currentLeaderEpoch);
}

/// Where the fetcher's log and this one part, when they do: its last epoch ends elsewhere here (KIP-595's form of
/// KIP-101).
std::optional<EpochEnd> ReplicaManager::divergence(const FetchItem& item) const {
    const PartitionLog& log = at(item.slot).log;
    if (item.asked.lastFetchedEpoch == noEpoch || item.asked.lastFetchedEpoch == log.epochs().latest()) {
        // Within the leader's own epoch a fetcher can only be behind, or hold what this leader never had.
        const bool isAhead = item.asked.lastFetchedEpoch != noEpoch && item.asked.fetchOffset > log.end();
        return isAhead ? std::optional(EpochEnd{log.epochs().latest(), log.end()}) : std::nullopt;
    }
    const EpochEnd end = log.endOfEpoch(item.asked.lastFetchedEpoch);
    if (end.endOffset == noOffset) {
        return std::nullopt;
    }
    const bool differs = end.epoch < item.asked.lastFetchedEpoch || end.endOffset < item.asked.fetchOffset;
    return differs ? std::optional(end) : std::nullopt;
}

ReplicaManager::Readable ReplicaManager::readable(const FetchItems& items, bool isFollower, ByteCount enough) const {
    Readable found;
    for (const FetchItem* const each : items) {
        const FetchItem& item = *each;
        if (checkFetch(item) != ErrorCode::None) {
            found.mustAnswer = true;
            return found;
        }
        const PartitionLog& log = at(item.slot).log;
        const Offset from = item.asked.fetchOffset;
        const bool isUnlimited = isFollower || m_config->broken.readAboveHighWatermark;
        const Offset limit = isUnlimited ? log.end() : log.highWatermark();
        if (from == limit && (!isFollower || item.asked.lastFetchedEpoch == log.epochs().latest())) {
            continue;
        }
        const bool isOutside = from < log.start() || from > log.end();
        if (isOutside || divergence(item)) {
            found.mustAnswer = true;
            return found;
        }
        if (found.bytes < enough) {
            found.bytes += log.bytesBetween(from, limit, enough - found.bytes);
        }
    }
    return found;
}

// --- answering

/// Adds the partition to the response; in a session's later answers only if there is something to say.
void ReplicaManager::read(FetchItem& item, const FetchRequest& request, bool isIncremental, FetchBudget& budget,
                          FetchResponse& response, const MetadataCache* metadata) {
    FetchResponse::Partition said;
    said.error = checkFetch(item);
    if (item.slot == noSlot) {
        said.error = errorOfUnknown(item.asked.partition, metadata);
    }
    if (said.error == ErrorCode::None) {
        const PartitionLog& log = at(item.slot).log;
        const bool isFollower = request.replica != consumerReplica;
        const Offset from = item.asked.fetchOffset;
        const bool isUnlimited = isFollower || m_config->broken.readAboveHighWatermark;
        const Offset limit = isUnlimited ? log.end() : log.highWatermark();
        said.highWatermark = said.lastStableOffset = log.highWatermark();
        said.logStartOffset = log.start();
        const bool isCurrent = from == limit && item.asked.lastFetchedEpoch == log.epochs().latest();
        said.divergingEpoch = isCurrent ? std::nullopt : divergence(item);
        if (!said.divergingEpoch && (from < log.start() || from > log.end())) {
            said.error = ErrorCode::OffsetOutOfRange;
        } else if (!said.divergingEpoch && from < limit) {
            const ByteCount most = std::min<ByteCount>(budget.left, item.asked.maxBytes);
            // The first partition with data gives its first batch whatever the limits say, so that readers get on.
            const bool isFirst = budget.sent == 0;
            if (most < 0) {
                said.error = ErrorCode::UnknownServerError;  // what LogSegment.read's complaint comes out as
            } else {
                const ByteCount bytes = log.read(from, limit, most, isFirst, said.batches);
                budget.sent += bytes;
                if (!isFollower && bytes > 0) {
                    m_bytesOut[item.slot] += static_cast<std::uint64_t>(bytes);
                    m_changes.note(item.slot);
                }
                budget.left = std::max<ByteCount>(budget.left - bytes, 0);
            }
        }
        const bool isNews = !said.batches.empty() || said.divergingEpoch || said.error != ErrorCode::None ||
                            said.highWatermark != item.sentHighWatermark || said.logStartOffset != item.sentLogStart;
        item.sentHighWatermark = said.highWatermark;
        item.sentLogStart = said.logStartOffset;
        if (isIncremental && !isNews) {
            return;
        }
    }
    said.partition = item.asked.partition;
    response.partitions.push_back(std::move(said));
}

void ReplicaManager::answerFetch(sim::Context& context, sim::ConnectionId connection, const FetchRequest& request,
                                 const FetchItems& items, FetchSession* session, const MetadataCache* metadata) {
    auto response = makeRef<FetchResponse>();
    response->answers(request);
    response->sessionId = session == nullptr ? 0 : session->id;
    const bool isIncremental = session != nullptr && request.sessionEpoch > 0;
    response->partitions.reserve(isIncremental ? 4 : items.size());
    FetchBudget budget{std::min(request.maxBytes, m_config->fetchMaxBytes), 0};
    FetchItems gave;
    for (FetchItem* const item : items) {
        const std::size_t before = response->partitions.size();
        read(*item, request, isIncremental, budget, *response, metadata);
        if (response->partitions.size() > before && !response->partitions.back().batches.empty()) {
            gave.push_back(item);
        }
    }
    if (isIncremental) {
        session->moveToEnd(gave);  // KIP-227
    }
    context.spend(cost::bytes(budget.sent, cost::sendByte));
    (request.replica == consumerReplica ? counters.bytesOut : counters.replicationBytesOut) +=
        static_cast<std::uint64_t>(budget.sent);
    m_answers.push_back({connection, std::move(response), false});
}

void ReplicaManager::noteFollower(sim::Context& context, BrokerId replica, const FetchItems& items) {
    for (const FetchItem* const each : items) {
        const FetchItem& item = *each;
        if (item.slot == noSlot || checkFetch(item) != ErrorCode::None) {
            continue;
        }
        const Offset from = item.asked.fetchOffset;
        const Partition& known = at(item.slot);
        if (from < known.log.start() || from > known.log.end() ||
            (item.asked.lastFetchedEpoch != known.log.epochs().latest() && divergence(item))) {
            continue;
        }
        // How far this follower is concerns no other one, until that moves the high watermark or the in-sync set.
        Partition& partition = writable(m_partitions[item.slot]);
        if (!partition.noteFetch(replica, from, context.now())) {
            continue;
        }
        if (partition.inSyncSet().size() < partition.replicas().size()) {
            if (auto joined = partition.expandedBy(replica)) {
                propose(context, item.slot, std::move(*joined));
            }
        }
        if (partition.log.highWatermark() < partition.log.end() &&
            partition.advanceHighWatermark(context.now(), m_config->replicaLagTimeMax)) {
            (void)edit(item.slot);
            m_advanced.insert(item.slot);
        }
    }
}

void ReplicaManager::fetch(sim::Context& context, const RequestOrigin& origin, Ref<const FetchRequest> request,
                           const MetadataCache& metadata) {
    const bool isFollower = request->replica != consumerReplica;
    const bool hasSession = isFollower && request->sessionEpoch != FetchRequest::sessionless;
    context.spend(cost::partition * static_cast<std::int64_t>(request->partitions.size()));

    const auto refuse = [&](ErrorCode error) {
        auto refusal = makeRef<FetchResponse>();
        refusal->answers(*request);
        refusal->error = error;
        m_answers.push_back({origin.connection, std::move(refusal), false});
    };
    // Consumers are given no session: one that goes on with a session names one that is not there.
    const bool goesOn = request->sessionEpoch != 0 && request->sessionEpoch != FetchRequest::sessionless;
    if (!isFollower && goesOn) {
        refuse(ErrorCode::FetchSessionIdNotFound);
        return;
    }
    DelayedFetch delayed{origin.connection, request, context.now() + request->maxWait, {}, {}};
    FetchSession* session = nullptr;
    if (hasSession) {
        const auto slotOf = [this](const TopicPartition& partition) { return find(partition); };
        const ErrorCode error = m_sessions.update(origin.connection, *request, slotOf, Learner{*this});
        if (error != ErrorCode::None) {
            refuse(error);
            return;
        }
        session = m_sessions.of(origin.connection);
    } else {
        for (const FetchRequest::Partition& asked : request->partitions) {
            FetchItem& item = delayed.items.emplace_back();
            item.slot = find(asked.partition);
            item.asked = asked;
            delayed.reads.push_back(item.slot);
        }
        std::sort(delayed.reads.begin(), delayed.reads.end());
    }
    const FetchItems items = delayed.itemsToRead(session);
    const bool isEmpty = session != nullptr ? session->empty() : items.empty();

    // The answer is read before the follower's progress is taken in: its high watermark trails by a round trip.
    const Readable found = readable(items, isFollower, request->minBytes);
    const bool isDue = found.mustAnswer || found.bytes >= request->minBytes || request->maxWait.count() <= 0 || isEmpty;
    if (isDue) {
        answerFetch(context, origin.connection, *request, items, session, &metadata);
    }
    if (isFollower) {
        // An answer changes their order; and the first request of a session reads those that sleep as well.
        const bool isOther = session != nullptr && (isDue || request->sessionEpoch == 0);
        noteFollower(context, request->replica, isOther ? session->awake() : items);
    }
    if (session != nullptr) {
        session->fetchedAt = context.now();
        m_sessions.settle(*session, [this](const FetchItem& item) { return isQuiet(item); });
    }
    if (!isDue) {
        m_expiration.watch(context, delayed.deadline);
        m_delayedFetches.add(std::move(delayed));
    }
}

// --- single questions

Ref<ListOffsetsResponse> ReplicaManager::listOffsets(const ListOffsetsRequest& request) const {
    auto response = makeRef<ListOffsetsResponse>();
    response->answers(request);
    std::map<TopicPartition, int> times;
    for (const ListOffsetsRequest::Partition& asked : request.partitions) {
        ++times[asked.partition];
    }
    for (const ListOffsetsRequest::Partition& asked : request.partitions) {
        ListOffsetsResponse::Partition said;
        said.partition = asked.partition;
        const Slot slot = find(asked.partition);
        if (times[asked.partition] > 1) {
            said.error = ErrorCode::InvalidRequest;  // as Kafka answers duplicates
        } else if (slot == noSlot) {
            said.error = ErrorCode::UnknownTopicOrPartition;
        } else if (!at(slot).isLeader()) {
            said.error = ErrorCode::NotLeaderOrFollower;
        } else {
            said.error = checkEpoch(at(slot), asked.currentLeaderEpoch);
        }
        if (said.error == ErrorCode::None) {
            const Partition& partition = at(slot);
            const bool isConsumer = request.replica == consumerReplica;
            const Offset limit = isConsumer ? partition.log.highWatermark() : partition.log.end();
            said.leaderEpoch = partition.leaderEpoch();
            if (asked.timestamp == ListOffsetsRequest::earliest) {
                said.offset = partition.log.start();
            } else if (asked.timestamp < ListOffsetsRequest::earliest) {
                said.error = ErrorCode::UnsupportedVersion;  // questions of later versions
            } else if (isConsumer && limit < partition.epochStart()) {
                // A new leader does not know yet how far its predecessor had let consumers read (KIP-207).
                said.error = ErrorCode::OffsetNotAvailable;
            } else if (asked.timestamp == ListOffsetsRequest::latest) {
                said.offset = limit;
            } else if (const auto record = partition.log.findTimestamp(asked.timestamp, limit)) {
                said.offset = record->offset;
                said.timestamp = record->timestamp;
                said.leaderEpoch = record->epoch;
            }
        }
        response->partitions.push_back(std::move(said));
    }
    return response;
}

Ref<OffsetForLeaderEpochResponse> ReplicaManager::offsetForLeaderEpoch(
    const OffsetForLeaderEpochRequest& request) const {
    auto response = makeRef<OffsetForLeaderEpochResponse>();
    response->answers(request);
    for (const OffsetForLeaderEpochRequest::Partition& asked : request.partitions) {
        OffsetForLeaderEpochResponse::Partition said;
        said.partition = asked.partition;
        const Slot slot = find(asked.partition);
        if (slot == noSlot) {
            said.error = ErrorCode::UnknownTopicOrPartition;
        } else if (!at(slot).isLeader()) {
            said.error = ErrorCode::NotLeaderOrFollower;
        } else {
            said.error = checkEpoch(at(slot), asked.currentLeaderEpoch);
        }
        if (said.error == ErrorCode::None) {
            said.end = at(slot).log.endOfEpoch(asked.leaderEpoch);
        }
        response->partitions.push_back(std::move(said));
    }
    return response;
}

}  // namespace millrace::kafka
