#include <fmt/format.h>

#include <QtTest/QTest>

#include "engine/kafka/describe.h"
#include "engine/lab/checker.h"
#include "engine/run/engine.h"
#include "engine/run/progress.h"
#include "engine/run/report_of.h"
#include "engine/run/story.h"
#include "engine/run/waiting_for.h"
#include "engine/run/waits.h"
#include "engine/scenario/scenario_reader.h"

using namespace millrace;
using namespace millrace::scenario;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<run::Engine> opened(ScenarioReading reading) {
    if (!reading.scenario) {
        return nullptr;
    }
    run::EngineOptions options;
    options.carryOut = false;
    options.session.checkpointEventsMin = ~std::uint64_t{0};
    auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
    return engine ? std::move(*engine) : nullptr;
}

/// The broker failover with other faults than its own.
ScenarioReading failoverWith(const std::string& faults) {
    return readScenarioFile({"scenarios/broker-failover.json",
                             {{"sources.log.path", "scenarios/data/small-access.log"}, {"faults", faults}},
                             {}});
}

/// Everything that report, terminal and window ask of a run.
void lookAtEverything(const run::Engine& engine) {
    const sim::World& world = engine.world();
    (void)run::waitingFor(engine.scenario(), world, run::Thoroughness::Everything);
    (void)run::describeWaits(world, run::describeSystems(engine.scenario(), world));
    (void)run::describeHosts(world);
    (void)run::describeFaults(world);
    (void)run::describeFlights(world, 8);
    (void)run::describeJournal(world, 100);
    (void)run::describeSeries(world, 10);
    (void)run::describeRun(engine.session());
    (void)reportText(run::reportOf(engine, {}));
    (void)world.nextEventText();
}

constexpr std::string_view crowded = R"({
  "millrace": 1,
  "hosts": {"all": {"cores": 8}},
  "cluster": {
    "servers": {"zk1": {"host": "all"}, "zk2": {"host": "all"}, "zk3": {"host": "all"}},
    "brokers": {"1": {"host": "all"}, "2": {"host": "all"}, "3": {"host": "all"}}
  },
  "topics": {"words": {"partitions": 3, "replicas": 3, "config": {"min.insync.replicas": 2}}},
  "sources": {"talk": {"kind": "generator", "host": "all", "topic": "words", "count": 2000, "rate": "500/s",
                       "words": {"vocabulary": 50, "per_record": 3}}},
  "clients": {"groups": {"readers": {"topics": ["words"], "members": 2, "host": "all", "config": {"auto.offset.reset": "earliest"}}}},
  "storm": {"nimbus": {"host": "all"},
            "supervisors": {"s1": {"host": "all", "slots": 1}, "s2": {"host": "all", "slots": 1}, "s3": {"host": "all", "slots": 2}}},
  "topologies": {"count": {"workers": 3,
    "spouts": {"lines": {"kind": "kafka", "topic": "words", "executors": 3, "config": {"auto.offset.reset": "earliest"}}},
    "bolts": {"split": {"kind": "split", "field": "value", "executors": 3, "inputs": [{"from": "lines"}]},
              "tally": {"kind": "count", "field": "word", "executors": 2, "inputs": [{"from": "split", "grouping": "fields", "fields": ["word"]}]},
              "keep": {"kind": "sqlite", "sink": "first", "table": "words", "inputs": [{"from": "tally"}]},
              "keep-too": {"kind": "sqlite", "sink": "second", "table": "words", "inputs": [{"from": "tally"}]}}}},
  "sinks": {"first": {"kind": "sqlite", "host": "all", "tables": {"words": {"kind": "counts", "columns": ["word TEXT"]}}},
            "second": {"kind": "sqlite", "host": "all", "tables": {"words": {"kind": "counts", "columns": ["word TEXT"]}}}}
})";

