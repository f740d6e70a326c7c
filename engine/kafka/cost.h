#pragma once

#include "engine/base/sim_time.h"
#include "engine/base/strong.h"

/// What a broker's work costs on a core of speed 1.0.
///
/// The table is chosen so that one core of a broker takes about 40,000 small produce requests, or 800,000 records of
/// 100 bytes in batches of 16 KiB, a second. That is the order of the published figures: 821,557 records/s of one
/// producer on an unreplicated topic and 193 MB/s of three producers on three brokers (LinkedIn, April 2014; 100-byte
/// records). Request handling is modelled as one thread, so a broker never uses more than one core; Kafka's
/// num.io.threads are left out.
namespace millrace::kafka::cost {

inline constexpr CpuTime request{12'000};             ///< any request: network thread, queue, parsing, response
inline constexpr CpuTime partition{800};              ///< each partition named in a produce or fetch request
inline constexpr CpuTime appendBatch{3'000};          ///< validation, offsets, index
inline constexpr double appendByte = 0.5;             ///< ns: CRC-32C and the copy into the page cache
inline constexpr double sendByte = 0.05;              ///< ns: sendfile hands pages over without copying
inline constexpr CpuTime becomeReplica{50'000};       ///< each partition that changes its role
inline constexpr CpuTime coordinationReply{5'000};    ///< each answer or watch of ZooKeeper
inline constexpr CpuTime controllerPartition{4'000};  ///< each partition that the controller decides about
inline constexpr CpuTime background{2'000};           ///< a look of a periodic task at nothing to do
inline constexpr double recoverByte = 1.0;            ///< ns: reading and checking a log at the broker's start
/// Reading `__consumer_offsets` for a group coordinator, in a thread of its own: chosen so that a million commits of
/// 150 bytes take 2.5 s, the order of what operators see when that topic has not been compacted.
inline constexpr double groupLoadByte = 10.0;
inline constexpr CpuTime groupLoadRecord{1'000};

[[nodiscard]] constexpr CpuTime bytes(ByteCount count, double perByte) {
    return CpuTime{static_cast<std::int64_t>(static_cast<double>(count) * perByte)};
}

}  // namespace millrace::kafka::cost
