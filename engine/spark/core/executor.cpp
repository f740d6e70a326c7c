#include "engine/spark/core/executor.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/spark/cost.h"
#include "engine/spark/metrics.h"
#include "engine/spark/streaming/output.h"
#include "engine/spark/streaming/receiver.h"

namespace millrace::spark {

namespace {

struct ExecutorReady final : sim::MessageBase<ExecutorReady> {
    static constexpr std::string_view Name = "spark.ExecutorReady";
    void digest(Digest&) const override {}
};

struct BeatTime final : sim::MessageBase<BeatTime> {
    static constexpr std::string_view Name = "spark.BeatTime";
    void digest(Digest&) const override {}
};

struct PutOverdue final : sim::MessageBase<PutOverdue> {
    static constexpr std::string_view Name = "spark.PutOverdue";
    BlockId block;
    explicit PutOverdue(const BlockId& which) : block(which) {}
    void digest(Digest& digest) const override { digest.add(block.number); }
};

/// A thread of an executor: computes one task at a time.
class TaskThread final : public sim::ActorBase<TaskThread> {
public:
    void handle(sim::Context& context, const sim::Message& message) override {
        const auto* run = message.as<RunTask>();
        if (run == nullptr) {
            return;
        }
        const TaskSet& set = *run->launch.set;
        Evaluation evaluation(set.stageRdds, run->found);
        auto done = makeRef<TaskComputed>();
        done->launch = run->launch;
        const RowsRef rows = evaluation.partitionOf(set.rdd, run->launch.partition);
        done->rowsWritten = static_cast<std::int64_t>(rows->size());
        if (set.shuffle) {
            done->parts = splitForShuffle(*set.shuffle, rows, evaluation.work());
            done->rowsWritten = 0;
            for (const RowsRef& part : done->parts) {
                done->rowsWritten += part ? static_cast<std::int64_t>(part->size()) : 0;
            }
        } else {
            done->rows = rows;
        }
        done->kept = evaluation.kept();
        done->rowsRead = evaluation.rowsRead();
        done->began = context.now();
        context.spend(cost::taskStart + evaluation.work().cpu);
        context.send(run->executor, std::move(done));
    }
};

class ExecutorBlueprint final : public sim::Blueprint {
public:
    ExecutorBlueprint(ExecutorSpec spec, std::string_view host)
        : m_spec(std::move(spec)), m_name(executorName(m_spec.application->name, m_spec.id, host)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        std::vector<sim::ActorId> threads;
        threads.reserve(static_cast<std::size_t>(m_spec.cores));
        for (std::int32_t i = 0; i < m_spec.cores; ++i) {
            threads.push_back(context.addActor(fmt::format("task-{}", i), makeRef<TaskThread>()));
        }
        context.addActor("executor", makeRef<ExecutorActor>(m_spec, std::move(threads)));
    }

private:
    ExecutorSpec m_spec;
    std::string m_name;
};

/// Shuffle data as a file of the executor's host.
class ShuffleChunk final : public sim::Chunk {
public:
    explicit ShuffleChunk(std::vector<RowsRef> parts) : m_parts(std::move(parts)) {
        for (const RowsRef& part : m_parts) {
            m_size += part ? part->bytes() : 0;
        }
    }
    [[nodiscard]] ByteCount size() const override { return m_size + 16; }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        for (const RowsRef& part : m_parts) {
            digest.add(part ? part->digest() : 0);
        }
        return digest.value();
    }

private:
    std::vector<RowsRef> m_parts;
    ByteCount m_size = 0;
};

/// A storage token holds a task and which of its needs; those of receivers' blocks are marked.
constexpr std::uint64_t needsMax = 4096;
constexpr std::uint64_t logMark = std::uint64_t{1} << 63U;
std::uint64_t logToken(const BlockId& block) {
    constexpr std::uint32_t numberBits = 44;  // milliseconds since 1970
    return logMark | (static_cast<std::uint64_t>(block.owner) << numberBits) | static_cast<std::uint64_t>(block.number);
}

std::string blockFile(const BlockId& block) {
    return "blockmgr/" + block.toText();
}

}  // namespace

