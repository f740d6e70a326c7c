#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::run {

/// `Enough` stops at the first kind of reason, to be asked often; `Everything` is for people, and also names who is
/// down.
enum class Thoroughness : std::uint8_t { Enough, Everything };

/// What keeps a run from being drained, in words: sources that are not read to their end, records that nobody has
/// acknowledged, lag, pending tuples, sinks that have not committed, faults and repairs still to come, replicas that a
/// repaired broker still has to bring back into sync. Empty: drained.
[[nodiscard]] std::vector<std::string> waitingFor(const scenario::Scenario& scenario, const sim::World& world,
                                                  Thoroughness thoroughness = Thoroughness::Enough);

}  // namespace millrace::run
