#include "engine/scenario/sections/pipelines/step_table.h"

#include <algorithm>

#include "engine/ingest/row_step.h"

namespace millrace::scenario {

namespace {

using Type = flow::ParameterType;
using flow::Parameter;

/// What a row step is called on Spark, whose own map takes a function.
StepForm sparkForm(std::string_view step) {
    return {step == "map" ? "compute" : step == "split" ? "flatMap" : step};
}

PipelineStep rowStep(const ingest::RowStepKind& kind) {
    PipelineStep step;
    step.about = {.node = flow::NodeKind::PipelineStep,
                  .kind = kind.kind,
                  .title = kind.title,
                  .help = kind.help,
                  .outputs = kind.outputs,
                  .parameters = kind.parameters};
    step.storm = {kind.kind};
    step.spark = sparkForm(kind.kind);
    step.hadoop = {"pipeline"};
    step.aside = kind.aside;
    return step;
}

Parameter byField(std::string_view help) {
    return {.key = "by", .type = Type::Field, .help = help, .isRequired = true, .start = "word"};
}

flow::Operator about(std::string_view kind, std::string_view title, std::string_view help, std::string_view outputs,
                     std::vector<Parameter> parameters) {
    return {.node = flow::NodeKind::PipelineStep,
            .kind = kind,
            .title = title,
            .help = help,
            .outputs = outputs,
            .parameters = std::move(parameters)};
}

PipelineStep countStep() {
    return {about("count", "Count", "Counts how often each value of a field occurs.", "the field, increment",
                  {byField("The field whose values are counted.")}),
            {"count", {{"by", "field"}}},
            {"countByValue", {{"by", "key"}}},
            {"pipeline"}};
}

PipelineStep sumStep() {
    return {
        about("sum", "Sum", "Adds up the whole numbers of a field for each value of another.", "the field, increment",
              {byField("The field by whose values numbers belong together."),
               {.key = "of",
                .type = Type::Field,
                .help = "The field with the numbers; a fraction is cut, what is no number is 0.",
                .isRequired = true,
                .start = "value"}}),
        {"sum", {{"by", "field"}}},
        {"reduceByKey", {{"by", "key"}}},
        {"pipeline"}};
}

PipelineStep windowStep() {
    return {
        about("window", "Window of arrival",
              "Counts how often each value of a field came within the last while, again and again. Where the window "
              "begins is the engine's own: of two engines these tables differ at its edges.",
              "the field, count",
              {byField("The field whose values are counted."),
               {.key = "length",
                .type = Type::Duration,
                .help = "How much it looks back; on Spark a multiple of the batch interval.",
                .isRequired = true,
                .start = "10s"},
               {.key = "slide", .type = Type::Duration, .help = "How often it tells.", .blank = "its length"}}),
        {"window", {{"by", "key"}}},
        {"reduceByKeyAndWindow", {{"by", "key"}, {"length", "window"}}},
        {{},
         {},
         "data at rest has no arrival: let a step \"map\" work out the window from a record's own time, as in \"window "
         "= time - time % 10000\", and count by that"}};
}

PipelineStep topStep() {
    return {about("top", "Top", "Ranks the values of a count and tells the first ones from time to time.",
                  "rank, name, number",
                  {{.key = "of", .type = Type::Field, .help = "What is ranked.", .isRequired = true, .start = "word"},
                   {.key = "count",
                    .type = Type::Integer,
                    .help = "How many are told.",
                    .defaultText = "10",
                    .least = 1,
                    .most = 255},
                   {.key = "every",
                    .type = Type::Duration,
                    .help = "How often.",
                    .isRequired = true,
                    .least = 0.001,
                    .most = 86'400,
                    .start = "2s"}}),
            {"top", {{"of", "field"}}},
            {{},
             {},
             "DStreams have no ranking that goes on over batches: store the counts, and rank what stands in the table"},
            {{}, {}, "a job tells its result once, at its end: let a job of kind \"top\" read the counts of another"}};
}

PipelineStep storeStep() {
    return {about("store", "Store",
                  "Puts rows or counts into a table of the pipeline's sink; each engine has one of its own, with the "
                  "engine's name behind it.",
                  "nothing",
                  {{.key = "table",
                    .type = Type::Text,
                    .help = "The table: one of kind counts for counts and sums, else one with columns as the fields.",
                    .isRequired = true,
                    .start = "results"}}),
            {"sqlite"},
            {"foreachRDD"},
            {"pipeline"}};
}

std::vector<PipelineStep> makeSteps() {
    std::vector<PipelineStep> steps;
    for (const ingest::RowStepKind& each : ingest::rowStepKinds()) {
        steps.push_back(rowStep(each));
    }
    steps.push_back(countStep());
    steps.push_back(sumStep());
    steps.push_back(windowStep());
    steps.push_back(topStep());
    steps.push_back(storeStep());
    return steps;
}

std::string textIn(const Value& object, std::string_view key) {
    const Value* value = object.find(key);
    return value != nullptr ? value->asText() : std::string();
}

}  // namespace

std::span<const PipelineStep> pipelineSteps() {
    static const std::vector<PipelineStep> steps = makeSteps();
    return steps;
}

const PipelineStep* findPipelineStep(std::string_view kind) {
    const auto all = pipelineSteps();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const PipelineStep& each) { return each.about.kind == kind; });
    return found != all.end() ? &*found : nullptr;
}

std::vector<StepInDocument> stepsIn(const Value& pipeline) {
    std::vector<StepInDocument> steps;
    std::string before;
    const Value* map = pipeline.find("steps");
    for (const Member& member : map != nullptr ? map->members() : std::span<const Member>()) {
        StepInDocument step{&member, textIn(member.value, "kind"), before, textIn(member.value, "stream") == "aside"};
        if (member.value.find("from") != nullptr) {
            step.from = textIn(member.value, "from");
        }
        if (step.from == recordsName) {
            step.from.clear();
        }
        if (step.kind != "store") {
            before = member.key;
        }
        steps.push_back(std::move(step));
    }
    return steps;
}

}  // namespace millrace::scenario