Ref<const sim::Blueprint> makeExecutorBlueprint(ExecutorSpec spec, std::string_view host) {
    return makeRef<ExecutorBlueprint>(std::move(spec), host);
}

ExecutorActor::ExecutorActor(ExecutorSpec spec, std::vector<sim::ActorId> threads)
    : m_spec(std::move(spec)), m_threads(std::move(threads)), m_isBusy(m_threads.size(), false) {
    const ApplicationConfig& application = *m_spec.application;
    m_store = BlockStore(application.storageMemory());
    m_peers = Peers(application.networkTimeout);
    m_storage = StorageClient({m_spec.driver.host, application.storagePort});
    std::vector<std::string> topics;
    for (const InputSpec& input : application.program->inputs) {
        topics.push_back(input.topic);
    }
    m_direct = DirectReader(application.consumers, std::move(topics));
}

std::vector<StreamId> ExecutorActor::receivers() const {
    std::vector<StreamId> all;
    for (const auto& [stream, actor] : m_receivers) {
        all.push_back(stream);
    }
    return all;
}

void ExecutorActor::start(sim::Context& context) {
    context.spend(cost::executorStart);
    context.arm(cost::executorLaunch, makeRef<ExecutorReady>());
    if (const sim::ProcessId worker = context.findProcess(m_spec.worker); worker != sim::noProcess) {
        context.watch(worker);
    }
    // What an executor before left on this disk is nobody's: its block manager had another name.
    for (const std::string& file : context.disk().list("")) {
        context.remove(file);
    }
}

void ExecutorActor::handle(sim::Context& context, const sim::Message& message) {
    if (m_driver.owns(context.connection())) {
        takeFromDriver(context, message);
        return;
    }
    Peers::Outcome answers;
    if (m_peers.handle(context, message, answers)) {
        context.spend(cost::message);
        takeAnswers(context, answers);
        return;
    }
    StorageClient::Outcome stored;
    if (m_storage.handle(context, message, stored)) {
        takeStored(context, stored);
        return;
    }
    if (const auto* done = message.as<TaskComputed>()) {
        computed(context, *done);
    } else if (const auto* request = message.as<FetchBlocks>()) {
        serve(context, *request);
    } else if (const auto* copy = message.as<ReplicateBlock>()) {
        context.spend(cost::blockRequest + copy->rows->bytes() * cost::perByteSerialised);
        std::vector<BlockUpdate> updates;
        keep(context, copy->block, copy->rows, copy->level, updates);
        tellUpdates(context, std::move(updates));
        context.transmit(context.connection(), makeRef<BlockReplicated>(copy->request, m_store.contains(copy->block)));
    } else if (const auto* put = message.as<PutBlock>()) {
        putBlock(context, *put);
    } else if (const auto* state = message.as<ReceiverState>()) {
        m_driver.transmit(context, makeRef<ReceiverState>(state->stream, state->isActive));
    } else if (const auto* overdue = message.as<PutOverdue>()) {
        putOverdue(context, overdue->block);
    } else if (const auto* gone = message.as<KillTask>()) {
        m_tasks.erase(gone->task);
    } else if (message.as<sim::ProcessExited>() != nullptr) {
        context.kill(context.process(), sim::ProcessExited::Reason::Finished);
    } else if (message.as<ExecutorReady>() != nullptr) {
        context.listen(m_spec.blockPort);
        m_driver.open(context, m_spec.driver.host, m_spec.driver.port);
    } else if (message.as<BeatTime>() != nullptr) {
        if (m_driver.isOpen()) {
            auto beat = makeRef<Heartbeat>();
            beat->memoryUsed = m_store.inMemory();
            beat->diskUsed = m_store.onDisk();
            context.spend(cost::message);
            m_driver.transmit(context, std::move(beat));
        }
        context.arm(m_spec.application->heartbeatInterval, makeRef<BeatTime>());
    } else {
        for (auto& [output, sink] : m_sinks) {
            ingest::SinkClient::Outcome outcome;
            if (sink.handle(context, message, outcome)) {
                takeSinks(context, outcome);
                return;
            }
        }
        std::vector<DirectReader::Done> read;
        if (m_direct.handle(context, message, read)) {
            takeDirect(context, read);
        }
    }
}

