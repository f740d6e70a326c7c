#pragma once

#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/collection.h"

namespace millrace::scenario {

inline constexpr Collection supervisorNames{"supervisor", "storm.supervisors"};
inline constexpr Collection topologyNames{"topology", "topologies"};

inline constexpr ConfigScope stormScope{"storm"};

}  // namespace millrace::scenario
