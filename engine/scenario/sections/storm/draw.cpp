#include <fmt/format.h>

#include "engine/observe/object_id.h"
#include "engine/scenario/flow_drawing.h"
#include "engine/scenario/operators.h"
#include "engine/scenario/sections/storm/storm_section.h"

namespace millrace::scenario {

namespace {

std::string executorsOf(const Value& component) {
    return FlowDrawing::counted(FlowDrawing::integerOf(component, "executors"), "executor", "executors");
}

std::string groupingText(const Value& input) {
    std::string text = FlowDrawing::textOf(input, "grouping", "shuffle");
    const Value* fields = text == "fields" ? input.find("fields") : nullptr;
    std::string names;
    for (const Value& field : FlowDrawing::itemsOf(fields)) {
        names += (names.empty() ? "" : ", ") + field.asText();
    }
    return names.empty() || text != "fields" ? text : fmt::format("{}({})", text, names);
}

void drawBolt(const std::string& topology, const Member& bolt, const Value* spouts, FlowDrawing& drawing) {
    const std::string id = observe::boltId(topology, bolt.key);
    drawing.addNode(id, flow::NodeKind::Bolt, bolt.key,
                    fmt::format("{}, {}", FlowDrawing::textOf(bolt.value, "kind"), executorsOf(bolt.value)));
    const Value* inputs = bolt.value.find("inputs");
    for (const Value& input : FlowDrawing::itemsOf(inputs)) {
        const std::string from = FlowDrawing::textOf(input, "from");
        const bool isSpout = spouts != nullptr && spouts->find(from) != nullptr;
        drawing.addEdge(isSpout ? observe::spoutId(topology, from) : observe::boltId(topology, from), id,
                        flow::EdgeKind::Stream, FlowDrawing::textOf(input, "stream", "default"), groupingText(input));
    }
    const flow::Operator* row = operatorOf(flow::NodeKind::Bolt, bolt.value);
    const flow::Parameter* sink = row != nullptr ? row->reference(flow::NodeKind::Sink) : nullptr;
    if (sink != nullptr && bolt.value.find(sink->key) != nullptr) {
        const flow::Parameter* table = row->first(flow::ParameterType::Table);
        drawing.addEdge(id, observe::sinkId(FlowDrawing::textOf(bolt.value, sink->key)), flow::EdgeKind::Write,
                        "default", table != nullptr ? FlowDrawing::textOf(bolt.value, table->key) : std::string());
    }
}

void drawTopology(const Member& topology, FlowDrawing& drawing) {
    const Value* spouts = topology.value.find("spouts");
    for (const Member& spout : FlowDrawing::membersOf(spouts)) {
        const std::string id = observe::spoutId(topology.key, spout.key);
        drawing.addNode(id, flow::NodeKind::Spout, spout.key, executorsOf(spout.value));
        if (const std::string topic = FlowDrawing::textOf(spout.value, "topic"); !topic.empty()) {
            drawing.addEdge(observe::topicId(topic), id, flow::EdgeKind::Subscription);
        }
    }
    for (const Member& bolt : FlowDrawing::membersOf(topology.value.find("bolts"))) {
        drawBolt(topology.key, bolt, spouts, drawing);
    }
}

}  // namespace

void StormSection::draw(const Value& document, FlowDrawing& drawing) const {
    for (const Member& topology : FlowDrawing::membersOf(document.find("topologies"))) {
        drawTopology(topology, drawing);
    }
}

}  // namespace millrace::scenario
