#pragma once

#include "engine/storm/operators/bolt_kind.h"

namespace millrace::storm {

/// Ranks keys by a number and tells the first of them from time to time.
[[nodiscard]] const BoltKind& topKind();

}  // namespace millrace::storm
