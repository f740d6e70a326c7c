#pragma once

#include "tests/scenarios/random_draft.h"

namespace millrace::swarm {

/// Spark with one or two streaming applications: receivers and direct streams, any operators, state and windows, sinks
/// that write at least once and exactly once.
void addSpark(Dice& dice, Draft& draft);

/// Whether a fault may end the master of a scenario: it keeps nothing (`spark.deploy.recoveryMode` NONE), and gives no
/// executors to an application that had registered before.
bool mayMasterForget(const Json& parts, const Json& faults);

}  // namespace millrace::swarm
