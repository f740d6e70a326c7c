#pragma once

#include "engine/base/sim_time.h"

/// What Hadoop's work costs on a core of speed 1.0, in nanoseconds. Fitted to published figures of the Hadoop 1 years:
/// a word count takes about 4 MB of text a second and core, a NameNode answers some 10,000 to 20,000 operations a
/// second, a child JVM needs 1 to 3 s, and a job with nothing to do takes half a
/// minute at heartbeats of 3 s.
namespace millrace::hadoop::cost {

// HDFS
inline constexpr CpuTime call{40'000};          ///< a call of a client, at the NameNode
inline constexpr CpuTime edit{10'000};          ///< besides, when it changes the namespace
inline constexpr CpuTime heartbeat{15'000};     ///< of a DataNode, at the NameNode
inline constexpr CpuTime reportedBlock{1'000};  ///< a block of a report, at either end
inline constexpr CpuTime replayedEdit{5'000};   ///< at the start
inline constexpr CpuTime imageEntry{2'000};     ///< a file or block of an image that is read or written
inline constexpr CpuTime transfer{50'000};      ///< a block that is begun to be read or written, at a DataNode
inline constexpr CpuTime packet{8'000};         ///< at each station
inline constexpr CpuTime packetKibibyte{500};   ///< copied and checked (a CRC for each 512 bytes)
inline constexpr CpuTime client{10'000};        ///< a client's side of a call

// MapReduce
inline constexpr CpuTime jvmStart{3'000'000'000};  ///< a child JVM until its task begins, its files localised: 1 to 3 s
inline constexpr CpuTime trackerHeartbeat{100'000};
inline constexpr CpuTime scheduledTask{50'000};
inline constexpr CpuTime initialisedTask{20'000};
inline constexpr CpuTime statusReport{10'000};
inline constexpr CpuTime inputByte{4};
inline constexpr CpuTime inputRecord{600};  ///< a line that a map gets
inline constexpr CpuTime mapOutputRecord{350};
inline constexpr CpuTime sortedRecord{40};  ///< for each doubling of what is sorted together
inline constexpr CpuTime combinedRecord{150};
inline constexpr CpuTime mergedRecord{300};  ///< read from a run, compared, written to another
inline constexpr CpuTime reducedRecord{400};
inline constexpr CpuTime outputByte{6};
inline constexpr CpuTime fetch{150'000};  ///< of a map's output for one reduce, at either end

}  // namespace millrace::hadoop::cost
