#include "engine/scenario/shape/fields.h"
#include "engine/kafka/settings/settings.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/kafka/kafka_section.h"
#include "engine/scenario/sections/zookeeper/ensemble_fields.h"

namespace millrace::scenario {

namespace {

// One line a field: these are tables.
// clang-format off

const Shape& brokerShape() {
    static const Shape shape{"broker", {
        hostField("Where the broker runs.", true),
        configField(brokerScope, "Settings of this broker by Kafka's names."),
        restartField(),
    }};
    return shape;
}

Shape makeClusterShape() {
    Shape shape{"cluster", {
        {.key = "coordination", .type = FieldType::Choice, .help = "Who keeps the cluster's metadata.", .defaultText = "zookeeper", .choices = {"zookeeper"}},
        {.key = "profile", .type = FieldType::Choice, .help = "course takes the older defaults that the course text describes: for brokers and topics replica.lag.time.max.ms 10000, unclean.leader.election.enable true, zookeeper.session.timeout.ms 6000; for producers acks 1, retries 0; for consumers auto.commit.interval.ms 60000, fetch.max.wait.ms 100, session.timeout.ms 10000.", .defaultText = "current", .choices = {"current", "course"}},
    }};
    for (Field& field : ensembleFields()) {
        shape.fields.push_back(std::move(field));
    }
    shape.fields.insert(shape.fields.end(), {
        {.key = "brokers", .type = FieldType::Map, .help = "The brokers by their numbers.", .most = 1000, .shape = &brokerShape()},
        configField(brokerScope, "Settings of all brokers by Kafka's names."),
    });
    return shape;
}

const Shape& clusterShape() {
    static const Shape shape = makeClusterShape();
    return shape;
}

const Shape& topicShape() {
    static const Shape shape{"topic", {
        {.key = "partitions", .type = FieldType::Integer, .help = "Into how many logs the topic is divided.", .defaultText = "1", .least = 1, .most = 200'000},
        {.key = "replicas", .type = FieldType::Integer, .help = "How many brokers keep a copy of each partition.", .defaultText = "1", .least = 1, .most = 1000},
        configField(topicScope, "Settings of the topic by Kafka's names."),
    }};
    return shape;
}

// clang-format on

}  // namespace

// clang-format off
std::vector<Field> KafkaSection::fields() const {
    return {
        {.key = "cluster", .type = FieldType::Object, .help = "Kafka and ZooKeeper.", .shape = &clusterShape()},
        {.key = "topics", .type = FieldType::Map, .help = "What records are sorted into.", .shape = &topicShape()},
    };
}
// clang-format on

const Collection* KafkaSection::collectionOf(flow::NodeKind node) const {
    return node == flow::NodeKind::Topic ? &topicNames : nullptr;
}

std::vector<Catalogue> KafkaSection::catalogues() const {
    return {{brokerScope, "Kafka broker", "brokerConfig", kafka::brokerSettings()},
            {topicScope, "Kafka topic", "topicConfig", kafka::topicSettings()}};
}

}  // namespace millrace::scenario
