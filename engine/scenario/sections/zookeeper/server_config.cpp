#include "engine/scenario/sections/zookeeper/server_config.h"

namespace millrace::scenario {

void applyOwnSettings(zookeeper::EnsembleConfig& config, const Settings& settings) {
    config.tickTime = settings.duration("tickTime");
    config.initLimit = static_cast<std::uint32_t>(settings.integer("initLimit"));
    config.syncLimit = static_cast<std::uint32_t>(settings.integer("syncLimit"));
    config.snapCount = static_cast<std::uint32_t>(settings.integer("snapCount"));
    const auto limit = [&](std::string_view key) {
        return settings.optionalInteger(key) ? settings.duration(key) : SimDuration{0};
    };
    config.minSessionTimeout = limit("minSessionTimeout");
    config.maxSessionTimeout = limit("maxSessionTimeout");
}

}  // namespace millrace::scenario
