#pragma once

#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/collection.h"

namespace millrace::scenario {

inline constexpr Collection brokerNames{"broker", "cluster.brokers"};
inline constexpr Collection topicNames{"topic", "topics"};

inline constexpr ConfigScope brokerScope{"broker"};
inline constexpr ConfigScope topicScope{"topic"};
inline constexpr ConfigScope producerScope{"producer"};
inline constexpr ConfigScope consumerScope{"consumer"};

}  // namespace millrace::scenario
