#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/lab/compare/comparison.h"
#include "engine/run/engine.h"
#include "engine/run/report_of.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/scenario_reader.h"
#include "engine/scenario/shape/check_shape.h"
#include "engine/scenario/written_out.h"

using namespace millrace;
using namespace std::chrono_literals;

namespace {

/// Machines, daemons and a sink for a pipeline of each engine; `source`, `steps`, `tables` and `more` fill the rest.
std::string threeEngines(const std::string& source, const std::string& steps, const std::string& tables,
                         const std::string& more = {}, const std::string& runOn = R"(["storm", "spark", "hadoop"])") {
    return R"({"millrace": 1, "title": "three engines", "run": {"seed": 11},
        "hosts": {"zk": {}, "b1": {}, "master": {}, "n1": {"rack": "A"}, "n2": {"rack": "A"}, "n3": {"rack": "B"},
                  "office": {}},
        "cluster": {"servers": {"zk1": {"host": "zk"}}, "brokers": {"1": {"host": "b1"}},
                    "config": {"offsets.topic.replication.factor": 1}},
        "topics": {"lines": {"partitions": 4}},
        "sources": {"writer": )" +
           source + R"(},
        "storm": {"nimbus": {"host": "master"},
                  "supervisors": {"s1": {"host": "n1"}, "s2": {"host": "n2"}, "s3": {"host": "n3"}}},
        "spark": {"master": {"host": "master"},
                  "workers": {"w1": {"host": "n1"}, "w2": {"host": "n2"}, "w3": {"host": "n3"}}},
        "hadoop": {"namenode": {"host": "master"}, "jobtracker": {"host": "master"},
                   "datanodes": {"dn1": {"host": "n1"}, "dn2": {"host": "n2"}, "dn3": {"host": "n3"}},
                   "tasktrackers": {"tt1": {"host": "n1"}, "tt2": {"host": "n2"}, "tt3": {"host": "n3"}}},
        "sinks": {"results": {"kind": "sqlite", "host": "office", "write": "once", "tables": )" +
           tables + R"(}},
        "pipelines": {"words": {"run_on": )" +
           runOn + R"(, "source": "writer", "sink": "results", "steps": )" + steps +
           R"(, "storm": {"workers": 2, "executors": 2, "config": {"topology.message.timeout.secs": 10}}}})" + more +
           "}";
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    return text.replace(text.find(what), what.size(), with);
}

/// Tuples that a bolt has executed so far.
std::int64_t executedBy(const run::Engine& engine, std::string_view bolt) {
    const run::SystemViews views = run::describeSystems(engine.scenario(), engine.world());
    for (const observe::TopologyView& topology : views.storm.topologies) {
        for (const observe::ComponentView& each : topology.components) {
            if (each.name == bolt) {
                return each.executed;
            }
        }
    }
    return 0;
}

const std::string sentences =
    R"({"kind": "generator", "host": "office", "topic": "lines", "rate": "100/s", "start_at": "20s", "count": 1500,
        "size": "60B", "words": {"vocabulary": 100, "per_record": 8}})";
const std::string countWords =
    R"({"split": {"kind": "split"}, "count": {"kind": "count", "by": "word"}, "keep": {"kind": "store", "from": "count", "table": "words"}})";
const std::string wordTable = R"({"words": {"kind": "counts", "columns": ["word TEXT"]}})";

scenario::ScenarioReading read(const std::string& text) {
    return scenario::readScenario(text, {"three.json", {}, {}});
}

QString complaintsOf(const std::string& text) {
    QString all;
    for (const std::string& each : read(text).complaintTexts("three.json")) {
        all += QString::fromStdString(each) + u'\n';
    }
    return all;
}

lab::Comparison compared(const std::string& text, std::size_t repetitions = 1) {
    const scenario::ScenarioReading reading = read(text);
    if (!reading.scenario) {
        qFatal("%s", qPrintable(complaintsOf(text)));
    }
    lab::ComparisonOptions options;
    options.repetitions = repetitions;
    auto comparison = lab::compare(lab::variantsOf(reading.document, {"three.json", {}, {}}), options);
    if (!comparison) {
        qFatal("%s: %s", comparison.error().where.c_str(), comparison.error().message.c_str());
    }
    return std::move(*comparison);
}

/// "words storm 12 of 12, -0 +0": each table on each engine against a single pass.
QString differences(const lab::Comparison& comparison) {
    QStringList lines;
    for (const lab::Comparison::Table& table : comparison.tables) {
        for (std::size_t i = 0; i < table.variants.size(); ++i) {
            const lab::TableDifference& each = table.variants[i];
            if (each.equal != each.rows || each.missing != 0 || each.surplus != 0) {
                lines << QStringLiteral("%1 on %2: %3 of %4 equal, -%5 +%6")
                             .arg(QString::fromStdString(table.name), QString::fromStdString(comparison.variants[i]))
                             .arg(each.equal)
                             .arg(each.rows)
                             .arg(each.missing)
                             .arg(each.surplus);
            }
        }
    }
    for (const lab::Trouble& each : comparison.troubles) {
        lines << QString::fromStdString(each.variant + ": " + each.text);
    }
    return lines.join(u'\n');
}

double meanOf(const lab::Comparison& comparison, std::string_view figure, std::size_t variant) {
    for (const lab::Comparison::Row& row : comparison.rows) {
        if (row.figure->name == figure) {
            return row.values[variant].n > 0 ? row.values[variant].mean : -1;
        }
    }
    return -1;
}

const std::string manySteps = R"({
    "parse": {"kind": "parse", "format": "combined", "columns": ["status INTEGER", "path TEXT", "bytes INTEGER"]},
    "bad": {"kind": "store", "from": "parse", "stream": "aside", "table": "rejected"},
    "found": {"kind": "filter", "from": "parse", "field": "path", "pattern": "^/", "keep": "matching"},
    "large": {"kind": "map", "set": ["class = text(integer(status / 100)) + 'xx'"]},
    "named": {"kind": "lookup", "field": "class", "entries": ["2xx=good", "4xx=client", "5xx=server"], "as": "what"},
    "wrong": {"kind": "where", "condition": "status >= 400"},
    "errors": {"kind": "store", "from": "wrong", "table": "errors"},
    "sent": {"kind": "sum", "from": "named", "by": "what", "of": "bytes"},
    "keep": {"kind": "store", "from": "sent", "table": "sent"},
    "again": {"kind": "format", "from": "wrong", "format": "json", "columns": ["status INTEGER"]},
    "lines": {"kind": "store", "from": "again", "table": "lines"}})";

