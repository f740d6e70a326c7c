#pragma once

#include <span>

#include "engine/scenario/section.h"

namespace millrace::scenario {

/// All systems, from the ground up: in the order in which a world is built and a document is written
/// (`sections/systems.cpp`).
[[nodiscard]] std::span<const Section* const> sections();

/// The kind of a process that is called so, or null.
[[nodiscard]] const ProcessKind* processKindOf(std::string_view process);

// What the rooms' own files below ask of all systems (catalogues, collections, operators, fields) is declared there and
// defined in sections.cpp: they go over this list and know no section.

}  // namespace millrace::scenario
