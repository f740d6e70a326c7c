#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/ingest/facts.h"
#include "engine/ingest/sink_process.h"
#include "engine/kafka/facts.h"
#include "engine/run/coordination_book.h"
#include "engine/run/position_set.h"
#include "engine/run/rejected_book.h"
#include "engine/run/stream_book.h"
#include "engine/run/truth_book.h"
#include "engine/sim/world.h"

namespace millrace::run {

/// Why acknowledged records are gone.
enum class LossCause : std::uint8_t { UncleanElection, Acks, PowerLoss };
[[nodiscard]] std::string_view toText(LossCause cause);

/// Records that a producer was told are safe and that no log holds any more.
struct Loss {
    std::string producer;
    std::string source;
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t from = 0;  ///< offsets: the first
    std::int64_t to = 0;    ///< and the last
    std::int64_t records = 0;
    LossCause cause = LossCause::Acks;
    /// acks = all with at least two in-sync replicas asked for: this should never happen.
    bool wasPromised = false;
    SimTime time;  ///< when a leader without them began
};

/// What must hold of every record's way, as the books see it.
enum class RecordRule : std::uint8_t {
    SentByProducer,        ///< nothing stands in a log that no producer sent, and as it was sent
    RightPartition,        ///< where the producer sent it, and a key where its hash says
    InOrder,               ///< first occurrences in the producer's order, where the settings promise it
    NoDoubleWithoutCause,  ///< nothing twice in a log without a retry or a restart
    AcknowledgedIsStored,  ///< what is acknowledged stands in the log, or a later leader explains why not
    DeliveredOnce,         ///< a reader gets each offset once and in order, and leaves none out
    BelowHighWatermark,    ///< and nothing above the high watermark
    NotAfterRevocation,    ///< and nothing of a partition that its group has taken away
    CommittedIsDelivered,  ///< what a group commits has been delivered to it
    CommitOfToday,         ///< by a member of its present generation, and never backwards
    SinkAnswersTruly,      ///< a sink answers what it has committed, and commits it once
};
inline constexpr std::size_t recordRuleCount = 11;

/// How one rule stands: how often it was asked, and what first contradicted it.
struct RuleStatus {
    std::uint64_t checked = 0;
    std::optional<std::pair<SimTime, std::string>> first;
};

/// Records given up for the same reason.
struct GivenUp {
    std::string reason;
    std::int64_t records = 0;
    std::int64_t first = 0;  ///< positions: the lowest
    std::int64_t last = 0;   ///< and the highest
};

/// What has become of a source's records, in numbers.
struct SourceFigures {
    std::string source;
    std::string producer;
    std::int64_t sent = 0;           ///< records in complete batches, each once
    std::int64_t acked = 0;          ///< acknowledged
    std::int64_t stored = 0;         ///< positions that stand in a log
    std::int64_t doubled = 0;        ///< positions that were appended again while they stood in the log
    std::int64_t retried = 0;        ///< positions that were sent again
    std::int64_t failed = 0;         ///< positions given up
    std::int64_t failedPresent = 0;  ///< of these, positions that stand in a log all the same
    std::int64_t ackedLost = 0;      ///< positions acknowledged and gone
    std::int64_t reordered = 0;      ///< batches that came behind a younger one of their partition
    kafka::Acks acks = kafka::Acks::All;
    std::vector<GivenUp> givenUp;  ///< by reason, in the order in which they came up
};

/// What has become of a source's records at a sink.
struct SinkFate {
    std::string sink;
    std::string source;
    std::int64_t written = 0;   ///< positions of which something is committed
    std::int64_t repeated = 0;  ///< writes whose origin had been written before
};

/// The ledger of origins: for each source and position what became of it, from what producers, brokers, readers and
/// sinks tell (sim::Fact) and from the effects of sinks. A value beside the world: copies share, so that it is kept
/// with each checkpoint and a rewind or a fork loses nothing and counts nothing twice. Outside of world, queue and
/// fingerprint.
///
/// Memory: one bit a position and set at worst; where a record stands is kept as spans (offset, position, stride),
/// which fold while a partition takes every n-th record, and of which a partition keeps the newest 65,536; what else is
/// kept of a partition is no older, or thinned. The log of a
/// partition is the chain of what leaders appended: when a leader begins, its epochs say from which offset on the chain
/// is not its own (KIP-101), and what was acknowledged there is lost. Left out: records of foreign clients, which carry
/// no origin of ours; acks = 0 promises nothing, so nothing of it is lost.
class Ledger {
public:
    /// What the world has done since the last call, in order.
    void take(const sim::World& world, std::span<const sim::ToldFact> facts,
              std::span<const sim::NumberedEffect> effects);

