#pragma once

#include "engine/base/sim_time.h"

namespace millrace::ingest::cost {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

// Processor time on a core of speed 1.0.

/// A prepared INSERT or UPSERT inside an open transaction; SQLite's own speed page and our measurement of the executor
/// both lie at 200,000 to 500,000 small rows a second.
inline constexpr CpuTime sinkWrite = nanoseconds{3'000};
/// BEGIN, COMMIT and the system calls around them; the flush itself is the disk's business.
inline constexpr CpuTime sinkTransaction = microseconds{30};
/// Receiving a request and answering it.
inline constexpr CpuTime sinkRequest = microseconds{10};

/// Finding the next line of a file and handing it on, per record and per byte (memory bandwidth of a few GB/s).
inline constexpr CpuTime sourceRecord = nanoseconds{150};

}  // namespace millrace::ingest::cost
