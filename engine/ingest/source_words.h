#pragma once

#include <string>

#include "engine/sim/journal.h"

namespace millrace::ingest {

/// The journal's entry for a source that was given another rate by hand: "ingest.rate-set" with source and records per
/// second.
[[nodiscard]] sim::JournalDraft rateWasSet(const std::string& source, double recordsPerSecond);

}  // namespace millrace::ingest
