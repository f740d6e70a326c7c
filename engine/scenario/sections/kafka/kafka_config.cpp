#include "engine/scenario/sections/kafka/kafka_config.h"

#include <algorithm>

#include "engine/base/check.h"

namespace millrace::scenario {

namespace {

constexpr std::string_view offsetsReplication = "offsets.topic.replication.factor";

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
    config.retryBackoff = settings.interval("retry.backoff.ms");
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
    config.numPartitions = settings.integer32("num.partitions");
    config.defaultReplicationFactor = static_cast<std::int16_t>(settings.integer("default.replication.factor"));
    config.autoCreateTopics = settings.flag("auto.create.topics.enable");
    config.minInsyncReplicas = settings.integer32("min.insync.replicas");
    config.uncleanLeaderElection = settings.flag("unclean.leader.election.enable");
    config.messageMaxBytes = settings.integer32("message.max.bytes");
    config.fetchMaxBytes = settings.integer32("fetch.max.bytes");
    config.logAppendTime = settings.text("log.message.timestamp.type") == "LogAppendTime";
    config.replicaLagTimeMax = settings.duration("replica.lag.time.max.ms");
    config.replicaFetchWaitMax = settings.duration("replica.fetch.wait.max.ms");
    config.replicaFetchMinBytes = settings.integer32("replica.fetch.min.bytes");
    config.replicaFetchMaxBytes = settings.integer32("replica.fetch.max.bytes");
    config.replicaFetchResponseMaxBytes = settings.integer32("replica.fetch.response.max.bytes");
    config.replicaFetchBackoff = settings.duration("replica.fetch.backoff.ms");
    config.highWatermarkCheckpointInterval = settings.duration("replica.high.watermark.checkpoint.interval.ms");
    config.segmentBytes = settings.integer("log.segment.bytes");
    config.segmentAge = segmentAge(settings);
    config.retentionBytes = settings.integer("log.retention.bytes");
    config.retentionAge = retentionAge(settings);
    config.retentionCheckInterval = settings.duration("log.retention.check.interval.ms");
    config.initialTaskDelay = settings.duration("log.initial.task.delay.ms");
    config.recoveryPointInterval = settings.interval("log.flush.offset.checkpoint.interval.ms");
    config.autoLeaderRebalance = settings.flag("auto.leader.rebalance.enable");
    config.leaderImbalanceCheckInterval = settings.duration("leader.imbalance.check.interval.seconds");
    config.leaderImbalancePercentage = settings.integer32("leader.imbalance.per.broker.percentage");
    config.controlledShutdown = settings.flag("controlled.shutdown.enable");
    config.controlledShutdownMaxRetries = settings.integer32("controlled.shutdown.max.retries");
    config.controlledShutdownRetryBackoff = settings.duration("controlled.shutdown.retry.backoff.ms");
    if (settings.optionalInteger("log.flush.interval.ms")) {
        config.flushInterval = settings.duration("log.flush.interval.ms");
    }
    config.offsetsTopicPartitions = settings.integer32("offsets.topic.num.partitions");
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

kafka::ProducerConfig producerConfig(const ProducerPlan& producer,
                                     const std::vector<kafka::BrokerEndpoint>& bootstrap) {
    const Settings& settings = producer.config;
    kafka::ProducerConfig config;
    config.client = clientConfig(settings, producer.id, bootstrap);
    config.acks = acksOf(settings.text("acks"));
    config.batchSize = settings.integer32("batch.size");
    config.linger = settings.duration("linger.ms");
    config.maxInFlight = settings.integer32("max.in.flight.requests.per.connection");
    config.retries = settings.integer32("retries");
    config.retryBackoff = settings.interval("retry.backoff.ms");
    config.retryBackoffMax = settings.duration("retry.backoff.max.ms");
    config.deliveryTimeout = settings.duration("delivery.timeout.ms");
    if (!settings.isSet("delivery.timeout.ms")) {
        // As Kafka's: a default that other settings leave no room for gives way to them.
        config.deliveryTimeout =
            std::max(config.deliveryTimeout, config.linger + settings.duration("request.timeout.ms"));
    }
    config.bufferMemory = settings.integer("buffer.memory");
    config.maxRequestSize = settings.integer32("max.request.size");
    config.maxBlock = settings.duration("max.block.ms");
    config.ignoresKeys = !settings.text("partitioner.class").empty();
    config.codec = settings.text("compression.type") == "lz4" ? kafka::Codec::Lz4 : kafka::Codec::None;
    return config;
}

kafka::ConsumerConfig consumerConfig(const Settings& settings, const std::string& clientId,
                                     const std::vector<kafka::BrokerEndpoint>& bootstrap) {
    kafka::ConsumerConfig config;
    config.client = clientConfig(settings, clientId, bootstrap);
    config.offsetReset = offsetResetOf(settings.text("auto.offset.reset"));
    config.fetchMinBytes = settings.integer32("fetch.min.bytes");
    config.fetchMaxWait = settings.duration("fetch.max.wait.ms");
    config.fetchMaxBytes = settings.integer32("fetch.max.bytes");
    config.partitionFetchMaxBytes = settings.integer32("max.partition.fetch.bytes");
    config.retryBackoff = settings.interval("retry.backoff.ms");
    return config;
}

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
    config.maxPollRecords = settings.integer32("max.poll.records");
    config.workPerRecord = std::min<SimDuration>(group.work, std::chrono::hours{1});
    config.autoCommit = settings.flag("enable.auto.commit");
    config.autoCommitInterval = settings.interval("auto.commit.interval.ms");
    return config;
}

}  // namespace millrace::scenario
