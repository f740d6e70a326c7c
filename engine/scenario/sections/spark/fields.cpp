#include "engine/scenario/shape/fields.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/spark/collections.h"
#include "engine/scenario/sections/spark/spark_section.h"
#include "engine/spark/operators/catalog.h"
#include "engine/spark/settings.h"

namespace millrace::scenario {

namespace {

// One line a field: these are tables.
// clang-format off

const Shape& sparkMasterShape() {
    static const Shape shape{"sparkMaster", {
        hostField("Where the master runs.", true),
        restartField(),
    }};
    return shape;
}

const Shape& sparkWorkerShape() {
    static const Shape shape{"sparkWorker", {
        hostField("Where the worker and its executors run.", true),
        {.key = "cores", .type = FieldType::Integer, .help = "Cores that it gives to executors.", .least = 1, .most = 1024, .blank = "those of its host"},
        {.key = "memory", .type = FieldType::Size, .help = "Memory that it gives to executors.", .defaultText = "8GiB"},
        restartField(),
    }};
    return shape;
}

const Shape& sparkShape() {
    static const Shape shape{"spark", {
        {.key = "master", .type = FieldType::Object, .help = "Gives the cores of workers to applications.", .isRequired = true, .shape = &sparkMasterShape()},
        {.key = "workers", .type = FieldType::Map, .help = "The nodes that run executors.", .isRequired = true, .most = 1000, .shape = &sparkWorkerShape()},
        configField(sparkScope, "Settings of all applications by Spark's names."),
    }};
    return shape;
}

const Shape& streamInputShape() {
    static const Shape shape = shapeOfKinds("streamInput", flow::NodeKind::StreamInput, "How records come in.", {
        only(flow::when("kind", {"kafka"}), configField(consumerScope, "Of a topic: settings of its consumers by Kafka's names.")),
    });
    return shape;
}

Field fromField(std::string_view help) {
    return {.key = "from", .type = FieldType::TextList, .help = help, .isRequired = true, .most = 100};
}

const Shape& streamOperatorShape() {
    static const Shape shape = shapeOfKinds("streamOperator", flow::NodeKind::StreamOperator, "What is done with the rows.", {
        fromField("The inputs or operators whose rows come in: one, or those of a union or join."),
    });
    return shape;
}

const Shape& streamOutputShape() {
    static const Shape shape = shapeOfKinds("streamOutput", flow::NodeKind::StreamOutput, "What becomes of the results.", {
        fromField("The input or operator whose rows go out."),
    });
    return shape;
}

const Shape& streamingShape() {
    static const Shape shape{"streamingApplication", {
        hostField("Where its driver runs.", true),
        {.key = "batch", .type = FieldType::Duration, .help = "The batch interval: what comes in within it is one batch.", .isRequired = true},
        {.key = "checkpoint", .type = FieldType::Flag, .help = "Writes checkpoints, from which a driver begins again and which cut the lineage of state.", .defaultText = "false"},
        {.key = "checkpoint_interval", .type = FieldType::Duration, .help = "Between checkpoints of state: a multiple of its slide.", .readWhen = flow::with("checkpoint"), .blank = "the least multiple of the slide of at least 10s"},
        {.key = "storage", .type = FieldType::Choice, .help = "Where executors write checkpoints and logs of received blocks: on the disk of the driver's host, or in HDFS under /spark/ and the application's name, with its replicas. What the driver itself notes stays on its disk.", .defaultText = "driver", .choices = {"driver", "hdfs"}, .readWhen = flow::with("checkpoint")},
        {.key = "inputs", .type = FieldType::Map, .help = "Where its records come from.", .isRequired = true, .most = 100, .shape = &streamInputShape()},
        {.key = "operators", .type = FieldType::Map, .help = "What is done with them.", .most = 1000, .shape = &streamOperatorShape()},
        {.key = "outputs", .type = FieldType::Map, .help = "What becomes of the results: each is a job a batch.", .isRequired = true, .most = 100, .shape = &streamOutputShape()},
        configField(sparkScope, "Settings of this application by Spark's names."),
        restartField(),
    }};
    return shape;
}

// clang-format on

}  // namespace

// clang-format off
std::vector<Field> SparkSection::fields() const {
    return {
        {.key = "spark", .type = FieldType::Object, .help = "Spark's master and workers.", .shape = &sparkShape()},
        {.key = "streaming", .type = FieldType::Map, .help = "Spark Streaming applications.", .most = 20, .shape = &streamingShape()},
    };
}
// clang-format on

std::span<const flow::Operator* const> SparkSection::operatorsOf(flow::NodeKind node) const {
    switch (node) {
        case flow::NodeKind::StreamInput:
            return spark::inputKinds();
        case flow::NodeKind::StreamOperator:
            return spark::operatorKinds();
        case flow::NodeKind::StreamOutput:
            return spark::outputKinds();
        default:
            return {};
    }
}

std::vector<Catalogue> SparkSection::catalogues() const {
    return {{sparkScope, "Spark", "sparkConfig", spark::settings()}};
}

}  // namespace millrace::scenario
