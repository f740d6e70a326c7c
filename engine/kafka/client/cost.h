#pragma once

#include "engine/base/sim_time.h"

namespace millrace::kafka::cost {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

// What Kafka's Java clients cost on a core of speed 1.0. The published 786,980 records/s of 100 bytes from one producer
// (J. Kreps, 2014) and 940,521 records/s into one consumer give 1.27 and 1.06 us a record with all its shares.

inline constexpr CpuTime clientSerialize = nanoseconds{600};    ///< a record: partitioner, headers, append to its batch
inline constexpr CpuTime clientBatch = microseconds{2};         ///< a batch: close, CRC, enter into a request
inline constexpr CpuTime clientRequest = microseconds{10};      ///< a request: encode, system call, selector
inline constexpr CpuTime clientResponse = microseconds{8};      ///< a response: selector, decode, callbacks
inline constexpr CpuTime clientDeserialize = nanoseconds{500};  ///< a record handed to the application

}  // namespace millrace::kafka::cost
