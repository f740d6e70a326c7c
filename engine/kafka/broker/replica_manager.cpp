#include "engine/kafka/broker/replica_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/base/check.h"
#include "engine/kafka/cost.h"

namespace millrace::kafka {

namespace {

constexpr std::string_view logDirectory = "kafka-logs";
constexpr std::string_view highWatermarkFile = "kafka-logs/replication-offset-checkpoint";
constexpr const char* recoveryPointFile = "kafka-logs/recovery-point-offset-checkpoint";
constexpr const char* cleanStopFile = "kafka-logs/.kafka_cleanshutdown";

/// The one client that may write into topics of the cluster's own (KafkaApis and AdminUtils).
constexpr std::string_view adminClient = "__admin_client";

std::uint64_t keyOf(const TopicPartition& partition) {
    const auto number = static_cast<std::uint64_t>(partition.partition.value);
    const std::uint64_t mixed = (partition.topic.hash() + number) * 0x9E3779B97F4A7C15ULL;
    return mixed ^ (mixed >> 32U);
}

}  // namespace

void ReplicaManager::recover(sim::Context& context) {
    for (const PartitionLog::Stored& stored : PartitionLog::onDisk(context.disk(), logDirectory)) {
        (void)findOrAdd(context, stored.partition);
    }
    if (context.disk().find(cleanStopFile) != nullptr) {
        context.remove(cleanStopFile);
    } else {
        std::vector<Offset> points(m_partitions.size(), noOffset);  // by slot
        for (const auto& [partition, offset] : readOffsetCheckpoint(context.disk().find(recoveryPointFile))) {
            if (const Slot slot = find(partition); slot != noSlot) {
                points[slot] = offset;
            }
        }
        for (Slot slot = 0; slot < count(); ++slot) {
            const PartitionLog& log = at(slot).log;
            const Offset from = points[slot] == noOffset ? log.start() : points[slot];
            context.spend(cost::bytes(log.bytesFrom(from), cost::recoverByte));
        }
    }
    for (const auto& [partition, offset] : readOffsetCheckpoint(context.disk().find(highWatermarkFile))) {
        if (const Slot slot = find(partition); slot != noSlot) {
            edit(slot).log.setHighWatermark(offset);
        }
    }
}

void ReplicaManager::closeLogs(sim::Context& context, sim::MessageRef done) {
    flushAll(context);
    const bool isMarked = context.replace(cleanStopFile, makeRef<sim::TextChunk>("version=0")).has_value();
    if (done && isMarked) {
        context.flush(cleanStopFile, std::move(done));
    } else if (done) {
        context.arm(SimDuration{0}, std::move(done));
    }
}

std::vector<StoredReplica> storedReplicas(const sim::ProcessDisk& disk) {
    std::map<TopicPartition, StoredReplica> replicas;
    for (PartitionLog::Stored& stored : PartitionLog::onDisk(disk, logDirectory)) {
        const TopicPartition partition = stored.partition;
        replicas.insert_or_assign(partition, StoredReplica{std::move(stored), Offset{0}});
    }
    for (const auto& [partition, offset] : readOffsetCheckpoint(disk.find(highWatermarkFile))) {
        if (const auto found = replicas.find(partition); found != replicas.end()) {
            found->second.highWatermark = std::clamp(offset, found->second.log.start, found->second.log.end);
        }
    }
    std::vector<StoredReplica> sorted;
    for (auto& [partition, replica] : replicas) {
        sorted.push_back(std::move(replica));
    }
    return sorted;
}

Batches storedBatches(const sim::ProcessDisk& disk, const TopicPartition& partition) {
    return PartitionLog::batchesOnDisk(disk, logDirectory, partition);
}

ReplicaManager::Slot ReplicaManager::find(const TopicPartition& partition) const {
    return m_index.find(keyOf(partition), [&](Slot slot) { return m_partitions[slot]->id() == partition; });
}

ReplicaManager::Slot ReplicaManager::findOrAdd(sim::Context& context, const TopicPartition& partition) {
    if (const Slot known = find(partition); known != noSlot) {
        return known;
    }
    const Slot slot = count();
    m_partitions.push_back(makeRef<Partition>(
        partition, PartitionLog::recover(context, std::string{logDirectory}, partition, logConfigOf(partition.topic))));
    m_changes.add();
    m_rules.emplace_back();
    m_sleepers.push_back(0);
    m_bytesOut.push_back(0);
    m_stats.addReplica(partition.topic);
    m_index.insert(keyOf(partition), slot);
    applyConfig(slot);
    return slot;
}

LogConfig ReplicaManager::logConfigOf(const TopicName& topic) const {
    LogConfig config{m_config->segmentBytes, m_config->segmentAge, m_config->retentionBytes, m_config->retentionAge};
    if (topic.text() == consumerOffsetsTopic) {
        // Compacted, not deleted; compaction is left out, so it keeps everything.
        config.segmentBytes = 100 << 20;
        config.retentionBytes = -1;
        config.retentionAge = SimDuration{-1};
    }
    if (const TopicConfig* own = m_topicConfigs.find(topic)) {
        config.segmentBytes = own->segmentBytes.value_or(config.segmentBytes);
        config.segmentAge = own->segmentAge.value_or(config.segmentAge);
        config.retentionBytes = own->retentionBytes.value_or(config.retentionBytes);
        config.retentionAge = own->retentionAge.value_or(config.retentionAge);
    }
    return config;
}

void ReplicaManager::applyConfig(Slot slot) {
    Partition& partition = edit(slot);
    const TopicConfig* own = m_topicConfigs.find(partition.id().topic);
    partition.setMinInSync(own == nullptr ? m_config->minInsyncReplicas
                                          : own->minInsyncReplicas.value_or(m_config->minInsyncReplicas));
    const LogConfig config = logConfigOf(partition.id().topic);
    partition.log.configure(config);
    AppendRules& rules = m_rules[slot];
    rules.batchMax = m_config->messageMaxBytes;
    rules.segmentBytes = config.segmentBytes;
    rules.stampsTime = m_config->logAppendTime;
    if (own != nullptr) {
        rules.batchMax = own->maxMessageBytes.value_or(rules.batchMax);
        rules.stampsTime = own->logAppendTime.value_or(rules.stampsTime);
    }
}

void ReplicaManager::setTopicConfig(const TopicName& topic, const TopicConfig& config) {
    m_topicConfigs.set(topic, config);
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
    if (batch.size() > m_rules[slot].batchMax) {
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
    const bool stamps = m_rules[item.slot].stampsTime;
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
    ParkedProduce produced;
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
    if (settle(produced, context.now())) {
        finish(produced);
        return;
    }
    park(context, produced.deadline);
    m_parkedProduces.push_back(std::move(produced));
}

void ReplicaManager::appendOwn(sim::Context& context, const TopicPartition& partition, const RecordBatch& batch,
                               SimDuration timeout, std::uint64_t token) {
    ParkedProduce produced;
    produced.token = token;
    produced.deadline = context.now() + timeout;
    produced.items.push_back(append(context, partition, batch, Acks::All, nullptr));
    if (settle(produced, context.now())) {
        finish(produced);
        return;
    }
    park(context, produced.deadline);
    m_parkedProduces.push_back(std::move(produced));
}

/// True when every partition has its outcome.
bool ReplicaManager::settle(ParkedProduce& parked, SimTime now) {
    bool isSettled = true;
    for (ProduceItem& item : parked.items) {
        if (item.isDone) {
            continue;
        }
        const Partition& partition = at(item.slot);
        if (!partition.isLeader()) {
            item.answer.error = ErrorCode::NotLeaderOrFollower;
        } else if (const auto reached = partition.reached(item.required)) {
            item.answer.error = *reached;
        } else if (now >= parked.deadline) {
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

void ReplicaManager::finish(ParkedProduce& parked) {
    if (parked.token) {
        const ProduceResponse::Partition& answer = parked.items.front().answer;
        m_ownAppends.push_back({answer.partition, *parked.token, answer.error});
        return;
    }
    auto response = makeRef<ProduceResponse>();
    response->answers(parked);
    response->partitions.reserve(parked.items.size());
    for (ProduceItem& item : parked.items) {
        if (item.answer.error != ErrorCode::None) {
            item.answer.baseOffset = noOffset;
        }
        response->partitions.push_back(std::move(item.answer));
    }
    m_answers.push_back({parked.connection, std::move(response), false});
}

// --- waiting

void ReplicaManager::park(sim::Context& context, SimTime deadline) {
    if (!m_sweepAt || deadline < *m_sweepAt) {
        m_sweepAt = deadline;
        context.arm(std::max(deadline - context.now(), SimDuration{0}), makeRef<PurgatorySweep>());
    }
}

bool ReplicaManager::concerns(const ParkedProduce& parked, const SlotSet& slots) const {
    return std::any_of(parked.items.begin(), parked.items.end(),
                       [&](const ProduceItem& item) { return slots.contains(item.slot == noSlot ? 0 : item.slot); });
}

bool ReplicaManager::concerns(const ParkedFetch& parked, const FetchSession* session, const SlotSet& slots) const {
    return std::any_of(slots.members().begin(), slots.members().end(), [&](Slot slot) {
        return session != nullptr ? session->contains(slot)
                                  : std::binary_search(parked.concerns.begin(), parked.concerns.end(), slot);
    });
}

/// What an answer has to look at: all, or of a session that goes on what is awake.
FetchItems ReplicaManager::itemsOf(ParkedFetch& parked, FetchSession* session) const {
    if (session != nullptr) {
        return parked.request->sessionEpoch > 0 ? session->awake() : session->all();
    }
    FetchItems items;
    for (FetchItem& item : parked.items) {
        items.push_back(&item);
    }
    return items;
}

void ReplicaManager::completeParked(sim::Context& context) {
    if (m_grown.empty() && m_advanced.empty()) {
        return;
    }
    for (std::size_t i = 0; i < m_parkedProduces.size();) {
        ParkedProduce& parked = m_parkedProduces[i];
        if (concerns(parked, m_advanced) && settle(parked, context.now())) {
            finish(parked);
            m_parkedProduces.erase(m_parkedProduces.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
    for (std::size_t i = 0; i < m_parkedFetches.size();) {
        ParkedFetch& parked = m_parkedFetches[i];
        const bool isFollower = parked.request->replica != consumerReplica;
        FetchSession* session = isFollower ? sessionOf(parked.connection) : nullptr;
        const auto enough = static_cast<ByteCount>(parked.request->minBytes);
        bool isDue = false;
        if (concerns(parked, session, isFollower ? m_grown : m_advanced)) {
            const FetchItems items = itemsOf(parked, session);
            const Readable found = readable(items, isFollower, enough);
            isDue = found.mustAnswer || found.bytes >= enough;
            if (isDue) {
                answerFetch(context, parked.connection, *parked.request, items, session);
            }
        }
        if (isDue) {
            m_parkedFetches.erase(m_parkedFetches.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
    m_grown.clear();
    m_advanced.clear();
}

void ReplicaManager::sweep(sim::Context& context) {
    const SimTime now = context.now();
    if (m_sweepAt && *m_sweepAt > now) {
        return;  // an earlier timer than the one that counts
    }
    m_sweepAt.reset();
    std::optional<SimTime> next;
    const auto keep = [&](SimTime deadline) { next = next ? std::min(*next, deadline) : deadline; };
    for (std::size_t i = 0; i < m_parkedProduces.size();) {
        if (settle(m_parkedProduces[i], now)) {
            finish(m_parkedProduces[i]);
            m_parkedProduces.erase(m_parkedProduces.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            keep(m_parkedProduces[i++].deadline);
        }
    }
    for (std::size_t i = 0; i < m_parkedFetches.size();) {
        ParkedFetch& parked = m_parkedFetches[i];
        if (parked.deadline > now) {
            keep(m_parkedFetches[i++].deadline);
            continue;
        }
        FetchSession* session = sessionOf(parked.connection);
        answerFetch(context, parked.connection, *parked.request, itemsOf(parked, session), session);
        m_parkedFetches.erase(m_parkedFetches.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (next) {
        park(context, *next);
    }
}

void ReplicaManager::connectionClosed(sim::ConnectionId connection) {
    std::erase_if(m_parkedProduces,
                  [&](const ParkedProduce& parked) { return parked.connection == connection && !parked.token; });
    std::erase_if(m_parkedFetches, [&](const ParkedFetch& parked) { return parked.connection == connection; });
    if (FetchSession* session = sessionOf(connection)) {
        endSession(*session);
        m_sessions.erase(m_sessions.begin() + (session - m_sessions.data()));
    }
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
    const std::string file{highWatermarkFile};
    if (!context.replace(file, makeRef<sim::TextChunk>(writeOffsetCheckpoint(entries)))) {
        m_hasFailed = true;
        return;
    }
    context.flush(file, makeRef<LogFlushed>());
}

/// Without a closed segment every point is the log's start, which need not be written down.
void ReplicaManager::checkpointRecoveryPoints(sim::Context& context) {
    OffsetCheckpoint entries;
    Digest digest;
    for (const Ref<Partition>& partition : m_partitions) {
        if (const Offset point = partition->log.recoveryPoint(); point > partition->log.start()) {
            entries.emplace_back(partition->id(), point);
            addTo(digest, partition->id());
            digest.add(point.value);
        }
    }
    if (entries.empty() || digest.value() == m_recoveryCheckpointed) {
        return;
    }
    m_recoveryCheckpointed = digest.value();
    const std::string file = recoveryPointFile;
    if (!context.replace(file, makeRef<sim::TextChunk>(writeOffsetCheckpoint(entries)))) {
        m_hasFailed = true;
        return;
    }
    context.flush(file, makeRef<LogFlushed>());
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
