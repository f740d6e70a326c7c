#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/graph.h"

namespace millrace::flow {

/// Something about the drawing that its author should know.
struct Finding {
    enum class Kind : std::uint8_t {
        Unreachable,  ///< no source leads to it, so nothing will ever come
        DeadEnd,      ///< what comes here goes nowhere and is looked at by nobody
        Cycle,        ///< records can come back to it
        Dangling      ///< an edge ends at something that is not there
    };
    Kind kind = Kind::Unreachable;
    std::string node;
    std::string message;
    friend bool operator==(const Finding&, const Finding&) = default;
};

/// All findings, in the order of the nodes.
[[nodiscard]] std::vector<Finding> examine(const Graph& graph);

/// Those to which records can come back, in the order of the nodes.
[[nodiscard]] std::vector<std::string> nodesInCycles(const Graph& graph);

/// Ids of all nodes so that every edge leads forward, except those that close a cycle. Nodes that do not depend on each
/// other keep the order of the graph.
[[nodiscard]] std::vector<std::string> flowOrder(const Graph& graph);

/// Everything that records from this node can come to, itself included; in the order of the graph.
[[nodiscard]] std::vector<std::string> downstreamOf(const Graph& graph, std::string_view id);
/// Everything from which records can come to this node, itself included.
[[nodiscard]] std::vector<std::string> upstreamOf(const Graph& graph, std::string_view id);

/// The longest way from a start to an end, by number of hops: what a record's latency is made of. Empty for a graph
/// with a cycle or without nodes.
[[nodiscard]] std::vector<std::string> longestPath(const Graph& graph);

}  // namespace millrace::flow
