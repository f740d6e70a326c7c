#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/sim/fact.h"
#include "engine/spark/core/rdd.h"
#include "engine/spark/ids.h"
#include "engine/spark/streaming/rate_estimator.h"

namespace millrace::spark {

// What source servers, drivers and executors tell the books of a run (see run::StreamBook).

/// Positions of one source, as stretches [from, to) in the order in which they stand.
struct SourcePositions {
    std::string source;
    std::vector<std::pair<std::int64_t, std::int64_t>> stretches;
};
/// Of rows that were made one to one of records; those that have no origin are left out.
[[nodiscard]] std::vector<SourcePositions> positionsOf(const Rows& rows);

/// A source server has given records to a receiver.
struct RecordsHanded final : sim::FactBase<RecordsHanded> {
    static constexpr std::string_view Name = "spark.RecordsHanded";
    std::vector<SourcePositions> records;
    explicit RecordsHanded(std::vector<SourcePositions> what) : records(std::move(what)) {}
};

/// A receiver's block has come to its executor's block manager.
struct BlockMade final : sim::FactBase<BlockMade> {
    static constexpr std::string_view Name = "spark.BlockMade";
    std::string application;
    BlockId block;
    std::vector<SourcePositions> records;
    BlockMade(std::string who, const BlockId& which, std::vector<SourcePositions> what)
        : application(std::move(who)), block(which), records(std::move(what)) {}
};

/// A driver begins: from a checkpoint or anew.
struct DriverBegun final : sim::FactBase<DriverBegun> {
    static constexpr std::string_view Name = "spark.DriverBegun";
    struct Input {
        std::string name;
        std::string source;     ///< of a receiver; empty: of a topic
        bool isKept = false;    ///< the source gives again what was not stored
        bool isLogged = false;  ///< what is acknowledged is in the write-ahead log
    };
    std::string application;
    std::vector<Input> inputs;
    bool isRecovered = false;
    DriverBegun(std::string who, std::vector<Input> what, bool recovered)
        : application(std::move(who)), inputs(std::move(what)), isRecovered(recovered) {}
};

/// An executor has registered with its driver.
struct ExecutorJoined final : sim::FactBase<ExecutorJoined> {
    static constexpr std::string_view Name = "spark.ExecutorJoined";
    std::string application;
    ExecutorId executor;
    ExecutorJoined(std::string who, ExecutorId which) : application(std::move(who)), executor(which) {}
};

/// A batch has been made: what is in it.
struct BatchMade final : sim::FactBase<BatchMade> {
    static constexpr std::string_view Name = "spark.BatchMade";
    std::string application;
    std::int64_t millis = 0;
    std::vector<BlockId> blocks;
    std::vector<OffsetRange> ranges;
};

/// An executor has computed a partition and tells its driver so.
struct PartitionMade final : sim::FactBase<PartitionMade> {
    static constexpr std::string_view Name = "spark.PartitionMade";
    /// Of a shuffle that was read: digests of its pieces, added up.
    struct Read {
        ShuffleId shuffle{-1};
        Partition reduce = 0;
        std::uint64_t sum = 0;
        std::size_t maps = 0;  ///< map tasks of the shuffle
    };
    std::string application;
    ExecutorId executor;
    RddId rdd;
    ShuffleId shuffle{-1};     ///< of a map task
    std::int32_t output = -1;  ///< of a result task
    std::int64_t millis = 0;   ///< its batch
    Partition partition = 0;
    bool readsTopic = false;             ///< what is read again from a topic may have changed there
    std::vector<std::uint64_t> digests;  ///< of what it has made: one of a result, one for each reducer of map output
    std::vector<Read> reads;
};

/// All partitions of an output operation are done, as the driver sees it.
struct OutputDone final : sim::FactBase<OutputDone> {
    static constexpr std::string_view Name = "spark.OutputDone";
    std::string application;
    std::int64_t millis = 0;
    std::int32_t output = 0;
    std::int32_t partitions = 0;
};

/// All outputs of a batch are done.
struct BatchDone final : sim::FactBase<BatchDone> {
    static constexpr std::string_view Name = "spark.BatchDone";
    std::string application;
    std::int64_t millis = 0;
    BatchDone(std::string who, std::int64_t when) : application(std::move(who)), millis(when) {}
};

/// A metadata checkpoint is written: a driver that begins from it makes these batches once more and those after the
/// last.
struct CheckpointWritten final : sim::FactBase<CheckpointWritten> {
    static constexpr std::string_view Name = "spark.CheckpointWritten";
    std::string application;
    std::int64_t lastBatch = 0;
    std::vector<std::int64_t> open;
};

/// Back-pressure has set an input's rate after a batch.
struct RateSet final : sim::FactBase<RateSet> {
    static constexpr std::string_view Name = "spark.RateSet";
    std::string application;
    RateEstimator::Settings settings;
    std::int64_t records = 0;
    double processing = 0;  ///< seconds
    double scheduling = 0;
    double rate = 0;  ///< as estimated, before any other limit
};

/// Offsets of a topic's partition that a driver commits to the brokers.
struct OffsetsGivenBack final : sim::FactBase<OffsetsGivenBack> {
    static constexpr std::string_view Name = "spark.OffsetsGivenBack";
    std::string application;
    std::int32_t input = 0;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
};

}  // namespace millrace::spark
