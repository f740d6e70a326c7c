#include <fmt/format.h>

#include <algorithm>

#include "engine/spark/core/storage.h"
#include "engine/spark/cost.h"
#include "engine/spark/facts.h"
#include "engine/spark/streaming/driver.h"
#include "engine/spark/streaming/driver_timers.h"
#include "engine/spark/streaming/output.h"
#include "engine/spark/streaming/saved.h"

namespace millrace::spark {

void DriverActor::armBatch(sim::Context& context) {
    const std::int64_t step = m_application->program->batchMillis();
    const std::int64_t next = (clockOf(context.now()) / step + 1) * step;
    m_nextBatchAt = timeOf(next);
    context.arm(m_nextBatchAt - context.now(), makeRef<BatchTime>());
}

void DriverActor::batchTime(sim::Context& context) {
    const std::int64_t millis = clockOf(m_nextBatchAt);
    if (millis > m_lastBatch) {
        m_toGenerate.push_back(millis);
    }
    armBatch(context);
    generateNext(context);
}

/// Batches are made in the order of time; one of a topic waits until the topic's ends are known.
void DriverActor::generateNext(sim::Context& context) {
    while (!m_toGenerate.empty()) {
        if (!haveOffsets()) {
            askOffsets(context);
            return;
        }
        const std::int64_t millis = m_toGenerate.front();
        m_toGenerate.erase(m_toGenerate.begin());
        for (auto& [stream, direct] : m_directs) {
            direct.isAsking = false;
        }
        generate(context, millis);
    }
}

void DriverActor::generate(sim::Context& context, std::int64_t millis) {
    const Program& program = *m_application->program;
    m_inputs.allocate(program, millis, m_application->broken.takesBlocksTwice);
    takeRanges(millis);
    if (m_application->broken.commitsBeforeDone) {
        queueCommits(millis);
    }
    commitOffsets(context);
    m_lastBatch = std::max(m_lastBatch, millis);
    Batch batch;
    batch.millis = millis;
    batch.time = timeOf(millis);
    batch.submitted = context.now();
    batch.isRecovered = m_recovered.erase(millis) > 0;
    for (std::size_t i = 0; i < program.streams.size(); ++i) {
        const StreamId stream{static_cast<std::int32_t>(i)};
        if (program.streams[i].isInput()) {
            const std::int64_t records = m_inputs.recordsOf(stream, millis);
            batch.inputs.emplace_back(stream, records);
            batch.records += records;
        }
    }
    for (std::size_t i = 0; i < program.outputs.size(); ++i) {
        const auto rdd = m_graph.rddOf(program.outputs[i].from, millis, m_lineage, m_inputs);
        if (!rdd) {
            continue;  // It slides in larger steps.
        }
        context.spend(m_application->costs.jobGeneration);
        for (int times = m_application->broken.repeatsOutputs ? 2 : 1; times > 0; --times) {
            batch.jobs.push_back({m_nextJob, static_cast<std::int32_t>(i), *rdd, {}, {}});
            m_queue.push_back({millis, m_nextJob});
            m_nextJob = JobId{m_nextJob.value + 1};
        }
    }
    if (context.isListenedTo()) {
        tellMade(context, batch);
    }
    const bool hasJobs = !batch.jobs.empty();
    m_batches.set(millis, std::move(batch));
    ++m_openBatches;
    (void)save(context);
    if (!hasJobs) {
        Batch& empty = *m_batches.update(millis);
        empty.started = empty.ended = context.now();
        completeBatch(context, empty);
    }
    runJobs(context);
}

void DriverActor::tellMade(sim::Context& context, const Batch& batch) const {
    auto made = makeRef<BatchMade>();
    made->application = m_application->name;
    made->millis = batch.millis;
    for (const auto& [stream, records] : batch.inputs) {
        for (const InputBlock& block : m_inputs.blocksOf(stream, batch.millis)) {
            made->blocks.push_back(block.id);
        }
        const std::vector<OffsetRange> ranges = m_inputs.rangesOf(stream, batch.millis);
        made->ranges.insert(made->ranges.end(), ranges.begin(), ranges.end());
    }
    context.tell(std::move(made));
}

void DriverActor::runJobs(sim::Context& context) {
    const Program& program = *m_application->program;
    while (!m_queue.empty() && static_cast<std::int32_t>(m_active.size()) < m_application->concurrentJobs) {
        const QueuedJob next = m_queue.front();
        m_queue.erase(m_queue.begin());
        m_active.push_back(next);
        Batch& batch = *m_batches.update(next.millis);
        const auto job = std::find_if(batch.jobs.begin(), batch.jobs.end(),
                                      [&](const Batch::Job& each) { return each.id == next.job; });
        job->started = context.now();
        batch.started = batch.started ? batch.started : std::optional(context.now());
        const OutputSpec& output = program.outputs[static_cast<std::size_t>(job->output)];
        JobRequest request;
        request.id = next.job;
        request.rdd = job->rdd;
        request.output = job->output;
        request.batchMillis = next.millis;
        request.name = "foreachRDD at " + output.name;
        context.spend(m_application->costs.jobSubmission);
        m_book.submitted(request, context.now());
        DagScheduler::Outcome outcome;
        m_dag.submit(m_lineage, std::move(request), outcome);
        for (const StageInfo& stage : m_dag.stagesOf(next.job)) {
            ++batch.stages;
            batch.skippedStages += stage.isSkipped ? 1 : 0;
        }
        apply(context, outcome);
    }
}

void DriverActor::jobEnded(sim::Context& context, const DagScheduler::JobEnd& end) {
    m_book.ended(end, m_lineage, context.now());
    if (const auto checkpoint = m_checkpointJobs.find(end.job); checkpoint != m_checkpointJobs.end()) {
        const auto [output, rdd] = checkpoint->second;
        m_checkpointJobs.erase(checkpoint);
        if (!end.succeeded) {
            giveUp(context, "a checkpoint could not be written: " + end.reason);
            return;
        }
        m_lineage.cut(rdd);
        m_graph.noteCheckpointed(rdd);
        const auto at = std::find_if(m_active.begin(), m_active.end(),
                                     [&, job = output](const QueuedJob& each) { return each.job == job; });
        if (at != m_active.end()) {
            outputDone(context, at->millis, at->job);
        }
        return;
    }
    const auto at =
        std::find_if(m_active.begin(), m_active.end(), [&](const QueuedJob& each) { return each.job == end.job; });
    if (at == m_active.end()) {
        return;
    }
    if (!end.succeeded) {
        giveUp(context, fmt::format("a job of the batch at {} failed: {}", toText(timeOf(at->millis)), end.reason));
        return;
    }
    if (!writeDueCheckpoints(context, at->millis, end.job)) {
        outputDone(context, at->millis, end.job);
    }
}

/// What a job fails with leaves the streaming context's awaitTermination: the driver ends.
void DriverActor::giveUp(sim::Context& context, const std::string& reason) {
    context.journal({"spark.job-failed",
                     sim::Severity::Error,
                     fmt::format("The driver of {} ends: {}", m_application->name, reason),
                     {{"application", m_application->name}}});
    context.kill(context.process(), sim::ProcessExited::Reason::Crashed);
}

/// What the job has computed for the first time and is due is written by a job of its own right behind it.
bool DriverActor::writeDueCheckpoints(sim::Context& context, std::int64_t millis, JobId job) {
    std::vector<StreamGraph::Due> due;
    for (const StreamGraph::Due& each : m_graph.dueCheckpoints()) {
        const bool isUnderWay = std::any_of(m_checkpointJobs.begin(), m_checkpointJobs.end(),
                                            [&](const auto& under) { return under.second.rdd == each.rdd; });
        if (each.millis <= millis && !isUnderWay) {
            due.push_back(each);
        }
    }
    for (const StreamGraph::Due& each : due) {
        JobRequest request;
        request.id = m_nextJob;
        m_nextJob = JobId{m_nextJob.value + 1};
        request.rdd = each.rdd;
        request.isCheckpointing = true;
        request.batchMillis = millis;
        request.name = "checkpoint";
        m_checkpointJobs[request.id] = {job, each.rdd};
        m_book.submitted(request, context.now());
        DagScheduler::Outcome outcome;
        m_dag.submit(m_lineage, std::move(request), outcome);
        apply(context, outcome);
    }
    return !due.empty();
}

void DriverActor::outputDone(sim::Context& context, std::int64_t millis, JobId job) {
    const bool writes = std::any_of(m_checkpointJobs.begin(), m_checkpointJobs.end(),
                                    [&](const auto& each) { return each.second.output == job; });
    if (writes) {
        return;
    }
    std::erase_if(m_active, [&](const QueuedJob& each) { return each.job == job; });
    Batch& batch = *m_batches.update(millis);
    tellOutput(context, batch, job);
    bool isLast = true;
    for (Batch::Job& each : batch.jobs) {
        if (each.id == job) {
            each.ended = context.now();
            journalPrint(context, batch, each);
        }
        isLast = isLast && each.ended;
    }
    m_printed.erase(job);
    if (isLast) {
        batch.ended = context.now();
        completeBatch(context, batch);
    }
    runJobs(context);
}

void DriverActor::tellOutput(sim::Context& context, const Batch& batch, JobId job) const {
    const auto at =
        std::find_if(batch.jobs.begin(), batch.jobs.end(), [&](const Batch::Job& each) { return each.id == job; });
    if (!context.isListenedTo() || at == batch.jobs.end() || !m_lineage.hasRdd(at->rdd)) {
        return;
    }
    auto done = makeRef<OutputDone>();
    done->application = m_application->name;
    done->millis = batch.millis;
    done->output = at->output;
    done->partitions = m_lineage.rdd(at->rdd)->partitions;
    context.tell(std::move(done));
}

void DriverActor::journalPrint(sim::Context& context, const Batch& batch, const Batch::Job& job) {
    const OutputSpec& output = m_application->program->outputs[static_cast<std::size_t>(job.output)];
    const auto printed = m_printed.find(job.id);
    if (output.kind != OutputSpec::Kind::Print || printed == m_printed.end()) {
        return;
    }
    constexpr std::size_t most = 10;
    std::string text;
    std::size_t count = 0;
    for (const auto& [partition, rows] : printed->second) {
        for (std::size_t i = 0; i < rows->size() && count < most; ++i, ++count) {
            text += (count > 0 ? " " : "") + rowText(*rows, i);
        }
    }
    context.journal({"spark.print",
                     sim::Severity::Detail,
                     fmt::format("Time: {} ms: {}", batch.millis, text),
                     {{"application", m_application->name}, {"output", output.name}}});
}

void DriverActor::completeBatch(sim::Context& context, Batch& batch) {
    --m_openBatches;
    const Program& program = *m_application->program;
    const Batch* before = m_batches.find(batch.millis - program.batchMillis());
    batch.late = whyLate(batch, program.batch, before);
    m_lastDone = batch.millis;
    m_ratioAllocation.batchDone(batch.processingTime());
    context.tell(makeRef<BatchDone>(m_application->name, batch.millis));
    ++m_totals.batches;
    m_totals.records += batch.records;
    m_totals.late += batch.late.empty() ? 0 : 1;
    m_totals.scheduling += batch.schedulingDelay();
    m_totals.processing += batch.processingTime();
    m_totals.worstTotal = std::max(m_totals.worstTotal, batch.totalDelay());
    m_totals.tasks += batch.tasks;
    m_totals.failedTasks += batch.failedTasks;
    m_totals.recomputed += batch.recomputed;
    m_totals.skippedStages += batch.skippedStages;
    m_totals.recovered += batch.isRecovered ? 1 : 0;
    if (!batch.late.empty()) {
        context.journal({"spark.batch-late",
                         sim::Severity::Notice,
                         fmt::format("The batch at {:g} s of {} took {:.2f} s: {}", seconds(batch.time),
                                     m_application->name, seconds(batch.totalDelay()), batch.late),
                         {{"application", m_application->name}, {"batch", std::to_string(batch.millis)}},
                         m_application->name,
                         true});
    }
    for (auto& [stream, direct] : m_directs) {
        for (const OffsetRange& range : m_inputs.rangesOf(StreamId{stream}, batch.millis)) {
            const auto partition = static_cast<std::size_t>(range.partition);
            direct.done.resize(std::max(direct.done.size(), partition + 1), -1);
            direct.done[partition] = std::max(direct.done[partition], range.until);
        }
    }
    updateRates(context, batch);
    queueCommits(batch.millis);
    // What a checkpoint no longer needs goes only when that checkpoint is written.
    if (save(context)) {
        clearOld(context, doneUpTo());
    }
}

/// The newest time up to which all batches are done. A batch without jobs is done at once, and those before it may
/// still need what they read.
std::int64_t DriverActor::doneUpTo() const {
    std::int64_t firstOpen = m_queue.empty() ? m_lastBatch + 1 : m_queue.front().millis;
    for (const QueuedJob& each : m_active) {
        firstOpen = std::min(firstOpen, each.millis);
    }
    if (!m_toGenerate.empty()) {  // of a driver that begins again: to be made once more, from what the checkpoint says
        firstOpen = std::min(firstOpen, m_toGenerate.front());
    }
    return std::min(firstOpen - 1, m_lastBatch);
}

/// Entries of blocks that no batch needs any more leave the log (ReceivedBlockTracker.cleanupOldBatches).
void DriverActor::trimReceivedBlocks(sim::Context& context) const {
    const sim::File* log = m_application->receiverLog ? context.disk().find(receivedBlocksFile) : nullptr;
    if (log == nullptr) {
        return;
    }
    std::uint64_t first = log->chunks().firstIndex();
    while (first < log->chunks().endIndex()) {
        const auto* received = dynamic_cast<const ReceivedBlockChunk*>(log->chunks()[first].get());
        if (received == nullptr || !m_inputs.wasCleared(received->block.id)) {
            break;
        }
        ++first;
    }
    if (first > log->chunks().firstIndex()) {
        context.dropFront(receivedBlocksFile, first);
    }
}

void DriverActor::clearOld(sim::Context& context, std::int64_t millis) {
    const StreamGraph::Cleared cleared = m_graph.clear(millis, m_lineage);
    auto remove = makeRef<RemoveBlocks>();
    remove->rdds = cleared.unpersisted;
    for (const InputBlock& block : m_inputs.clear(*m_application->program, millis)) {
        remove->inputs.push_back(block.id);
        if (block.segment >= 0) {
            removeStored(context, logFile(StreamId{block.id.owner}, block.id.number));
        }
        m_lineage.noteGone(block.id);
    }
    trimReceivedBlocks(context);
    for (const RddId rdd : cleared.unpersisted) {
        m_lineage.unpersist(rdd);
    }
    std::vector<RddId> roots = m_graph.remembered();
    for (const QueuedJob& each : m_queue) {
        for (const Batch::Job& job : m_batches.at(each.millis).jobs) {
            roots.push_back(job.rdd);
        }
    }
    for (const QueuedJob& each : m_active) {
        for (const Batch::Job& job : m_batches.at(each.millis).jobs) {
            roots.push_back(job.rdd);
        }
    }
    const Lineage::Forgotten forgotten = m_lineage.keepOnly(roots);
    remove->shuffles = forgotten.shuffles;
    remove->rdds.insert(remove->rdds.end(), forgotten.keptRdds.begin(), forgotten.keptRdds.end());
    for (const StreamGraph::Due& file : cleared.files) {
        for (Partition p = 0; p < file.partitions; ++p) {
            removeStored(context, checkpointFile(file.rdd, p));
        }
    }
    const auto retained = static_cast<std::uint64_t>(m_application->retainedBatches);
    while (m_batches.size() > retained && m_batches.begin()->second.isDone()) {
        m_batches.erase(std::int64_t{m_batches.begin()->first});
    }
    if (!m_application->unpersists) {
        remove->rdds.clear();
        remove->inputs.clear();
    }
    if (remove->rdds.empty() && remove->inputs.empty() && remove->shuffles.empty()) {
        return;
    }
    for (const auto& [id, executor] : m_executors) {
        context.transmit(executor.connection, remove);
    }
    for (auto& [id, executor] : m_executors) {
        while (executor.closures.size() > 64) {
            executor.closures.erase(executor.closures.begin());
        }
    }
}

/// Of a checkpoint or of the log of received blocks, wherever executors have written it.
void DriverActor::removeStored(sim::Context& context, const std::string& file) {
    if (m_hdfs) {
        m_hdfs->remove(context, file);
    } else {
        context.remove("storage/" + file);
    }
}

}  // namespace millrace::spark
