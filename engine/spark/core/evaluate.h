#pragma once

#include <map>
#include <utility>
#include <vector>

#include "engine/spark/core/lineage.h"

namespace millrace::spark {

/// What a task has at hand: its needs with what was found for each. One entry a need, in the order of the needs.
struct Found {
    Need need;
    std::vector<RowsRef> pieces;
};

/// A partition that was computed on the way and is to be kept.
struct Kept {
    RddId rdd;
    Partition partition = 0;
    StorageLevel level;
    RowsRef rows;
};

/// Computes a partition of the last RDD of a stage: all narrow steps one behind the other, as a task does.
class Evaluation {
public:
    Evaluation(const std::vector<RddRef>& stage, const std::vector<Found>& found) : m_stage(stage), m_found(found) {}

    [[nodiscard]] RowsRef partitionOf(RddId rdd, Partition partition);
    [[nodiscard]] const Work& work() const { return m_work; }
    [[nodiscard]] Work& work() { return m_work; }
    [[nodiscard]] const std::vector<Kept>& kept() const { return m_kept; }
    /// Of the same batch or an older one, what had been kept and was computed again.
    [[nodiscard]] std::int64_t rowsRead() const { return m_rowsRead; }

private:
    [[nodiscard]] const Rdd& rdd(RddId id) const;
    [[nodiscard]] const Found* found(Need::Kind kind, RddId rdd, Partition partition) const;
    [[nodiscard]] const Found* foundShuffle(RddId rdd, ShuffleId shuffle, Partition partition) const;

    const std::vector<RddRef>& m_stage;
    const std::vector<Found>& m_found;
    std::map<std::pair<RddId, Partition>, RowsRef> m_done;  // a parent may be needed twice
    std::vector<Kept> m_kept;
    Work m_work;
    std::int64_t m_rowsRead = 0;
};

}  // namespace millrace::spark
