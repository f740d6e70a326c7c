#include "engine/flow/condition.h"

#include <fmt/format.h>

namespace millrace::flow {

bool Condition::isMetBy(std::string_view said) const {
    if (!value.empty()) {
        return (said == value) != isOtherwise;
    }
    const bool isZero = said.find_first_not_of("0.") == std::string_view::npos;  // "0s" is an instant, and no zero
    return (!isZero && said != "false") != isOtherwise;
}

std::string Condition::text() const {
    if (value.empty()) {
        return fmt::format("{} {}", isOtherwise ? "without" : "with", key);
    }
    return fmt::format("when {} is {}{}", key, isOtherwise ? "not " : "", value);
}

}  // namespace millrace::flow
