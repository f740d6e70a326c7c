#include "engine/observe/object_id.h"
#include "engine/observe/place.h"
#include "engine/scenario/flow_drawing.h"
#include "engine/scenario/sections/ingest/ingest_section.h"

namespace millrace::scenario {

void IngestSection::draw(const Value& document, FlowDrawing& drawing) const {
    for (const Member& source : FlowDrawing::membersOf(document.find("sources"))) {
        const std::string id = observe::sourceId(source.key);
        drawing.addNode(id, flow::NodeKind::Source, source.key,
                        FlowDrawing::textOf(source.value, "rate", "as fast as it goes"));
        if (source.value.find("topic") != nullptr) {
            drawing.addEdge(id, observe::topicId(FlowDrawing::textOf(source.value, "topic")), flow::EdgeKind::Feed);
        }
    }
    for (const Member& sink : FlowDrawing::membersOf(document.find("sinks"))) {
        drawing.addNode(observe::sinkId(sink.key), flow::NodeKind::Sink, sink.key,
                        FlowDrawing::textOf(sink.value, "kind"));
        if (const std::string topic = FlowDrawing::textOf(sink.value, "topic"); !topic.empty()) {
            drawing.addEdge(observe::sinkId(sink.key), observe::topicId(topic), flow::EdgeKind::Feed);
        }
    }
    for (const Member& pipeline : FlowDrawing::membersOf(document.find("ingestion"))) {
        const std::string id = observe::idOf(observe::ObjectKind::Ingestion, {}, pipeline.key);
        drawing.addNode(id, flow::NodeKind::Ingestion, pipeline.key, FlowDrawing::textOf(pipeline.value, "kind"));
        if (const std::string source = FlowDrawing::textOf(pipeline.value, "source"); !source.empty()) {
            drawing.addEdge(observe::sourceId(source), id, flow::EdgeKind::Feed);
        }
        const bool lands = pipeline.value.find("land") != nullptr;
        for (const auto& [key, label] :
             {std::pair<std::string_view, std::string_view>("to", lands ? "transformed" : ""),
              std::pair<std::string_view, std::string_view>("dead_letters", "dead letters"),
              std::pair<std::string_view, std::string_view>("land", "as they came")}) {
            if (const std::string sink = FlowDrawing::textOf(pipeline.value, key); !sink.empty()) {
                drawing.addEdge(id, observe::sinkId(sink), flow::EdgeKind::Write, "default", std::string(label));
            }
        }
    }
}

}  // namespace millrace::scenario
