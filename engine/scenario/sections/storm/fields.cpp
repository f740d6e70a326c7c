#include "engine/scenario/shape/fields.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/storm/collections.h"
#include "engine/scenario/sections/storm/storm_section.h"
#include "engine/storm/operators/catalog.h"
#include "engine/storm/settings.h"

namespace millrace::scenario {

namespace {

// One line a field: these are tables.
// clang-format off

const Shape& nimbusShape() {
    static const Shape shape{"nimbus", {
        hostField("Where Nimbus runs.", true),
        restartField(),
    }};
    return shape;
}

const Shape& supervisorShape() {
    static const Shape shape{"supervisor", {
        hostField("Where the supervisor and its workers run.", true),
        {.key = "slots", .type = FieldType::Integer, .help = "How many workers it can run.", .defaultText = "4", .least = 1, .most = 1000},
        configField(stormScope, "Settings of this supervisor by Storm's names."),
        restartField(),
    }};
    return shape;
}

const Shape& stormShape() {
    static const Shape shape{"storm", {
        {.key = "profile", .type = FieldType::Choice, .help = "Storm's daemons have kept the defaults that the course text describes, so course changes nothing here; topologies have a profile of their own.", .defaultText = "current", .choices = {"current", "course"}},
        {.key = "nimbus", .type = FieldType::Object, .help = "The master.", .isRequired = true, .shape = &nimbusShape()},
        {.key = "supervisors", .type = FieldType::Map, .help = "The nodes that run workers.", .isRequired = true, .most = 1000, .shape = &supervisorShape()},
        configField(stormScope, "Settings of all daemons by Storm's names."),
    }};
    return shape;
}

const Shape& inputShape() {
    static const Shape shape{"input", {
        {.key = "from", .type = FieldType::Text, .help = "The spout or bolt whose tuples come in.", .isRequired = true},
        {.key = "stream", .type = FieldType::Text, .help = "Which of its streams.", .defaultText = "default"},
        {.key = "grouping", .type = FieldType::Choice, .help = "How tuples are dealt out to the tasks. shuffle prefers tasks of the same worker while they keep up (Storm's load-aware shuffle), none draws a task for each tuple, local-or-shuffle never leaves a worker that has one.", .defaultText = "shuffle", .choices = {"shuffle", "fields", "all", "global", "none", "local-or-shuffle"}},
        {.key = "fields", .type = FieldType::TextList, .help = "For the fields grouping: equal values go to one task."},
    }};
    return shape;
}

Field executorsField() {
    return {.key = "executors", .type = FieldType::Integer, .help = "Threads that run it.", .defaultText = "1", .least = 1, .most = 10000};
}

Field tasksField() {
    return {.key = "tasks", .type = FieldType::Integer, .help = "Instances of it; without a number, one for each executor.", .least = 1, .most = 10000, .blank = "one for each executor"};
}

const Shape& spoutShape() {
    static const Shape shape = shapeOfKinds("spout", flow::NodeKind::Spout, "Where its tuples begin.", {
        executorsField(),
        tasksField(),
        configField(consumerScope, "Settings of its consumer by Kafka's names."),
    });
    return shape;
}

const Shape& boltShape() {
    static const Shape shape = shapeOfKinds("bolt", flow::NodeKind::Bolt, "What it does with a tuple.", {
        executorsField(),
        tasksField(),
        {.key = "cost", .type = FieldType::Duration, .help = "Processor time on a core of speed 1 that it takes for each tuple, beside what its work takes.", .defaultText = "0s"},
        {.key = "inputs", .type = FieldType::List, .help = "Where its tuples come from.", .isRequired = true, .most = 1000, .shape = &inputShape()},
        configField(stormScope, "Settings of this component by Storm's names."),
    });
    return shape;
}

const Shape& topologyShape() {
    static const Shape shape{"topology", {
        {.key = "workers", .type = FieldType::Integer, .help = "Worker processes.", .defaultText = "1", .least = 1, .most = 10000},
        {.key = "profile", .type = FieldType::Choice, .help = "course takes the older defaults that the course text describes: shuffles without regard to load and place (topology.disable.loadaware.messaging), and those of the spouts' consumers.", .defaultText = "current", .choices = {"current", "course"}},
        {.key = "submit_at", .type = FieldType::Duration, .help = "When it is handed to Nimbus.", .defaultText = "0s"},
        {.key = "spouts", .type = FieldType::Map, .help = "Where tuples begin.", .most = 1000, .shape = &spoutShape()},
        {.key = "bolts", .type = FieldType::Map, .help = "What is done with them.", .most = 1000, .shape = &boltShape()},
        configField(stormScope, "Settings of the topology by Storm's names."),
    }};
    return shape;
}

// clang-format on

std::vector<const flow::Operator*> boltRows() {
    std::vector<const flow::Operator*> rows;
    for (const storm::BoltKind* each : storm::boltKinds()) {
        rows.push_back(&each->about);
    }
    return rows;
}

}  // namespace

// clang-format off
std::vector<Field> StormSection::fields() const {
    return {
        {.key = "storm", .type = FieldType::Object, .help = "Nimbus and supervisors.", .shape = &stormShape()},
        {.key = "topologies", .type = FieldType::Map, .help = "What Storm runs.", .most = 1000, .shape = &topologyShape()},
    };
}
// clang-format on

std::span<const flow::Operator* const> StormSection::operatorsOf(flow::NodeKind node) const {
    static const std::vector<const flow::Operator*> bolts = boltRows();
    if (node == flow::NodeKind::Spout) {
        return storm::spoutKinds();
    }
    return node == flow::NodeKind::Bolt ? bolts : std::span<const flow::Operator* const>();
}

std::vector<Catalogue> StormSection::catalogues() const {
    return {{stormScope, "Storm", "stormConfig", storm::settings()}};
}

}  // namespace millrace::scenario
