#pragma once

#include "engine/scenario/scenario.h"
#include "engine/sim/metrics.h"

namespace millrace::scenario {

/// Samples how far each group is behind: `lag_records` of "group/NAME", and under the group's name of "topic/NAME" and
/// "partition/NAME-0". Group members and spouts are measured alike, and also while a reader, a leader or a coordinator
/// is down: it is the lag of the views (observe::GroupView), once a second.
[[nodiscard]] Ref<const sim::Survey> makeLagSurvey(const Scenario& scenario);

}  // namespace millrace::scenario
