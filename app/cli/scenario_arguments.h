#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "engine/scenario/scenario_reader.h"

namespace CLI {
class App;
}

namespace millrace::cli {

/// A scenario with what the command line changes of it; part of several commands.
struct ScenarioArguments {
    std::string file;
    std::vector<std::string> settings;  ///< PATH=VALUE
    std::optional<std::uint64_t> seed;

    void addTo(CLI::App& command);
    /// Reads and judges it. Complaints, warnings included, go to standard error.
    [[nodiscard]] scenario::ScenarioReading read() const;
};

/// An option that is given says something: what a check of it complains of, or nothing.
[[nodiscard]] std::string troubleWithEmpty(const std::string& value);

/// Prints complaints as `FILE:LINE:COLUMN: FIELD: MESSAGE` on standard error.
void printComplaints(const scenario::Complaints& complaints, const std::string& file);

/// What a refusal ends with: the input's status, unless all that is wrong is the machine's.
[[nodiscard]] ExitStatus refusedBy(const scenario::Complaints& complaints);

}  // namespace millrace::cli
