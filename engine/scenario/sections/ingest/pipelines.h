#pragma once

#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/pipeline/pipeline_spec.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/scenario.h"
#include "engine/scenario/shape/shape.h"

namespace millrace::scenario {

class PlanReader;
struct Surroundings;

// The part `ingestion` of a document: pipelines from sources to sinks.

[[nodiscard]] Field ingestionField();
void judgePipelines(const Value& root, const KnownNames& known, Complaints& complaints);
[[nodiscard]] std::vector<IngestionPlan> readPipelines(const PlanReader& root,
                                                       const std::map<std::string, std::string>& paths);
[[nodiscard]] bool ingests(const Scenario& plan, std::string_view source);

/// What a pipeline is to do. Without surroundings nobody runs it: sinks have no places and sources no content. The
/// errors name the fields that are wrong.
[[nodiscard]] Result<Ref<ingest::PipelineSpec>, std::vector<Error>> pipelineSpec(const IngestionPlan& pipeline,
                                                                                 const Scenario& plan,
                                                                                 const Surroundings* around);

}  // namespace millrace::scenario
