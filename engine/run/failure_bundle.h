#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/run/session.h"
#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::run {

/// A rule of the program itself that was broken: what a report about it needs.
struct InternalFailure {
    std::string what;     ///< the failed check with its values, or the exception's text
    std::string command;  ///< how the program was called
    std::string version;
    std::string scenarioText;  ///< as it was given, when nothing could be made of it
};

/// What was going on. Everything may be absent: a failure may come before there was a run.
struct FailureScene {
    const scenario::Scenario* scenario = nullptr;
    const sim::World* world = nullptr;
    const std::vector<RecordedInput>* inputs = nullptr;
};

/// Writes a folder "millrace-failure-N" into `folder`, or, when that cannot be written, into the system's folder for
/// temporary files: the scenario as it was played, the files of its sources (up to 16 MiB each), what was done by hand,
/// the end of the journal, and a README with version, command, seed and instant. Gives the folder's absolute path.
[[nodiscard]] Result<std::string> writeFailureBundle(const std::string& folder, const InternalFailure& failure,
                                                     const FailureScene& scene);

}  // namespace millrace::run
