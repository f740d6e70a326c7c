#pragma once

#include <optional>

#include "engine/base/result.h"
#include "engine/scenario/scenario.h"

namespace millrace::scenario {

/// Why no task of an application would ever run, though all workers were there and all of them its own: no executor
/// fits into a worker, or receivers keep each core that its executors get. Spark's master says nothing of it; the
/// driver warns for ever that the job has not accepted any resources. With the field that is to blame.
[[nodiscard]] std::optional<Error> starvationOf(const StreamingPlan& application, const Scenario& scenario);

}  // namespace millrace::scenario
