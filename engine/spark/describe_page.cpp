#include "engine/spark/describe_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/observe/place.h"
#include "engine/spark/core/executor.h"
#include "engine/spark/core/standalone.h"
#include "engine/spark/describe.h"

namespace millrace::spark {

namespace {

observe::ObjectId streamId(const DriverActor& driver, const StreamSpec& stream) {
    return observe::idOf(observe::ObjectKind::StreamInput, driver.application().name, stream.name);
}

observe::BatchRow rowOf(const Batch& batch) {
    observe::BatchRow row;
    row.time = batch.time;
    row.records = batch.records;
    row.isDone = batch.isDone();
    row.schedulingDelay = batch.schedulingDelay();
    row.processingTime = batch.processingTime();
    row.late = batch.late;
    row.submitted = batch.submitted;
    row.started = batch.started.value_or(SimTime::max());
    row.ended = batch.ended.value_or(SimTime::max());
    row.outputs = static_cast<std::int32_t>(batch.jobs.size());
    row.outputsDone = static_cast<std::int32_t>(
        std::count_if(batch.jobs.begin(), batch.jobs.end(), [](const auto& job) { return job.ended.has_value(); }));
    row.tasks = batch.tasks;
    row.failedTasks = batch.failedTasks;
    row.lostTasks = batch.lostTasks;
    row.recomputedTasks = batch.recomputed;
    row.skippedStages = batch.skippedStages;
    row.isRecovered = batch.isRecovered;
    return row;
}

/// What lies between the instants that a task came to; of one that failed, as far as it came.
std::array<SimDuration, observe::taskPhases> phasesOf(const TaskBook::Task& task, SimTime now) {
    std::array<SimDuration, observe::taskPhases> phases{};
    const SimTime end = task.end == TaskBook::End::Running ? now : task.ended;
    if (task.times.received == SimTime{}) {
        phases[static_cast<std::size_t>(observe::TaskPhase::Compute)] =
            end - task.launched;  // its executor told nothing
        return phases;
    }
    const std::array<SimTime, 5> instants{task.times.received, task.times.ready, task.times.began, task.times.computed,
                                          task.times.stored};
    SimTime before = task.launched;
    for (std::size_t i = 0; i < instants.size() && instants[i] >= before; ++i) {
        phases[i] = instants[i] - before;
        before = instants[i];
    }
    phases[static_cast<std::size_t>(observe::TaskPhase::SchedulerDelay)] += std::max(SimDuration{0}, end - before);
    return phases;
}

observe::TaskEnd endOf(TaskBook::End end) {
    switch (end) {
        case TaskBook::End::Running:
            return observe::TaskEnd::Running;
        case TaskBook::End::Succeeded:
            return observe::TaskEnd::Succeeded;
        case TaskBook::End::Failed:
            return observe::TaskEnd::Failed;
        case TaskBook::End::Killed:
            return observe::TaskEnd::Killed;
        case TaskBook::End::Lost:
            break;
    }
    return observe::TaskEnd::Lost;
}

observe::TaskView taskView(const TaskBook::Task& task, SimTime now) {
    observe::TaskView view;
    view.number = task.id.value;
    view.job = task.job.value;
    view.stage = task.stage.value;
    view.stageAttempt = task.stageAttempt;
    view.partition = task.partition;
    view.attempt = task.attempt;
    view.executor = task.executor.value;
    view.end = endOf(task.end);
    view.isSpeculative = task.isSpeculative;
    view.isRecomputation = task.isRecomputation;
    view.locality = nameOf(task.locality);
    view.launched = task.launched;
    view.ended = task.end == TaskBook::End::Running ? now : task.ended;
    view.phases = phasesOf(task, now);
    view.rowsRead = task.rowsRead;
    view.rowsWritten = task.rowsWritten;
    view.shuffleRead = task.shuffleRead;
    view.shuffleWritten = task.shuffleWritten;
    view.reason = task.reason;
    return view;
}

/// Newest first, until those that were launched before the batch began.
std::vector<observe::TaskView> tasksOf(const DriverActor& driver, const Batch& batch, SimTime now) {
    std::vector<observe::TaskView> tasks;
    if (!batch.started) {
        return tasks;
    }
    const auto& book = driver.book().tasks();
    for (std::uint64_t i = book.endIndex(); i > book.firstIndex() && book[i - 1].launched >= *batch.started; --i) {
        if (book[i - 1].batchMillis == batch.millis) {
            tasks.push_back(taskView(book[i - 1], now));
        }
    }
    std::reverse(tasks.begin(), tasks.end());
    return tasks;
}

observe::StageView stageView(const TaskBook::StageNote& note, const Batch& batch) {
    observe::StageView view;
    view.number = note.info.id.value;
    view.name = note.info.name;
    view.tasks = note.info.tasks;
    view.recomputed = note.info.recomputed;
    view.attempts = note.info.attempts;
    view.isSkipped = note.info.isSkipped;
    view.isDone = note.info.isDone;
    view.writesShuffle = note.info.shuffle.has_value();
    for (const StageId parent : note.info.parents) {
        view.parents.push_back(parent.value);
    }
    for (const TaskBook::RddNote& rdd : note.rdds) {
        observe::RddView& each = view.rdds.emplace_back();
        each.number = rdd.id.value;
        each.name = rdd.name;
        each.partitions = rdd.partitions;
        each.batch = batch.time + std::chrono::milliseconds{rdd.batchMillis - batch.millis};
        each.isPersisted = rdd.isPersisted;
        each.isCheckpointed = rdd.isCheckpointed;
        for (const RddId parent : rdd.parents) {
            each.parents.push_back(parent.value);
        }
    }
    if (view.name.empty() && !view.rdds.empty()) {
        view.name = view.rdds.front().name;
    }
    return view;
}

void countTasks(observe::StageView& stage, const std::vector<observe::TaskView>& tasks) {
    for (const observe::TaskView& task : tasks) {
        if (task.stage != stage.number) {
            continue;
        }
        stage.succeeded += task.end == observe::TaskEnd::Succeeded ? 1 : 0;
        stage.running += task.end == observe::TaskEnd::Running ? 1 : 0;
        stage.failed += task.end == observe::TaskEnd::Failed || task.end == observe::TaskEnd::Lost ? 1 : 0;
        stage.began = std::min(stage.began, task.launched);
        stage.ended = stage.ended == SimTime::max() ? task.ended : std::max(stage.ended, task.ended);
    }
}

observe::JobView jobView(const DriverActor& driver, const Batch& batch, const TaskBook::Job& job,
                         const std::vector<observe::TaskView>& tasks) {
    observe::JobView view;
    view.number = job.id.value;
    if (job.output >= 0) {
        const OutputSpec& output = driver.application().program->outputs[static_cast<std::size_t>(job.output)];
        view.output = observe::idOf(observe::ObjectKind::StreamOutput, driver.application().name, output.name);
    }
    view.description = job.name;
    view.isDone = job.ended.has_value();
    view.hasFailed = view.isDone && !job.succeeded;
    view.reason = job.reason;
    view.submitted = job.submitted;
    view.ended = job.ended.value_or(SimTime::max());
    const std::vector<TaskBook::StageNote> notes =
        job.ended ? job.stages : TaskBook::notesOf(driver.dag().stagesOf(job.id), driver.lineage());
    for (const TaskBook::StageNote& note : notes) {
        countTasks(view.stages.emplace_back(stageView(note, batch)), tasks);
    }
    return view;
}

/// Jobs that wait for their turn are known by the batch alone.
std::vector<observe::JobView> jobsOf(const DriverActor& driver, const Batch& batch,
                                     const std::vector<observe::TaskView>& tasks) {
    std::vector<observe::JobView> jobs;
    const auto& book = driver.book().jobs();
    for (const auto& [id, job] : book) {
        if (job.batchMillis == batch.millis) {
            jobs.push_back(jobView(driver, batch, job, tasks));
        }
    }
    for (const Batch::Job& job : batch.jobs) {
        if (!job.started) {
            const OutputSpec& output = driver.application().program->outputs[static_cast<std::size_t>(job.output)];
            observe::JobView& view = jobs.emplace_back();
            view.number = job.id.value;
            view.output = observe::idOf(observe::ObjectKind::StreamOutput, driver.application().name, output.name);
            view.description = "foreachRDD at " + output.name;
        }
    }
    return jobs;
}

std::vector<observe::BatchInputView> inputsOf(const DriverActor& driver, const Batch& batch) {
    constexpr std::size_t most = 40;
    const Program& program = *driver.application().program;
    std::vector<observe::BatchInputView> inputs;
    for (const auto& [stream, records] : batch.inputs) {
        observe::BatchInputView& view = inputs.emplace_back();
        const StreamSpec& spec = program.stream(stream);
        view.stream = streamId(driver, spec);
        view.records = records;
        for (const OffsetRange& range : driver.inputs().rangesOf(stream, batch.millis)) {
            const InputSpec& input = program.inputs[static_cast<std::size_t>(spec.input)];
            view.metadata.push_back(fmt::format("{} partition {}: offsets {} to {}, {} records", input.topic,
                                                range.partition, range.from, range.until, range.count()));
        }
        for (const InputBlock& block : driver.inputs().blocksOf(stream, batch.millis)) {
            std::string places;
            for (const ExecutorId place : block.places) {
                places += fmt::format("{}{}", places.empty() ? "" : ", ", place.value);
            }
            view.metadata.push_back(fmt::format("{}: {} records, {} bytes, on executor {}{}", block.id.toText(),
                                                block.records, block.bytes, places.empty() ? "none" : places,
                                                block.segment >= 0 ? ", in the write-ahead log" : ""));
        }
        if (view.metadata.size() > most) {
            const std::size_t more = view.metadata.size() - most;
            view.metadata.resize(most);
            view.metadata.push_back(fmt::format("and {} more", more));
        }
    }
    return inputs;
}

const Batch* chosenBatch(const DriverActor& driver, std::int64_t part) {
    const Batch* newest = nullptr;
    for (const auto& [millis, batch] : driver.batches()) {
        if (part >= 0 && nanoseconds(batch.time) == part) {
            return &batch;
        }
        // One that has begun tells more than one that waits.
        newest = newest == nullptr || batch.started ? &batch : newest;
    }
    return newest;
}

void addExecutors(const sim::World& world, const DriverActor& driver, observe::StreamingPage& page) {
    const std::string& application = driver.application().name;
    for (const auto& [id, executor] : driver.executors()) {
        observe::BlockHolderView& view = page.executors.emplace_back();
        view.id = observe::idOf(observe::ObjectKind::Executor, application, std::to_string(id.value));
        view.number = id.value;
        view.host = observe::hostId(executor.host);
        view.cores = executor.cores;
        view.running = driver.tasks().runningOn(id);
        view.inMemory = executor.memoryUsed;
        for (const auto& [stream, place] : driver.receivers()) {
            view.hasReceiver = view.hasReceiver || place.executor == id;
        }
        if (const auto* actor =
                world.findActor<ExecutorActor>(executorName(application, id, executor.host) + "/executor")) {
            view.tasksDone = actor->figures().tasksDone;
            view.tasksFailed = actor->figures().tasksFailed;
            view.memory = actor->store().memory();
            view.inMemory = actor->store().inMemory();
            view.onDisk = actor->store().onDisk();
            view.shuffleRead = actor->figures().shuffleRead;
            view.shuffleWritten = actor->figures().shuffleWritten;
        }
    }
}

/// Executors of before: what they had done is known from their counters.
void addLostExecutors(const sim::World& world, const DriverActor& driver, observe::StreamingPage& page) {
    const std::string begin = fmt::format("executor/{}/", driver.application().name);
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        const std::string& name = process.name();
        const std::size_t at = name.find('@');
        if (!name.starts_with(begin) || at == std::string::npos || process.isAlive()) {
            continue;
        }
        observe::BlockHolderView view;
        const std::string number = name.substr(begin.size(), at - begin.size());
        view.id = observe::idOf(observe::ObjectKind::Executor, driver.application().name, number);
        view.number = std::stoi(number);
        view.host = observe::hostId(world.host(process.host).spec.name);
        const auto past = [&](const Metric& counter) {
            const auto* known = world.pastCounter(name + "/executor", counter.id);
            return known != nullptr ? static_cast<std::int64_t>(known->sum) : std::int64_t{0};
        };
        view.tasksDone = past(metric::tasksDone);
        view.tasksFailed = past(metric::tasksFailed);
        view.shuffleRead = past(metric::shuffleRead);
        view.shuffleWritten = past(metric::shuffleWritten);
        page.lostExecutors.push_back(std::move(view));
    }
}

/// A copy of a block at one of the page's executors.
struct BlockCopy {
    BlockStore::Look look;
    std::int32_t executor = 0;
};

/// The newest blocks of a kind, each with who has it: of many, so many copies are looked at that few are left out.
void addNewest(std::vector<BlockCopy> copies, observe::StreamingPage& page) {
    constexpr std::size_t most = 600;
    const auto isNewer = [](const BlockCopy& a, const BlockCopy& b) { return b.look.id < a.look.id; };
    const bool isCut = copies.size() > most;
    if (isCut) {
        std::nth_element(copies.begin(), copies.begin() + most, copies.end(), isNewer);
        copies.resize(most);
    }
    std::stable_sort(copies.begin(), copies.end(), isNewer);
    const BlockId* before = nullptr;
    for (const BlockCopy& copy : copies) {
        if (before == nullptr || *before != copy.look.id) {
            before = &copy.look.id;
            page.blocks.push_back({copy.look.id.toText(), copy.look.bytes, {}});
        }
        page.blocks.back().copies.push_back({copy.executor, copy.look.isInMemory, copy.look.isOnDisk});
    }
    if (isCut) {
        page.blocks.pop_back();  // some of its copies may be among those that were left out
    }
}

void addBlocks(const sim::World& world, const DriverActor& driver, observe::StreamingPage& page) {
    std::vector<BlockCopy> received;
    std::vector<BlockCopy> computed;
    for (const auto& [id, executor] : driver.executors()) {
        const auto* actor =
            world.findActor<ExecutorActor>(executorName(driver.application().name, id, executor.host) + "/executor");
        if (actor == nullptr) {
            continue;
        }
        for (const BlockStore::Look& look : actor->store().looks()) {
            (look.id.kind == BlockId::Kind::Input ? received : computed).push_back({look, id.value});
        }
    }
    page.copiesInAll = static_cast<std::int64_t>(received.size() + computed.size());
    addNewest(std::move(received), page);
    addNewest(std::move(computed), page);
}

}  // namespace

