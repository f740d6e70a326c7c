#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/kafka/broker/broker_topic_stats.h"
#include "engine/kafka/broker/config.h"
#include "engine/kafka/broker/coordinator.h"
#include "engine/kafka/broker/fetch_session.h"
#include "engine/kafka/broker/metadata_cache.h"
#include "engine/kafka/broker/offset_checkpoint.h"
#include "engine/kafka/broker/partition.h"
#include "engine/kafka/broker/slot_set.h"
#include "engine/kafka/change_list.h"
#include "engine/kafka/facts.h"
#include "engine/kafka/protocol/fetch.h"
#include "engine/kafka/protocol/offsets.h"
#include "engine/kafka/protocol/produce.h"
#include "engine/sim/context.h"

namespace millrace::kafka {

/// A response that is due. Without a message the request is done and nothing is sent (acks = 0).
struct Answer {
    sim::ConnectionId connection;
    sim::MessageRef response;
    bool hangUp = false;
};

/// The outcome of an append by the broker's own coordinator.
struct OwnAppend {
    TopicPartition partition;
    std::uint64_t token = 0;
    ErrorCode error = ErrorCode::None;
};

/// A leader wants this in-sync set.
struct InSyncProposal {
    TopicPartition partition;
    LeaderEpoch leaderEpoch;
    std::vector<BrokerId> inSyncSet;
    std::int32_t partitionEpoch = 0;
};

/// Wakes the manager when a parked request's time may be up.
struct PurgatorySweep final : sim::MessageBase<PurgatorySweep> {
    static constexpr std::string_view Name = "kafka.PurgatorySweep";
    void digest(Digest&) const override {}
};

/// All replicas of a broker, and the requests that wait for them: produce requests for followers (acks = all), fetches
/// for records. What is due is gathered and taken by the broker's actor after each call: answers, outcomes of own
/// appends, proposed in-sync sets.
///
/// A connection has at most one parked request. A parked request is looked at when one of its partitions grew, moved
/// its high watermark or changed its role, and when its time is up. Fetch sessions (KIP-227) are kept for followers
/// only and go with their connection.
///
/// All that changes a partition goes through `edit`, which notes the change: fetchers, checkpoints, figures and whoever
/// looks from outside go through what changed since they looked, never through all partitions.
class ReplicaManager {
public:
    using Slot = kafka::Slot;
    static constexpr Slot noSlot = kafka::noSlot;

    explicit ReplicaManager(Ref<const BrokerConfig> config) : m_config(std::move(config)) {}

    /// Reads logs and high watermarks from the disk, at the broker's start. Only a start that follows an unclean stop
    /// pays for reading records, from each log's recovery point on. Source: LogManager.loadLogs, LogLoader.recoverLog.
    void recover(sim::Context& context);
    /// Flushes everything and leaves the mark of a clean stop; `done` comes when all of it is on the medium.
    void closeLogs(sim::Context& context, sim::MessageRef done = nullptr);

    // --- the replicas
    [[nodiscard]] Slot find(const TopicPartition& partition) const;
    [[nodiscard]] Slot findOrAdd(sim::Context& context, const TopicPartition& partition);
    [[nodiscard]] const Partition& at(Slot slot) const { return *m_partitions[slot]; }
    [[nodiscard]] Partition& edit(Slot slot) {
        if (m_sleepers[slot] > 0) {
            wake(slot);
        }
        m_changes.note(slot);
        return writable(m_partitions[slot]);
    }
    /// By slot: which partitions have changed, of whatever kind the change was.
    [[nodiscard]] const ChangeList& changes() const { return m_changes; }
    [[nodiscard]] Slot count() const { return static_cast<Slot>(m_partitions.size()); }
    [[nodiscard]] bool isLeader(const TopicPartition& partition) const;
    /// The log of a partition that is led here, or null.
    [[nodiscard]] const PartitionLog* ledLog(const TopicPartition& partition) const;
    void setTopicConfig(const TopicName& topic, const TopicConfig& config);
    /// What the topic sets for itself; null when that is not known here.
    [[nodiscard]] const TopicConfig* topicConfig(const TopicName& topic) const { return m_topicConfigs.find(topic); }
    [[nodiscard]] bool hasTopicConfig(const TopicName& topic) const { return m_topicConfigs.contains(topic); }
    /// Parked requests of this partition are looked at again: its role changed.
    void touch(Slot slot);
    void remove(sim::Context& context, const TopicPartition& partition);

