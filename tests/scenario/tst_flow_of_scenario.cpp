#include <QFile>
#include <QTest>

#include "engine/flow/analysis.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/document/reader.h"
#include "engine/scenario/flow_of.h"

using namespace millrace;
using namespace millrace::scenario;

namespace {

Value shipped(const QString& name) {
    QFile file(QStringLiteral("scenarios/") + name);
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    return readDocument(file.readAll().toStdString()).root;
}

std::string edgesOf(const flow::Graph& graph) {
    std::string text;
    for (const flow::Edge& edge : graph.edges) {
        text += edge.from + " -> " + edge.to + (edge.port == "default" ? "" : " by " + edge.port) +
                (edge.label.empty() ? "" : " as " + edge.label) + "\n";
    }
    return text;
}

}  // namespace

class TestFlowOfScenario : public QObject {
    Q_OBJECT

private slots:
    void wordCountIsALineFromSourceToSink() {
        QCOMPARE(edgesOf(flowOf(shipped(QStringLiteral("first-steps.json")))),
                 std::string("source:writer -> topic:sentences\n"
                             "topic:sentences -> spout:word-count/sentences\n"
                             "spout:word-count/sentences -> bolt:word-count/split as shuffle\n"
                             "bolt:word-count/split -> bolt:word-count/count as fields(word)\n"
                             "bolt:word-count/count -> bolt:word-count/keep as shuffle\n"
                             "bolt:word-count/keep -> sink:words as words\n"));
    }

    void everyShippedScenarioFlowsFromItsSourceToItsSink_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"first-steps", "web-log-audit", "broker-failover", "supervisor-loss",
                                 "temperature-alerts", "ad-campaigns", "etl-or-elt"}) {
            QTest::newRow(name) << QString::fromLatin1(name);
        }
    }
    void everyShippedScenarioFlowsFromItsSourceToItsSink() {
        QFETCH(QString, name);
        const flow::Graph graph = flowOf(shipped(name + QStringLiteral(".json")));
        QVERIFY(graph.nodes.size() >= 6);
        for (const flow::Finding& finding : flow::examine(graph)) {
            QFAIL(finding.message.c_str());
        }
    }

    void brokenDocumentsAreDrawnAsFarAsTheyGo() {
        const Value whole = shipped(QStringLiteral("web-log-audit.json"));
        const Value cut = *without(whole, Path({"topics", "access"}));
        QVERIFY(!flow::examine(flowOf(cut)).empty());
        QVERIFY(flowOf(Value()).nodes.empty());
        QVERIFY(flowOf(readDocument("{\"sources\": [1], \"topologies\": {\"t\": 5}, \"sinks\": {\"s\": null}}").root)
                    .nodes.size() == 1);
    }
};

QTEST_APPLESS_MAIN(TestFlowOfScenario)
#include "tst_flow_of_scenario.moc"
