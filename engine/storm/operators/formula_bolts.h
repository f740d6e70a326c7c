#pragma once

#include "engine/storm/operators/bolt_kind.h"

namespace millrace::storm {

/// Works out fields by formulas.
[[nodiscard]] const BoltKind& mapKind();
/// Passes the tuples for which a condition holds.
[[nodiscard]] const BoltKind& whereKind();
/// Adds what a table says about a field.
[[nodiscard]] const BoltKind& lookupKind();

}  // namespace millrace::storm
