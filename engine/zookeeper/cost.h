#pragma once

#include "engine/base/sim_time.h"

/// What ZooKeeper's work costs on a core of speed 1.0, in nanoseconds.
/// Fitted to the throughput table of Hunt et al., "ZooKeeper: Wait-free coordination for Internet-scale systems"
/// (USENIX ATC 2010, table 1: 3 servers of two quad-core 2 GHz processors, 1 KiB requests: 87,000 reads/s, 21,000
/// writes/s): a server reads 29,000 times a second, and the leader of three, which prepares each write, tells two
/// followers, logs and commits it, does so 21,000 times a second. A server here is one actor, so these are times of its
/// one core.
namespace millrace::zookeeper::cost {

inline constexpr CpuTime read{34'000};
inline constexpr CpuTime prepare{16'000};  ///< at the leader: conditions checked, transaction made
inline constexpr CpuTime propose{6'000};   ///< a follower
inline constexpr CpuTime log{8'000};       ///< a transaction appended to the log
inline constexpr CpuTime acknowledge{3'000};
inline constexpr CpuTime apply{8'000};    ///< a committed transaction
inline constexpr CpuTime forward{6'000};  ///< a write handed to the leader
inline constexpr CpuTime respond{4'000};
inline constexpr CpuTime heartbeat{2'000};
inline constexpr CpuTime connect{20'000};
inline constexpr CpuTime vote{10'000};
inline constexpr CpuTime replayed{
    2'000};                          ///< a transaction read back from the log at the start or sent in a synchronisation
inline constexpr CpuTime node{500};  ///< a node of a snapshot that is read, sent or written
inline constexpr CpuTime client{3'000};  ///< the client's side of a request or an answer

}  // namespace millrace::zookeeper::cost
