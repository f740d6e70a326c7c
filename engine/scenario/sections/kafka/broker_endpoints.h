#pragma once

#include <vector>

#include "engine/kafka/client/cluster_client.h"
#include "engine/scenario/scenario.h"

namespace millrace::scenario {

/// Where the brokers of a plan listen in the world that is built from it, by their order in the plan.
[[nodiscard]] std::vector<kafka::BrokerEndpoint> brokerEndpoints(const Scenario& plan);

}  // namespace millrace::scenario
