#pragma once

#include "tests/scenarios/random_draft.h"

namespace millrace::swarm {

/// A source, and pipelines that bring its records to sinks of every kind, in every way: steps, dead letters, landing,
/// repair. Where there is Kafka, topics are sinks too.
void addIngestion(Dice& dice, Draft& draft);

}  // namespace millrace::swarm