/// So many bolts in a chain, and records that pass through all of them.
std::string chainOf(int bolts) {
    std::string chain;
    for (int i = 0; i < bolts; ++i) {
        chain += fmt::format(
            R"({}"b{}": {{"kind": "filter", "field": "value", "pattern": ".", "inputs": [{{"from": "{}"}}]}})",
            i == 0 ? "" : ", ", i, i == 0 ? std::string{"lines"} : fmt::format("b{}", i - 1));
    }
    return fmt::format(R"({{"millrace": 1, "hosts": {{"all": {{"cores": 8}}}},
        "cluster": {{"servers": {{"zk1": {{"host": "all"}}}}, "brokers": {{"1": {{"host": "all"}}}}}},
        "topics": {{"t": {{"partitions": 1}}}},
        "sources": {{"s": {{"kind": "generator", "host": "all", "topic": "t", "rate": "20/s"}}}},
        "storm": {{"nimbus": {{"host": "all"}}, "supervisors": {{"s1": {{"host": "all", "slots": 1}}}}}},
        "topologies": {{"chain": {{"spouts": {{"lines": {{"kind": "kafka", "topic": "t"}}}}, "bolts": {{{}}}}}}}}})",
                       chain);
}

/// What a copy of a running chain holds of its own after a second.
std::size_t bytesOfCopy(int bolts) {
    const auto engine = opened(readScenario(chainOf(bolts), {"chain.json", {}, {}}));
    if (!engine || !engine->session().advance(SimTime{20s})) {
        return 0;
    }
    const sim::World copy = engine->world();
    const std::size_t before = bytesCloned();
    (void)engine->session().advance(SimTime{21s});
    return bytesCloned() - before;
}

std::string replacedAll(std::string text, const std::string& what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

}  // namespace

class TestTightSpots : public QObject {
    Q_OBJECT

private slots:
    void aCopyHoldsNoMoreOfABoltHoweverManyThereAre() {
        if (!pool::isUsed) {
            QSKIP("a sanitizer has the heap to itself");
        }
        const std::size_t few = bytesOfCopy(20);
        const std::size_t more = bytesOfCopy(120);
        const std::size_t many = bytesOfCopy(320);
        QVERIFY(few > 0 && more > few && many > more);
        const double ofMore = static_cast<double>(more - few) / 100;
        const double ofMany = static_cast<double>(many - more) / 200;
        qInfo("%.0f and %.0f bytes a bolt", ofMore, ofMany);
        QVERIFY2(ofMany < ofMore * 1.25, qPrintable(QStringLiteral("%1 and %2 bytes a bolt").arg(ofMore).arg(ofMany)));
    }
    void faultsOfEveryKindHitEverythingAtTheFirstInstant_data() {
        QTest::addColumn<QString>("kind");
        for (const FaultRow& row : faults::rows) {
            const QString kind = QString::fromUtf8(row.name.data(), static_cast<qsizetype>(row.name.size()));
            QTest::addRow("%s", qPrintable(kind)) << kind;
        }
    }
    void faultsOfEveryKindHitEverythingAtTheFirstInstant() {
        QFETCH(QString, kind);
        const std::vector<std::string> targets = {
            "broker:1",       "controller",  "leader:access-0", "server:zk1",  "nimbus",   "supervisor:s1",
            "worker:audit/1", "host:b1",     "host:web",        "host:master", "disk:db",  "link:b1-b2",
            "link:b1>zk1",    "sink:audit",  "producer:log",    "host:node1",  "host:zk1", "host:db",
            "host:node2",     "link:web-b1", "server:zk2",      "broker:2",    "broker:3", "all"};
        int played = 0;
        for (const std::string& target : targets) {
            for (const char* at : {"0s", "1ns", "1us"}) {
                for (const char* length : {"", R"(, "for": "2s")"}) {
                    auto engine = opened(failoverWith(fmt::format(
                        R"([{{"at": "{}", "kind": "{}", "target": "{}"{}, "factor": 3, "by": "20ms", "share": 0.2}}])",
                        at, kind.toStdString(), target, length)));
                    for (const char* quantity : {R"(, "factor": 3)", R"(, "by": "20ms")", R"(, "share": 0.2)", ""}) {
                        if (!engine) {
                            engine =
                                opened(failoverWith(fmt::format(R"([{{"at": "{}", "kind": "{}", "target": "{}"{}{}}}])",
                                                                at, kind.toStdString(), target, length, quantity)));
                        }
                    }
                    if (!engine) {
                        continue;  // such a thing cannot happen to it
                    }
                    ++played;
                    lab::Checker checker;
                    run::ProgressWatch progress(engine->scenario());
                    for (const SimDuration until :
                         {SimDuration{0}, SimDuration{1}, SimDuration{1us}, SimDuration{40ms}}) {
                        QVERIFY(engine->play({SimTime{until}, false, {}}));
                        lookAtEverything(*engine);
                        checker.observe(engine->world());
                        progress.look(engine->world());
                    }
                }
            }
        }
        QVERIFY2(played > 0, "no target fits this kind");
    }

