#pragma once

#include <vector>

#include "engine/base/metric.h"
#include "engine/observe/run_view.h"
#include "engine/sim/world.h"

namespace millrace::run {

/// The figures that are shown wherever their object is (`MetricPlace::Everywhere`), by object: what counters have come
/// to in the whole run, and where gauges stood at the last sample. Of an object of several parts, their sum.
[[nodiscard]] std::vector<observe::FigureView> describeFigures(const sim::World& world);

/// The metrics of all systems, in the order of the rooms.
[[nodiscard]] std::vector<const Metric*> allMetrics();

}  // namespace millrace::run
