#include "engine/observe/object_id.h"
#include "engine/scenario/flow_drawing.h"
#include "engine/scenario/sections/kafka/clients_section.h"

namespace millrace::scenario {

void ClientsSection::draw(const Value& document, FlowDrawing& drawing) const {
    const Value* clients = document.find("clients");
    for (const Member& producer : FlowDrawing::membersOf(clients != nullptr ? clients->find("producers") : nullptr)) {
        const std::string id = observe::producerId(producer.key);
        drawing.addNode(id, flow::NodeKind::Producer, producer.key, "producer");
        drawing.addEdge(observe::sourceId(FlowDrawing::textOf(producer.value, "source")), id, flow::EdgeKind::Feed);
        drawing.addEdge(id, observe::topicId(FlowDrawing::textOf(producer.value, "topic")), flow::EdgeKind::Feed);
    }
    for (const Member& group : FlowDrawing::membersOf(clients != nullptr ? clients->find("groups") : nullptr)) {
        const std::string id = observe::groupId(group.key);
        drawing.addNode(id, flow::NodeKind::Group, group.key,
                        FlowDrawing::counted(FlowDrawing::integerOf(group.value, "members"), "member", "members"));
        const Value* topics = group.value.find("topics");
        for (const Value& topic : FlowDrawing::itemsOf(topics)) {
            drawing.addEdge(observe::topicId(topic.asText()), id, flow::EdgeKind::Subscription);
        }
    }
}

}  // namespace millrace::scenario
