#pragma once

#include <vector>

#include "engine/kafka/client/cluster_client.h"
#include "engine/scenario/scenario.h"
#include "engine/storm/config.h"
#include "engine/storm/operators/kafka_spout.h"
#include "engine/storm/topology.h"
#include "engine/zookeeper/server.h"

namespace millrace::scenario {

// A scenario's settings, which stand under the real system's names, as the configuration structures of the engine's
// room.

/// `settings` are those of the daemon: Storm's own, or a supervisor's.
[[nodiscard]] storm::ClusterConfig stormConfig(const StormPlan& storm, const Settings& settings,
                                               const std::vector<zookeeper::ServerAddress>& servers);
[[nodiscard]] storm::KafkaSpoutConfig spoutConfig(const SpoutPlan& spout,
                                                  const std::vector<kafka::BrokerEndpoint>& bootstrap);
[[nodiscard]] storm::TopologyConfig topologyConfig(const TopologyPlan& topology);

}  // namespace millrace::scenario
