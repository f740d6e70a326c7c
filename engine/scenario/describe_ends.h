#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/kafka/describe.h"
#include "engine/observe/cluster_view.h"
#include "engine/observe/topology_view.h"
#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::scenario {

/// Sources and sinks of a scenario as they stand in a world.
[[nodiscard]] std::vector<observe::SourceView> describeSources(const Scenario& scenario, const sim::World& world);
[[nodiscard]] std::vector<observe::SinkView> describeSinks(const Scenario& scenario, const sim::World& world);

/// Groups and topics of the scenario's spouts.
[[nodiscard]] std::vector<std::pair<std::string, kafka::TopicName>> spoutSubscriptions(const Scenario& scenario);
/// How far spouts have read, and what they are to read.
[[nodiscard]] kafka::Readers spoutReaders(const sim::World& world,
                                          std::vector<std::pair<std::string, kafka::TopicName>> spouts);

/// Brokers, topics, groups and producers, with everybody who reads and everybody who is to. All who speak of a lag take
/// it from here.
void describeCluster(const Scenario& scenario, const sim::World& world, observe::ClusterView& view);

}  // namespace millrace::scenario
