#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/scenario.h"

namespace millrace::scenario {

/// One `--set PATH=VALUE`.
struct Setting {
    std::string path;
    std::string value;
};

struct ScenarioSource {
    std::string file;                   ///< named in complaints; its folder is where relative paths start
    std::vector<Setting> settings;      ///< applied to the document in order, before it is judged
    std::optional<std::uint64_t> seed;  ///< instead of run.seed
    /// Relative paths of sinks start at the working directory: so it is with shipped scenarios, which are everybody's.
    bool isShipped = false;
};

struct ScenarioReading {
    Value document;                    ///< with the settings applied; what was understood of it, if it is broken
    std::optional<Scenario> scenario;  ///< when there was no error
    Complaints complaints;

    [[nodiscard]] std::vector<std::string> complaintTexts(std::string_view file) const;
};

/// From text to a scenario that holds together, or all that is wrong with it. Files that sources read must exist.
[[nodiscard]] ScenarioReading readScenario(std::string_view text, const ScenarioSource& source);
/// The same for a document that is being edited.
[[nodiscard]] ScenarioReading readScenario(const Value& document, const ScenarioSource& source);
/// The same for a file; a file that cannot be read is a complaint.
[[nodiscard]] ScenarioReading readScenarioFile(const ScenarioSource& source);

}  // namespace millrace::scenario
