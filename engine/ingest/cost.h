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

/// Naming, opening and closing an object of a lake, and its entry in the catalogue of objects; our estimate. That the
/// store takes its time over each is the sink's commit latency.
inline constexpr CpuTime lakeObject = microseconds{200};
/// Reading small objects and writing them as one, a byte: two copies at a few GB/s.
inline constexpr CpuTime compactByte = nanoseconds{1};
/// A condition of a dashboard's over a row; our estimate.
inline constexpr CpuTime boardCondition = nanoseconds{100};
/// gzip at its usual level packs some 50 MB/s on one core.
inline constexpr CpuTime archiveByte = nanoseconds{20};

/// Starting a batch job: a process, its connections, its plan. A batch of a process that stands there needs no more
/// than making the plan. Both are our estimates; Spark's own batch overhead is the same few milliseconds.
inline constexpr CpuTime batchStart = std::chrono::milliseconds{300};
inline constexpr CpuTime microBatchStart = std::chrono::milliseconds{5};
/// Reading a record into fields and writing it: some 100 MB/s, as a parse bolt takes it.
inline constexpr CpuTime parseRecord = nanoseconds{500};
inline constexpr CpuTime parseByte = nanoseconds{10};
/// A turn of a pipeline: waking up, asking the source, handing on.
inline constexpr CpuTime pipelineTurn = microseconds{5};

/// Finding the next line of a file and handing it on, per record and per byte (memory bandwidth of a few GB/s).
inline constexpr CpuTime sourceRecord = nanoseconds{150};

}  // namespace millrace::ingest::cost
