#pragma once

#include "engine/observe/cluster_view.h"
#include "engine/sim/world.h"

namespace millrace::zookeeper {

/// Fills `servers` (in order of their processes) and `hasQuorum`. A world without servers has nothing to lose: its
/// quorum is reported as there.
void describe(const sim::World& world, observe::ClusterView& view);

}  // namespace millrace::zookeeper
