#pragma once

#include <vector>

#include "engine/observe/run_view.h"
#include "engine/observe/topology_view.h"
#include "engine/sim/world.h"

namespace millrace::storm {

/// What of Storm stands still at one instant, and why: executors whose worker is dead, with whoever will bring them
/// back (the supervisor in its next look, or Nimbus when their last heartbeat is too old), and daemons that are down
/// while work goes on without them. The view is the world's.
[[nodiscard]] std::vector<observe::WaitView> describeWaits(const sim::World& world, const observe::StormView& view);

}  // namespace millrace::storm
