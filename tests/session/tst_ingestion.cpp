#include <SQLiteCpp/SQLiteCpp.h>
#include <QtCore/QDir>
#include <QtCore/QDirIterator>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/ingest/describe_board.h"
#include "engine/ingest/file_content.h"
#include "engine/ingest/pipeline/pipeline.h"
#include "engine/ingest/sink_process.h"
#include "engine/lab/checker.h"
#include "engine/run/engine.h"
#include "engine/run/rate_input.h"
#include "engine/run/report_of.h"
#include "engine/scenario/scenario_reader.h"

Q_DECLARE_METATYPE(bool millrace::ingest::BrokenPipelineRules::*)

using namespace millrace;
using namespace std::chrono_literals;

namespace {

/// A text with others in place of its at signs. (Raw strings here have pairs of quotes, else moc reads on in them.)
std::string named(std::string text, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        text.replace(text.find('@'), 1, name);
    }
    return text;
}

class Plant final : public sim::Input {
public:
    explicit Plant(ingest::BrokenPipelineRules rules) : m_rules(rules) {}
    void apply(sim::World& world) const override { ingest::plantFaults(world, "p", m_rules); }
    void digest(Digest&) const override {}
    [[nodiscard]] std::string summary() const override { return "a planted fault"; }

private:
    ingest::BrokenPipelineRules m_rules;
};

/// A document that is played until nothing is left to do, with all that it says.
struct Played {
    std::string complaints;
    run::Report report;
    std::string json;

    [[nodiscard]] const observe::IngestionView& pipeline(std::string_view name) const {
        for (const observe::IngestionView& each : report.ingestion) {
            if (each.name == name) {
                return each;
            }
        }
        qFatal("no such pipeline");
    }
    [[nodiscard]] const observe::SinkScore& score(std::string_view sink) const {
        for (const observe::ScoreView& source : report.origins.scores) {
            for (const observe::SinkScore& each : source.sinks) {
                if (each.sink == sink) {
                    return each;
                }
            }
        }
        qFatal("no such score");
    }
};

Played play(const std::string& text, SimTime most = SimTime{3h}) {
    Played played;
    scenario::ScenarioReading reading = scenario::readScenario(text, {"ingestion.json", {}, {}});
    for (const std::string& complaint : reading.complaintTexts("ingestion.json")) {
        played.complaints += complaint + "\n";
    }
    if (!reading.scenario) {
        return played;
    }
    run::EngineOptions options;
    options.session.keepsHistory = false;
    auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
    if (!engine) {
        played.complaints += engine.error().message;
        return played;
    }
    run::PlayLimit limit;
    limit.untilDrained = true;
    limit.keepGoing = [most](const sim::World& world) { return world.now() < most; };
    const auto result = (*engine)->play(limit);
    if (!result) {
        played.complaints += result.error().message;
        return played;
    }
    played.report = run::reportOf(**engine, *result);
    played.report.wallSeconds = 0;
    played.json = run::reportJson(played.report);
    if (const auto finished = (*engine)->finish(); !finished) {
        played.complaints += finished.error().message;
    }
    return played;
}

/// A thousand payments at 50 a second, and one pipeline: `pipeline` and `sinks` are members of their objects.
std::string payments(const std::string& pipeline, const std::string& sinks, const std::string& faults = "[]",
                     const std::string& source = {}) {
    return named(R"({"millrace": 1, "title": "ingestion", "run": {"seed": 4}, "hosts": {"a": {}, "b": {}},
        "sources": {"s": {"kind": "card-payments", "rate": "50/s", "count": 1000 @}},
        "ingestion": {"p": {"host": "a", "source": "s", "time": "time", @}},
        "sinks": {@}, "faults": @})",
                 {source, pipeline, sinks, faults});
}

/// The same into a topic of four partitions on three brokers, which a group reads.
std::string toTopic(const std::string& pipeline, const std::string& faults, const std::string& more = {}) {
    return named(R"({"millrace": 1, "title": "to a topic", "run": {"seed": 4},
        "hosts": {"a": {}, "b": {}, "k1": {}, "k2": {}, "k3": {}},
        "cluster": {"servers": {"z": {"host": "k1"}},
                    "brokers": {"1": {"host": "k1"}, "2": {"host": "k2"}, "3": {"host": "k3"}}},
        "topics": {"paid": {"partitions": 4, "replicas": 3, "config": {"min.insync.replicas": 2}}},
        "sources": {"s": {"kind": "card-payments", "rate": "50/s", "count": 1000}},
        "ingestion": {"p": {"host": "a", "source": "s", "time": "time", @}},
        "sinks": {"out": {"kind": "topic", "host": "b", "topic": "paid", "config": {"linger.ms": 5}} @},
        "clients": {"groups": {"readers": {"topics": ["paid"], "members": 2}}}, "faults": @})",
                 {pipeline, more, faults});
}

/// Records in the logs of the topic paid, and how many partitions have some.
std::pair<std::int64_t, int> paidRecords(const nlohmann::json& report) {
    std::pair<std::int64_t, int> found;
    for (const auto& topic : report["topics"]) {
        for (const auto& partition : topic["name"] == "paid" ? topic["partitions"] : nlohmann::json::array()) {
            const auto records = partition["log_end_offset"].get<std::int64_t>();
            found.first += records;
            found.second += records > 0 ? 1 : 0;
        }
    }
    return found;
}

const std::string rowsTable =
    R"("db": {"kind": "warehouse", "host": "b", "commit_latency": "10ms", "tables": {"paid": {"columns": ["payment INTEGER", "amount REAL"]}} @})";
const std::string keyedTable =
    R"("db": {"kind": "warehouse", "host": "b", "commit_latency": "10ms", "tables": {"paid": {"kind": "keyed", "key": ["payment"], "columns": ["payment INTEGER", "amount REAL"]}} @})";

std::vector<std::string> linesUnder(const QString& folder, const QString& ending) {
    std::vector<std::string> lines;
    QDirIterator each(folder, QDir::Files, QDirIterator::Subdirectories);
    while (each.hasNext()) {
        const QString path = each.next();
        if (path.endsWith(ending)) {
            std::ifstream file(path.toStdString(), std::ios::binary);
            for (std::string line; std::getline(file, line);) {
                lines.push_back(line);
            }
        }
    }
    return lines;
}

qsizetype objectsUnder(const QString& folder, const QString& ending) {
    qsizetype count = 0;
    QDirIterator each(folder, QDir::Files, QDirIterator::Subdirectories);
    while (each.hasNext()) {
        count += each.next().endsWith(ending) ? 1 : 0;
    }
    return count;
}

/// A real series, which lies beside the source tree where it is at all.
QString dataFile(const QString& name) {
    return QFileInfo(QStringLiteral("../shared/data/") + name).absoluteFilePath();
}

std::int64_t countIn(const QString& path, const std::string& query) {
    SQLite::Database database(path.toStdString(), SQLite::OPEN_READONLY);
    return database.execAndGet(query).getInt64();
}

}  // namespace

