#pragma once

#include "engine/sim/process.h"

namespace millrace::spark {

/// A thread of an executor: computes one task at a time, and sends the executor what came of it.
[[nodiscard]] Ref<sim::Actor> makeTaskThread();

}  // namespace millrace::spark