const std::string manyTables = R"({
    "rejected": {"columns": ["reason TEXT", "line TEXT"]}, "errors": {"columns": ["status INTEGER", "path TEXT"]},
    "sent": {"kind": "counts", "columns": ["what TEXT"]}, "lines": {"columns": ["value TEXT"]}})";

const std::string auditSteps = R"({
    "parse": {"kind": "parse", "format": "combined", "columns": ["host TEXT", "status INTEGER", "path TEXT"]},
    "bad": {"kind": "store", "from": "parse", "stream": "aside", "table": "rejected"},
    "count": {"kind": "count", "from": "parse", "by": "status"},
    "keep": {"kind": "store", "from": "count", "table": "status_counts"},
    "wrong": {"kind": "where", "from": "parse", "condition": "status >= 400"},
    "errors": {"kind": "store", "from": "wrong", "table": "errors"}})";

const std::string auditTables = R"({
    "rejected": {"columns": ["reason TEXT", "line TEXT"]}, "status_counts": {"kind": "counts", "columns": ["status INTEGER"]},
    "errors": {"columns": ["host TEXT", "status INTEGER", "path TEXT"]}})";

}  // namespace

class TestCompare : public QObject {
    Q_OBJECT

private slots:
    void aPipelineIsWrittenOutForEachEngine() {
        const scenario::ScenarioReading reading = read(threeEngines(sentences, countWords, wordTable));
        QVERIFY2(reading.scenario, qPrintable(complaintsOf(threeEngines(sentences, countWords, wordTable))));
        const scenario::Scenario& plan = *reading.scenario;
        QCOMPARE(plan.topologies.size(), std::size_t{1});
        QCOMPARE(plan.topologies.front().bolts.size(), std::size_t{3});
        QCOMPARE(plan.streaming.size(), std::size_t{1});
        QCOMPARE(plan.jobs.size(), std::size_t{1});
        QCOMPARE(plan.hadoop->exports.size(), std::size_t{1});
        QCOMPARE(plan.sinks.front().tables.size(), std::size_t{3});
        QCOMPARE(*plan.hadoop->files.front().putAt, SimDuration{35s});  // when the source is over
        QVERIFY(plan.document.find("topologies") == nullptr);           // the document stays as it was written
        // What is written out has the form of what people write.
        const scenario::Value whole = scenario::writtenOut(reading.document).document;
        const auto found = scenario::checkShape(whole, scenario::scenarioShape());
        for (const scenario::Complaint& each : found.complaints.all()) {
            QCOMPARE(QString::fromStdString(toText(each, "three.json")), QString());
        }
    }

