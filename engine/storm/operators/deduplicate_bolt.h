#pragma once

#include "engine/storm/operators/bolt_kind.h"

namespace millrace::storm {

/// Passes the first tuple of each key and drops those that come after it while the key is remembered: for a time from
/// the tuple that passed, for a number of other keys, or for both, whichever ends first. A task holds never more keys
/// than that number. Time is the simulated one at which tuples arrive, or that of a field (milliseconds since 1970),
/// which goes on with the newest that was seen.
///
/// A tuple that passed and is sent again after its tree failed passes again: it is known by its record and its place
/// among the tuples that were made from it. Were it dropped, its loss would be acked. So what at-least-once doubles
/// behind this bolt stays doubled; records that were stored twice do not pass twice.
///
/// Storm has no such bolt of its own; the rule is that of Flink's and Spark's deduplication, which keep the first.
/// What it remembers dies with its worker.
[[nodiscard]] const BoltKind& deduplicateKind();

}  // namespace millrace::storm
