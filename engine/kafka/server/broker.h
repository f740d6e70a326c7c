#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/kafka/broker/alter_partition.h"
#include "engine/kafka/broker/config.h"
#include "engine/kafka/broker/controlled_shutdown.h"
#include "engine/kafka/broker/coordinator.h"
#include "engine/kafka/broker/metadata_cache.h"
#include "engine/kafka/broker/replica_fetcher.h"
#include "engine/kafka/broker/replica_manager.h"
#include "engine/kafka/broker/request_channel.h"
#include "engine/kafka/controller/controller.h"
#include "engine/kafka/controller/topic_creator.h"
#include "engine/kafka/zk/controller_election.h"
#include "engine/kafka/zk/registration.h"
#include "engine/sim/process.h"
#include "engine/zookeeper/client.h"

namespace millrace::kafka {

/// The broker's own alarms.
struct BrokerAlarm final : sim::MessageBase<BrokerAlarm> {
    static constexpr std::string_view Name = "kafka.BrokerAlarm";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"check of in-sync sets", "checkpoint of high watermarks",
                                                     "checkpoint of recovery points", "check for old segments",
                                                     "flush of logs"};
        return std::string{words[static_cast<std::size_t>(what)]};
    }
    enum class What : std::uint8_t {
        CheckInSyncSets,
        CheckpointHighWatermarks,
        CheckpointRecoveryPoints,
        DeleteOldSegments,
        Flush
    };
    What what;
    explicit BrokerAlarm(What of) : what(of) {}
    void digest(Digest& digest) const override { digest.add(static_cast<std::uint64_t>(what)); }
};

/// Some members fell behind: waits a moment of no length for the first of them, so that what silenced it is the cause.
struct LaggardFound final : sim::MessageBase<LaggardFound> {
    static constexpr std::string_view Name = "kafka.LaggardFound";
    TopicPartition partition;
    explicit LaggardFound(TopicPartition of) : partition(std::move(of)) {}
    void digest(Digest& digest) const override { addTo(digest, partition); }
};

/// The logs of a broker that stops are on the medium, with the mark of a clean stop.
struct LogsClosed final : sim::MessageBase<LogsClosed> {
    static constexpr std::string_view Name = "kafka.LogsClosed";
    void digest(Digest&) const override {}
};

/// One Kafka broker in ZooKeeper mode: the process "broker/<id>" with one actor, "broker/<id>/server".
///
/// The actor routes messages to its components and carries out what they say is due; after each message it completes
/// what was waiting. Components: registration, request channel, replicas, fetchers, sender of in-sync sets, metadata
/// cache, topic creator, controller, coordinators; they share one ZooKeeper session.
/// Left out: more than one request handler thread, quotas, security, transactions, log compaction.
class Broker final : public sim::ActorBase<Broker> {
public:
    explicit Broker(Ref<const BrokerConfig> config);
    Broker(const Broker& other);

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;
    /// Hands its leaderships over, flushes its logs, leaves its session.
    [[nodiscard]] bool takesStops() const override { return true; }

    [[nodiscard]] const BrokerConfig& config() const { return *m_config; }
    [[nodiscard]] const ReplicaManager& replicas() const { return m_replicas; }
    [[nodiscard]] const MetadataCache& metadata() const { return m_metadata; }
    [[nodiscard]] const Registration& registration() const { return m_registration; }
    [[nodiscard]] const Controller& controller() const { return m_controller; }
    [[nodiscard]] const ControlledShutdown& shutdown() const { return m_shutdown; }
    [[nodiscard]] const zookeeper::ZkClient& zookeeperClient() const { return m_zk; }
    /// Of consumer groups.
    [[nodiscard]] const Coordinator* coordinator() const { return m_coordinators.front().get(); }

private:
    class Services;
    friend class BrokerCall;
    struct HeldOrder {
        sim::ConnectionId connection;
        Ref<const LeaderAndIsrRequest> request;
    };

