#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace millrace {

/// What went wrong in the program's surroundings (never a simulated failure): said to a person.
struct Error {
    std::string message;
    std::string where;  ///< file, file:line:column, field; empty when there is none
};

/// Value or Error. One header to swap when the toolchain has std::expected.
template <class T, class E = Error>
using Result = tl::expected<T, E>;

[[nodiscard]] inline tl::unexpected<Error> failure(std::string message, std::string where = {}) {
    return tl::unexpected<Error>(Error{std::move(message), std::move(where)});
}

}  // namespace millrace
