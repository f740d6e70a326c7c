#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/sink.h"
#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::scenario {

/// A scenario as a world that stands at time 0, and the real sinks its effects are meant for.
struct Build {
    sim::World world;
    std::vector<Ref<const ingest::SinkSpec>> sinks;
};

/// Hosts, links, ensemble, brokers, topics, producers, groups, Storm, sinks, planned faults and the resolver of their
/// targets. Fails where something outside does not fit (a log that cannot be read). Same scenario, same world.
[[nodiscard]] Result<Build> buildWorld(const Scenario& scenario);

/// What the run still waits for at this instant, one reason a line ("source log: 120 lines to read", "topology audit:
/// 12 tuples pending", "fault at 20.000 s to come"). Empty: drained, as the contract defines it. Looks only.
[[nodiscard]] std::vector<std::string> waitingFor(const Scenario& scenario, const sim::World& world);

}  // namespace millrace::scenario
