#include "engine/spark/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/describe/life.h"
#include "engine/hadoop/waits.h"
#include "engine/observe/object_id.h"
#include "engine/observe/place.h"
#include "engine/sim/silence.h"
#include "engine/spark/core/executor.h"
#include "engine/spark/metrics.h"

namespace millrace::spark {

namespace {

observe::ObjectId partId(observe::ObjectKind kind, std::string_view application, std::string_view name) {
    return observe::idOf(kind, application, name);
}

observe::ObjectKind kindOfStream(const StreamSpec& stream) {
    return stream.input >= 0 || stream.kind == StreamSpec::Kind::Receiver ? observe::ObjectKind::StreamInput
                                                                          : observe::ObjectKind::StreamOperator;
}

std::string noteOf(const sim::World& world, const sim::ProcessSlot& process) {
    if (const auto* executor = world.findActor<ExecutorActor>(process.name() + "/executor")) {
        const std::size_t receivers = executor->receivers().size();
        return fmt::format("{}/{} cores{}", executor->running() + receivers, executor->spec().cores,
                           receivers > 0 ? ", receiver" : "");
    }
    if (const auto* driver = world.findActor<DriverActor>(process.name() + "/driver")) {
        return driver->waitingBatches() > 1 ? fmt::format("{} batches wait", driver->waitingBatches()) : "driver";
    }
    return process.name().starts_with("spark-worker/") ? "worker" : "";
}

void addProcess(const sim::World& world, const sim::ProcessSlot& process, observe::SystemViews& views) {
    using Kind = observe::ObjectKind;
    const std::string& name = process.name();
    observe::ProcessView view;
    if (name == masterName) {
        view.id = observe::idOf(Kind::SparkMaster, {}, {});
    } else if (name.starts_with("spark-worker/")) {
        view.id = observe::idOf(Kind::SparkWorker, {}, std::string_view{name}.substr(13));
    } else if (name.starts_with("driver/")) {
        view.id = observe::idOf(Kind::Driver, {}, std::string_view{name}.substr(7));
    } else if (name.starts_with("executor/")) {
        if (!process.isAlive()) {
            return;  // Another has taken its place, or will.
        }
        const std::string_view rest = std::string_view{name}.substr(9);
        view.id = observe::idOf(Kind::Executor, {}, rest.substr(0, rest.find('@')));
    } else {
        return;
    }
    view.host = observe::hostId(world.host(process.host).spec.name);
    view.state = describe::lifeOf(process.state);
    view.note = noteOf(world, process);
    views.processes.push_back(std::move(view));
}

observe::StreamingView viewOfTotals(const std::string& application, SimDuration interval, const BatchTotals& totals) {
    observe::StreamingView view;
    view.id = observe::idOf(observe::ObjectKind::Driver, {}, application);
    view.name = application;
    view.interval = interval;
    view.batches = totals.batches;
    view.records = totals.records;
    view.lateBatches = totals.late;
    view.meanScheduling = totals.batches > 0 ? totals.scheduling / totals.batches : SimDuration{0};
    view.meanProcessing = totals.batches > 0 ? totals.processing / totals.batches : SimDuration{0};
    view.worstTotal = totals.worstTotal;
    view.tasks = totals.tasks;
    view.failedTasks = totals.failedTasks;
    view.recomputedTasks = totals.recomputed;
    view.skippedStages = totals.skippedStages;
    view.recoveredBatches = totals.recovered;
    return view;
}

observe::StreamingView streamingView(const DriverActor& driver, const BatchTotals& totals, double rate) {
    const ApplicationConfig& application = driver.application();
    observe::StreamingView view = viewOfTotals(application.name, application.program->batch, totals);
    view.executors = static_cast<std::int32_t>(driver.executors().size());
    for (const auto& [id, executor] : driver.executors()) {
        view.cores += executor.cores;
    }
    view.waiting = driver.waitingBatches();
    view.recordsPerSecond = rate;
    view.rateLimit = driver.rateLimit();
    constexpr std::uint64_t shown = 100;
    std::uint64_t left = driver.batches().size();
    for (const auto& [millis, batch] : driver.batches()) {
        if (!batch.late.empty()) {
            view.late = fmt::format("the batch at {:g} s took {:.2f} s: {}", seconds(batch.time),
                                    seconds(batch.totalDelay()), batch.late);
        }
        if (left-- <= shown) {
            view.recent.push_back({batch.time, batch.records, batch.isDone(), batch.schedulingDelay(),
                                   batch.processingTime(), batch.late});
        }
    }
    return view;
}

/// What an input takes in, of all that the last batch was made of.
void addFeedOf(const InputSpec& input, const observe::NodeView& node, const Batch* last, double rate,
               observe::SystemViews& views) {
    const double share =
        last != nullptr && last->records > 0 ? node.main.value / static_cast<double>(last->records) : 1.0;
    views.wires.push_back(
        {input.kind == InputSpec::Kind::Direct ? observe::topicId(input.topic) : observe::sourceId(input.source),
         node.id, rate * share, 0, 0});
}

/// Where more than the one that is next wait, what a card shows of the last batch is no longer how it stands.
bool markWaiting(observe::NodeView& node, const DriverActor& driver) {
    if (driver.waitingBatches() <= 1) {
        return false;
    }
    node.trouble = "waiting";
    node.troubled = driver.waitingBatches();
    return true;
}

void addApplication(const sim::World& world, const DriverActor& driver, observe::SystemViews& views) {
    const ApplicationConfig& application = driver.application();
    const Program& program = *application.program;
    const std::string process = driverName(application.name) + "/driver";
    const double rate = world.ratePerSecond(process, metric::inputRecords);
    const Batch* last = nullptr;
    for (const auto& [millis, batch] : driver.batches()) {
        last = batch.isDone() ? &batch : last;
    }
    const auto ms = [](SimDuration duration) { return static_cast<double>(duration.count()) / 1e6; };
    const BatchTotals totals = batchTotals(world, application.name);
    views.streaming.push_back(streamingView(driver, totals, rate));
    std::vector<std::string> drawn;
    for (std::size_t i = 0; i < program.streams.size(); ++i) {
        const StreamSpec& stream = program.streams[i];
        if (std::find(drawn.begin(), drawn.end(), stream.name) != drawn.end()) {
            continue;
        }
        drawn.push_back(stream.name);
        observe::NodeView node;
        node.id = partId(kindOfStream(stream), application.name, stream.name);
        if (stream.isInput()) {
            std::int64_t records = 0;
            for (const auto& [id, count] :
                 last != nullptr ? last->inputs : std::vector<std::pair<StreamId, std::int64_t>>{}) {
                records += program.stream(id).input == stream.input ? count : 0;
            }
            node.main = {&metric::inputRecords, static_cast<double>(records)};
        } else {
            node.main = {&metric::processingTime, last != nullptr ? ms(last->processingTime()) : 0};
        }
        if (stream.isInput()) {
            addFeedOf(program.inputs[static_cast<std::size_t>(stream.input)], node, last, rate, views);
        }
        node.second = {&metric::totalDelay, last != nullptr ? ms(last->totalDelay()) : 0};
        node.executors = static_cast<std::int32_t>(driver.executors().size());
        if (!markWaiting(node, driver) && last != nullptr && !last->late.empty()) {
            node.trouble = "late";
        }
        views.nodes.push_back(std::move(node));
        for (const StreamId parent : stream.parents) {
            const StreamSpec& from = program.stream(parent);
            if (from.name != stream.name) {
                views.wires.push_back({partId(kindOfStream(from), application.name, from.name),
                                       partId(kindOfStream(stream), application.name, stream.name), rate,
                                       driver.waitingBatches(), 0});
            }
        }
    }
    for (std::size_t i = 0; i < program.outputs.size(); ++i) {
        const OutputSpec& output = program.outputs[i];
        const StreamSpec& from = program.stream(output.from);
        observe::NodeView node;
        node.id = partId(observe::ObjectKind::StreamOutput, application.name, output.name);
        node.main = {&metric::batchesDone, static_cast<double>(totals.batches)};
        node.second = {&metric::totalDelay, last != nullptr ? ms(last->totalDelay()) : 0};
        markWaiting(node, driver);
        views.nodes.push_back(std::move(node));
        views.wires.push_back({partId(kindOfStream(from), application.name, from.name),
                               partId(observe::ObjectKind::StreamOutput, application.name, output.name), rate,
                               driver.waitingBatches(), 0});
        if (output.sink) {
            views.wires.push_back({partId(observe::ObjectKind::StreamOutput, application.name, output.name),
                                   observe::sinkId(output.sink->id), rate, 0, 0});
        }
    }
}

}  // namespace

const DriverActor* driverOf(const sim::World& world, std::string_view application) {
    return world.findActor<DriverActor>(driverName(application) + "/driver");
}

BatchTotals batchTotals(const sim::World& world, std::string_view application) {
    const DriverActor* driver = driverOf(world, application);
    BatchTotals totals = driver != nullptr ? driver->totals() : BatchTotals{};
    const std::string name = driverName(application) + "/driver";
    const auto past = [&](const Metric& counter) {
        const auto* known = world.pastCounter(name, counter.id);
        return known != nullptr ? known->sum : 0.0;
    };
    const auto add = [&](std::int64_t& figure, const Metric& counter) {
        figure += static_cast<std::int64_t>(past(counter));
    };
    add(totals.batches, metric::batchesDone);
    add(totals.records, metric::inputRecords);
    add(totals.late, metric::batchesLate);
    add(totals.tasks, metric::batchTasks);
    add(totals.failedTasks, metric::batchTasksFailed);
    add(totals.recomputed, metric::tasksRecomputed);
    add(totals.skippedStages, metric::stagesSkipped);
    add(totals.recovered, metric::batchesRecovered);
    constexpr double second = 1'000;
    totals.scheduling += fromSeconds(past(metric::schedulingTotal) / second);
    totals.processing += fromSeconds(past(metric::processingTotal) / second);
    return totals;
}

void describe(const sim::World& world, observe::SystemViews& views) {
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        addProcess(world, process, views);
        if (process.name().starts_with("driver/")) {
            if (const auto* driver = world.findActor<DriverActor>(process.name() + "/driver")) {
                addApplication(world, *driver, views);
            }
        }
    }
}

