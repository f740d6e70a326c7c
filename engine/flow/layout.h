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
    /// Parts of the drawing that no edge joins stand side by side where one above the other they would be higher than
    /// so many nodes and there is so much width.
    int rowsMost = 3;
    double widthMost = 1000;
};

/// Centre of each node, layered from left to right in the direction of flow, the top left corner of the whole at (0,
/// 0). The same graph gives the same positions. Not to be called from two threads at once: Graphviz keeps state of its
/// own.
[[nodiscard]] std::map<std::string, Point> layeredLayout(const Graph& graph, const LayoutOptions& options = {});

}  // namespace millrace::flow
