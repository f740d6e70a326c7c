#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/kafka/change_list.h"
#include "engine/kafka/client/broken_rules.h"
#include "engine/kafka/client/cluster_client.h"
#include "engine/kafka/client/due_times.h"
#include "engine/kafka/facts.h"
#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/protocol/produce.h"
#include "engine/sim/context.h"

namespace millrace::kafka {

/// A producer's settings with the defaults of Kafka 3.9's Java client; names in brackets are its keys.
struct ProducerConfig {
    ClusterClientConfig client;
    Acks acks = Acks::All;                                           ///< acks
    std::int32_t batchSize = 16'384;                                 ///< batch.size
    SimDuration linger{0};                                           ///< linger.ms
    std::int32_t maxInFlight = 5;                                    ///< max.in.flight.requests.per.connection
    std::int32_t retries = 2'147'483'647;                            ///< retries
    SimDuration retryBackoff = std::chrono::milliseconds{100};       ///< retry.backoff.ms
    SimDuration retryBackoffMax = std::chrono::milliseconds{1'000};  ///< retry.backoff.max.ms
    SimDuration deliveryTimeout = std::chrono::seconds{120};         ///< delivery.timeout.ms
    ByteCount bufferMemory = 32 << 20;                               ///< buffer.memory
    std::int32_t maxRequestSize = 1 << 20;                           ///< max.request.size
    SimDuration maxBlock = std::chrono::seconds{60};                 ///< max.block.ms
    Codec codec = Codec::None;                                       ///< compression.type: none or lz4
    bool ignoresKeys = false;  ///< partitioner.class is RoundRobinPartitioner, which looks at no key
    BrokenClientRules broken;
};

struct ProducerFigures {
    std::int64_t sent = 0;     ///< records handed to the producer
    std::int64_t acked = 0;    ///< records whose fate the cluster has confirmed as good (acks = 0: records transmitted)
    std::int64_t failed = 0;   ///< records given up
    std::int64_t retried = 0;  ///< records sent again, counted at each time
    std::int64_t pending = 0;  ///< records neither acked nor failed
    ByteCount bufferedBytes = 0;
};

/// What a producer holds for one partition: records that are neither acknowledged nor given up.
struct ProducerBacklog {
    TopicPartition partition;
    BrokerId leader = noBroker;  ///< as the producer's metadata says
    Acks acks = Acks::All;
    std::int64_t records = 0;
    SimTime oldest;     ///< when the oldest of them was handed over
    SimTime overdueAt;  ///< when its batch should have been sent long ago: linger.ms after the hand-over
    SimTime givenUpAt;  ///< when that one will be given up (delivery.timeout.ms)
};

/// A batch whose place in the log a producer was told.
struct AckedBatch {
    Offset base = noOffset;
    std::int32_t records = 0;
    std::uint32_t crc = 0;
};

/// Kafka's producer without idempotence: records gather in one open batch a partition, batches wait in a queue a
/// partition, and each broker gets requests of one batch for each partition it leads, at most `max.in.flight` at once.
/// A keyed record goes where murmur2 says, one without a key to the next partition with a leader in turn, as
/// RoundRobinPartitioner deals all. What fails in a way that may pass is sent again after a back-off until
/// `delivery.timeout.ms`; a request that was lost without an answer may have been appended, so sending it again may
/// append it twice: each retry is journalled with the positions it concerns ("kafka.producer-retry").
/// A broker's ready partitions are listed where that changes, and what becomes ready or too old by itself stands in
/// `DueTimes`, so that a handler pays for what it touches and not for all partitions of all brokers.
/// Order: a failed batch goes to the front of its queue (RecordAccumulator.reenqueue), so several that failed together
/// go out again the newest first. With `max.in.flight` 1 a partition has one batch under way at most, at whichever
/// broker, until it is answered (Sender.guaranteeMessageOrder), and nothing is reordered.
/// A batch that is too large for the broker is split when it holds several records (KIP-126), by `batch.size`, or in
/// two when it is not larger than that (3.9 itself sends such a one again and again until its delivery times out,
/// KAFKA-8350).
/// Invariant: every record handed over is exactly one of acked, failed or pending. One that failed by its delivery
/// time-out while it was in flight may stand in the log all the same. A component of its actor, which passes on the
/// messages it does not know itself. Source: Kafka 3.9, RecordAccumulator and Sender. Leaves out: idempotence,
/// transactions.
class Producer {
public:
    Producer() = default;
    explicit Producer(ProducerConfig config);

