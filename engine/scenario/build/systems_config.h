#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/kafka/broker/config.h"
#include "engine/kafka/client/group_member_process.h"
#include "engine/kafka/client/producer.h"
#include "engine/scenario/build/ports.h"
#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"
#include "engine/storm/config.h"
#include "engine/storm/operators/kafka_spout.h"
#include "engine/zookeeper/server.h"

namespace millrace::scenario {

// A scenario's settings, which stand under the real systems' names, as the configuration structures of the engine's
// rooms.

/// Who belongs to the ensemble.
[[nodiscard]] zookeeper::EnsembleConfig ensembleConfig(const ClusterPlan& cluster, const Ports& ports,
                                                       const sim::World& world);
/// What one server's own zoo.cfg says; each server goes by its own.
void applyOwnSettings(zookeeper::EnsembleConfig& config, const Settings& settings);
[[nodiscard]] kafka::BrokerConfig brokerConfig(const BrokerPlan& broker, const RunPlan& run,
                                               const std::string& rackOfHost, sim::Port port,
                                               const std::vector<zookeeper::ServerAddress>& servers,
                                               std::size_t brokersOfCluster);
/// What a topic sets, by Kafka's keys, as it is stored in ZooKeeper.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> topicConfig(const TopicPlan& topic);
[[nodiscard]] kafka::ProducerConfig producerConfig(const ProducerPlan& producer,
                                                   const std::vector<kafka::BrokerEndpoint>& bootstrap);
[[nodiscard]] kafka::GroupMemberConfig groupMemberConfig(const GroupPlan& group, const std::string& member,
                                                         const std::vector<kafka::BrokerEndpoint>& bootstrap);
/// `settings` are those of the daemon: Storm's own, or a supervisor's.
[[nodiscard]] storm::ClusterConfig stormConfig(const StormPlan& storm, const Settings& settings,
                                               const std::vector<zookeeper::ServerAddress>& servers);
[[nodiscard]] storm::KafkaSpoutConfig spoutConfig(const SpoutPlan& spout,
                                                  const std::vector<kafka::BrokerEndpoint>& bootstrap);
[[nodiscard]] storm::TopologyConfig topologyConfig(const TopologyPlan& topology);

}  // namespace millrace::scenario
