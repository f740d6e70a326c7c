#pragma once

#include <string_view>
#include <vector>

#include "engine/sim/process.h"
#include "engine/sim/world.h"
#include "engine/spark/config.h"

namespace millrace::spark {

/// A receiver with its block generator, one actor of an executor: a task that never ends and keeps a core. It pulls
/// records from its source, as fast as its rate limit allows; every `spark.streaming.blockInterval` what has come in
/// becomes a block; blocks wait in a queue of `blockQueueSize` and are stored one at a time. Only when a block is where
/// its level says (and in the write-ahead log) is it reported to the driver, and only then does a reliable receiver
/// acknowledge its records. After an error it starts again after `receiverRestartDelay`.
[[nodiscard]] Ref<sim::Actor> makeReceiver(ApplicationRef application, StreamId stream, sim::ActorId executor,
                                           double rate, std::int64_t firstBlock);

/// What an executor's receivers have taken from their sources and not reported to the driver.
[[nodiscard]] std::int64_t recordsInReceivers(const sim::World& world, std::string_view executorProcess,
                                              const std::vector<StreamId>& streams);

}  // namespace millrace::spark
