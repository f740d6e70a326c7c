#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "engine/ingest/journal_kinds.h"
#include "engine/kafka/journal_kinds.h"
#include "engine/lab/checker.h"
#include "engine/observe/object_id.h"
#include "engine/run/engine.h"
#include "engine/run/figures.h"
#include "engine/run/report_of.h"
#include "engine/scenario/scenario_reader.h"
#include "engine/sim/journal_kinds.h"
#include "engine/storm/journal_kinds.h"
#include "engine/zookeeper/journal_kinds.h"

using namespace millrace;
using namespace std::chrono_literals;

namespace {

/// A scenario played to its end, or to a time, with everything watched, and what is told of it.
class Told {
public:
    Told(const std::string& text, std::optional<SimDuration> until = {}) {
        scenario::ScenarioReading reading = scenario::readScenario(text, {"told.json", {}, {}});
        for (const std::string& complaint : reading.complaintTexts("told.json")) {
            qInfo("%s", complaint.c_str());
        }
        if (!reading.scenario) {
            qFatal("the scenario is refused");
        }
        run::EngineOptions options;
        options.carryOut = false;
        options.session.keepsHistory = false;
        auto opened = run::Engine::open(std::move(*reading.scenario), std::move(options));
        if (!opened) {
            qFatal("%s", opened.error().message.c_str());
        }
        m_engine = std::move(*opened);
        lab::Checker checker;
        checker.follow(m_engine->session().ledger());
        run::PlayLimit limit;
        limit.untilDrained = !until;
        limit.until = until ? std::optional(SimTime{*until}) : std::nullopt;
        limit.keepGoing = [&](const sim::World& world) {
            checker.observe(world);
            return checker.holds() && world.now() < SimTime{2h};
        };
        const auto played = m_engine->play(limit);
        checker.finish(m_engine->world(), played && played->reason == run::StopReason::Drained);
        report = run::reportOf(*m_engine, *played);
        m_text = run::reportText(report);
        for (const lab::InvariantStatus& status : checker.status()) {
            broken += status.first ? status.name + ": " + status.first->text + "\n" : "";
        }
    }

    /// The first line of what a terminal shows.
    [[nodiscard]] std::string headline() const { return m_text.substr(0, m_text.find('\n')); }
    [[nodiscard]] std::int64_t entries(std::string_view kind) const {
        const sim::Journal& journal = m_engine->world().journal();
        std::int64_t count = 0;
        for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
            count += journal.find(sim::JournalId{id})->kind == kind ? 1 : 0;
        }
        return count;
    }

    /// The first entry of the kind, and what stands there as its cause; null: none.
    [[nodiscard]] std::pair<const sim::JournalEntry*, const sim::JournalEntry*> firstOf(std::string_view kind) const {
        const sim::Journal& journal = m_engine->world().journal();
        for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
            const sim::JournalEntry* entry = journal.find(sim::JournalId{id});
            if (entry->kind == kind) {
                return {entry, journal.find(entry->cause)};
            }
        }
        return {nullptr, nullptr};
    }
    [[nodiscard]] const std::string& text() const { return m_text; }
    [[nodiscard]] const sim::World& world() const { return m_engine->world(); }

    run::Report report;
    std::string broken;

private:
    std::unique_ptr<run::Engine> m_engine;
    std::string m_text;
};

std::string written(const QTemporaryDir& folder, const char* name, const std::string& text) {
    const std::string path = folder.filePath(QString::fromLatin1(name)).toStdString();
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

/// The text with a name in its place, an at sign. (Raw strings here have pairs of quotes, else moc reads on in
/// them.)
std::string named(std::string text, const std::string& file) {
    return text.replace(text.find('@'), 1, file);
}

std::string accessLine(int status) {
    return "203.0.113.9 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" " + std::to_string(status) +
           " 5 \"-\" \"a\"\n";
}

/// One broker, one supervisor with two slots, a topic of two partitions, and what the test adds.
std::string withStorm(const std::string& more) {
    return R"({"millrace": 1, "title": "told", "run": {"seed": 3},
        "hosts": {"z": {}, "b": {}, "c": {}, "m": {}, "n": {"cores": 4}},
        "cluster": {"servers": {"zk1": {"host": "z"}}, "brokers": {"1": {"host": "b"}}},
        "topics": {"t": {"partitions": 2}},
        "storm": {"nimbus": {"host": "m"}, "supervisors": {"s1": {"host": "n", "slots": 2}}})" +
           more + "}";
}

}  // namespace

