#pragma once

#include <string>
#include <vector>

#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/flow/operator.h"
#include "engine/kafka/client/consumer.h"
#include "engine/storm/operators/offset_manager.h"
#include "engine/storm/runtime/operator.h"

namespace millrace::storm {

/// Settings of the spout, named after storm-kafka-client's; consumer settings by Kafka's own.
struct KafkaSpoutConfig {
    kafka::ConsumerConfig consumer;  ///< group.id, auto.offset.reset (the spout's own default is earliest) and the rest
    std::string topic;
    SimDuration commitPeriod = std::chrono::seconds{30};  ///< offsetCommitPeriodMs
    SimDuration retryDelayPeriod =
        std::chrono::milliseconds{2};  ///< retryService: first again at once, then 2 ms * 2^(n-1)
    SimDuration retryDelayMax = std::chrono::seconds{10};
    SimDuration partitionRefresh = std::chrono::seconds{2};  ///< partitionRefreshPeriodMs
};

/// storm-kafka-client's KafkaSpout with its defaults: at least once. Partitions are dealt to the spout's tasks round
/// robin without the group protocol (RoundRobinManualPartitioner); the group only keeps the offsets. A record becomes a
/// tuple (topic, partition, offset, key, value). A tuple that fails is emitted again after a back-off; every 30 s the
/// offset is committed up to which all tuples are acked, so after a crash everything since then comes again.
///
/// Left out: the real spout fetches a failed record again from the broker; this one keeps the record until its tuple is
/// acked. `maxUncommittedOffsets` (10,000,000) and null tuples.
class KafkaSpout final : public SpoutBase<KafkaSpout> {
public:
    struct Config final : Counted {
        KafkaSpoutConfig settings;
        explicit Config(KafkaSpoutConfig what) : settings(std::move(what)) {}
    };

    explicit KafkaSpout(Ref<const Config> config) : m_config(std::move(config)) {}

    void open(SpoutOutput& output, const OperatorSetup& setup) override;
    std::uint32_t nextTuples(SpoutOutput& output, std::uint32_t limit) override;
    [[nodiscard]] bool hasNext(SimTime now) const override;
    [[nodiscard]] std::optional<SimTime> nextDue() const override;
    void ack(SpoutOutput& output, MessageId id) override;
    void fail(SpoutOutput& output, MessageId id) override;
    bool handle(SpoutOutput& output, const sim::Message& message) override;
    [[nodiscard]] const SourceRecord* recordOf(MessageId id) const override;
    [[nodiscard]] std::uint64_t unfinished() const override { return m_waiting.size() - m_nextWaiting + m_unacked; }
    [[nodiscard]] std::vector<SpoutPosition> positions() const override;

private:
    struct CommitTime final : sim::MessageBase<CommitTime> {
        static constexpr std::string_view Name = "storm.SpoutCommit";
        std::int32_t task = 0;
        explicit CommitTime(std::int32_t of) : task(of) {}
        void digest(Digest& digest) const override { digest.add(task); }
    };
    struct RefreshTime final : sim::MessageBase<RefreshTime> {
        static constexpr std::string_view Name = "storm.SpoutRefresh";
        std::int32_t task = 0;
        explicit RefreshTime(std::int32_t of) : task(of) {}
        void digest(Digest& digest) const override { digest.add(task); }
    };
    /// Text that tuples hold views of.
    struct Name final : Counted {
        std::string text;
        explicit Name(std::string what) : text(std::move(what)) {}
    };
    struct Waiting {
        RecordSetRef set;
        std::uint32_t record = 0;
        MessageId id = 0;
    };
    struct Emitted {
        RecordSetRef set;  ///< null: acked, or an offset without a record
        std::uint32_t record = 0;
        std::uint32_t failures = 0;
    };
    struct Retry {
        SimTime due;
        MessageId id = 0;
        friend auto operator<=>(const Retry&, const Retry&) = default;
    };
    struct Partition {
        kafka::TopicPartition name;
        OffsetManager offsets;
        std::uint32_t generation = 0;  ///< grows when the log was cut under us: older message ids are void
        bool isStarted = false;
        std::int64_t committed = -1;
        /// From the oldest tuple that is not acked on, by offset less `firstOffset`. Offsets come and go in order but
        /// for a few, so a copy of the spout costs what has moved.
        SharedLog<Emitted, 64> emitted;
        std::int64_t firstOffset = 0;
    };

    void assignPartitions(sim::Context& context);
    void takeFetched(SpoutOutput& output);
    void emitRecord(SpoutOutput& output, const RecordSetRef& set, std::uint32_t record, MessageId id);
    void commit(sim::Context& context);
    void journalReplay(sim::Context& context, const SourceRecord& record, std::uint32_t failures) const;
    [[nodiscard]] static MessageId makeId(std::size_t partition, std::uint32_t generation, std::int64_t offset);
    [[nodiscard]] static std::int64_t offsetOf(MessageId id);
    [[nodiscard]] const Partition* partitionOf(MessageId id) const;
    [[nodiscard]] Partition* partitionOf(MessageId id);
    /// The tuple of this id, or null when it is acked or its partition has begun anew.
    [[nodiscard]] const Emitted* findEmitted(MessageId id) const;
    void noteEmitted(const Waiting& next);

    Ref<const Config> m_config;
    Ref<const Name> m_topic;
    std::string m_component;
    std::int32_t m_task = 0;
    std::int32_t m_taskIndex = 0;
    std::int32_t m_tasks = 1;
    kafka::TopicName m_topicName;
    kafka::Consumer m_consumer;
    std::vector<Partition> m_partitions;
    std::vector<Waiting> m_waiting;  // fetched, not yet emitted: from m_nextWaiting on
    std::size_t m_nextWaiting = 0;
    bool m_hasFetched = false;  // the consumer has batches that were not taken
    std::uint64_t m_unacked = 0;
    SharedMap<Retry, bool> m_retries;  // the values mean nothing: failures come by the ten thousand
    std::uint64_t m_nextCommit = 1;
};

[[nodiscard]] Ref<const SpoutFactory> makeKafkaSpout(KafkaSpoutConfig config);
[[nodiscard]] const flow::Operator& kafkaSpoutKind();

}  // namespace millrace::storm
