#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/place.h"
#include "engine/scenario/document/value.h"

namespace millrace::studio {

using observe::objectAt;

/// Where an object stands in the scenario document; empty when the document has no place for it.
[[nodiscard]] std::vector<std::string> pathOf(const scenario::Value& root, std::string_view id);

}  // namespace millrace::studio
