#include "engine/scenario/flow_of.h"

#include <algorithm>

#include "engine/scenario/flow_drawing.h"
#include "engine/scenario/sections.h"
#include "engine/scenario/written_out.h"

namespace millrace::scenario {

flow::Graph flowOf(const Value& document) {
    const Value whole = writtenOut(document).document;
    FlowDrawing drawing;
    for (const Section* section : sections()) {
        section->draw(whole, drawing);
    }
    flow::Graph graph = drawing.take();
    // As records go, and within a kind as the document says it.
    std::stable_sort(graph.nodes.begin(), graph.nodes.end(),
                     [](const flow::Node& a, const flow::Node& b) { return a.kind < b.kind; });
    return graph;
}

}  // namespace millrace::scenario
