#pragma once

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// Judges what the parts of a document say of one another: names that lead nowhere, more replicas than brokers,
/// groupings that need fields, targets of faults, cycles. The document has the right shape, or is judged as far as it
/// has.
void checkReferences(const Value& root, Complaints& complaints);

}  // namespace millrace::scenario
