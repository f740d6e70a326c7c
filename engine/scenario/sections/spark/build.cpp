#include <algorithm>
#include <map>
#include <utility>

#include "engine/scenario/sections/kafka/kafka_config.h"
#include "engine/scenario/sections/spark/spark_section.h"
#include "engine/scenario/sections/spark/streaming_program.h"
#include "engine/scenario/world_builder.h"
#include "engine/spark/config.h"
#include "engine/spark/core/standalone.h"
#include "engine/spark/streaming/driver.h"
#include "engine/spark/streaming/source_server.h"

namespace millrace::scenario {

namespace {

void setAllocation(const Settings& settings, spark::ApplicationConfig& config) {
    const auto executors = [&](std::string_view key, std::int32_t unset) {
        return settings.optionalInteger(key) ? settings.integer32(key) : unset;
    };
    spark::BacklogAllocation::Settings& backlog = config.backlogAllocation;
    backlog.isEnabled = settings.flag("spark.dynamicAllocation.enabled");
    backlog.least = settings.integer32("spark.dynamicAllocation.minExecutors");
    backlog.most = executors("spark.dynamicAllocation.maxExecutors", spark::anyNumberOfExecutors);
    backlog.initial = std::max(executors("spark.dynamicAllocation.initialExecutors", backlog.least), config.executors);
    backlog.idleTimeout = settings.duration("spark.dynamicAllocation.executorIdleTimeout");
    backlog.backlogTimeout = settings.duration("spark.dynamicAllocation.schedulerBacklogTimeout");
    constexpr std::string_view sustained = "spark.dynamicAllocation.sustainedSchedulerBacklogTimeout";
    backlog.sustainedTimeout =
        settings.optionalInteger(sustained) ? settings.duration(sustained) : backlog.backlogTimeout;
    spark::RatioAllocation::Settings& ratio = config.ratioAllocation;
    ratio.isEnabled = settings.flag("spark.streaming.dynamicAllocation.enabled");
    ratio.interval = settings.duration("spark.streaming.dynamicAllocation.scalingInterval");
    ratio.upRatio = settings.number("spark.streaming.dynamicAllocation.scalingUpRatio");
    ratio.downRatio = settings.number("spark.streaming.dynamicAllocation.scalingDownRatio");
    ratio.least = executors("spark.streaming.dynamicAllocation.minExecutors", 0);
    ratio.most = executors("spark.streaming.dynamicAllocation.maxExecutors", spark::anyNumberOfExecutors);
}

void setApplication(const StreamingPlan& plan, spark::ApplicationConfig& config) {
    const Settings& settings = plan.config;
    const auto whole = [&](std::string_view key) {
        return settings.optionalInteger(key) ? settings.integer32(key) : 0;
    };
    const auto rate = [&](std::string_view key) { return settings.text(key).empty() ? 0.0 : settings.number(key); };
    constexpr ByteCount megabyte = ByteCount{1} << 20U;
    config.costs = spark::costPreset(settings.text("millrace.costPreset")).costs;
    config.coresMax = whole("spark.cores.max");
    config.executorCores = whole("spark.executor.cores");
    config.executors = whole("spark.executor.instances");
    config.executorMemory = settings.integer("spark.executor.memory") * megabyte;
    config.memoryFraction = settings.number("spark.memory.fraction");
    config.heartbeatInterval = settings.duration("spark.executor.heartbeatInterval");
    config.networkTimeout = settings.duration("spark.network.timeout");
    config.reviveInterval = settings.duration("spark.scheduler.revive.interval");
    config.speculationInterval = settings.duration("spark.speculation.interval");
    const SimDuration wait = settings.duration("spark.locality.wait");
    const auto waitOf = [&](std::string_view key) {
        return settings.optionalInteger(key) ? settings.duration(key) : wait;
    };
    config.scheduling.waitProcess = waitOf("spark.locality.wait.process");
    config.scheduling.waitNode = waitOf("spark.locality.wait.node");
    config.scheduling.waitRack = waitOf("spark.locality.wait.rack");
    config.scheduling.maxFailures = settings.integer32("spark.task.maxFailures");
    config.scheduling.speculation = settings.flag("spark.speculation");
    config.scheduling.speculationMultiplier = settings.number("spark.speculation.multiplier");
    config.scheduling.speculationQuantile = settings.number("spark.speculation.quantile");
    config.dag.maxConsecutiveAttempts = settings.integer32("spark.stage.maxConsecutiveAttempts");
    config.blockInterval = settings.duration("spark.streaming.blockInterval");
    config.blockQueueSize = settings.integer32("spark.streaming.blockQueueSize");
    config.concurrentJobs = settings.integer32("spark.streaming.concurrentJobs");
    config.receiverMaxRate = rate("spark.streaming.receiver.maxRate");
    config.maxRatePerPartition = rate("spark.streaming.kafka.maxRatePerPartition");
    config.minRatePerPartition = settings.number("spark.streaming.kafka.minRatePerPartition");
    config.backpressure = settings.flag("spark.streaming.backpressure.enabled");
    if (!settings.text("spark.streaming.backpressure.initialRate").empty()) {
        config.initialRate = settings.number("spark.streaming.backpressure.initialRate");
    }
    config.pid.batchSeconds = seconds(plan.batch);
    config.pid.proportional = settings.number("spark.streaming.backpressure.pid.proportional");
    config.pid.integral = settings.number("spark.streaming.backpressure.pid.integral");
    config.pid.derived = settings.number("spark.streaming.backpressure.pid.derived");
    config.pid.minRate = settings.number("spark.streaming.backpressure.pid.minRate");
    config.receiverLog = settings.flag("spark.streaming.receiver.writeAheadLog.enable");
    config.receiverRestartDelay = settings.duration("spark.streaming.receiverRestartDelay");
    config.blockStoreTimeout = settings.duration("spark.streaming.receiver.blockStoreTimeout");
    setAllocation(settings, config);
    config.unpersists = settings.flag("spark.streaming.unpersist");
    config.retainedBatches = settings.integer32("spark.streaming.ui.retainedBatches");
}

/// One server for each source that a receiver reads.
void buildSourceServers(WorldBuilder& builder, const StreamingPlan& plan, spark::Program& program) {
    for (spark::InputSpec& input : program.inputs) {
        if (input.kind == spark::InputSpec::Kind::Direct) {
            continue;
        }
        const std::string host = builder.hostOr(plan.sourceHosts.at(input.source), input.source);
        const std::string name = spark::sourceServerName(input.source);
        spark::SourceServerConfig server;
        server.source = builder.surroundings().sources.at(input.source);
        server.port = builder.ports().portOn(host, input.sourcePort);
        server.keepsUntilAcknowledged = input.kind == spark::InputSpec::Kind::Reliable;
        input.sourceHost = host;
        input.sourcePort = server.port;
        builder.add(host, spark::makeSourceServerBlueprint(std::move(server)), sim::RestartPolicy{});
    }
}

}  // namespace

Result<void> SparkSection::build(WorldBuilder& builder) const {
    if (!builder.plan().spark) {
        return {};
    }
    const SparkPlan& plan = *builder.plan().spark;
    spark::MasterSpec master;
    master.port = builder.ports().portOn(plan.masterHost, master.port);
    master.workerTimeout = plan.config.duration("spark.worker.timeout");
    const spark::SparkAddress masterAddress{builder.world().findHost(plan.masterHost), master.port};
    builder.add(plan.masterHost, spark::makeMasterBlueprint(master), plan.masterRestart);

    std::map<std::string, spark::ApplicationRef> applications;
    std::vector<std::pair<const StreamingPlan*, spark::ApplicationRef>> drivers;
    std::int32_t index = 0;
    for (const StreamingPlan& each : builder.plan().streaming) {
        auto compiled = streamingProgram(each, builder.plan(), &builder.surroundings());
        if (!compiled) {
            return tl::unexpected(compiled.error().front());
        }
        auto program = makeRef<spark::Program>(**compiled);
        buildSourceServers(builder, each, *program);
        auto config = makeRef<spark::ApplicationConfig>();
        config->name = each.name;
        config->index = index++;
        setApplication(each, *config);
        for (const StreamPartPlan& input : each.inputs) {
            kafka::ConsumerConfig consumer =
                consumerConfig(input.consumer, each.name + "-" + input.name, builder.surroundings().brokers);
            consumer.offsetReset = input.parameters.text("starting_offsets") == "latest" ? kafka::OffsetReset::Latest
                                                                                         : kafka::OffsetReset::Earliest;
            config->consumers.push_back(std::move(consumer));
        }
        config->program = std::move(program);
        config->master = masterAddress;
        config->driverPort = builder.ports().portOn(each.host, config->driverPort);
        config->storagePort = builder.ports().portOn(each.host, config->storagePort);
        config->hdfs = each.isOnHdfs ? builder.surroundings().hadoop : hadoop::ClusterRef();
        applications[each.name] = config;
        drivers.emplace_back(&each, config);
    }
    for (const SparkWorkerPlan& each : plan.workers) {
        spark::WorkerSpec worker;
        worker.name = each.name;
        worker.cores = each.cores;
        worker.memory = each.memory;
        worker.master = masterAddress;
        worker.heartbeat = master.workerTimeout / 4;
        worker.applications = applications;
        builder.add(each.host, spark::makeWorkerBlueprint(std::move(worker)), each.restart);
    }
    for (const auto& [each, config] : drivers) {
        builder.add(each->host, spark::makeDriverBlueprint(config), each->restart);
    }
    return {};
}

std::vector<std::string> SparkSection::standIns(const Scenario& plan) const {
    std::vector<std::string> all;
    const bool checkpoints = std::any_of(plan.streaming.begin(), plan.streaming.end(),
                                         [](const StreamingPlan& each) { return each.checkpoints && !each.isOnHdfs; });
    if (!plan.streaming.empty()) {
        all.emplace_back("Spark: garbage collection, the memory of computation, broadcasts");
    }
    if (checkpoints) {
        all.emplace_back(
            "Spark: checkpoints and write-ahead logs lie on the disk of the driver's host, not on HDFS: with that disk "
            "they are gone");
    }
    return all;
}

}  // namespace millrace::scenario
