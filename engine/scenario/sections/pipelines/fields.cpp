#include "engine/scenario/shape/fields.h"
#include "engine/scenario/sections/hadoop/collections.h"
#include "engine/scenario/sections/ingest/collections.h"
#include "engine/scenario/sections/pipelines/collections.h"
#include "engine/scenario/sections/pipelines/pipelines_section.h"
#include "engine/scenario/sections/pipelines/step_table.h"
#include "engine/scenario/sections/spark/collections.h"
#include "engine/scenario/sections/storm/collections.h"

namespace millrace::scenario {

namespace {

// One line a field: these are tables.
// clang-format off

const Shape& onStormShape() {
    static const Shape shape{"pipeline_on_storm", {
        {.key = "workers", .type = FieldType::Integer, .help = "Worker processes of its topology.", .defaultText = "1", .least = 1, .most = 10000},
        {.key = "executors", .type = FieldType::Integer, .help = "Threads of each of its parts; a step may have its own number.", .defaultText = "1", .least = 1, .most = 10000},
        {.key = "submit_at", .type = FieldType::Duration, .help = "When it is handed to Nimbus.", .defaultText = "0s"},
        configField(stormScope, "Settings of its topology by Storm's names."),
    }};
    return shape;
}

const Shape& onSparkShape() {
    static const Shape shape{"pipeline_on_spark", {
        hostField("Where its driver runs; without one, beside the master.", false),
        {.key = "batch", .type = FieldType::Duration, .help = "Its batch interval.", .defaultText = "1s", .least = 0.001},
        {.key = "checkpoint", .type = FieldType::Flag, .help = "Whether its driver writes checkpoints and comes back from them.", .defaultText = "true"},
        {.key = "partitions", .type = FieldType::Integer, .help = "Partitions behind a shuffle.", .least = 1, .most = 10000, .blank = "spark.default.parallelism"},
        configField(sparkScope, "Settings of its application by Spark's names."),
        restartField(),
    }};
    return shape;
}

const Shape& onHadoopShape() {
    static const Shape shape{"pipeline_on_hadoop", {
        {.key = "load_at", .type = FieldType::Duration, .help = "When the records are put into HDFS: a job reads what is at rest. Without a time, when the source is over where its count and rate tell it; else they stand there when the run begins.", .blank = "when the source is over"},
        {.key = "block_size", .type = FieldType::Size, .help = "Size of the blocks of its file, and so of a map's share.", .blank = "dfs.block.size"},
        {.key = "reduces", .type = FieldType::Integer, .help = "Reduce tasks.", .defaultText = "1", .least = 1, .most = 10000},
        hostField("Where its clients run, which load, submit and export; without one, each on a host of its own.", false),
        {.key = "resubmit", .type = FieldType::Flag, .help = "Whether its job is submitted once more when the JobTracker has lost it.", .defaultText = "false"},
        configField(hadoopScope, "Settings of its job by Hadoop's names."),
    }};
    return shape;
}

const Shape& stepShape() {
    static const Shape shape = shapeOfKinds("pipeline_step", flow::NodeKind::PipelineStep, "What it does with a row.", {
        {.key = "from", .type = FieldType::Text, .help = "The step whose rows it reads, or \"records\"; without one, the step before it that is no table.", .blank = "the step before"},
        {.key = "stream", .type = FieldType::Choice, .help = "aside reads what that step puts apart: lines that do not fit, keys that are in no table.", .defaultText = "default", .choices = {"default", "aside"}},
        {.key = "executors", .type = FieldType::Integer, .help = "Threads that run it on Storm; without a number, that of storm.executors.", .least = 1, .most = 10000, .blank = "as storm.executors"},
    });
    return shape;
}

const Shape& pipelineShape() {
    static const Shape shape{"pipeline", {
        {.key = "run_on", .type = FieldType::TextList, .help = "The engines that run it, side by side: storm, spark, hadoop. millrace compare runs it on one after the other.", .isRequired = true, .most = 3},
        {.key = "source", .type = FieldType::Reference, .help = "Whose records it works on. Storm and Spark read them from the topic that the source feeds, Hadoop as lines of a file.", .isRequired = true, .collection = &sourceNames},
        {.key = "sink", .type = FieldType::Reference, .help = "The database with its tables.", .isRequired = true, .collection = &sinkNames},
        {.key = "steps", .type = FieldType::Map, .help = "What is done with the records, in their order.", .isRequired = true, .most = 200, .shape = &stepShape()},
        {.key = "storm", .type = FieldType::Object, .help = "How it runs on Storm.", .shape = &onStormShape()},
        {.key = "spark", .type = FieldType::Object, .help = "How it runs on Spark Streaming.", .shape = &onSparkShape()},
        {.key = "hadoop", .type = FieldType::Object, .help = "How it runs on Hadoop.", .shape = &onHadoopShape()},
    }};
    return shape;
}

// clang-format on

}  // namespace

// clang-format off
std::vector<Field> PipelinesSection::fields() const {
    return {
        {.key = "pipelines", .type = FieldType::Map, .help = "Pipelines that are drawn once and run on several engines.", .most = 100, .shape = &pipelineShape()},
    };
}
// clang-format on

const Collection* PipelinesSection::collectionOf(flow::NodeKind node) const {
    return node == flow::NodeKind::Pipeline ? &pipelineNames : nullptr;
}

std::span<const flow::Operator* const> PipelinesSection::operatorsOf(flow::NodeKind node) const {
    static const std::vector<const flow::Operator*> rows = [] {
        std::vector<const flow::Operator*> all;
        for (const PipelineStep& each : pipelineSteps()) {
            all.push_back(&each.about);
        }
        return all;
    }();
    return node == flow::NodeKind::PipelineStep ? rows : std::span<const flow::Operator* const>();
}

}  // namespace millrace::scenario
