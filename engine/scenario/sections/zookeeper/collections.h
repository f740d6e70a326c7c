#pragma once

#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/collection.h"

namespace millrace::scenario {

inline constexpr Collection serverNames{"ZooKeeper server", "cluster.servers"};

inline constexpr ConfigScope zooKeeperScope{"zookeeper"};

}  // namespace millrace::scenario
