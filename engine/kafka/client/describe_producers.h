#pragma once

#include <vector>

#include "engine/observe/cluster_view.h"
#include "engine/sim/world.h"

namespace millrace::kafka {

/// The producer processes of a world, by name.
[[nodiscard]] std::vector<observe::ProducerView> describeProducers(const sim::World& world);

}  // namespace millrace::kafka
