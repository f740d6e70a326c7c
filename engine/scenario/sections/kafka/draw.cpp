#include <fmt/format.h>

#include "engine/observe/object_id.h"
#include "engine/scenario/flow_drawing.h"
#include "engine/scenario/sections/kafka/kafka_section.h"

namespace millrace::scenario {

void KafkaSection::draw(const Value& document, FlowDrawing& drawing) const {
    for (const Member& topic : FlowDrawing::membersOf(document.find("topics"))) {
        drawing.addNode(
            observe::topicId(topic.key), flow::NodeKind::Topic, topic.key,
            fmt::format(
                "{}, {}",
                FlowDrawing::counted(FlowDrawing::integerOf(topic.value, "partitions"), "partition", "partitions"),
                FlowDrawing::counted(FlowDrawing::integerOf(topic.value, "replicas"), "replica", "replicas")));
    }
    // A producer that is named apart from its source is no card of its own: what it sends is the source's.
    const Value* clients = document.find("clients");
    const Value* producers = clients != nullptr ? clients->find("producers") : nullptr;
    for (const Member& producer : FlowDrawing::membersOf(producers)) {
        drawing.addEdge(observe::sourceId(FlowDrawing::textOf(producer.value, "source")),
                        observe::topicId(FlowDrawing::textOf(producer.value, "topic")), flow::EdgeKind::Feed);
    }
}

}  // namespace millrace::scenario
