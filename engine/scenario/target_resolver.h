#pragma once

#include "engine/sim/fault.h"

namespace millrace::scenario {

/// Turns the targets of a scenario's faults into what they name at that instant: `broker:2`, `controller`,
/// `leader:access-0`, `server:zk2`, `nimbus`, `supervisor:s1`, `worker:audit/1` (the topology's first worker, in order
/// of host and port), `producer:log`, `sink:audit`.
[[nodiscard]] Ref<const sim::TargetResolver> makeTargetResolver();

}  // namespace millrace::scenario
