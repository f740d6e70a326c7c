#pragma once

#include "engine/observe/system_views.h"
#include "engine/run/engine.h"
#include "engine/run/report/report.h"

namespace millrace::run {

/// Brokers, topics, clients, Storm, sources and sinks of the engine's present instant, hosts and servers included.
using SystemViews = observe::SystemViews;
[[nodiscard]] SystemViews describeSystems(const scenario::Scenario& scenario, const sim::World& world);

/// Tells producers what was lost of theirs and why records were given up.
void addOrigins(observe::ClusterView& cluster, const observe::OriginsView& origins);

/// The report about what has been played so far.
[[nodiscard]] Report reportOf(const Engine& engine, const Played& played);

}  // namespace millrace::run
