#pragma once

#include "engine/base/sim_time.h"

namespace millrace::storm::cost {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Processor time on a core of speed 1.0. Yardsticks: Storm 2.0 in one worker on a 2-core AMD EPYC VM (storm-perf's
// ConstSpoutNull and the starter's word count, Java 17): 6.4 to 11.4 M untracked hops a second, 0.34 to 0.63 M acked
// tuples a second with one acker, 0.68 to 1.39 M acked words a second over both cores, which is 1.4 to 2.9 us of core a
// word, everything included.

/// Choosing the target, making the tuple and putting it into the target's queue, for each copy.
inline constexpr CpuTime emitCopy = nanoseconds{120};
/// Edge id, root map and running value of one copy that is anchored.
inline constexpr CpuTime anchor = nanoseconds{80};
/// Taking a tuple from the queue and entering `execute`, without what the bolt does.
inline constexpr CpuTime execute = nanoseconds{120};
/// Making and queueing an `__ack_init`, `__ack_ack` or `__ack_fail`.
inline constexpr CpuTime ack = nanoseconds{150};
/// The acker's look into its map and its update.
inline constexpr CpuTime ackerUpdate = nanoseconds{350};
/// The spout's bookkeeping of one root, at the emit and again at the end.
inline constexpr CpuTime spoutTrack = nanoseconds{250};
/// Kryo, on the way out and again on the way in, per tuple and per byte (JVM serialisers benchmark: 0.3 to 0.6 us for
/// records of this size).
inline constexpr CpuTime serialise = nanoseconds{300};
inline constexpr CpuTime deserialise = nanoseconds{400};
inline constexpr CpuTime perByte = nanoseconds{1};
/// Waking up for a batch of messages: queue, thread switch.
inline constexpr CpuTime wakeUp = microseconds{2};

// What a bolt does with a tuple stands in its row of the catalog. A simple scan in Java runs at about a byte a
// nanosecond, a regular expression at about ten nanoseconds a byte.
inline constexpr CpuTime regexPerByte = nanoseconds{10};
/// KafkaConsumer.poll with something to give, and one record's way through KafkaSpout (message id, offset manager).
inline constexpr CpuTime spoutPoll = microseconds{15};
inline constexpr CpuTime spoutRecord = nanoseconds{900};

/// A daemon's handling of one heartbeat, request or round; small beside what they wait for.
inline constexpr CpuTime daemonMessage = microseconds{50};
inline constexpr CpuTime schedulingRound = milliseconds{2};
/// From the supervisor's launch to the worker's first beat: a JVM, its classes and the topology's code. About 3 s were
/// measured from launch to the spout's open on the machine above, 1.7 s of it before the worker ran.
inline constexpr SimDuration workerLaunch = milliseconds{1'700};
inline constexpr CpuTime workerStart = milliseconds{300};

}  // namespace millrace::storm::cost
