#pragma once

#include <vector>

#include "app/bridge/engine_session.h"

namespace millrace::studio {

/// What a tool does to a target, in the scenario's words: cutting a host off, for instance, cuts each of its links.
[[nodiscard]] std::vector<bridge::Command> commandsFor(const observe::Snapshot& snapshot, const std::string& kind,
                                                       const observe::ObjectId& target);

/// What brings a target back: a restart, power, an end of the pause, or the mending of a host.
[[nodiscard]] std::vector<bridge::Command> revivalOf(const observe::Snapshot& snapshot,
                                                     const observe::ObjectId& target);

/// What brings back everything that is down or paused, and mends every host.
[[nodiscard]] std::vector<bridge::Command> revivalOfAll(const observe::Snapshot& snapshot);

}  // namespace millrace::studio
