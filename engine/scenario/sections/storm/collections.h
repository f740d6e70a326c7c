#pragma once

#include "engine/scenario/collection.h"

namespace millrace::scenario {

inline constexpr Collection supervisorNames{"supervisor", "storm.supervisors"};
inline constexpr Collection topologyNames{"topology", "topologies"};

}  // namespace millrace::scenario
