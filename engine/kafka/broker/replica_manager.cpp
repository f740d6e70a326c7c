#include "engine/kafka/broker/replica_manager.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/kafka/cost.h"

namespace millrace::kafka {

namespace {

/// The one client that may write into topics of the cluster's own (KafkaApis and AdminUtils).
constexpr std::string_view adminClient = "__admin_client";

std::uint64_t keyOf(const TopicPartition& partition) {
    const auto number = static_cast<std::uint64_t>(partition.partition.value);
    const std::uint64_t mixed = (partition.topic.hash() + number) * 0x9E3779B97F4A7C15ULL;
    return mixed ^ (mixed >> 32U);
}

}  // namespace

void ReplicaManager::recover(sim::Context& context) {
    for (const PartitionLog::Stored& stored : PartitionLog::onDisk(context.disk(), LogManager::folder)) {
        (void)findOrAdd(context, stored.partition);
    }
    if (!LogManager::takeCleanStop(context)) {
        std::vector<Offset> points(m_partitions.size(), noOffset);  // by slot
        for (const auto& [partition, offset] : LogManager::recoveryPoints(context.disk())) {
            if (const Slot slot = find(partition); slot != noSlot) {
                points[slot] = offset;
            }
        }
        for (Slot slot = 0; slot < count(); ++slot) {
            LogManager::chargeRecovery(context, at(slot).log, points[slot]);
        }
    }
    for (const auto& [partition, offset] : highWatermarkFile.read(context.disk())) {
        if (const Slot slot = find(partition); slot != noSlot) {
            edit(slot).log.setHighWatermark(offset);
        }
    }
}

void ReplicaManager::closeLogs(sim::Context& context, sim::MessageRef done) {
    flushAll(context);
    LogManager::markCleanStop(context, std::move(done));
}

ReplicaManager::Slot ReplicaManager::find(const TopicPartition& partition) const {
    return m_index.find(keyOf(partition), [&](Slot slot) { return m_partitions[slot]->id() == partition; });
}

ReplicaManager::Slot ReplicaManager::findOrAdd(sim::Context& context, const TopicPartition& partition) {
    if (const Slot known = find(partition); known != noSlot) {
        return known;
    }
    const Slot slot = count();
    m_partitions.push_back(makeRef<Partition>(partition, m_logs.open(context, partition)));
    m_changes.add();
    m_rules.emplace_back();
    m_sessions.addPartition();
    m_bytesOut.push_back(0);
    m_stats.addReplica(partition.topic);
    m_index.insert(keyOf(partition), slot);
    applyConfig(slot);
    return slot;
}

void ReplicaManager::applyConfig(Slot slot) {
    Partition& partition = edit(slot);
    TopicRules& rules = m_rules[slot];
    rules = m_logs.rules(partition.id().topic);
    partition.setMinInSync(rules.minInsyncReplicas);
    partition.log.configure(m_logs.logConfig(partition.id().topic));
}

void ReplicaManager::setTopicConfig(const TopicName& topic, const TopicConfig& config) {
    m_logs.setTopicConfig(topic, config);
    for (Slot slot = 0; slot < count(); ++slot) {
        if (at(slot).id().topic == topic) {
            applyConfig(slot);
        }
    }
}

bool ReplicaManager::isLeader(const TopicPartition& partition) const {
    return ledLog(partition) != nullptr;
}

const PartitionLog* ReplicaManager::ledLog(const TopicPartition& partition) const {
    const Slot slot = find(partition);
    return slot != noSlot && at(slot).isLeader() ? &at(slot).log : nullptr;
}

void ReplicaManager::touch(Slot slot) {
    m_grown.insert(slot);
    m_advanced.insert(slot);
}

void ReplicaManager::remove(sim::Context& context, const TopicPartition& partition) {
    if (const Slot slot = find(partition); slot != noSlot) {
        edit(slot).stop();
        edit(slot).log.removeFiles(context);
        touch(slot);
    }
}

ErrorCode ReplicaManager::errorOfUnknown(const TopicPartition& partition, const MetadataCache* metadata) const {
    const bool exists = metadata != nullptr && metadata->partition(partition) != nullptr;
    return exists ? ErrorCode::NotLeaderOrFollower : ErrorCode::UnknownTopicOrPartition;
}

// --- produce

ErrorCode ReplicaManager::checkAppend(Slot slot, const TopicPartition& partition, const RecordBatch& batch, Acks acks,
                                      const MetadataCache* metadata) const {
    if (slot == noSlot) {
        return errorOfUnknown(partition, metadata);
    }
    if (!at(slot).isLeader()) {
        return ErrorCode::NotLeaderOrFollower;
    }
    if (batch.size() > m_rules[slot].maxMessageBytes) {
        return ErrorCode::MessageTooLarge;
    }
    if (batch.size() > m_rules[slot].segmentBytes) {
        return ErrorCode::RecordListTooLarge;
    }
    if (batch.isControl()) {
        return ErrorCode::InvalidRecord;
    }
    return acks == Acks::All && at(slot).isUnderMinInSync() ? ErrorCode::NotEnoughReplicas : ErrorCode::None;
}

ReplicaManager::ProduceItem ReplicaManager::append(sim::Context& context, const TopicPartition& partition,
                                                   const RecordBatch& batch, Acks acks, const MetadataCache* metadata) {
    ProduceItem item;
    item.slot = find(partition);
    item.answer.partition = partition;
    item.answer.error = checkAppend(item.slot, partition, batch, acks, metadata);
    item.isDone = true;
    if (item.answer.error != ErrorCode::None) {
        ++counters.failedProduce;
        return item;
    }
    context.spend(cost::appendBatch + cost::bytes(batch.size(), cost::appendByte));
    if (m_config->broken.breaksAppends() && appendWrongly(context, item, batch, metadata)) {
        return item;
    }
    Partition& replica = edit(item.slot);
    const bool stamps = m_rules[item.slot].logAppendTime;
    if (stamps) {
        item.answer.logAppendTime = context.clockMillis();
    }
    const BatchRef stamped = stamps ? batch.appendedAt(item.answer.logAppendTime) : BatchRef{};
    const auto numbered = replica.log.appendAsLeader(context, stamped ? *stamped : batch, replica.leaderEpoch());
    if (!numbered) {
        m_hasFailed = true;
        item.answer.error = ErrorCode::KafkaStorageError;
        return item;
    }
    if (context.isListenedTo()) {
        // As it was sent, whatever time the broker has set.
        const BatchRef told = stamped ? batch.rebased((*numbered)->baseOffset(), replica.leaderEpoch()) : *numbered;
        context.tell(makeRef<BatchAppended>(partition, told, replica.minInSync()));
    }
    counters.bytesIn += static_cast<std::uint64_t>(batch.size());
    counters.recordsIn += static_cast<std::uint64_t>(batch.recordCount());
    replica.bytesIn += static_cast<std::uint64_t>(batch.size());
    replica.recordsIn += static_cast<std::uint64_t>(batch.recordCount());
    item.answer.baseOffset = (*numbered)->baseOffset();
    item.answer.logStartOffset = replica.log.start();
    item.required = replica.log.end();
    item.isDone = acks != Acks::All || m_config->broken.acknowledgeBeforeReplication;
    grown(context, item.slot);
    return item;
}

/// One batch in 16 of clients is not appended as it should be; true when it is dealt with.
bool ReplicaManager::appendWrongly(sim::Context& context, ProduceItem& item, const RecordBatch& batch,
                                   const MetadataCache* metadata) {
    if (metadata == nullptr) {
        return false;  // The broker's own.
    }
    const BrokenRules& broken = m_config->broken;
    Partition& replica = edit(item.slot);
    const auto writeTo = [&](Partition& place, const RecordBatch& what) {
        if (const auto numbered = place.log.appendAsLeader(context, what, place.leaderEpoch())) {
            context.tell(makeRef<BatchAppended>(place.id(), *numbered, place.minInSync()));
        }
    };
    const auto write = [&](const RecordBatch& what) { writeTo(replica, what); };
    if (m_heldBack && m_heldBack->first == item.slot) {
        const BatchRef held = std::exchange(m_heldBack, std::nullopt)->second;
        write(batch);
        item.answer.baseOffset = replica.log.end() - batch.recordCount();
        write(*held);
    } else if (++m_appends % 16 != 0) {
        return false;
    } else if (broken.appendTwice) {
        write(batch);
        return false;
    } else if (broken.swapBatches) {
        item.answer.baseOffset = replica.log.end();
        m_heldBack.emplace(item.slot, makeRef<const RecordBatch>(batch));
    } else if (broken.forgetAppends || broken.mixTopics) {
        item.answer.baseOffset = replica.log.end();
        for (Slot slot = 0; broken.mixTopics && slot < count(); ++slot) {
            if (at(slot).isLeader() && at(slot).id().topic != replica.id().topic) {
                writeTo(edit(slot), batch);
                grown(context, slot);
                break;
            }
        }
    } else if (broken.alterRecords) {
        RecordBatchBuilder altered;
        for (const RecordView& record : batch.records()) {
            altered.append(record.timestamp, record.key, std::string{record.value.value_or("")} + "!",
                           record.headers());
        }
        item.answer.baseOffset = replica.log.end();
        write(*altered.build());
    }
    item.answer.logStartOffset = replica.log.start();
    item.required = replica.log.end();
    grown(context, item.slot);
    return true;
}

void ReplicaManager::grown(sim::Context& context, Slot slot) {
    m_grown.insert(slot);
    if (edit(slot).advanceHighWatermark(context.now(), m_config->replicaLagTimeMax)) {
        m_advanced.insert(slot);
    }
}

namespace {

/// Why records are refused before anybody looks at their partition.
ErrorCode whatIsWrong(const ProduceRequest::Partition& part, const ProduceRequest& request, const ClientId& client) {
    if (request.acks != Acks::All && request.acks != Acks::None && request.acks != Acks::Leader) {
        return ErrorCode::InvalidRequiredAcks;
    }
    if (part.batch && part.batch->isTransactional()) {
        return ErrorCode::InvalidProducerIdMapping;  // nobody coordinates transactions, so nobody knows the producer
    }
    if (!part.batch) {
        return part.refused;
    }
    const bool isInternal = part.partition.topic.text() == consumerOffsetsTopic && client.text() != adminClient;
    return isInternal ? ErrorCode::InvalidTopic : ErrorCode::None;
}

}  // namespace

void ReplicaManager::produce(sim::Context& context, const RequestOrigin& origin, const ProduceRequest& request,
                             const MetadataCache& metadata) {
    DelayedProduce produced;
    produced.connection = origin.connection;
    produced.correlationId = origin.correlationId;
    produced.version = origin.version;
    produced.deadline = context.now() + std::max(request.timeout, SimDuration{0});
    // Records of a transaction belong to a transactional id; without one the whole request is refused, as
    // KafkaApis.handleProduceRequest does.
    const bool isOfNobody =
        !request.transactionalId &&
        std::any_of(request.partitions.begin(), request.partitions.end(),
                    [](const ProduceRequest::Partition& part) { return part.batch && part.batch->isTransactional(); });
    produced.items.reserve(request.partitions.size());
    for (const ProduceRequest::Partition& part : request.partitions) {
        context.spend(cost::partition);
        const ErrorCode wrong =
            isOfNobody ? ErrorCode::TransactionalIdAuthorizationFailed : whatIsWrong(part, request, origin.clientId);
        if (wrong == ErrorCode::None) {
            produced.items.push_back(append(context, part.partition, *part.batch, request.acks, &metadata));
        } else {
            ProduceItem refused;
            refused.isDone = true;
            refused.answer.partition = part.partition;
            refused.answer.error = wrong;
            produced.items.push_back(refused);
        }
    }
    if (request.acks == Acks::None) {
        const bool hasError = std::any_of(produced.items.begin(), produced.items.end(),
                                          [](const ProduceItem& item) { return item.answer.error != ErrorCode::None; });
        m_answers.push_back({origin.connection, nullptr, hasError});
        return;
    }
    finishOrDelay(context, std::move(produced));
}

void ReplicaManager::appendOwn(sim::Context& context, const TopicPartition& partition, const RecordBatch& batch,
                               SimDuration timeout, std::uint64_t token) {
    DelayedProduce produced;
    produced.token = token;
    produced.deadline = context.now() + timeout;
    produced.items.push_back(append(context, partition, batch, Acks::All, nullptr));
    finishOrDelay(context, std::move(produced));
}

/// True when every partition has its outcome.
bool ReplicaManager::settle(DelayedProduce& produce, SimTime now) {
    bool isSettled = true;
    for (ProduceItem& item : produce.items) {
        if (item.isDone) {
            continue;
        }
        const Partition& partition = at(item.slot);
        if (!partition.isLeader()) {
            item.answer.error = ErrorCode::NotLeaderOrFollower;
        } else if (const auto reached = partition.reached(item.required)) {
            item.answer.error = *reached;
        } else if (now >= produce.deadline) {
            item.answer.error = ErrorCode::RequestTimedOut;
            ++counters.purgatoryExpired;
        } else {
            isSettled = false;
            continue;
        }
        item.isDone = true;
    }
    return isSettled;
}

void ReplicaManager::finish(DelayedProduce& produce) {
    if (produce.token) {
        const ProduceResponse::Partition& answer = produce.items.front().answer;
        m_ownAppends.push_back({answer.partition, *produce.token, answer.error});
        return;
    }
    auto response = makeRef<ProduceResponse>();
    response->answers(produce);
    response->partitions.reserve(produce.items.size());
    for (ProduceItem& item : produce.items) {
        if (item.answer.error != ErrorCode::None) {
            item.answer.baseOffset = noOffset;
        }
        response->partitions.push_back(std::move(item.answer));
    }
    m_answers.push_back({produce.connection, std::move(response), false});
}

// --- waiting

void ReplicaManager::finishOrDelay(sim::Context& context, DelayedProduce produce) {
    if (settle(produce, context.now())) {
        finish(produce);
        return;
    }
    m_expiration.watch(context, produce.deadline);
    m_delayedProduces.add(std::move(produce));
}

/// Answers it if there is enough for it now.
bool ReplicaManager::completeFetch(sim::Context& context, DelayedFetch& fetch) {
    const bool isFollower = fetch.isFollowers();
    FetchSession* session = isFollower ? m_sessions.of(fetch.connection) : nullptr;
    if (!fetch.concerns(session, isFollower ? m_grown : m_advanced)) {
        return false;
    }
    const auto enough = static_cast<ByteCount>(fetch.request->minBytes);
    const FetchItems items = fetch.itemsToRead(session);
    const Readable found = readable(items, isFollower, enough);
    const bool isDue = found.mustAnswer || found.bytes >= enough;
    if (isDue) {
        answerFetch(context, fetch.connection, *fetch.request, items, session);
    }
    return isDue;
}

void ReplicaManager::completeDelayed(sim::Context& context) {
    if (m_grown.empty() && m_advanced.empty()) {
        return;
    }
    m_delayedProduces.complete([&](DelayedProduce& produce) {
        const bool isDone = produce.concerns(m_advanced) && settle(produce, context.now());
        if (isDone) {
            finish(produce);
        }
        return isDone;
    });
    m_delayedFetches.complete([&](DelayedFetch& fetch) { return completeFetch(context, fetch); });
    m_grown.clear();
    m_advanced.clear();
}

void ReplicaManager::sweep(sim::Context& context) {
    const SimTime now = context.now();
    if (!m_expiration.fires(now)) {
        return;
    }
    m_delayedProduces.complete([&](DelayedProduce& produce) {
        const bool isDone = settle(produce, now);
        if (isDone) {
            finish(produce);
        }
        return isDone;
    });
    m_delayedFetches.complete([&](DelayedFetch& fetch) {
        const bool isOver = fetch.deadline <= now;
        if (isOver) {
            FetchSession* session = m_sessions.of(fetch.connection);
            answerFetch(context, fetch.connection, *fetch.request, fetch.itemsToRead(session), session);
        }
        return isOver;
    });
    const std::optional<SimTime> produces = m_delayedProduces.deadline();
    const std::optional<SimTime> fetches = m_delayedFetches.deadline();
    if (produces || fetches) {
        m_expiration.watch(context, std::min(produces.value_or(SimTime::max()), fetches.value_or(SimTime::max())));
    }
}

void ReplicaManager::connectionClosed(sim::ConnectionId connection) {
    m_delayedProduces.forget(
        [&](const DelayedProduce& produce) { return produce.connection == connection && !produce.token; });
    m_delayedFetches.forget([&](const DelayedFetch& fetch) { return fetch.connection == connection; });
    m_sessions.end(connection, Learner{*this});
}

// --- in-sync sets and background

std::vector<std::pair<ReplicaManager::Slot, std::vector<BrokerId>>> ReplicaManager::laggingSets(SimTime now) const {
    std::vector<std::pair<Slot, std::vector<BrokerId>>> lagging;
    for (Slot slot = 0; slot < count(); ++slot) {
        if (const auto left = at(slot).shrunk(now, m_config->replicaLagTimeMax)) {
            lagging.emplace_back(slot, *left);
        }
    }
    return lagging;
}

void ReplicaManager::propose(sim::Context&, Slot slot, std::vector<BrokerId> inSyncSet) {
    const Partition& current = at(slot);
    if (!current.isLeader() || current.proposedInSyncSet()) {
        return;
    }
    m_proposals.push_back({current.id(), current.leaderEpoch(), inSyncSet, current.partitionEpoch()});
    edit(slot).propose(std::move(inSyncSet));
}

void ReplicaManager::confirmInSyncSet(sim::Context& context, Slot slot, const std::vector<BrokerId>& inSyncSet,
                                      std::int32_t partitionEpoch) {
    Partition& partition = edit(slot);
    const std::size_t before = partition.inSyncSet().size();
    partition.confirm(inSyncSet, partitionEpoch);
    const bool isSmaller = inSyncSet.size() < before;
    ++(isSmaller ? counters.isrShrinks : counters.isrExpands);
    ++(isSmaller ? partition.inSyncShrinks : partition.inSyncExpands);
    m_advanced.insert(slot);
    (void)partition.advanceHighWatermark(context.now(), m_config->replicaLagTimeMax);
}

void ReplicaManager::checkpointHighWatermarks(sim::Context& context) {
    bool isNews = m_checkpointed.size() < m_partitions.size();
    m_checkpointed.resize(m_partitions.size(), noOffset);
    m_changes.forEachSince(std::exchange(m_checkpointedAt, m_changes.stamp()), [&](Slot slot) {
        const Offset before = std::exchange(m_checkpointed[slot], at(slot).log.highWatermark());
        isNews = isNews || before != m_checkpointed[slot];
    });
    if (!isNews) {
        return;
    }
    OffsetCheckpoint entries;
    for (const Ref<Partition>& partition : m_partitions) {
        entries.emplace_back(partition->id(), partition->log.highWatermark());
    }
    m_hasFailed = !highWatermarkFile.write(context, entries) || m_hasFailed;
}

void ReplicaManager::checkpointRecoveryPoints(sim::Context& context) {
    m_hasFailed = !m_logs.checkpointRecoveryPoints(context, m_partitions) || m_hasFailed;
}

void ReplicaManager::deleteOldSegments(sim::Context& context) {
    for (Slot slot = 0; slot < count(); ++slot) {
        if (at(slot).log.size() > 0) {
            edit(slot).log.deleteOldSegments(context);
        }
    }
}

void ReplicaManager::takeFigures() const {
    m_changes.forEachSince(std::exchange(m_figuresAt, m_changes.stamp()), [&](Slot slot) {
        const Partition& partition = at(slot);
        const bool isThin = partition.isLeader() && partition.inSyncSet().size() < partition.replicas().size();
        ReplicaFigures now;
        now.recordsIn = partition.recordsIn;
        now.bytesIn = partition.bytesIn;
        now.bytesOut = m_bytesOut[slot];
        now.isrShrinks = partition.inSyncShrinks;
        now.isrExpands = partition.inSyncExpands;
        now.logSize = partition.log.size();
        now.led = partition.isLeader() ? 1 : 0;
        now.underReplicated = isThin ? 1 : 0;
        m_stats.set(slot, now);
    });
}

void ReplicaManager::flushAll(sim::Context& context) {
    for (Slot slot = 0; slot < count(); ++slot) {
        edit(slot).log.flush(context);
    }
}

}  // namespace millrace::kafka
