#pragma once

#include "engine/hadoop/mapreduce/task_body.h"

namespace millrace::hadoop {

/// While a process boots: the actor "task" of that attempt.
void addTask(sim::Context& context, const ClusterRef& cluster, const TaskPlace& place, const AttemptId& id,
             const JobRef& job);

}  // namespace millrace::hadoop
