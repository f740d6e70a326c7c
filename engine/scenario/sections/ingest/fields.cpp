#include "engine/scenario/shape/fields.h"
#include "engine/ingest/kinds.h"
#include "engine/scenario/sections/ingest/collections.h"
#include "engine/scenario/sections/ingest/ingest_section.h"
#include "engine/scenario/sections/kafka/collections.h"

namespace millrace::scenario {

namespace {

// One line a field: these are tables.
// clang-format off

const Shape& sourceShape() {
    static const Shape shape = shapeOfKinds("source", flow::NodeKind::Source, "file reads lines, generator makes records up.", {
        hostField("Where it runs; without one, on a host of its own.", false),
        configField(producerScope, "Settings of its producer by Kafka's names."),
        restartField(),
    });
    return shape;
}

const Shape& tableShape() {
    static const Shape shape{"table", {
        {.key = "kind", .type = FieldType::Choice, .help = "rows adds a row for each tuple, counts adds one to the count of its key.", .defaultText = "rows", .choices = {"rows", "counts"}},
        {.key = "columns", .type = FieldType::TextList, .help = "Name and type of each column, as in \"status INTEGER\"; types are INTEGER, REAL and TEXT. Counts have one, the key.", .isRequired = true},
    }};
    return shape;
}

const Shape& sinkShape() {
    static const Shape shape = shapeOfKinds("sink", flow::NodeKind::Sink, "sqlite writes rows of a database, file lines of text.", {
        hostField("Where its database or file stands; without one, on a host of its own.", false),
        {.key = "tables", .type = FieldType::Map, .help = "The tables of the database; without them, those of the web log audit.", .most = 64, .forKinds = {"sqlite"}, .shape = &tableShape()},
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
    return node == flow::NodeKind::Sink ? ingest::sinkKinds() : std::span<const flow::Operator* const>();
}

}  // namespace millrace::scenario
