#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/kafka/broker/config.h"
#include "engine/kafka/client/group_member_process.h"
#include "engine/kafka/client/producer.h"
#include "engine/scenario/scenario.h"
#include "engine/zookeeper/server.h"

namespace millrace::scenario {

// A scenario's settings, which stand under the real system's names, as the configuration structures of the engine's
// room.

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
[[nodiscard]] kafka::ConsumerConfig consumerConfig(const Settings& settings, const std::string& clientId,
                                                   const std::vector<kafka::BrokerEndpoint>& bootstrap);

}  // namespace millrace::scenario
