#pragma once

#include <optional>
#include <string_view>

#include "engine/sim/fault.h"
#include "engine/sim/world.h"

namespace millrace::scenario {

/// The process of that name as what a fault hits.
[[nodiscard]] inline std::optional<sim::FaultTarget> processTarget(const sim::World& world, std::string_view name) {
    const sim::ProcessId id = world.findProcess(name);
    return id != sim::noProcess ? std::optional<sim::FaultTarget>(id) : std::nullopt;
}

}  // namespace millrace::scenario
