#pragma once

#include "tests/scenarios/random_draft.h"

namespace millrace::swarm {

/// Spark with one or two streaming applications: receivers and direct streams, any operators, state and windows, sinks
/// that write at least once and exactly once.
void addSpark(Dice& dice, Draft& draft);

}  // namespace millrace::swarm
