#pragma once

#include <span>

#include "engine/scenario/section.h"

namespace millrace::scenario {

/// All systems, from the ground up: in the order in which a world is built and a document is written.
[[nodiscard]] std::span<const Section* const> sections();

/// The kind of a process that is called so, or null.
[[nodiscard]] const ProcessKind* processKindOf(std::string_view process);

/// The settings of all systems.
[[nodiscard]] std::span<const Catalogue> catalogues();
[[nodiscard]] const Catalogue& catalogueOf(ConfigScope scope);

/// Where the nodes of a sort are named that operators may refer to.
[[nodiscard]] const Collection& collectionOf(flow::NodeKind node);

}  // namespace millrace::scenario
