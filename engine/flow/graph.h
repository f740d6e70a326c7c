#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::flow {

enum class NodeKind : std::uint8_t { Source, Producer, Topic, Group, Spout, Bolt, Sink };
[[nodiscard]] std::string_view toText(NodeKind kind);

/// What records do on an edge.
enum class EdgeKind : std::uint8_t {
    Feed,          ///< source to topic or producer, producer to topic
    Subscription,  ///< topic to spout or consumer group
    Stream,        ///< spout or bolt to bolt
    Write          ///< bolt to sink
};
[[nodiscard]] std::string_view toText(EdgeKind kind);

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