/// Pipelines that bring the records of a source to a sink, in whole runs.
class TestIngestion : public QObject {
    Q_OBJECT

private slots:
    void eachWayLoadsEveryRecordOnce_data() {
        QTest::addColumn<QString>("way");
        QTest::addRow("batch") << R"("kind": "batch", "every": "7s", "to": "db")";
        QTest::addRow("batch by size") << R"("kind": "batch", "every": "1m", "size": 120, "to": "db")";
        QTest::addRow("micro-batch") << R"("kind": "micro-batch", "every": "500ms", "to": "db")";
        QTest::addRow("streaming") << R"("kind": "streaming", "to": "db")";
        QTest::addRow("one write a request") << R"("kind": "streaming", "to": "db", "batch_size": 1)";
    }
    void eachWayLoadsEveryRecordOnce() {
        QFETCH(QString, way);
        const Played played = play(payments(way.toStdString(), named(rowsTable, {""})));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        QVERIFY(played.report.stopped == run::Stop::Drained);
        const observe::IngestionView& pipeline = played.pipeline("p");
        QCOMPARE(pipeline.read, 1000);
        QCOMPARE(pipeline.rows, 1000);
        QCOMPARE(played.score("db").records, 1000);
        QCOMPARE(played.report.sinks.front().written, 1000);
        QCOMPARE(played.report.sinks.front().repeated, 0);
    }

    /// The age of rows is what tells the ways apart: half an interval in the mean, and never more than one and a
    /// commit.
    void freshnessFollowsFromTheInterval() {
        const auto ages = [](const std::string& way) {
            const Played played = play(payments(way, named(rowsTable, {""})));
            const observe::IngestionView& view = played.pipeline("p");
            return std::pair{seconds(view.meanAge), seconds(view.oldestAge)};
        };
        const auto batch = ages(R"("kind": "batch", "every": "5s", "to": "db")");
        const auto micro = ages(R"("kind": "micro-batch", "every": "1s", "to": "db")");
        const auto stream = ages(R"("kind": "streaming", "to": "db")");
        QVERIFY2(batch.first > 2.3 && batch.first < 3.5, qPrintable(QString::number(batch.first)));
        QVERIFY2(batch.second > 4.9 && batch.second < 6.5, qPrintable(QString::number(batch.second)));
        QVERIFY2(micro.first > 0.4 && micro.first < 0.7, qPrintable(QString::number(micro.first)));
        QVERIFY2(stream.second < 0.2, qPrintable(QString::number(stream.second)));
    }

    /// A row costs least when many are loaded at once.
    void smallCommitsCostTheSinkMore() {
        const auto cost = [](const std::string& way) {
            return play(payments(way, named(rowsTable, {""}))).pipeline("p").sinkProcessor;
        };
        QVERIFY(cost(R"("kind": "batch", "every": "20s", "to": "db")") * 2 <
                cost(R"("kind": "streaming", "linger": "0s", "to": "db")"));
    }

    void valueIsWhatTheCurveLeavesOfIt() {
        const Played played = play(payments(R"("kind": "batch", "every": "4s", "to": "db", "value": ["0s 1", "4s 0"])",
                                            named(rowsTable, {""})));
        // Ages lie evenly between a commit's time and the interval: a half is left of the value, and a little less.
        const double kept = played.pipeline("p").valueKept;
        QVERIFY2(kept > 0.35 && kept < 0.5, qPrintable(QString::number(kept)));
    }

    // --- crashes

