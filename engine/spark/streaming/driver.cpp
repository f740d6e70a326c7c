#include "engine/spark/streaming/driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/spark/core/storage.h"
#include "engine/spark/cost.h"
#include "engine/spark/facts.h"
#include "engine/spark/metrics.h"
#include "engine/spark/streaming/driver_timers.h"
#include "engine/spark/streaming/recovery_time.h"

namespace millrace::spark {

namespace {

class DriverBlueprint final : public sim::Blueprint {
public:
    explicit DriverBlueprint(ApplicationRef application)
        : m_application(std::move(application)), m_name(driverName(m_application->name)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        context.addActor("storage", makeStorageActor(m_application->storagePort));
        context.addActor("driver", makeRef<DriverActor>(m_application));
    }

private:
    ApplicationRef m_application;
    std::string m_name;
};

constexpr SimDuration resubmitTimeout = std::chrono::milliseconds{200};  // DAGScheduler.RESUBMIT_TIMEOUT

struct LostPart {
    std::int64_t count = 0;
    std::string_view one;
    std::string_view several = {};  ///< empty: with an s
};

/// ": with it 2 running tasks and 1 map output"; empty where nothing was lost with it.
std::string lostWith(std::initializer_list<LostPart> parts) {
    std::vector<std::string> told;
    for (const LostPart& part : parts) {
        if (part.count > 0) {
            const std::string several = part.several.empty() ? fmt::format("{}s", part.one) : std::string{part.several};
            told.push_back(fmt::format("{} {}", part.count, part.count == 1 ? std::string{part.one} : several));
        }
    }
    std::string text;
    for (std::size_t i = 0; i < told.size(); ++i) {
        text += i == 0 ? ": with it " : i + 1 == told.size() ? " and " : ", ";
        text += told[i];
    }
    return text;
}

}  // namespace

Ref<const sim::Blueprint> makeDriverBlueprint(ApplicationRef application) {
    return makeRef<DriverBlueprint>(std::move(application));
}

DriverActor::DriverActor(ApplicationRef application)
    : m_application(std::move(application)),
      m_dag(m_application->dag),
      m_tasks(m_application->scheduling, m_application->broken),
      m_backlogAllocation(m_application->backlogAllocation),
      m_ratioAllocation(m_application->ratioAllocation) {
    const Program& program = *m_application->program;
    RateEstimator::Settings pid = m_application->pid;
    pid.isReversed = m_application->broken.reversesController;
    for (std::size_t i = 0; i < program.streams.size(); ++i) {
        const StreamId stream{static_cast<std::int32_t>(i)};
        if (program.streams[i].kind == StreamSpec::Kind::Receiver) {
            ReceiverPlace& place = m_receivers[stream];
            place.estimator = RateEstimator(pid);
            place.rate = m_application->receiverMaxRate;
            if (m_application->backpressure && m_application->initialRate) {
                place.rate =
                    place.rate > 0 ? std::min(place.rate, *m_application->initialRate) : *m_application->initialRate;
            }
        } else if (program.streams[i].kind == StreamSpec::Kind::Direct) {
            DirectInput& direct = m_directs[stream.value];
            direct.estimator = RateEstimator(pid);
            direct.rate = m_application->backpressure ? m_application->initialRate.value_or(0) : 0;
        }
    }
}

void DriverActor::start(sim::Context& context) {
    m_epoch = context.clockMillis() - nanoseconds(context.now()) / 1'000'000;
    context.spend(cost::driverStart);
    context.send(context.self(), makeRef<DriverReady>());
}

void DriverActor::startUp(sim::Context& context) {
    context.listen(m_application->driverPort);
    m_master.open(context, m_application->master.host, m_application->master.port);
    const Program& program = *m_application->program;
    for (auto& [stream, direct] : m_directs) {
        const auto input = static_cast<std::size_t>(program.stream(StreamId{stream}).input);
        kafka::ConsumerConfig config = m_application->consumers[input];
        config.client.links.instance = static_cast<std::uint32_t>(stream) + 1;
        config.group = program.inputs[input].commitsOffsets ? program.inputs[input].group : std::string();
        direct.consumer = kafka::Consumer(std::move(config));
        direct.consumer.start(context);
        direct.consumer.addTopic(context, kafka::TopicName(program.inputs[input].topic));
    }
    context.arm(m_application->networkTimeout / 2, makeRef<CheckExecutorsTime>());
    if (m_application->scheduling.speculation) {
        context.arm(m_application->speculationInterval, makeRef<SpeculationTime>());
    }
    if (m_application->hdfs) {
        m_hdfs = HdfsStorage(m_application->hdfs, hdfsFolder(m_application->name), "driver-" + m_application->name);
    }
    m_isStarted = true;
    const bool isRecovered = recover(context);
    tellBegun(context, isRecovered);
    if (!isRecovered) {
        const std::int64_t step = program.batchMillis();
        const std::int64_t now = clockOf(context.now());
        m_lastBatch = now / step * step;  // Batches fall on multiples of the interval.
        m_graph = StreamGraph(m_application->program, m_lastBatch, m_application->broken);
    }
    armBatch(context);
    armAllocation(context);
    generateNext(context);
}

void DriverActor::tellBegun(sim::Context& context, bool isRecovered) const {
    std::vector<DriverBegun::Input> inputs;
    for (const InputSpec& each : m_application->program->inputs) {
        inputs.push_back({each.name, each.source, each.kind == InputSpec::Kind::Reliable, m_application->receiverLog});
    }
    context.tell(makeRef<DriverBegun>(m_application->name, std::move(inputs), isRecovered));
}

void DriverActor::handle(sim::Context& context, const sim::Message& message) {
    if (message.as<DriverReady>() != nullptr) {
        startUp(context);
    } else if (m_master.owns(context.connection())) {
        takeFromMaster(context, message);
    } else if (HdfsStorage::Outcome none; m_hdfs && m_hdfs->handle(context, message, none)) {
        return;  // what is removed from a folder is nobody's any more
    } else if (const auto* status = message.as<StatusUpdate>()) {
        takeStatus(context, *status);
    } else if (const auto* gone = message.as<UpdateBlocks>()) {
        if (const auto id = executorOf(context.connection())) {
            for (const BlockUpdate& each : gone->blocks) {
                m_lineage.noteGone(each.block, *id);
            }
        }
    } else if (const auto* block = message.as<AddBlock>()) {
        takeBlock(context, *block);
    } else if (message.as<BatchTime>() != nullptr) {
        batchTime(context);
    } else if (message.as<OfferTime>() != nullptr) {
        m_offersArmed = false;
        offer(context);
    } else if (message.as<SpeculationTime>() != nullptr) {
        m_tasks.speculate(context.now());
        offer(context);
        context.arm(m_application->speculationInterval, makeRef<SpeculationTime>());
    } else if (message.as<ResubmitTime>() != nullptr) {
        m_resubmitArmed = false;
        DagScheduler::Outcome outcome;
        m_dag.resubmit(m_lineage, outcome);
        apply(context, outcome);
    } else if (message.as<AllocationTime>() != nullptr) {
        allocate(context);
    } else if (message.as<CheckExecutorsTime>() != nullptr) {
        checkExecutors(context);
    } else if (message.as<PlaceReceiversTime>() != nullptr) {
        m_placingArmed = false;
        placeReceivers(context);
    } else if (const auto* mine = message.as<RegisterExecutor>()) {
        registerExecutor(context, *mine);
    } else if (const auto* beat = message.as<Heartbeat>()) {
        context.spend(cost::message);
        if (const auto id = executorOf(context.connection())) {
            m_executors[*id].heardAt = context.now();
            m_executors[*id].memoryUsed = beat->memoryUsed;
        }
    } else if (const auto* state = message.as<ReceiverState>()) {
        ReceiverPlace& place = m_receivers[state->stream];
        place.isActive = executorOf(context.connection()) == place.executor && state->isActive;
    } else if (const auto* logged = message.as<BlockLogged>()) {
        context.transmit(logged->to, makeRef<BlockAdded>(logged->block));
    } else if (const auto* again = message.as<MasterRetry>()) {
        if (m_master.due(again->round) == sim::Link::Due::Reconnect) {
            m_master.open(context, m_application->master.host, m_application->master.port);
        }
    } else if (message.as<sim::ConnectionClosed>() != nullptr && executorOf(context.connection())) {
        loseExecutor(context, *executorOf(context.connection()), "connection closed");
    } else {
        handleConsumers(context, message);
    }
}

// --- executors ------------------------------------------------------------------------------------------------------

void DriverActor::takeFromMaster(sim::Context& context, const sim::Message& message) {
    const sim::Link::News news = m_master.read(context, message);
    if (news == sim::Link::News::Opened) {
        auto request = makeRef<RegisterApplication>();
        request->application = m_application->name;
        request->incarnation = context.incarnation();
        request->nextExecutor = m_nextExecutor;
        request->coresMax = m_application->coresMax;
        request->executorCores = m_application->executorCores;
        request->executorsMax = m_application->executors;
        request->executorMemory = m_application->executorMemory;
        if (m_application->backlogAllocation.isEnabled) {
            request->executorsLimit = m_backlogAllocation.target();
        } else if (m_wantedExecutors) {
            request->executorsLimit = *m_wantedExecutors;
        }
        request->driver = {context.host(), m_application->driverPort};
        m_master.transmit(context, std::move(request));
    } else if (news == sim::Link::News::Lost) {
        // What runs goes on without a master; nothing new is started meanwhile.
        constexpr SimDuration pause = std::chrono::seconds{5};
        m_master.backOff(context, sim::Backoff::constant(pause),
                         [](std::uint64_t round) { return makeRef<MasterRetry>(round); });
    }
}

std::optional<ExecutorId> DriverActor::executorOf(sim::ConnectionId connection) const {
    for (const auto& [id, executor] : m_executors) {
        if (executor.connection == connection) {
            return id;
        }
    }
    return std::nullopt;
}

void DriverActor::registerExecutor(sim::Context& context, const RegisterExecutor& message) {
    context.spend(cost::message);
    if (m_executors.contains(message.executor)) {
        // Behind a cut its old connection still stands: what that one kept and computed is gone all the same.
        loseExecutor(context, message.executor, "it has begun again");
    }
    m_nextExecutor = std::max(m_nextExecutor, message.executor.value + 1);
    Executor& executor = m_executors[message.executor];
    executor.connection = context.connection();
    executor.host = message.host;
    executor.cores = message.cores;
    executor.blocks = message.blocks;
    executor.heardAt = context.now();
    context.tell(makeRef<ExecutorJoined>(m_application->name, message.executor));
    context.journal({"spark.executor-registered",
                     sim::Severity::Detail,
                     fmt::format("Executor {} of {} with {} cores registers from {}", message.executor.value,
                                 m_application->name, message.cores, message.host),
                     {{"application", m_application->name}, {"executor", std::to_string(message.executor.value)}}});
    sendExecutorList(context);
    if (!m_placingArmed) {
        // Others are about to come: receivers are not all put on the first.
        m_placingArmed = true;
        context.arm(std::chrono::milliseconds{500}, makeRef<PlaceReceiversTime>());
    }
    offer(context);
}

void DriverActor::sendExecutorList(sim::Context& context) {
    auto list = makeRef<ExecutorList>();
    for (const auto& [id, executor] : m_executors) {
        list->peers.push_back({id, executor.blocks.host, executor.blocks.port});
    }
    for (const auto& [id, executor] : m_executors) {
        context.transmit(executor.connection, list);
    }
}

void DriverActor::loseExecutor(sim::Context& context, ExecutorId id, const std::string& reason) {
    const Executor lost = m_executors[id];
    m_executors.erase(id);
    const bool isGivenBack = m_dismissed.erase(id) > 0;
    context.close(lost.connection);
    const std::int32_t outputs = m_lineage.dropOutputs(id);
    const std::vector<BlockId> blocks = m_lineage.dropBlocks(id);
    for (const TaskId task : m_tasks.tasksOn(id)) {
        m_book.ended(task, TaskBook::End::Lost, context.now());
    }
    const auto ended = m_tasks.executorLost(id, "executor " + std::to_string(id.value) + " was lost", false);
    for (const TaskScheduler::Ended& each : ended) {
        if (Batch* batch = batchOfJob(each.set->job)) {
            ++batch->lostTasks;
            batch->lostReason = reason;
        }
    }
    std::int32_t cached = 0;
    for (const BlockId& block : blocks) {
        cached += block.kind == BlockId::Kind::Rdd ? 1 : 0;
    }
    context.journal(
        {"spark.executor-lost",
         sim::Severity::Warning,
         fmt::format("Executor {} of {} on {} is lost ({}){}", id.value, m_application->name, lost.host,
                     isGivenBack ? std::string("it was given back") : std::string(reason),
                     lostWith({{static_cast<std::int64_t>(ended.size()), "running task"},
                               {outputs, "map output"},
                               {cached, "kept partition"},
                               {static_cast<std::int64_t>(blocks.size()) - cached,
                                "receiver's block without another copy", "receivers' blocks without another copy"}})),
         {{"application", m_application->name}, {"executor", std::to_string(id.value)}}});
    for (auto& [stream, place] : m_receivers) {
        if (place.executor == id) {
            place.executor = noExecutor;
            place.isActive = false;
            place.isToPlace = true;
            if (!m_placingArmed) {
                m_placingArmed = true;
                context.arm(m_application->receiverRestartDelay, makeRef<PlaceReceiversTime>());
            }
        }
    }
    sendExecutorList(context);
    DagScheduler::Outcome outcome;
    for (const TaskScheduler::Ended& each : ended) {
        if (each.aborts) {
            m_dag.abort(each.set->stage, *each.aborts, outcome);
        } else if (each.isNews) {  // only where a planted fault takes a lost task for done
            m_dag.taskSucceeded(m_lineage, each.set->stage, each.set->attempt, each.partition, each.executor, outcome);
        }
    }
    m_dag.executorLost(m_lineage, id, outcome);
    apply(context, outcome);
}

void DriverActor::checkExecutors(sim::Context& context) {
    std::vector<ExecutorId> silent;
    for (const auto& [id, executor] : m_executors) {
        if (context.now() - executor.heardAt > m_application->networkTimeout) {
            silent.push_back(id);
        }
    }
    for (const ExecutorId id : silent) {
        loseExecutor(context, id, fmt::format("no heartbeat for {}", toText(m_application->networkTimeout)));
    }
    context.arm(m_application->networkTimeout / 2, makeRef<CheckExecutorsTime>());
}

// --- tasks ----------------------------------------------------------------------------------------------------------

void DriverActor::offer(sim::Context& context) {
    if (!m_tasks.isWaiting() && !m_application->scheduling.speculation) {
        return;
    }
    std::vector<ExecutorPlace> places;
    for (const auto& [id, executor] : m_executors) {
        const auto receivers = static_cast<std::int32_t>(
            std::count_if(m_receivers.begin(), m_receivers.end(),
                          [own = id](const auto& each) { return each.second.executor == own; }));
        places.push_back({id, executor.host, {}, executor.cores - receivers - m_tasks.runningOn(id)});
    }
    for (const Launch& each : m_tasks.offer(places, context.now())) {
        launch(context, each);
    }
    armOffers(context);
}

void DriverActor::armOffers(sim::Context& context) {
    if (m_tasks.isWaiting() && !m_offersArmed) {
        m_offersArmed = true;
        context.arm(m_application->reviveInterval, makeRef<OfferTime>());
    }
}

void DriverActor::launch(sim::Context& context, const Launch& what) {
    auto task = makeRef<LaunchTask>();
    task->launch = what;
    task->needs = m_lineage.needsOf(what.set->rdd, what.partition);
    std::set<ExecutorId> named;
    for (const Need& need : task->needs) {
        named.insert(need.places.begin(), need.places.end());
        if (need.outputs) {
            for (const MapOutput& output : need.outputs->maps) {
                if (output.executor != noExecutor && output.executor != what.executor) {
                    named.insert(output.executor);
                }
            }
        }
    }
    for (const ExecutorId id : named) {
        if (const auto at = m_executors.find(id); at != m_executors.end()) {
            task->peers.emplace_back(id, at->second.blocks);
        }
    }
    Executor& executor = m_executors[what.executor];
    task->bringsClosure = executor.closures.insert(what.set->stage).second;
    context.spend(m_application->costs.taskLaunch);
    m_book.launched(what, context.now());
    context.transmit(executor.connection, std::move(task));
}

void DriverActor::kill(sim::Context& context, TaskId task, ExecutorId executor) {
    m_book.ended(task, TaskBook::End::Killed, context.now());
    if (const auto at = m_executors.find(executor); at != m_executors.end()) {
        context.transmit(at->second.connection, makeRef<KillTask>(task));
    }
}

Batch* DriverActor::batchOfJob(JobId job) {
    const JobRequest* request = m_dag.job(job);
    return request != nullptr ? m_batches.update(request->batchMillis) : nullptr;
}

void DriverActor::takeStatus(sim::Context& context, const StatusUpdate& update) {
    context.spend(m_application->costs.taskResult);
    const auto executor = executorOf(context.connection());
    if (!executor) {
        return;
    }
    for (const BlockUpdate& each : update.blocks) {
        if (each.isThere) {
            if (each.block.kind != BlockId::Kind::Rdd || m_lineage.hasRdd(RddId{each.block.owner})) {
                m_lineage.notePut(each.block, *executor);
            }
        } else {
            m_lineage.noteGone(each.block, *executor);
        }
    }
    m_book.ended(update, context.now());
    DagScheduler::Outcome outcome;
    if (update.end == StatusUpdate::End::Finished) {
        const auto ended = m_tasks.succeeded(update.task, context.now());
        if (ended) {
            for (const auto& [other, where] : ended->superfluous) {
                kill(context, other, where);
            }
            if (Batch* batch = batchOfJob(ended->set->job); batch != nullptr && ended->isNews) {
                ++batch->tasks;
                batch->recomputed += ended->isRecomputation ? 1 : 0;
                batch->waitedForLocality = std::max(batch->waitedForLocality, ended->waitedForLocality);
                const SimDuration took = context.now() - ended->began;
                batch->taskTime += took;
                if (took > batch->slowestTask) {
                    batch->slowestTask = took;
                    batch->slowestHost = m_executors[*executor].host;
                }
            }
            if (ended->isNews && ended->set->output >= 0 && !ended->set->shuffle) {
                if (update.result) {
                    m_printed[ended->set->job][ended->partition] = update.result;
                }
            }
            m_dag.taskSucceeded(m_lineage, ended->set->stage, ended->set->attempt, ended->partition, *executor,
                                outcome);
        }
    } else {
        bool counts = update.end == StatusUpdate::End::Failed;
        for (const auto& [block, where] : update.missing) {
            m_lineage.noteGone(block, where);
            counts = counts || block.kind == BlockId::Kind::Input;
        }
        const auto ended = m_tasks.failed(update.task, counts, update.reason);
        if (ended) {
            if (Batch* batch = batchOfJob(ended->set->job)) {
                ++batch->failedTasks;
            }
            if (update.end == StatusUpdate::End::FetchFailed) {
                m_dag.fetchFailed(m_lineage, ended->set->stage, ended->set->attempt, update.shuffle, update.from,
                                  outcome);
            } else if (ended->aborts) {
                m_dag.abort(ended->set->stage, *ended->aborts, outcome);
            }
        }
    }
    apply(context, outcome);
}

void DriverActor::apply(sim::Context& context, const DagScheduler::Outcome& outcome) {
    for (const StageId stage : outcome.cancelled) {
        for (const auto& [task, executor] : m_tasks.cancel(stage)) {
            kill(context, task, executor);
        }
    }
    for (const TaskSetRef& set : outcome.submitted) {
        context.spend(m_application->costs.stageSubmission);
        if (!set->again.empty()) {
            context.journal(
                {"spark.recomputation",
                 sim::Severity::Notice,
                 fmt::format("{} lost {} of {} {} computed again (stage {}, attempt {})", set->again.size(),
                             set->again.size() == 1 ? "partition" : "partitions", m_lineage.rdd(set->rdd)->name,
                             set->again.size() == 1 ? "is" : "are", set->stage.value, set->attempt),
                 {{"application", m_application->name},
                  {"stage", std::to_string(set->stage.value)},
                  {"partitions", std::to_string(set->again.size())}}});
        }
        m_tasks.submit(set, m_lineage, context.now());
    }
    if (outcome.resubmitSoon && !m_resubmitArmed) {
        m_resubmitArmed = true;
        context.arm(resubmitTimeout, makeRef<ResubmitTime>());
    }
    for (const DagScheduler::JobEnd& end : outcome.ended) {
        jobEnded(context, end);
    }
    offer(context);
}

void DriverActor::sample(sim::MetricSink& sink) const {
    sink.add(metric::batchesDone, static_cast<double>(m_totals.batches));
    sink.add(metric::batchesWaiting, static_cast<double>(m_openBatches));
    sink.add(metric::inputRecords, static_cast<double>(m_totals.records));
    const Batch* last = m_batches.find(m_lastDone);
    const auto ms = [](SimDuration duration) { return static_cast<double>(duration.count()) / 1e6; };
    sink.add(metric::schedulingDelay, last != nullptr ? ms(last->schedulingDelay()) : 0);
    sink.add(metric::processingTime, last != nullptr ? ms(last->processingTime()) : 0);
    sink.add(metric::totalDelay, last != nullptr ? ms(last->totalDelay()) : 0);
    sink.add(metric::receiverRate, rateLimit());
    if (last != nullptr) {
        const double load = seconds(last->processingTime()) / seconds(m_application->program->batch);
        const double catchingUp = parallelRecoveryTime(load, static_cast<int>(m_executors.size()));
        if (std::isfinite(catchingUp)) {
            sink.add(metric::recoveryTime, catchingUp);
        }
    }
    sink.add(metric::batchesLate, static_cast<double>(m_totals.late));
    sink.add(metric::schedulingTotal, ms(m_totals.scheduling));
    sink.add(metric::processingTotal, ms(m_totals.processing));
    sink.add(metric::batchTasks, static_cast<double>(m_totals.tasks));
    sink.add(metric::batchTasksFailed, static_cast<double>(m_totals.failedTasks));
    sink.add(metric::tasksRecomputed, static_cast<double>(m_totals.recomputed));
    sink.add(metric::stagesSkipped, static_cast<double>(m_totals.skippedStages));
    sink.add(metric::batchesRecovered, static_cast<double>(m_totals.recovered));
    if (!m_directs.empty()) {
        sink.add(metric::streamLag, static_cast<double>(lag()));
    }
}

}  // namespace millrace::spark
