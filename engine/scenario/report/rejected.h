#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/sim/world.h"

namespace millrace::scenario {

/// A line that a bolt has rejected.
struct RejectedSample {
    std::string source;
    std::string file;           ///< empty for a record of another client
    std::int64_t position = 0;  ///< of the line in the file from 0; of such a record its offset
    std::string text;           ///< its first characters, as text
};
/// Those that were rejected for one reason.
struct RejectedGroup {
    std::string reason;
    std::int64_t count = 0;
    std::vector<RejectedSample> samples;  ///< the first few
};

/// Lines that no format fitted, by reason, the most frequent first. Each line counts once however often its tuple was
/// replayed.
[[nodiscard]] std::vector<RejectedGroup> rejectedGroups(const sim::World& world);

}  // namespace millrace::scenario
