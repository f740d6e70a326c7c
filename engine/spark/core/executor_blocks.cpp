#include <fmt/format.h>

#include "engine/spark/core/executor.h"
#include "engine/spark/core/executor_parts.h"
#include "engine/spark/cost.h"
#include "engine/spark/facts.h"

// The executor's block manager: keeps blocks, serves them and shuffle files to others, stores what receivers bring.

namespace millrace::spark {

const ExecutorActor::ShuffleOutput* ExecutorActor::outputOf(ShuffleId shuffle, Partition map) const {
    if (m_spec.application->broken.readsStaleOutputs) {
        const ShuffleOutput* stale = m_shuffles.find(BlockId{BlockId::Kind::Shuffle, shuffle.value - 1, map});
        if (stale != nullptr) {
            return stale;
        }
    }
    return m_shuffles.find(BlockId{BlockId::Kind::Shuffle, shuffle.value, map});
}

void ExecutorActor::serve(sim::Context& context, const FetchBlocks& request) {
    context.spend(cost::blockRequest);
    auto answer = makeRef<BlocksFetched>();
    answer->request = request.request;
    for (const BlockId& block : request.blocks) {
        bool fromDisk = false;
        RowsRef rows = m_store.get(block, fromDisk);
        context.spend(fromDisk && rows ? rows->bytes() * cost::perByteSerialised : CpuTime{0});
        answer->isComplete = answer->isComplete && rows;
        answer->pieces.push_back(std::move(rows));
    }
    for (const Partition map : request.maps) {
        const ShuffleOutput* output = outputOf(request.shuffle, map);
        answer->isComplete = answer->isComplete && output != nullptr;
        answer->pieces.push_back(output != nullptr ? output->parts[static_cast<std::size_t>(request.reduce)]
                                                   : RowsRef());
    }
    context.transmit(context.connection(), std::move(answer));
}

void ExecutorActor::keep(sim::Context& context, const BlockId& block, RowsRef rows, StorageLevel level,
                         std::vector<BlockUpdate>& updates) {
    const ByteCount bytes = rows->bytes();
    const BlockStore::Change change = m_store.put(block, rows, level);
    const auto write = [&](const BlockId& id) {
        bool fromDisk = false;
        if (const RowsRef content = m_store.get(id, fromDisk)) {
            context.spend(content->bytes() * cost::perByteSerialised);
            if (!context.replace(m_files.of(context, id), makeRef<RowsChunk>(content))) {
                m_files.remove(context, id);
                m_store.remove(id);  // the disk is full
                updates.push_back({id, false, 0});
            }
        }
    };
    if (change.isOnDisk) {
        write(block);
    }
    for (const BlockId& each : change.toDisk) {
        write(each);
    }
    for (const BlockId& each : change.dropped) {
        updates.push_back({each, false, 0});
    }
    if (change.isKept && m_store.contains(block)) {
        updates.push_back({block, true, bytes});
    }
}

/// What was put out of memory for a block outside of tasks.
void ExecutorActor::tellUpdates(sim::Context& context, std::vector<BlockUpdate> updates) {
    std::erase_if(updates, [](const BlockUpdate& each) { return each.isThere; });
    if (!updates.empty()) {
        auto message = makeRef<UpdateBlocks>();
        message->blocks = std::move(updates);
        m_driver.transmit(context, std::move(message));
    }
}

void ExecutorActor::putBlock(sim::Context& context, const PutBlock& put) {
    Putting& putting = m_putting[put.block];
    putting.put = Ref<const PutBlock>(&put);
    const auto receiver = m_receivers.find(StreamId{put.block.owner});
    putting.receiver = receiver != m_receivers.end() ? receiver->second : sim::noActor;
    if (context.isListenedTo()) {
        context.tell(makeRef<BlockMade>(m_spec.application->name, put.block, positionsOf(*put.rows)));
    }
    std::vector<BlockUpdate> updates;
    if (!m_spec.application->broken.reportsBeforeStored) {
        keep(context, put.block, put.rows, put.level, updates);
    }
    tellUpdates(context, std::move(updates));
    putting.failed = !m_store.contains(put.block) && !m_spec.application->broken.reportsBeforeStored;
    if (!putting.failed) {
        putting.places.push_back(m_spec.id);
    }
    // The copy goes to the next executor round the ring: the same for a block whenever it is asked for.
    if (put.level.replicas > 1 && !m_others.empty()) {
        std::vector<ExecutorList::Peer> others;
        for (const ExecutorList::Peer& each : m_others) {
            if (each.executor != m_spec.id) {
                others.push_back(each);
            }
        }
        if (!others.empty()) {
            const auto turn = static_cast<std::size_t>(m_nextRequest % others.size());
            auto copy = makeRef<ReplicateBlock>();
            copy->request = m_nextRequest++;
            copy->block = put.block;
            copy->level = put.level;
            copy->rows = put.rows;
            putting.awaitsCopy = true;
            const std::uint64_t number = copy->request;
            m_asked[number] = {Asked::Kind::Copy, TaskId{-1}, 0, {}, others[turn].executor, put.block, 0};
            m_peers.ask(context, others[turn].executor, {others[turn].host, others[turn].port}, std::move(copy),
                        number);
        }
    }
    if (put.isLogged) {
        putting.awaitsLog = true;
        m_storage.write(context, logFile(StreamId{put.block.owner}, put.block.number), put.rows, logToken(put.block));
    }
    context.arm(m_spec.application->blockStoreTimeout, makeRef<PutOverdue>(put.block));
    settlePut(context, put.block);
}

/// A block that is not where it should be in its time: kept once it will do, not in the log it will not.
void ExecutorActor::putOverdue(sim::Context& context, const BlockId& block) {
    const auto at = m_putting.find(block);
    if (at == m_putting.end()) {
        return;
    }
    // Where only the copy is missing it is told now; what the driver has not taken by now it will not take.
    at->second.failed = !at->second.awaitsCopy || at->second.awaitsLog;
    at->second.awaitsCopy = at->second.awaitsLog = false;
    settlePut(context, block);
}

void ExecutorActor::settlePut(sim::Context& context, const BlockId& block) {
    const auto at = m_putting.find(block);
    if (at == m_putting.end() || at->second.awaitsCopy || at->second.awaitsLog) {
        return;
    }
    if (at->second.failed) {
        context.journal(
            {"spark.block-lost",
             sim::Severity::Error,
             fmt::format("A receiver's block of {} records could not be stored", at->second.put->rows->size()),
             {{"block", block.toText()}}});
        context.send(at->second.receiver, makeRef<BlockPut>(block, false, false));
        m_putting.erase(at);
        return;
    }
    InputBlock made;
    made.id = block;
    made.records = static_cast<std::int64_t>(at->second.put->rows->size());
    made.bytes = at->second.put->rows->bytes();
    made.places = at->second.places;
    made.segment = at->second.isLogged ? block.number : -1;
    m_driver.transmit(context, makeRef<AddBlock>(std::move(made)));
}

void ExecutorActor::removeBlocks(sim::Context& context, const RemoveBlocks& message) {
    context.spend(cost::message);
    const auto drop = [&](const BlockId& block) {
        if (m_store.remove(block)) {
            m_files.remove(context, block);
        }
    };
    for (const RddId rdd : message.rdds) {
        // An executor has few of an RDD's partitions; they stand together.
        for (const BlockId& block : m_store.blocksOf(BlockId::Kind::Rdd, rdd.value)) {
            drop(block);
        }
    }
    for (const BlockId& block : message.inputs) {
        drop(block);
    }
    for (const ShuffleId shuffle : message.shuffles) {
        std::vector<BlockId> files;
        for (auto it = m_shuffles.lowerBound(BlockId{BlockId::Kind::Shuffle, shuffle.value, 0});
             it != m_shuffles.end() && it->first.owner == shuffle.value; ++it) {
            files.push_back(it->first);
        }
        for (const BlockId& file : files) {
            m_shuffles.erase(file);
            m_files.remove(context, file);
        }
    }
}

}  // namespace millrace::spark
