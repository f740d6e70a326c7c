#pragma once

#include <QString>

#include "engine/observe/snapshot.h"

namespace millrace::widgets {

/// What holds at this instant, for when nothing has happened for a while: the newest fault that lasts, how far the
/// sources are, and what waits to be read or worked on. "All 600 records of log are read; nothing waits". Empty when a
/// run has nothing that flows.
[[nodiscard]] QString standingOf(const observe::Snapshot& snapshot);

}  // namespace millrace::widgets
