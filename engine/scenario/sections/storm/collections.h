#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/collection.h"

namespace millrace::scenario {

inline constexpr Collection supervisorNames{"supervisor", "storm.supervisors"};
inline constexpr Collection topologyNames{"topology", "topologies"};

inline constexpr ConfigScope stormScope{"storm"};

class Value;
/// Worker processes of a topology: its own word, else what its settings and the cluster's say. Nothing where that is no
/// number.
[[nodiscard]] std::optional<std::int64_t> workersOf(const Value& root, std::string_view topology);

}  // namespace millrace::scenario
