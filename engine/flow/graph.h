#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/kinds.h"

namespace millrace::flow {

/// Nodes are objects of those kinds between which something may flow; the kinds' rows say what.
using NodeKind = observe::ObjectKind;
using observe::EdgeKind;

/// For one of them in a sentence.
[[nodiscard]] inline std::string_view toText(NodeKind kind) {
    return observe::rowOf(kind).word;
}

struct Node {
    std::string id;  ///< stable, unique: "topic:access", "bolt:audit/count"
    NodeKind kind = NodeKind::Topic;
    std::string title;
    std::string detail;  ///< a second line: "6 partitions, 3 replicas"
    friend bool operator==(const Node&, const Node&) = default;
};

struct Edge {
    std::string from;
    std::string to;
    EdgeKind kind = EdgeKind::Feed;
    std::string port;   ///< the stream it leaves by; "default" for most
    std::string label;  ///< "fields(status)", "shuffle": how it is dealt out
    friend bool operator==(const Edge&, const Edge&) = default;
};

/// The drawn graph: what flows from where to where. A plain value, in the order in which it was built. Ends of edges
/// need not exist (a document that is being edited may say anything); such edges are left out by every analysis.
struct Graph {
    std::vector<Node> nodes;
    std::vector<Edge> edges;

    [[nodiscard]] const Node* find(std::string_view id) const;
    friend bool operator==(const Graph&, const Graph&) = default;
};

/// The kind of edge with which two nodes can be joined, or nothing where records cannot go that way.
[[nodiscard]] std::optional<EdgeKind> edgeKindBetween(NodeKind from, NodeKind to);

/// The streams by which a node can be left, to be drawn as ports. Those in use, "default" always among them.
[[nodiscard]] std::vector<std::string> outputPorts(const Graph& graph, std::string_view id);

}  // namespace millrace::flow
