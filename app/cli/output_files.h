#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/scenario/scenario.h"

namespace millrace::run {
class Engine;
}

namespace millrace::cli {

/// An option that names a file to be written, and the file.
using OutputFile = std::pair<std::string, std::string>;

/// Fails, naming the option, when a file that is to be written is the scenario, the file of one of its sources or
/// sinks, or that of another option. Options without a file are left alone.
[[nodiscard]] Result<void> checkOutputFiles(const std::vector<OutputFile>& files, const scenario::Scenario& plan);

/// What stood in the place of sinks' files is told, wherever it lies now.
void sayKeptAside(const run::Engine& engine);

}  // namespace millrace::cli
