#include "engine/observe/wording.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace millrace::observe {

std::string counted(std::int64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 3;
    if (names.size() <= shown + 1) {
        return fmt::format("{}", fmt::join(names, ", "));
    }
    return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + shown, ", "), names.size() - shown);
}

std::string instant(SimTime time) {
    return fmt::format("{:.1f} s", seconds(time));
}

std::string_view conditionOf(LifeState state) {
    switch (state) {
        case LifeState::Paused:
            return "is paused";
        case LifeState::PoweredOff:
            return "has no power";
        case LifeState::Starting:
            return "is starting";
        default:
            return "is down";
    }
}

}  // namespace millrace::observe