void ExecutorActor::takeFromDriver(sim::Context& context, const sim::Message& message) {
    switch (m_driver.read(context, message)) {
        case sim::Link::News::Opened: {
            auto mine = makeRef<RegisterExecutor>();
            mine->executor = m_spec.id;
            mine->host = context.hostName();
            mine->cores = m_spec.cores;
            mine->storage = m_store.memory();
            mine->blocks = {context.host(), m_spec.blockPort};
            m_driver.transmit(context, std::move(mine));
            m_isRegistered = true;
            context.arm(m_spec.application->heartbeatInterval, makeRef<BeatTime>());
            return;
        }
        case sim::Link::News::Lost:
            // Driver disassociated: an executor has nothing to live for without it.
            context.journal(
                {"spark.executor-exits",
                 sim::Severity::Warning,
                 fmt::format("Executor {} of {} ends, for its driver is gone ({})", m_spec.id.value,
                             m_spec.application->name, sim::lossOf(message)),
                 {{"application", m_spec.application->name}, {"executor", std::to_string(m_spec.id.value)}}});
            context.kill(context.process(), sim::ProcessExited::Reason::Finished);
            return;
        case sim::Link::News::None:
            return;
        case sim::Link::News::Message:
            break;
    }
    if (const auto* task = message.as<LaunchTask>()) {
        launch(context, *task);
    } else if (const auto* kill = message.as<KillTask>()) {
        if (const auto at = m_tasks.find(kill->task); at != m_tasks.end()) {
            at->second.hasFailed = true;  // Its thread computes to the end; what it brings nobody takes.
            m_direct.cancel(static_cast<std::uint64_t>(kill->task.value));
            if (at->second.thread < 0) {
                std::erase(m_ready, kill->task);
                m_tasks.erase(at);
            }
        }
    } else if (const auto* remove = message.as<RemoveBlocks>()) {
        removeBlocks(context, *remove);
    } else if (const auto* others = message.as<ExecutorList>()) {
        m_others = others->peers;
        std::vector<ExecutorId> living;
        for (const ExecutorList::Peer& each : m_others) {
            living.push_back(each.executor);
        }
        Peers::Outcome gone;
        gone.failed = m_peers.keepOnly(context, living);
        takeAnswers(context, gone);
    } else if (const auto* receiver = message.as<StartReceiver>()) {
        if (!m_receivers.contains(receiver->stream)) {
            m_receivers[receiver->stream] =
                context.spawnActor(fmt::format("receiver-{}", receiver->stream.value),
                                   makeReceiver(m_spec.application, receiver->stream, context.self(), receiver->rate,
                                                receiver->firstBlock));
        }
    } else if (const auto* rate = message.as<UpdateReceiverRate>()) {
        if (const auto at = m_receivers.find(rate->stream); at != m_receivers.end()) {
            context.send(at->second, makeRef<UpdateReceiverRate>(rate->stream, rate->rate));
        }
    } else if (const auto* added = message.as<BlockAdded>()) {
        if (const auto at = m_putting.find(added->block); at != m_putting.end()) {
            context.send(at->second.receiver, makeRef<BlockPut>(added->block, true, true));
            m_putting.erase(at);
        }
    }
}

// --- what a task needs ----------------------------------------------------------------------------------------------

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
        const ShuffleOutput* output =
            m_shuffles.find(BlockId{BlockId::Kind::Shuffle, shuffle.value, static_cast<std::int64_t>(m)});
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
        const ShuffleOutput* output = m_shuffles.find(BlockId{BlockId::Kind::Shuffle, request.shuffle.value, map});
        answer->isComplete = answer->isComplete && output != nullptr;
        answer->pieces.push_back(output != nullptr ? output->parts[static_cast<std::size_t>(request.reduce)]
                                                   : RowsRef());
    }
    context.transmit(context.connection(), std::move(answer));
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

