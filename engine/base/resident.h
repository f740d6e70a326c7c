#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace {

/// Resident set of this program in bytes; 0 where the system does not tell. Only for budgets and benchmarks, never for
/// worlds. Some ten microseconds.
[[nodiscard]] std::size_t residentBytes();

/// What the heap of the process holds, and that with this thread's pools. Only for budgets. 0 under the address
/// sanitizer.
[[nodiscard]] std::int64_t heapBytes();
[[nodiscard]] std::int64_t liveBytes();

}  // namespace millrace
