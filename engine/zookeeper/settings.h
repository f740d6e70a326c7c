#pragma once

#include <span>

#include "engine/base/config_key.h"

namespace millrace::zookeeper {

/// The settings of a server by ZooKeeper's own names: what each means, and what of it is modelled.
[[nodiscard]] std::span<const ConfigKey> serverSettings();

}  // namespace millrace::zookeeper
