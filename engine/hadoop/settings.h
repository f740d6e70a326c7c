#pragma once

#include <span>

#include "engine/base/config_key.h"

namespace millrace::hadoop {

/// Settings of core-site.xml, hdfs-site.xml and mapred-site.xml by their names in Hadoop 1.2, in alphabetical order:
/// what each means, and what of it is modelled.
[[nodiscard]] std::span<const ConfigKey> settings();

}  // namespace millrace::hadoop
