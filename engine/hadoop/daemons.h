#pragma once

#include <string>

#include "engine/hadoop/cluster.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

// Processes "namenode", "datanode/<name>", "jobtracker", "tasktracker/<name>", on YARN "resourcemanager" and
// "nodemanager/<name>"; their actors are called as their kinds.

[[nodiscard]] Ref<const sim::Blueprint> makeNameNodeBlueprint(ClusterRef cluster);
[[nodiscard]] Ref<const sim::Blueprint> makeDataNodeBlueprint(ClusterRef cluster, NodeIndex node);
[[nodiscard]] Ref<const sim::Blueprint> makeJobTrackerBlueprint(ClusterRef cluster);
[[nodiscard]] Ref<const sim::Blueprint> makeTaskTrackerBlueprint(ClusterRef cluster, NodeIndex tracker);
[[nodiscard]] Ref<const sim::Blueprint> makeResourceManagerBlueprint(ClusterRef cluster);
[[nodiscard]] Ref<const sim::Blueprint> makeNodeManagerBlueprint(ClusterRef cluster, NodeIndex node);
/// `hadoop fs -put`: the process "put/<name>", which writes a file from its machine and ends.
[[nodiscard]] Ref<const sim::Blueprint> makePutBlueprint(ClusterRef cluster, std::string name, StoredFile file);

}  // namespace millrace::hadoop
