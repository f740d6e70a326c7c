#pragma once

#include <string>
#include <vector>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/value.h"
#include "engine/scenario/scenario.h"

namespace millrace::cli {

/// How a run would read the files of a scenario's sources: a line for each, and what of it is left out. One that cannot
/// be read is a complaint at its place in the document.
struct SourcePreviews {
    std::vector<std::string> lines;
    scenario::Complaints refused;
};

[[nodiscard]] SourcePreviews previewSources(const scenario::Scenario& scenario, const scenario::Value& document);

}  // namespace millrace::cli
