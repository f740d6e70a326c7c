#pragma once

#include "engine/storm/operators/bolt_kind.h"

namespace millrace::storm {

/// Sums up the tuples of windows, by key.
[[nodiscard]] const BoltKind& windowKind();
/// Brings tuples of two inputs together that have a key in common and lie in one window.
[[nodiscard]] const BoltKind& joinKind();

}  // namespace millrace::storm
