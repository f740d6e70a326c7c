#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/value.h"
#include "engine/scenario/scenario.h"

namespace millrace::scenario {

/// Judges what the parts of a document say of one another: names that lead nowhere, more replicas than brokers,
/// groupings that need fields, targets of faults, cycles. The document has the right shape, or is judged as far as it
/// has.
void checkReferences(const Value& root, Complaints& complaints);

/// "status INTEGER" and the like; nothing when it is not a column.
[[nodiscard]] std::optional<ColumnPlan> parseColumn(std::string_view text);

/// Names of the tables that a SQLite sink has when it names none.
[[nodiscard]] std::vector<std::string_view> auditTableNames();

}  // namespace millrace::scenario
