#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>

#include "engine/base/check.h"
#include "engine/ingest/pipeline/step.h"
#include "engine/ingest/pipeline/ways.h"
#include "engine/scenario/operators.h"
#include "engine/scenario/plan_reader.h"
#include "engine/scenario/sections/ingest/collections.h"
#include "engine/scenario/sections/ingest/pipelines.h"
#include "engine/scenario/shape/fields.h"

namespace millrace::scenario {

namespace {

// clang-format off

const Shape& stepShape() {
    static const Shape shape = shapeOfKinds("ingestStep", flow::NodeKind::IngestStep, "What is done with each record.", {});
    return shape;
}

const Shape& pipelineShape() {
    static const Shape shape = shapeOfKinds("ingestionPipeline", flow::NodeKind::Ingestion, "When it takes what its source has.", {
        hostField("Where it runs; without one, on a host of its own.", false),
        {.key = "start_at", .type = FieldType::Duration, .help = "When the first batch begins; a streaming pipeline listens from the beginning.", .defaultText = "0s", .readWhen = flow::unless("kind", {"streaming"})},
        {.key = "steps", .type = FieldType::Map, .help = "What is done with each record, in this order.", .most = 100, .shape = &stepShape()},
        restartField(),
    });
    return shape;
}

// clang-format on

class PipelineJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() {
        std::map<std::string, std::string> boards;  // dashboard: whose rows it shows
        std::map<std::string, std::string> loaded;  // table of a sink and source: which pipeline
        for (const Member& pipeline : membersAt(root(), {"ingestion"})) {
            const std::string path = "ingestion." + pipeline.key;
            referIfSet(pipeline.value, "host", hostNames, path);
            referIfSet(pipeline.value, "source", sourceNames, path);
            for (const std::string_view key : {"to", "dead_letters", "land"}) {
                referIfSet(pipeline.value, key, sinkNames, path);
            }
            if (pipeline.key.find('/') != std::string::npos) {
                error(pipeline.keyPlace, path, "its process is named after it: there is no / in its name");
            }
            checkTimes(pipeline, path);
            checkTables(pipeline, path);
            checkOnce(pipeline, path, loaded);
            checkBoard(pipeline, path, boards);
        }
    }

private:
    void checkTimes(const Member& pipeline, const std::string& path) {
        const Value* landing = pipeline.value.find("land");
        if (landing == nullptr && pipeline.value.find("transform_every") != nullptr) {
            error(pipeline.value.find("transform_every")->place(), path + ".transform_every",
                  "nothing lands before it is transformed: this needs \"land\"");
        }
        const Value* target = at(root(), {"sinks", textOf(pipeline.value, "to")});
        const std::string kind = target != nullptr ? textOf(*target, "kind") : std::string();
        if (const Value* key = pipeline.value.find("key");
            key != nullptr && target != nullptr && kind != "documents" && kind != "topic" && kind != "dashboard") {
            warning(
                key->place(), path + ".key",
                fmt::format("this changes nothing: documents, topics and dashboards have keys, and {} is of kind {}",
                            textOf(pipeline.value, "to"), textOf(*target, "kind")));
        }
        for (const std::string_view end : {"dead_letters", "land"}) {
            const Value* sink = at(root(), {"sinks", textOf(pipeline.value, end)});
            if (sink != nullptr && textOf(*sink, "kind") == "dashboard") {
                error(pipeline.value.find(end)->place(), fmt::format("{}.{}", path, end),
                      "a dashboard shows the newest rows and keeps none: these records need a sink that does");
            }
        }
        if (pipeline.value.find("repair_at") != nullptr && pipeline.value.find("dead_letters") == nullptr) {
            warning(pipeline.value.find("repair_at")->place(), path + ".repair_at",
                    "without \"dead_letters\" nobody keeps what was rejected before: it is not read again");
        }
    }

