#pragma once

#include <vector>

#include "engine/base/result.h"
#include "engine/scenario/scenario.h"
#include "engine/scenario/world_builder.h"
#include "engine/storm/topology.h"

namespace millrace::scenario {

/// Makes the operators and compiles the topology as Nimbus does at its submission. All errors at once; each names the
/// field that is wrong, as `topologies.audit.bolts.count.inputs[0].stream`.
[[nodiscard]] Result<storm::TopologyRef, std::vector<Error>> compiledTopology(const TopologyPlan& topology,
                                                                              const Surroundings& surroundings);

/// What Nimbus would refuse of the plan's topologies.
[[nodiscard]] std::vector<Error> troubleWithTopologies(const Scenario& plan);

}  // namespace millrace::scenario
