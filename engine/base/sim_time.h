#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace millrace {

/// The clock of a world: nanoseconds since the run's start. It has no now(); time is handed in.
struct SimClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::nanoseconds;
    using time_point = std::chrono::time_point<SimClock, duration>;
    static constexpr bool is_steady = true;
};

using SimDuration = std::chrono::nanoseconds;
using SimTime = SimClock::time_point;

/// Nanoseconds on a core of speed 1.0.
using CpuTime = std::chrono::nanoseconds;

[[nodiscard]] constexpr SimTime atNanoseconds(std::int64_t ns) {
    return SimTime{SimDuration{ns}};
}
[[nodiscard]] constexpr std::int64_t nanoseconds(SimTime t) {
    return t.time_since_epoch().count();
}
[[nodiscard]] constexpr double seconds(SimDuration d) {
    return static_cast<double>(d.count()) / 1e9;
}
[[nodiscard]] constexpr double seconds(SimTime t) {
    return seconds(t.time_since_epoch());
}
[[nodiscard]] constexpr SimDuration fromSeconds(double s) {
    return SimDuration{static_cast<std::int64_t>(s * 1e9 + (s < 0 ? -0.5 : 0.5))};
}

/// "5.000 s", "250 ms", "20 us": the largest unit that keeps a leading digit.
[[nodiscard]] std::string toText(SimDuration duration);
/// "5.042318 s" since the run's start.
[[nodiscard]] std::string toText(SimTime time);

}  // namespace millrace
