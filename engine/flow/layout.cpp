#include "engine/flow/layout.h"

#include <fmt/format.h>
#include <graphviz/gvc.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

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

/// Nodes that edges join, in whatever direction.
struct Island {
    std::vector<std::string> nodes;
    Point least{INFINITY, INFINITY};
    Point most{-INFINITY, -INFINITY};
};

std::vector<Island> islandsOf(const Graph& graph, const std::map<std::string, Point>& positions) {
    std::map<std::string, std::string> leaders;
    const auto leaderOf = [&leaders](std::string id) {
        while (leaders[id] != id) {
            id = leaders[id] = leaders[leaders[id]];
        }
        return id;
    };
    for (const auto& [id, position] : positions) {
        leaders[id] = id;
    }
    for (const Edge& edge : graph.edges) {
        if (positions.contains(edge.from) && positions.contains(edge.to)) {
            leaders[leaderOf(edge.from)] = leaderOf(edge.to);
        }
    }
    std::map<std::string, Island> found;
    for (const auto& [id, at] : positions) {
        Island& island = found[leaderOf(id)];
        island.nodes.push_back(id);
        island.least = {std::min(island.least.x, at.x), std::min(island.least.y, at.y)};
        island.most = {std::max(island.most.x, at.x), std::max(island.most.y, at.y)};
    }
    std::vector<Island> islands;
    for (auto& [leader, island] : found) {
        islands.push_back(std::move(island));
    }
    std::stable_sort(islands.begin(), islands.end(),
                     [](const Island& a, const Island& b) { return a.least.y < b.least.y; });
    return islands;
}

/// From one column of islands to the next, as far as all of them would reach.
struct Stacks {
    std::vector<std::vector<const Island*>> columns;
    double width = 0;
};

Stacks stacked(const std::vector<Island>& islands, double heightMost, const LayoutOptions& options) {
    Stacks stacks;
    double height = 0;
    double widest = 0;
    for (const Island& island : islands) {
        const double own = island.most.y - island.least.y + options.nodeHeight + options.gapWithinLayer;
        if (stacks.columns.empty() || height + own > heightMost) {
            stacks.columns.emplace_back();
            stacks.width += widest > 0 ? widest + options.gapBetweenLayers : 0;
            height = widest = 0;
        }
        stacks.columns.back().push_back(&island);
        height += own;
        widest = std::max(widest, island.most.x - island.least.x + options.nodeWidth);
    }
    stacks.width += widest;
    return stacks;
}

/// Many small flows, one above the other, are a tower beside which nothing stands: they go side by side instead.
void placeSideBySide(const Graph& graph, const LayoutOptions& options, std::map<std::string, Point>& positions) {
    const std::vector<Island> islands = islandsOf(graph, positions);
    const double pitch = options.nodeHeight + options.gapWithinLayer;
    double height = 0;
    double highest = 0;
    for (const Island& island : islands) {
        height += island.most.y - island.least.y + pitch;
        highest = std::max(highest, island.most.y - island.least.y + pitch);
    }
    if (islands.size() < 2 || height <= options.rowsMost * pitch) {
        return;
    }
    // As low as the width permits, and no lower than asked for.
    double wanted = std::max(highest, options.rowsMost * pitch);
    Stacks stacks = stacked(islands, wanted, options);
    while (stacks.width > options.widthMost && wanted < height) {
        wanted += pitch;
        stacks = stacked(islands, wanted, options);
    }
    double x = 0;
    for (const std::vector<const Island*>& column : stacks.columns) {
        double y = 0;
        double widest = 0;
        for (const Island* island : column) {
            for (const std::string& id : island->nodes) {
                Point& at = positions[id];
                at = {at.x - island->least.x + x, at.y - island->least.y + y};
            }
            y += island->most.y - island->least.y + pitch;
            widest = std::max(widest, island->most.x - island->least.x + options.nodeWidth);
        }
        x += widest + options.gapBetweenLayers;
    }
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
    }
    placeSideBySide(graph, options, positions);
    for (const auto& [id, point] : positions) {
        least = {std::min(least.x, point.x), std::min(least.y, point.y)};
    }
    for (auto& [id, point] : positions) {
        point = {point.x - least.x + options.nodeWidth / 2, point.y - least.y + options.nodeHeight / 2};
    }
    return positions;
}

}  // namespace millrace::flow
