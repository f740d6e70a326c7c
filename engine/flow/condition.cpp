#include "engine/flow/condition.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::flow {

bool Condition::isMetBy(const std::optional<std::string>& said) const {
    const bool isSo = said && (values.empty() || std::find(values.begin(), values.end(), *said) != values.end());
    return isSo != isOtherwise;
}

std::string Condition::text() const {
    if (values.empty()) {
        return fmt::format("{} {}", isOtherwise ? "without" : "with", key);
    }
    return fmt::format("when {} is {}{}", key, isOtherwise ? "not " : "", fmt::join(values, " or "));
}

std::string textOf(const Conditions& conditions) {
    std::string text;
    for (const Condition& each : conditions) {
        text += (text.empty() ? "" : " or ") + each.text();
    }
    return text;
}

}  // namespace millrace::flow
