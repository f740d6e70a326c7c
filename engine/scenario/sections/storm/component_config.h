#pragma once

#include "engine/scenario/references/judge.h"

namespace millrace::scenario {

/// The settings of spouts and bolts: which have a say there, and which are somebody else's.
void judgeComponentConfig(const Value& root, const KnownNames& known, Complaints& complaints);

}  // namespace millrace::scenario
