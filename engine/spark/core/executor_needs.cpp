#include <fmt/format.h>

#include <algorithm>

#include "engine/spark/core/executor.h"
#include "engine/spark/core/executor_parts.h"
#include "engine/spark/cost.h"
#include "engine/spark/facts.h"

// What a task needs is brought: blocks and pieces of shuffles from others, ranges of a topic, files.

namespace millrace::spark {

void ExecutorActor::launch(sim::Context& context, const LaunchTask& message) {
    context.spend(cost::message);
    Task& task = m_tasks[message.launch.task];
    task.launch = Ref<const LaunchTask>(&message);
    task.times.received = context.now();
    task.found.reserve(message.needs.size());
    for (const Need& need : message.needs) {
        task.found.push_back({need, {}});
    }
    // One more than is missing, so that nothing starts while the needs are gone through.
    task.waiting = 1;
    const TaskId id = message.launch.task;
    for (std::size_t i = 0; i < task.found.size() && m_tasks.contains(id) && !task.hasFailed; ++i) {
        bring(context, task, i);
    }
    if (m_tasks.contains(id) && !m_tasks[id].hasFailed) {
        brought(context, id);
    }
}

std::optional<SparkAddress> ExecutorActor::addressOf(const LaunchTask& launch, ExecutorId peer) const {
    for (const auto& [id, where] : launch.peers) {
        if (id == peer) {
            return where;
        }
    }
    return std::nullopt;
}

void ExecutorActor::bring(sim::Context& context, Task& task, std::size_t index) {
    Found& found = task.found[index];
    const auto token = static_cast<std::uint64_t>(task.launch->launch.task.value);
    switch (found.need.kind) {
        case Need::Kind::Shuffle:
            bringShuffle(context, task, index);
            return;
        case Need::Kind::Offsets: {
            ++task.waiting;
            std::vector<DirectReader::Done> done;
            m_direct.read(context, found.need.range, token, done);
            for (const DirectReader::Done& each : done) {
                found.pieces.push_back(each.rows);
                --task.waiting;
            }
            return;
        }
        case Need::Kind::Checkpoint:
        case Need::Kind::Log: {
            ++task.waiting;
            const std::string file = found.need.kind == Need::Kind::Log
                                         ? logFile(StreamId{found.need.block.owner}, found.need.block.number)
                                         : checkpointFile(found.need.rdd, found.need.partition);
            // The need's number rides in the low bits.
            m_storage.read(context, file, token * needsMax + index + 1);
            return;
        }
        case Need::Kind::Block:
            break;
    }
    bool fromDisk = false;
    if (RowsRef mine = m_store.get(found.need.block, fromDisk)) {
        if (fromDisk) {
            context.spend(mine->bytes() * cost::perByteSerialised);
        }
        found.pieces.push_back(std::move(mine));
        return;
    }
    bringBlock(context, task, index, 0);
}

/// From the first of its places, from the `from`th on, that can be asked; then from the write-ahead log.
void ExecutorActor::bringBlock(sim::Context& context, Task& task, std::size_t index, std::size_t from) {
    Found& found = task.found[index];
    const auto token = static_cast<std::uint64_t>(task.launch->launch.task.value);
    for (std::size_t i = from; i < found.need.places.size(); ++i) {
        const ExecutorId place = found.need.places[i];
        const auto where = place == m_spec.id ? std::nullopt : addressOf(*task.launch, place);
        if (!where) {
            continue;
        }
        auto fetch = makeRef<FetchBlocks>();
        fetch->request = m_nextRequest++;
        fetch->blocks = {found.need.block};
        m_asked[fetch->request] = {Asked::Kind::Block, task.launch->launch.task, index, {}, place, found.need.block, i};
        ++task.waiting;
        const std::uint64_t number = fetch->request;
        m_peers.ask(context, place, *where, std::move(fetch), number);
        return;
    }
    if (found.need.segment >= 0) {
        ++task.waiting;
        m_storage.read(context, logFile(StreamId{found.need.block.owner}, found.need.block.number),
                       token * needsMax + index + 1);
        return;
    }
    std::vector<std::pair<BlockId, ExecutorId>> missing{{found.need.block, noExecutor}};
    for (const ExecutorId place : found.need.places) {
        missing.emplace_back(found.need.block, place);
    }
    failTask(context, task.launch->launch.task, StatusUpdate::End::BlockMissing,
             "block " + found.need.block.toText() + " is nowhere", {}, std::move(missing));
}

void ExecutorActor::bringShuffle(sim::Context& context, Task& task, std::size_t index) {
    Found& found = task.found[index];
    const ShuffleId shuffle = found.need.shuffle->id;
    const auto reduce = static_cast<std::size_t>(found.need.reduce);
    const std::vector<MapOutput>& maps = found.need.outputs->maps;
    found.pieces.resize(maps.size());
    std::map<ExecutorId, std::vector<std::size_t>> remote;
    for (std::size_t m = 0; m < maps.size(); ++m) {
        const ExecutorId at = maps[m].executor;
        if (at != m_spec.id) {
            remote[at].push_back(m);
            continue;
        }
        const ShuffleOutput* output = outputOf(shuffle, static_cast<Partition>(m));
        if (output == nullptr) {
            failTask(context, task.launch->launch.task, StatusUpdate::End::FetchFailed, "a shuffle file is not there",
                     std::make_pair(shuffle, at));
            return;
        }
        found.pieces[m] = output->parts[reduce];
    }
    for (auto& [peer, places] : remote) {
        const auto where = peer == noExecutor ? std::nullopt : addressOf(*task.launch, peer);
        if (!where) {
            failTask(context, task.launch->launch.task, StatusUpdate::End::FetchFailed,
                     fmt::format("map output of shuffle {} has no place", shuffle.value),
                     std::make_pair(shuffle, peer));
            return;
        }
        auto fetch = makeRef<FetchBlocks>();
        fetch->request = m_nextRequest++;
        fetch->shuffle = shuffle;
        fetch->reduce = found.need.reduce;
        for (const std::size_t place : places) {
            fetch->maps.push_back(static_cast<Partition>(place));
        }
        const std::uint64_t number = fetch->request;
        m_asked[number] = {Asked::Kind::Pieces, task.launch->launch.task, index, std::move(places), peer, {}, 0};
        ++task.waiting;
        context.spend(cost::blockRequest);
        m_peers.ask(context, peer, *where, std::move(fetch), number);
    }
}

void ExecutorActor::takeAnswers(sim::Context& context, const Peers::Outcome& outcome) {
    const auto lost = [&](const Asked& asked) {
        if (asked.kind == Asked::Kind::Copy) {
            if (const auto at = m_putting.find(asked.block); at != m_putting.end()) {
                at->second.awaitsCopy = false;  // Kept once: better than not at all.
                settlePut(context, asked.block);
            }
            return;
        }
        const auto at = m_tasks.find(asked.task);
        if (at == m_tasks.end() || at->second.hasFailed) {
            return;
        }
        const Need& need = at->second.found[asked.need].need;
        if (asked.kind == Asked::Kind::Pieces) {
            failTask(context, asked.task, StatusUpdate::End::FetchFailed,
                     fmt::format("shuffle {} could not be fetched from executor {}", need.shuffle->id.value,
                                 asked.peer.value),
                     std::make_pair(need.shuffle->id, asked.peer));
        } else {
            --at->second.waiting;
            bringBlock(context, at->second, asked.need, asked.place + 1);
        }
    };
    for (const std::uint64_t request : outcome.failed) {
        if (const auto asked = m_asked.extract(request)) {
            lost(asked.mapped());
        }
    }
    if (outcome.replicated != nullptr) {
        const auto asked = m_asked.extract(outcome.replicated->request);
        const auto at = asked ? m_putting.find(asked.mapped().block) : m_putting.end();
        if (at != m_putting.end()) {
            at->second.awaitsCopy = false;
            if (outcome.replicated->isKept) {
                at->second.places.push_back(asked.mapped().peer);
            }
            settlePut(context, asked.mapped().block);
        }
    }
    if (outcome.fetched == nullptr) {
        return;
    }
    const auto asked = m_asked.extract(outcome.fetched->request);
    const auto at = asked ? m_tasks.find(asked.mapped().task) : m_tasks.end();
    if (at == m_tasks.end() || at->second.hasFailed) {
        return;
    }
    if (!outcome.fetched->isComplete) {
        lost(asked.mapped());
        return;
    }
    Found& found = at->second.found[asked.mapped().need];
    for (std::size_t i = 0; i < outcome.fetched->pieces.size(); ++i) {
        const RowsRef& piece = outcome.fetched->pieces[i];
        const ByteCount bytes = piece ? piece->bytes() : 0;
        at->second.shuffleRead += asked.mapped().kind == Asked::Kind::Pieces ? bytes : 0;
        if (asked.mapped().kind == Asked::Kind::Pieces) {
            found.pieces[asked.mapped().places[i]] = piece;
        } else {
            found.pieces.push_back(piece);
        }
    }
    brought(context, asked.mapped().task);
}

void ExecutorActor::takeDirect(sim::Context& context, const std::vector<DirectReader::Done>& done) {
    for (const DirectReader::Done& each : done) {
        const TaskId id{static_cast<std::int64_t>(each.token)};
        const auto at = m_tasks.find(id);
        if (at == m_tasks.end() || at->second.hasFailed) {
            continue;
        }
        if (!each.rows) {
            failTask(context, id, StatusUpdate::End::Failed, "a range of offsets could not be read: " + each.reason);
            continue;
        }
        for (Found& found : at->second.found) {
            if (found.need.kind == Need::Kind::Offsets && found.pieces.empty()) {
                found.pieces.push_back(each.rows);
                break;
            }
        }
        brought(context, id);
    }
}

/// For the books of the run: what of each shuffle this task reads.
void ExecutorActor::noteReads(sim::Context& context, Task& task) {
    if (!context.isListenedTo()) {
        return;
    }
    auto fact = makeRef<PartitionMade>();
    for (const Found& found : task.found) {
        fact->readsTopic = fact->readsTopic || found.need.kind == Need::Kind::Offsets;
        if (found.need.kind != Need::Kind::Shuffle) {
            continue;
        }
        PartitionMade::Read read{found.need.shuffle->id, found.need.reduce, 0, found.need.outputs->maps.size()};
        for (const RowsRef& piece : found.pieces) {
            read.sum += piece ? piece->digest() : 0;
        }
        fact->reads.push_back(read);
    }
    task.fact = std::move(fact);
}

void ExecutorActor::brought(sim::Context& context, TaskId id) {
    Task& task = m_tasks[id];
    if (--task.waiting > 0 || task.hasFailed) {
        return;
    }
    task.times.ready = context.now();
    noteReads(context, task);
    for (Found& found : task.found) {
        std::erase_if(found.pieces, [](const RowsRef& piece) { return !piece; });  // What was empty was not written.
    }
    m_ready.push_back(id);
    runReady(context);
}

void ExecutorActor::runReady(sim::Context& context) {
    while (!m_ready.empty()) {
        const auto free = std::find(m_isBusy.begin(), m_isBusy.end(), false);
        if (free == m_isBusy.end()) {
            return;
        }
        const TaskId id = m_ready.front();
        m_ready.erase(m_ready.begin());
        Task& task = m_tasks[id];
        task.thread = free - m_isBusy.begin();
        *free = true;
        auto run = makeRef<RunTask>();
        run->executor = context.self();
        run->launch = task.launch->launch;
        run->found = std::move(task.found);
        run->costs = m_spec.application->costs;
        run->mixesRecomputed = m_spec.application->broken.mixesRecomputed;
        context.send(m_threads[static_cast<std::size_t>(task.thread)], std::move(run));
    }
}

void ExecutorActor::failTask(sim::Context& context, TaskId id, StatusUpdate::End end, std::string reason,
                             std::optional<std::pair<ShuffleId, ExecutorId>> fetch,
                             std::vector<std::pair<BlockId, ExecutorId>> missing) {
    const auto at = m_tasks.find(id);
    if (at == m_tasks.end() || at->second.hasFailed) {
        return;
    }
    ++m_figures.tasksFailed;
    auto update = makeRef<StatusUpdate>();
    update->task = id;
    update->end = end;
    update->reason = std::move(reason);
    update->times = at->second.times;
    update->missing = std::move(missing);
    if (fetch) {
        update->shuffle = fetch->first;
        update->from = fetch->second;
    }
    m_driver.transmit(context, std::move(update));
    at->second.hasFailed = true;
    m_direct.cancel(static_cast<std::uint64_t>(id.value));
    std::erase(m_ready, id);
    if (at->second.thread < 0) {
        // Callers hold references into it: it goes when nothing of it is under way any more.
        context.send(context.self(), makeRef<KillTask>(id));
    }
}

}  // namespace millrace::spark
