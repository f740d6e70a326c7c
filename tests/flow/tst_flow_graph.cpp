#include <QTest>
#include <algorithm>

#include "engine/flow/analysis.h"
#include "engine/flow/layout.h"

using namespace millrace::flow;

namespace {

/// source -> topic -> spout -> parse -> (errors, count) -> sink; "lonely" is a bolt that nobody feeds.
Graph audit() {
    Graph graph;
    graph.nodes = {{"sink", NodeKind::Sink, "db", {}},       {"source", NodeKind::Source, "log", {}},
                   {"topic", NodeKind::Topic, "access", {}}, {"spout", NodeKind::Spout, "lines", {}},
                   {"parse", NodeKind::Bolt, "parse", {}},   {"errors", NodeKind::Bolt, "errors", {}},
                   {"count", NodeKind::Bolt, "count", {}}};
    const auto join = [&](const char* from, const char* to) {
        const auto kind = edgeKindBetween(graph.find(from)->kind, graph.find(to)->kind);
        graph.edges.push_back({from, to, kind.value(), "default", {}});
    };
    join("source", "topic");
    join("topic", "spout");
    join("spout", "parse");
    join("parse", "errors");
    join("parse", "count");
    join("errors", "sink");
    join("count", "sink");
    return graph;
}

std::string listed(const std::vector<std::string>& ids) {
    std::string text;
    for (const std::string& id : ids) {
        text += (text.empty() ? "" : " ") + id;
    }
    return text;
}

std::string listed(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        text += (text.empty() ? "" : "\n") + finding.node + ": " + finding.message;
    }
    return text;
}

}  // namespace

class TestFlowGraph : public QObject {
    Q_OBJECT

private slots:
    void recordsGoOnlyWhereTheyCan() {
        QCOMPARE(edgeKindBetween(NodeKind::Source, NodeKind::Topic), EdgeKind::Feed);
        QCOMPARE(edgeKindBetween(NodeKind::Topic, NodeKind::Spout), EdgeKind::Subscription);
        QCOMPARE(edgeKindBetween(NodeKind::Bolt, NodeKind::Bolt), EdgeKind::Stream);
        QCOMPARE(edgeKindBetween(NodeKind::Bolt, NodeKind::Sink), EdgeKind::Write);
        QVERIFY(!edgeKindBetween(NodeKind::Source, NodeKind::Bolt));
        QVERIFY(!edgeKindBetween(NodeKind::Sink, NodeKind::Bolt));
        QVERIFY(!edgeKindBetween(NodeKind::Topic, NodeKind::Topic));
    }

    void wholeGraphHasNothingToComplainAbout() { QCOMPARE(listed(examine(audit())), std::string()); }

    void boltThatNobodyFeedsAndThatFeedsNobodyIsFound() {
        Graph graph = audit();
        graph.nodes.push_back({"lonely", NodeKind::Bolt, "lonely", {}});
        QCOMPARE(listed(examine(graph)),
                 std::string("lonely: nothing comes to the bolt \"lonely\": no source leads to it\n"
                             "lonely: what the bolt \"lonely\" gives goes nowhere"));
    }

    void everythingBehindACutEdgeIsUnreachable() {
        Graph graph = audit();
        graph.edges.erase(graph.edges.begin() + 1);
        const std::vector<Finding> findings = examine(graph);
        QCOMPARE(std::count_if(findings.begin(), findings.end(),
                               [](const Finding& each) { return each.kind == Finding::Kind::Unreachable; }),
                 5);
        QCOMPARE(std::count_if(findings.begin(), findings.end(),
                               [](const Finding& each) { return each.kind == Finding::Kind::DeadEnd; }),
                 1);
    }

    void everyMemberOfACycleIsFound() {
        Graph graph = audit();
        graph.edges.push_back({"count", "parse", EdgeKind::Stream, "again", {}});
        QCOMPARE(listed(examine(graph)), std::string("parse: records can come back to the bolt \"parse\"\n"
                                                     "count: records can come back to the bolt \"count\""));
        QVERIFY(longestPath(graph).empty());
        QCOMPARE(flowOrder(graph).size(), graph.nodes.size());
    }