    // --- requests; each is answered through `takeAnswers`, now or later
    void produce(sim::Context& context, const RequestOrigin& origin, const ProduceRequest& request,
                 const MetadataCache& metadata);
    void appendOwn(sim::Context& context, const TopicPartition& partition, const RecordBatch& batch,
                   SimDuration timeout, std::uint64_t token);
    void fetch(sim::Context& context, const RequestOrigin& origin, Ref<const FetchRequest> request,
               const MetadataCache& metadata);
    [[nodiscard]] Ref<ListOffsetsResponse> listOffsets(const ListOffsetsRequest& request) const;
    [[nodiscard]] Ref<OffsetForLeaderEpochResponse> offsetForLeaderEpoch(
        const OffsetForLeaderEpochRequest& request) const;
    void connectionClosed(sim::ConnectionId connection);

    // --- background
    /// Answers the parked requests that can be answered now. Called at each handler's end.
    void completeParked(sim::Context& context);
    void sweep(sim::Context& context);
    /// Partitions whose in-sync set has members that fell behind.
    [[nodiscard]] std::vector<std::pair<Slot, std::vector<BrokerId>>> laggingSets(SimTime now) const;
    /// Makes the set the proposal, unless something has changed since.
    void propose(sim::Context& context, Slot slot, std::vector<BrokerId> inSyncSet);
    /// The controller's answer to a proposal.
    void confirmInSyncSet(sim::Context& context, Slot slot, const std::vector<BrokerId>& inSyncSet,
                          std::int32_t partitionEpoch);
    void checkpointHighWatermarks(sim::Context& context);
    void checkpointRecoveryPoints(sim::Context& context);
    void deleteOldSegments(sim::Context& context);
    void flushAll(sim::Context& context);

    // --- what is due
    [[nodiscard]] bool hasAnswers() const { return !m_answers.empty(); }
    [[nodiscard]] PooledVector<Answer> takeAnswers() { return std::exchange(m_answers, {}); }
    [[nodiscard]] std::vector<OwnAppend> takeOwnAppends() { return std::exchange(m_ownAppends, {}); }
    [[nodiscard]] std::vector<InSyncProposal> takeProposals() { return std::exchange(m_proposals, {}); }
    /// A write failed: the broker's only log folder is lost and the broker must halt, as Kafka does.
    [[nodiscard]] bool hasFailed() const { return m_hasFailed; }
    void fail() { m_hasFailed = true; }

    struct Counters {
        std::uint64_t bytesIn = 0;
        std::uint64_t bytesOut = 0;  ///< to consumers
        std::uint64_t replicationBytesIn = 0;
        std::uint64_t replicationBytesOut = 0;
        std::uint64_t recordsIn = 0;
        std::uint64_t failedProduce = 0;
        std::uint64_t isrShrinks = 0;
        std::uint64_t isrExpands = 0;
        std::uint64_t purgatoryExpired = 0;
    };
    Counters counters;

    /// Takes in what has changed since the last look, for figures change far more often than they are looked at.
    [[nodiscard]] const BrokerTopicStats& stats() const {
        takeFigures();
        return m_stats;
    }
    /// Given to consumers of a partition by this incarnation.
    [[nodiscard]] std::uint64_t bytesOut(Slot slot) const { return m_bytesOut[slot]; }

    [[nodiscard]] std::size_t parkedProduces() const { return m_parkedProduces.size(); }
    [[nodiscard]] std::size_t parkedFetches() const { return m_parkedFetches.size(); }

private:
    void takeFigures() const;
    struct ProduceItem {
        Slot slot = noSlot;
        Offset required;  ///< the high watermark must reach this
        bool isDone = false;
        ProduceResponse::Partition answer;
    };
    struct ParkedProduce {
        sim::ConnectionId connection = sim::noConnection;
        CorrelationId correlationId;
        std::int16_t version = 0;
        std::optional<std::uint64_t> token;  ///< of an own append
        SimTime deadline;
        PooledVector<ProduceItem> items;
    };
    /// What a fetch may still give, and what it has given.
    struct FetchBudget {
        ByteCount left = 0;
        ByteCount sent = 0;
    };
    struct ParkedFetch {
        sim::ConnectionId connection;
        Ref<const FetchRequest> request;
        SimTime deadline;
        PooledVector<FetchItem> items;  ///< empty when it has a session, which holds them
        PooledVector<Slot> concerns;    ///< of these items, in order
    };
    struct Readable {
        ByteCount bytes = 0;
        bool mustAnswer = false;  ///< an error or a diverging epoch
    };

