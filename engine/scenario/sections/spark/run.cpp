#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <set>

#include "engine/kafka/describe.h"
#include "engine/observe/place.h"
#include "engine/scenario/run_judgement.h"
#include "engine/scenario/sections/kafka/views.h"
#include "engine/scenario/sections/spark/spark_section.h"
#include "engine/spark/describe.h"
#include "engine/spark/metrics.h"
#include "engine/spark/streaming/receiver.h"
#include "engine/spark/streaming/source_server.h"

namespace millrace::scenario {

void SparkSection::describe(const Scenario& plan, const sim::World& world, observe::SystemViews& views) const {
    if (plan.spark) {
        spark::describe(world, views);
    }
    for (const StreamingPlan& each : plan.streaming) {
        const bool isThere = std::any_of(views.streaming.begin(), views.streaming.end(),
                                         [&](const observe::StreamingView& view) { return view.name == each.name; });
        if (!isThere) {
            views.streaming.push_back(spark::describeStopped(world, each.name, each.batch));
        }
    }
}

std::span<const Metric* const> SparkSection::metrics() const {
    return spark::metric::all;
}

void SparkSection::addObjectNames(const sim::World& world,
                                  std::map<std::string, observe::ObjectId, std::less<>>& names) const {
    constexpr std::string_view prefix = "executor/";
    constexpr std::string_view server = "source-server/";
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const std::string& name = world.process(sim::ProcessId{i}).name();
        if (name.starts_with(prefix)) {
            const std::string_view rest = std::string_view{name}.substr(prefix.size());
            names.emplace(name, observe::idOf(observe::ObjectKind::Executor, {}, rest.substr(0, rest.find('@'))));
        } else if (name.starts_with(server)) {
            names.emplace(name, observe::sourceId(std::string_view{name}.substr(server.size())));
        }
    }
}

void SparkSection::findWorkAtEnds(const Scenario& plan, const sim::World& world, OpenWork& work) const {
    for (const StreamingPlan& application : plan.streaming) {
        for (const auto& [source, host] : application.sourceHosts) {
            if (!source.empty() && !spark::sourceServerFigures(world, source).exhausted) {
                work.because("source {}, which is not read to its end", source);
            }
        }
    }
}

namespace {

/// A driver that is told nothing of a topic makes empty batches: how far its direct inputs are behind, the topics say.
void findUnread(const Scenario& plan, const sim::World& world, const spark::DriverActor& driver, OpenWork& work) {
    const std::vector<spark::InputSpec>& inputs = driver.application().program->inputs;
    kafka::Readers readers;
    std::set<std::string, std::less<>> topics;
    // Not the group's name: of that, others may be members.
    const auto reader = [&](const spark::InputSpec& input) { return "the driver of " + input.group; };
    for (const spark::InputSpec& input : inputs) {
        if (input.kind == spark::InputSpec::Kind::Direct) {
            readers.subscriptions.emplace_back(reader(input), kafka::TopicName{input.topic});
            topics.insert(input.topic);
        }
    }
    if (topics.empty()) {
        return;
    }
    for (const spark::DriverActor::Position& each : driver.positions()) {
        const spark::InputSpec& input = inputs[static_cast<std::size_t>(each.input)];
        readers.positions.push_back({reader(input),
                                     {kafka::TopicName{input.topic}, kafka::PartitionIndex{each.partition}},
                                     kafka::Offset{each.done},
                                     kafka::Offset{each.begun}});
    }
    observe::ClusterView cluster;
    kafka::describe(world, cluster, readers);
    findUnreadable(plan, cluster, topics, work);
    for (const auto& [name, topic] : readers.subscriptions) {
        const auto group = std::find_if(cluster.groups.begin(), cluster.groups.end(),
                                        [&](const observe::GroupView& each) { return each.name == name; });
        if (group != cluster.groups.end() && group->lag > 0) {
            work.because("streaming application {}, which lags {} records behind in topic {}",
                         driver.application().name, group->lag, topic.text());
        }
    }
}

std::int64_t unreportedRecords(const sim::World& world, const spark::DriverActor& driver) {
    std::vector<spark::StreamId> streams;
    for (const auto& [stream, place] : driver.receivers()) {
        streams.push_back(stream);
    }
    std::int64_t records = 0;
    for (const auto& [id, executor] : driver.executors()) {
        records += spark::recordsInReceivers(world, spark::executorName(driver.application().name, id, executor.host),
                                             streams);
    }
    return records;
}

/// Batches come whether there is anything in them or not: what is too slow for its interval is never done.
std::string whyBehind(const spark::DriverActor& driver) {
    std::vector<SimDuration> times;  // up to the first that waits: one without jobs is done at once, before its turn
    for (const auto& [millis, batch] : driver.batches()) {
        if (!batch.isDone()) {
            break;
        }
        times.push_back(batch.processingTime());
    }
    constexpr std::ptrdiff_t looked = 10;
    if (std::ssize(times) < looked) {
        return {};
    }
    const SimDuration mean = std::reduce(times.end() - looked, times.end(), SimDuration{0}) / looked;
    const SimDuration interval = driver.application().program->batch;
    return mean / driver.application().concurrentJobs <= interval
               ? std::string()
               : fmt::format(": its last {} took {:.2f} s each, and one comes every {:g} s", looked, seconds(mean),
                             seconds(interval));
}

}  // namespace

