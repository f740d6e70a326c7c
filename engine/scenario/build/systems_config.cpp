#include "engine/scenario/build/systems_config.h"

#include <algorithm>
#include <limits>

#include "engine/base/check.h"

namespace millrace::scenario {

namespace {

constexpr std::string_view offsetsReplication = "offsets.topic.replication.factor";

std::int32_t int32(const Settings& settings, std::string_view key) {
    constexpr std::int64_t least = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp(settings.integer(key), least, most));
}

/// Programs that wait for 0 ms wait for their next turn. A turn takes no simulated time, so it would never come.
SimDuration interval(const Settings& settings, std::string_view key) {
    return std::max<SimDuration>(settings.duration(key), std::chrono::milliseconds(1));
}

/// Kafka has three keys for one age; the finest that is set counts. Negative is for ever.
SimDuration retentionAge(const Settings& broker) {
    for (const std::string_view key : {"log.retention.ms", "log.retention.minutes"}) {
        if (broker.optionalInteger(key)) {
            return broker.duration(key);
        }
    }
    return broker.duration("log.retention.hours");
}

SimDuration segmentAge(const Settings& broker) {
    return broker.duration(broker.optionalInteger("log.roll.ms") ? "log.roll.ms" : "log.roll.hours");
}

kafka::Acks acksOf(const std::string& text) {
    if (text == "0") {
        return kafka::Acks::None;
    }
    return text == "1" ? kafka::Acks::Leader : kafka::Acks::All;
}

}  // namespace

zookeeper::EnsembleConfig ensembleConfig(const ClusterPlan& cluster, const Ports& ports, const sim::World& world) {
    zookeeper::EnsembleConfig config;
    std::int32_t number = 0;
    for (const ServerPlan& server : cluster.servers) {
        zookeeper::EnsembleMember member;
        member.id = zookeeper::ServerId{static_cast<zookeeper::ServerId::Representation>(++number)};
        member.name = server.name;
        member.host = world.findHost(server.host);
        const Ports::Server& listensOn = ports.servers[config.members.size()];
        member.clientPort = listensOn.client;
        member.quorumPort = listensOn.quorum;
        member.electionPort = listensOn.election;
        config.members.push_back(std::move(member));
    }
    return config;
}

void applyOwnSettings(zookeeper::EnsembleConfig& config, const Settings& settings) {
    config.tickTime = settings.duration("tickTime");
    config.initLimit = static_cast<std::uint32_t>(settings.integer("initLimit"));
    config.syncLimit = static_cast<std::uint32_t>(settings.integer("syncLimit"));
    config.snapCount = static_cast<std::uint32_t>(settings.integer("snapCount"));
    const auto limit = [&](std::string_view key) {
        return settings.optionalInteger(key) ? settings.duration(key) : SimDuration{0};
    };
    config.minSessionTimeout = limit("minSessionTimeout");
    config.maxSessionTimeout = limit("maxSessionTimeout");
}

