#pragma once

#include "engine/base/result.h"
#include "engine/ingest/sink.h"
#include "engine/ingest/source.h"
#include "engine/scenario/scenario.h"

namespace millrace::scenario {

[[nodiscard]] Ref<ingest::SinkSpec> sinkSpec(const SinkPlan& sink);
/// Reads the file of a file source. `asFeed`: it lives outside of whoever reads it, as one with flaws does anyway.
[[nodiscard]] Result<Ref<const ingest::SourceSpec>> sourceSpec(const SourcePlan& source, const RunPlan& run,
                                                               bool asFeed = false);

}  // namespace millrace::scenario
