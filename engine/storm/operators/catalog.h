#pragma once

#include <span>
#include <string_view>

#include "engine/storm/operators/bolt_kind.h"

namespace millrace::storm {

using BoltParameters = flow::ParameterValues;

/// The kinds of bolts, in the order of the palette: the one place that names them all.
[[nodiscard]] std::span<const BoltKind* const> boltKinds();
[[nodiscard]] const BoltKind* findBoltKind(std::string_view kind);
/// The kinds of spouts.
[[nodiscard]] std::span<const flow::Operator* const> spoutKinds();

/// A bolt of this kind; what is not among the parameters has its default.
[[nodiscard]] BoltResult makeBolt(std::string_view kind, const BoltParameters& parameters,
                                  const BoltSurroundings& surroundings);

}  // namespace millrace::storm