    void aProducerThatIsPausedBeforeItsStartGoesOnLater() {
        auto engine =
            opened(failoverWith(R"([{"at": "0s", "kind": "pause", "target": "producer:log", "for": "20s"}])"));
        QVERIFY(engine);
        QVERIFY(engine->play({SimTime{15s}, false, {}}));
        lookAtEverything(*engine);
        const auto waiting = run::waitingFor(engine->scenario(), engine->world(), run::Thoroughness::Everything);
        QVERIFY2(!waiting.empty(), "a source that nobody has read is not dealt with");
        const auto played = engine->play({std::nullopt, true, {}});
        QVERIFY(played && played->reason == run::StopReason::Drained);
    }

    void everythingWorksOnOneHost() {
        ScenarioReading reading = readScenario(crowded, {"crowded.json", {}, {}});
        QVERIFY2(reading.scenario, reading.complaintTexts("crowded.json").empty()
                                       ? ""
                                       : reading.complaintTexts("crowded.json").front().c_str());
        auto engine = opened(std::move(reading));
        QVERIFY(engine);
        lab::Checker checker;
        const auto played = engine->play({SimTime{300s}, true, [&](const sim::World& world) {
                                              checker.observe(world);
                                              return true;
                                          }});
        QVERIFY(played);
        QVERIFY2(played->reason == run::StopReason::Drained,
                 played->waitingFor.empty() ? "" : played->waitingFor.front().c_str());
        QVERIFY(checker.holds());
        const auto& journal = engine->world().journal();
        int workers = 0;
        for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
            const sim::JournalEntry& entry = *journal.find(sim::JournalId{id});
            QVERIFY2(entry.kind != "sim.address-in-use", entry.text.c_str());
            workers += entry.kind == "storm.worker-started" ? 1 : 0;
        }
        QCOMPARE(workers, 3);  // each supervisor hears the beats of its own workers only, and ends none
    }

    void namesMayHaveBlanksAndSigns_data() {
        QTest::addColumn<QByteArray>("name");
        for (const char* name :
             {"my count", " count", "50% off", "%20", "z\u00e4hlen \u65e5", "it's", "a-b>c", "[0]", "is"}) {
            QTest::addRow("%s", name) << QByteArray(name);
        }
    }
    void namesMayHaveBlanksAndSigns() {
        QFETCH(QByteArray, name);
        std::string text{crowded};
        for (const char* each : {"all", "s1", "count", "lines", "split", "tally", "keep", "first", "talk", "readers"}) {
            const std::string quoted = std::string("\"") + each + "\"";
            if (std::string_view{each} != "split" && std::string_view{each} != "count") {
                text = replacedAll(text, quoted, "\"" + name.toStdString() + each[0] + "\"");
            }
        }
        text = replacedAll(text, "\"count\": {\"workers\"", "\"" + name.toStdString() + "\": {\"workers\"");
        text.insert(text.rfind('}'), ", \"faults\": [{\"at\": \"20s\", \"kind\": \"crash\", \"target\": \"supervisor:" +
                                         name.toStdString() + "s\", \"for\": \"2s\"}]");
        ScenarioReading reading = readScenario(text, {"named.json", {}, {}});
        QVERIFY2(reading.scenario, reading.complaintTexts("named.json").empty()
                                       ? ""
                                       : reading.complaintTexts("named.json").front().c_str());
        auto engine = opened(std::move(reading));
        QVERIFY(engine);
        const auto played = engine->play({SimTime{300s}, true, {}});
        QVERIFY(played);
        QVERIFY2(played->reason == run::StopReason::Drained,
                 played->waitingFor.empty() ? "" : played->waitingFor.front().c_str());
        lookAtEverything(*engine);
    }
};

QTEST_APPLESS_MAIN(TestTightSpots)
#include "tst_tight_spots.moc"
