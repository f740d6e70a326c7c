#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace {

/// What of this program is resident, in bytes; 0 where the system does not tell. Only for budgets and benchmarks, never
/// for worlds. Some ten microseconds.
struct Resident {
    std::size_t all = 0;
    std::size_t mapped = 0;  ///< from files, the program's own among them
};
[[nodiscard]] Resident resident();
[[nodiscard]] std::size_t residentBytes();

/// What the heap of the process holds beside the slabs of this thread's pools, and that with what is used of these.
/// Only for budgets. 0 under the address sanitizer; under that of threads, whose heap tells nothing, the pools alone.
[[nodiscard]] std::int64_t heapBytes();
[[nodiscard]] std::int64_t liveBytes();

}  // namespace millrace
