#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::flow {

/// What another parameter has to say, written or by default, for a parameter to be read.
struct Condition {
    std::string_view key;
    std::vector<std::string_view> values = {};  ///< one of these; none: anything at all
    bool isOtherwise = false;                   ///< anything but that

    /// `said`: nothing where the other is absent, empty, the number 0 or false.
    [[nodiscard]] bool isMetBy(const std::optional<std::string>& said) const;
    /// "when format is pattern", "without rate".
    [[nodiscard]] std::string text() const;

    friend bool operator==(const Condition&, const Condition&) = default;
};

/// Any of them will do; none: it is always read.
using Conditions = std::vector<Condition>;
[[nodiscard]] std::string textOf(const Conditions& conditions);

[[nodiscard]] inline Conditions when(std::string_view key, std::vector<std::string_view> values) {
    return {{key, std::move(values)}};
}
[[nodiscard]] inline Conditions unless(std::string_view key, std::vector<std::string_view> values) {
    return {{key, std::move(values), true}};
}
[[nodiscard]] inline Conditions with(std::string_view key) {
    return {{key}};
}
[[nodiscard]] inline Conditions without(std::string_view key) {
    return {{key, {}, true}};
}

}  // namespace millrace::flow
