#pragma once

#include <map>
#include <string>

#include "engine/flow/graph.h"

namespace millrace::flow {

struct Point {
    double x = 0;
    double y = 0;
    friend bool operator==(const Point&, const Point&) = default;
};

/// Sizes in the canvas's own unit, which is a pixel at zoom 1.
struct LayoutOptions {
    double nodeWidth = 160;
    double nodeHeight = 72;
    double gapBetweenLayers = 80;
    double gapWithinLayer = 36;
};

/// Centre of each node, layered from left to right in the direction of flow, the top left corner of the whole at (0,
/// 0). The same graph gives the same positions. Not to be called from two threads at once: Graphviz keeps state of its
/// own.
[[nodiscard]] std::map<std::string, Point> layeredLayout(const Graph& graph, const LayoutOptions& options = {});

}  // namespace millrace::flow
