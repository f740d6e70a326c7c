#pragma once

#include "engine/observe/pages.h"
#include "engine/observe/streaming_page.h"
#include "engine/sim/world.h"

namespace millrace::spark {

/// The page of an application: its batches, and of the chosen one (`part`: its time in ns of the run) inputs, jobs,
/// stages and tasks as far as the driver remembers them.
[[nodiscard]] observe::StreamingPage describePage(const sim::World& world, const observe::PageRequest& request);

}  // namespace millrace::spark
