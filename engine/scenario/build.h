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

/// Puts the installation together: hosts and links, ZooKeeper, brokers, topics, clients, sinks, Storm, faults. The same
/// scenario gives the same world. Fails for what only the engine's rooms can judge (a bolt that asks for a field that
/// its input does not have); the error names the field of the scenario.
[[nodiscard]] Result<BuiltScenario> buildWorld(const Scenario& scenario);

/// `Enough` stops at the first kind of reason, to be asked often; `Everything` is for people, and also names who is
/// down.
enum class Thoroughness : std::uint8_t { Enough, Everything };

/// What keeps a run from being drained, in words: sources that are not read to their end, records that nobody has
/// acknowledged, lag, pending tuples, sinks that have not committed, faults and repairs still to come, replicas that a
/// repaired broker still has to bring back into sync. Empty: drained.
[[nodiscard]] std::vector<std::string> waitingFor(const Scenario& scenario, const sim::World& world,
                                                  Thoroughness thoroughness = Thoroughness::Enough);

}  // namespace millrace::scenario
