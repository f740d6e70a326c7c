#include "engine/spark/core/executor.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/spark/core/executor_parts.h"
#include "engine/spark/core/task_thread.h"
#include "engine/spark/cost.h"
#include "engine/spark/metrics.h"
#include "engine/spark/streaming/receiver.h"

namespace millrace::spark {

namespace {

struct ExecutorReady final : sim::MessageBase<ExecutorReady> {
    static constexpr std::string_view Name = "spark.ExecutorReady";
    void digest(Digest&) const override {}
};

struct BeatTime final : sim::MessageBase<BeatTime> {
    static constexpr std::string_view Name = "spark.BeatTime";
    [[nodiscard]] std::string summary() const override { return "heartbeat"; }
    void digest(Digest&) const override {}
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
            threads.push_back(context.addActor(fmt::format("task-{}", i), makeTaskThread()));
        }
        context.addActor("executor", makeRef<ExecutorActor>(m_spec, std::move(threads)));
    }

private:
    ExecutorSpec m_spec;
    std::string m_name;
};

}  // namespace

Ref<const sim::Blueprint> makeExecutorBlueprint(ExecutorSpec spec, std::string_view host) {
    return makeRef<ExecutorBlueprint>(std::move(spec), host);
}

ExecutorActor::ExecutorActor(ExecutorSpec spec, std::vector<sim::ActorId> threads)
    : m_spec(std::move(spec)), m_threads(std::move(threads)), m_isBusy(m_threads.size(), false) {
    const ApplicationConfig& application = *m_spec.application;
    m_store = BlockStore(application.storageMemory());
    m_peers = Peers(application.networkTimeout);
    m_storage = application.hdfs
                    ? StorageClient(HdfsStorage(application.hdfs, hdfsFolder(application.name),
                                                fmt::format("executor-{}-{}", application.name, m_spec.id.value)))
                    : StorageClient({m_spec.driver.host, application.storagePort});
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
            context.arm(m_spec.application->heartbeatInterval, makeRef<BeatTime>());
            return;
        }
        case sim::Link::News::Lost:
            // Driver disassociated: an executor has nothing to live for without it.
            context.journal(
                {"spark.executor-exits",
                 sim::Severity::Warning,
                 fmt::format("Executor {} of {} ends: its driver is gone ({})", m_spec.id.value,
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
