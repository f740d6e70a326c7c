#include "engine/scenario/sections/pipelines/pipeline_graph.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/scenario/sections/ingest/sinks_and_sources.h"

namespace millrace::scenario {

std::string tableOfEngine(std::string_view table, std::string_view engine) {
    return fmt::format("{}_{}", table, engine);
}

Result<Ref<const ingest::RowGraph>, std::vector<Error>> graphOfPipeline(std::string_view name, std::string_view engine,
                                                                        const Scenario& scenario) {
    const auto found = std::find_if(scenario.pipelines.begin(), scenario.pipelines.end(),
                                    [&](const PipelinePlan& each) { return each.name == name; });
    MILLRACE_CHECK(found != scenario.pipelines.end(), name);
    std::vector<ingest::RowGraphPart> parts;
    for (const PipelineStepPlan& step : found->steps) {
        parts.push_back({step.name, step.kind, step.from, step.isAside, step.parameters});
    }
    std::vector<ingest::SinkTable> tables;
    for (const SinkPlan& sink : scenario.sinks) {
        if (sink.name == found->sink) {
            tables = sinkSpec(sink)->tables;
        }
    }
    auto graph = ingest::RowGraph::make(parts, std::move(tables), tableOfEngine("", engine));
    if (graph) {
        return *graph;
    }
    std::vector<Error> errors;
    for (const ingest::RowGraph::Trouble& each : graph.error()) {
        std::string where = fmt::format("pipelines.{}.steps.{}", name, each.part);
        where += each.parameter.empty() ? std::string{} : "." + each.parameter;
        errors.push_back({each.message, std::move(where)});
    }
    return tl::unexpected(std::move(errors));
}

}  // namespace millrace::scenario
