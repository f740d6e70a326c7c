#include <SQLiteCpp/SQLiteCpp.h>

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/run/engine.h"
#include "engine/run/story.h"
#include "engine/scenario/scenario_reader.h"
#include "engine/spark/describe.h"
#include "engine/spark/presets.h"
#include "engine/spark/settings.h"

using namespace millrace;
using namespace std::chrono_literals;

namespace {

/// A shipped scenario with its real database.
class PlayedScenario {
public:
    PlayedScenario(const std::string& name, const std::string& sink, std::vector<scenario::Setting> settings) {
        m_database = m_folder.filePath(QStringLiteral("out.db")).toStdString();
        settings.push_back({"sinks." + sink + ".path", m_database});
        scenario::ScenarioReading reading =
            scenario::readScenarioFile({"scenarios/" + name + ".json", std::move(settings), {}});
        for (const std::string& complaint : reading.complaintTexts(name)) {
            qWarning("%s", complaint.c_str());
        }
        run::EngineOptions options;
        options.session.checkpointEventsMin = ~std::uint64_t{0};
        auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
        if (!engine) {
            qFatal("%s", engine.error().message.c_str());
        }
        m_engine = std::move(*engine);
    }
    void play(SimTime until, bool untilDrained) {
        run::PlayLimit limit;
        limit.until = until;
        limit.untilDrained = untilDrained;
        if (const auto played = m_engine->play(limit); !played) {
            qFatal("%s", played.error().message.c_str());
        }
    }
    void finish() { (void)m_engine->finish(); }
    [[nodiscard]] const sim::World& world() const { return m_engine->world(); }
    [[nodiscard]] std::vector<std::string> rows(const char* query) const {
        std::vector<std::string> all;
        SQLite::Database file(m_database, SQLite::OPEN_READONLY);
        SQLite::Statement statement(file, query);
        while (statement.executeStep()) {
            std::string row;
            for (int i = 0; i < statement.getColumnCount(); ++i) {
                row += statement.getColumn(i).getString() + "|";
            }
            all.push_back(std::move(row));
        }
        return all;
    }

private:
    QTemporaryDir m_folder;
    std::string m_database;
    std::unique_ptr<run::Engine> m_engine;
};

/// Single quotes become double ones.
std::string quoted(std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    return text;
}

std::vector<std::string> complaintsAbout(const std::string& operators, const std::string& config = "") {
    const std::string text =
        "{'millrace': 1, 'title': 't', 'hosts': {'m': {}, 'n': {}},"
        "'sources': {'s': {'kind': 'generator', 'host': 'm', 'rate': '10/s'}},"
        "'spark': {'master': {'host': 'm'}, 'workers': {'w': {'host': 'n'}}},"
        "'streaming': {'a': {'host': 'm', 'batch': '2s', 'config': {" +
        config +
        "}, 'inputs': {'in': {'kind': 'socket', 'source': 's'}},"
        "'operators': {" +
        operators + "}, 'outputs': {'out': {'kind': 'print', 'from': ['in']}}}}}";
    return scenario::readScenario(quoted(text), {"small.json", {}, {}}).complaintTexts("small.json");
}

}  // namespace

class TestStreaming : public QObject {
    Q_OBJECT

private slots:
    void theLogAuditOfKafkaHasTheTablesOfStorm_data() {
        QTest::addColumn<QString>("fault");
        QTest::newRow("without faults") << "";
        QTest::newRow("an executor is killed") << "[{'at': '24.05s', 'kind': 'crash', 'target': 'executor:audit/0'}]";
        QTest::newRow("the driver is killed")
            << "[{'at': '24.05s', 'kind': 'crash', 'target': 'driver:audit', 'for': '3s'}]";
        QTest::newRow("a broker is killed") << "[{'at': '23.5s', 'kind': 'crash', 'target': 'broker:2', 'for': '20s'}]";
    }
    void theLogAuditOfKafkaHasTheTablesOfStorm() {
        QFETCH(QString, fault);
        static const char* const errors = "SELECT position, status, line FROM errors ORDER BY position";
        static const char* const counts = "SELECT status, count FROM status_counts ORDER BY status";
        static const char* const rejected = "SELECT position, line FROM rejected ORDER BY position";
        static std::vector<std::string> wanted[3];
        if (wanted[0].empty()) {
            PlayedScenario storm("web-log-audit", "audit", {});
            storm.play(SimTime{300s}, true);
            storm.finish();
            wanted[0] = storm.rows(errors);
            wanted[1] = storm.rows(counts);
            wanted[2] = storm.rows(rejected);
        }
        std::vector<scenario::Setting> settings{{"sinks.audit.write", "once"}};
        if (!fault.isEmpty()) {
            settings.push_back({"faults", quoted(fault.toStdString())});
        }
        PlayedScenario spark("spark-log-audit", "audit", std::move(settings));
        spark.play(SimTime{300s}, true);
        spark.finish();
        QVERIFY(spark.world().now() < SimTime{300s});
        QVERIFY(!wanted[0].empty() && !wanted[2].empty());
        QCOMPARE(spark.rows(errors), wanted[0]);
        QCOMPARE(spark.rows(counts), wanted[1]);
        QCOMPARE(spark.rows(rejected), wanted[2]);
    }

