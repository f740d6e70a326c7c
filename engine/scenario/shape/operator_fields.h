#pragma once

#include <vector>

#include "engine/flow/graph.h"
#include "engine/scenario/shape/shape.h"

namespace millrace::scenario {

/// The field "kind" of this sort of node, with the kinds that there are.
[[nodiscard]] Field kindFieldOf(flow::NodeKind node, std::string_view help);
/// The fields of all its kinds. What two kinds say the same way of a parameter is one field; a key that means one thing
/// for one kind and another for another stands several times, each for its kinds.
[[nodiscard]] std::vector<Field> operatorFields(flow::NodeKind node);

}  // namespace millrace::scenario
