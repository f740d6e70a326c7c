#pragma once

#include <string_view>
#include <vector>

#include "engine/flow/graph.h"
#include "engine/scenario/shape/shape.h"

namespace millrace::scenario {

// Fields that several parts of a document have.

[[nodiscard]] Field kindField(std::string_view help, std::vector<std::string_view> kinds);
[[nodiscard]] Field hostField(std::string_view help, bool isRequired);
[[nodiscard]] Field configField(ConfigScope scope, std::string_view help);
/// What a service manager does when a process ends by itself.
[[nodiscard]] Field restartField();
/// The same field where it is read under a condition alone.
[[nodiscard]] Field only(flow::Conditions readWhen, Field field);
/// First its kind's own fields, then what holds for every one of its sort.
[[nodiscard]] Shape shapeOfKinds(std::string_view name, flow::NodeKind node, std::string_view help,
                                 std::vector<Field> common);

}  // namespace millrace::scenario
