#pragma once

#include "engine/observe/system_views.h"
#include "engine/sim/world.h"

namespace millrace::hadoop {

/// Daemons as processes, jobs as nodes, and what HDFS and MapReduce say of themselves.
void describe(const sim::World& world, observe::SystemViews& views);

}  // namespace millrace::hadoop
