#pragma once

#include "engine/scenario/collection.h"

namespace millrace::scenario {

inline constexpr Collection pipelineNames{"pipeline", "pipelines"};

}  // namespace millrace::scenario
