#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "app/cli/report_output.h"
#include "engine/run/engine.h"

namespace millrace::cli {

/// How the program was called; for the bundle of an internal error.
void rememberCommand(int argc, const char* const* argv);

/// What can be kept when the program breaks a rule of its own in the middle of a run.
struct Keepers {
    run::Engine* engine = nullptr;
    ReportFormat report = ReportFormat::Text;
    std::vector<std::function<void()>> steps;  ///< each is tried, whatever becomes of the others
};

/// Does the work. What it throws is an internal error: the keepers do what they can, results that have left the world
/// are committed, the report so far is printed, a bundle is written, and standard error says where.
[[nodiscard]] ExitStatus guarded(const Keepers& keepers, const std::function<ExitStatus()>& work);
/// For what is thrown before there is a run, and for what nobody else caught.
[[nodiscard]] ExitStatus internalError(const std::string& what, const Keepers& keepers = {});

/// Of a run that cannot go on: what is known until then.
void printReportSoFar(const run::Engine& engine, std::vector<observe::InvariantView> invariants, ReportFormat format);

/// Tests plant a failed check at this simulated time, by an environment variable that no scenario can reach.
[[nodiscard]] std::optional<SimTime> plantedCheck();

}  // namespace millrace::cli