/// What is said of a run is true: in its report, its headline and by its invariants.
class TestTold : public QObject {
    Q_OBJECT

private slots:
    void aFloodOfRejectedLinesIsCountedAndFloodsNothing() {
        const Told told(withStorm(R"(,
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "max", "count": 4000, "size": "20B"}},
            "topologies": {"a": {"workers": 1,
                "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
                "bolts": {"parse": {"kind": "extract", "format": "combined", "inputs": [{"from": "lines"}]}}}})"));
        QCOMPARE(told.report.rejected, std::int64_t{4000});
        QVERIFY(told.entries("ingest.line-rejected") <= static_cast<std::int64_t>(sim::Journal::keptOfAlike) + 1);
        std::int64_t counted = 0;
        for (const run::RejectedGroup& group : told.report.rejectedGroups) {
            counted += group.count;
            QVERIFY(!group.samples.empty() && group.samples.size() <= 5);
            QCOMPARE(group.samples.front().source, std::string("s"));
            QVERIFY(!group.samples.front().text.empty());
        }
        QCOMPARE(counted, told.report.rejected);
    }

    /// Brokers hand over, clients leave, daemons close their sessions; everything is done in the end.
    void whatIsStoppedInOrderLosesNothing() {
        const Told told(R"({"millrace": 1, "title": "stops", "run": {"seed": 3},
            "hosts": {"z": {}, "b1": {}, "b2": {}, "b3": {}, "c": {}, "m": {}, "n": {"cores": 4}, "d": {}},
            "cluster": {"servers": {"zk1": {"host": "z"}},
                        "brokers": {"1": {"host": "b1"}, "2": {"host": "b2"}, "3": {"host": "b3"}}},
            "topics": {"t": {"partitions": 3, "replicas": 3, "config": {"min.insync.replicas": 2}}},
            "sources": {"s": {"kind": "generator", "host": "c", "topic": "t", "rate": "200/s", "count": 4000,
                              "words": {"vocabulary": 20, "per_record": 2}}},
            "clients": {"groups": {"g": {"topics": ["t"], "members": 2, "host": "c",
                                         "config": {"auto.offset.reset": "earliest"}}}},
            "storm": {"nimbus": {"host": "m"}, "supervisors": {"s1": {"host": "n", "slots": 2}}},
            "sinks": {"o": {"kind": "sqlite", "host": "d", "write": "once",
                            "tables": {"words": {"columns": ["word TEXT"]}}}},
            "topologies": {"a": {"workers": 1, "config": {"topology.message.timeout.secs": 10},
                "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
                "bolts": {"split": {"kind": "split", "inputs": [{"from": "lines"}]},
                          "keep": {"kind": "sqlite", "sink": "o", "table": "words", "inputs": [{"from": "split"}]}}}},
            "faults": [{"at": "10s", "kind": "stop", "target": "broker:1", "for": "8s"},
                       {"at": "12s", "kind": "stop", "target": "producer:s", "for": "3s"},
                       {"at": "13s", "kind": "stop", "target": "process:group/g/1", "for": "4s"},
                       {"at": "16s", "kind": "stop", "target": "supervisor:s1", "for": "4s"},
                       {"at": "17s", "kind": "stop", "target": "nimbus", "for": "4s"},
                       {"at": "25s", "kind": "stop", "target": "sink:o", "for": "3s"},
                       {"at": "32s", "kind": "stop", "target": "server:zk1", "for": "2s"}]})");
        QCOMPARE(told.broken, std::string());
        QCOMPARE(told.entries("sim.process-stopped"), std::int64_t{7});
        QCOMPARE(told.entries("kafka.partition-offline"), std::int64_t{0});
        QVERIFY2(told.headline().find("everything that came in has been dealt with") != std::string::npos,
                 told.headline().c_str());
    }

    void aRunThatItsTimeEndsSaysWhatStillWaits() {
        const Told told(withStorm(R"(,
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "100/s", "count": 500}},
            "topologies": {"a": {"workers": 1, "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
                "bolts": {"words": {"kind": "split", "field": "value", "inputs": [{"from": "lines"}]}}}},
            "faults": [{"at": "0s", "kind": "crash", "target": "nimbus"}])"),
                        60s);
        QVERIFY(told.report.stopped == run::Stop::Until);
        for (const char* wait : {"topology a, of which not every executor runs", "nimbus, which has crashed"}) {
            QVERIFY2(told.text().find(std::string("  still waits for ") + wait) != std::string::npos,
                     told.text().c_str());
        }
        QCOMPARE(told.report.cluster.groups.size(), std::size_t{1});
        QCOMPARE(told.report.cluster.groups.front().name, std::string("a-lines"));
        QCOMPARE(told.report.cluster.groups.front().state, std::string("Unknown"));  // no broker coordinates it yet
        QCOMPARE(told.report.cluster.groups.front().lag, std::int64_t{500});
    }

    void anEnsembleThatElectsAgainAndAgainIsNotSaidToHaveNoLeader() {
        const Told told(withStorm(R"(,
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "100/s", "count": 500}},
            "faults": [{"at": "5s", "kind": "full-disk", "target": "host:z"}])"),
                        70s);
        QCOMPARE(told.report.standstills.size(), std::size_t{1});
        const std::string& said = told.report.standstills.front();
        QVERIFY2(said.starts_with("the ZooKeeper ensemble elected a leader 1"), said.c_str());
        QVERIFY2(said.find(" times and kept none from ") != std::string::npos, said.c_str());
    }

    void whatNobodyAcknowledgesIsNotSaidToBeAcknowledged() {
        const Told told(withStorm(R"(,
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "100/s", "count": 500,
                              "config": {"acks": "0"}}})"));
        QVERIFY2(told.text().find("  s          500             –") != std::string::npos, told.text().c_str());
        QCOMPARE(told.report.origins.sources.front().sent, std::int64_t{500});
        QCOMPARE(told.report.origins.sources.front().acked, std::int64_t{0});
        QVERIFY(run::reportJson(told.report).find("\"acked\": 500") == std::string::npos);
    }

    void aProducerThatStopsDoesNotWaitForCompany() {
        const Told told(withStorm(R"(,
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "10/s", "count": 500,
                              "config": {"linger.ms": 20000}}},
            "faults": [{"at": "10s", "kind": "stop", "target": "producer:s"}])"),
                        60s);
        const sim::ProcessSlot& producer = told.world().process(told.world().findProcess("producer/s"));
        QVERIFY(!producer.isAlive());
        QVERIFY2(producer.since < SimTime{11s}, toText(producer.since).c_str());
        QCOMPARE(told.report.origins.sources.front().acked, told.report.origins.sources.front().sent);
    }

    void eachFigureThatIsSampledIsAMetricThatSaysWhatItIs() {
        const Told told(withStorm(R"(,
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "100/s", "count": 500}},
            "clients": {"groups": {"g": {"topics": ["t"]}}},
            "topologies": {"a": {"workers": 1, "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
                "bolts": {"keep": {"kind": "sqlite", "sink": "o", "table": "all", "inputs": [{"from": "lines"}]}}}},
            "sinks": {"o": {"kind": "sqlite", "host": "c", "path": "o.db",
                            "tables": {"all": {"columns": ["value TEXT"]}}}})"),
                        40s);
        const std::vector<const Metric*> known = run::allMetrics();
        std::set<const Metric*> seen;
        told.world().series().forEach([&](const sim::Series& series) {
            QVERIFY2(std::find(known.begin(), known.end(), &series.metric()) != known.end(), series.id().name.c_str());
            QVERIFY(series.kind() == series.metric().kind);
            seen.insert(&series.metric());
        });
        QVERIFY2(seen.size() > 50, std::to_string(seen.size()).c_str());
        // One that is shown everywhere stands in the report without anything else.
        QCOMPARE(told.report.figures.size(), std::size_t{1});
        QCOMPARE(told.report.figures.front().object, observe::brokerId(1));
        QCOMPARE(told.report.figures.front().metric->id, std::string_view{"parked_fetches"});
        QVERIFY2(told.text().find("\n  parked fetches  broker 1") != std::string::npos, told.text().c_str());
        for (const Metric* metric : known) {
            QVERIFY2(metric->meaning.ends_with('.') && !metric->whose.empty(), std::string(metric->id).c_str());
        }
    }

    void eachEntryIsOfAKindOfARoomThatSaysWhatItIs() {
        std::map<std::string_view, const JournalKind*> known;
        const auto take = [&](std::string_view room, const auto& all) {
            for (const JournalKind* kind : all) {
                QVERIFY2(kind->id.starts_with(room) && kind->meaning.ends_with('.'), std::string(kind->id).c_str());
                QVERIFY2(known.emplace(kind->id, kind).second, std::string(kind->id).c_str());
            }
        };
        take("sim.", sim::happened::all);
        take("zookeeper.", zookeeper::happened::all);
        take("kafka.", kafka::happened::all);
        take("storm.", storm::happened::all);
        take("ingest.", ingest::happened::all);
        const Told told(withStorm(R"(,
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "100/s", "count": 500}},
            "clients": {"groups": {"g": {"topics": ["t"]}}},
            "topologies": {"a": {"workers": 1, "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
                "bolts": {"words": {"kind": "split", "field": "value", "inputs": [{"from": "lines"}]}}}},
            "faults": [{"at": "15s", "kind": "crash", "target": "broker:1", "for": "5s"},
                       {"at": "25s", "kind": "crash", "target": "worker:a/1"}])"),
                        60s);
        const sim::Journal& journal = told.world().journal();
        std::set<std::string_view> rooms;
        for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
            const sim::JournalEntry& entry = *journal.find(sim::JournalId{id});
            QVERIFY2(known.contains(entry.kind), std::string(entry.kind).c_str());
            rooms.insert(entry.kind.substr(0, entry.kind.find('.')));
        }
        QVERIFY2(rooms.size() >= 4, std::to_string(rooms.size()).c_str());
    }

    void aLineThatIsRejectedAgainAndAgainCountsOnce() {
        // What goes on behind the bolt is too slow for the time-out: tuples are replayed, the bolt rejects them anew.
        const QTemporaryDir folder;
        std::string lines;
        for (int i = 0; i < 100; ++i) {
            lines += i % 10 == 0 ? "no log line\n" : accessLine(200);
        }
        const std::string file = written(folder, "a.log", lines);
        const Told told(withStorm(named(R"(,
            "sources": {"s": {"kind": "file", "path": "@", "topic": "t", "rate": "max"}},
            "topologies": {"a": {"workers": 1, "config": {"topology.message.timeout.secs": 5},
                "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
                "bolts": {"parse": {"kind": "extract", "format": "combined", "inputs": [{"from": "lines"}]},
                          "keep": {"kind": "sqlite", "sink": "o", "table": "rejected",
                                   "inputs": [{"from": "parse", "stream": "rejected"}]}}}},
            "sinks": {"o": {"kind": "sqlite", "host": "c", "path": "o.db"}},
            "faults": [{"at": "1s", "kind": "slow-disk", "target": "host:c", "factor": 100000, "for": "60s"}])",
                                        file)));
        QVERIFY(told.entries("ingest.line-rejected") > 10);
        QCOMPARE(told.report.rejected, std::int64_t{10});
        QCOMPARE(told.report.rejectedGroups.front().samples[1].position, std::int64_t{10});
    }

    void aLineThatNoRecordHoldsIsRejectedAndTheOthersGoOn() {
        const QTemporaryDir folder;
        const std::string file =
            written(folder, "huge.log", accessLine(200) + std::string(1'300'000, 'x') + "\n" + accessLine(404));
        const Told told(withStorm(
            named(R"(, "sources": {"s": {"kind": "file", "path": "@", "topic": "t", "rate": "max"}})", file)));
        QCOMPARE(told.report.rejected, std::int64_t{1});
        const run::RejectedGroup& group = told.report.rejectedGroups.front();
        QCOMPARE(group.reason, std::string("larger than a record of its producer may be"));
        QCOMPARE(group.samples.front().position, std::int64_t{1});
        QCOMPARE(group.samples.front().file, file);
        QVERIFY(group.samples.front().text.starts_with("xxx"));
        QVERIFY2(told.headline().find("1 record was given up") != std::string::npos, told.headline().c_str());
    }

    void recordsThatVanishWithoutAnAcknowledgementAreNotDealtWith() {
        const Told told(withStorm(R"(,
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "500/s", "count": 5000, "size": "20B",
                              "config": {"acks": "0"}}},
            "faults": [{"at": "8s", "kind": "crash", "target": "broker:1", "for": "1s"}])"));
        const observe::OriginView& origin = told.report.origins.sources.front();
        QVERIFY2(origin.vanished > 0, told.headline().c_str());
        QCOMPARE(origin.vanished, origin.sent - origin.stored - (origin.failed - origin.failedPresent));
        const std::string said =
            std::to_string(origin.vanished) + (origin.vanished == 1 ? " record" : " records") + " sent with acks=0 ";
        QVERIFY2(told.headline().find(said) != std::string::npos, told.headline().c_str());
        QVERIFY2(told.headline().find("everything") == std::string::npos, told.headline().c_str());
    }

    void aGroupStandsOnceWhileItsOldCoordinatorThinksItIsIts_data() {
        QTest::addColumn<int>("paused");
        for (const int broker : {1, 2, 3}) {
            QTest::addRow("broker %d", broker) << broker;  // one of them coordinates
        }
    }
    void aGroupStandsOnceWhileItsOldCoordinatorThinksItIsIts() {
        QFETCH(int, paused);
        const std::string cluster = named(R"({"millrace": 1, "title": "told", "run": {"seed": 3},
            "hosts": {"z": {}, "b1": {}, "b2": {}, "b3": {}, "c": {}},
            "cluster": {"servers": {"zk1": {"host": "z"}},
                "brokers": {"1": {"host": "b1"}, "2": {"host": "b2"}, "3": {"host": "b3"}},
                "config": {"zookeeper.session.timeout.ms": 6000, "offsets.topic.num.partitions": 1}},
            "topics": {"t": {"partitions": 2, "replicas": 3}},
            "sources": {"s": {"kind": "generator", "host": "c", "topic": "t", "rate": "100/s", "count": 3000}},
            "clients": {"groups": {"g": {"topics": ["t"], "members": 2, "host": "c",
                                          "config": {"auto.offset.reset": "earliest"}}}},
            "faults": [{"at": "20s", "kind": "pause", "target": "broker:@"}]})",
                                          std::to_string(paused));
        const Told during(cluster, 60s);
        QCOMPARE(during.report.cluster.groups.size(), std::size_t{1});
        const Told whole(cluster);
        QVERIFY2(whole.report.stopped == run::Stop::Drained, whole.headline().c_str());
        QCOMPARE(whole.report.cluster.groups.size(), std::size_t{1});
        QCOMPARE(whole.report.cluster.groups.front().lag, std::int64_t{0});
    }

    void aGroupWithoutACoordinatorStaysInTheReport_data() {
        QTest::addColumn<QByteArray>("fault");
        QTest::newRow("its power is gone") << QByteArray(R"({"at": "20s", "kind": "power", "target": "host:b"})");
        QTest::newRow("its process is gone") << QByteArray(R"({"at": "20s", "kind": "crash", "target": "broker:1"})");
        QTest::newRow("it never came") << QByteArray(R"({"at": "0s", "kind": "crash", "target": "broker:1"})");
    }
    void aGroupWithoutACoordinatorStaysInTheReport() {
        QFETCH(QByteArray, fault);
        const Told told(withStorm(R"(,
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "100/s"}},
            "clients": {"groups": {"g": {"topics": ["t"], "config": {"auto.offset.reset": "earliest"}}}},
            "faults": [)" + fault.toStdString() +
                                  "]"),
                        60s);
        QCOMPARE(told.report.cluster.groups.size(), std::size_t{1});
        QCOMPARE(told.report.cluster.groups.front().name, std::string("g"));
        QCOMPARE(told.report.cluster.groups.front().state, std::string("Unknown"));
    }

    void aSpoutThatReadsOnBehindACutIsNoBreachOfItsGroupsCommits_data() {
        QTest::addColumn<QByteArray>("rest");
        QTest::newRow("Nimbus starts it elsewhere") << QByteArray(R"(
            "topologies": {"a": {"workers": 1, "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
                "bolts": {"words": {"kind": "split", "field": "value", "inputs": [{"from": "lines"}]}}}},
            "faults": [{"at": "60s", "kind": "cut", "target": "host:n", "for": "60s"}])");
        QTest::newRow("two topologies share a group") << QByteArray(R"(
            "topologies": {
                "a": {"workers": 1, "spouts": {"lines": {"kind": "kafka", "topic": "t", "group": "same"}},
                    "bolts": {"words": {"kind": "split", "field": "value", "inputs": [{"from": "lines"}]}}},
                "b": {"workers": 1, "spouts": {"lines": {"kind": "kafka", "topic": "t", "group": "same"}},
                    "bolts": {"words": {"kind": "split", "field": "value", "inputs": [{"from": "lines"}]}}}},
            "faults": [{"at": "110s", "kind": "pause", "target": "worker:b/1", "for": "24s"}])");
    }
    void aSpoutThatReadsOnBehindACutIsNoBreachOfItsGroupsCommits() {
        QFETCH(QByteArray, rest);
        std::string text =
            withStorm(R"(, "sources": {"s": {"kind": "generator", "host": "c", "topic": "t", "rate": "20/s"}},)" +
                      rest.toStdString());
        text.replace(text.find(R"("s1": {"host": "n", "slots": 2})"), 31,
                     R"("s1": {"host": "n", "slots": 2}, "s2": {"host": "n2", "slots": 2})");
        text.replace(text.find(R"("m": {})"), 7, R"("m": {}, "n2": {"cores": 4})");
        const Told told(text, 200s);
        QVERIFY2(told.broken.find("spouts-commit") == std::string::npos, told.broken.c_str());
    }

    void aSpoutBeginsWhereItsStrategySays() {
        const auto executed = [](const char* strategy) {
            std::string text = withStorm(R"(,
                "sources": {"s": {"kind": "generator", "topic": "t", "rate": "50/s", "count": 3000, "size": "20B"}},
                "topologies": {"a": {"workers": 1, "submit_at": "30s",
                    "spouts": {"lines": {"kind": "kafka", "topic": "t", "first_poll_offset_strategy": "@"}},
                    "bolts": {"words": {"kind": "split", "field": "value", "inputs": [{"from": "lines"}]}}}})");
            const Told told(named(std::move(text), strategy));
            std::int64_t count = 0;
            for (const observe::ComponentView& each : told.report.storm.topologies.front().components) {
                count = each.name == "words" ? each.executed : count;
            }
            return count;
        };
        QCOMPARE(executed("UNCOMMITTED_EARLIEST"), std::int64_t{3000});
        const std::int64_t latest = executed("UNCOMMITTED_LATEST");
        QVERIFY2(latest > 100 && latest < 1500, qPrintable(QString::number(latest)));
    }

    /// A job belongs to its JobTracker once it is submitted.
    void aJobWhoseClientIsGoneRunsOn() {
        const Told told(R"({"millrace": 1, "title": "told", "run": {"seed": 3},
            "hosts": {"m": {}, "n1": {}, "n2": {}, "web": {}},
            "sources": {"s": {"kind": "generator", "count": 20000, "words": {"vocabulary": 50, "per_record": 5}}},
            "hadoop": {"namenode": {"host": "m"}, "jobtracker": {"host": "m"},
                "datanodes": {"d1": {"host": "n1"}, "d2": {"host": "n2"}},
                "tasktrackers": {"t1": {"host": "n1"}, "t2": {"host": "n2"}},
                "files": {"f": {"path": "/f", "source": "s", "block_size": "64KiB"}}},
            "jobs": {"wc": {"kind": "wordcount", "input": "/f", "output": "/out", "host": "web", "submit_at": "40s"}},
            "faults": [{"at": "50s", "kind": "power", "target": "host:web"}]})");
        QVERIFY2(told.report.stopped == run::Stop::Drained, told.headline().c_str());
        const auto [done, cause] = told.firstOf("hadoop.job-succeeded");
        QVERIFY(done != nullptr && done->time > SimTime{50s});
        QVERIFY(told.world().now() >= done->time);
        QVERIFY2(told.text().find("SUCCEEDED") != std::string::npos, told.text().c_str());
    }

    /// A NameNode that has not been told yet where blocks are says that, and not that they are nowhere: splits would
    /// have no place near which to run.
    void aJobThatIsSubmittedAtOnceReadsItsOwnDisksAllTheSame() {
        const Told told(R"({"millrace": 1, "title": "told", "run": {"seed": 3},
            "hosts": {"m": {}, "n1": {}, "n2": {}, "n3": {}},
            "sources": {"s": {"kind": "generator", "count": 60000, "words": {"vocabulary": 50, "per_record": 5}}},
            "hadoop": {"namenode": {"host": "m"}, "jobtracker": {"host": "m"},
                "datanodes": {"d1": {"host": "n1"}, "d2": {"host": "n2"}, "d3": {"host": "n3"}},
                "tasktrackers": {"t1": {"host": "n1"}, "t2": {"host": "n2"}, "t3": {"host": "n3"}},
                "files": {"f": {"path": "/f", "source": "s", "block_size": "2KiB"}}},
            "jobs": {"wc": {"kind": "wordcount", "input": "/f", "output": "/out", "host": "m"}}})");
        QVERIFY2(told.report.stopped == run::Stop::Drained, told.headline().c_str());
        const auto counters = nlohmann::json::parse(run::reportJson(told.report))["jobs"][0]["counters"];
        QVERIFY2(counters["Launched map tasks"].get<int>() > 500, counters.dump().c_str());
        QVERIFY2(counters["Data-local map tasks"].get<int>() > counters["Launched map tasks"].get<int>() * 9 / 10,
                 counters.dump().c_str());
    }

    /// With the log of received blocks and the checkpoints of state in HDFS.
    void streamsInHdfsLoseNothing_data() {
        QTest::addColumn<QString>("fault");
        QTest::newRow("quiet") << "";
        QTest::newRow("the driver dies")
            << R"({"at": "14.05s", "kind": "crash", "target": "driver:words", "for": "3s"})";
        QTest::newRow("the NameNode dies") << R"({"at": "14.05s", "kind": "crash", "target": "namenode", "for": "9s"})";
        QTest::newRow("a machine loses its power")
            << R"({"at": "14.05s", "kind": "power", "target": "host:n2", "for": "20s"})";
        QTest::newRow("an executor dies") << R"({"at": "14.05s", "kind": "crash", "target": "executor:words/0"})";
    }
    void streamsInHdfsLoseNothing() {
        QFETCH(QString, fault);
        const Told told(named(R"({"millrace": 1, "title": "told", "run": {"seed": 3},
            "hosts": {"m": {}, "d": {}, "n1": {}, "n2": {}, "n3": {}, "o": {}},
            "sources": {"s": {"kind": "generator", "host": "o", "rate": "200/s", "count": 6000,
                              "words": {"vocabulary": 40, "per_record": 3}}},
            "hadoop": {"namenode": {"host": "m"}, "config": {"dfs.safemode.extension": 0, "heartbeat.recheck.interval": 3000},
                "datanodes": {"d1": {"host": "n1"}, "d2": {"host": "n2"}, "d3": {"host": "n3"}}},
            "spark": {"master": {"host": "m"}, "workers": {"w1": {"host": "n1"}, "w2": {"host": "n2"}, "w3": {"host": "n3"}}},
            "streaming": {"words": {"host": "d", "batch": "1s", "checkpoint": true, "storage": "hdfs",
                "config": {"spark.streaming.receiver.writeAheadLog.enable": true},
                "inputs": {"lines": {"kind": "reliable", "source": "s"}},
                "operators": {"split": {"kind": "flatMap", "field": "value", "from": ["lines"]},
                    "count": {"kind": "updateStateByKey", "key": "word", "from": ["split"]}},
                "outputs": {"lines": {"kind": "foreachRDD", "sink": "lines", "from": ["lines"]},
                            "show": {"kind": "print", "from": ["count"]}}}},
            "sinks": {"lines": {"kind": "file", "host": "o", "write": "once"}},
            "faults": [@]})",
                              fault.toStdString()));
        QVERIFY2(told.report.stopped == run::Stop::Drained, told.headline().c_str());
        QVERIFY2(told.broken.empty(), told.broken.c_str());
        const auto json = nlohmann::json::parse(run::reportJson(told.report));
        QCOMPARE(json["sinks"][0]["written"].get<int>(), 6000);
        QVERIFY2(json["hdfs"]["files"].get<int>() > 3, json["hdfs"].dump().c_str());
        // 150 blocks and the parts of three checkpoints were written: what no batch needs any more is gone.
        QVERIFY2(json["hdfs"]["files"].get<int>() < 140, json["hdfs"].dump().c_str());
    }

    /// What is told of a silent tracker, of a full disk, has the fault as its cause, whoever found it out and when.
    void whatAFaultKeepsSilentOrFullIsToldWithTheFault() {
        const Told silent(R"({"millrace": 1, "title": "told", "run": {"seed": 3},
            "hosts": {"m": {}, "n1": {}, "n2": {}},
            "hadoop": {"namenode": {"host": "m"}, "jobtracker": {"host": "m"}, "datanodes": {"d1": {"host": "n1"}},
                "tasktrackers": {"t1": {"host": "n1"}, "t2": {"host": "n2"}},
                "config": {"mapred.tasktracker.expiry.interval": 60000}},
            "faults": [{"at": "33.3s", "kind": "crash", "target": "tasktracker:t2"}]})",
                          150s);
        const auto [lost, crash] = silent.firstOf("hadoop.tasktracker-lost");
        QVERIFY(lost != nullptr && crash != nullptr);
        QCOMPARE(crash->kind, sim::happened::faultInjected.id);
        const SimDuration since = lost->time - SimTime{33300ms};
        QVERIFY2(lost->text.find("more than 60.000 s") != std::string::npos, lost->text.c_str());
        QVERIFY2(lost->text.find(millrace::toText(since).substr(0, 2)) != std::string::npos, lost->text.c_str());

        const Told full(withStorm(R"(,
            "sources": {"s": {"kind": "generator", "topic": "t", "rate": "200/s", "count": 3000, "size": "20B"}},
            "sinks": {"out": {"kind": "file", "host": "c"}},
            "topologies": {"a": {"workers": 1, "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
                "bolts": {"w": {"kind": "file", "sink": "out", "inputs": [{"from": "lines"}]}}}},
            "faults": [{"at": "10s", "kind": "full-disk", "target": "host:c", "for": "8s"}])"));
        const auto [refused, filled] = full.firstOf(ingest::happened::sinkRefused);
        QVERIFY(refused != nullptr && filled != nullptr);
        QCOMPARE(filled->kind, sim::happened::faultInjected.id);
    }

    void keysOfSeveralTypesHaveATaskEach() {
        const QTemporaryDir folder;
        std::string lines;
        for (int i = 0; i < 400; ++i) {
            lines += accessLine(200 + i % 7 * 50);
        }
        const std::string file = written(folder, "a.log", lines);
        const Told told(withStorm(named(R"(, "sources": {"s": {"kind": "file", "path": "@", "topic": "t"}},
            "topologies": {"a": {"workers": 1,
                "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
                "bolts": {
                    "typed": {"kind": "extract", "format": "combined", "inputs": [{"from": "lines"}]},
                    "text": {"kind": "extract", "pattern": "\u0022 ([0-9]{3}) ", "fields": ["status"],
                             "inputs": [{"from": "lines"}]},
                    "c": {"kind": "count", "field": "status", "executors": 4,
                          "inputs": [{"from": "typed", "grouping": "fields", "fields": ["status"]},
                                     {"from": "text", "grouping": "fields", "fields": ["status"]}]}}}})",
                                        file)));
        QVERIFY2(told.report.stopped == run::Stop::Drained, told.headline().c_str());
        QVERIFY2(told.broken.empty(), told.broken.c_str());
    }
};

QTEST_APPLESS_MAIN(TestTold)
#include "tst_told.moc"
