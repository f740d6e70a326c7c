#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections/ingest/collections.h"
#include "engine/scenario/sections/pipelines/collections.h"
#include "engine/scenario/sections/pipelines/pipeline_graph.h"
#include "engine/scenario/sections/pipelines/pipelines_section.h"
#include "engine/scenario/sections/pipelines/step_table.h"

namespace millrace::scenario {

namespace {

class PipelineJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() {
        for (const Member& each : membersAt(root(), {"pipelines"})) {
            judgePipeline(each, "pipelines." + each.key);
        }
    }

private:
    void judgePipeline(const Member& pipeline, const std::string& path) {
        referIfSet(pipeline.value, "source", sourceNames, path);
        referIfSet(pipeline.value, "sink", sinkNames, path);
        if (pipeline.key.find_first_of("/.:\\@") != std::string::npos) {
            error(pipeline.keyPlace, path,
                  "topologies, applications and files are named after it: there is no / . : \\ "
                  "or @ in its name");
        }
        const std::vector<std::string> engines = judgeEngines(pipeline, path);
        judgeEnginesOwn(pipeline, engines, path);
        judgeSink(pipeline, path);
        judgeSteps(pipeline, engines, path);
    }

    std::vector<std::string> judgeEngines(const Member& pipeline, const std::string& path) {
        std::vector<std::string> engines;
        const Value* list = pipeline.value.find("run_on");
        std::size_t index = 0;
        for (const Value& each : list != nullptr ? list->items() : std::span<const Value>()) {
            const std::string here = fmt::format("{}.run_on[{}]", path, index++);
            if (std::find(pipelineEngines.begin(), pipelineEngines.end(), each.asText()) == pipelineEngines.end()) {
                error(
                    each.place(), here,
                    fmt::format("no engine is called \"{}\": there are storm, spark and hadoop", shown(each.asText())));
            } else if (std::find(engines.begin(), engines.end(), each.asText()) != engines.end()) {
                error(each.place(), here, "this engine stands there already");
            } else {
                engines.push_back(each.asText());
                judgeEngine(pipeline, each, here);
            }
        }
        if (list != nullptr && list->isList() && index == 0) {
            error(list->place(), path + ".run_on", "a pipeline runs on one engine at least");
        }
        return engines;
    }

    /// What the pipeline says of single engines.
    void judgeEnginesOwn(const Member& pipeline, const std::vector<std::string>& engines, const std::string& path) {
        for (const std::string_view engine : pipelineEngines) {
            const Value* own = at(pipeline.value, {engine});
            if (own == nullptr) {
                continue;
            }
            const std::string here = fmt::format("{}.{}", path, engine);
            referIfSet(*own, "host", hostNames, here);
            if (!engines.empty() && std::find(engines.begin(), engines.end(), engine) == engines.end()) {
                warning(own->place(), here, fmt::format("this changes nothing: \"run_on\" does not name {}", engine));
            }
        }
    }

    void judgeEngine(const Member& pipeline, const Value& engine, const std::string& path) {
        const Value* source = at(root(), {"sources", textOf(pipeline.value, "source")});
        if (engine.asText() != "hadoop" && source != nullptr && source->isObject() &&
            textOf(*source, "topic").empty()) {
            error(engine.place(), path,
                  fmt::format("it reads the records of its source from a topic: give sources.{} a \"topic\"",
                              textOf(pipeline.value, "source")));
        }
        if (at(root(), {engine.asText()}) == nullptr) {
            error(engine.place(), path,
                  fmt::format("there is no {0} here: the section \"{0}\" says on which machines it "
                              "runs",
                              engine.asText()));
        }
    }

    void judgeSink(const Member& pipeline, const std::string& path) {
        const Value* sink = at(root(), {"sinks", textOf(pipeline.value, "sink")});
        if (sink == nullptr || !sink->isObject()) {
            return;
        }
        if (textOf(*sink, "kind") != "sqlite") {
            error(pipeline.value.find("sink")->place(), path + ".sink",
                  "a pipeline stores into tables: this needs a sink of kind sqlite");
        } else if (membersAt(*sink, {"tables"}).empty()) {
            error(pipeline.value.find("sink")->place(), path + ".sink",
                  "this sink names no tables: a pipeline needs its own");
        }
    }

    void judgeSteps(const Member& pipeline, const std::vector<std::string>& engines, const std::string& path) {
        const std::vector<StepInDocument> steps = stepsIn(pipeline.value);
        Names names;
        for (const StepInDocument& each : steps) {
            names.push_back(each.name());
        }
        bool hasStore = false;
        for (const StepInDocument& each : steps) {
            const std::string here = fmt::format("{}.steps.{}", path, each.name());
            hasStore = hasStore || each.kind == "store";
            if (each.name() == recordsName) {
                error(each.member->keyPlace, here, "the records that come in are called so");
            }
            if (each.name().find_first_of("/.") != std::string::npos) {
                error(each.member->keyPlace, here, "there is no / and no . in the name of a step");
            }
            if (!each.from.empty()) {
                if (const Value* from = each.object().find("from")) {
                    refer(*from, "step", names, here + ".from");
                }
            }
            judgeForms(each, engines, here);
            judgeTable(pipeline, each, engines, here);
        }
        if (!hasStore && at(pipeline.value, {"steps"}) != nullptr) {
            error(pipeline.keyPlace, path + ".steps", "nothing is stored: a pipeline ends in a step of kind store");
        }
    }

    /// In what is written out each engine has a table of its own in its place.
    void judgeTable(const Member& pipeline, const StepInDocument& step, const std::vector<std::string>& engines,
                    const std::string& path) {
        const Value* tables = at(root(), {"sinks", textOf(pipeline.value, "sink"), "tables"});
        const Value* table = step.object().find("table");
        if (step.kind != "store" || tables == nullptr || table == nullptr || engines.empty()) {
            return;
        }
        if (tables->find(tableOfEngine(table->asText(), engines.front())) == nullptr) {
            error(table->place(), path + ".table", fmt::format("the sink has no table '{}'", shown(table->asText())));
        }
    }

    /// A construct that an engine lacks.
    void judgeForms(const StepInDocument& step, const std::vector<std::string>& engines, const std::string& path) {
        const PipelineStep* row = findPipelineStep(step.kind);
        for (const std::string& engine : engines) {
            if (row != nullptr && row->on(engine).kind.empty()) {
                error(step.member->keyPlace, path + ".kind",
                      fmt::format("{} has no \"{}\" here: {}", engine, step.kind, row->on(engine).lacks));
            }
        }
    }
};

}  // namespace

void PipelinesSection::judge(const Value& root, const KnownNames& known, Complaints& complaints) const {
    PipelineJudge(root, known, complaints).judge();
}

}  // namespace millrace::scenario
