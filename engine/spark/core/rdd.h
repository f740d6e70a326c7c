#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/spark/core/storage_level.h"
#include "engine/spark/ids.h"
#include "engine/spark/rows.h"

namespace millrace::spark {

/// What a computation has cost and gone through, on a core of speed 1.0.
struct Work {
    CpuTime cpu{0};
    std::int64_t rowsIn = 0;
    std::int64_t rowsOut = 0;

    void rows(std::size_t count, CpuTime each) { cpu += static_cast<std::int64_t>(count) * each; }
    void bytes(ByteCount count, CpuTime each) { cpu += count * each; }
};

/// Of each dependency, the pieces that make up what this partition needs of it: one of a narrow dependency, one of each
/// map task of a shuffle.
using Inputs = std::vector<std::vector<RowsRef>>;

/// What a transformation is told of where it runs.
struct Place {
    Partition partition = 0;
    std::int32_t partitions = 1;
    std::int64_t batchMillis = 0;  ///< time of the batch, 0 outside of streams
};

/// The function of an RDD: what a partition is made of those that it depends on. Immutable and a function: the same
/// inputs give the same rows, wherever and however often it runs. That is what recomputation stands on.
class Transformation : public Counted {
public:
    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual RowsRef apply(const Inputs& inputs, const Place& place, Work& work) const = 0;
};

/// How values of one key become one: on the map side of a shuffle (combiner) and behind it.
class Aggregator : public Counted {
public:
    [[nodiscard]] virtual RowsRef combine(const std::vector<RowsRef>& pieces, Work& work) const = 0;
};

/// Each partition needs a bounded number of the parent's: the same one (map, filter, what is partitioned alike), or,
/// of a union, that from which the parent's partitions are counted on.
struct NarrowDependency {
    RddId parent;
    Partition first = 0;         ///< partition 0 of the parent is this one here
    bool isPartOfUnion = false;  ///< only those from `first` on are the parent's; else each is the one of its number
    /// Of a parent that is coarser or finer (`coalesce`): not modelled, `repartition` shuffles.
};

/// Every partition needs something of each of the parent's: a border of stages.
struct ShuffleDependency {
    ShuffleId shuffle;
    RddId parent;
};
using Dependency = std::variant<NarrowDependency, ShuffleDependency>;

/// A block that a receiver has made and reported.
struct InputBlock {
    BlockId id;
    std::int64_t records = 0;
    ByteCount bytes = 0;
    std::vector<ExecutorId> places;  ///< where it was put
    std::int64_t segment = -1;       ///< in the write-ahead log; -1: not there
};

/// Offsets [from, until) of a partition of a topic.
struct OffsetRange {
    std::int32_t input = 0;  ///< which direct input of the program
    std::int32_t partition = 0;
    std::int64_t from = 0;
    std::int64_t until = 0;
    ExecutorId place = noExecutor;  ///< whose consumer has the partition (LocationStrategies.PreferConsistent)
    [[nodiscard]] std::int64_t count() const { return until - from; }
};

/// A resilient distributed dataset: partitions, dependencies, a function, where it should be kept. A value; what it
/// depends on it knows by number, so that lineage can be cut (`Lineage`).
struct Rdd final : Counted {
    RddId id;
    StreamId stream{-1};           ///< that generated it
    std::int64_t batchMillis = 0;  ///< for which batch
    std::string_view name;         ///< "flatMap"; of the program, which outlives it
    std::int32_t partitions = 0;
    std::uint32_t width = 1;
    std::vector<Dependency> dependencies;
    Ref<const Transformation> transformation;  ///< null: what comes in, as it is
    std::vector<InputBlock> blocks;            ///< of an RDD of receivers' blocks: one a partition
    std::vector<OffsetRange> ranges;           ///< of an RDD of a topic: one a partition
    bool isCheckpointed = false;               ///< partitions are files of the checkpoint folder; no dependencies
    bool isHashPartitioned = false;            ///< by its key: another one of as many partitions is co-partitioned
    StorageLevel level;
    [[nodiscard]] bool isPersisted() const { return level.isKept(); }
};
using RddRef = Ref<const Rdd>;

/// What a shuffle does with the rows of its parent.
struct Shuffle final : Counted {
    ShuffleId id;
    RddId parent;
    std::int32_t maps = 0;
    std::int32_t reduces = 0;
    std::uint32_t keyField = 0;
    std::uint32_t width = 1;
    bool spreads = false;            ///< round robin instead of by key (`repartition`)
    Ref<const Aggregator> combiner;  ///< null: rows pass as they are
};
using ShuffleRef = Ref<const Shuffle>;

/// The partition of a key by Spark's HashPartitioner: hashCode modulo the number of partitions, never negative.
[[nodiscard]] inline Partition partitionOf(const Cell& key, std::int32_t partitions) {
    const std::int32_t rest = key.hashCode() % partitions;
    return rest < 0 ? rest + partitions : rest;
}

/// The map side of a shuffle: what of these rows goes to which reducer.
[[nodiscard]] std::vector<RowsRef> splitForShuffle(const Shuffle& shuffle, const RowsRef& rows, Work& work);

}  // namespace millrace::spark
