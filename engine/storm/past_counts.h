#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/sim/world.h"

namespace millrace::storm {

/// What executors counted in workers that are gone.
struct PastCounts {
    std::int64_t emitted = 0;
    std::int64_t transferred = 0;
    std::int64_t executed = 0;
    std::int64_t acked = 0;
    std::int64_t failed = 0;
    std::int64_t replayed = 0;
};

/// Of a topology, by component; empty while no worker of it has gone. Storm's own pages forget them; a report of a run
/// must not. They are what the world kept of the workers' counters when their processes ended.
[[nodiscard]] std::map<std::string, PastCounts, std::less<>> pastCounts(const sim::World& world,
                                                                        std::string_view topology);

}  // namespace millrace::storm