    [[nodiscard]] std::vector<Loss> losses() const;
    [[nodiscard]] std::vector<SourceFigures> sources() const;
    [[nodiscard]] std::vector<SinkFate> sinks() const;
    /// All that a sink has committed up to a transaction.
    struct SinkTotals {
        std::string sink;
        bool writesOnce = false;
        std::uint64_t lastTransaction = 0;
        std::uint64_t origins = 0;  ///< different (source, position, part, table)
        std::uint64_t repeated = 0;
    };
    [[nodiscard]] std::vector<SinkTotals> sinkTotals() const;
    /// What ZooKeeper's servers and clients tell.
    [[nodiscard]] const CoordinationBook& coordination() const { return m_coordination; }
    /// The way of records through streaming applications.
    [[nodiscard]] const StreamBook& streams() const { return m_streams; }
    /// Lines that bolts and producers have rejected.
    [[nodiscard]] const RejectedBook& rejected() const { return m_rejected; }
    /// The quality of what feeds sent, against the truth.
    [[nodiscard]] std::vector<observe::ScoreView> scores() const;
    /// The page of a source: its score, and how late and how old what comes of it is.
    [[nodiscard]] observe::DataPage describeData(std::string_view source) const;
    [[nodiscard]] const RuleStatus& status(RecordRule rule) const { return m_rules[static_cast<std::size_t>(rule)]; }
    /// Where a position stands: topic, partition, offset. Empty when in no log, or longer ago than spans are kept.
    struct Place {
        std::string topic;
        std::int32_t partition = 0;
        std::int64_t offset = 0;
    };
    [[nodiscard]] std::vector<Place> placesOf(std::string_view source, std::int64_t position) const;
    /// The offset that a group has committed since its reader of the partition last got a position; nothing before.
    [[nodiscard]] std::optional<std::int64_t> committedSincePosition(std::string_view group,
                                                                     const kafka::TopicPartition& partition) const;
    /// What groups have committed, and the groups themselves, may be gone with a log.
    [[nodiscard]] bool hasLostCommits() const { return m_hasLostCommits; }
    [[nodiscard]] bool isFailed(std::string_view source, std::int64_t position) const;
    [[nodiscard]] bool isWritten(std::string_view sink, std::string_view source, std::int64_t position) const;

private:
    /// The positions of a batch: `first`, `first + stride` ... when `isRegular`.
    struct Positions {
        std::int64_t first = 0;
        std::int64_t stride = 0;
        std::int32_t count = 0;
        bool isRegular = true;
    };
    struct Sent {
        Positions positions;
        const void* payload = nullptr;  ///< tells it apart, together with the sum, while its producer holds it
        std::uint32_t crc = 0;
        kafka::LeaderEpoch appendedIn = kafka::noEpoch;  ///< `noEpoch`: not yet
        bool isPromised = false;                         ///< by who appended it; see Span
        bool isSettled = false;
    };
    /// What one producer has sent to one partition and is not done with.
    struct Lane final : Counted {
        SharedLog<Sent, 8> sent;        // few at a time: short chunks stay in the caches
        std::uint64_t appendedEnd = 0;  ///< behind the youngest that was appended
        std::uint64_t lateEnd = 0;      ///< acks = 0: what is older may have gone another way than what is younger
        bool hasRetried = false;
        bool hasSplit = false;  ///< the parts go before what was closed after the whole: no order to compare with
    };
    struct SourceBook final : Counted {
        kafka::SenderRef sender;
        std::uint32_t incarnation = 0;
        std::int64_t sentTo = 0;       ///< behind the highest position sent
        std::int64_t resentFrom = -1;  ///< a restart sends again from here on; -1: there was none
        std::vector<Ref<Lane>> lanes;  ///< by partition
        PositionSet stored, doubled, retried, failed, lost;
        std::int64_t acked = 0, reordered = 0;
        std::vector<GivenUp> givenUp;
    };
    struct Span {
        std::int64_t base = 0;
        Positions positions;
        std::uint32_t source = 0;
        bool isForAll = false;    ///< acks = all
        bool isPromised = false;  ///< and min.insync.replicas at least 2
        [[nodiscard]] std::int64_t end() const { return base + positions.count; }
        [[nodiscard]] std::int64_t positionAt(std::int64_t offset) const {
            return positions.first + positions.stride * (offset - base);
        }
    };
    struct PartitionBook final : Counted {
        kafka::TopicPartition name;
        kafka::LeaderEpoch epoch = kafka::noEpoch;
        kafka::LeaderEpoch uncleanFrom = kafka::noEpoch;  ///< the last leader that was not in sync
        std::vector<kafka::LeaderEpochs::Entry> chain;    ///< epochs of the log, with where each begins
        std::int64_t end = 0;
        SharedLog<Span, 64> spans;
        Stretches acked;
        SimTime nextTime = SimTime::min();                      ///< when the next of `times` is due
        SharedLog<std::pair<std::int64_t, SimTime>, 64> times;  ///< where the log ended: each second, older ones rarer
    };
    /// One group's reading of one partition.
    struct ReaderBook final : Counted {
        std::string group;
        kafka::TopicPartition partition;
        struct Reader {
            sim::ProcessId process;
            std::uint32_t incarnation = 0;
            kafka::ReaderRef identity;
            kafka::ReaderRef revoked;  ///< what it was when its partitions were taken
            std::int64_t position = -1;
        };
        std::vector<Reader> readers;
        Stretches delivered;
        std::int64_t reachedEnd = -1;  ///< the highest offset that a reader could commit
        std::int64_t committed = -1;
        std::int64_t committedMax = -1;
        std::int32_t committedIn = -1;
        std::int32_t coordinatedIn = -1;  ///< leader epoch of the latest coordinator that took a commit
        std::int64_t reachedSince = -1;   ///< the highest offset since a reader last got a position
        std::int64_t setBackTo = -1;      ///< the lowest position set since the last commit, -1: none
        /// How far readers were when a log was cut under them: a commit up to there may be of what was cut off.
        std::int64_t reachedBeforeCut = -1;
        std::array<std::int64_t, 8> recent{-1, -1, -1, -1,
                                           -1, -1, -1, -1};  ///< commits; a lost answer brings one again
        std::size_t commits = 0;
    };
    struct SinkBook final : Counted {
        SinkTotals totals;
        std::vector<std::pair<Ref<const ingest::SinkCommit>, SimTime>> unanswered;
        std::vector<std::pair<std::string, PositionSet>> written;  ///< by source
        std::vector<std::int64_t> repeated;                        ///< beside `written`
        ingest::SeenPositions seen;
    };

