#include "engine/base/sim_time.h"

#include <fmt/format.h>

namespace millrace {

std::string toText(SimDuration duration) {
    const auto ns = duration.count();
    const auto magnitude = ns < 0 ? -static_cast<double>(ns) : static_cast<double>(ns);
    const auto number = static_cast<double>(ns);
    if (magnitude >= 1e9) {
        return fmt::format("{:.3f} s", number / 1e9);
    }
    if (magnitude >= 1e6) {
        return fmt::format("{:.4g} ms", number / 1e6);
    }
    if (magnitude >= 1e3) {
        return fmt::format("{:.4g} us", number / 1e3);
    }
    return fmt::format("{} ns", ns);
}

std::string toText(SimTime time) {
    return fmt::format("{:.6f} s", seconds(time));
}

}  // namespace millrace
