#pragma once

#include <string>
#include <vector>

#include "engine/observe/system_views.h"
#include "engine/sim/world.h"
#include "engine/spark/streaming/driver.h"

namespace millrace::spark {

/// The driver of an application that runs; null when it is down.
[[nodiscard]] const DriverActor* driverOf(const sim::World& world, std::string_view application);

/// What the batches of an application come to, those of drivers that have ended included.
[[nodiscard]] BatchTotals batchTotals(const sim::World& world, std::string_view application);

/// Processes, nodes and wires of all that Spark has in a world.
void describe(const sim::World& world, observe::SystemViews& views);
/// What an application came to whose driver does not run.
[[nodiscard]] observe::StreamingView describeStopped(const sim::World& world, const std::string& application,
                                                     SimDuration interval);
/// What stands still and why: no executors, no cores beside receivers, batches that pile up, a driver that is down.
[[nodiscard]] std::vector<observe::WaitView> describeWaits(const sim::World& world);

/// The process of an executor by "application/number"; `noProcess` when it does not run.
[[nodiscard]] sim::ProcessId executorProcess(const sim::World& world, std::string_view name);
/// The executor on which a receiver runs, by "application/number" of the stream among receivers, from 1.
[[nodiscard]] sim::ProcessId receiverProcess(const sim::World& world, std::string_view name);

}  // namespace millrace::spark
