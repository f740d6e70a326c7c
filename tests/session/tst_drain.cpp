#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>
#include <fstream>
#include <optional>

#include "engine/ingest/sink_process.h"
#include "engine/kafka/client/group_member_process.h"
#include "engine/run/engine.h"
#include "engine/run/report_of.h"
#include "engine/scenario/scenario_reader.h"

using namespace millrace;
using namespace std::chrono_literals;

namespace {

/// The web log audit with some of its fields set otherwise, played until drained but no further than a day.
run::Played played(std::vector<scenario::Setting> settings, SimTime& ended, std::optional<SimTime> until = {}) {
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
    limit.untilDrained = !until;
    limit.until = until;
    limit.keepGoing = [](const sim::World& world) { return world.now() < SimTime{24h}; };
    const auto result = (*engine)->play(limit);
    if (!result) {
        qFatal("%s", result.error().message.c_str());
    }
    ended = (*engine)->world().now();
    return *result;
}

/// A small scenario, played until drained but no further than the given time.
std::unique_ptr<run::Engine> opened(const std::string& text) {
    scenario::ScenarioReading reading = scenario::readScenario(text, {"small.json", {}, {}});
    for (const std::string& complaint : reading.complaintTexts("small.json")) {
        qWarning("%s", complaint.c_str());
    }
    run::EngineOptions options;
    options.carryOut = false;
    options.session.checkpointEventsMin = ~std::uint64_t{0};
    auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
    if (!engine) {
        qFatal("%s", engine.error().message.c_str());
    }
    return std::move(*engine);
}

run::Played play(run::Engine& engine, SimDuration until, bool untilDrained = true) {
    run::PlayLimit limit;
    limit.until = SimTime{until};
    limit.untilDrained = untilDrained;
    const auto result = engine.play(limit);
    if (!result) {
        qFatal("%s", result.error().message.c_str());
    }
    return *result;
}

/// One broker on a host of its own, 500 records in two partitions, and what the test adds.
std::string smallScenario(const std::string& more) {
    return R"({"millrace": 1, "title": "small", "run": {"seed": 1}, "hosts": {"z": {}, "b": {}, "c": {}},
        "cluster": {"servers": {"zk1": {"host": "z"}}, "brokers": {"1": {"host": "b"}}},
        "topics": {"t": {"partitions": 2}},
        "sources": {"s": {"kind": "generator", "host": "c", "topic": "t", "rate": "1000/s", "count": 500}})" +
           more + "}";
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

