#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace millrace::scenario {

/// The name that was probably meant: fewest letters to add, drop, change or swap, if that is few enough to be a slip.
[[nodiscard]] std::optional<std::string_view> nearestName(std::string_view name,
                                                          std::span<const std::string_view> known);

/// `; did you mean "..."?`, or nothing: for the end of a message.
[[nodiscard]] std::string suggestion(std::string_view name, std::span<const std::string_view> known);

}  // namespace millrace::scenario