    void start(sim::Context& context, const TopicName& topic);
    /// As whom it tells the books of the run what it does; without it, it tells nothing.
    void identify(SenderRef sender) { m_sender = std::move(sender); }
    /// Whether the topic's partitions are known and the buffer has room.
    [[nodiscard]] bool takes() const { return partitionCount() > 0 && m_buffered < m_config.bufferMemory; }
    /// Hands over a record; `flush` is due afterwards, once for all records of a handler. One that is larger than
    /// `max.request.size` or the whole buffer fails at once (KafkaProducer.ensureValidRecordSize): false. `settledUpTo`
    /// counts by `order` where positions do not grow from record to record.
    bool add(sim::Context& context, std::string_view source, std::int64_t position, std::optional<std::string_view> key,
             std::string_view value, std::optional<std::int64_t> order = std::nullopt);
    /// What send() throws when it has waited for `max.block.ms`: the record counts as handed over and as given up.
    void refuse(sim::Context& context, std::string_view source, std::int64_t position);
    [[nodiscard]] SimDuration maxBlock() const { return m_config.maxBlock; }
    /// Sends what is ready to be sent.
    void flush(sim::Context& context);
    /// Nothing more comes: what is gathered waits for no company any longer (linger.ms), as in Kafka.
    void close(sim::Context& context);
    /// True when the message was the producer's.
    bool handle(sim::Context& context, const sim::Message& message);

    [[nodiscard]] ProducerFigures figures() const;
    void sample(sim::MetricSink& sink) const;
    /// The lowest position (or order) that is neither acked nor failed, or `next` when there is none.
    [[nodiscard]] std::int64_t settledUpTo(std::int64_t next) const;
    /// A record that was added with an order and given up; for good: sent again it would fail again.
    struct FailedOrder {
        std::int64_t order = 0;
        bool isForGood = false;
    };
    /// Those since the last time that it was asked.
    [[nodiscard]] std::vector<FailedOrder> takeFailed() { return std::exchange(m_failedOrders, {}); }
    [[nodiscard]] const TopicName& topic() const { return m_topic; }
    /// Partitions with records that wait, in order.
    [[nodiscard]] std::vector<ProducerBacklog> backlog() const;
    /// Of the partition's batches that were acknowledged the one with the highest offset. Base `noOffset`: none yet.
    [[nodiscard]] AckedBatch newestAcked(PartitionIndex partition) const;
    /// By partition: of which there are new ones.
    [[nodiscard]] const ChangeList& acked() const { return m_acked; }
    [[nodiscard]] Acks acks() const { return m_config.acks; }

private:
    struct Batch {
        BatchRef data;
        SimTime created;
        SimTime retryAt;
        std::uint32_t attempts = 0;
        std::int64_t firstPosition = 0;
        std::vector<std::int64_t> orders;  ///< of its records, where they have some
        std::int64_t records = 0;
        bool isDone = false;  ///< given up while in flight: its answer changes nothing any more
    };
    struct OpenBatch {
        RecordBatchBuilder builder;
        SimTime created;
        std::int64_t firstPosition = 0;
        std::vector<std::int64_t> orders{};
        bool hasKeys = false;
    };
    using Place = std::uint32_t;
    static constexpr Place nowhere = 0xFFFFFFFFU;

    struct Queue {
        std::deque<Batch> closed;  // oldest first
        std::optional<OpenBatch> open;
        AckedBatch newestAcked;
        Place leader = nowhere;      // in m_brokers
        std::uint32_t underWay = 0;  // batches that wait for their answer
        bool isListed = false;       // among its leader's ready ones
    };
    struct InFlight {
        BrokerLinks::Tag tag = 0;
        PooledVector<std::pair<std::size_t, Batch>> batches;  // with their partitions' indices
        SimTime givesUpAt;                                    // the first of its batches that is not done
    };
    struct Broker {
        BrokerId id = noBroker;
        Place turn = nowhere;              // in which it is served; nowhere when it leads nothing
        std::vector<std::uint32_t> ready;  // partitions with a batch to be sent, in order
        std::vector<InFlight> inFlight;    // oldest first
    };

