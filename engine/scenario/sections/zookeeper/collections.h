#pragma once

#include "engine/scenario/collection.h"

namespace millrace::scenario {

inline constexpr Collection serverNames{"ZooKeeper server", "cluster.servers"};

}  // namespace millrace::scenario
