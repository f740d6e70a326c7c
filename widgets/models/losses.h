#pragma once

#include <QString>
#include <vector>

#include "engine/observe/run_view.h"

namespace millrace::widgets {

/// "2,000 acknowledged records of log are lost: access-0, offsets 1,000 to 2,999, by an unclean election: ...".
[[nodiscard]] QString textOf(const observe::LossView& loss);

/// What of the run so far is lost or given up, one problem each, the newest loss first.
[[nodiscard]] std::vector<observe::ProblemView> shortcomingsOf(const observe::RunView& run);

/// "2,000 lost, 1 given up", in a few letters however many they are; empty when all is well.
[[nodiscard]] QString briefOfShortcomings(const observe::RunView& run);

/// The loss that came last, null when nothing is lost.
[[nodiscard]] const observe::LossView* newestLoss(const observe::RunView& run);

}  // namespace millrace::widgets
