#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/spark/cost.h"
#include "engine/spark/facts.h"
#include "engine/spark/streaming/driver.h"
#include "engine/spark/streaming/saved.h"

namespace millrace::spark {

/// The metadata checkpoint: at each batch's making and again at its end. What a driver that has begun again has yet to
/// make once more is as open as what it has made: whoever begins from this one has to make it, too.
bool DriverActor::save(sim::Context& context) {
    if (!m_application->program->checkpoints) {
        return true;
    }
    auto saved = makeRef<SavedChunk>();
    saved->zero = m_graph.zero();
    saved->lastBatch = m_lastBatch;
    for (const auto& [millis, batch] : m_batches) {
        if (!batch.isDone() && !m_application->broken.checkpointsBeforeOutput) {
            saved->open.push_back(millis);
        }
    }
    for (const std::int64_t millis : m_recovered) {
        if (millis <= m_lastBatch) {
            saved->open.push_back(millis);
        }
    }
    std::sort(saved->open.begin(), saved->open.end());
    saved->inputs = m_inputs;
    saved->files = m_graph.checkpointed();
    saved->nextRdd = m_lineage.nextRdd();
    for (const auto& [stream, direct] : m_directs) {
        saved->directs.push_back({stream, direct.positions, direct.begun, direct.done});
    }
    saved->worstTotal = m_totals.worstTotal;
    context.spend(cost::checkpointWrite);
    auto told = makeRef<CheckpointWritten>();
    told->application = m_application->name;
    told->lastBatch = saved->lastBatch;
    told->open = saved->open;
    if (context.replace(checkpointFileName, std::move(saved))) {
        context.tell(std::move(told));
        return true;
    }
    context.journal({"spark.checkpoint-failed",
                     sim::Severity::Error,
                     fmt::format("The driver of {} cannot write its checkpoint: the disk is full", m_application->name),
                     {{"application", m_application->name}}});
    return false;
}

/// Batches to be made once more: those that were not done, and all whose time passed while no driver ran.
bool DriverActor::recover(sim::Context& context) {
    const sim::File* file = m_application->program->checkpoints ? context.disk().find(checkpointFileName) : nullptr;
    const auto* saved = file != nullptr ? dynamic_cast<const SavedChunk*>(file->last()) : nullptr;
    if (saved == nullptr) {
        return false;
    }
    const std::int64_t step = m_application->program->batchMillis();
    m_graph = StreamGraph(m_application->program, saved->zero, m_application->broken);
    m_inputs = saved->inputs;
    m_inputs.dropUnlogged();
    m_lineage.startFrom(saved->nextRdd);
    m_lastBatch = saved->lastBatch;
    m_totals.worstTotal = saved->worstTotal;
    for (const StreamGraph::Due& each : saved->files) {
        m_graph.restore(each, m_lineage);
    }
    for (const SavedChunk::Direct& each : saved->directs) {
        DirectInput& direct = m_directs[each.stream];
        direct.positions = each.positions;
        direct.begun = each.begun;
        direct.done = each.done;
    }
    for (auto& [stream, place] : m_receivers) {
        place.nextBlock = std::max(place.nextBlock, m_inputs.nextNumber(stream));
    }
    // Blocks without a log were in the memory of executors that are gone.
    if (const sim::File* blocks = m_application->receiverLog ? context.disk().find(receivedBlocksFile) : nullptr) {
        for (const sim::ChunkRef& chunk : blocks->chunks()) {
            const auto* received = dynamic_cast<const ReceivedBlockChunk*>(chunk.get());
            if (received != nullptr && received->block.segment >= 0 && received->block.id.number >= saved->zero &&
                !m_inputs.wasCleared(received->block.id) && !m_inputs.knows(received->block.id)) {
                m_inputs.add(received->block);
            }
            if (received != nullptr) {
                std::int64_t& next = m_receivers[StreamId{received->block.id.owner}].nextBlock;
                next = std::max(next, received->block.id.number + 1);
            }
        }
    }
    std::set<std::int64_t> again(saved->open.begin(), saved->open.end());
    for (std::int64_t at = m_lastBatch + step; at <= clockOf(context.now()); at += step) {
        again.insert(at);
    }
    m_toGenerate.assign(again.begin(), again.end());
    m_recovered = again;
    context.journal({"spark.driver-recovered",
                     sim::Severity::Notice,
                     fmt::format("The driver of {} begins again from its checkpoint with {} batches to make once more",
                                 m_application->name, again.size()),
                     {{"application", m_application->name}, {"batches", std::to_string(again.size())}}});
    return true;
}

}  // namespace millrace::spark