    [[nodiscard]] std::size_t partitionCount() const { return m_queues.size(); }
    [[nodiscard]] std::size_t choosePartition(std::optional<std::string_view> key);
    void closeBatch(sim::Context& context, std::size_t partition);
    [[nodiscard]] bool isReady(const Queue& queue, SimTime now) const;
    [[nodiscard]] SimTime wakeOf(const Queue& queue, SimTime now) const;
    /// The partition's queue has changed.
    void refresh(std::size_t partition, SimTime now);
    void list(std::size_t partition, bool isReady);
    void takeTurn(Place broker);
    void leaveTurn(Place broker);
    [[nodiscard]] std::vector<std::uint32_t> takeDue(SimTime now);
    [[nodiscard]] Place placeOf(BrokerId broker);
    [[nodiscard]] InFlight takeInFlight(BrokerId broker, BrokerLinks::Tag tag);
    void watchInFlight(Place broker);
    void sendTo(sim::Context& context, Place broker);
    [[nodiscard]] InFlight drain(sim::Context& context, Place broker);
    void transmit(sim::Context& context, Place broker, InFlight request);
    void expireInFlight(sim::Context& context);
    void expire(sim::Context& context);
    void armNext(sim::Context& context);
    void settle(sim::Context& context, const InFlight& request, const ProduceResponse& response);
    void settle(sim::Context& context, std::size_t partition, const Batch& batch,
                const ProduceResponse::Partition* result);
    void settleLost(sim::Context& context, InFlight request, std::string_view reason);
    [[nodiscard]] bool isMuted(const Queue& queue) const;
    void split(sim::Context& context, std::size_t partition, const Batch& batch);
    void failRecord(sim::Context& context, std::string_view source, std::int64_t position,
                    std::optional<std::size_t> partition, std::string_view error);
    void retryOrFail(sim::Context& context, std::size_t partition, Batch batch, std::string_view error, bool mayPass);
    void fail(sim::Context& context, std::size_t partition, const Batch& batch, std::string_view error,
              bool isForGood = false);
    void journal(sim::Context& context, std::string_view kind, std::size_t partition, const Batch& batch,
                 std::string_view error) const;
    [[nodiscard]] sim::JournalDraft draftOf(std::string_view kind, std::optional<std::size_t> partition,
                                            std::int64_t records, std::string_view source, std::string positions,
                                            std::uint32_t attempt, std::string_view error) const;
    void takeMetadata(sim::Context& context);
    void takeLeaders(const TopicMetadata& topic, SimTime now);
    /// Each batch whose records are neither acked nor failed: with its partition and the number of its records.
    template <class F>
    void forEachPending(const F& f) const {
        for (const DueTimes::Entry& entry : m_queuesDue.entries()) {  // all queues that are not empty
            const Queue& queue = m_queues[entry.index];
            for (const Batch& batch : queue.closed) {
                f(std::size_t{entry.index}, batch, batch.records);
            }
            if (queue.open) {
                f(std::size_t{entry.index}, *queue.open, std::int64_t{queue.open->builder.recordCount()});
            }
        }
        for (const Broker& broker : m_brokers) {
            for (const InFlight& request : broker.inFlight) {
                for (const auto& [partition, batch] : request.batches) {
                    if (!batch.isDone) {
                        f(partition, batch, batch.records);
                    }
                }
            }
        }
    }
    [[nodiscard]] TopicPartition nameOf(std::size_t partition) const;
    /// Makes the fact when somebody keeps books and knows the sender.
    template <class Told, class... Args>
    void tell(sim::Context& context, const BatchRef& batch, std::size_t partition, Args&&... args) const {
        if (m_sender && context.isListenedTo()) {
            context.tell(
                makeRef<Told>(m_sender, batch, static_cast<std::int32_t>(partition), std::forward<Args>(args)...));
        }
    }

    ProducerConfig m_config;
    bool m_isClosing = false;
    std::vector<FailedOrder> m_failedOrders;
    ClusterClient m_client;
    TopicName m_topic;
    SenderRef m_sender;
    std::vector<Queue> m_queues;                       // by partition
    std::vector<Broker> m_brokers;                     // in the order in which they were heard of
    std::vector<std::pair<BrokerId, Place>> m_places;  // in m_brokers, by id
    std::vector<std::pair<Place, Place>> m_inTurn;     // (turn, place) of those with ready partitions, in turn
    ChangeList m_acked;                                // by partition
    DueTimes m_queuesDue;                              // by partition: when its front becomes ready or too old
    DueTimes m_brokersDue;                             // by place: when the first batch under way becomes too old
    std::vector<RecordHeader> m_headers;
    std::size_t m_nextPartition = 0;
    std::size_t m_drainFrom = 0;
    BrokerLinks::Tag m_nextTag = 1;
    SimTime m_wakeAt = SimTime::max();
    std::uint64_t m_wakeRound = 0;
    ByteCount m_buffered = 0;
    ProducerFigures m_figures;
};

}  // namespace millrace::kafka
