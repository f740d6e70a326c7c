#pragma once

#include <optional>

#include "app/bridge/engine_session.h"

namespace millrace::studio {

/// What a tool does to a target, in the scenario's words and with the strength of the tool.
[[nodiscard]] bridge::Command commandFor(const std::string& kind, const observe::ObjectId& target);

/// What brings a target back: a restart, power, an end of the pause, or the mending of a host.
[[nodiscard]] bridge::Command revivalOf(const observe::Snapshot& snapshot, const observe::ObjectId& target);

/// What brings back everything that is down or paused and mends every host, as one act; none when nothing is amiss.
[[nodiscard]] std::optional<bridge::Command> revivalOfAll(const observe::Snapshot& snapshot);

}  // namespace millrace::studio
