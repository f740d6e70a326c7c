#pragma once

#include "tests/scenarios/random_draft.h"

namespace millrace::swarm {

/// Spout and bolts of a topology that reads a feed: parsed, filtered and mapped by formulas, looked up, counted in
/// windows by the time of events or of arrival, joined and ranked, into the file sink "text".
void addReadings(Dice& dice, Draft& draft, Json& topology);

}  // namespace millrace::swarm
