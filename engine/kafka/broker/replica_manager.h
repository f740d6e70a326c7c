#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/kafka/broker/broker_topic_stats.h"
#include "engine/kafka/broker/config.h"
#include "engine/kafka/broker/coordinator.h"
#include "engine/kafka/broker/delayed_operations.h"
#include "engine/kafka/broker/fetch_sessions.h"
#include "engine/kafka/broker/log_manager.h"
#include "engine/kafka/broker/metadata_cache.h"
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

/// All replicas of a broker, and the requests that wait for them: produce requests for followers (acks = all), fetches
/// for records. What is due is gathered and taken by the broker's actor after each call: answers, outcomes of own
/// appends, proposed in-sync sets.
///
/// A connection has at most one delayed request. One is looked at when one of its partitions grew, moved its high
/// watermark or changed its role, and when its time is up. Fetch sessions (KIP-227) are kept for followers only and go
/// with their connection. What lies on the disk beside the records is LogManager's.
///
/// All that changes a partition goes through `edit`, which notes the change: fetchers, checkpoints, figures and whoever
/// looks from outside go through what changed since they looked, never through all partitions.
class ReplicaManager {
    /// Takes in what the fetches of a partition that slept would have told: the follower had all there was.
    struct Learner {
        ReplicaManager& replicas;
        void operator()(const FetchSession& session, const FetchItem& item) const;
    };

public:
    using Slot = kafka::Slot;
    static constexpr Slot noSlot = kafka::noSlot;

    explicit ReplicaManager(const Ref<const BrokerConfig>& config) : m_config(config), m_logs(config) {}

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
        if (m_sessions.isAsleepSomewhere(slot)) {
            m_sessions.wake(slot, Learner{*this});
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
    [[nodiscard]] const TopicConfig* topicConfig(const TopicName& topic) const { return m_logs.topicConfig(topic); }
    [[nodiscard]] bool hasTopicConfig(const TopicName& topic) const { return m_logs.topicConfig(topic) != nullptr; }
    /// Delayed requests of this partition are looked at again: its role changed.
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
    /// Answers the delayed requests that can be answered now. Called at each handler's end.
    void completeDelayed(sim::Context& context);
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
    [[nodiscard]] bool hasOwnAppends() const { return !m_ownAppends.empty(); }
    [[nodiscard]] bool hasProposals() const { return !m_proposals.empty(); }
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

    [[nodiscard]] std::size_t delayedProduces() const { return m_delayedProduces.size(); }
    [[nodiscard]] std::size_t delayedFetches() const { return m_delayedFetches.size(); }

private:
    void takeFigures() const;
    using ProduceItem = DelayedProduce::Item;
    /// What a fetch may still give, and what it has given.
    struct FetchBudget {
        ByteCount left = 0;
        ByteCount sent = 0;
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
    [[nodiscard]] bool settle(DelayedProduce& produce, SimTime now);
    void finish(DelayedProduce& produce);
    void finishOrDelay(sim::Context& context, DelayedProduce produce);
    [[nodiscard]] bool completeFetch(sim::Context& context, DelayedFetch& fetch);

    [[nodiscard]] bool isQuiet(const FetchItem& item) const;
    [[nodiscard]] ErrorCode checkFetch(const FetchItem& item) const;
    [[nodiscard]] std::optional<EpochEnd> divergence(const FetchItem& item) const;
    [[nodiscard]] Readable readable(const FetchItems& items, bool isFollower, ByteCount enough) const;
    void read(FetchItem& item, const FetchRequest& request, bool isIncremental, FetchBudget& budget,
              FetchResponse& response, const MetadataCache* metadata);
    void answerFetch(sim::Context& context, sim::ConnectionId connection, const FetchRequest& request,
                     const FetchItems& items, FetchSession* session, const MetadataCache* metadata = nullptr);
    void noteFollower(sim::Context& context, BrokerId replica, const FetchItems& items);
    [[nodiscard]] ErrorCode errorOfUnknown(const TopicPartition& partition, const MetadataCache* metadata) const;
    void applyConfig(Slot slot);

    Ref<const BrokerConfig> m_config;
    std::vector<Ref<Partition>> m_partitions;
    ChangeList m_changes;                   ///< by slot
    std::vector<TopicRules> m_rules;        ///< by slot, so that an append looks nothing up
    std::vector<std::uint64_t> m_bytesOut;  ///< by slot; a fetch leaves its partition as it is
    SlotTable m_index;                      ///< by partition
    LogManager m_logs;
    DelayedOperations<DelayedProduce> m_delayedProduces;
    DelayedOperations<DelayedFetch> m_delayedFetches;
    ExpirationAlarm m_expiration;  ///< of both
    FetchSessions m_sessions;
    SlotSet m_grown;                     ///< log end moved, or role changed
    SlotSet m_advanced;                  ///< high watermark moved, or role or in-sync set changed
    std::vector<Offset> m_checkpointed;  ///< by slot: high watermarks of the last checkpoint
    ChangeList::Stamp m_checkpointedAt = 0;
    mutable BrokerTopicStats m_stats;  // as of the last look at them
    mutable ChangeList::Stamp m_figuresAt = 0;
    bool m_hasFailed = false;
    // For planted faults only.
    std::uint64_t m_appends = 0;
    std::optional<std::pair<Slot, BatchRef>> m_heldBack;
    PooledVector<Answer> m_answers;
    std::vector<OwnAppend> m_ownAppends;
    std::vector<InSyncProposal> m_proposals;
};

}  // namespace millrace::kafka
