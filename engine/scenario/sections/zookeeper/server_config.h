#pragma once

#include "engine/scenario/catalog/config_catalog.h"
#include "engine/zookeeper/server.h"

namespace millrace::scenario {

// A scenario's settings, which stand under the real system's names, as the configuration structures of the engine's
// room.

/// What one server's own zoo.cfg says; each server goes by its own.
void applyOwnSettings(zookeeper::EnsembleConfig& config, const Settings& settings);

}  // namespace millrace::scenario
