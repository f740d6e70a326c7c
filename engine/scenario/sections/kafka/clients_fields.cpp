#include "engine/kafka/settings/settings.h"
#include "engine/scenario/sections/ingest/collections.h"
#include "engine/scenario/sections/kafka/clients_section.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/shape/fields.h"

namespace millrace::scenario {

namespace {

// One line a field: these are tables.
// clang-format off

const Shape& producerShape() {
    static const Shape shape{"producer", {
        hostField("Where it runs; without one, on a host of its own.", false),
        {.key = "source", .type = FieldType::Reference, .help = "What it sends.", .isRequired = true, .collection = &sourceNames},
        {.key = "topic", .type = FieldType::Reference, .help = "Where it sends to.", .isRequired = true, .collection = &topicNames},
        configField(producerScope, "Settings by Kafka's names."),
        restartField(),
    }};
    return shape;
}

const Shape& groupShape() {
    static const Shape shape{"group", {
        hostField("Where its members run; without one, each on a host of its own.", false),
        {.key = "topics", .type = FieldType::TextList, .help = "What the group reads.", .isRequired = true, .collection = &topicNames},
        {.key = "members", .type = FieldType::Integer, .help = "Consumers in the group.", .defaultText = "1", .least = 1, .most = 1000},
        {.key = "work", .type = FieldType::Duration, .help = "Processor time that a member takes for each record.", .defaultText = "2us"},
        configField(consumerScope, "Settings by Kafka's names."),
        restartField(),
    }};
    return shape;
}

const Shape& clientsShape() {
    static const Shape shape{"clients", {
        {.key = "producers", .type = FieldType::Map, .help = "Producers besides those of the sources.", .shape = &producerShape()},
        {.key = "groups", .type = FieldType::Map, .help = "Consumer groups.", .most = 1000, .shape = &groupShape()},
    }};
    return shape;
}

// clang-format on

}  // namespace

// clang-format off
std::vector<Field> ClientsSection::fields() const {
    return {
        {.key = "clients", .type = FieldType::Object, .help = "Producers and consumer groups.", .shape = &clientsShape()},
    };
}
// clang-format on

std::vector<Catalogue> ClientsSection::catalogues() const {
    return {{producerScope, "Kafka producer", "producerConfig", kafka::producerSettings()},
            {consumerScope, "Kafka consumer", "consumerConfig", kafka::consumerSettings()}};
}

}  // namespace millrace::scenario
