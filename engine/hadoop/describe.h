#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/run_view.h"
#include "engine/observe/system_views.h"
#include "engine/sim/world.h"

namespace millrace::hadoop {

class JobInProgress;

/// Daemons as processes, jobs as nodes, and what HDFS and MapReduce say of themselves.
void describe(const sim::World& world, observe::SystemViews& views);
/// The newest job of that name as its JobTracker or ApplicationMaster has it; null: neither knows of one.
[[nodiscard]] const JobInProgress* jobInProgress(const sim::World& world, std::string_view job);
/// Whether a JobTracker, an ApplicationMaster or a ResourceManager has that job and it has not ended.
[[nodiscard]] bool isUnderWay(const sim::World& world, std::string_view job);
/// The process of a job's ApplicationMaster, which is whatever container it was given; empty when none runs.
[[nodiscard]] std::string appMasterProcess(const sim::World& world, std::string_view job);

}  // namespace millrace::hadoop