    /// Eight consumers whose fetches are answered at once, with nothing: more between two looks than one round plays.
    void whereAGreatDealHappensItIsSeenThatEverythingIsDone() {
        const auto engine =
            opened(R"({"millrace": 1, "title": "busy", "hosts": {"z": {}, "b": {"cores": 32, "speed": 50}},
            "cluster": {"servers": {"zk1": {"host": "z"}}, "brokers": {"1": {"host": "b"}}},
            "topics": {"t": {"partitions": 8}},
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "1000/s", "count": 500}},
            "clients": {"groups": {"g": {"topics": ["t"], "members": 8, "host": "b", "config":
                {"auto.offset.reset": "earliest", "fetch.min.bytes": 0, "auto.commit.interval.ms": 1000}}}}})");
        run::PlayLimit limit;
        limit.untilDrained = true;
        limit.keepGoing = [](const sim::World& world) { return world.eventsProcessed() < 5'000'000; };
        const auto result = engine->play(limit);
        QVERIFY(result);
        QCOMPARE(result->reason, run::StopReason::Drained);
    }

    /// While it was away retention has removed all that it had: it asks for the leader's end, then for its start.
    void aReplicaBehindItsLeadersStartJoinsAgain() {
        const auto engine = opened(R"({"millrace": 1, "title": "behind", "hosts": {"z": {}, "a": {}, "b": {}},
            "cluster": {"servers": {"zk1": {"host": "z"}}, "brokers": {"1": {"host": "a"}, "2": {"host": "b"}},
                "config": {"zookeeper.session.timeout.ms": 6000, "log.retention.check.interval.ms": 1000}},
            "topics": {"t": {"partitions": 2, "replicas": 2, "config": {"retention.ms": 3000}}},
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "200/s", "count": 2000,
                "config": {"acks": "1"}}},
            "faults": [{"at": "8s", "kind": "crash", "target": "broker:1", "for": "60s"}]})");
        const run::Played result = play(*engine, 10min);
        QCOMPARE(result.reason, run::StopReason::Drained);
        const run::Report report = run::reportOf(*engine, result);
        for (const observe::TopicView& topic : report.cluster.topics) {
            for (const observe::PartitionView& partition : topic.partitions) {
                QCOMPARE(partition.inSync.size(), std::size_t{2});
            }
        }
    }

    void aGroupThatItsCoordinatorRefusesSaysWhyItReadsNothing() {
        const auto engine = opened(smallScenario(R"(, "clients": {"groups": {"g": {"topics": ["t"], "members": 2,
            "config": {"auto.offset.reset": "earliest", "session.timeout.ms": 5000}}}})"));
        const run::Played result = play(*engine, 24h);
        QCOMPARE(result.reason, run::StopReason::Stuck);
        QVERIFY(names(result, "group g, of which consumers 1, 2 have ended: InvalidSessionTimeout"));
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

    void aGroupThatBeginsAtTheLatestRecordCommitsItAndIsDone() {
        // The source has ended before the group has joined.
        const auto engine = opened(smallScenario(R"(, "clients": {"groups": {"g": {"topics": ["t"], "members": 1}}})"));
        const run::Played result = play(*engine, 60s);
        QCOMPARE(result.reason, run::StopReason::Drained);
        const run::Report report = run::reportOf(*engine, result);
        const observe::GroupView& group = report.cluster.groups.front();
        QCOMPARE(group.lag, std::int64_t{0});
        QCOMPARE(group.offsets.size(), std::size_t{2});
        for (const observe::GroupOffsetView& offset : group.offsets) {
            QCOMPARE(offset.committed, std::int64_t{250});
        }
    }

    void whoeverNeverCommitsIsDoneWhenAllIsRead() {
        const auto engine = opened(smallScenario(R"(, "clients": {"groups": {"g": {"topics": ["t"], "members": 1,
            "config": {"auto.offset.reset": "earliest", "enable.auto.commit": false}}}})"));
        QCOMPARE(play(*engine, 60s).reason, run::StopReason::Drained);
    }

    void figuresOfAProcessThatStartsAgainSurvive() {
        const auto engine = opened(smallScenario(R"(,
            "clients": {"groups": {"g": {"topics": ["t"], "members": 1, "config": {"auto.offset.reset": "earliest"}}}},
            "storm": {"nimbus": {"host": "c"}, "supervisors": {"s1": {"host": "c", "slots": 1}}},
            "topologies": {"a": {"spouts": {"l": {"kind": "kafka", "topic": "t", "group": "a"}},
                "bolts": {"k": {"kind": "sqlite", "sink": "o", "table": "lines",
                                "inputs": [{"from": "l", "grouping": "shuffle"}]}}}},
            "sinks": {"o": {"kind": "sqlite", "host": "z", "path": "o.db", "tables": {
                "lines": {"kind": "rows", "columns": ["position INTEGER", "line TEXT"]}}}},
            "faults": [{"at": "90s", "kind": "crash", "target": "producer:s", "for": "1s"},
                       {"at": "90s", "kind": "crash", "target": "process:group/g/1", "for": "1s"},
                       {"at": "90s", "kind": "crash", "target": "worker:a/1"},
                       {"at": "90s", "kind": "crash", "target": "sink:o"}])"));
        const auto look = [&] {
            const run::SystemViews views = run::describeSystems(engine->scenario(), engine->world());
            const observe::ProducerView& producer = views.cluster.producers.front();
            const auto& components = views.storm.topologies.front().components;
            const observe::ComponentView& spout =
                *std::find_if(components.begin(), components.end(), [](const auto& each) { return each.name == "l"; });
            return std::vector<std::int64_t>{producer.sent,
                                             producer.acked,
                                             spout.emitted,
                                             spout.acked,
                                             views.sinks.front().written,
                                             kafka::groupMemberFigures(engine->world(), "g", "1").consumed};
        };
        play(*engine, 89s, false);
        const std::vector<std::int64_t> before = look();
        QCOMPARE(before, (std::vector<std::int64_t>{500, 500, 500, 500, 500, 500}));
        play(*engine, 90s + 500ms, false);
        QCOMPARE(look(), before);
        play(*engine, 110s, false);
        QCOMPARE(look(), before);
        // The sums are part of the world: they go back with it.
        QVERIFY(engine->session().seek(SimTime{89s}).has_value());
        QCOMPARE(look(), before);
    }

    void aLagIsANumberAndAGroupIsThereWithoutLeaderAndCoordinator() {
        const std::string group = R"(, "clients": {"groups": {"g": {"topics": ["t"], "members": 1,
            "config": {"auto.offset.reset": "earliest"}}}}, "faults": [)";
        // The member stops when it has read a part; then the only broker, which leads and coordinates everything.
        const auto engine = opened(smallScenario(group + R"({"at": "20s", "kind": "crash", "target": "broker:1"}])"));
        const run::Report report = run::reportOf(*engine, play(*engine, 30s, false));
        QCOMPARE(report.cluster.groups.size(), std::size_t{1});
        QCOMPARE(report.cluster.groups.front().name, std::string("g"));
        QCOMPARE(report.cluster.groups.front().state, std::string("Unknown"));
        QCOMPARE(report.cluster.groups.front().offsets.size(), std::size_t{2});
        QCOMPARE(report.cluster.groups.front().lag, std::int64_t{0});
        QVERIFY(run::reportJson(report).find("\"lag\": null") == std::string::npos);

        // Without a reader that has got anywhere all is before it, whether its leader lives or not.
        const auto other = opened(smallScenario(group + R"({"at": "0s", "kind": "crash", "target": "process:group/g/1"},
                       {"at": "20s", "kind": "crash", "target": "broker:1"}])"));
        play(*other, 19s, false);
        const auto lag = [&] {
            return run::describeSystems(other->scenario(), other->world()).cluster.groups.front().lag;
        };
        QCOMPARE(lag(), std::int64_t{500});
        play(*other, 30s, false);
        QCOMPARE(lag(), std::int64_t{500});
    }

    void aConsumerThatEndedIsAReason() {
        const auto engine = opened(smallScenario(R"(, "clients": {"groups": {"g": {"topics": ["t"], "members": 1,
            "config": {"auto.offset.reset": "none"}}}})"));
        const run::Played result = play(*engine, 24h);
        QCOMPARE(result.reason, run::StopReason::Stuck);
        QVERIFY(names(result, "NoOffsetForPartition"));
        const run::Report report = run::reportOf(*engine, result);
        QVERIFY(run::reportJson(report).find("NoOffsetForPartition") != std::string::npos);
    }

    void whoWorksLongerThanItMayGoesRoundAndRoundAndIsAReason() {
        const auto engine = opened(smallScenario(R"(, "clients": {"groups": {"g": {"topics": ["t"], "members": 1,
            "work": "1s", "config": {"auto.offset.reset": "earliest", "max.poll.interval.ms": 60000}}}})"));
        const run::Played result = play(*engine, 24h);
        QCOMPARE(result.reason, run::StopReason::Stuck);
        QVERIFY(names(result, "max.poll.interval.ms"));
        // With polls that are small enough it comes to its end.
        const auto other = opened(smallScenario(R"(, "clients": {"groups": {"g": {"topics": ["t"], "members": 1,
            "work": "1s", "config": {"auto.offset.reset": "earliest", "max.poll.interval.ms": 60000,
            "max.poll.records": 50}}}})"));
        QCOMPARE(play(*other, 24h).reason, run::StopReason::Drained);
    }

    void whatNobodyLeadsForLongIsToldThoughTheRunGoesOn_data() {
        QTest::addColumn<QByteArray>("faults");
        QTest::addColumn<QStringList>("wanted");
        QTest::newRow("all is well") << QByteArray("[]") << QStringList();
        QTest::newRow("two of three coordination servers and a leader are gone")
            << QByteArray(R"([{"at": "30s", "kind": "crash", "target": "server:zk1"},
                              {"at": "30s", "kind": "crash", "target": "server:zk2"},
                              {"at": "31s", "kind": "crash", "target": "broker:1"}])")
            << QStringList{QStringLiteral("the ZooKeeper ensemble had no leader from 3"),
                           QStringLiteral("led by nobody from 31")};
        QTest::newRow("all replicas are away for a while")
            << QByteArray(R"([{"at": "30s", "kind": "power", "target": "host:b1", "for": "40s"},
                              {"at": "30s", "kind": "power", "target": "host:b2", "for": "40s"},
                              {"at": "30s", "kind": "power", "target": "host:b3", "for": "40s"}])")
            << QStringList{QStringLiteral("access-0, access-1, access-2, access-3, access-4, access-5 were led by "
                                          "nobody from 30")};
        QTest::newRow("the whole ensemble is away for a while and elects when it is back")
            << QByteArray(R"([{"at": "30s", "kind": "crash", "target": "server:zk1", "for": "40s"},
                              {"at": "30s", "kind": "crash", "target": "server:zk2", "for": "40s"},
                              {"at": "30s", "kind": "crash", "target": "server:zk3", "for": "40s"}])")
            << QStringList{QStringLiteral("the ZooKeeper ensemble had no leader from 30")};
        QTest::newRow("no quorum ever")
            << QByteArray(R"([{"at": "1ns", "kind": "crash", "target": "server:zk1"},
                              {"at": "1ns", "kind": "crash", "target": "server:zk2"}])")
            << QStringList{QStringLiteral("the ZooKeeper ensemble had no leader from the start on, to the end"),
                           QStringLiteral("were led by nobody from the start on, to the end")};
    }
    void whatNobodyLeadsForLongIsToldThoughTheRunGoesOn() {
        QFETCH(QByteArray, faults);
        QFETCH(QStringList, wanted);
        SimTime ended;
        const run::Played result = played({{"faults", faults.toStdString()}}, ended, SimTime{100s});
        QStringList told;
        for (const std::string& sentence : result.standstills) {
            told.append(QString::fromStdString(sentence));
        }
        QVERIFY2(told.size() == wanted.size(), qPrintable(told.join(u'\n')));
        for (qsizetype i = 0; i < wanted.size(); ++i) {
            QVERIFY2(told[i].contains(wanted[i]), qPrintable(told[i]));
        }
    }

    void rankingsThatAreToldForEverAreNoProgress() {
        const auto engine = opened(smallScenario(R"(,
            "clients": {"groups": {"g": {"topics": ["t"], "members": 1, "config": {"auto.offset.reset": "none"}}}},
            "storm": {"nimbus": {"host": "c"}, "supervisors": {"s": {"host": "c"}}},
            "sinks": {"ranks": {"kind": "file", "host": "c"}},
            "topologies": {"p": {
                "spouts": {"lines": {"kind": "kafka", "topic": "t", "config": {"auto.offset.reset": "earliest"}}},
                "bolts": {
                    "split": {"kind": "split", "field": "value", "inputs": [{"from": "lines"}]},
                    "count": {"kind": "count", "field": "word",
                              "inputs": [{"from": "split", "grouping": "fields", "fields": ["word"]}]},
                    "top": {"kind": "top", "field": "word", "by": "count", "every": "2s",
                            "inputs": [{"from": "count", "grouping": "global"}]},
                    "keep": {"kind": "file", "sink": "ranks", "field": "name", "inputs": [{"from": "top"}]}}}})"));
        const run::Played result = play(*engine, 24h);
        QCOMPARE(result.reason, run::StopReason::Stuck);
        QVERIFY(names(result, "group g, which lags"));
        QVERIFY(ingest::sinkFigures(engine->world(), "ranks").written > 100U);
    }

    void batchesThatTakeLongerThanTheirIntervalAreAReason() {
        const auto engine = opened(R"({"millrace": 1, "title": "small", "run": {"seed": 1},
            "hosts": {"m": {}, "d": {}, "w": {}}, "links": {"d-w": {"latency": "150ms"}},
            "spark": {"master": {"host": "m"}, "workers": {"w1": {"host": "w", "cores": 3}}},
            "sources": {"s": {"kind": "generator", "rate": "100/s", "count": 500}},
            "streaming": {"app": {"host": "d", "batch": "500ms",
                "inputs": {"lines": {"kind": "socket", "source": "s"}},
                "operators": {"n": {"kind": "reduceByKey", "from": ["lines"], "key": "value"}},
                "outputs": {"p": {"kind": "print", "from": ["n"]}}}}})");
        const run::Played result = play(*engine, 24h);
        QCOMPARE(result.reason, run::StopReason::Stuck);
        QVERIFY2(names(result, "batches to work off: its last 10 took 0.61 s each"), result.waitingFor.front().c_str());
        QVERIFY(names(result, "and one comes every 0.5 s"));
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