observe::StreamingView describeStopped(const sim::World& world, const std::string& application, SimDuration interval) {
    observe::StreamingView view = viewOfTotals(application, interval, batchTotals(world, application));
    if (const sim::ProcessId driver = world.findProcess(driverName(application)); driver != sim::noProcess) {
        view.state = describe::lifeOf(world.process(driver).state);
    }
    return view;
}

std::vector<observe::WaitView> describeWaits(const sim::World& world) {
    std::vector<observe::WaitView> waits;
    const std::string hdfs = hadoop::troubleOfHdfs(world);
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (!process.name().starts_with("driver/")) {
            continue;
        }
        observe::WaitView wait;
        const std::string name = process.name().substr(7);
        wait.object = observe::idOf(observe::ObjectKind::Driver, {}, name);
        const auto* driver = world.findActor<DriverActor>(process.name() + "/driver");
        if (driver == nullptr) {
            continue;
        }
        std::int32_t cores = 0;
        for (const auto& [id, executor] : driver->executors()) {
            cores += executor.cores;
        }
        const std::int32_t receivers = driver->application().program->receivers();
        if (driver->executors().empty() && driver->isStarted()) {
            wait.brief = "has no executors";
            wait.text = "no worker has given it an executor yet: batches wait until one has registered";
        } else if (!driver->executors().empty() && cores <= receivers) {
            wait.brief = "has no core beside its receivers";
            wait.text = fmt::format(
                "{} receivers keep {} cores for good, and there are {} in all: nothing is left that "
                "could process what comes in",
                receivers, receivers, cores);
        } else if (!hdfs.empty() && driver->application().hdfs) {
            wait.brief = "awaits HDFS";
            wait.text = "checkpoints and logs of received blocks go to HDFS, and " + hdfs;
        } else if (driver->waitingBatches() > 2) {
            wait.brief = fmt::format("{} batches wait", driver->waitingBatches());
            const Batch* last = nullptr;
            for (const auto& [millis, batch] : driver->batches()) {
                last = batch.isDone() ? &batch : last;
            }
            wait.text = fmt::format("batches come faster than they are done{}{}",
                                    last != nullptr && !last->late.empty() ? ": of the last one, " : "",
                                    last != nullptr ? last->late : std::string{});
        } else {
            continue;
        }
        wait.since = process.since;
        waits.push_back(std::move(wait));
    }
    return waits;
}

sim::ProcessId executorProcess(const sim::World& world, std::string_view name) {
    const std::string prefix = fmt::format("executor/{}@", name);
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (process.name().starts_with(prefix) && process.isAlive()) {
            return process.id;
        }
    }
    return sim::noProcess;
}

sim::ProcessId receiverProcess(const sim::World& world, std::string_view name) {
    const std::size_t slash = name.find('/');
    const DriverActor* driver = driverOf(world, name.substr(0, slash));
    if (driver == nullptr || slash == std::string_view::npos) {
        return sim::noProcess;
    }
    std::int32_t number = 0;
    std::from_chars(name.data() + slash + 1, name.data() + name.size(), number);
    for (const auto& [stream, place] : driver->receivers()) {
        if (--number == 0) {
            return executorProcess(world, fmt::format("{}/{}", driver->application().name, place.executor.value));
        }
    }
    return sim::noProcess;
}

}  // namespace millrace::spark
