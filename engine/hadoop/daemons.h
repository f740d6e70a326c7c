#pragma once

#include <string>

#include "engine/hadoop/cluster.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

// Processes "namenode", "datanode/<name>", "jobtracker", "tasktracker/<name>"; their actors are called as their kinds.

[[nodiscard]] Ref<const sim::Blueprint> makeNameNodeBlueprint(ClusterRef cluster);
[[nodiscard]] Ref<const sim::Blueprint> makeDataNodeBlueprint(ClusterRef cluster, NodeIndex node);
[[nodiscard]] Ref<const sim::Blueprint> makeJobTrackerBlueprint(ClusterRef cluster);
[[nodiscard]] Ref<const sim::Blueprint> makeTaskTrackerBlueprint(ClusterRef cluster, NodeIndex tracker);
/// `hadoop fs -put`: the process "put/<name>", which writes a file from its machine and ends.
[[nodiscard]] Ref<const sim::Blueprint> makePutBlueprint(ClusterRef cluster, std::string name, StoredFile file);

}  // namespace millrace::hadoop
