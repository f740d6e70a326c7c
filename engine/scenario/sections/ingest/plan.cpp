#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/ingest/flaws.h"
#include "engine/ingest/models/model.h"
#include "engine/scenario/plan_reader.h"
#include "engine/scenario/sections/ingest/ingest_section.h"
#include "engine/scenario/sections/ingest/pipelines.h"
#include "engine/scenario/sections/ingest/tables.h"

namespace millrace::scenario {

namespace {

SourcePlan::Kind kindOf(const std::string& kind) {
    if (kind == "generator") {
        return SourcePlan::Kind::Generator;
    }
    return kind == "file"     ? SourcePlan::Kind::File
           : kind == "replay" ? SourcePlan::Kind::Replay
                              : SourcePlan::Kind::Model;
}

flow::ParameterValues objectValues(const PlanReader& source, const flow::Parameter& parameter) {
    const Value* object = source.find(parameter.key);
    return object != nullptr ? valuesOf(*object, parameter.fields) : flow::ParameterValues{};
}

void readFeed(const PlanReader& source, SourcePlan& plan) {
    const flow::Operator* row = findOperator(flow::NodeKind::Source, plan.kindName);
    MILLRACE_CHECK(row != nullptr, plan.kindName);
    plan.values = source.valuesFor(*row);
    plan.flaws = objectValues(source, ingest::flawsParameter());
    plan.bursts = objectValues(source, ingest::shapeParameter());
    plan.keeps = plan.values.duration("keeps");
    plan.seed = source.integer("seed", 0);
    const ingest::ModelKind* model = ingest::findModelKind(plan.kindName);
    if (model != nullptr && !plan.rate) {
        plan.rate = model->rate(plan.values);
    }
}

void readGenerator(const PlanReader& source, GeneratorPlan& plan) {
    plan.jitter = source.number("jitter", 0);
    if (source.has("count")) {
        plan.count = source.integer("count", 0);
    }
    plan.recordBytes = source.size("size", plan.recordBytes);
    const PlanReader keys = source.object("keys");
    plan.keys = keys.integer("count", 0);
    plan.keyExponent = keys.text("distribution") == "zipf" ? keys.number("exponent", 1) : 0;
    const PlanReader words = source.object("words");
    plan.vocabulary = words.integer("vocabulary", 0);
    plan.wordsPerRecord = words.integer("per_record", 0);
    plan.wordExponent = words.number("exponent", 1);
}

std::vector<TablePlan> tablesOf(const PlanReader& sink) {
    std::vector<TablePlan> tables;
    for (const Member& member : sink.members("tables")) {
        const PlanReader table(&member.value);
        TablePlan plan{member.key, table.text("kind") == "counts", {}, {}};
        plan.keys = table.text("kind") == "keyed" ? table.texts("key") : std::vector<std::string>();
        for (const std::string& column : table.texts("columns")) {
            const std::optional<ColumnPlan> parsed = parseColumn(column);
            MILLRACE_CHECK(parsed.has_value(), column);
            plan.columns.push_back(*parsed);
        }
        tables.push_back(std::move(plan));
    }
    return tables;
}

}  // namespace

void IngestSection::read(const PlanReader& root, const std::map<std::string, std::string>& paths,
                         Scenario& scenario) const {
    for (const Member& member : root.members("sources")) {
        const PlanReader source(&member.value);
        SourcePlan plan;
        plan.name = member.key;
        plan.kindName = source.text("kind");
        plan.kind = kindOf(plan.kindName);
        const auto path = paths.find(fmt::format("sources.{}.path", member.key));
        plan.path = path != paths.end() ? path->second : std::string();
        plan.startAt = source.duration("start_at", SimDuration::zero());
        if (source.has("rate") && source.text("rate") != "max") {
            plan.rate = *parseRate(source.text("rate"));
        }
        readGenerator(source, plan.generator);
        readFeed(source, plan);
        scenario.sources.push_back(std::move(plan));
    }
    for (const Member& member : root.members("sinks")) {
        const PlanReader sink(&member.value);
        const auto path = paths.find(fmt::format("sinks.{}.path", member.key));
        const flow::Operator* row = findOperator(flow::NodeKind::Sink, sink.text("kind"));
        MILLRACE_CHECK(row != nullptr, member.key);
        scenario.sinks.push_back({member.key, sink.text("kind"), sink.text("host"),
                                  path != paths.end() ? path->second : sink.text("path"), sink.text("write") == "once",
                                  false, tablesOf(sink), sink.valuesFor(*row)});
    }
    scenario.ingestion = readPipelines(root, paths);
}

std::vector<Error> IngestSection::troubleWith(const Scenario& plan) const {
    std::vector<Error> errors;
    for (const IngestionPlan& pipeline : plan.ingestion) {
        if (auto spec = pipelineSpec(pipeline, plan, nullptr); !spec) {
            errors.insert(errors.end(), spec.error().begin(), spec.error().end());
        }
    }
    return errors;
}

}  // namespace millrace::scenario
