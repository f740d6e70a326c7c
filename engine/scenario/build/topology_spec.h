#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/sink.h"
#include "engine/kafka/client/cluster_client.h"
#include "engine/scenario/scenario.h"
#include "engine/storm/topology.h"

namespace millrace::scenario {

/// A sink and where its process listens.
struct PlacedSink {
    Ref<const ingest::SinkSpec> spec;
    std::string host;
    sim::Port port;
};

/// What a topology finds around it.
struct TopologySurroundings {
    std::map<std::string, PlacedSink> sinks;         ///< by name
    std::map<std::string, std::string> sourceFiles;  ///< path by source id
    std::vector<kafka::BrokerEndpoint> bootstrap;
};

/// Makes the operators and compiles the topology as Nimbus does at its submission. All errors at once; each names the
/// field that is wrong, as `topologies.audit.bolts.count.inputs[0].stream`.
[[nodiscard]] Result<storm::TopologyRef, std::vector<Error>> compiledTopology(const TopologyPlan& topology,
                                                                              const TopologySurroundings& surroundings);

/// What Nimbus would refuse of the plan's topologies.
[[nodiscard]] std::vector<Error> troubleWithTopologies(const Scenario& plan);

}  // namespace millrace::scenario
