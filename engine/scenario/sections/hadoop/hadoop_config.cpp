#include "engine/scenario/sections/hadoop/hadoop_config.h"

#include <charconv>
#include <string>

#include "engine/base/check.h"
#include "engine/hadoop/mapreduce/job_kinds.h"
#include "engine/scenario/sections/pipelines/pipeline_graph.h"

namespace millrace::scenario {

namespace {

std::uint32_t whole(const Settings& settings, std::string_view key) {
    return static_cast<std::uint32_t>(settings.integer32(key));
}

/// Of "-Xmx200m" among a JVM's options; what says nothing of it has 200 MB.
ByteCount heapIn(const std::string& options) {
    constexpr ByteCount otherwise = 200LL << 20U;
    constexpr std::string_view option = "-Xmx";
    const std::size_t at = options.find(option);
    if (at == std::string::npos) {
        return otherwise;
    }
    std::int64_t number = 0;
    const char* first = options.data() + at + option.size();
    const auto [end, trouble] = std::from_chars(first, options.data() + options.size(), number);
    if (trouble != std::errc() || number <= 0) {
        return otherwise;
    }
    const char unit = end < options.data() + options.size() ? *end : ' ';
    return unit == 'g' || unit == 'G'   ? number << 30U
           : unit == 'm' || unit == 'M' ? number << 20U
           : unit == 'k' || unit == 'K' ? number << 10U
                                        : number;
}

}  // namespace

hadoop::HdfsConfig hdfsConfig(const Settings& settings) {
    hadoop::HdfsConfig config;
    config.blockSize = settings.integer("dfs.block.size");
    config.replication = whole(settings, "dfs.replication");
    config.replicationMin = whole(settings, "dfs.replication.min");
    config.replicationMax = whole(settings, "dfs.replication.max");
    config.heartbeatInterval = settings.interval("dfs.heartbeat.interval");
    config.heartbeatRecheck = settings.interval("heartbeat.recheck.interval");
    config.blockReportInterval = settings.interval("dfs.blockreport.intervalMsec");
    config.replicationInterval = settings.interval("dfs.replication.interval");
    config.safeModeThreshold = settings.number("dfs.safemode.threshold.pct");
    config.safeModeExtension = settings.duration("dfs.safemode.extension");
    config.packetSize = settings.integer("dfs.write.packet.size");
    config.blockWriteRetries = whole(settings, "dfs.client.block.write.retries");
    config.acquireFailures = whole(settings, "dfs.client.max.block.acquire.failures");
    config.socketTimeout = settings.interval("dfs.socket.timeout");
    config.connectRetries = whole(settings, "ipc.client.connect.max.retries");
    config.syncOnClose = settings.flag("dfs.datanode.synconclose");
    config.considersLoad = settings.flag("dfs.replication.considerLoad");
    config.reserved = settings.integer("dfs.datanode.du.reserved");
    return config;
}

hadoop::TrackerConfig trackerConfig(const Settings& settings) {
    hadoop::TrackerConfig config;
    config.heartbeatMin = settings.interval("mapreduce.jobtracker.heartbeat.interval.min");
    config.heartbeatsPerSecond = whole(settings, "mapred.heartbeats.in.second");
    config.trackerExpiry = settings.interval("mapred.tasktracker.expiry.interval");
    return config;
}

hadoop::YarnConfig yarnConfig(const Settings& settings) {
    hadoop::YarnConfig config;
    config.minimumMemory = whole(settings, "yarn.scheduler.minimum-allocation-mb");
    config.maximumMemory = whole(settings, "yarn.scheduler.maximum-allocation-mb");
    config.appMasterShare = settings.number("yarn.scheduler.capacity.maximum-am-resource-percent");
    config.localityDelay = whole(settings, "yarn.scheduler.capacity.node-locality-delay");
    config.nodeHeartbeat = settings.interval("yarn.resourcemanager.nodemanagers.heartbeat-interval-ms");
    config.nodeExpiry = settings.interval("yarn.nm.liveness-monitor.expiry-interval-ms");
    config.appMasterExpiry = settings.interval("yarn.am.liveness-monitor.expiry-interval-ms");
    config.appMasterAttempts = whole(settings, "yarn.resourcemanager.am.max-attempts");
    config.connectRetry = settings.interval("yarn.resourcemanager.connect.retry-interval.ms");
    config.connectMaxWait = settings.interval("yarn.resourcemanager.connect.max-wait.ms");
    return config;
}

void applyMemory(hadoop::DaemonAddress& node, const Settings& settings) {
    node.memory = whole(settings, "yarn.nodemanager.resource.memory-mb");
}

void applySlots(hadoop::DaemonAddress& tracker, const Settings& settings) {
    tracker.mapSlots = whole(settings, "mapred.tasktracker.map.tasks.maximum");
    tracker.reduceSlots = whole(settings, "mapred.tasktracker.reduce.tasks.maximum");
}

hadoop::JobConf jobConf(const Settings& settings) {
    hadoop::JobConf conf;
    conf.sortBytes = settings.integer("io.sort.mb") << 20U;
    conf.sortRecordPercent = settings.number("io.sort.record.percent");
    conf.spillPercent = settings.number("io.sort.spill.percent");
    conf.sortFactor = whole(settings, "io.sort.factor");
    conf.combineSpills = whole(settings, "min.num.spills.for.combine");
    conf.mapAttempts = whole(settings, "mapred.map.max.attempts");
    conf.reduceAttempts = whole(settings, "mapred.reduce.max.attempts");
    conf.speculativeMaps = settings.flag("mapred.map.tasks.speculative.execution");
    conf.speculativeReduces = settings.flag("mapred.reduce.tasks.speculative.execution");
    conf.slowStart = settings.number("mapred.reduce.slowstart.completed.maps");
    conf.parallelCopies = whole(settings, "mapred.reduce.parallel.copies");
    conf.heap = heapIn(settings.text("mapred.child.java.opts"));
    conf.shuffleInputPercent = settings.number("mapred.job.shuffle.input.buffer.percent");
    conf.shuffleMergePercent = settings.number("mapred.job.shuffle.merge.percent");
    conf.inMemoryMergeThreshold = whole(settings, "mapred.inmem.merge.threshold");
    conf.taskTimeout = settings.interval("mapred.task.timeout");
    conf.trackerFailures = whole(settings, "mapred.max.tracker.failures");
    conf.fetchFailures = whole(settings, "mapreduce.reduce.shuffle.maxfetchfailures");
    conf.splitMin = settings.integer("mapred.min.split.size");
    conf.mapsWanted = whole(settings, "mapred.map.tasks");
    conf.submitReplication = whole(settings, "mapred.submit.replication");
    conf.mapMemory = whole(settings, "mapreduce.map.memory.mb");
    conf.reduceMemory = whole(settings, "mapreduce.reduce.memory.mb");
    conf.appMasterMemory = whole(settings, "yarn.app.mapreduce.am.resource.mb");
    conf.appMasterAttempts = whole(settings, "mapreduce.am.max-attempts");
    conf.recovers = settings.flag("yarn.app.mapreduce.am.job.recovery.enable");
    conf.allocateEvery = settings.interval("yarn.app.mapreduce.am.scheduler.heartbeat.interval-ms");
    conf.outputReplication = whole(settings, "dfs.replication");
    return conf;
}

hadoop::JobRef jobSpec(const JobPlan& plan, const Scenario& scenario) {
    using hadoop::Priority;
    auto job = makeRef<hadoop::JobSpec>();
    job->name = plan.name;
    job->kind = hadoop::findJobKind(plan.kind);
    job->parameters = plan.parameters;
    job->input = plan.parameters.text("input");
    job->output = plan.parameters.text("output");
    job->reduces = static_cast<std::uint32_t>(plan.parameters.integer("reduces").value_or(job->kind->reduces));
    job->combines = job->kind->canCombine && plan.parameters.text("combiner") != "false";
    job->priority = plan.priority == "VERY_HIGH"  ? Priority::VeryHigh
                    : plan.priority == "HIGH"     ? Priority::High
                    : plan.priority == "LOW"      ? Priority::Low
                    : plan.priority == "VERY_LOW" ? Priority::VeryLow
                                                  : Priority::Normal;
    job->conf = jobConf(plan.config);
    if (const std::string pipeline = plan.parameters.text("pipeline"); !pipeline.empty()) {
        auto graph = graphOfPipeline(pipeline, "hadoop", scenario);
        MILLRACE_CHECK(graph.has_value(), pipeline);
        job->graph = std::move(*graph);
    }
    return job;
}

}  // namespace millrace::scenario