/// What has come in and is in no batch yet lies in a receiver for less than a batch: two empty ones say that there is
/// nothing.
void SparkSection::findWorkInside(const Scenario& plan, const sim::World& world, OpenWork& work) const {
    for (const StreamingPlan& application : plan.streaming) {
        const spark::DriverActor* driver = spark::driverOf(world, application.name);
        if (driver == nullptr) {
            work.because("streaming application {}, whose driver does not run", application.name);
            continue;
        }
        // What waited behind a full one may be done in one go with it, of which the world hears when its time has
        // passed: the two have come since.
        std::int64_t empty = 0;
        SimTime lastFull;
        for (const auto& [millis, batch] : driver->batches()) {
            const bool isEmpty = batch.isDone() && batch.records == 0;
            lastFull = batch.isDone() && !isEmpty ? *batch.ended : lastFull;
            empty = isEmpty && batch.time > lastFull ? empty + 1 : 0;
        }
        constexpr std::int64_t enough = 2;
        if (driver->waitingBatches() > 0) {
            work.because("streaming application {}, which has {} batches to work off{}", application.name,
                         driver->waitingBatches(), whyBehind(*driver));
        } else if (driver->inputs().unallocated() > 0) {
            work.because("streaming application {}, which has {} blocks that no batch has taken", application.name,
                         driver->inputs().unallocated());
        } else if (empty < enough) {
            work.because("streaming application {}, whose last {} batches were not empty", application.name, enough);
        } else if (const std::int64_t received = unreportedRecords(world, *driver); received > 0) {
            work.because("streaming application {}, whose receivers have {} records in no block that the driver knows",
                         application.name, received);
        } else {
            findUnread(plan, world, *driver, work);
        }
    }
}

SimDuration SparkSection::longestSilence(const Scenario& plan) const {
    SimDuration longest{0};
    for (const StreamingPlan& application : plan.streaming) {
        longest = std::max({longest, application.batch,
                            longestOf(application.config, {"spark.network.timeout", "spark.locality.wait"})});
    }
    return longest;
}

void SparkSection::markInside(const Scenario& plan, const sim::World& world, const ProgressMark& mark) const {
    for (const StreamingPlan& application : plan.streaming) {
        // Of this driver alone: one that ends, begins again and makes the same batches once more comes no nearer.
        if (const spark::DriverActor* driver = spark::driverOf(world, application.name)) {
            mark("streaming/" + application.name, driver->totals().records);
            mark("waiting/" + application.name, -driver->waitingBatches());
        }
    }
}

void SparkSection::addWaits(WaitStage stage, const sim::World& world, const observe::SystemViews& /*views*/,
                            std::vector<observe::WaitView>& waits) const {
    if (stage == WaitStage::Clients) {
        std::vector<observe::WaitView> more = spark::describeWaits(world);
        waits.insert(waits.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
}

}  // namespace millrace::scenario