void ExecutorActor::brought(sim::Context& context, TaskId id) {
    Task& task = m_tasks[id];
    if (--task.waiting > 0 || task.hasFailed) {
        return;
    }
    for (Found& found : task.found) {
        std::erase_if(found.pieces, [](const RowsRef& piece) { return !piece; });  // What was empty was not written.
    }
    task.times.ready = context.now();
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

// --- what came of it ------------------------------------------------------------------------------------------------

void ExecutorActor::computed(sim::Context& context, const TaskComputed& done) {
    const TaskId id = done.launch.task;
    const auto at = m_tasks.find(id);
    if (at == m_tasks.end()) {
        return;
    }
    Task& task = at->second;
    m_isBusy[static_cast<std::size_t>(task.thread)] = false;
    task.thread = -1;
    if (task.hasFailed) {
        m_tasks.erase(at);
        runReady(context);
        return;
    }
    auto report = makeRef<StatusUpdate>();
    report->task = id;
    report->rowsRead = done.rowsRead;
    report->rowsWritten = done.rowsWritten;
    report->shuffleRead = task.shuffleRead;
    task.times.began = done.began;
    task.times.computed = context.now();
    for (const Kept& each : done.kept) {
        keep(context, rddBlock(each.rdd, each.partition), each.rows, each.level, report->blocks);
    }
    const TaskSet& set = *done.launch.set;
    if (set.shuffle) {
        const BlockId file{BlockId::Kind::Shuffle, set.shuffle->id.value, done.launch.partition};
        auto chunk = makeRef<ShuffleChunk>(done.parts);
        report->shuffleWritten = chunk->size();
        if (!context.replace(blockFile(file), std::move(chunk))) {
            failTask(context, id, StatusUpdate::End::Failed, "no space left on device");
            runReady(context);
            return;
        }
        m_shuffles.set(file, ShuffleOutput{done.parts});
    }
    task.report = std::move(report);
    task.unstored = 1;
    writeOut(context, task, done);
    settle(context, id);
    runReady(context);
}

void ExecutorActor::writeOut(sim::Context& context, Task& task, const TaskComputed& done) {
    const TaskSet& set = *done.launch.set;
    const auto token = static_cast<std::uint64_t>(done.launch.task.value);
    if (set.isCheckpointing) {
        ++task.unstored;
        m_storage.write(context, checkpointFile(set.rdd, done.launch.partition), done.rows, token * needsMax);
        return;
    }
    if (set.output < 0 || set.shuffle) {
        return;
    }
    const Program& program = *m_spec.application->program;
    const OutputSpec& output = program.outputs[static_cast<std::size_t>(set.output)];
    if (output.kind == OutputSpec::Kind::Print) {
        task.report->result = firstRows(*done.rows, 11);
        return;
    }
    if (output.kind != OutputSpec::Kind::Sink) {
        return;
    }
    auto sink = m_sinks.find(set.output);
    if (sink == m_sinks.end()) {
        ingest::SinkClientConfig config;
        config.host = output.sinkHost;
        config.port = output.sinkPort;
        config.writer = m_spec.application->name + "/" + output.name;
        sink =
            m_sinks.emplace(set.output, ingest::SinkClient(std::move(config), static_cast<std::uint32_t>(set.output)))
                .first;
    }
    const OutputRows rows(m_spec.application->name, output, done.launch.partition, set.batchMillis,
                          set.batchMillis / program.batchMillis());
    for (std::size_t i = 0; i < done.rows->size(); ++i) {
        ++task.unstored;
        sink->second.add(context, rows.writeOf(*done.rows, i), token);
    }
    context.spend(static_cast<std::int64_t>(done.rows->size()) * cost::sinkRow);
}

void ExecutorActor::takeSinks(sim::Context& context, const ingest::SinkClient::Outcome& outcome) {
    const auto count = [&](const std::vector<ingest::SinkClient::Token>& tokens, bool isLost) {
        for (const ingest::SinkClient::Token token : tokens) {
            const TaskId id{static_cast<std::int64_t>(token)};
            if (const auto at = m_tasks.find(id); at != m_tasks.end() && !at->second.hasFailed) {
                at->second.isSinkLost = at->second.isSinkLost || isLost;
                settle(context, id);
            }
        }
    };
    count(outcome.committed, false);
    count(outcome.failed, true);
}

void ExecutorActor::takeStored(sim::Context& context, const StorageClient::Outcome& outcome) {
    for (const StorageClient::Outcome::Written& each : outcome.written) {
        if ((each.token & logMark) != 0) {
            for (auto& [block, putting] : m_putting) {
                if (each.token == logToken(block)) {
                    putting.awaitsLog = false;
                    putting.failed = !each.isStored;
                    putting.isLogged = each.isStored;
                    settlePut(context, BlockId(block));
                    break;
                }
            }
            continue;
        }
        const TaskId id{static_cast<std::int64_t>(each.token / needsMax)};
        if (const auto at = m_tasks.find(id); at != m_tasks.end() && !at->second.hasFailed) {
            at->second.isSinkLost = at->second.isSinkLost || !each.isStored;
            settle(context, id);
        }
    }
    for (const StorageClient::Outcome::Read& each : outcome.read) {
        const TaskId id{static_cast<std::int64_t>(each.token / needsMax)};
        const std::size_t need = each.token % needsMax - 1;
        const auto at = m_tasks.find(id);
        if (at == m_tasks.end() || at->second.hasFailed) {
            continue;
        }
        if (!each.rows) {
            failTask(context, id, StatusUpdate::End::Failed, "a file of the checkpoint folder is not there");
            continue;
        }
        context.spend(each.rows->bytes() * cost::perByteSerialised);
        at->second.found[need].pieces.push_back(each.rows);
        brought(context, id);
    }
}

void ExecutorActor::settle(sim::Context& context, TaskId id) {
    Task& task = m_tasks[id];
    if (--task.unstored > 0) {
        return;
    }
    if (task.isSinkLost) {
        failTask(context, id, StatusUpdate::End::Failed, "what it wrote outside was not confirmed");
        return;
    }
    finish(context, id);
}

void ExecutorActor::finish(sim::Context& context, TaskId id) {
    const auto at = m_tasks.find(id);
    ++m_figures.tasksDone;
    at->second.report->times = at->second.times;
    at->second.report->times.stored = context.now();
    m_figures.rowsRead += at->second.report->rowsRead;
    m_figures.shuffleRead += at->second.report->shuffleRead;
    m_figures.shuffleWritten += at->second.report->shuffleWritten;
    m_driver.transmit(context, std::move(at->second.report));
    m_tasks.erase(at);
}

// --- blocks ---------------------------------------------------------------------------------------------------------

void ExecutorActor::keep(sim::Context& context, const BlockId& block, RowsRef rows, StorageLevel level,
                         std::vector<BlockUpdate>& updates) {
    const ByteCount bytes = rows->bytes();
    const BlockStore::Change change = m_store.put(block, rows, level);
    const auto write = [&](const BlockId& id) {
        bool fromDisk = false;
        if (const RowsRef content = m_store.get(id, fromDisk)) {
            context.spend(content->bytes() * cost::perByteSerialised);
            if (!context.replace(blockFile(id), makeRef<RowsChunk>(content))) {
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
    std::vector<BlockUpdate> updates;
    keep(context, put.block, put.rows, put.level, updates);
    tellUpdates(context, std::move(updates));
    putting.failed = !m_store.contains(put.block);
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
        if (m_store.remove(block) && context.disk().find(blockFile(block)) != nullptr) {
            context.remove(blockFile(block));
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
            context.remove(blockFile(file));
        }
    }
}

void ExecutorActor::sample(sim::MetricSink& sink) const {
    sink.add(metric::tasksDone, static_cast<double>(m_figures.tasksDone));
    sink.add(metric::tasksFailed, static_cast<double>(m_figures.tasksFailed));
    sink.add(metric::tasksRunning, static_cast<double>(m_tasks.size()));
    sink.add(metric::storageMemory, static_cast<double>(m_store.inMemory()));
    sink.add(metric::storageDisk, static_cast<double>(m_store.onDisk()));
    sink.add(metric::blocksEvicted, static_cast<double>(m_store.evicted()));
    sink.add(metric::rowsRead, static_cast<double>(m_figures.rowsRead));
    sink.add(metric::shuffleRead, static_cast<double>(m_figures.shuffleRead));
    sink.add(metric::shuffleWritten, static_cast<double>(m_figures.shuffleWritten));
}

}  // namespace millrace::spark
