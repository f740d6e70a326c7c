#pragma once

#include <string>

#include "engine/ingest/source.h"
#include "engine/scenario/scenario.h"

namespace millrace::scenario {

/// The records of a source as a run of the scenario has them, from the first: those that its producer sends, drawn from
/// the same random numbers, where it has one. Who works on a source at rest or judges results reads these.
[[nodiscard]] ingest::SourceCursor traceOf(const Ref<const ingest::SourceSpec>& source, const Scenario& scenario);

}  // namespace millrace::scenario
