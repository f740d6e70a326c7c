#pragma once

#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/collection.h"

namespace millrace::scenario {

inline constexpr Collection sparkWorkerNames{"Spark worker", "spark.workers"};
inline constexpr Collection streamingNames{"streaming application", "streaming"};

inline constexpr ConfigScope sparkScope{"spark"};

}  // namespace millrace::scenario
