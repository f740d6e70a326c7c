#pragma once

#include "engine/scenario/scenario.h"

namespace millrace::cli {

/// Reads the files of a scenario's sources as a run would and prints how: a line for each, and what of it is left out.
/// False when one cannot be read; that is told on standard error.
[[nodiscard]] bool printSourcePreviews(const scenario::Scenario& scenario);

}  // namespace millrace::cli
