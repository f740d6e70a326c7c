#pragma once

#include "engine/flow/operator.h"
#include "tests/scenarios/random_draft.h"

namespace millrace::swarm {

/// Parameters of a catalogue's row, some of them, with values near their defaults or at the ends of what is allowed.
/// Texts, names and what refers to others are left alone.
void addRandomParameters(Dice& dice, Json& object, const std::vector<flow::Parameter>& parameters, double share);

/// A source that ends: readings of any model in any format that fits it, or the replay of `linesFile` by its stamps.
[[nodiscard]] Json randomFeed(Dice& dice, Draft& draft, int countMost);

/// What goes wrong on the way from a source of any kind that has a rate.
void addRandomFlaws(Dice& dice, Json& source);

/// The columns of the readings of such a source; none of a replay.
[[nodiscard]] std::vector<flow::Column> columnsOf(const Json& source);

}  // namespace millrace::swarm
