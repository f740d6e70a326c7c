#pragma once

#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/spark/core/rdd.h"

namespace millrace::spark {

/// Where the output of one map task lies.
struct MapOutput {
    ExecutorId executor = noExecutor;  ///< none: it is not there (any more)
};

/// The outputs of a shuffle's map tasks.
struct MapOutputs final : Counted {
    std::vector<MapOutput> maps;
    std::int32_t available = 0;
    bool hasBeenWhole = false;  ///< what is missing now was lost
    [[nodiscard]] bool isWhole() const { return available == static_cast<std::int32_t>(maps.size()); }
};

/// Something that must be there before a task can compute.
struct Need {
    enum class Kind : std::uint8_t { Block, Shuffle, Offsets, Checkpoint, Log };
    Kind kind = Kind::Block;
    BlockId block;                   ///< of an RDD or a receiver
    std::vector<ExecutorId> places;  ///< who has the block
    std::int64_t segment = -1;       ///< of the write-ahead log
    ShuffleRef shuffle;
    Ref<const MapOutputs> outputs;
    Partition reduce = 0;
    OffsetRange range;
    RddId rdd;  ///< of which RDD it is a partition
    Partition partition = 0;
};

/// The graph of RDDs as a value: what depends on what, which shuffles there are and where their files lie, where
/// partitions are kept. It knows how a partition comes about from what is left: this is lineage, and what of it was
/// lost is what has to be made once more. No actor, no time.
class Lineage {
public:
    [[nodiscard]] RddId nextRdd() const { return m_nextRdd; }
    /// Numbers below are taken, by an earlier driver.
    void startFrom(RddId first) { m_nextRdd = first; }
    /// Gives it its number.
    RddId add(Ref<Rdd> rdd);
    ShuffleId addShuffle(Ref<Shuffle> shuffle);
    [[nodiscard]] const RddRef& rdd(RddId id) const { return m_rdds.at(id); }
    [[nodiscard]] bool hasRdd(RddId id) const { return m_rdds.contains(id); }
    [[nodiscard]] const ShuffleRef& shuffle(ShuffleId id) const { return m_shuffles.at(id); }
    [[nodiscard]] bool hasShuffle(ShuffleId id) const { return m_shuffles.contains(id); }
    [[nodiscard]] std::uint64_t size() const { return m_rdds.size(); }

    // Map outputs (MapOutputTracker).
    [[nodiscard]] Ref<const MapOutputs> outputs(ShuffleId id) const { return Ref<const MapOutputs>(m_outputs.at(id)); }
    void setOutput(ShuffleId shuffle, Partition map, ExecutorId executor);
    void dropOutputs(ShuffleId shuffle, ExecutorId executor);
    /// All that lay with an executor; gives how many outputs were lost.
    std::int32_t dropOutputs(ExecutorId executor);

    // Blocks of persisted RDDs (BlockManagerMaster).
    void notePut(const BlockId& block, ExecutorId executor);
    void noteGone(const BlockId& block, ExecutorId executor);
    void noteGone(const BlockId& block) { m_places.erase(block); }
    /// Everything that an executor had; gives the blocks of which there is no copy left.
    std::vector<BlockId> dropBlocks(ExecutorId executor);
    [[nodiscard]] std::vector<ExecutorId> placesOf(const BlockId& block) const;
    /// Map outputs or partitions that are still of use lie with it.
    [[nodiscard]] bool keepsSomething(ExecutorId executor) const;
    [[nodiscard]] bool isWhollyStored(const Rdd& rdd) const;

    /// It is not to be kept any longer.
    void unpersist(RddId id);
    /// From now on its partitions are read from the checkpoint folder.
    void cut(RddId id);
    /// An RDD of which only the files of a checkpoint are known.
    void restoreCheckpointed(Ref<Rdd> rdd) { restore(std::move(rdd)); }

    /// The shuffles on which an RDD depends without another shuffle between, and with them what lies within its stage.
    [[nodiscard]] std::vector<ShuffleId> parentShuffles(RddId id) const;
    /// What a task of that partition has to have at hand: stored partitions as they are, of everything else what it is
    /// made of.
    [[nodiscard]] std::vector<Need> needsOf(RddId id, Partition partition) const;
    /// The RDDs within the stage of this one, itself included: what a task is sent.
    [[nodiscard]] std::vector<RddRef> stageOf(RddId id) const;
    /// Where a task of that partition runs best; empty: anywhere.
    [[nodiscard]] std::vector<ExecutorId> preferredOf(RddId id, Partition partition) const;

    /// Forgets all RDDs and shuffles that none of these needs. Gives what was forgotten, each list ascending.
    /// Complexity: what was added, what is forgotten and how many roots there are, each times O(log n); not how many
    /// RDDs those need, which is what a driver with thousands of waiting batches has.
    struct Forgotten {
        std::vector<RddId> rdds;
        std::vector<RddId> keptRdds;  ///< of these, those that executors kept
        std::vector<ShuffleId> shuffles;
    };
    Forgotten keepOnly(const std::vector<RddId>& roots);

private:
    void restore(Ref<Rdd> rdd);
    /// Over the RDDs within the stage of this one, itself first; `visit` says whether to go on behind one.
    template <class Visit>
    void walkStage(RddId id, const Visit& visit) const;
    void addNeeds(RddId id, Partition partition, std::vector<Need>& needs) const;
    void hold(const Rdd& rdd);
    void release(RddId id);
    void letGo(const Rdd& rdd);

    SharedMap<RddId, RddRef> m_rdds;
    SharedMap<ShuffleId, ShuffleRef> m_shuffles;
    SharedMap<ShuffleId, Ref<MapOutputs>> m_outputs;
    SharedMap<BlockId, std::vector<ExecutorId>> m_places;
    // By whom each is needed: RDDs that depend on it, and one where it is a root. They depend on older ones only, so
    // what nobody needs is known by counting.
    SharedMap<RddId, std::int32_t> m_users;
    SharedMap<ShuffleId, std::int32_t> m_shuffleUsers;
    std::vector<RddId> m_roots;                 ///< of the last time, ascending
    std::vector<RddId> m_unneeded;              ///< perhaps: added or let go since
    std::vector<ShuffleId> m_unneededShuffles;  ///< the same
    RddId m_nextRdd{0};
    ShuffleId m_nextShuffle{0};
};

/// Whether this partition of an RDD depends on the parent of a narrow dependency, and on which of its partitions.
[[nodiscard]] std::optional<Partition> parentPartition(const NarrowDependency& dependency, const Rdd& parent,
                                                       Partition partition);

}  // namespace millrace::spark