observe::StreamingPage describePage(const sim::World& world, const observe::PageRequest& request) {
    observe::StreamingPage page;
    page.id = request.object;
    page.name = observe::nameOf(request.object);
    page.now = world.now();
    const DriverActor* driver = driverOf(world, page.name);
    if (driver == nullptr) {
        return page;
    }
    const sim::ProcessId process = world.findProcess(driverName(page.name));
    page.isDriverThere = process != sim::noProcess && world.process(process).isAlive();
    page.since = process != sim::noProcess ? world.process(process).since : SimTime{};
    page.interval = driver->application().program->batch;
    for (const auto& [millis, batch] : driver->batches()) {
        page.batches.push_back(rowOf(batch));
    }
    for (const auto& [stream, place] : driver->receivers()) {
        page.receivers.push_back({streamId(*driver, driver->application().program->stream(stream)),
                                  place.executor.value, place.isActive, place.rate});
    }
    addExecutors(world, *driver, page);
    addLostExecutors(world, *driver, page);
    addBlocks(world, *driver, page);
    if (const Batch* batch = chosenBatch(*driver, request.part)) {
        page.chosen.batch = rowOf(*batch);
        page.chosen.inputs = inputsOf(*driver, *batch);
        page.chosen.tasks = tasksOf(*driver, *batch, page.now);
        page.chosen.jobs = jobsOf(*driver, *batch, page.chosen.tasks);
        page.chosen.hasForgotten = batch->tasks > 0 && page.chosen.tasks.empty();
    }
    return page;
}

}  // namespace millrace::spark