    void everyStepIsWrittenOutAsItsEnginesUnderstandIt() {
        QTemporaryDir folder;
        const std::string log = folder.filePath(QStringLiteral("a.log")).toStdString();
        {
            std::ofstream file(log, std::ios::binary);
            for (int i = 0; i < 300; ++i) {
                const int status = i % 7 == 0 ? 404 : i % 11 == 0 ? 500 : 200;
                file << "10.0.0." << i % 5 << " - - [17/May/2015:10:05:" << 10 + i % 50 << " +0000] \"GET /page\\t"
                     << i % 13 << " HTTP/1.1\" " << status << ' ' << 100 + i << " \"-\" \"agent\"\n";
                if (i % 50 == 0) {
                    file << "no line of a log\twith \\ in it\n";
                }
            }
        }
        const std::string source =
            R"({"kind": "file", "host": "office", "topic": "lines", "rate": "100/s", "start_at": "20s", "path": )"
            "\"" +
            log + "\"}";
        const lab::Comparison comparison = compared(threeEngines(source, manySteps, manyTables));
        QCOMPARE(differences(comparison), QString());
        QCOMPARE(comparison.tables.size(), std::size_t{4});
        for (const lab::Comparison::Table& each : comparison.tables) {
            QVERIFY2(each.variants.front().rows > 0, each.name.c_str());
        }
    }

    void whatAnEngineLacksIsRefusedWithItsReason() {
        const std::string steps =
            R"({"split": {"kind": "split"}, "recent": {"kind": "window", "by": "word", "length": "4s"}, "keep": {"kind": "store", "from": "recent", "table": "words"}})";
        const std::string tables = R"({"words": {"columns": ["word TEXT", "count INTEGER"]}})";
        const QString refused = complaintsOf(threeEngines(sentences, steps, tables));
        QVERIFY2(refused.contains(QStringLiteral(
                     "pipelines.words.steps.recent.kind: hadoop has no \"window\" here: data at rest has no arrival")),
                 qPrintable(refused));
        QCOMPARE(refused.count(u'\n'), 1);
        QCOMPARE(complaintsOf(threeEngines(sentences, steps, tables, {}, R"(["storm", "spark"])")), QString());
    }

