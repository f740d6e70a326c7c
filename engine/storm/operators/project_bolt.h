#pragma once

#include "engine/storm/operators/bolt_kind.h"

namespace millrace::storm {

/// Passes each tuple on with the fields that are named, in that order and each under its name or, as in
/// "status as code", under another. What Trident calls a projection; Storm's core has no bolt of its own for it.
[[nodiscard]] const BoltKind& projectKind();

}  // namespace millrace::storm
