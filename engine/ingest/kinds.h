#pragma once

#include <span>

#include "engine/flow/operator.h"

namespace millrace::ingest {

/// The kinds of sources and of sinks that there are, in the order of the palette, with everything that is to be said
/// about each.
[[nodiscard]] std::span<const flow::Operator* const> sourceKinds();
[[nodiscard]] std::span<const flow::Operator* const> sinkKinds();

}  // namespace millrace::ingest
