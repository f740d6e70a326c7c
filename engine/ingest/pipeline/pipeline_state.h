#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/shared_queue.h"
#include "engine/ingest/pipeline/pipeline_spec.h"
#include "engine/ingest/source.h"
#include "engine/sim/disk.h"

namespace millrace::ingest {

/// Where a pipeline stands between records: what a checkpoint saves. A value; copies share.
struct PipelineStand {
    SourceCursor cursor;
    std::vector<Ref<Step>> steps;
    RecordReader reader;
    SharedQueue<PipelineRecord> landed;  ///< loaded as they came, to be transformed
    /// Of a checkpoint: on their way to the landing when it was begun, and there when it is written. Its size leaves
    /// them out.
    std::vector<PipelineRecord> landing;
    SharedQueue<PipelineRecord> dead;  ///< rejected, to be read once more after the repair
    SimTime newest;
    SimDuration oldest{0};    ///< the most that a row's age was when it was committed
    bool isFinished = false;  ///< the steps were told that nothing more will come
};

/// A stand in the file of checkpoints. What it takes of the disk is our estimate: a page, and the records in it.
class StandChunk final : public sim::Chunk {
public:
    explicit StandChunk(PipelineStand stand) : m_stand(std::move(stand)) {}
    [[nodiscard]] ByteCount size() const override {
        constexpr ByteCount page = 4096;
        constexpr ByteCount bookmark = 16;  // of a record that lies in the landing or among the dead letters
        return page + bookmark * static_cast<ByteCount>(m_stand.landed.size() + m_stand.dead.size());
    }
    [[nodiscard]] std::uint64_t digest() const override {
        return static_cast<std::uint64_t>(m_stand.cursor.position());
    }
    [[nodiscard]] const PipelineStand& stand() const { return m_stand; }

private:
    PipelineStand m_stand;
};

}  // namespace millrace::ingest
