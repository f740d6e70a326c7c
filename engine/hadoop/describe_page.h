#pragma once

#include "engine/observe/hadoop_page.h"
#include "engine/observe/pages.h"
#include "engine/sim/world.h"

namespace millrace::hadoop {

/// Files, blocks and nodes of HDFS.
[[nodiscard]] observe::DfsPage describeDfs(const sim::World& world, const observe::PageRequest& request);

/// A job with its tasks, the newest of that name, and the trackers.
[[nodiscard]] observe::JobPage describeJob(const sim::World& world, const observe::PageRequest& request);

}  // namespace millrace::hadoop
