#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/bridge/engine_session.h"
#include "engine/observe/run_view.h"
#include "engine/scenario/document/value.h"

namespace millrace::studio {

/// What an edit changes in the run that goes on: rates of sources, and planned faults that the run has yet to meet. It
/// follows from the documents before and after the edit, whoever made it.
struct RunningChange {
    scenario::Value running;  ///< the document that the run was started from, as it would have to be for this
    std::vector<bridge::Command> commands;
};

/// None when something else differs too, or when the run cannot take it: then it shows when the run starts again.
/// `canHappen` tells of a planned fault, by its place in the document after the edit, whether nothing is wrong with it.
[[nodiscard]] std::optional<RunningChange> runningChange(const scenario::Value& before, const scenario::Value& after,
                                                         const scenario::Value& running, const observe::RunView& run,
                                                         const std::function<bool(std::size_t)>& canHappen);

/// Whether there is a run that would take another value of this field.
[[nodiscard]] bool mayBeTaken(const std::vector<std::string>& steps);

}  // namespace millrace::studio
