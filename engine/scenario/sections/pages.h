#pragma once

#include "engine/observe/pages.h"
#include "engine/sim/world.h"

namespace millrace::scenario {

/// The page of an object that somebody has opened, from the system whose object it is; nothing where that has no page.
[[nodiscard]] observe::Pages describePage(const sim::World& world, const observe::PageRequest& request);

}  // namespace millrace::scenario
