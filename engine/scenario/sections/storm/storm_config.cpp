#include "engine/scenario/sections/storm/storm_config.h"

#include "engine/scenario/sections/kafka/kafka_config.h"

namespace millrace::scenario {

storm::ClusterConfig stormConfig(const StormPlan& storm, const Settings& settings,
                                 const std::vector<zookeeper::ServerAddress>& servers) {
    storm::ClusterConfig config;
    config.nimbusHost = storm.nimbusHost;
    config.zookeeper = servers;
    config.zookeeperSessionTimeout = settings.duration("storm.zookeeper.session.timeout");
    config.monitorFrequency = settings.duration("nimbus.monitor.freq.secs");
    config.taskTimeout = settings.duration("nimbus.task.timeout.secs");
    config.taskLaunch = settings.duration("nimbus.task.launch.secs");
    config.heartbeatsMaxTimeout = settings.duration("supervisor.worker.heartbeats.max.timeout.secs");
    config.supervisorHeartbeat = settings.duration("supervisor.heartbeat.frequency.secs");
    config.supervisorMonitor = settings.duration("supervisor.monitor.frequency.secs");
    config.workerTimeout = settings.duration("supervisor.worker.timeout.secs");
    config.workerStartTimeout = settings.duration("supervisor.worker.start.timeout.secs");
    config.workerHeartbeat = settings.duration("worker.heartbeat.frequency.secs");
    config.workerMaxTimeout = settings.duration("worker.max.timeout.secs");
    config.taskRefresh = settings.duration("task.refresh.poll.secs");
    return config;
}

storm::KafkaSpoutConfig spoutConfig(const SpoutPlan& spout, const std::vector<kafka::BrokerEndpoint>& bootstrap) {
    storm::KafkaSpoutConfig config;
    config.topic = spout.topic;
    config.consumer = consumerConfig(spout.config, spout.group + "-" + spout.name, bootstrap);
    config.consumer.group = spout.group;
    // The spout seeks by itself at its first poll, whatever auto.offset.reset says.
    config.consumer.offsetReset = spout.startsAtLatest ? kafka::OffsetReset::Latest : kafka::OffsetReset::Earliest;
    return config;
}

storm::TopologyConfig topologyConfig(const TopologyPlan& topology) {
    const auto optional32 = [&](std::string_view key) -> std::optional<std::int32_t> {
        const std::optional<std::int64_t> value = topology.config.optionalInteger(key);
        return value ? std::optional(topology.config.integer32(key)) : std::nullopt;
    };
    const Settings& settings = topology.config;
    storm::TopologyConfig config;
    config.workers = topology.workers;
    config.ackerExecutors = optional32("topology.acker.executors");
    config.messageTimeout = settings.duration("topology.message.timeout.secs");
    config.enableMessageTimeouts = settings.flag("topology.enable.message.timeouts");
    config.maxSpoutPending = optional32("topology.max.spout.pending");
    config.maxTaskParallelism = optional32("topology.max.task.parallelism");
    config.receiveBufferSize = static_cast<std::uint32_t>(settings.integer("topology.executor.receive.buffer.size"));
    if (settings.optionalInteger("topology.worker.timeout.secs")) {
        config.workerTimeout = settings.duration("topology.worker.timeout.secs");
    }
    config.spoutWait = settings.duration("topology.spout.wait.progressive.level3.sleep.millis");
    config.backpressureCheck = settings.duration("topology.backpressure.check.millis");
    config.disableLoadAware = settings.flag("topology.disable.loadaware.messaging");
    config.localityHigherBound = settings.number("topology.localityaware.higher.bound");
    config.localityLowerBound = settings.number("topology.localityaware.lower.bound");
    return config;
}

}  // namespace millrace::scenario
