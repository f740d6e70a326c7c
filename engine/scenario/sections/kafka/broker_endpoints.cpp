#include "engine/scenario/sections/kafka/broker_endpoints.h"

#include "engine/scenario/sections/kafka/kafka_section.h"
#include "engine/scenario/sections/zookeeper/zookeeper_section.h"
#include "engine/scenario/world_builder.h"

namespace millrace::scenario {

std::vector<kafka::BrokerEndpoint> brokerEndpoints(const Scenario& plan) {
    WorldBuilder builder(plan);
    const bool isBuilt = ZooKeeperSection().build(builder) && KafkaSection().build(builder);
    return isBuilt ? builder.surroundings().brokers : std::vector<kafka::BrokerEndpoint>();
}

}  // namespace millrace::scenario
