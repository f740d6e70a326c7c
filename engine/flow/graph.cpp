#include "engine/flow/graph.h"

#include <algorithm>

namespace millrace::flow {

const Node* Graph::find(std::string_view id) const {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node& each) { return each.id == id; });
    return found != nodes.end() ? &*found : nullptr;
}

std::optional<EdgeKind> edgeKindBetween(NodeKind from, NodeKind to) {
    const auto way = observe::wayBetween(from, to);
    return way && way->through == NodeKind::Unknown ? std::optional(way->how) : std::nullopt;
}

std::vector<std::string> outputPorts(const Graph& graph, std::string_view id) {
    std::vector<std::string> ports{"default"};
    for (const Edge& edge : graph.edges) {
        const bool isNew = std::find(ports.begin(), ports.end(), edge.port) == ports.end();
        if (edge.from == id && !edge.port.empty() && isNew) {
            ports.push_back(edge.port);
        }
    }
    return ports;
}

}  // namespace millrace::flow
