#include <algorithm>

#include "engine/spark/core/executor.h"
#include "engine/spark/core/executor_parts.h"
#include "engine/spark/cost.h"
#include "engine/spark/streaming/output.h"

// What came of a task is kept, written out and told.

namespace millrace::spark {

namespace {

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

}  // namespace

void ExecutorActor::computed(sim::Context& context, const TaskComputed& done) {
    const TaskId id = done.launch.task;
    const auto at = m_tasks.find(id);
    if (at == m_tasks.end()) {
        return;
    }
    Task& task = at->second;
    m_isBusy[static_cast<std::size_t>(task.thread)] = false;
    task.thread = -1;
    task.times.began = done.began;
    task.times.computed = context.now();
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
    for (const Kept& each : done.kept) {
        keep(context, rddBlock(each.rdd, each.partition), each.rows, each.level, report->blocks);
    }
    const TaskSet& set = *done.launch.set;
    if (set.shuffle) {
        const BlockId file{BlockId::Kind::Shuffle, set.shuffle->id.value, done.launch.partition};
        auto chunk = makeRef<ShuffleChunk>(done.parts);
        report->shuffleWritten = chunk->size();
        if (!context.replace(m_files.of(context, file), std::move(chunk))) {
            m_files.remove(context, file);
            failTask(context, id, StatusUpdate::End::Failed, "no space left on device");
            runReady(context);
            return;
        }
        m_shuffles.set(file, ShuffleOutput{done.parts});
    }
    task.report = std::move(report);
    if (task.fact) {
        noteMade(task, done);
    }
    task.unstored = 1;
    writeOut(context, task, done);
    settle(context, id);
    runReady(context);
}

void ExecutorActor::noteMade(Task& task, const TaskComputed& computed) const {
    const TaskSet& set = *computed.launch.set;
    auto made = makeRef<PartitionMade>(*task.fact);  // copies of this world share the one that is known
    PartitionMade& fact = *made;
    fact.application = m_spec.application->name;
    fact.executor = m_spec.id;
    fact.rdd = set.rdd;
    fact.output = set.output;
    fact.millis = set.batchMillis;
    fact.partition = computed.launch.partition;
    if (set.shuffle) {
        fact.shuffle = set.shuffle->id;
        for (const RowsRef& part : computed.parts) {
            fact.digests.push_back(part ? part->digest() : 0);
        }
    } else {
        fact.digests.push_back(computed.rows->digest());
    }
    task.fact = std::move(made);
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
    at->second.report->times = at->second.times;
    at->second.report->times.stored = context.now();
    ++m_figures.tasksDone;
    m_figures.rowsRead += at->second.report->rowsRead;
    m_figures.shuffleRead += at->second.report->shuffleRead;
    m_figures.shuffleWritten += at->second.report->shuffleWritten;
    if (at->second.fact) {
        context.tell(std::move(at->second.fact));
    }
    m_driver.transmit(context, std::move(at->second.report));
    m_tasks.erase(at);
}

}  // namespace millrace::spark
