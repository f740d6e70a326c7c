#pragma once

#include <map>
#include <string>

#include "engine/scenario/document/value.h"
#include "engine/scenario/scenario.h"

namespace millrace::scenario {

/// Reads the structures out of a document that has been found free of errors; defaults are filled in.
/// `paths` holds what file fields (such as `sources.log.path`) resolve to.
[[nodiscard]] Scenario buildPlan(const Value& document, const std::map<std::string, std::string>& paths);

}  // namespace millrace::scenario
