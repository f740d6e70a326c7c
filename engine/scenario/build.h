#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/sink.h"
#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::scenario {

/// What a scenario becomes: the world at time 0, with its faults still to come, and the sinks whose effects it will
/// give out.
struct BuiltScenario {
    sim::World world;
    std::vector<Ref<const ingest::SinkSpec>> sinks;
};

/// Puts the installation together: hosts and links, what each section adds to them, faults. The same scenario gives the
/// same world. Fails for what only the engine's rooms can judge (a bolt that asks for a field that
/// its input does not have); the error names the field of the scenario.
[[nodiscard]] Result<BuiltScenario> buildWorld(const Scenario& scenario);

}  // namespace millrace::scenario
