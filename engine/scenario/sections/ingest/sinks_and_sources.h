#pragma once

#include "engine/base/result.h"
#include "engine/ingest/sink.h"
#include "engine/ingest/source.h"
#include "engine/scenario/scenario.h"

namespace millrace::scenario {

[[nodiscard]] Ref<const ingest::SinkSpec> sinkSpec(const SinkPlan& sink);
/// Reads the file of a file source.
[[nodiscard]] Result<Ref<const ingest::SourceSpec>> sourceSpec(const SourcePlan& source, const RunPlan& run);

}  // namespace millrace::scenario
