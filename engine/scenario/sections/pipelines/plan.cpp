#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/scenario/plan_reader.h"
#include "engine/scenario/sections/pipelines/pipeline_graph.h"
#include "engine/scenario/sections/pipelines/pipelines_section.h"
#include "engine/scenario/sections/pipelines/step_table.h"

namespace millrace::scenario {

void PipelinesSection::read(const PlanReader& root, const std::map<std::string, std::string>& /*paths*/,
                            Scenario& scenario) const {
    for (const Member& member : root.members("pipelines")) {
        const PlanReader pipeline(&member.value);
        PipelinePlan plan;
        plan.name = member.key;
        plan.runOn = pipeline.texts("run_on");
        plan.source = pipeline.text("source");
        plan.sink = pipeline.text("sink");
        for (const StepInDocument& each : stepsIn(member.value)) {
            const PipelineStep* step = findPipelineStep(each.kind);
            MILLRACE_CHECK(step != nullptr, each.kind);
            plan.steps.push_back(
                {each.name(), each.kind, each.from, each.isAside, PlanReader(&each.object()).valuesFor(step->about)});
        }
        scenario.pipelines.push_back(std::move(plan));
    }
}

std::vector<Error> PipelinesSection::troubleWith(const Scenario& plan) const {
    std::vector<Error> errors;
    for (const PipelinePlan& each : plan.pipelines) {
        if (auto graph = graphOfPipeline(each.name, each.runOn.front(), plan); !graph) {
            errors.insert(errors.end(), graph.error().begin(), graph.error().end());
        }
    }
    return errors;
}

/// What runs it are parts of other systems.
Result<void> PipelinesSection::build(WorldBuilder& /*builder*/) const {
    return {};
}

std::vector<std::string> PipelinesSection::standIns(const Scenario& plan) const {
    bool isOnHadoop = false;
    for (const PipelinePlan& each : plan.pipelines) {
        for (const std::string& engine : each.runOn) {
            isOnHadoop = isOnHadoop || engine == "hadoop";
        }
    }
    if (!isOnHadoop) {
        return {};
    }
    return {"what a job of a pipeline wrote is exported by one client (Sqoop: by the maps of a job of its own)"};
}

}  // namespace millrace::scenario
