#include "engine/flow/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/reverse_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <map>
#include <queue>

namespace millrace::flow {

namespace {

using BoostGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS>;
using Vertex = boost::graph_traits<BoostGraph>::vertex_descriptor;

/// The graph as Boost.Graph sees it: vertex i is node i.
struct Indexed {
    explicit Indexed(const Graph& graph) : boost(graph.nodes.size()) {
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            index.emplace(graph.nodes[i].id, i);
        }
        for (const Edge& edge : graph.edges) {
            const auto from = index.find(edge.from);
            const auto to = index.find(edge.to);
            if (from != index.end() && to != index.end()) {
                boost::add_edge(from->second, to->second, boost);
            }
        }
    }

    BoostGraph boost;
    std::map<std::string, Vertex, std::less<>> index;
};

template <typename AnyGraph>
std::vector<bool> reachedFrom(const AnyGraph& graph, const std::vector<Vertex>& starts) {
    std::vector<boost::default_color_type> colors(num_vertices(graph), boost::white_color);
    const auto colorMap = boost::make_iterator_property_map(colors.begin(), get(boost::vertex_index, graph));
    boost::queue<Vertex> buffer;
    for (const Vertex start : starts) {
        if (colors[start] == boost::white_color) {
            boost::breadth_first_visit(graph, start, buffer, boost::default_bfs_visitor(), colorMap);
        }
    }
    std::vector<bool> reached(colors.size());
    std::transform(colors.begin(), colors.end(), reached.begin(),
                   [](boost::default_color_type color) { return color != boost::white_color; });
    return reached;
}

std::vector<std::string> idsWhere(const Graph& graph, const std::vector<bool>& marked) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        if (marked[i]) {
            ids.push_back(graph.nodes[i].id);
        }
    }
    return ids;
}

/// Strong component of each vertex, and whether that component is a cycle.
struct Components {
    explicit Components(const BoostGraph& graph) : of(num_vertices(graph)) {
        const auto map = boost::make_iterator_property_map(of.begin(), get(boost::vertex_index, graph));
        const int count = boost::strong_components(graph, map);
        isCycle.assign(static_cast<std::size_t>(count), false);
        std::vector<int> sizes(static_cast<std::size_t>(count), 0);
        for (Vertex v = 0; v < of.size(); ++v) {
            const auto component = static_cast<std::size_t>(of[v]);
            isCycle[component] = isCycle[component] || ++sizes[component] > 1 || boost::edge(v, v, graph).second;
        }
    }
    [[nodiscard]] bool cyclic(Vertex v) const { return isCycle[static_cast<std::size_t>(of[v])]; }

    std::vector<int> of;
    std::vector<bool> isCycle;
};

bool isStart(NodeKind kind) {
    return !observe::rowOf(kind).isFed();
}

bool isEnd(NodeKind kind) {
    return !observe::rowOf(kind).feeds();
}

void findDangling(const Graph& graph, const Indexed& indexed, std::vector<Finding>& findings) {
    for (const Edge& edge : graph.edges) {
        const bool hasFrom = indexed.index.contains(edge.from);
        const bool hasTo = indexed.index.contains(edge.to);
        if (hasFrom != hasTo) {
            findings.push_back({Finding::Kind::Dangling, hasFrom ? edge.from : edge.to,
                                fmt::format("an edge leads {} {}, which is not there", hasFrom ? "to" : "from",
                                            hasFrom ? edge.to : edge.from)});
        }
    }
}

}  // namespace

std::vector<Finding> examine(const Graph& graph) {
    const Indexed indexed(graph);
    std::vector<Vertex> starts;
    for (Vertex v = 0; v < graph.nodes.size(); ++v) {
        if (isStart(graph.nodes[v].kind)) {
            starts.push_back(v);
        }
    }
    const std::vector<bool> fed = reachedFrom(indexed.boost, starts);
    const Components components(indexed.boost);
    std::vector<Finding> findings;
    for (Vertex v = 0; v < graph.nodes.size(); ++v) {
        const Node& node = graph.nodes[v];
        if (!fed[v]) {
            findings.push_back({Finding::Kind::Unreachable, node.id,
                                fmt::format("nothing comes to the {} \"{}\": no source leads to it",
                                            observe::rowOf(node.kind).word, node.title)});
        }
        if (out_degree(v, indexed.boost) == 0 && !isEnd(node.kind)) {
            findings.push_back(
                {Finding::Kind::DeadEnd, node.id,
                 fmt::format("what the {} \"{}\" gives goes nowhere", observe::rowOf(node.kind).word, node.title)});
        }
        if (components.cyclic(v)) {
            findings.push_back(
                {Finding::Kind::Cycle, node.id,
                 fmt::format("records can come back to the {} \"{}\"", observe::rowOf(node.kind).word, node.title)});
        }
    }
    findDangling(graph, indexed, findings);
    return findings;
}

