#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/scenario/scenario.h"

namespace millrace::scenario {

/// "status INTEGER" and the like; nothing when it is not a column.
[[nodiscard]] std::optional<ColumnPlan> parseColumn(std::string_view text);

/// Names of the tables that a SQLite sink has when it names none.
[[nodiscard]] std::vector<std::string_view> auditTableNames();

}  // namespace millrace::scenario