    void startSession(sim::Context& context);
    void close(sim::Context& context);
    using Coordinators = std::vector<Ref<Coordinator>>;  ///< by topic: no two have the same
    [[nodiscard]] static Coordinator& toChange(Ref<Coordinator>& coordinator);
    [[nodiscard]] Coordinator& groupsToChange() { return toChange(m_coordinators.front()); }
    /// Null for a topic that is nobody's.
    [[nodiscard]] Coordinator* coordinatorToChange(const TopicName& topic);
    void onZooKeeper(sim::Context& context);
    void onReply(sim::Context& context, const zookeeper::Reply& reply);
    void onRegistration(sim::Context& context, const zookeeper::Reply& reply);
    void onElection(sim::Context& context, const ControllerElection::Outcome& outcome);
    void onMetadata(sim::Context& context, const zookeeper::Reply& reply);
    void onTopicConfig(sim::Context& context, const ConfigStore::TopicConfigRead& read);
    void onConnection(sim::Context& context, sim::ConnectionId connection, const sim::Message& message);
    void onLocal(sim::Context& context, const sim::Message& message);
    void onAlarm(sim::Context& context, BrokerAlarm::What what);
    void onLaggard(sim::Context& context, const TopicPartition& partition);

    void sampleTopics(sim::MetricSink& sink) const;

    // Requests (broker_requests.cpp; what is done with each stands in handlers/)
    void dispatch(sim::Context& context, const RequestChannel::Ready& ready);
    void serveByType(sim::Context& context, const RequestChannel::Ready& ready);
    void answer(sim::Context& context, sim::ConnectionId connection, sim::MessageRef response);
    void deliver(sim::Context& context, PooledVector<Answer> answers);
    /// Most handlers leave nothing to be delivered.
    template <class Source>
    void deliverFrom(sim::Context& context, Source& source) {
        if (source.hasAnswers()) {
            deliver(context, source.takeAnswers());
        }
    }
    void onLeaderAndIsr(sim::Context& context, sim::ConnectionId connection, Ref<const LeaderAndIsrRequest> request);
    /// Asks ZooKeeper for what a topic has set for itself, unless that is known or on its way.
    void askTopicConfig(sim::Context& context, const TopicName& topic);
    void applyHeldOrders(sim::Context& context);
    void serveHeldRequests(sim::Context& context);
    [[nodiscard]] Ref<const LeaderAndIsrResponse> applyRoles(sim::Context& context, const LeaderAndIsrRequest& request);
    static void tellLeadership(sim::Context& context, const Partition& partition);
    void applyRole(sim::Context& context, const PartitionState& state, const LeaderAndIsrRequest& request);
    [[nodiscard]] ErrorCode checkStamp(const ControllerStamp& stamp);
    /// Carries out what the components say is due, until nothing is.
    void settle(sim::Context& context);

    Ref<const BrokerConfig> m_config;
    zookeeper::ZkClient m_zk;
    Registration m_registration;
    ControllerElection m_election;
    RequestChannel m_channel;
    ReplicaManager m_replicas;
    ReplicaFetchers m_fetchers;
    AlterPartitionSender m_alterPartition;
    ControlledShutdown m_shutdown;
    MetadataCache m_metadata;
    TopicCreator m_topicCreator;
    Controller m_controller;
    Coordinators m_coordinators;  ///< that of consumer groups first
    ControllerEpoch m_controllerEpoch;
    std::uint64_t m_requests = 0;
    bool m_isListening = false;
    bool m_isClosing = false;             ///< its logs are being closed: whatever comes now comes too late
    std::vector<HeldOrder> m_heldOrders;  ///< wait for the configuration of topics that are new here
    std::vector<RequestChannel::Ready> m_heldRequests;  ///< wait for the same
    std::vector<TopicName> m_askedConfigs;
};

/// The process "broker/<id>" on the host on which it is started; `config.host` must be that host's name.
[[nodiscard]] Ref<const sim::Blueprint> makeBrokerBlueprint(Ref<const BrokerConfig> config);
[[nodiscard]] inline Ref<const sim::Blueprint> makeBrokerBlueprint(const BrokerConfig& config) {
    return makeBrokerBlueprint(makeRef<const BrokerConfig>(config));
}
[[nodiscard]] std::string brokerProcessName(BrokerId id);
[[nodiscard]] std::string brokerActorName(BrokerId id);

}  // namespace millrace::kafka