std::vector<std::string> nodesInCycles(const Graph& graph) {
    const Indexed indexed(graph);
    const Components components(indexed.boost);
    std::vector<bool> cyclic(graph.nodes.size());
    for (Vertex v = 0; v < graph.nodes.size(); ++v) {
        cyclic[v] = components.cyclic(v);
    }
    return idsWhere(graph, cyclic);
}

std::vector<std::string> flowOrder(const Graph& graph) {
    const Indexed indexed(graph);
    const Components components(indexed.boost);
    std::vector<std::size_t> waitsFor(graph.nodes.size(), 0);
    const auto counts = [&](Vertex from, Vertex to) { return components.of[from] != components.of[to]; };
    for (Vertex v = 0; v < graph.nodes.size(); ++v) {
        for (const auto edge : boost::make_iterator_range(in_edges(v, indexed.boost))) {
            waitsFor[v] += counts(source(edge, indexed.boost), v) ? 1 : 0;
        }
    }
    std::priority_queue<Vertex, std::vector<Vertex>, std::greater<>> ready;
    for (Vertex v = 0; v < graph.nodes.size(); ++v) {
        if (waitsFor[v] == 0) {
            ready.push(v);
        }
    }
    std::vector<std::string> order;
    while (!ready.empty()) {
        const Vertex v = ready.top();
        ready.pop();
        order.push_back(graph.nodes[v].id);
        for (const auto edge : boost::make_iterator_range(out_edges(v, indexed.boost))) {
            const Vertex to = target(edge, indexed.boost);
            if (counts(v, to) && --waitsFor[to] == 0) {
                ready.push(to);
            }
        }
    }
    return order;
}

std::vector<std::string> downstreamOf(const Graph& graph, std::string_view id) {
    const Indexed indexed(graph);
    const auto start = indexed.index.find(id);
    return start == indexed.index.end() ? std::vector<std::string>()
                                        : idsWhere(graph, reachedFrom(indexed.boost, {start->second}));
}

std::vector<std::string> upstreamOf(const Graph& graph, std::string_view id) {
    const Indexed indexed(graph);
    const auto start = indexed.index.find(id);
    return start == indexed.index.end()
               ? std::vector<std::string>()
               : idsWhere(graph, reachedFrom(boost::make_reverse_graph(indexed.boost), {start->second}));
}

std::vector<std::string> longestPath(const Graph& graph) {
    const Indexed indexed(graph);
    const Components components(indexed.boost);
    if (graph.nodes.empty() ||
        std::find(components.isCycle.begin(), components.isCycle.end(), true) != components.isCycle.end()) {
        return {};
    }
    std::vector<int> hops(graph.nodes.size(), 0);
    std::vector<Vertex> before(graph.nodes.size());
    for (Vertex v = 0; v < graph.nodes.size(); ++v) {
        before[v] = v;
    }
    for (const std::string& id : flowOrder(graph)) {
        const Vertex v = indexed.index.at(id);
        for (const auto edge : boost::make_iterator_range(out_edges(v, indexed.boost))) {
            const Vertex to = target(edge, indexed.boost);
            if (hops[v] + 1 > hops[to]) {
                hops[to] = hops[v] + 1;
                before[to] = v;
            }
        }
    }
    auto at = static_cast<Vertex>(std::max_element(hops.begin(), hops.end()) - hops.begin());
    std::vector<std::string> path{graph.nodes[at].id};
    while (before[at] != at) {
        at = before[at];
        path.push_back(graph.nodes[at].id);
    }
    std::reverse(path.begin(), path.end());
    return path;
}

}  // namespace millrace::flow
