#pragma once

#include "engine/observe/state.h"
#include "engine/sim/process.h"

namespace millrace::describe {

/// In what condition a process is, as far as the simulator knows: a running one may still be busy to start.
[[nodiscard]] observe::LifeState lifeOf(sim::ProcessState state);

}  // namespace millrace::describe
