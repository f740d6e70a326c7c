#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/shared_log.h"
#include "engine/base/sim_time.h"
#include "engine/kafka/log/leader_epochs.h"
#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/types.h"
#include "engine/sim/context.h"
#include "engine/sim/disk.h"

namespace millrace::kafka {

struct LogConfig {
    ByteCount segmentBytes = 1 << 30;
    SimDuration segmentAge = std::chrono::hours{168};
    ByteCount retentionBytes = -1;                       ///< negative: without limit
    SimDuration retentionAge = std::chrono::hours{168};  ///< negative: for ever
};

/// Told to the broker's actor when a flush is done; nobody waits for it.
struct LogFlushed final : sim::MessageBase<LogFlushed> {
    static constexpr std::string_view Name = "kafka.LogFlushed";
    void digest(Digest&) const override {}
};

/// One replica of a partition: batches in order of offset, in segments, each a file of the host's disk.
///
/// Invariants: batches follow each other without overlap; log start <= high watermark <= log end; every batch is in the
/// file of its segment at index (its index - the segment's first); the epochs' starts lie within the log.
/// The batches stand in memory as well, shared with the files: that is the page cache, which the disk model takes as
/// always warm. Owned by the broker's actor; all that must survive it goes through `Context`.
/// Left out: index files (an offset is found by halving), compaction, the delay of file deletion.
class PartitionLog {
public:
    struct Segment {
        Offset base;
        std::uint64_t firstBatch = 0;
        ByteCount bytes = 0;
        std::int64_t firstTimestamp = noTimestamp;  ///< of its first batch, the latest of its records
        std::int64_t maxTimestamp = noTimestamp;
        SimTime opened;
        sim::FileId file;
    };

    PartitionLog() = default;
    PartitionLog(std::string directory, TopicPartition partition, LogConfig config)
        : m_directory(std::move(directory)), m_partition(std::move(partition)), m_config(config) {}

    /// Reads the partition's files as a broker finds them at its start, or an empty log. What does not follow on
    /// without a gap is removed, as Kafka's recovery does.
    [[nodiscard]] static PartitionLog recover(sim::Context& context, std::string directory, TopicPartition partition,
                                              LogConfig config);
    /// What a log directory holds of one partition.
    struct Stored {
        TopicPartition partition;
        Offset start;
        Offset end;
        LeaderEpoch epoch = noEpoch;  ///< of the last batch
        ByteCount bytes = 0;
    };
    /// The partitions that have a folder in this log directory, in the order of the folders' names.
    [[nodiscard]] static std::vector<Stored> onDisk(const sim::ProcessDisk& disk, std::string_view directory);
    /// The batches that it holds of one partition, in the order of their files.
    [[nodiscard]] static Batches batchesOnDisk(const sim::ProcessDisk& disk, std::string_view directory,
                                               const TopicPartition& partition);

    // --- writing
    /// Gives the batch its offsets and epoch, as the leader; the error is the disk's.
    [[nodiscard]] Result<BatchRef, sim::DiskError> appendAsLeader(sim::Context& context, const RecordBatch& batch,
                                                                  LeaderEpoch epoch);
    /// Takes a batch as the leader numbered it; it must start at the log's end.
    [[nodiscard]] Result<void, sim::DiskError> appendAsFollower(sim::Context& context, BatchRef batch);
    /// A new leader notes where its epoch begins.
    void beginEpoch(sim::Context& context, LeaderEpoch epoch);
    /// Cuts off every batch that holds an offset at or above `end`. Gives the new end.
    Offset truncateTo(sim::Context& context, Offset end);
    /// Throws all away; the next batch starts at `start`.
    void truncateFullyTo(sim::Context& context, Offset start);
    /// Deletes whole old segments by the retention settings, never above the high watermark; an active segment that is
    /// past its retention is closed first. Gives the bytes deleted. Source: UnifiedLog.deleteOldSegments.
    ByteCount deleteOldSegments(sim::Context& context);
    void flush(sim::Context& context);
    void removeFiles(sim::Context& context);

    /// Never moves below the log's start or past its end; `raise` never moves back.
    bool raiseHighWatermark(Offset to);
    void setHighWatermark(Offset to);
    void configure(LogConfig config) { m_config = config; }

    // --- reading
    /// Appends to `out` the batches from the one that holds `from` up to `limit`, of at most `maxBytes` together; the
    /// first is given whatever its size when `atLeastOne`. Gives their bytes.
    ByteCount read(Offset from, Offset limit, ByteCount maxBytes, bool atLeastOne, Batches& out) const;
    /// Bytes that a read without limits would give, up to `enough`.
    [[nodiscard]] ByteCount bytesBetween(Offset from, Offset limit, ByteCount enough) const;
    struct Found {
        Offset offset;
        std::int64_t timestamp = noTimestamp;
        LeaderEpoch epoch;
    };
    /// The first record below `limit` whose time stamp is not before.
    [[nodiscard]] std::optional<Found> findTimestamp(std::int64_t timestamp, Offset limit) const;
    [[nodiscard]] EpochEnd endOfEpoch(LeaderEpoch epoch) const { return m_epochs.endOf(epoch, m_end); }

    [[nodiscard]] const TopicPartition& partition() const { return m_partition; }
    [[nodiscard]] Offset start() const { return m_start; }
    [[nodiscard]] Offset end() const { return m_end; }
    [[nodiscard]] Offset highWatermark() const { return m_highWatermark; }
    [[nodiscard]] const LeaderEpochs& epochs() const { return m_epochs; }
    [[nodiscard]] const std::vector<Segment>& segments() const { return m_segments; }
    [[nodiscard]] const SharedLog<BatchRef, 64>& batches() const { return m_batches; }
    /// Index of the first batch that ends behind the offset. O(log n), and less near the end.
    [[nodiscard]] std::uint64_t batchHolding(Offset offset) const;
    [[nodiscard]] ByteCount size() const { return m_bytes; }
    /// What is on the medium for certain: the closed segments, which are flushed when they are closed.
    [[nodiscard]] Offset recoveryPoint() const { return m_segments.empty() ? m_start : m_segments.back().base; }
    /// Bytes of the segments from the one that holds the offset on: what a start after an unclean stop reads.
    [[nodiscard]] ByteCount bytesFrom(Offset point) const;

private:
    [[nodiscard]] Result<void, sim::DiskError> write(sim::Context& context, BatchRef batch);
    void take(BatchRef batch);
    void rollIfDue(sim::Context& context, const RecordBatch& next);
    void openSegment(sim::Context& context, Offset base);
    void openEmptySegment(sim::Context& context, Offset base);
    void dropFirstSegment(sim::Context& context);
    void writeEpochs(sim::Context& context);
    [[nodiscard]] std::string folder() const;
    [[nodiscard]] std::string segmentFile(Offset base) const;
    void checkOrder() const;

    std::string m_directory;
    TopicPartition m_partition;
    LogConfig m_config;
    SharedLog<BatchRef, 64> m_batches;
    std::vector<Segment> m_segments;
    LeaderEpochs m_epochs;
    Offset m_start;
    Offset m_end;
    Offset m_highWatermark;
    ByteCount m_bytes = 0;
};

}  // namespace millrace::kafka
