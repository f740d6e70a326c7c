#include <fmt/format.h>

#include "engine/observe/place.h"
#include "engine/scenario/flow_drawing.h"
#include "engine/scenario/planned_views.h"
#include "engine/scenario/sections/spark/spark_section.h"

namespace millrace::scenario {

namespace {

using SparkKind = observe::ObjectKind;

void drawStreaming(const Member& application, FlowDrawing& drawing) {
    const Value* inputs = application.value.find("inputs");
    const auto idOfPart = [&](const std::string& name) {
        const bool isInput = inputs != nullptr && inputs->find(name) != nullptr;
        return observe::idOf(isInput ? SparkKind::StreamInput : SparkKind::StreamOperator, application.key, name);
    };
    const auto drawFrom = [&](const Value& part, const std::string& id) {
        for (const Value& from : FlowDrawing::itemsOf(part.find("from"))) {
            if (from.isText()) {
                drawing.addEdge(idOfPart(from.asText()), id, flow::EdgeKind::Stream);
            }
        }
    };
    for (const Member& input : FlowDrawing::membersOf(inputs)) {
        const std::string id = idOfPart(input.key);
        drawing.addNode(id, SparkKind::StreamInput, input.key, FlowDrawing::textOf(input.value, "kind"));
        if (const std::string topic = FlowDrawing::textOf(input.value, "topic"); !topic.empty()) {
            drawing.addEdge(observe::topicId(topic), id, flow::EdgeKind::Subscription);
        }
        if (const std::string source = FlowDrawing::textOf(input.value, "source"); !source.empty()) {
            drawing.addEdge(observe::sourceId(source), id, flow::EdgeKind::Feed);
        }
    }
    for (const Member& each : FlowDrawing::membersOf(application.value.find("operators"))) {
        const std::string id = observe::idOf(SparkKind::StreamOperator, application.key, each.key);
        drawing.addNode(id, SparkKind::StreamOperator, each.key, FlowDrawing::textOf(each.value, "kind"));
        drawFrom(each.value, id);
    }
    for (const Member& each : FlowDrawing::membersOf(application.value.find("outputs"))) {
        const std::string id = observe::idOf(SparkKind::StreamOutput, application.key, each.key);
        drawing.addNode(id, SparkKind::StreamOutput, each.key, FlowDrawing::textOf(each.value, "kind"));
        drawFrom(each.value, id);
        if (const std::string sink = FlowDrawing::textOf(each.value, "sink"); !sink.empty()) {
            drawing.addEdge(id, observe::sinkId(sink), flow::EdgeKind::Write, "default",
                            FlowDrawing::textOf(each.value, "table"));
        }
    }
}

}  // namespace

void SparkSection::draw(const Value& document, FlowDrawing& drawing) const {
    for (const Member& application : FlowDrawing::membersOf(document.find("streaming"))) {
        drawStreaming(application, drawing);
    }
}

void SparkSection::describePlan(const PlannedProcesses& planned) const {
    planned.addAll(SparkKind::SparkMaster);
    planned.addAll(SparkKind::SparkWorker);
    planned.addAll(SparkKind::Driver);
}

}  // namespace millrace::scenario
