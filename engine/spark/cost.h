#pragma once

#include "engine/base/sim_time.h"
#include "engine/base/strong.h"

namespace millrace::spark::cost {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Processor time on a core of speed 1.0. Yardsticks: the Yahoo benchmark of 2020 (Spark 3.0, batches of 2 s): a batch
// takes about 0.23 s + 1.16 us a record, all cores together; the guide's "5 to 20 ms to launch a task, more than 50
// tasks a second make batches below a second hard"; D-Streams: 250,000 words a second and node of four cores.

/// Making the jobs of one batch: the graph of RDDs, closures cleaned and serialised (once for each output operation).
inline constexpr CpuTime jobGeneration = milliseconds{8};
/// A job's stages found and submitted; the closure of each stage is serialised and broadcast.
inline constexpr CpuTime jobSubmission = milliseconds{2};
inline constexpr CpuTime stageSubmission = milliseconds{3};
/// The driver's share of one task: its description out, its result in.
inline constexpr CpuTime taskLaunch = microseconds{400};
inline constexpr CpuTime taskResult = microseconds{200};
/// The executor's: description and closure deserialised, metrics, result serialised.
inline constexpr CpuTime taskStart = milliseconds{4};
/// A message of the control plane, with nothing to compute.
inline constexpr CpuTime message = microseconds{50};

/// A record that passes one narrow transformation, an iterator's step in a JVM.
inline constexpr CpuTime row = nanoseconds{90};
/// Text that is looked at: a scan, a split, a comparison.
inline constexpr CpuTime perByteScanned = nanoseconds{1};
/// A regular expression over it.
inline constexpr CpuTime perByteMatched = nanoseconds{10};
/// A key looked up in the map of an aggregation, a cogroup or a state.
inline constexpr CpuTime hashUpdate = nanoseconds{250};
/// Writing a row through a serialiser and reading it again, and each of its bytes.
inline constexpr CpuTime serialise = nanoseconds{150};
inline constexpr CpuTime perByteSerialised = nanoseconds{1};
/// Opening and closing one shuffle file; one request for its pieces.
inline constexpr CpuTime shuffleFile = microseconds{300};
inline constexpr CpuTime blockRequest = microseconds{60};
/// One record's way through a receiver: store(), the current buffer.
inline constexpr CpuTime receiverRecord = nanoseconds{400};
/// A block made, serialised and put.
inline constexpr CpuTime receiverBlock = microseconds{200};
/// A record of a Kafka fetch deserialised.
inline constexpr CpuTime kafkaRecord = nanoseconds{500};
/// A row handed to a sink's client.
inline constexpr CpuTime sinkRow = microseconds{1};
/// A metadata checkpoint written by the driver: the graph serialised.
inline constexpr CpuTime checkpointWrite = milliseconds{5};
inline constexpr ByteCount checkpointBytes = 20'000;  ///< beside the batches and blocks in it

/// A JVM with its classes, until an executor asks its driver for work; of the driver, until its context is there.
inline constexpr SimDuration executorLaunch = milliseconds{1'500};
inline constexpr CpuTime executorStart = milliseconds{300};
inline constexpr CpuTime driverStart = milliseconds{2'000};

/// What a task's description has on the wire, and the closure of its stage (once for each executor).
inline constexpr ByteCount taskBytes = 3'000;
inline constexpr ByteCount closureBytes = 5'000;

}  // namespace millrace::spark::cost
