#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/config_key.h"

namespace millrace::hadoop {

/// Settings of core-site.xml, hdfs-site.xml and mapred-site.xml by their names in Hadoop 1.2, and those of YARN by
/// their names in Hadoop 2.4, in alphabetical order: what each means, and what of it is modelled.
[[nodiscard]] std::span<const ConfigKey> settings();

/// Who goes by a modelled setting. The cluster's are read by all daemons and clients of HDFS.
enum class SettingOf : std::uint8_t { Cluster, Jobs, TaskTrackers, NodeManagers };
[[nodiscard]] SettingOf readerOf(std::string_view key);
/// Whether anybody goes by it where jobs run on YARN, or with JobTracker and TaskTrackers.
[[nodiscard]] bool isReadOnYarn(std::string_view key);
[[nodiscard]] bool isReadOnMapReduce1(std::string_view key);

}  // namespace millrace::hadoop
