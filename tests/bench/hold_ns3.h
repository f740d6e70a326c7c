#pragma once

#include <cstdint>

// The hold model on ns-3's best scheduler, behind a face without its headers, which are C++17.
namespace millrace::bench {

using Draw = std::int64_t (*)();  ///< the next delay in nanoseconds

void prepareNs3(std::uint64_t pending, Draw draw);
/// Runs for so much simulated time; gives the number of events.
std::uint64_t runNs3(std::int64_t nanoseconds);
void destroyNs3();

}  // namespace millrace::bench
