#pragma once

#include "engine/scenario/collection.h"

namespace millrace::scenario {

inline constexpr Collection sourceNames{"source", "sources"};
inline constexpr Collection sinkNames{"sink", "sinks"};
inline constexpr Collection ingestionNames{"ingestion pipeline", "ingestion"};

}  // namespace millrace::scenario
