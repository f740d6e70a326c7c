#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace millrace {

/// Who can mend it: whoever wrote the input, or whoever keeps the machine (disk full, no permission, port taken).
enum class ErrorKind : std::uint8_t { Input, Machine };

/// What went wrong in the program's surroundings (never a simulated failure): said to a person.
struct Error {
    std::string message;
    std::string where;  ///< file, file:line:column, field; empty when there is none
    ErrorKind kind = ErrorKind::Input;
};

/// Value or Error. One header to swap when the toolchain has std::expected.
template <class T, class E = Error>
using Result = tl::expected<T, E>;

[[nodiscard]] inline tl::unexpected<Error> failure(std::string message, std::string where = {}) {
    return tl::unexpected<Error>(Error{std::move(message), std::move(where), ErrorKind::Input});
}
[[nodiscard]] inline tl::unexpected<Error> machineFailure(std::string message, std::string where = {}) {
    return tl::unexpected<Error>(Error{std::move(message), std::move(where), ErrorKind::Machine});
}

}  // namespace millrace
