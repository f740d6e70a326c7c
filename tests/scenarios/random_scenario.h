#pragma once

#include <cstdint>
#include <string>

namespace millrace::swarm {

/// A scenario that a seed stands for, and the file that its sources read.
struct RandomScenario {
    std::string text;   ///< the document, as a file of its own would hold it
    std::string lines;  ///< content of `linesFile`, which lies beside it
};

inline constexpr const char* linesFile = "lines.log";
/// In the `about` of a scenario that has no cause to stand still for good: when it is run until it is drained and gets
/// stuck, that is a finding.
inline constexpr const char* mustDrainMark = "Nothing here lasts: it must come to its end.";

/// Any cluster, workload, topology, settings and faults that a user could write down. Those with a `run.duration` are
/// played to it, the others until they are drained. The same seed gives the same scenario as long as this file and the
/// catalogs of settings are what they are; that is why a seed that found something is kept as a file.
[[nodiscard]] RandomScenario randomScenario(std::uint64_t seed);

}  // namespace millrace::swarm
