#include "engine/flow/graph.h"

#include <algorithm>

namespace millrace::flow {

std::string_view toText(NodeKind kind) {
    switch (kind) {
        case NodeKind::Source:
            return "source";
        case NodeKind::Producer:
            return "producer";
        case NodeKind::Topic:
            return "topic";
        case NodeKind::Group:
            return "consumer group";
        case NodeKind::Spout:
            return "spout";
        case NodeKind::Bolt:
            return "bolt";
        case NodeKind::Sink:
            return "sink";
    }
    return "unknown";
}

std::string_view toText(EdgeKind kind) {
    switch (kind) {
        case EdgeKind::Feed:
            return "feed";
        case EdgeKind::Subscription:
            return "subscription";
        case EdgeKind::Stream:
            return "stream";
        case EdgeKind::Write:
            return "write";
    }
    return "unknown";
}

const Node* Graph::find(std::string_view id) const {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node& each) { return each.id == id; });
    return found != nodes.end() ? &*found : nullptr;
}

std::optional<EdgeKind> edgeKindBetween(NodeKind from, NodeKind to) {
    struct Rule {
        NodeKind from;
        NodeKind to;
        EdgeKind kind;
    };
    constexpr Rule rules[] = {{NodeKind::Source, NodeKind::Topic, EdgeKind::Feed},
                              {NodeKind::Source, NodeKind::Producer, EdgeKind::Feed},
                              {NodeKind::Producer, NodeKind::Topic, EdgeKind::Feed},
                              {NodeKind::Topic, NodeKind::Spout, EdgeKind::Subscription},
                              {NodeKind::Topic, NodeKind::Group, EdgeKind::Subscription},
                              {NodeKind::Spout, NodeKind::Bolt, EdgeKind::Stream},
                              {NodeKind::Bolt, NodeKind::Bolt, EdgeKind::Stream},
                              {NodeKind::Bolt, NodeKind::Sink, EdgeKind::Write}};
    for (const Rule& rule : rules) {
        if (rule.from == from && rule.to == to) {
            return rule.kind;
        }
    }
    return std::nullopt;
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
