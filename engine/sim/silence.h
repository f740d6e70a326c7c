#pragma once

#include <string_view>

#include "engine/sim/world.h"

namespace millrace::sim {

/// Since when a process is in its present state, and the newest entry that crashed, paused or stopped it.
struct Silence {
    SimTime since{};
    JournalId entry = noEntry;
};
/// Zeros when no process has this name.
[[nodiscard]] inline Silence silenceOf(const World& world, std::string_view process) {
    const ProcessId id = world.findProcess(process);
    return id == noProcess ? Silence{} : Silence{world.process(id).since, world.process(id).silencedBy};
}

}  // namespace millrace::sim
