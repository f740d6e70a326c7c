#pragma once

#include <vector>

#include "engine/base/result.h"
#include "engine/scenario/scenario.h"
#include "engine/scenario/world_builder.h"
#include "engine/spark/streaming/program.h"

namespace millrace::scenario {

/// The program that a streaming application is drawn as; all errors at once, each with the field that is wrong. Where
/// things listen is known only in a world (`around`), and left out without one.
[[nodiscard]] Result<spark::ProgramRef, std::vector<Error>> streamingProgram(const StreamingPlan& plan,
                                                                             const Scenario& scenario,
                                                                             const Surroundings* around);

/// Whether receivers bring an input's records; a topic's are read by the tasks themselves.
[[nodiscard]] bool hasReceivers(const StreamPartPlan& input);

/// Cores that an application's executors will have, as far as the document tells.
[[nodiscard]] std::int32_t executorCoresPlanned(const StreamingPlan& plan, const Scenario& scenario);

}  // namespace millrace::scenario
