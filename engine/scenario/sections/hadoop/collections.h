#pragma once

#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/collection.h"

namespace millrace::scenario {

inline constexpr Collection dataNodeNames{"DataNode", "hadoop.datanodes"};
inline constexpr Collection taskTrackerNames{"TaskTracker", "hadoop.tasktrackers"};
inline constexpr Collection nodeManagerNames{"NodeManager", "hadoop.yarn.node_managers"};
inline constexpr Collection dfsFileNames{"file in HDFS", "hadoop.files"};
inline constexpr Collection exportNames{"export", "hadoop.exports"};
inline constexpr Collection jobNames{"job", "jobs"};

inline constexpr ConfigScope hadoopScope{"hadoop"};

}  // namespace millrace::scenario