    [[nodiscard]] ErrorCode checkAppend(Slot slot, const TopicPartition& partition, const RecordBatch& batch, Acks acks,
                                        const MetadataCache* metadata) const;
    ProduceItem append(sim::Context& context, const TopicPartition& partition, const RecordBatch& batch, Acks acks,
                       const MetadataCache* metadata);
    bool appendWrongly(sim::Context& context, ProduceItem& item, const RecordBatch& batch,
                       const MetadataCache* metadata);
    void grown(sim::Context& context, Slot slot);
    [[nodiscard]] bool settle(ParkedProduce& parked, SimTime now);
    void finish(ParkedProduce& parked);
    void park(sim::Context& context, SimTime deadline);

    [[nodiscard]] FetchSession* sessionOf(sim::ConnectionId connection);
    [[nodiscard]] ErrorCode updateSession(sim::ConnectionId connection, const FetchRequest& request);
    void updateItem(FetchSession& session, const FetchRequest::Partition& asked);
    void endSession(FetchSession& session);
    void wake(Slot slot);
    void wake(FetchSession& session, FetchItem& item);
    void settleSession(FetchSession& session);
    [[nodiscard]] bool isQuiet(const FetchItem& item) const;
    [[nodiscard]] bool concerns(const ParkedProduce& parked, const SlotSet& slots) const;
    [[nodiscard]] bool concerns(const ParkedFetch& parked, const FetchSession* session, const SlotSet& slots) const;
    [[nodiscard]] FetchItems itemsOf(ParkedFetch& parked, FetchSession* session) const;
    [[nodiscard]] ErrorCode checkFetch(const FetchItem& item) const;
    [[nodiscard]] std::optional<EpochEnd> divergence(const FetchItem& item) const;
    [[nodiscard]] Readable readable(const FetchItems& items, bool isFollower, ByteCount enough) const;
    void read(FetchItem& item, const FetchRequest& request, bool isIncremental, FetchBudget& budget,
              FetchResponse& response, const MetadataCache* metadata);
    void answerFetch(sim::Context& context, sim::ConnectionId connection, const FetchRequest& request,
                     const FetchItems& items, FetchSession* session, const MetadataCache* metadata = nullptr);
    void noteFollower(sim::Context& context, BrokerId replica, const FetchItems& items);
    [[nodiscard]] ErrorCode errorOfUnknown(const TopicPartition& partition, const MetadataCache* metadata) const;
    [[nodiscard]] LogConfig logConfigOf(const TopicName& topic) const;
    void applyConfig(Slot slot);

    /// What the settings of broker and topic say to a batch that is appended.
    struct AppendRules {
        std::int32_t batchMax = 0;  ///< bytes
        ByteCount segmentBytes = 0;
        bool stampsTime = false;
    };
    Ref<const BrokerConfig> m_config;
    std::vector<Ref<Partition>> m_partitions;
    ChangeList m_changes;                   ///< by slot
    std::vector<AppendRules> m_rules;       ///< by slot
    std::vector<std::uint16_t> m_sleepers;  ///< by slot: sessions in which it sleeps
    std::vector<std::uint64_t> m_bytesOut;  ///< by slot; a fetch leaves its partition as it is
    SlotTable m_index;                      ///< by partition
    SharedMap<TopicName, TopicConfig> m_topicConfigs;
    std::vector<ParkedProduce> m_parkedProduces;
    std::vector<ParkedFetch> m_parkedFetches;
    std::vector<FetchSession> m_sessions;  ///< by connection
    std::int32_t m_nextSession = 1;
    SlotSet m_grown;     ///< log end moved, or role changed
    SlotSet m_advanced;  ///< high watermark moved, or role or in-sync set changed
    std::optional<SimTime> m_sweepAt;
    std::vector<Offset> m_checkpointed;  ///< by slot: high watermarks of the last checkpoint
    ChangeList::Stamp m_checkpointedAt = 0;
    mutable BrokerTopicStats m_stats;  // as of the last look at them
    mutable ChangeList::Stamp m_figuresAt = 0;
    std::uint64_t m_recoveryCheckpointed = 0;  ///< digest of the last checkpoint of recovery points
    bool m_hasFailed = false;
    // For planted faults only.
    std::uint64_t m_appends = 0;
    std::optional<std::pair<Slot, BatchRef>> m_heldBack;
    PooledVector<Answer> m_answers;
    std::vector<OwnAppend> m_ownAppends;
    std::vector<InSyncProposal> m_proposals;
};

/// What a broker's log directory holds of a replica, whether the broker runs or not; the high watermark is that of its
/// last checkpoint.
struct StoredReplica {
    PartitionLog::Stored log;
    Offset highWatermark;
};
/// By topic, then partition.
[[nodiscard]] std::vector<StoredReplica> storedReplicas(const sim::ProcessDisk& disk);
/// What it holds of one partition, in order.
[[nodiscard]] Batches storedBatches(const sim::ProcessDisk& disk, const TopicPartition& partition);

}  // namespace millrace::kafka
