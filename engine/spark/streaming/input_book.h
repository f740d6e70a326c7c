#pragma once

#include <map>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/spark/streaming/stream_graph.h"

namespace millrace::spark {

/// What has come in and for which batch: blocks that receivers have reported (ReceivedBlockTracker) and ranges of
/// offsets. What is reported before a batch is made belongs to it, what comes later to the next. A value.
class InputBook final : public BatchInputs {
public:
    void add(const InputBlock& block);
    [[nodiscard]] std::uint64_t unallocated() const;
    /// Reported and not forgotten: of batches that are remembered, and of none yet.
    [[nodiscard]] std::vector<BlockId> openBlocks() const;
    /// Everything that is there becomes the batch's.
    /// `keepsLast`: a planted fault, see BrokenRules.
    void allocate(const Program& program, std::int64_t millis, bool keepsLast = false);
    void setRanges(StreamId stream, std::int64_t millis, std::vector<OffsetRange> ranges) {
        m_ranges.set({stream, millis}, std::move(ranges));
    }
    [[nodiscard]] bool hasRanges(StreamId stream, std::int64_t millis) const {
        return m_ranges.contains(StreamGraph::Key{stream, millis});
    }
    [[nodiscard]] bool isAllocated(std::int64_t millis) const { return millis <= m_allocatedUpTo; }
    [[nodiscard]] bool knows(const BlockId& block) const;
    [[nodiscard]] std::int64_t recordsOf(StreamId stream, std::int64_t millis) const;

    [[nodiscard]] std::vector<InputBlock> blocksOf(StreamId stream, std::int64_t millis) const override;
    [[nodiscard]] std::vector<OffsetRange> rangesOf(StreamId stream, std::int64_t millis) const override;

    /// The least number that a further block of this stream may have.
    [[nodiscard]] std::int64_t nextNumber(StreamId stream) const;
    /// It was a batch's that is forgotten.
    [[nodiscard]] bool wasCleared(const BlockId& block) const;
    /// Blocks that were in memory alone are gone with those who had them.
    void dropUnlogged();
    /// A batch that is remembered has fewer blocks than it had when it was computed.
    [[nodiscard]] bool hasLostBlocks() const { return m_hasLostBlocks; }
    /// Gives the blocks that nobody needs any more.
    std::vector<InputBlock> clear(const Program& program, std::int64_t millis);

private:
    std::map<StreamId, std::vector<InputBlock>> m_unallocated;
    SharedMap<StreamGraph::Key, std::vector<InputBlock>> m_blocks;
    SharedMap<StreamGraph::Key, std::vector<OffsetRange>> m_ranges;
    std::int64_t m_allocatedUpTo = -1;
    std::map<StreamId, std::int64_t> m_clearedUpTo;  ///< numbers of blocks
    bool m_hasLostBlocks = false;
};

}  // namespace millrace::spark