    void edgeToNothingIsFoundAndOtherwiseIgnored() {
        Graph graph = audit();
        graph.edges.push_back({"count", "nowhere", EdgeKind::Write, "default", {}});
        QCOMPARE(listed(examine(graph)), std::string("count: an edge leads to nowhere, which is not there"));
        QCOMPARE(layeredLayout(graph), layeredLayout(audit()));
    }

    void orderFollowsTheFlow() {
        QCOMPARE(listed(flowOrder(audit())), std::string("source topic spout parse errors count sink"));
    }

    void reachLooksBothWays() {
        QCOMPARE(listed(downstreamOf(audit(), "parse")), std::string("sink parse errors count"));
        QCOMPARE(listed(upstreamOf(audit(), "parse")), std::string("source topic spout parse"));
        QCOMPARE(listed(downstreamOf(audit(), "unknown")), std::string());
    }

    void longestPathIsWhatLatencyIsMadeOf() {
        QCOMPARE(listed(longestPath(audit())), std::string("source topic spout parse errors sink"));
    }

    void portsAreTheStreamsInUse() {
        Graph graph = audit();
        graph.edges.push_back({"parse", "sink", EdgeKind::Stream, "rejected", {}});
        QCOMPARE(outputPorts(graph, "parse"), (std::vector<std::string>{"default", "rejected"}));
        QCOMPARE(outputPorts(graph, "sink"), std::vector<std::string>{"default"});
    }

    void layoutGoesFromLeftToRightWithoutOverlap() {
        const LayoutOptions options;
        const Graph graph = audit();
        const auto positions = layeredLayout(graph, options);
        QCOMPARE(positions.size(), graph.nodes.size());
        for (const Edge& edge : graph.edges) {
            QVERIFY(positions.at(edge.to).x - positions.at(edge.from).x >=
                    options.nodeWidth + options.gapBetweenLayers / 2);
        }
        QCOMPARE(positions.at("errors").x, positions.at("count").x);
        QVERIFY(std::abs(positions.at("errors").y - positions.at("count").y) >= options.nodeHeight);
        for (const auto& [id, point] : positions) {
            QVERIFY(point.x >= options.nodeWidth / 2 && point.y >= options.nodeHeight / 2);
        }
    }

    void flowsThatNothingJoinsStandSideBySide() {
        Graph graph;
        for (const char* number : {"1", "2", "3", "4", "5", "6"}) {
            graph.nodes.push_back({std::string("source") + number, NodeKind::Source, {}, {}});
            graph.nodes.push_back({std::string("topic") + number, NodeKind::Topic, {}, {}});
            graph.edges.push_back(
                {graph.nodes[graph.nodes.size() - 2].id, graph.nodes.back().id, EdgeKind::Feed, "default", {}});
        }
        const LayoutOptions options;
        const auto positions = layeredLayout(graph, options);
        double lowest = 0;
        double widest = 0;
        for (const auto& [id, at] : positions) {
            lowest = std::max(lowest, at.y + options.nodeHeight / 2);
            widest = std::max(widest, at.x + options.nodeWidth / 2);
            for (const auto& [other, place] : positions) {
                QVERIFY(id == other || std::abs(at.x - place.x) >= options.nodeWidth ||
                        std::abs(at.y - place.y) >= options.nodeHeight);
            }
        }
        QVERIFY(lowest <= options.rowsMost * (options.nodeHeight + options.gapWithinLayer));
        QVERIFY(widest <= options.widthMost);
        for (const Edge& edge : graph.edges) {
            QCOMPARE(positions.at(edge.from).y, positions.at(edge.to).y);
        }
    }

    void sameGraphGivesTheSamePositions() {
        const auto first = layeredLayout(audit());
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(layeredLayout(audit()), first);
        }
        QVERIFY(layeredLayout(Graph()).empty());
    }
};

QTEST_APPLESS_MAIN(TestFlowGraph)
#include "tst_flow_graph.moc"
