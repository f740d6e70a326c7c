#include "engine/spark/core/evaluate.h"

#include <algorithm>

#include "engine/base/check.h"

namespace millrace::spark {

const Rdd& Evaluation::rdd(RddId id) const {
    const auto at = std::lower_bound(m_stage.begin(), m_stage.end(), id,
                                     [](const RddRef& each, RddId wanted) { return each->id < wanted; });
    MILLRACE_CHECK(at != m_stage.end() && (*at)->id == id, id.value);
    return **at;
}

const Found* Evaluation::found(Need::Kind kind, RddId rdd, Partition partition) const {
    for (const Found& each : m_found) {
        if (each.need.kind == kind && each.need.rdd == rdd && each.need.partition == partition) {
            return &each;
        }
    }
    return nullptr;
}

const Found* Evaluation::foundShuffle(RddId rdd, ShuffleId shuffle, Partition partition) const {
    for (const Found& each : m_found) {
        if (each.need.kind == Need::Kind::Shuffle && each.need.rdd == rdd && each.need.reduce == partition &&
            each.need.shuffle->id == shuffle) {
            return &each;
        }
    }
    return nullptr;
}

RowsRef Evaluation::partitionOf(RddId id, Partition partition) {
    const auto key = std::make_pair(id, partition);
    if (const auto done = m_done.find(key); done != m_done.end()) {
        return done->second;
    }
    const Rdd& one = rdd(id);
    for (const Need::Kind kind : {Need::Kind::Block, Need::Kind::Log, Need::Kind::Checkpoint, Need::Kind::Offsets}) {
        if (const Found* at = found(kind, id, partition)) {
            const RowsRef rows = at->pieces.empty() ? makeRef<const Rows>(one.width) : merged(at->pieces, one.width);
            m_rowsRead += static_cast<std::int64_t>(rows->size());
            m_done[key] = rows;
            return rows;
        }
    }
    Inputs inputs;
    for (const Dependency& dependency : one.dependencies) {
        std::vector<RowsRef> pieces;
        if (const auto* narrow = std::get_if<NarrowDependency>(&dependency)) {
            if (const auto parent = parentPartition(*narrow, rdd(narrow->parent), partition)) {
                pieces.push_back(partitionOf(narrow->parent, *parent));
            }
        } else if (const Found* at = foundShuffle(id, std::get<ShuffleDependency>(dependency).shuffle, partition)) {
            pieces = at->pieces;
            for (const RowsRef& piece : pieces) {
                m_rowsRead += static_cast<std::int64_t>(piece->size());
            }
        }
        inputs.push_back(std::move(pieces));
    }
    RowsRef rows;
    if (one.transformation) {
        rows = one.transformation->apply(inputs, {partition, one.partitions, one.batchMillis}, m_work);
    } else {
        std::vector<RowsRef> all;
        for (const std::vector<RowsRef>& pieces : inputs) {
            all.insert(all.end(), pieces.begin(), pieces.end());
        }
        rows = merged(all, one.width);
    }
    if (one.isPersisted()) {
        m_kept.push_back({id, partition, one.level, rows});
    }
    m_done[key] = rows;
    return rows;
}

}  // namespace millrace::spark
