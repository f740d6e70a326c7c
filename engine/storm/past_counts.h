#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/storm/describe.h"

namespace millrace::storm {

/// What executors counted in workers that are gone.
struct PastCounts {
    std::int64_t emitted = 0;
    std::int64_t transferred = 0;
    std::int64_t executed = 0;
    std::int64_t acked = 0;
    std::int64_t failed = 0;
};

/// Of a topology, by component; empty while no worker of it has gone. Storm's own pages forget them; a report of a run
/// must not. They come from the world's samples, so what a worker did between its last sample and its end (at most one
/// interval, 100 ms) is not in them.
[[nodiscard]] std::map<std::string, PastCounts, std::less<>> pastCounts(const sim::World& world,
                                                                        std::string_view topology,
                                                                        const std::vector<LiveExecutor>& live);

}  // namespace millrace::storm
