#include "engine/scenario/shape/fields.h"
#include "engine/ingest/kinds.h"
#include "engine/ingest/pipeline/step.h"
#include "engine/ingest/pipeline/ways.h"
#include "engine/scenario/sections/ingest/collections.h"
#include "engine/scenario/sections/ingest/ingest_section.h"
#include "engine/scenario/sections/ingest/pipelines.h"
#include "engine/scenario/sections/kafka/collections.h"

namespace millrace::scenario {

namespace {

// One line a field: these are tables.
// clang-format off

const Shape& sourceShape() {
    static const Shape shape = shapeOfKinds("source", flow::NodeKind::Source, "file reads lines, generator makes records up.", {
        hostField("Where it runs; without one, on a host of its own.", false),
        only(flow::with("topic"), configField(producerScope, "Settings of its producer by Kafka's names.")),
        only(flow::with("topic"), restartField()),
    });
    return shape;
}

const Shape& tableShape() {
    static const Shape shape{"table", {
        {.key = "kind", .type = FieldType::Choice, .help = "rows adds a row for each tuple, counts adds one to the count of its key, keyed sets the row of its key.", .defaultText = "rows", .choices = {"rows", "counts", "keyed"}},
        {.key = "key", .type = FieldType::TextList, .help = "Of a keyed table: the columns that tell its rows apart. A row of the same key takes the place of the one before.", .isRequired = true, .most = 16, .readWhen = flow::when("kind", {"keyed"})},
        {.key = "columns", .type = FieldType::TextList, .help = "Name and type of each column, as in \"status INTEGER\"; types are INTEGER, REAL and TEXT. Counts have one, the key.", .isRequired = true},
    }};
    return shape;
}

const Shape& sinkShape() {
    static const Shape shape = shapeOfKinds("sink", flow::NodeKind::Sink, "sqlite and warehouse write rows of a database, file and archive lines of text, lake objects in folders, documents JSON by ids, topic records of a topic.", {
        hostField("Where its database or file stands; without one, on a host of its own.", false),
        only(flow::with("topic"), configField(producerScope, "Settings of its producer by Kafka's names.")),
        only(flow::with("topic"), restartField()),
        {.key = "tables", .type = FieldType::Map, .help = "The tables of the database; without them sqlite has those of the web log audit.", .most = 64, .forKinds = {"sqlite", "warehouse"}, .shape = &tableShape()},
    });
    return shape;
}

// clang-format on

}  // namespace

// clang-format off
std::vector<Field> IngestSection::fields() const {
    return {
        {.key = "sources", .type = FieldType::Map, .help = "Where records come from.", .shape = &sourceShape()},
        {.key = "sinks", .type = FieldType::Map, .help = "Where results go.", .most = 1000, .shape = &sinkShape()},
        ingestionField(),
    };
}
// clang-format on

const Collection* IngestSection::collectionOf(flow::NodeKind node) const {
    return node == flow::NodeKind::Source ? &sourceNames : node == flow::NodeKind::Sink ? &sinkNames : nullptr;
}

std::span<const flow::Operator* const> IngestSection::operatorsOf(flow::NodeKind node) const {
    if (node == flow::NodeKind::Source) {
        return ingest::sourceKinds();
    }
    if (node == flow::NodeKind::Ingestion) {
        return ingest::pipelineKinds();
    }
    if (node == flow::NodeKind::IngestStep) {
        return ingest::stepOperators();
    }
    return node == flow::NodeKind::Sink ? ingest::sinkKinds() : std::span<const flow::Operator* const>();
}

}  // namespace millrace::scenario
