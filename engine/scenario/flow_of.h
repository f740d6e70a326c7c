#pragma once

#include "engine/flow/graph.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// The logical face of a scenario document: sources, producers, topics, consumer groups, spouts, bolts and sinks with
/// what joins them. Works on documents that are being edited: what is missing or wrong is left out. Ids are those of
/// `observe`.
[[nodiscard]] flow::Graph flowOf(const Value& document);

}  // namespace millrace::scenario
