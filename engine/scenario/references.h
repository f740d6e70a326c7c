#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// Judges what the parts of a document say of one another: names that lead nowhere, more replicas than brokers,
/// groupings that need fields, targets of faults, cycles. The document has the right shape, or is judged as far as it
/// has.
void checkReferences(const Value& root, Complaints& complaints);

/// At whom a fault of that kind may be aimed in this document, as it is written there, for who chooses from a list: no
/// longer one than a person reads.
[[nodiscard]] std::vector<std::string> faultTargets(const Value& root, std::string_view kind);

}  // namespace millrace::scenario
