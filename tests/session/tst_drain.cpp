#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>
#include <fstream>

#include "engine/run/engine.h"
#include "engine/scenario/scenario_reader.h"

using namespace millrace;
using namespace std::chrono_literals;

namespace {

/// The web log audit with some of its fields set otherwise, played until drained but no further than a day.
run::Played played(std::vector<scenario::Setting> settings, SimTime& ended) {
    scenario::ScenarioReading reading =
        scenario::readScenarioFile({"scenarios/web-log-audit.json", std::move(settings), {}});
    for (const std::string& complaint : reading.complaintTexts("web-log-audit")) {
        qWarning("%s", complaint.c_str());
    }
    run::EngineOptions options;
    options.carryOut = false;
    options.session.checkpointEventsMin = ~std::uint64_t{0};
    auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
    if (!engine) {
        qFatal("%s", engine.error().message.c_str());
    }
    run::PlayLimit limit;
    limit.untilDrained = true;
    limit.keepGoing = [](const sim::World& world) { return world.now() < SimTime{24h}; };
    const auto result = (*engine)->play(limit);
    if (!result) {
        qFatal("%s", result.error().message.c_str());
    }
    ended = (*engine)->world().now();
    return *result;
}

bool names(const run::Played& result, std::string_view what) {
    return std::any_of(result.waitingFor.begin(), result.waitingFor.end(),
                       [&](const std::string& reason) { return reason.find(what) != std::string::npos; });
}

}  // namespace

class TestDrain : public QObject {
    Q_OBJECT

private slots:
    void whatCanNeverBeDoneIsStuckThoughRetriesAndReplaysGoOn_data() {
        QTest::addColumn<QByteArray>("faults");
        QTest::addColumn<QByteArray>("setting");
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<QByteArray>("second");
        QTest::newRow("the database never comes back and tuples are replayed for ever")
            << QByteArray(R"([{"at": "22s", "kind": "power", "target": "host:db"}])") << QByteArray()
            << QByteArray("topology audit, which has ") << QByteArray("sink/audit, whose host db is without power");
        QTest::newRow("too few replicas are in sync and the producer tries for ever")
            << QByteArray(R"([{"at": "21s", "kind": "crash", "target": "broker:1"},
                              {"at": "22s", "kind": "crash", "target": "broker:2"}])")
            << QByteArray("2147483647") << QByteArray("producer log, which has ")
            << QByteArray("broker/2, which has crashed");
    }
    void whatCanNeverBeDoneIsStuckThoughRetriesAndReplaysGoOn() {
        QFETCH(QByteArray, faults);
        QFETCH(QByteArray, setting);
        QFETCH(QByteArray, first);
        QFETCH(QByteArray, second);
        std::vector<scenario::Setting> settings{{"faults", faults.toStdString()}};
        if (!setting.isEmpty()) {
            settings.push_back({"sources.log.config", "{\"delivery.timeout.ms\": " + setting.toStdString() + "}"});
        }
        SimTime ended;
        const run::Played result = played(std::move(settings), ended);
        QCOMPARE(result.reason, run::StopReason::Stuck);
        QVERIFY(ended > SimTime{15min});
        for (const QByteArray& wanted : {first, second}) {
            QVERIFY2(names(result, wanted.toStdString()), wanted.constData());
        }
    }

    void slowIsNotStuck_data() {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("faults");
        QTest::addColumn<int>("minutes");
        QTest::newRow("a broker that comes back after 40 minutes")
            << QByteArray("title") << QByteArray("slow")
            << QByteArray(R"([{"at": "22s", "kind": "crash", "target": "broker:1", "for": "40m"}])") << 40;
        QTest::newRow("tuples that time out after 20 minutes")
            << QByteArray("topologies.audit.config") << QByteArray(R"({"topology.message.timeout.secs": 1200})")
            << QByteArray(R"([{"at": "22s", "kind": "crash", "target": "worker:audit/1"}])") << 20;
        QTest::newRow("a source that begins after half an hour")
            << QByteArray("sources.log.start_at") << QByteArray("30m") << QByteArray("[]") << 30;
    }
    void slowIsNotStuck() {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, faults);
        QFETCH(int, minutes);
        SimTime ended;
        const run::Played result =
            played({{path.toStdString(), value.toStdString()}, {"faults", faults.toStdString()}}, ended);
        QVERIFY2(result.reason == run::StopReason::Drained,
                 result.waitingFor.empty() ? "" : result.waitingFor.front().c_str());
        QVERIFY(ended >= SimTime{std::chrono::minutes{minutes}});
    }

    void recordsThatComeTwoAnHourAreWaitedFor() {
        const QTemporaryDir folder;
        const std::string log = folder.filePath(QStringLiteral("slow.log")).toStdString();
        {
            std::ofstream file(log);
            file << "one\ntwo\nthree\n";
        }
        SimTime ended;
        const run::Played result =
            played({{"sources.log.path", log}, {"sources.log.rate", "2/h"}, {"sources.log.start_at", "0s"}}, ended);
        QCOMPARE(result.reason, run::StopReason::Drained);
        QVERIFY(ended >= SimTime{60min});
    }
};

QTEST_APPLESS_MAIN(TestDrain)
#include "tst_drain.moc"
