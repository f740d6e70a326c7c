#pragma once

#include "engine/scenario/collection.h"

namespace millrace::scenario {

inline constexpr Collection brokerNames{"broker", "cluster.brokers"};
inline constexpr Collection topicNames{"topic", "topics"};

}  // namespace millrace::scenario
