#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/object_id.h"
#include "engine/scenario/document/value.h"

namespace millrace::studio {

/// Where an object stands in the scenario document; empty when the document has no place for it.
[[nodiscard]] std::vector<std::string> pathOf(const scenario::Value& root, std::string_view id);

/// Which object a field such as `topics.access.replicas` belongs to; empty when it belongs to the scenario as a whole.
[[nodiscard]] observe::ObjectId objectAt(const std::vector<std::string>& steps);

}  // namespace millrace::studio