    void complaintsStandWhereThePipelineSaysIt_data() {
        QTest::addColumn<QString>("steps");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const char* steps, const char* expected) {
            QTest::addRow("%s", name) << QString::fromUtf8(steps) << QString::fromUtf8(expected);
        };
        row("a field that does not come in",
            R"({"count": {"kind": "count", "by": "word"}, "keep": {"kind": "store", "from": "count", "table": "words"}})",
            "pipelines.words.steps.count.by: the input has no field 'word', only value");
        row("a table that is not there",
            R"({"split": {"kind": "split"}, "count": {"kind": "count", "by": "word"}, "keep": {"kind": "store", "from": "count", "table": "wrods"}})",
            "pipelines.words.steps.keep.table: the sink has no table 'wrods'");
        row("a step that is not there",
            R"({"split": {"kind": "split", "from": "cut"}, "keep": {"kind": "store", "table": "words"}})",
            "pipelines.words.steps.split.from: there is no step \"cut\"");
        row("a formula that is none",
            R"({"some": {"kind": "where", "condition": "value >"}, "keep": {"kind": "store", "from": "some", "table": "words"}})",
            "pipelines.words.steps.some.condition: ");
        row("rows into a table of counts",
            R"({"split": {"kind": "split"}, "keep": {"kind": "store", "from": "split", "table": "words"}})",
            "pipelines.words.steps.keep.table: rows do not go into a table of counts");
        row("nothing is stored", R"({"split": {"kind": "split"}})", "pipelines.words.steps: nothing is stored");
        row("more than a table reads a count",
            R"({"split": {"kind": "split"}, "count": {"kind": "count", "by": "word"}, "many": {"kind": "where", "condition": "increment > 3"}, "keep": {"kind": "store", "from": "count", "table": "words"}})",
            "pipelines.words.steps.many.from: a count is true at an instant alone");
    }

    void complaintsStandWhereThePipelineSaysIt() {
        QFETCH(QString, steps);
        QFETCH(QString, expected);
        const QString all = complaintsOf(threeEngines(sentences, steps.toStdString(), wordTable));
        QVERIFY2(all.contains(expected), qPrintable(all));
        QVERIFY2(!all.contains(QStringLiteral("topologies.")) && !all.contains(QStringLiteral("streaming.")),
                 qPrintable(all));
    }

    void whatIsSaidOfAnEngineThatDoesNotRunItChangesNothing() {
        const std::string text = threeEngines(sentences, countWords, wordTable, {}, R"(["spark", "hadoop"])");
        const QString expected = QStringLiteral(
            "pipelines.words.storm: warning: this changes nothing: "
            "\"run_on\" does not name storm");
        QVERIFY2(complaintsOf(text).contains(expected), qPrintable(complaintsOf(text)));
        // Of its own variants nothing of the kind is said.
        const std::string all = threeEngines(sentences, countWords, wordTable);
        QCOMPARE(complaintsOf(all), QString());
        for (const lab::Variant& each : lab::variantsOf(read(all).document, {"three.json", {}, {}})) {
            const auto said = scenario::readScenario(each.document, each.source).complaintTexts("three.json");
            QCOMPARE(QString::fromStdString(said.empty() ? std::string() : said.front()), QString());
        }
    }

    void theWordCountIsTheSameOnThreeEngines() {
        const lab::Comparison comparison = compared(threeEngines(sentences, countWords, wordTable));
        QCOMPARE(differences(comparison), QString());
        QVERIFY(comparison.isAgainstPass);
        QCOMPARE(comparison.tables.front().variants.front().rows, std::int64_t{100});
        // One record after the other, a batch of a second, all at once.
        QVERIFY(meanOf(comparison, "latency_p50", 0) < 0.5);
        const double spark = meanOf(comparison, "latency_p50", 1);
        QVERIFY2(spark > 0.5 && spark < 2, qPrintable(QString::number(spark)));
        QVERIFY(meanOf(comparison, "latency_p50", 2) > 25);
        QCOMPARE(meanOf(comparison, "lost", 2), 0.0);
    }

    void theWordCountIsTheSameWhateverBreaks() {
        const std::string faults =
            R"(, "faults": [{"at": "26s", "kind": "power", "target": "host:n2", "for": "20s"},
                            {"at": "30s", "kind": "crash", "target": "executor:words/1"},
                            {"at": "31s", "kind": "crash", "target": "supervisor:s1", "for": "10s"}])";
        const lab::Comparison comparison = compared(threeEngines(sentences, countWords, wordTable, faults));
        QCOMPARE(differences(comparison), QString());
        QCOMPARE(comparison.faultsAt.size(), std::size_t{3});
        QCOMPARE(comparison.leftOut[0].size(), std::size_t{1});  // no executor on Storm
        QCOMPARE(comparison.leftOut[2].size(), std::size_t{2});
    }

    void theThreeRunSideBySideInOneWorld() {
        const scenario::ScenarioReading reading = read(threeEngines(sentences, countWords, wordTable));
        const auto comparison = lab::compare({{"all", "storm", reading.document, {"three.json", {}, {}}, {}}}, {});
        QVERIFY(comparison);
        QVERIFY(comparison->troubles.empty());
        QStringList tables;
        for (const lab::Comparison::Table& each : comparison->tables) {
            tables << QString::fromStdString(each.name);
        }
        QCOMPARE(tables.join(QLatin1Char(' ')), QStringLiteral("words words_hadoop words_spark"));
    }

    void theLogAuditOfARealLogIsTheSameOnThreeEngines() {
        const QString log = QFileInfo(QStringLiteral("../shared/data/apache_access.log")).absoluteFilePath();
        if (!QFileInfo::exists(log)) {
            QSKIP("the real log is not on this machine");
        }
        const std::string source =
            R"({"kind": "file", "host": "office", "topic": "lines", "rate": "500/s", "start_at": "20s", "path": )"
            "\"" +
            log.toStdString() + "\"}";
        const std::string faults = R"(, "faults": [{"at": "28s", "kind": "power", "target": "host:n1", "for": "15s"}])";
        QCOMPARE(differences(compared(threeEngines(source, auditSteps, auditTables, faults))), QString());
    }

    /// Law 6 of the Yahoo benchmark's 2020 runs (Storm 2.2 at 50,000 events/s: p50 516 ms, p99 1199 ms): what is told
    /// once a second is between nothing and a second old, and the way there takes 20 to 50 ms.
    void resultsThatStormTellsOnceASecondAreHalfASecondOld() {
        const std::string topology = R"(, "topologies": {"flush": {
            "spouts": {"lines": {"kind": "kafka", "topic": "lines"}},
            "bolts": {"window": {"kind": "window", "length": "1s", "key": "value", "aggregates": ["count as increment"],
                                 "inputs": [{"from": "lines", "grouping": "fields", "fields": ["value"]}]},
                      "keep": {"kind": "sqlite", "sink": "results", "table": "lines", "inputs": [{"from": "window"}]}}}})";
        const std::string source =
            R"({"kind": "generator", "host": "office", "topic": "lines", "rate": "200/s", "start_at": "20s", "count": 4000, "size": "8B", "words": {"vocabulary": 1, "per_record": 1}})";
        std::string text =
            threeEngines(source, countWords, R"({"lines": {"kind": "counts", "columns": ["value TEXT"]}})", topology);
        const std::size_t pipelines = text.find("\"pipelines\"");
        text.replace(pipelines, text.find(R"(, "topologies")") - pipelines, "\"canvas\": {}");
        const scenario::ScenarioReading reading = read(text);
        QVERIFY2(reading.scenario, qPrintable(complaintsOf(text)));
        run::EngineOptions options;
        options.carryOut = false;
        lab::ResultWatch watch({}, *reading.scenario);
        options.onEffects = [&](const sim::World&, const std::vector<sim::NumberedEffect>& effects) {
            watch.observe(effects);
        };
        auto engine = run::Engine::open(*reading.scenario, std::move(options));
        QVERIFY(engine);
        run::PlayLimit limit;
        limit.untilDrained = true;
        QVERIFY((*engine)->play(limit));
        QVERIFY((*engine)->finish());
        lab::Expected expected;
        expected.isWhole = true;
        const std::map<std::string, std::vector<SimTime>> times = lab::timesOfSources(*reading.scenario);
        for (const SimTime made : times.at("writer")) {
            expected.records.push_back({made, static_cast<std::int64_t>(expected.records.size()) + 1});
        }
        lab::Measures measures;
        lab::measureResults(watch, expected, *reading.scenario, measures);
        const QString found =
            QStringLiteral("p50 %1 s, p99 %2 s").arg(measures["latency_p50"]).arg(measures["latency_p99"]);
        QVERIFY2(measures["latency_p50"] > 0.516 * 0.85 && measures["latency_p50"] < 0.516 * 1.15, qPrintable(found));
        QVERIFY2(measures["latency_p99"] > 0.85 && measures["latency_p99"] < 1.3 * 1.15, qPrintable(found));
    }

    void theBestIsSaidOnlyWhereItIsTold() {
        using Better = lab::Figure::Better;
        const auto best = [](Better better, const std::vector<lab::Estimate>& values) {
            std::string text;
            for (const bool each : lab::bestOf(better, values)) {
                text += each ? 'x' : '.';
            }
            return text;
        };
        const auto of = [](double mean, double spread = 0) {
            return lab::Estimate{mean, mean - spread, mean + spread, spread > 0 ? std::size_t{5} : std::size_t{1}};
        };
        QCOMPARE(best(Better::Less, {of(1), of(2)}), std::string("x."));
        QCOMPARE(best(Better::More, {of(1), of(2)}), std::string(".x"));
        QCOMPARE(best(Better::Neither, {of(1), of(2)}), std::string(".."));
        QCOMPARE(best(Better::Less, {of(1), of(1)}), std::string(".."));  // nothing tells them apart
        // Intervals that overlap do not tell which is better.
        QCOMPARE(best(Better::Less, {of(1, 0.6), of(2, 0.6)}), std::string(".."));
        QCOMPARE(best(Better::Less, {of(1, 0.2), of(1.1, 0.2), of(3, 0.2)}), std::string("xx."));
        QCOMPARE(best(Better::Less, {of(5), of(9), {}}), std::string("x.."));  // one of them could not be measured
    }

    /// Other scenarios have other records: what is said of the same ones is not said of them.
    void scenariosBesideEachOtherAreNotCalledTheSame() {
        const std::string one = threeEngines(sentences, countWords, wordTable, {}, R"(["storm"])");
        const std::string other = replaced(one, "three engines", "another one");
        std::vector<lab::Variant> variants;
        for (const std::string* each : {&one, &other}) {
            lab::addVariants(variants, lab::variantsOf(read(*each).document, {}));
        }
        QCOMPARE(variants[0].name, std::string("three engines"));  // without a file its title
        QCOMPARE(variants[1].name, std::string("another one"));
        const auto comparison = lab::compare(variants, {});
        QVERIFY(comparison.has_value());
        QCOMPARE(comparison->title, std::string("three engines beside another one"));
        QVERIFY(comparison->isAgainstPass);
        QVERIFY(lab::comparisonText(*comparison).find("each with its own records") != std::string::npos);
        QVERIFY(lab::comparisonHtml(*comparison).find("The same records") == std::string::npos);
        QCOMPARE(lab::viewOf(*comparison).scenarios, std::size_t{2});
    }

    void aJobThatFailedIsATrouble() {
        const std::string text =
            threeEngines(sentences, countWords, wordTable,
                         R"(, "faults": [{"at": "43s", "kind": "crash", "target": "namenode"}])", R"(["hadoop"])");
        const lab::Comparison comparison = compared(text);
        QVERIFY(!comparison.troubles.empty());
        QVERIFY2(comparison.troubles.front().text.find("job words failed") != std::string::npos,
                 comparison.troubles.front().text.c_str());
    }

    /// A law of the published comparisons: where each word goes to the task of its key, a word that is a third of all
    /// makes one task do half of the work of four, and the throughput halves. (Where words are added up before they are
    /// sent it does not: spark/tst_laws.)
    void aSkewedKeyHalvesWhatKeyedTasksCount() {
        const auto counted = [](const char* exponent) {
            const std::string text = fmt::format(
                R"({{"millrace": 1, "title": "skew", "run": {{"seed": 5}},
                "hosts": {{"zk": {{}}, "b1": {{}}, "m": {{}}, "n1": {{}}, "n2": {{}}, "n3": {{}}, "n4": {{}}, "office": {{"cores": 8}}}},
                "cluster": {{"servers": {{"z": {{"host": "zk"}}}}, "brokers": {{"1": {{"host": "b1"}}}},
                            "config": {{"offsets.topic.replication.factor": 1}}}},
                "topics": {{"t": {{"partitions": 4}}}},
                "sources": {{"w": {{"kind": "generator", "host": "office", "topic": "t", "rate": "20k/s", "start_at": "20s",
                    "count": 20000, "size": "40B", "words": {{"vocabulary": 1000, "per_record": 8, "exponent": {}}}}}}},
                "storm": {{"nimbus": {{"host": "m"}}, "supervisors": {{"s1": {{"host": "n1"}}, "s2": {{"host": "n2"}},
                    "s3": {{"host": "n3"}}, "s4": {{"host": "n4"}}}}}},
                "topologies": {{"top": {{"workers": 4, "config": {{"topology.message.timeout.secs": 600,
                        "topology.max.spout.pending": 2000}},
                    "spouts": {{"in": {{"kind": "kafka", "topic": "t", "executors": 4}}}},
                    "bolts": {{"split": {{"kind": "split", "executors": 4, "inputs": [{{"from": "in"}}]}},
                        "count": {{"kind": "count", "field": "word", "executors": 4, "cost": "200us",
                            "inputs": [{{"from": "split", "grouping": "fields", "fields": ["word"]}}]}}}}}}}}}})",
                exponent);
            scenario::ScenarioReading reading = read(text);
            if (!reading.scenario) {
                qFatal("%s", qPrintable(complaintsOf(text)));
            }
            auto engine = run::Engine::open(std::move(*reading.scenario), {});
            constexpr std::int64_t words = 20'000 * 8;
            SimTime now{20s};
            while (executedBy(**engine, "count") < words && now < SimTime{200s}) {
                now += 200ms;
                run::PlayLimit limit;
                limit.until = now;
                static_cast<void>((*engine)->play(limit));
            }
            return seconds(now - SimTime{20s});
        };
        const double even = counted("0.01");
        const double skewed = counted("1.3");
        qInfo("even words %.1f s, skewed ones %.1f s", even, skewed);
        QVERIFY(skewed / even > 1.6 && skewed / even < 2.4);
    }

    void intervalsAreStudents() {
        const lab::Estimate one = lab::estimateOf({3});
        QCOMPARE(one.mean, 3.0);
        QCOMPARE(one.low, 3.0);
        const lab::Estimate four = lab::estimateOf({1, 2, 3, 4});
        QCOMPARE(four.mean, 2.5);
        // s = 1.29099, t(3) = 3.182: half of it is 2.0540.
        QVERIFY(qAbs(four.high - 4.5540) < 1e-3 && qAbs(four.low - 0.4460) < 1e-3);
        QCOMPARE(lab::estimateOf({}).n, std::size_t{0});
        QVERIFY(qAbs(lab::studentQuantile(35) - 2.030) < 2e-3);
        QCOMPARE(*lab::quantileOf({4, 1, 3, 2}, 0.5), 2.0);
        QVERIFY(!lab::quantileOf({}, 0.5));
    }

    void reportsSayTheSameInThreeForms() {
        const std::string small =
            R"({"kind": "generator", "host": "office", "topic": "lines", "rate": "50/s", "start_at": "20s", "count": 200, "size": "40B", "words": {"vocabulary": 20, "per_record": 4}})";
        const lab::Comparison comparison =
            compared(threeEngines(small, countWords, wordTable, {}, R"(["storm", "spark"])"), 2);
        const auto json = nlohmann::json::parse(lab::comparisonJson(comparison));
        QCOMPARE(json["variants"].dump(), std::string("[\"storm\",\"spark\"]"));
        QCOMPARE(json["seeds"].dump(), std::string("[11,12]"));
        QVERIFY(json["figures"].size() > 8);
        for (const auto& figure : json["figures"]) {
            QCOMPARE(figure["values"].size(), std::size_t{2});
            for (const auto& value : figure["values"]) {
                QVERIFY(value.contains("mean") && value.contains("low") && value.contains("high") &&
                        value.contains("n"));
            }
        }
        const QString text = QString::fromStdString(lab::comparisonText(comparison));
        QVERIFY2(text.contains(QStringLiteral("latency p50")), qPrintable(text));
        const QString html = QString::fromStdString(lab::comparisonHtml(comparison));
        QVERIFY(html.startsWith(QStringLiteral("<!DOCTYPE html>")) && html.contains(QStringLiteral("<svg")));
        QVERIFY(!html.contains(QStringLiteral("http")));  // it needs nothing beside itself
    }

    void aComparisonCanBeGivenUp() {
        const scenario::ScenarioReading reading = read(threeEngines(sentences, countWords, wordTable));
        lab::ComparisonOptions options;
        std::size_t asked = 0;
        options.onProgress = [&](const lab::ComparisonProgress&) { return ++asked < 3; };
        const auto comparison = lab::compare(lab::variantsOf(reading.document, {"three.json", {}, {}}), options);
        QVERIFY(comparison && comparison->isCancelled);
        QCOMPARE(asked, std::size_t{3});
    }
};

QTEST_APPLESS_MAIN(TestCompare)
#include "tst_compare.moc"
