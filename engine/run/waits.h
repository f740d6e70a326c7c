#pragma once

#include <vector>

#include "engine/observe/run_view.h"
#include "engine/run/report_of.h"

namespace millrace::run {

/// What stands still at this instant, for whom it waits and what will end that: what the systems' rooms say of
/// themselves, and what it means for sources, spouts and the bolts behind them. Clients first, then what they wait for.
/// Costs a look at every partition, producer and worker.
[[nodiscard]] std::vector<observe::WaitView> describeWaits(const sim::World& world, const SystemViews& views);

}  // namespace millrace::run
