#pragma once

#include "engine/hadoop/cluster.h"
#include "engine/hadoop/mapreduce/job.h"
#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/scenario.h"

namespace millrace::scenario {

// A scenario's settings, which stand under Hadoop's names, as the configuration structures of the engine's room.

[[nodiscard]] hadoop::HdfsConfig hdfsConfig(const Settings& settings);
[[nodiscard]] hadoop::TrackerConfig trackerConfig(const Settings& settings);
[[nodiscard]] hadoop::YarnConfig yarnConfig(const Settings& settings);
void applyMemory(hadoop::DaemonAddress& node, const Settings& settings);
void applySlots(hadoop::DaemonAddress& tracker, const Settings& settings);
[[nodiscard]] hadoop::JobConf jobConf(const Settings& settings);
[[nodiscard]] hadoop::JobRef jobSpec(const JobPlan& plan, const Scenario& scenario);

}  // namespace millrace::scenario