    void takeOne(const sim::World& world, const sim::ToldFact& told);
    [[nodiscard]] std::size_t findSource(std::string_view source) const;
    /// Whose batch it is and, when its producer is not done with it, where it stands in its lane.
    struct Sender {
        std::size_t source;
        std::optional<std::uint64_t> at;
    };
    [[nodiscard]] Sender senderOf(const kafka::BatchAppended& fact) const;
    [[nodiscard]] std::uint32_t indexOf(const kafka::TopicPartition& partition);
    SourceBook& sourceOf(const kafka::SenderRef& sender);
    Lane& laneOf(SourceBook& book, std::int32_t partition);
    PartitionBook& partitionOf(const kafka::TopicPartition& partition);
    ReaderBook& readingOf(const std::string& group, const kafka::TopicPartition& partition);
    static ReaderBook::Reader& readerOf(ReaderBook& book, const sim::ToldFact& told, const kafka::ReaderRef& identity);
    SinkBook& sinkOf(const std::string& sink);

    void onStarted(const sim::ToldFact& told, const kafka::SenderStarted& fact);
    void onCutOff(const kafka::SenderCutOff& fact);
    static void goesAnotherWay(Ref<Lane>& lane);
    void onClosed(const sim::ToldFact& told, const kafka::BatchClosed& fact);
    void onRetried(const kafka::BatchRetried& fact);
    void onGivenUp(const kafka::BatchGivenUp& fact);
    void onRecordGivenUp(const kafka::RecordGivenUp& fact);
    void onSplit(const kafka::BatchSplit& fact);
    static void noteGivenUp(SourceBook& book, std::int64_t position, const std::string& reason);
    void onAcked(const sim::World& world, const sim::ToldFact& told, const kafka::BatchAcked& fact);
    void onAppended(const sim::ToldFact& told, const kafka::BatchAppended& fact);
    void onLeader(const sim::World& world, const sim::ToldFact& told, const kafka::LeaderBegun& fact);
    void onUnclean(const kafka::UncleanlyElected& fact);
    void onPosition(const sim::ToldFact& told, const kafka::PositionSet& fact);
    void onDelivered(const sim::ToldFact& told, const kafka::RecordsDelivered& fact);
    void onRevoked(const sim::ToldFact& told, const kafka::ReaderRevoked& fact);
    void onCommitted(const sim::ToldFact& told, const kafka::OffsetCommitted& fact);
    void onAnswered(const sim::ToldFact& told, const ingest::SinkAnswered& fact);
    void onSinkEffect(const sim::NumberedEffect& effect);