    void theStoryNamesTheExecutorThatDied() {
        PlayedScenario words("spark-word-count", "words", {});
        words.play(SimTime{20100ms}, false);
        const observe::JournalPage page = run::describeJournal(words.world(), 100);
        const auto crash = std::find_if(page.entries.begin(), page.entries.end(), [](const auto& entry) {
            return entry.text == "Executor words/1 crashed" && entry.place == "executor:words/1";
        });
        QVERIFY(crash != page.entries.end());
    }

    void theWordCountLosesNoWordToItsKilledExecutor() {
        PlayedScenario words("spark-word-count", "words", {});
        words.play(SimTime{44900ms}, false);
        const spark::DriverActor* driver = spark::driverOf(words.world(), "words");
        QVERIFY(driver != nullptr);
        QCOMPARE(driver->waitingBatches(), 0);
        const std::int64_t records = driver->totals().records;
        words.finish();
        QVERIFY(records > 15'000);
        QCOMPARE(words.rows("SELECT sum(count) FROM words"),
                 std::vector<std::string>{std::to_string(records * 8) + "|"});
    }

    void settingsTakeSparksForms_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("complaint");
        QTest::newRow("milliseconds") << "spark.locality.wait"
                                      << "'200ms'"
                                      << "";
        QTest::newRow("seconds") << "spark.locality.wait"
                                 << "'3s'"
                                 << "";
        QTest::newRow("a plain number") << "spark.locality.wait"
                                        << "200"
                                        << "";
        QTest::newRow("minutes") << "spark.network.timeout"
                                 << "'2m'"
                                 << "";
        QTest::newRow("memory") << "spark.executor.memory"
                                << "'1g'"
                                << "";
        QTest::newRow("a fraction") << "spark.locality.wait"
                                    << "'1.5s'"
                                    << "whole number";
        QTest::newRow("no unit of time") << "spark.locality.wait"
                                         << "'3 parsecs'"
                                         << "200ms, 3s or 2m";
        QTest::newRow("too short") << "spark.streaming.blockInterval"
                                   << "'500us'"
                                   << "less than 1";
        QTest::newRow("both kinds of dynamic allocation") << "spark.dynamicAllocation.enabled"
                                                          << "true, 'spark.streaming.dynamicAllocation.enabled': true"
                                                          << "at the same time";
    }
    void settingsTakeSparksForms() {
        QFETCH(QString, key);
        QFETCH(QString, value);
        QFETCH(QString, complaint);
        const std::vector<std::string> complaints = complaintsAbout(
            "'w': {'kind': 'flatMap', 'from': ['in']}", "'" + key.toStdString() + "': " + value.toStdString());
        QCOMPARE(complaints.empty(), complaint.isEmpty());
        QVERIFY(complaint.isEmpty() || complaints.front().find(complaint.toStdString()) != std::string::npos);
    }

    void theSettingNamesThePresetsThatThereAre() {
        std::string names;
        for (const spark::CostPreset& each : spark::costPresets()) {
            names += (names.empty() ? "" : "|") + std::string{each.name};
            QVERIFY(!each.source.empty());
        }
        for (const ConfigKey& key : spark::settings()) {
            if (key.name == "millrace.costPreset") {
                QCOMPARE(std::string{key.choices}, names);
                return;
            }
        }
        QFAIL("there is no such setting");
    }

    void whatSparkWouldRefuseIsRefusedAtItsPlace_data() {
        QTest::addColumn<QString>("operators");
        QTest::addColumn<QString>("part");
        QTest::newRow("a window that is no multiple of the batch")
            << "'w': {'kind': 'window', 'window': '3s', 'from': ['in']}"
            << "operators.w";
        QTest::newRow("state without checkpoints") << "'w': {'kind': 'updateStateByKey', 'from': ['in']}"
                                                   << "checkpoint";
        QTest::newRow("a field that does not come in") << "'w': {'kind': 'flatMap', 'field': 'line', 'from': ['in']}"
                                                       << "operators.w.field";
        QTest::newRow("a join of one") << "'w': {'kind': 'join', 'from': ['in']}"
                                       << "operators.w.from";
        QTest::newRow("rows that come back")
            << "'w': {'kind': 'union', 'from': ['in', 'v']}, 'v': {'kind': 'filter', 'pattern': 'a', 'from': ['w']}"
            << "no cycles";
        QTest::newRow("a bad pattern") << "'w': {'kind': 'filter', 'pattern': '(', 'from': ['in']}"
                                       << "operators.w";
    }
    void whatSparkWouldRefuseIsRefusedAtItsPlace() {
        QFETCH(QString, operators);
        QFETCH(QString, part);
        QVERIFY(complaintsAbout("'w': {'kind': 'flatMap', 'from': ['in']}").empty());
        const std::vector<std::string> complaints = complaintsAbout(operators.toStdString());
        QVERIFY(!complaints.empty());
        QVERIFY2(complaints.front().find(part.toStdString()) != std::string::npos, complaints.front().c_str());
    }
};

QTEST_APPLESS_MAIN(TestStreaming)
#include "tst_streaming.moc"
