#include "engine/kafka/server/broker.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/kafka/cost.h"
#include "engine/kafka/group/group_coordinator.h"
#include "engine/kafka/metrics.h"
#include "engine/kafka/server/broker_services.h"

namespace millrace::kafka {

namespace {

class BrokerBlueprint final : public sim::Blueprint {
public:
    explicit BrokerBlueprint(Ref<const BrokerConfig> config)
        : m_config(std::move(config)), m_name(brokerProcessName(m_config->id)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("server", makeRef<Broker>(m_config)); }

private:
    Ref<const BrokerConfig> m_config;
    std::string m_name;
};

}  // namespace

std::string brokerProcessName(BrokerId id) {
    return fmt::format("broker/{}", id.value);
}

std::string brokerActorName(BrokerId id) {
    return brokerProcessName(id) + "/server";
}

Ref<const sim::Blueprint> makeBrokerBlueprint(Ref<const BrokerConfig> config) {
    return makeRef<BrokerBlueprint>(std::move(config));
}

Broker::Broker(Ref<const BrokerConfig> config)
    : m_config(std::move(config)),
      m_registration({m_config->id, m_config->host, m_config->port.value, m_config->rack}),
      m_election(m_config->id),
      m_replicas(m_config),
      m_fetchers(m_config),
      m_alterPartition(m_config),
      m_shutdown(m_config),
      m_topicCreator(m_config),
      m_controller(m_config),
      m_coordinators{makeRef<GroupCoordinator>(*m_config)} {}

Broker::Broker(const Broker& other) = default;

void Broker::start(sim::Context& context) {
    MILLRACE_CHECK(context.hostName() == m_config->host, context.hostName(), m_config->host);
    m_replicas.recover(context);
    startSession(context);
    using What = BrokerAlarm::What;
    context.arm(m_config->replicaLagTimeMax / 2, makeRef<BrokerAlarm>(What::CheckInSyncSets));
    context.arm(m_config->highWatermarkCheckpointInterval, makeRef<BrokerAlarm>(What::CheckpointHighWatermarks));
    context.arm(m_config->initialTaskDelay, makeRef<BrokerAlarm>(What::CheckpointRecoveryPoints));
    context.arm(m_config->initialTaskDelay, makeRef<BrokerAlarm>(What::DeleteOldSegments));
    if (m_config->flushInterval) {
        context.arm(*m_config->flushInterval, makeRef<BrokerAlarm>(What::Flush));
    }
}

void Broker::startSession(sim::Context& context) {
    zookeeper::ClientConfig client;
    client.name = brokerProcessName(m_config->id);
    client.servers = m_config->zookeeperConnect;
    client.sessionTimeout = m_config->zookeeperSessionTimeout;
    m_zk.start(context, client);
}

/// The last of a stop in order. What was written is flushed; whoever asks meanwhile finds the door shut when it ends.
void Broker::close(sim::Context& context) {
    m_isClosing = true;
    m_replicas.checkpointHighWatermarks(context);
    m_replicas.checkpointRecoveryPoints(context);
    m_replicas.closeLogs(context, makeRef<LogsClosed>());
}

/// A coordinator is shared with copies of the world until one of them writes.
Coordinator& Broker::toChange(Ref<Coordinator>& coordinator) {
    if (coordinator->isShared()) {
        coordinator = cloned([&] { return coordinator->clone(); });
    }
    return *coordinator;
}

Coordinator* Broker::coordinatorToChange(const TopicName& topic) {
    const auto at = std::find_if(m_coordinators.begin(), m_coordinators.end(),
                                 [&](const Ref<Coordinator>& each) { return each->topic() == topic; });
    return at == m_coordinators.end() ? nullptr : &toChange(*at);
}

void Broker::handle(sim::Context& context, const sim::Message& message) {
    if (m_isClosing) {
        if (message.as<LogsClosed>() != nullptr) {
            m_zk.close(context);
            context.kill(context.process(), sim::ProcessExited::Reason::Finished);
        } else if (m_zk.handle(context, message)) {
            (void)m_zk.takeEvents();  // The session lives until the logs are closed; nothing follows from it any more.
        }
        return;
    }
    if (message.as<sim::StopRequested>() != nullptr) {
        m_shutdown.begin(context, m_registration.isRegistered());
    } else if (const sim::ConnectionId connection = context.connection(); connection != sim::noConnection) {
        onConnection(context, connection, message);
    } else {
        onLocal(context, message);
    }
    settle(context);
}

void Broker::onConnection(sim::Context& context, sim::ConnectionId connection, const sim::Message& message) {
    if (m_channel.owns(connection)) {
        if (message.as<sim::ConnectionClosed>() != nullptr) {
            m_channel.closed(connection);
            m_replicas.connectionClosed(connection);
            const auto isOfIt = [&](const auto& held) { return held.connection == connection; };
            std::erase_if(m_heldOrders, isOfIt);
            std::erase_if(m_heldRequests, isOfIt);
            Services services(context, *this);
            for (Ref<Coordinator>& coordinator : m_coordinators) {
                toChange(coordinator).onConnectionClosed(services, connection);
            }
        } else if (message.as<sim::ConnectionWritable>() == nullptr) {
            m_channel.arrived(connection, sim::MessageRef(&message));
        }
    } else if (const auto* accepted = message.as<sim::ConnectionAccepted>()) {
        m_channel.accepted(connection, accepted->peer);
    } else if (m_fetchers.owns(connection)) {
        m_fetchers.handle(context, connection, message, m_replicas);
    } else if (m_alterPartition.owns(connection)) {
        m_alterPartition.handle(context, message, m_replicas);
    } else if (m_shutdown.owns(connection)) {
        m_shutdown.handle(context, message);
    } else if (m_controller.channels().owns(connection)) {
        m_controller.channels().handle(context, connection, message);
    } else if (m_zk.handle(context, message)) {
        onZooKeeper(context);
    }
}

void Broker::onLocal(sim::Context& context, const sim::Message& message) {
    if (message.as<PurgatorySweep>() != nullptr) {
        m_replicas.sweep(context);
    } else if (const auto* fetcher = message.as<FetcherAlarm>()) {
        m_fetchers.onAlarm(context, *fetcher);
    } else if (const auto* sender = message.as<AlterPartitionAlarm>()) {
        m_alterPartition.onAlarm(context, *sender);
    } else if (const auto* shutdown = message.as<ControlledShutdownAlarm>()) {
        m_shutdown.onAlarm(context, *shutdown);
    } else if (const auto* channel = message.as<ControllerChannelAlarm>()) {
        m_controller.channels().onAlarm(context, *channel);
    } else if (const auto* balance = message.as<LeaderBalanceAlarm>()) {
        m_controller.onBalanceAlarm(context, *balance);
    } else if (message.as<TopicCreatorAlarm>() != nullptr) {
        m_topicCreator.check(context.now(), m_metadata);
    } else if (const auto* alarm = message.as<BrokerAlarm>()) {
        onAlarm(context, alarm->what);
    } else if (const auto* laggard = message.as<LaggardFound>()) {
        onLaggard(context, laggard->partition);
    } else if (message.as<LogFlushed>() != nullptr) {
        return;
    } else if (m_zk.handle(context, message)) {
        onZooKeeper(context);
    } else {
        Services services(context, *this);
        for (Ref<Coordinator>& coordinator : m_coordinators) {
            toChange(coordinator).onMessage(services, message);
        }
    }
}

void Broker::onAlarm(sim::Context& context, BrokerAlarm::What what) {
    context.spend(cost::background);
    SimDuration again{};
    switch (what) {
        case BrokerAlarm::What::CheckInSyncSets:
            for (const auto& [slot, left] : m_replicas.laggingSets(context.now())) {
                const Partition& partition = m_replicas.at(slot);
                // By name: a follower that has never fetched from this leader has no connection to be known by.
                const auto laggard = std::find_if(partition.inSyncSet().begin(), partition.inSyncSet().end(),
                                                  [&](BrokerId member) { return !holds(left, member); });
                if (laggard != partition.inSyncSet().end()) {
                    context.waitFor(context.findProcess(brokerProcessName(*laggard)), SimDuration{0},
                                    makeRef<LaggardFound>(partition.id()));
                }
            }
            again = m_config->replicaLagTimeMax / 2;
            break;
        case BrokerAlarm::What::CheckpointHighWatermarks:
            m_replicas.checkpointHighWatermarks(context);
            again = m_config->highWatermarkCheckpointInterval;
            break;
        case BrokerAlarm::What::CheckpointRecoveryPoints:
            m_replicas.checkpointRecoveryPoints(context);
            again = m_config->recoveryPointInterval;
            break;
        case BrokerAlarm::What::DeleteOldSegments:
            m_replicas.deleteOldSegments(context);
            again = m_config->retentionCheckInterval;
            break;
        case BrokerAlarm::What::Flush:
            m_replicas.flushAll(context);
            again = *m_config->flushInterval;
            break;
    }
    context.arm(again, makeRef<BrokerAlarm>(what));
}

void Broker::onLaggard(sim::Context& context, const TopicPartition& partition) {
    const ReplicaManager::Slot slot = m_replicas.find(partition);
    if (slot == ReplicaManager::noSlot) {
        return;
    }
    if (auto left = m_replicas.at(slot).shrunk(context.now(), m_config->replicaLagTimeMax)) {
        m_replicas.propose(context, slot, std::move(*left));
    }
}

// --- ZooKeeper

void Broker::onZooKeeper(sim::Context& context) {
    for (const zookeeper::Event& event : m_zk.takeEvents()) {
        context.spend(cost::coordinationReply);
        if (const auto* connected = std::get_if<zookeeper::Connected>(&event)) {
            if (connected->isNewSession) {
                m_registration.onNewSession(context, m_zk);
            }
        } else if (std::get_if<zookeeper::SessionExpired>(&event) != nullptr) {
            m_registration.onSessionExpired();
            m_election.onSessionExpired();
            m_controller.resign(context);
            m_askedConfigs.clear();
            startSession(context);
            serveHeldRequests(context);
        } else if (const auto* reply = std::get_if<zookeeper::Reply>(&event)) {
            onReply(context, *reply);
        } else if (const auto* fired = std::get_if<zookeeper::WatchFired>(&event)) {
            if (!m_election.onWatch(context, m_zk, *fired)) {
                m_controller.onChange(MetadataStore::read(*fired));
            }
        }
    }
}

void Broker::onReply(sim::Context& context, const zookeeper::Reply& reply) {
    switch (purposeOf(reply)) {
        case ZkPurpose::EnsureNode:
            Registration::onEnsured(context, m_zk, reply);
            return;
        case ZkPurpose::Register:
        case ZkPurpose::LookAtRegistration:
        case ZkPurpose::RemoveRegistration:
            onRegistration(context, reply);
            return;
        case ZkPurpose::ReadTopicConfig:
            onTopicConfig(context, ConfigStore::read(reply));
            return;
        case ZkPurpose::CreateTopic:
            m_topicCreator.onCreated(MetadataStore::readCreated(reply));
            m_topicCreator.check(context.now(), m_metadata);
            return;
        default:
            break;
    }
    if (const auto outcome = m_election.onReply(context, m_zk, reply)) {
        onElection(context, *outcome);
    } else {
        onMetadata(context, reply);
    }
}

void Broker::onRegistration(sim::Context& context, const zookeeper::Reply& reply) {
    if (m_registration.onReply(context, m_zk, reply)) {
        if (!std::exchange(m_isListening, true)) {
            context.listen(m_config->port);
        }
        m_election.elect(context, m_zk);
    } else if (m_registration.isRefused()) {
        // A start that fails shuts down in order: its logs and its session are closed.
        m_replicas.closeLogs(context);
        m_zk.close(context);
        context.kill(context.process(), sim::ProcessExited::Reason::Crashed);
    }
}

void Broker::onElection(sim::Context& context, const ControllerElection::Outcome& outcome) {
    using Kind = ControllerElection::Outcome::Kind;
    if (outcome.kind == Kind::Elected) {
        m_controller.become(context, outcome.epoch, outcome.epochVersion);
        if (!outcome.isWatched) {
            m_election.watch(context, m_zk);
        }
    } else if (outcome.kind == Kind::Lost) {
        m_controller.resign(context);
        m_election.elect(context, m_zk);
    }
}

void Broker::onMetadata(sim::Context& context, const zookeeper::Reply& reply) {
    const auto answered = MetadataStore::read(reply);
    if (!answered) {
        return;
    }
    MetadataStore store(context, m_zk);
    m_controller.onAnswer(context, store, *answered);
    if (m_controller.takeReplaced()) {
        m_election.resign();
        m_election.elect(context, m_zk);
    }
}

void Broker::onTopicConfig(sim::Context& context, const ConfigStore::TopicConfigRead& read) {
    std::erase(m_askedConfigs, read.topic);
    if (read.isForNobody) {
        return;
    }
    m_replicas.setTopicConfig(read.topic, topicConfigFrom(read.config));
    applyHeldOrders(context);
    serveHeldRequests(context);
}

// --- figures

namespace {

/// What is counted alike of a topic and of a partition.
struct ReplicaMetrics {
    const Metric& recordsIn;
    const Metric& bytesIn;
    const Metric& bytesOut;
    const Metric& isrShrinks;
    const Metric& isrExpands;
};
constexpr ReplicaMetrics ofTopic{metric::topicRecordsIn, metric::topicBytesIn, metric::topicBytesOut,
                                 metric::topicIsrShrinks, metric::topicIsrExpands};
constexpr ReplicaMetrics ofPartition{metric::partitionRecordsIn, metric::partitionBytesIn, metric::partitionBytesOut,
                                     metric::partitionIsrShrinks, metric::partitionIsrExpands};

void sampleFigures(const ReplicaFigures& figures, sim::MetricSink& sink, const ReplicaMetrics& metrics,
                   const std::string& label) {
    sink.add(metrics.recordsIn, static_cast<double>(figures.recordsIn), label);
    sink.add(metrics.bytesIn, static_cast<double>(figures.bytesIn), label);
    sink.add(metrics.bytesOut, static_cast<double>(figures.bytesOut), label);
    if (figures.isrShrinks + figures.isrExpands > 0) {
        sink.add(metrics.isrShrinks, static_cast<double>(figures.isrShrinks), label);
        sink.add(metrics.isrExpands, static_cast<double>(figures.isrExpands), label);
    }
}

}  // namespace

/// As BrokerTopicMetrics does, and once a second for each partition that ever did something here.
void Broker::sampleTopics(sim::MetricSink& sink) const {
    for (const auto& [topic, figures] : m_replicas.stats().topics()) {
        sampleFigures(figures, sink, ofTopic, topic.text());
        sink.add(metric::topicLogBytes, static_cast<double>(figures.logSize), topic.text());
        sink.add(metric::topicUnderReplicated, figures.underReplicated, topic.text());
    }
    sim::MetricSink* const ofPartitions = sink.everySecond();
    if (ofPartitions == nullptr) {
        return;
    }
    for (const ReplicaManager::Slot slot : m_replicas.stats().measured()) {
        const ReplicaFigures& figures = m_replicas.stats().of(slot);
        const TopicPartition& partition = m_replicas.at(slot).id();
        if (partition.topic.text() == consumerOffsetsTopic ||
            m_metadata.partitionCount(partition.topic) > measuredPartitionsMax) {
            continue;
        }
        const std::string label = toText(partition);
        sampleFigures(figures, *ofPartitions, ofPartition, label);
        if (figures.led > 0) {
            ofPartitions->add(metric::partitionLogBytes, static_cast<double>(figures.logSize), label);
        }
    }
}

void Broker::sample(sim::MetricSink& sink) const {
    const ReplicaManager::Counters& counters = m_replicas.counters;
    sink.add(metric::bytesIn, static_cast<double>(counters.bytesIn));
    sink.add(metric::bytesOut, static_cast<double>(counters.bytesOut));
    sink.add(metric::recordsIn, static_cast<double>(counters.recordsIn));
    sink.add(metric::replicationBytesIn, static_cast<double>(counters.replicationBytesIn));
    sink.add(metric::replicationBytesOut, static_cast<double>(counters.replicationBytesOut));
    sink.add(metric::failedProduce, static_cast<double>(counters.failedProduce));
    sink.add(metric::isrShrinks, static_cast<double>(counters.isrShrinks));
    sink.add(metric::isrExpands, static_cast<double>(counters.isrExpands));
    // What the table of costs says of the requests handled: their number and the bytes that were appended.
    const CpuTime requestTime = cost::request * static_cast<std::int64_t>(m_requests) +
                                cost::bytes(static_cast<ByteCount>(counters.bytesIn), cost::appendByte);
    sink.add(metric::requestNanoseconds, static_cast<double>(requestTime.count()));
    sink.add(metric::requests, static_cast<double>(m_requests));
    sampleTopics(sink);
    const ReplicaFigures all = m_replicas.stats().all();
    sink.add(metric::leaders, all.led);
    sink.add(metric::underReplicated, all.underReplicated);
    sink.add(metric::parkedProduces, static_cast<double>(m_replicas.delayedProduces()));
    sink.add(metric::parkedFetches, static_cast<double>(m_replicas.delayedFetches()));
    sink.add(metric::activeController, m_controller.isActive() ? 1 : 0);
    if (m_controller.isActive()) {
        sink.add(metric::offlinePartitions, m_controller.offlinePartitions());
    }
    for (const Ref<Coordinator>& coordinator : m_coordinators) {
        coordinator->sample(sink);
    }
}

}  // namespace millrace::kafka