kafka::BrokerConfig brokerConfig(const BrokerPlan& broker, const RunPlan& run, const std::string& rackOfHost,
                                 sim::Port port, const std::vector<zookeeper::ServerAddress>& servers,
                                 std::size_t brokersOfCluster) {
    const Settings& settings = broker.config;
    kafka::BrokerConfig config;
    config.id = kafka::BrokerId{broker.id};
    config.host = broker.host;
    config.port = port;
    config.rack = settings.isSet("broker.rack") ? settings.text("broker.rack") : rackOfHost;
    config.zookeeperConnect = servers;
    config.zookeeperSessionTimeout = settings.duration("zookeeper.session.timeout.ms");
    config.numPartitions = int32(settings, "num.partitions");
    config.defaultReplicationFactor = static_cast<std::int16_t>(settings.integer("default.replication.factor"));
    config.autoCreateTopics = settings.flag("auto.create.topics.enable");
    config.minInsyncReplicas = int32(settings, "min.insync.replicas");
    config.uncleanLeaderElection = settings.flag("unclean.leader.election.enable");
    config.messageMaxBytes = int32(settings, "message.max.bytes");
    config.fetchMaxBytes = int32(settings, "fetch.max.bytes");
    config.logAppendTime = settings.text("log.message.timestamp.type") == "LogAppendTime";
    config.replicaLagTimeMax = settings.duration("replica.lag.time.max.ms");
    config.replicaFetchWaitMax = settings.duration("replica.fetch.wait.max.ms");
    config.replicaFetchMinBytes = int32(settings, "replica.fetch.min.bytes");
    config.replicaFetchMaxBytes = int32(settings, "replica.fetch.max.bytes");
    config.replicaFetchResponseMaxBytes = int32(settings, "replica.fetch.response.max.bytes");
    config.replicaFetchBackoff = settings.duration("replica.fetch.backoff.ms");
    config.highWatermarkCheckpointInterval = settings.duration("replica.high.watermark.checkpoint.interval.ms");
    config.segmentBytes = settings.integer("log.segment.bytes");
    config.segmentAge = segmentAge(settings);
    config.retentionBytes = settings.integer("log.retention.bytes");
    config.retentionAge = retentionAge(settings);
    config.retentionCheckInterval = settings.duration("log.retention.check.interval.ms");
    config.initialTaskDelay = settings.duration("log.initial.task.delay.ms");
    config.recoveryPointInterval = interval(settings, "log.flush.offset.checkpoint.interval.ms");
    config.autoLeaderRebalance = settings.flag("auto.leader.rebalance.enable");
    config.leaderImbalanceCheckInterval = settings.duration("leader.imbalance.check.interval.seconds");
    config.leaderImbalancePercentage = int32(settings, "leader.imbalance.per.broker.percentage");
    config.controlledShutdown = settings.flag("controlled.shutdown.enable");
    config.controlledShutdownMaxRetries = int32(settings, "controlled.shutdown.max.retries");
    config.controlledShutdownRetryBackoff = settings.duration("controlled.shutdown.retry.backoff.ms");
    if (settings.optionalInteger("log.flush.interval.ms")) {
        config.flushInterval = settings.duration("log.flush.interval.ms");
    }
    config.offsetsTopicPartitions = int32(settings, "offsets.topic.num.partitions");
    config.offsetsTopicReplicationFactor = static_cast<std::int16_t>(settings.integer(offsetsReplication));
    if (!settings.isSet(offsetsReplication)) {
        // Nobody runs a small cluster with the code's default of 3, as no group would ever get a coordinator: the
        // server.properties that Kafka ships says 1. `check` tells.
        config.offsetsTopicReplicationFactor = static_cast<std::int16_t>(
            std::min<std::size_t>(brokersOfCluster, static_cast<std::size_t>(config.offsetsTopicReplicationFactor)));
    }
    config.offsetsCommitTimeout = settings.duration("offsets.commit.timeout.ms");
    config.groupInitialRebalanceDelay = settings.duration("group.initial.rebalance.delay.ms");
    config.groupMinSessionTimeout = settings.duration("group.min.session.timeout.ms");
    config.groupMaxSessionTimeout = settings.duration("group.max.session.timeout.ms");
    config.placementSeed = run.seed;
    return config;
}

std::vector<std::pair<std::string, std::string>> topicConfig(const TopicPlan& topic) {
    return {topic.config.values().begin(), topic.config.values().end()};
}

namespace {

/// Every topic that a scenario names is created at its start, so that no client creates one by chance before that.
kafka::ClusterClientConfig clientConfig(const Settings& settings, const std::string& clientId,
                                        const std::vector<kafka::BrokerEndpoint>& bootstrap) {
    kafka::ClusterClientConfig config;
    config.bootstrap = bootstrap;
    config.links.clientId = kafka::ClientId(clientId);
    config.links.requestTimeout = settings.duration("request.timeout.ms");
    config.links.connectTimeout = settings.duration("socket.connection.setup.timeout.ms");
    // It doubles with each failure: what is longer than a day at its start is "never" and must not overflow.
    constexpr SimDuration backoffMax = std::chrono::hours(24);
    config.links.reconnectBackoff = std::min(settings.duration("reconnect.backoff.ms"), backoffMax);
    config.links.reconnectBackoffMax = std::min(settings.duration("reconnect.backoff.max.ms"), backoffMax);
    config.retryBackoff = interval(settings, "retry.backoff.ms");
    config.metadataMaxAge = settings.duration("metadata.max.age.ms");
    config.allowAutoCreate = false;
    return config;
}

/// The group's protocol is its members' first assignor; the catalogue lets no other than range through.
std::string assignorOf(const std::string& list) {
    MILLRACE_CHECK(list.substr(0, list.find(',')).ends_with("RangeAssignor"), list);
    return "range";
}

kafka::OffsetReset offsetResetOf(const std::string& text) {
    if (text == "earliest") {
        return kafka::OffsetReset::Earliest;
    }
    return text == "none" ? kafka::OffsetReset::None : kafka::OffsetReset::Latest;
}

}  // namespace