    void checkBoard(const Member& pipeline, const std::string& path, std::map<std::string, std::string>& boards) {
        const std::string sink = textOf(pipeline.value, "to");
        const Value* target = at(root(), {"sinks", sink});
        if (target == nullptr || textOf(*target, "kind") != "dashboard") {
            return;
        }
        const auto [known, isNew] = boards.emplace(sink, pipeline.key);
        if (!isNew) {
            error(pipeline.keyPlace, path + ".to",
                  fmt::format("{} shows the rows of {} already: give each pipeline a dashboard of its own", sink,
                              known->second));
        }
    }

    void checkTables(const Member& pipeline, const std::string& path) {
        const Value* tables = pipeline.value.find("tables");
        std::set<std::string> seen;
        std::size_t index = 0;
        for (const Value& each : tables != nullptr && tables->isList() ? tables->items() : std::span<const Value>()) {
            if (each.isText() && !seen.insert(each.asText()).second) {
                error(each.place(), fmt::format("{}.tables[{}]", path, index), "this table stands there already");
            }
            ++index;
        }
    }

    /// A sink that writes once tells records apart by their source: of two pipelines it would keep the first one's.
    void checkOnce(const Member& pipeline, const std::string& path, std::map<std::string, std::string>& loaded) {
        const std::string sink = textOf(pipeline.value, "to");
        const Value* target = at(root(), {"sinks", sink});
        if (target == nullptr || textOf(*target, "write") != "once") {
            return;
        }
        const Value* tables = pipeline.value.find("tables");
        Names names = namesOf(target->find("tables"));
        if (tables != nullptr && tables->isList()) {
            names.clear();
            for (const Value& each : tables->items()) {
                if (each.isText()) {
                    names.push_back(each.asText());
                }
            }
        }
        if (names.empty()) {
            names.emplace_back();
        }
        for (const std::string_view table : names) {
            const auto [known, isNew] =
                loaded.emplace(fmt::format("{}\n{}\n{}", sink, table, textOf(pipeline.value, "source")), pipeline.key);
            if (!isNew) {
                error(
                    pipeline.keyPlace, path + ".to",
                    fmt::format("{} loads the records of this source there already, and a sink that writes once takes "
                                "each record once: give each pipeline a table or a sink of its own",
                                known->second));
                return;
            }
        }
    }
};

}  // namespace

Field ingestionField() {
    return {.key = "ingestion",
            .type = FieldType::Map,
            .help = "Pipelines that bring the records of sources to sinks.",
            .most = 100,
            .shape = &pipelineShape()};
}

void judgePipelines(const Value& root, const KnownNames& known, Complaints& complaints) {
    PipelineJudge(root, known, complaints).judge();
}

std::vector<IngestionPlan> readPipelines(const PlanReader& root, const std::map<std::string, std::string>& paths) {
    std::vector<IngestionPlan> all;
    for (const Member& member : root.members("ingestion")) {
        const PlanReader reader(&member.value);
        IngestionPlan plan;
        plan.name = member.key;
        plan.kind = reader.text("kind");
        plan.host = reader.text("host");
        const flow::Operator* row = findOperator(flow::NodeKind::Ingestion, plan.kind);
        MILLRACE_CHECK(row != nullptr, plan.kind);
        plan.values = reader.valuesFor(*row);
        plan.startAt = reader.duration("start_at", SimDuration{0});
        plan.restart = reader.restart();
        for (const Member& each : reader.members("steps")) {
            const PlanReader step(&each.value);
            const flow::Operator* kind = findOperator(flow::NodeKind::IngestStep, step.text("kind"));
            MILLRACE_CHECK(kind != nullptr, each.key);
            const auto path = paths.find(fmt::format("ingestion.{}.steps.{}.path", member.key, each.key));
            plan.steps.push_back({each.key, step.text("kind"), path != paths.end() ? path->second : step.text("path"),
                                  step.valuesFor(*kind)});
        }
        all.push_back(std::move(plan));
    }
    return all;
}

bool ingests(const Scenario& plan, std::string_view source) {
    return std::any_of(plan.ingestion.begin(), plan.ingestion.end(),
                       [&](const IngestionPlan& each) { return each.values.text("source") == source; });
}

}  // namespace millrace::scenario
