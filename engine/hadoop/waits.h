#pragma once

#include <string>
#include <vector>

#include "engine/observe/run_view.h"
#include "engine/sim/world.h"

namespace millrace::hadoop {

/// Why nothing can be written into HDFS, in words: the NameNode is down or in safe mode. Empty where it can.
[[nodiscard]] std::string troubleOfHdfs(const sim::World& world);

/// Jobs that wait for the JobTracker, or the ResourceManager; files and new jobs that wait for the NameNode.
[[nodiscard]] std::vector<observe::WaitView> describeWaits(const sim::World& world);

}  // namespace millrace::hadoop
