#include "engine/flow/layout.h"

#include <fmt/format.h>
#include <graphviz/gvc.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace millrace::flow {

namespace {

constexpr double pointsPerInch = 72.0;

struct ContextDeleter {
    void operator()(GVC_t* context) const { gvFreeContext(context); }
};
struct GraphDeleter {
    GVC_t* context;
    void operator()(Agraph_t* graph) const {
        gvFreeLayout(context, graph);
        agclose(graph);
    }
};

/// cgraph takes its texts as `char*` and copies them.
char* mutableText(const std::string& text) {
    return const_cast<char*>(text.c_str());
}

void setDefault(Agraph_t* graph, int kind, const char* key, const std::string& value) {
    agattr(graph, kind, mutableText(key), mutableText(value));
}

std::string inches(double points) {
    return fmt::format("{:.4f}", points / pointsPerInch);
}

}  // namespace

std::map<std::string, Point> layeredLayout(const Graph& graph, const LayoutOptions& options) {
    std::map<std::string, Point> positions;
    if (graph.nodes.empty()) {
        return positions;
    }
    const std::unique_ptr<GVC_t, ContextDeleter> context(gvContext());
    const std::unique_ptr<Agraph_t, GraphDeleter> drawing(agopen(mutableText("flow"), Agdirected, nullptr),
                                                          GraphDeleter{context.get()});
    setDefault(drawing.get(), AGRAPH, "rankdir", "LR");
    setDefault(drawing.get(), AGRAPH, "ranksep", inches(options.gapBetweenLayers));
    setDefault(drawing.get(), AGRAPH, "nodesep", inches(options.gapWithinLayer));
    setDefault(drawing.get(), AGNODE, "shape", "box");
    setDefault(drawing.get(), AGNODE, "fixedsize", "true");
    setDefault(drawing.get(), AGNODE, "label", "");
    setDefault(drawing.get(), AGNODE, "width", inches(options.nodeWidth));
    setDefault(drawing.get(), AGNODE, "height", inches(options.nodeHeight));
    std::map<std::string, Agnode_t*> nodes;
    for (const Node& node : graph.nodes) {
        nodes[node.id] = agnode(drawing.get(), mutableText(node.id), 1);
    }
    for (const Edge& edge : graph.edges) {
        const auto from = nodes.find(edge.from);
        const auto to = nodes.find(edge.to);
        if (from != nodes.end() && to != nodes.end()) {
            agedge(drawing.get(), from->second, to->second, nullptr, 1);
        }
    }
    gvLayout(context.get(), drawing.get(), "dot");
    // Graphviz counts y upwards, a canvas downwards.
    Point least{INFINITY, INFINITY};
    for (const auto& [id, node] : nodes) {
        const Point point{std::round(ND_coord(node).x), std::round(-ND_coord(node).y)};
        positions[id] = point;
        least = {std::min(least.x, point.x), std::min(least.y, point.y)};
    }
    for (auto& [id, point] : positions) {
        point = {point.x - least.x + options.nodeWidth / 2, point.y - least.y + options.nodeHeight / 2};
    }
    return positions;
}

}  // namespace millrace::flow
