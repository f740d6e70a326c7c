#pragma once

#include "engine/storm/operators/bolt_kind.h"

namespace millrace::storm {

/// Takes the columns of a record out of its text.
[[nodiscard]] const BoltKind& parseKind();
/// Writes the fields of a tuple as one text.
[[nodiscard]] const BoltKind& formatKind();

}  // namespace millrace::storm
