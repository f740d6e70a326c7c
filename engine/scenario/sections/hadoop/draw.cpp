#include <string>

#include "engine/scenario/flow_drawing.h"
#include "engine/scenario/sections/hadoop/hadoop_section.h"

namespace millrace::scenario {

namespace {

std::string objectId(observe::ObjectKind kind, const std::string& name) {
    return std::string(observe::toText(kind)) + ":" + name;
}

/// A job reads a file of its input folder, or that file itself.
bool isWithin(const std::string& path, const std::string& input) {
    return !input.empty() && (path == input || path.starts_with(input + "/"));
}

}  // namespace

void HadoopSection::draw(const Value& document, FlowDrawing& drawing) const {
    const Value* hadoop = document.find("hadoop");
    const auto files = FlowDrawing::membersOf(hadoop != nullptr ? hadoop->find("files") : nullptr);
    for (const Member& file : files) {
        const std::string id = objectId(flow::NodeKind::DfsFile, file.key);
        drawing.addNode(id, flow::NodeKind::DfsFile, file.key, FlowDrawing::textOf(file.value, "path"));
        drawing.addEdge(observe::sourceId(FlowDrawing::textOf(file.value, "source")), id, flow::EdgeKind::Feed);
    }
    const auto jobs = FlowDrawing::membersOf(document.find("jobs"));
    for (const Member& job : jobs) {
        const std::string id = objectId(flow::NodeKind::Job, job.key);
        const std::string input = FlowDrawing::textOf(job.value, "input");
        drawing.addNode(id, flow::NodeKind::Job, job.key, FlowDrawing::textOf(job.value, "kind"));
        for (const Member& file : files) {
            if (isWithin(FlowDrawing::textOf(file.value, "path"), input)) {
                drawing.addEdge(objectId(flow::NodeKind::DfsFile, file.key), id, flow::EdgeKind::Feed);
            }
        }
        for (const Member& other : jobs) {
            const std::string output = FlowDrawing::textOf(other.value, "output");
            if (other.key != job.key && !output.empty() && isWithin(input, output)) {
                drawing.addEdge(objectId(flow::NodeKind::Job, other.key), id, flow::EdgeKind::Feed);
            }
        }
        for (const Member& each : FlowDrawing::membersOf(hadoop != nullptr ? hadoop->find("exports") : nullptr)) {
            if (FlowDrawing::textOf(each.value, "folder") == FlowDrawing::textOf(job.value, "output")) {
                drawing.addEdge(id, observe::sinkId(FlowDrawing::textOf(each.value, "sink")), flow::EdgeKind::Write);
            }
        }
    }
}

}  // namespace millrace::scenario