    void whatAKillLeavesFollowsFromTheNote_data() {
        QTest::addColumn<QString>("way");
        QTest::addColumn<bool>("isKeyed");
        QTest::addColumn<QString>("fate");
        const char* kinds[] = {R"("kind": "batch", "every": "3s")", R"("kind": "micro-batch", "every": "700ms")",
                               R"("kind": "streaming", "checkpoint_every": "2s")"};
        for (const char* kind : kinds) {
            QTest::addRow("%s, after, rows", kind) << QString::fromLatin1(kind) << false << QStringLiteral("at least");
            QTest::addRow("%s, after, keys", kind) << QString::fromLatin1(kind) << true << QStringLiteral("exactly");
            QTest::addRow("%s, before, rows", kind)
                << QString::fromLatin1(kind) + QStringLiteral(", \"note\": \"before\"") << false
                << QStringLiteral("at most");
        }
    }
    void whatAKillLeavesFollowsFromTheNote() {
        QFETCH(QString, way);
        QFETCH(bool, isKeyed);
        QFETCH(QString, fate);
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("paid.db"));
        const std::string sink =
            named(isKeyed ? keyedTable : rowsTable, {named(R"(, "path": "@")", {path.toStdString()})});
        const std::string faults = R"([
            {"at": "6.005s", "kind": "crash", "target": "ingestion:p", "for": "1s"},
            {"at": "11.99s", "kind": "crash", "target": "ingestion:p", "for": "300ms"}])";
        const Played played = play(payments(way.toStdString() + R"(, "to": "db")", sink, faults));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        QVERIFY(played.report.stopped == run::Stop::Drained);
        const std::int64_t rows = countIn(path, "SELECT count(*) FROM paid");
        const std::int64_t different = countIn(path, "SELECT count(DISTINCT payment) FROM paid");
        const std::int64_t told = played.score("db").records;
        // A card's fraud may say a number twice.
        const std::int64_t all =
            countIn(path, "SELECT max(payment) FROM paid") - countIn(path, "SELECT min(payment) FROM paid") + 1;
        if (fate == QStringLiteral("at most")) {
            QVERIFY2(rows <= 1000, qPrintable(QString::number(rows)));
            QCOMPARE(told, rows);
            QVERIFY(rows > 700);
        } else {
            QCOMPARE(told, 1000);
            QCOMPARE(different, all);
        }
        if (fate == QStringLiteral("exactly")) {
            QCOMPARE(rows, different);
        }
        if (fate == QStringLiteral("at least")) {
            QCOMPARE(rows, 1000 + played.score("db").duplicates - (1000 - played.score("db").readings));
        }
    }

    /// What a step remembers is saved with the position: a kill makes it neither forget nor take a record for its own
    /// copy.
    void stepsRememberThroughAKill() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("sums.db"));
        const std::string text = payments(
            R"("kind": "streaming", "to": "db", "steps": {
                "once": {"kind": "deduplicate", "fields": ["payment"]},
                "sum": {"kind": "aggregate", "every": "4s", "by": ["country"], "aggregates": ["count as n", "sum(amount) as total"]}})",
            named(
                R"("db": {"kind": "warehouse", "host": "b", "path": "@", "tables": {"sums": {"kind": "keyed",
                   "key": ["window_start", "country"], "columns": ["window_start INTEGER", "country TEXT", "n INTEGER", "total REAL"]}}})",
                {path.toStdString()}),
            R"([{"at": "6.3s", "kind": "crash", "target": "ingestion:p", "for": "1s"}])",
            R"(, "flaws": {"duplicated": 0.1})");
        const Played played = play(text);
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        const std::int64_t counted = countIn(path, "SELECT sum(n) FROM sums");
        const observe::StepView& once = played.pipeline("p").steps.front();
        QVERIFY(once.in > once.out);
        // The truth knows how many different readings there were; numbers that a fraud says twice are one to the step.
        QVERIFY(counted <= 1000);
        QVERIFY2(counted > 950, qPrintable(QString::number(counted)));
    }

    void aSinkThatIsAwayIsWaitedFor() {
        const Played played =
            play(payments(R"("kind": "streaming", "to": "db")", named(keyedTable, {""}),
                          R"([{"at": "5.012s", "kind": "crash", "target": "sink:db", "for": "4s"}])"));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        QVERIFY(played.report.stopped == run::Stop::Drained);
        QCOMPARE(played.score("db").records, 1000);
        QVERIFY(played.pipeline("p").retries > 0);
    }

    /// What nobody keeps is gone when nobody listens: a batch job is there for a moment only.
    void aVolatileSourceNeedsAListener() {
        const std::string volatileSource = R"(, "keeps": "0s")";
        const Played batch = play(
            payments(R"("kind": "batch", "every": "5s", "to": "db")", named(rowsTable, {""}), "[]", volatileSource));
        const Played stream =
            play(payments(R"("kind": "streaming", "to": "db")", named(rowsTable, {""}), "[]", volatileSource));
        QCOMPARE(QString::fromStdString(batch.complaints), QString());
        QVERIFY(batch.pipeline("p").gone > 900);
        QCOMPARE(batch.pipeline("p").rows + batch.pipeline("p").gone, 1000);
        QCOMPARE(stream.pipeline("p").gone, 0);
        QCOMPARE(stream.pipeline("p").rows, 1000);
    }

    // --- destinations

    void aLakeHasAnObjectForEachCommitUntilItIsCompacted() {
        QTemporaryDir folder;
        const QString plain = folder.filePath(QStringLiteral("plain"));
        const QString tidy = folder.filePath(QStringLiteral("tidy"));
        const auto lake = [](const QString& path, const std::string& more) {
            return named(R"("l": {"kind": "lake", "host": "b", "partition": "hour", "path": "@" @})",
                         {path.toStdString(), more});
        };
        const std::string way = R"("kind": "micro-batch", "every": "1s", "to": "l")";
        const Played many = play(payments(way, lake(plain, "")));
        QCOMPARE(QString::fromStdString(many.complaints), QString());
        QCOMPARE(linesUnder(plain, QStringLiteral(".jsonl")).size(), std::size_t{1000});
        QVERIFY(objectsUnder(plain, QStringLiteral(".jsonl")) >= 20);
        QVERIFY(QFileInfo::exists(plain + QStringLiteral("/date=2026-01-01/hour=00")));
        const Played few = play(payments(way, lake(tidy, R"(, "compact_every": "8s")")));
        QCOMPARE(QString::fromStdString(few.complaints), QString());
        QCOMPARE(linesUnder(tidy, QStringLiteral(".jsonl")).size(), std::size_t{1000});
        QVERIFY(objectsUnder(tidy, QStringLiteral(".jsonl")) * 2 < objectsUnder(plain, QStringLiteral(".jsonl")));
    }

    void aLakeOfCsvNamesItsColumnsInEachObject() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("lake"));
        const Played played = play(payments(
            R"("kind": "batch", "every": "30s", "to": "l", "steps": {"few": {"kind": "map", "keep": ["payment", "country"]}})",
            named(R"("l": {"kind": "lake", "host": "b", "format": "csv", "path": "@"})", {path.toStdString()})));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        const std::vector<std::string> lines = linesUnder(path, QStringLiteral(".csv"));
        const auto headers = std::count(lines.begin(), lines.end(), std::string("payment,country"));
        QCOMPARE(headers, objectsUnder(path, QStringLiteral(".csv")));
        QCOMPARE(static_cast<qsizetype>(lines.size()) - headers, 1000);
    }

    void documentsAreReplacedByTheirIds() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("d.db"));
        const Played played =
            play(payments(R"("kind": "batch", "every": "4s", "load": "full", "to": "d", "key": ["payment"])",
                          named(R"("d": {"kind": "documents", "host": "b", "path": "@", "indexes": ["country"]})",
                                {path.toStdString()})));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        QVERIFY(played.report.stopped == run::Stop::Drained);
        QVERIFY(played.pipeline("p").rows > 2000);  // everything again and again
        QCOMPARE(countIn(path, "SELECT count(*) FROM documents"),
                 countIn(path, "SELECT count(DISTINCT json_extract(body, '$.payment')) FROM documents"));
        QCOMPARE(
            countIn(path, "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name = 'documents_by_country'"),
            1);
    }

    void anArchiveIsOneGzipFile() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("a.gz"));
        const Played played =
            play(payments(R"("kind": "micro-batch", "every": "5s", "to": "z")",
                          named(R"("z": {"kind": "archive", "host": "b", "path": "@"})", {path.toStdString()})));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        const auto content = ingest::readFile(path.toStdString());
        QVERIFY(content);
        QCOMPARE((*content)->lineCount(), 1000);
    }

    // --- topics

    void rowsOfATopicAreRecordsThatGroupsRead_data() {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<bool>("isExact");
        QTest::newRow("quiet") << "" << true;
        QTest::newRow("the sink's process dies")
            << R"({"at": "6s", "kind": "crash", "target": "sink:out", "for": "3s"})" << false;
        QTest::newRow("the pipeline dies")
            << R"({"at": "6s", "kind": "crash", "target": "ingestion:p", "for": "3s"})" << false;
        QTest::newRow("a leader dies") << R"({"at": "6s", "kind": "crash", "target": "leader:paid-0", "for": "8s"})"
                                       << false;
        QTest::newRow("the brokers are cut off")
            << R"({"at": "6s", "kind": "cut", "target": "host:b", "for": "20s"})" << false;
    }
    /// What a pipeline writes to a topic stands there in the form of its rows; after a fault some more than once, none
    /// never.
    void rowsOfATopicAreRecordsThatGroupsRead() {
        QFETCH(QString, fault);
        QFETCH(bool, isExact);
        const Played played = play(toTopic(R"("kind": "streaming", "to": "out")", "[" + fault.toStdString() + "]"));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        QVERIFY2(played.report.stopped == run::Stop::Drained, played.json.c_str());
        const auto json = nlohmann::json::parse(played.json);
        const std::int64_t records = paidRecords(json).first;
        const observe::IngestionView& view = played.pipeline("p");
        QVERIFY2(isExact ? records == 1000 : records >= 1000, played.json.c_str());
        QVERIFY(records >= json["sinks"][0]["written"].get<std::int64_t>());
        QCOMPARE(json["sinks"][0]["written"].get<std::int64_t>(), view.rows);
        QCOMPARE(json["groups"][0]["lag"].get<std::int64_t>(), 0);
    }

    /// Whoever counts on no answers loses what a leader takes along, and nothing else happens.
    void aTopicWithoutAcknowledgementsLosesWithItsLeader() {
        std::string text = toTopic(R"("kind": "streaming", "to": "out")",
                                   R"([{"at": "6s", "kind": "crash", "target": "leader:paid-0", "for": "8s"}])");
        text.replace(text.find(R"("linger.ms": 5)"), 14, R"("acks": "0")");
        const Played played = play(text);
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        const auto json = nlohmann::json::parse(played.json);
        QCOMPARE(json["sinks"][0]["written"].get<std::int64_t>(), std::int64_t{1000});
        QVERIFY(paidRecords(json).first > 500);
    }

    /// A record that would never go through is left out and counted; the others of its request and of others go through
    /// once.
    void whatATopicNeverTakesIsLeftOutAlone_data() {
        QTest::addColumn<QString>("settings");
        QTest::addColumn<QString>("topic");
        QTest::newRow("by its producer") << R"("max.request.size": 220)"
                                         << "";
        QTest::newRow("by its brokers") << R"("linger.ms": 5)"
                                        << R"("max.message.bytes": 205, )";
    }
    void whatATopicNeverTakesIsLeftOutAlone() {
        QFETCH(QString, settings);
        QFETCH(QString, topic);
        std::string text = toTopic(R"("kind": "streaming", "to": "out", "batch_size": 20)", "[]");
        text.replace(text.find(R"("linger.ms": 5)"), 14, settings.toStdString());
        text.insert(text.find(R"("min.insync.replicas")"), topic.toStdString());
        const Played played = play(text);
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        QVERIFY2(played.report.stopped == run::Stop::Drained, played.json.c_str());
        const auto json = nlohmann::json::parse(played.json);
        const auto written = json["sinks"][0]["written"].get<std::int64_t>();
        const auto leftOut = json["sinks"][0]["rejected"].get<std::int64_t>();
        QVERIFY2(leftOut > 20 && written > 20, json["sinks"].dump().c_str());
        QCOMPARE(written + leftOut, std::int64_t{1000});
        QCOMPARE(paidRecords(json).first, written);
    }

    /// A source that has a producer of its own and is loaded into a topic, too: each row has its record's headers.
    void aSourceMayHaveAProducerAndAPipelineIntoATopic() {
        std::string text = toTopic(R"("kind": "streaming", "to": "out")", "[]");
        text.insert(text.find(R"("rate": "50/s")"), R"("topic": "raw", )");
        text.insert(text.find(R"("paid": {"partitions")"), R"("raw": {"partitions": 2}, )");
        scenario::ScenarioReading reading = scenario::readScenario(text, {"ingestion.json", {}, {}});
        QVERIFY(reading.scenario.has_value());
        run::EngineOptions options;
        auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
        QVERIFY(engine);
        lab::Checker checker;
        checker.follow((*engine)->session().ledger());
        run::PlayLimit limit;
        limit.untilDrained = true;
        limit.keepGoing = [&](const sim::World& world) {
            checker.observe(world);
            return true;
        };
        QVERIFY((*engine)->play(limit));
        checker.finish((*engine)->world(), true);
        for (const lab::InvariantStatus& each : checker.status()) {
            QVERIFY2(each.holds(), each.first ? each.first->text.c_str() : "");
        }
    }

    void keysOfATopicsRecordsDecideTheirPartition() {
        const Played played = play(toTopic(
            R"("kind": "micro-batch", "every": "1s", "to": "out", "key": ["country"],
               "steps": {"one": {"kind": "where", "condition": "country == 'DE'"}})",
            "[]"));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        const auto json = nlohmann::json::parse(played.json);
        const auto [records, filled] = paidRecords(json);
        QVERIFY(records > 50);
        QCOMPARE(records, played.pipeline("p").rows);
        QCOMPARE(filled, 1);
    }

    void deadLettersCanBeATopic() {
        const Played played = play(toTopic(
            R"("kind": "streaming", "to": "lake", "dead_letters": "out",
               "steps": {"small": {"kind": "clean", "rules": ["amount < 30"]}})",
            "[]", R"(, "lake": {"kind": "lake", "host": "b"})"));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        const auto json = nlohmann::json::parse(played.json);
        const std::int64_t records = paidRecords(json).first;
        QVERIFY(records > 50);
        QCOMPARE(records, played.pipeline("p").rejected);
    }

    void aTopicsSinkNeedsATopicAndHasNoTables() {
        QVERIFY(play(payments(R"("kind": "streaming", "to": "out")", R"("out": {"kind": "topic", "topic": "gone"})"))
                    .complaints.find("sinks.out.topic") != std::string::npos);
        QVERIFY(
            play(toTopic(R"("kind": "streaming", "to": "out", "tables": ["t"])", "[]")).complaints.find("no tables") !=
            std::string::npos);
        QVERIFY(play(toTopic(R"("kind": "batch", "every": "4s", "load": "full", "to": "out")", "[]"))
                    .complaints.find("must know them by keys") != std::string::npos);
    }

    // --- dashboards

    /// The newest row of each key, alerts as they begin and cease, and the same in the page of HTML; a crash of the
    /// dashboard, of the pipeline or of none at all ends with the same picture.
    void aDashboardShowsTheNewestRowOfEachKey_data() {
        QTest::addColumn<QString>("faults");
        QTest::addRow("undisturbed") << "[]";
        QTest::addRow("the dashboard crashes") << R"([{"at": "9s", "kind": "crash", "target": "sink:d", "for": "3s"}])";
        QTest::addRow("its machine loses power")
            << R"([{"at": "9s", "kind": "power", "target": "host:b", "for": "3s"}])";
        QTest::addRow("the pipeline crashes")
            << R"([{"at": "9s", "kind": "crash", "target": "ingestion:p", "for": "3s"}])";
    }
    void aDashboardShowsTheNewestRowOfEachKey() {
        QFETCH(QString, faults);
        const bool isReordered = faults.contains(QStringLiteral("power"));
        QTemporaryDir folder;
        const std::string html = folder.filePath(QStringLiteral("d.html")).toStdString();
        const std::string rows = folder.filePath(QStringLiteral("r.txt")).toStdString();
        const std::string sinks =
            named(R"("d": {"kind": "dashboard", "host": "b", "path": "@", "chart": "amount", "alerts": ["amount > 60"]},
                     "r": {"kind": "file", "host": "b", "path": "@"})",
                  {html, rows});
        const std::string pipelines = R"("kind": "streaming", "to": "d", "key": ["country"]},
            "q": {"host": "a", "source": "s", "time": "time", "kind": "streaming", "to": "r")";
        auto reading = scenario::readScenario(payments(pipelines, sinks, faults.toStdString()), {"board.json", {}, {}});
        QVERIFY(reading.scenario.has_value());
        auto engine = run::Engine::open(std::move(*reading.scenario), {});
        QVERIFY(engine.has_value());
        run::PlayLimit limit;
        limit.untilDrained = true;
        QVERIFY((*engine)->play(limit).has_value());
        const observe::BoardPage page = ingest::describeBoard((*engine)->world(), "sink:d");
        QVERIFY((*engine)->finish().has_value());
        engine->reset();

        std::map<std::string, std::vector<nlohmann::json>> byCountry;
        std::ifstream lines(rows);
        for (std::string line; std::getline(lines, line);) {
            const auto row = nlohmann::json::parse(line);
            byCountry[row["country"]].push_back(row);
        }
        QVERIFY(byCountry.size() > 3);
        QCOMPARE(page.tiles.size(), byCountry.size());
        std::int64_t raised = 0;
        for (const observe::TileView& tile : page.tiles) {
            const std::vector<nlohmann::json>& own = byCountry[tile.key];
            // What is sent again comes after what was measured later, and does not take its place.
            QVERIFY(tile.rows <= static_cast<std::int64_t>(own.size()));
            QVERIFY(tile.rows >= static_cast<std::int64_t>(own.size()) - (isReordered ? 20 : 0));
            QCOMPARE(tile.points.back().second, own.back()["amount"].get<double>());
            QCOMPARE(tile.points.size(), std::min<std::size_t>(static_cast<std::size_t>(tile.rows), 120));
            QCOMPARE(!tile.holds.empty(), own.back()["amount"].get<double>() > 60);
            bool held = false;
            for (const nlohmann::json& row : own) {
                const bool holds = row["amount"].get<double>() > 60;
                raised += holds && !held ? 1 : 0;
                held = holds;
            }
        }
        QVERIFY(raised > 3);
        QVERIFY(isReordered || page.raisedInAll == raised);
        std::ifstream file(html);
        const std::string written((std::istreambuf_iterator<char>(file)), {});
        QVERIFY(written.find("Alerts: " + std::to_string(page.raisedInAll)) != std::string::npos);
        for (const observe::TileView& tile : page.tiles) {
            QVERIFY(written.find("<b>" + *tile.main + "</b>") != std::string::npos);
        }
    }

    /// What comes late does not take the place of what was measured after it.
    void aDashboardShowsWhatWasMeasuredLast() {
        auto reading = scenario::readScenario(
            payments(R"("kind": "streaming", "to": "d")", R"("d": {"kind": "dashboard", "host": "b"})", "[]",
                     R"(, "flaws": {"late": 0.4, "late_by": "6s"})"),
            {"late.json", {}, {}});
        QVERIFY(reading.scenario.has_value());
        auto engine = run::Engine::open(std::move(*reading.scenario), {});
        QVERIFY(engine.has_value());
        run::PlayLimit limit;
        limit.untilDrained = true;
        QVERIFY((*engine)->play(limit).has_value());
        const observe::BoardPage page = ingest::describeBoard((*engine)->world(), "sink:d");
        QCOMPARE(page.tiles.size(), std::size_t(1));
        const observe::TileView& tile = page.tiles.front();
        QVERIFY(tile.measured > SimTime{19s} && tile.rows > 100 && tile.rows < 900);
        QVERIFY(std::is_sorted(tile.points.begin(), tile.points.end(),
                               [](const auto& a, const auto& b) { return a.first < b.first; }));
        QCOMPARE(QString::fromStdString(page.chart), QStringLiteral("payment"));
    }

    void aDashboardIsToldWhatItCannotShow() {
        const auto complaints = [](const std::string& board, const std::string& more = {}) {
            return QString::fromStdString(
                play(payments(R"("kind": "streaming", "to": "d")" + more,
                              R"("d": {"kind": "dashboard", "host": "b", )" + board + R"(}, "l": {"kind": "lake"})"))
                    .complaints);
        };
        QVERIFY(complaints(R"("alerts": ["amuont > 3", "amount >"])").contains(QStringLiteral("sinks.d.alerts[0]")));
        QVERIFY(complaints(R"("alerts": ["amount > 3", "amount >"])").contains(QStringLiteral("sinks.d.alerts[1]")));
        QVERIFY(complaints(R"("chart": "country")").contains(QStringLiteral("is no number")));
        QVERIFY(complaints(R"("chart": "gone")").contains(QStringLiteral("there is no field 'gone'")));
        QVERIFY(complaints(R"("chart": "amount")", R"(, "dead_letters": "d")").contains(QStringLiteral("keeps none")));
        QVERIFY(
            complaints(R"("chart": "amount")", R"(}, "q": {"host": "a", "source": "s", "kind": "streaming", "to": "d")")
                .contains(QStringLiteral("give each pipeline a dashboard of its own")));
        QCOMPARE(complaints(R"("chart": "amount")"), QString());
    }

    // --- steps

    void whatBreaksARuleIsKeptWithItsReason() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("r.db"));
        const Played again = play(payments(
            R"("kind": "streaming", "to": "db", "dead_letters": "dead",
               "steps": {"small": {"kind": "clean", "rules": ["amount < 100"]}})",
            named(rowsTable, {""}) + named(R"(, "dead": {"kind": "sqlite", "host": "b", "path": "@",
                     "tables": {"rejected": {"columns": ["source TEXT", "position INTEGER", "step TEXT", "reason TEXT", "line TEXT"]}}})",
                                           {path.toStdString()}),
            "[]", R"(, "flaws": {"damaged": 0.05, "damage": "truncation"})"));
        QCOMPARE(QString::fromStdString(again.complaints), QString());
        const observe::IngestionView& view = again.pipeline("p");
        QVERIFY(view.rejected > 20);
        QCOMPARE(view.rows + view.rejected, view.read);
        QCOMPARE(countIn(path, "SELECT count(*) FROM rejected"), view.rejected);
        QVERIFY(countIn(path, "SELECT count(*) FROM rejected WHERE step = 'read'") > 10);
        QVERIFY(countIn(path, "SELECT count(*) FROM rejected WHERE reason = 'the rule amount < 100 does not hold'") >
                0);
        QCOMPARE(again.report.rejected, view.rejected);
    }

    void aMaskedFieldCannotBeReadAnyMore() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("l"));
        const Played played = play(payments(
            R"("kind": "batch", "every": "30s", "to": "l", "steps": {
                "hash": {"kind": "mask", "fields": ["card"], "salt": "x"},
                "stars": {"kind": "mask", "fields": ["country"], "how": "redact"},
                "part": {"kind": "mask", "fields": ["merchant"], "how": "partial", "keeps": 2}})",
            named(R"("l": {"kind": "lake", "host": "b", "path": "@"})", {path.toStdString()})));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        for (const std::string& line : linesUnder(path, QStringLiteral(".jsonl"))) {
            QVERIFY2(line.find("card-") == std::string::npos, line.c_str());
            QVERIFY2(line.find(R"("country":"***")") != std::string::npos, line.c_str());
        }
        const observe::StepView& step = played.pipeline("p").steps.front();
        QVERIFY(step.before != step.after && !step.after.empty());
    }

    void aTableAddsWhatItSays() {
        QTemporaryDir folder;
        const QString table = folder.filePath(QStringLiteral("countries.csv"));
        {
            std::ofstream file(table.toStdString(), std::ios::binary);
            file << "code,name,region\n\"DE\",Germany,Europe\nFR,\"France, the\",Europe\n";
        }
        const QString path = folder.filePath(QStringLiteral("l"));
        const auto text = [&](const std::string& otherwise) {
            return payments(named(R"("kind": "batch", "every": "30s", "to": "l", "steps": {"add": {"kind": "look-up",
                "path": "@", "field": "country", "key": "code", "add": ["name"], "otherwise": "@"}})",
                                  {table.toStdString(), otherwise}),
                            named(R"("l": {"kind": "lake", "host": "b", "path": "@"})", {path.toStdString()}));
        };
        const Played played = play(text("drop"));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        const std::vector<std::string> lines = linesUnder(path, QStringLiteral(".jsonl"));
        QVERIFY(!lines.empty());
        for (const std::string& line : lines) {
            QVERIFY2(line.find("Germany") != std::string::npos || line.find("France, the") != std::string::npos,
                     line.c_str());
        }
        QCOMPARE(static_cast<std::int64_t>(lines.size()) + played.pipeline("p").dropped, 1000);
    }

    // --- forms that change

    void aChangeOfFormIsNoticedAndTreatedAsItsPolicySays_data() {
        QTest::addColumn<QString>("change");
        QTest::addColumn<QString>("policy");
        QTest::addColumn<bool>("isRejected");
        QTest::addRow("new, fail") << "new-field"
                                   << "fail" << true;
        QTest::addRow("new, ignore") << "new-field"
                                     << "ignore" << false;
        QTest::addRow("new, evolve") << "new-field"
                                     << "evolve" << false;
        QTest::addRow("missing, fail") << "missing-field"
                                       << "fail" << true;
        QTest::addRow("missing, ignore") << "missing-field"
                                         << "ignore" << false;
        QTest::addRow("retyped, ignore") << "retyped"
                                         << "ignore" << true;
        QTest::addRow("retyped, evolve") << "retyped"
                                         << "evolve" << false;
    }
    void aChangeOfFormIsNoticedAndTreatedAsItsPolicySays() {
        QFETCH(QString, change);
        QFETCH(QString, policy);
        QFETCH(bool, isRejected);
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("d.db"));
        const std::string field = change == QStringLiteral("new-field") ? std::string() : R"(, "form_field": "amount")";
        const Played played = play(payments(
            named(R"("kind": "streaming", "to": "d", "drift": "@")", {policy.toStdString()}),
            named(R"("d": {"kind": "documents", "host": "b", "path": "@"})", {path.toStdString()}), "[]",
            named(R"(, "flaws": {"form_changes_at": "10s", "form_change": "@" @})", {change.toStdString(), field})));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        const observe::IngestionView& view = played.pipeline("p");
        QVERIFY2(view.drifted > 450 && view.drifted <= 500, qPrintable(QString::number(view.drifted)));
        QCOMPARE(view.rejected > 450, isRejected);
        QCOMPARE(view.rows, 1000 - view.rejected);
        const bool isTaken = change == QStringLiteral("new-field") && policy == QStringLiteral("evolve");
        QCOMPARE(countIn(path, "SELECT count(*) FROM documents WHERE json_extract(body, '$.version') = 2") > 450,
                 isTaken);
    }

    /// What lands as it came can be read again when the reader is mended; what was rejected at the door cannot.
    void whatWasRejectedIsReadAgainAfterTheRepair() {
        const std::string flaws =
            R"(, "flaws": {"form_changes_at": "8s", "form_change": "retyped", "form_field": "amount"})";
        const std::string sinks = R"("d": {"kind": "documents", "host": "b"}, "dead": {"kind": "archive", "host": "b"},
                                     "lake": {"kind": "lake", "host": "b"})";
        const std::string elt =
            R"("kind": "micro-batch", "every": "1s", "to": "d", "land": "lake", "transform_every": "2s",
                                   "dead_letters": "dead", "repair_at": "15s")";
        const Played mended = play(payments(elt, sinks, "[]", flaws));
        QCOMPARE(QString::fromStdString(mended.complaints), QString());
        QVERIFY(mended.report.stopped == run::Stop::Drained);
        QVERIFY(mended.pipeline("p").rejected > 200);
        QCOMPARE(mended.score("d").records, 1000);
        QCOMPARE(mended.score("lake").records, 1000);
        const Played etl = play(payments(R"("kind": "streaming", "to": "d", "repair_at": "15s")", sinks, "[]", flaws));
        QCOMPARE(etl.score("d").records + etl.pipeline("p").rejected, 1000);
        QVERIFY(etl.score("d").records < 800);
    }

    /// By hand at any time, once; what a crash takes back is read again from the checkpoint.
    void aReaderIsMendedByHand() {
        const std::string flaws =
            R"(, "flaws": {"form_changes_at": "8s", "form_change": "retyped", "form_field": "amount"})";
        const std::string sinks = R"("d": {"kind": "documents", "host": "b"}, "dead": {"kind": "archive", "host": "b"},
                                     "lake": {"kind": "lake", "host": "b"})";
        const std::string ways =
            R"("kind": "streaming", "to": "d", "land": "lake", "transform_every": "1s", "dead_letters": "dead")";
        for (const bool crashes : {false, true}) {
            auto reading = scenario::readScenario(payments(ways, sinks, "[]", flaws), {"ingestion.json", {}, {}});
            QVERIFY(reading.scenario.has_value());
            auto engine = run::Engine::open(std::move(*reading.scenario), {});
            QVERIFY(engine.has_value());
            run::Session& session = (*engine)->session();
            QVERIFY(session.advance(SimTime{14s}).has_value());
            const auto state = [&] { return ingest::pipelineState((*engine)->world(), "p"); };
            QVERIFY(state().dead > 100);
            QVERIFY(ingest::canMendReader((*engine)->world(), "p"));
            const auto mend = makeRef<run::MendInput>("p");
            QVERIFY(mend->fits((*engine)->world()).has_value());
            QVERIFY(session.inject(mend).has_value());
            if (crashes) {
                sim::FaultSpec crash;
                crash.kind = FaultKind::Crash;
                crash.target = "ingestion:p";
                crash.duration = 2s;
                QVERIFY(session.inject(makeRef<run::FaultInput>(crash)).has_value());
            }
            QVERIFY(!ingest::canMendReader((*engine)->world(), "p"));
            run::PlayLimit limit;
            limit.untilDrained = true;
            const auto played = (*engine)->play(limit);
            QVERIFY(played.has_value());
            QCOMPARE(state().dead, 0U);
            const Played mended{{}, run::reportOf(**engine, *played), {}};
            QVERIFY(mended.report.stopped == run::Stop::Drained);
            QCOMPARE(mended.score("d").records, 1000);
        }
        QVERIFY(!run::MendInput::fromPayload(R"({"pipeline": 3})").has_value());
        const auto again = run::MendInput::fromPayload(R"({"pipeline": "p"})");
        QVERIFY(again.has_value());
        QCOMPARE(QString::fromStdString((*again)->summary()), QStringLiteral("mend the reader of p"));
    }

    /// What is read again after the source has ended closes its own windows, and a crash after that brings nothing
    /// twice to who notes before he loads.
    void aReaderIsMendedAfterTheEnd() {
        const std::string flaws =
            R"(, "flaws": {"form_changes_at": "8s", "form_change": "retyped", "form_field": "amount"})";
        const std::string sinks = R"("d": {"kind": "file", "host": "b"}, "dead": {"kind": "archive", "host": "b"},
                                     "sum": {"kind": "warehouse", "host": "b", "path": "@",
                                             "tables": {"t": {"columns": ["count INTEGER"]}}})";
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("s.db"));
        const Played windows = play(payments(
            R"("kind": "streaming", "to": "sum", "dead_letters": "dead", "drift": "fail", "repair_at": "40s",
               "steps": {"w": {"kind": "aggregate", "every": "5s", "lag": "60s", "aggregates": ["count"]}})",
            named(sinks, {path.toStdString()}), "[]", flaws));
        QCOMPARE(QString::fromStdString(windows.complaints), QString());
        QCOMPARE(countIn(path, "SELECT sum(count) FROM t"), 1000);
        const Played once = play(payments(
            R"("kind": "streaming", "note": "before", "to": "d", "dead_letters": "dead", "drift": "fail", "repair_at": "25s")",
            named(sinks, {folder.filePath(QStringLiteral("o.db")).toStdString()}),
            R"([{"at": "26s", "kind": "crash", "target": "ingestion:p", "for": "2s"}])", flaws));
        QCOMPARE(QString::fromStdString(once.complaints), QString());
        QVERIFY(once.score("d").duplicates == 0 && once.score("d").records == 1000);
    }

    /// Those too whose commit in the landing was under way when the checkpoint was begun.
    void aCrashTakesNothingFromWhatHasLanded_data() {
        QTest::addColumn<QString>("way");
        QTest::addRow("streaming") << R"("kind": "streaming")";
        QTest::addRow("micro-batch") << R"("kind": "micro-batch", "every": "1s")";
        QTest::addRow("batch") << R"("kind": "batch", "every": "4s")";
    }
    void aCrashTakesNothingFromWhatHasLanded() {
        QFETCH(QString, way);
        const std::string elt = way.toStdString() + R"(, "to": "d", "land": "lake", "transform_every": "1500ms")";
        const std::string sinks = R"("d": {"kind": "documents", "host": "b"}, "lake": {"kind": "lake", "host": "b"})";
        for (const char* when : {"4.05s", "8.2s", "14s"}) {
            const Played played = play(payments(
                elt, sinks, named(R"([{"at": "@", "kind": "crash", "target": "ingestion:p", "for": "2s"}])", {when})));
            QCOMPARE(QString::fromStdString(played.complaints), QString());
            QVERIFY(played.report.stopped == run::Stop::Drained);
            QCOMPARE(played.score("lake").records, 1000);
            QCOMPARE(played.score("d").records, 1000);
        }
    }

    // --- planted faults

    /// What a pipeline promises holds through a crash, a sink that refuses and a machine without power; with a fault
    /// planted in the pipeline it does not, and the totals show it.
    void aPlantedFaultOfAPipelineIsNoticed_data() {
        using Rules = ingest::BrokenPipelineRules;
        QTest::addColumn<QString>("pipeline");
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("faults");
        QTest::addColumn<bool Rules::*>("planted");
        const QString crash =
            QStringLiteral(R"([{"at": "9.35s", "kind": "crash", "target": "ingestion:p", "for": "2s"}])");
        const QString refuses =
            QStringLiteral(R"([{"at": "6s", "kind": "full-disk", "target": "host:b", "for": "3s"}])");
        const QString twice = QStringLiteral(R"(, "flaws": {"duplicated": 0.2, "duplicate_after": "3s"})");
        const QString retyped =
            QStringLiteral(R"(, "flaws": {"form_changes_at": "4s", "form_change": "retyped", "form_field": "amount"})");
        const auto add = [](const char* name, const char* pipeline, const QString& source, const QString& faults,
                            bool Rules::*planted) {
            QTest::addRow("%s", name) << QString::fromLatin1(pipeline) << source << faults << planted;
        };
        add("a checkpoint before its commits", R"("kind": "streaming", "checkpoint_every": "50ms", "to": "slow")", {},
            crash, &Rules::notesAtOnce);
        add("what failed is not sent again", R"("kind": "streaming", "to": "d")", {}, refuses, &Rules::forgetsFailed);
        add("what was on its way to the landing",
            R"("kind": "streaming", "to": "d", "land": "lake", "transform_every": "3s")", {}, crash,
            &Rules::forgetsLanding);
        add("what steps remember",
            R"("kind": "streaming", "to": "d", "steps": {"once": {"kind": "deduplicate", "fields": ["payment"], "within": "1m"}})",
            twice, crash, &Rules::forgetsSteps);
        add("dead letters",
            R"("kind": "streaming", "to": "d", "land": "lake", "transform_every": "500ms", "dead_letters": "dead", "repair_at": "15s")",
            retyped, crash, &Rules::forgetsDead);
        add("a source that is read from its beginning", R"("kind": "streaming", "note": "before", "to": "rows")", {},
            crash, &Rules::startsAnew);
        add("what waits for the next batch", R"("kind": "micro-batch", "every": "2s", "to": "slow")", {}, crash,
            &Rules::losesWaiting);
    }
    void aPlantedFaultOfAPipelineIsNoticed() {
        QFETCH(QString, pipeline);
        QFETCH(QString, source);
        QFETCH(QString, faults);
        QFETCH(bool ingest::BrokenPipelineRules::*, planted);
        const std::string sinks = R"("d": {"kind": "file", "host": "b", "write": "once"},
            "slow": {"kind": "file", "host": "b", "write": "once", "commit_latency": "300ms"},
            "rows": {"kind": "file", "host": "b"}, "lake": {"kind": "lake", "host": "b"}, "dead": {"kind": "archive", "host": "b"})";
        for (const bool isPlanted : {false, true}) {
            auto reading = scenario::readScenario(
                payments(pipeline.toStdString(), sinks, faults.toStdString(), source.toStdString()),
                {"planted.json", {}, {}});
            QVERIFY(reading.scenario.has_value());
            auto engine = run::Engine::open(std::move(*reading.scenario), {});
            QVERIFY(engine.has_value());
            if (isPlanted) {
                ingest::BrokenPipelineRules rules;
                rules.*planted = true;
                QVERIFY((*engine)->session().inject(makeRef<Plant>(rules)).has_value());
            }
            run::PlayLimit limit;
            limit.untilDrained = true;
            const auto played = (*engine)->play(limit);
            QVERIFY(played.has_value());
            std::uint64_t written = 0;
            for (const char* sink : {"d", "slow", "rows"}) {
                written += ingest::sinkFigures((*engine)->world(), sink).written;
            }
            // Exactly once, or at most once where it notes before it loads.
            const bool isAtMostOnce = pipeline.contains(QStringLiteral("before"));
            const bool isKept = isAtMostOnce ? written <= 1000 : written == 1000;
            QVERIFY2(isKept != isPlanted, qPrintable(QString::number(written)));
        }
    }

    void landedRecordsAreTransformedByTheDestinationsMachine() {
        const std::string steps = R"(, "steps": {"m": {"kind": "map", "set": ["twice = amount * 2"]}})";
        const std::string sinks = R"("d": {"kind": "documents", "host": "b"}, "lake": {"kind": "lake", "host": "b"})";
        const Played elt =
            play(payments(R"("kind": "streaming", "to": "d", "land": "lake", "transform_every": "3s")" + steps, sinks));
        const Played etl = play(payments(R"("kind": "streaming", "to": "d")" + steps, sinks));
        QCOMPARE(QString::fromStdString(elt.complaints), QString());
        QCOMPARE(elt.pipeline("p").rows, 1000);
        QVERIFY(elt.pipeline("p").processor < etl.pipeline("p").processor);
        QVERIFY(elt.pipeline("p").sinkProcessor > etl.pipeline("p").sinkProcessor);
    }

    // --- real series

    /// The stop of the machine in December and the beginning of its failure in February, as a plot of the series shows
    /// them. The depth of the failure, a day later, is no news any more to who looks at the days before.
    void anomaliesOfTheMachineAreFound() {
        const QString data = dataFile(QStringLiteral("machine_temperature_system_failure.csv"));
        if (!QFileInfo::exists(data)) {
            QSKIP("the series is not there");
        }
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("t.db"));
        const Played played = play(named(R"({"millrace": 1, "title": "machine", "hosts": {"a": {}, "b": {}},
            "sources": {"s": {"kind": "replay", "path": "@", "speed": 20000}},
            "ingestion": {"p": {"kind": "streaming", "host": "a", "source": "s", "format": "csv", "columns": ["timestamp TEXT", "value REAL"],
                "time": "timestamp", "to": "db",
                "steps": {"odd": {"kind": "anomaly", "field": "value", "window": 1000, "threshold": 3},
                          "alert": {"kind": "alert", "when": "anomaly", "text": "unlike the days before"}}}},
            "sinks": {"db": {"kind": "warehouse", "host": "b", "path": "@", "commit_latency": "10ms", "tables": {"t": {"columns": ["timestamp TEXT", "value REAL", "score REAL", "anomaly INTEGER"]}}}}})",
                                         {data.toStdString(), path.toStdString()}));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        QCOMPARE(countIn(path, "SELECT count(*) FROM t"), 22'695);
        for (const char* day : {"2013-12-16", "2014-02-07"}) {
            QVERIFY2(countIn(path, std::string("SELECT count(*) FROM t WHERE anomaly = 1 AND timestamp LIKE '") + day +
                                       "%'") > 0,
                     day);
        }
        const std::int64_t marked = countIn(path, "SELECT count(*) FROM t WHERE anomaly = 1");
        QVERIFY2(marked < 22'695 / 20, qPrintable(QString::number(marked)));
        QVERIFY(played.pipeline("p").alerts > 0);
        QVERIFY(played.pipeline("p").oldestAge < 200ms);
    }

    void burstsOfTheVolumeAreFound() {
        const QString data = dataFile(QStringLiteral("Twitter_volume_AAPL.csv"));
        if (!QFileInfo::exists(data)) {
            QSKIP("the series is not there");
        }
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("t.db"));
        const Played played = play(named(R"({"millrace": 1, "title": "volume", "hosts": {"a": {}, "b": {}},
            "sources": {"s": {"kind": "replay", "path": "@", "speed": 20000}},
            "ingestion": {"p": {"kind": "micro-batch", "every": "1s", "host": "a", "source": "s", "format": "csv", "columns": ["timestamp TEXT", "value REAL"],
                "time": "timestamp", "to": "db",
                "steps": {"odd": {"kind": "anomaly", "field": "value", "window": 2000, "threshold": 10}}}},
            "sinks": {"db": {"kind": "warehouse", "host": "b", "path": "@", "commit_latency": "10ms", "tables": {"t": {"columns": ["timestamp TEXT", "value REAL", "score REAL", "anomaly INTEGER"]}}}}})",
                                         {data.toStdString(), path.toStdString()}));
        QCOMPARE(QString::fromStdString(played.complaints), QString());
        const std::int64_t all = countIn(path, "SELECT count(*) FROM t");
        QVERIFY(all > 15'000);
        // The highest of all is found, and few beside it.
        QCOMPARE(countIn(path, "SELECT anomaly FROM t ORDER BY value DESC LIMIT 1"), 1);
        const std::int64_t marked = countIn(path, "SELECT count(*) FROM t WHERE anomaly = 1");
        QVERIFY2(marked > 2 && marked < all / 50, qPrintable(QString::number(marked)));
    }

    // --- what is refused

    void whatCannotBeIsRefusedWithItsPlace_data() {
        QTest::addColumn<QString>("pipeline");
        QTest::addColumn<QString>("place");
        QTest::addRow("no such field")
            << R"("kind": "streaming", "to": "db", "steps": {"w": {"kind": "where", "condition": "amuont > 3"}})"
            << "ingestion.p.steps.w.condition";
        QTest::addRow("no such column")
            << R"("kind": "streaming", "to": "db", "steps": {"w": {"kind": "map", "keep": ["amount"]}})"
            << "ingestion.p.tables";
        QTest::addRow("full into rows") << R"("kind": "batch", "load": "full", "to": "db")"
                                        << "ingestion.p.load";
        QTest::addRow("a bad point") << R"("kind": "streaming", "to": "db", "value": ["1m", "0s 1"])"
                                     << "ingestion.p.value[0]";
        QTest::addRow("no sink") << R"("kind": "streaming", "to": "bd")"
                                 << "ingestion.p.to";
        QTest::addRow("nothing lands") << R"("kind": "streaming", "to": "db", "transform_every": "1s")"
                                       << "ingestion.p.transform_every";
        QTest::addRow("no time at all") << R"("kind": "micro-batch", "every": "0s", "to": "db")"
                                        << "ingestion.p.every";
    }
    void whatCannotBeIsRefusedWithItsPlace() {
        QFETCH(QString, pipeline);
        QFETCH(QString, place);
        const Played played = play(payments(pipeline.toStdString(), named(rowsTable, {""})));
        QVERIFY2(played.complaints.find(place.toStdString()) != std::string::npos, played.complaints.c_str());
    }

    void aFormThatNeverChangesIsToldToChangeNothing() {
        const Played played = play(payments(R"("kind": "streaming", "to": "db")", named(rowsTable, {""}), "[]",
                                            R"(, "flaws": {"form_change": "renamed"})"));
        QVERIFY2(played.complaints.find("flaws.form_change: warning: this changes nothing") != std::string::npos,
                 played.complaints.c_str());
    }

    void twoRunsAreTheSame() {
        const std::string text = payments(R"("kind": "micro-batch", "every": "1s", "to": "db")", named(rowsTable, {""}),
                                          R"([{"at": "6s", "kind": "crash", "target": "ingestion:p", "for": "1s"}])");
        const Played first = play(text);
        const Played second = play(text);
        QCOMPARE(first.report.fingerprint, second.report.fingerprint);
        QCOMPARE(QString::fromStdString(first.json), QString::fromStdString(second.json));
    }
};

QTEST_APPLESS_MAIN(TestIngestion)
#include "tst_ingestion.moc"
