#pragma once

#include "engine/sim/process.h"
#include "engine/storm/config.h"
#include "engine/storm/topology.h"

namespace millrace::storm {

/// A client that hands a topology to Nimbus, again and again until it is accepted or alive, and ends:
/// "submit/<topology>".
[[nodiscard]] Ref<const sim::Blueprint> makeSubmitterBlueprint(ClusterConfig config, TopologyRef topology);
/// What a submitter's blueprint submits; null for any other blueprint.
[[nodiscard]] TopologyRef submittedTopology(const sim::Blueprint& blueprint);

}  // namespace millrace::storm
