#pragma once

#include <string>
#include <string_view>

namespace millrace::flow {

/// What another parameter has to say, written or by default, for a parameter to be read. Without a key: always.
struct Condition {
    std::string_view key = {};
    std::string_view value = {};  ///< nothing: whatever is neither absent nor the number 0 nor false
    bool isOtherwise = false;     ///< it has to say anything else

    /// `said`: what the other parameter says, nothing where it is absent.
    [[nodiscard]] bool isMetBy(std::string_view said) const;
    /// "when format is pattern", "with path".
    [[nodiscard]] std::string text() const;

    friend bool operator==(const Condition& a, const Condition& b) {
        return a.key == b.key && a.value == b.value && a.isOtherwise == b.isOtherwise;
    }
};

}  // namespace millrace::flow
