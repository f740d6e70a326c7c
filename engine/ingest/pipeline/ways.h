#pragma once

#include <span>

#include "engine/flow/operator.h"

namespace millrace::ingest {

/// The ways in which a pipeline ingests, as kinds of pipelines, in the order of the palette.
[[nodiscard]] std::span<const flow::Operator* const> pipelineKinds();

}  // namespace millrace::ingest