kafka::ProducerConfig producerConfig(const ProducerPlan& producer,
                                     const std::vector<kafka::BrokerEndpoint>& bootstrap) {
    const Settings& settings = producer.config;
    kafka::ProducerConfig config;
    config.client = clientConfig(settings, producer.id, bootstrap);
    config.acks = acksOf(settings.text("acks"));
    config.batchSize = int32(settings, "batch.size");
    config.linger = settings.duration("linger.ms");
    config.maxInFlight = int32(settings, "max.in.flight.requests.per.connection");
    config.retries = int32(settings, "retries");
    config.retryBackoff = interval(settings, "retry.backoff.ms");
    config.retryBackoffMax = settings.duration("retry.backoff.max.ms");
    config.deliveryTimeout = settings.duration("delivery.timeout.ms");
    if (!settings.isSet("delivery.timeout.ms")) {
        // As Kafka's: a default that other settings leave no room for gives way to them.
        config.deliveryTimeout =
            std::max(config.deliveryTimeout, config.linger + settings.duration("request.timeout.ms"));
    }
    config.bufferMemory = settings.integer("buffer.memory");
    config.maxRequestSize = int32(settings, "max.request.size");
    config.maxBlock = settings.duration("max.block.ms");
    config.ignoresKeys = !settings.text("partitioner.class").empty();
    config.codec = settings.text("compression.type") == "lz4" ? kafka::Codec::Lz4 : kafka::Codec::None;
    return config;
}

namespace {

kafka::ConsumerConfig consumerConfig(const Settings& settings, const std::string& clientId,
                                     const std::vector<kafka::BrokerEndpoint>& bootstrap) {
    kafka::ConsumerConfig config;
    config.client = clientConfig(settings, clientId, bootstrap);
    config.offsetReset = offsetResetOf(settings.text("auto.offset.reset"));
    config.fetchMinBytes = int32(settings, "fetch.min.bytes");
    config.fetchMaxWait = settings.duration("fetch.max.wait.ms");
    config.fetchMaxBytes = int32(settings, "fetch.max.bytes");
    config.partitionFetchMaxBytes = int32(settings, "max.partition.fetch.bytes");
    config.retryBackoff = interval(settings, "retry.backoff.ms");
    return config;
}

}  // namespace

kafka::GroupMemberConfig groupMemberConfig(const GroupPlan& group, const std::string& member,
                                           const std::vector<kafka::BrokerEndpoint>& bootstrap) {
    const Settings& settings = group.config;
    kafka::GroupMemberConfig config;
    config.group = group.name;
    config.member = member;
    for (const std::string& topic : group.topics) {
        config.topics.push_back(kafka::TopicName(topic));
    }
    config.consumer = consumerConfig(settings, group.name + "-" + member, bootstrap);
    config.consumer.membership.sessionTimeout = settings.duration("session.timeout.ms");
    config.consumer.membership.heartbeatInterval = settings.duration("heartbeat.interval.ms");
    config.consumer.membership.assignor = assignorOf(settings.text("partition.assignment.strategy"));
    config.consumer.membership.rebalanceTimeout = settings.duration("max.poll.interval.ms");
    config.maxPollRecords = int32(settings, "max.poll.records");
    config.workPerRecord = std::min<SimDuration>(group.work, std::chrono::hours{1});
    config.autoCommit = settings.flag("enable.auto.commit");
    config.autoCommitInterval = interval(settings, "auto.commit.interval.ms");
    return config;
}

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
        return value ? std::optional(int32(topology.config, key)) : std::nullopt;
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