    /// Compares what is appended with what was sent; gives its positions.
    Positions checkSent(const sim::ToldFact& told, const kafka::BatchAppended& fact, bool isOfToday,
                        const std::optional<std::uint64_t>& at, SourceBook& book);
    void checkUnsent(const sim::ToldFact& told, const kafka::BatchAppended& fact, const SourceBook& book,
                     const Positions& positions);
    void store(PartitionBook& partition, const kafka::RecordBatch& batch, const Positions& positions, Span span);
    static void addSpan(PartitionBook& partition, const Span& span);
    static void noteTime(PartitionBook& partition, SimTime now);
    static void settle(Lane& lane, std::uint64_t at);
    [[nodiscard]] static std::optional<std::uint64_t> findSent(const Lane& lane, const kafka::RecordBatch& batch);
    [[nodiscard]] static Positions positionsOf(const kafka::RecordBatch& batch);
    template <class F>
    static void forEachPosition(const Positions& positions, const kafka::RecordBatch& batch, F&& f);
    void cut(const sim::ToldFact& told, PartitionBook& partition, std::int64_t from, LossCause cause);
    [[nodiscard]] static LossCause causeOf(const sim::World& world, const sim::ToldFact& told,
                                           const PartitionBook& partition, kafka::LeaderEpoch epoch, std::int64_t from);
    [[nodiscard]] static const Span* spanAt(const PartitionBook& partition, std::int64_t offset);
    void noteLoss(Loss loss);

    template <class Text>
    void expect(RecordRule rule, SimTime time, bool holds, const Text& text) {
        RuleStatus& status = m_rules[static_cast<std::size_t>(rule)];
        ++status.checked;
        if (!holds && !status.first) [[unlikely]] {
            status.first.emplace(time, text());
        }
    }

    std::set<std::string, std::less<>> m_shared;  ///< topics that others write beside producers
    std::vector<Ref<SourceBook>> m_sources;
    SharedMap<std::string, std::size_t> m_sourceIndex;  ///< by name
    SharedMap<kafka::TopicPartition, std::uint32_t> m_partitionIndex;
    std::array<std::uint32_t, 1024> m_partitionCache{};  // by hash: an index, to be compared
    std::vector<Ref<PartitionBook>> m_partitions;
    std::vector<Ref<ReaderBook>> m_readings;
    std::vector<std::vector<std::uint32_t>> m_readingsOf;  // by partition: one a group
    std::vector<Ref<SinkBook>> m_sinks;
    SharedLog<Loss, 16> m_losses;
    CoordinationBook m_coordination;
    RejectedBook m_rejected;
    StreamBook m_streams;
    TruthBook m_truth;
    std::array<RuleStatus, recordRuleCount> m_rules;
    bool m_hasForeigners = false;   // clients from outside, who may write what they like
    bool m_hasLostCommits = false;  // what groups committed may be gone with a log
};

}  // namespace millrace::run
