#pragma once

#include <cstddef>

namespace millrace {

/// Resident set of this program in bytes; 0 where the system does not tell. Only for budgets and benchmarks, never for
/// worlds. Some ten microseconds.
[[nodiscard]] std::size_t residentBytes();

}  // namespace millrace
