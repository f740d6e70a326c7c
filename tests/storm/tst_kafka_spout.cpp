#include "engine/observe/topology_view.h"
#include "tests/storm/pipeline_world.h"

// Qt's keywords come last: Kafka's headers have members of these names.
#include <QTest>

#include <set>

using namespace millrace;
using namespace millrace::storm;
using namespace millrace::storm::testing;

namespace {

constexpr int lineCount = 3'000;

int fieldOf(const sim::JournalEntry* entry, std::string_view key) {
    return std::stoi(std::string{entry->field(key)});
}

/// What must hold after any faults: nothing is missing, and whatever is there more than once has been named.
void checkAtLeastOnce(const PipelineWorld& pipe) {
    QCOMPARE(pipe.rows.size(), static_cast<std::size_t>(lineCount));
    std::map<std::int64_t, int> named;
    for (const auto* entry : pipe.journal("ingest.sink-appended")) {
        if (entry->field("table") == "rows") {
            ++named[fieldOf(entry, "position")];
        }
    }
    std::set<std::int64_t> replayed;
    for (const auto* entry : pipe.journal("storm.tuple-replayed")) {
        replayed.insert(fieldOf(entry, "position"));
    }
    const bool hasResumed = pipe.journal("storm.worker-started").size() > 2;
    for (const auto& [position, times] : pipe.rows) {
        const auto extra = named.find(position);
        QCOMPARE(times - 1, extra != named.end() ? extra->second : 0);
        QVERIFY(times == 1 || replayed.contains(position) || hasResumed ||
                pipe.positions().at(static_cast<int>(position)) > 1);
    }
    for (const auto& [digit, count] : pipe.counts) {
        QVERIFY(count >= lineCount / 10);
    }
}

}  // namespace

class TestKafkaSpout : public QObject {
    Q_OBJECT
private slots:
    void everyLineOfTheTopicBecomesOneRow_data() {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 3; ++seed) {
            QTest::addRow("seed %llu", static_cast<unsigned long long>(seed)) << seed;
        }
    }
    void everyLineOfTheTopicBecomesOneRow() {
        QFETCH(quint64, seed);
        PipelineWorld pipe(seed);
        pipe.addProducer(lineCount, 400);
        pipe.submitAudit();
        QVERIFY(pipe.runUntil([&] { return pipe.rows.size() == lineCount && pipe.isDrained(); }, 60s));
        for (const auto& [position, times] : pipe.rows) {
            QCOMPARE(times, 1);
        }
        QCOMPARE(pipe.counts.size(), 10U);
        for (const auto& [digit, count] : pipe.counts) {
            QCOMPARE(count, lineCount / 10);
        }
        observe::StormView view;
        describe(pipe.world, view);
        QCOMPARE(view.topologies.size(), 1U);
        const observe::TopologyView& audit = view.topologies[0];
        std::map<std::string, observe::ComponentView> byName;
        for (const auto& component : audit.components) {
            byName[component.name] = component;
        }
        QCOMPARE(byName["lines"].acked, lineCount);
        QCOMPARE(byName["parse"].executed, lineCount);
        QCOMPARE(byName["parse"].transferred, 2 * lineCount);
        QCOMPARE(byName["keep"].acked, lineCount);
        QCOMPARE(audit.pendingTuples, 0);
        QCOMPARE(audit.workers.size(), 2U);
        QVERIFY(byName["lines"].completeLatency > 1ms && byName["lines"].completeLatency < 1s);
        QCOMPARE(view.supervisors.size(), 3U);
        // The offsets that the group committed are those of the log's end.
        pipe.world.run(pipe.world.now() + 35s);
        std::int64_t end = 0;
        for (int p = 0; p < 6; ++p) {
            end += pipe.leaderOf("access", p)->log.highWatermark().value;
        }
        QCOMPARE(end, lineCount);
        QVERIFY(resolveTarget(pipe.world, "worker:audit/1").has_value());
        QVERIFY(resolveTarget(pipe.world, "nimbus").has_value());
        QVERIFY(resolveTarget(pipe.world, "supervisor:s2").has_value());
        QVERIFY(!resolveTarget(pipe.world, "worker:audit/3").has_value());
    }

    /// A dead worker takes its spout's memory along: the new one begins at the committed offsets.
    void crashedWorkerLosesNothing_data() { everyLineOfTheTopicBecomesOneRow_data(); }
    void crashedWorkerLosesNothing() {
        QFETCH(quint64, seed);
        PipelineWorld pipe(seed);
        pipe.addProducer(lineCount, 200, {}, 20s);
        pipe.submitAudit(10s);
        QVERIFY(pipe.runUntil([&] { return pipe.rows.size() > 1'000; }, 60s));
        const auto victim = std::get<sim::ProcessId>(*resolveTarget(pipe.world, "worker:audit/1"));
        pipe.world.injectFault(
            {sim::FaultKind::Crash, "process:" + pipe.world.process(victim).name(), 0, std::nullopt});
        QVERIFY(pipe.runUntil([&] { return pipe.rows.size() == lineCount && pipe.isDrained(); }, 200s));
        checkAtLeastOnce(pipe);
        QVERIFY(!pipe.journal("storm.tuple-replayed").empty() || !pipe.journal("ingest.sink-appended").empty());
    }

    void crashedLeaderLosesNothing_data() { everyLineOfTheTopicBecomesOneRow_data(); }
    void crashedLeaderLosesNothing() {
        QFETCH(quint64, seed);
        PipelineWorld pipe(seed);
        pipe.addProducer(lineCount, 400, {}, 20s);
        pipe.submitAudit();
        pipe.crash("process:broker/1", 23, 15);
        QVERIFY(pipe.runUntil([&] { return pipe.rows.size() == lineCount && pipe.isDrained(); }, 120s));
        checkAtLeastOnce(pipe);
    }

    /// What was made from one record is told apart: the words of a line are no repetition of each other, those of a
    /// line that is processed again are.
    void wordsOfOneLineAreNotTakenForRepetitions() {
        PipelineWorld pipe(5, ingest::WriteMode::Once);
        pipe.countsWords = true;
        pipe.addProducer(lineCount, 400, {}, 20s);
        pipe.submitAudit(10s);
        QVERIFY(pipe.runUntil([&] { return pipe.rows.size() > 1'000; }, 60s));
        QVERIFY(pipe.journal("ingest.sink-skipped").empty());
        const auto victim = std::get<sim::ProcessId>(*resolveTarget(pipe.world, "worker:audit/1"));
        pipe.world.injectFault(
            {sim::FaultKind::Crash, "process:" + pipe.world.process(victim).name(), 0, std::nullopt});
        QVERIFY(pipe.runUntil([&] { return pipe.rows.size() == lineCount && pipe.isDrained(); }, 200s));
        QVERIFY(!pipe.journal("ingest.sink-skipped").empty());
        // A row, a count and two words for each line, each once.
        QCOMPARE(ingest::sinkFigures(pipe.world, "rows").written, 4U * lineCount);
    }

    void sinkThatRemembersWritesEachLineOnce() {
        PipelineWorld pipe(4, ingest::WriteMode::Once);
        pipe.addProducer(lineCount, 400, {}, 20s);
        pipe.submitAudit(10s);
        QVERIFY(pipe.runUntil([&] { return pipe.rows.size() > 1'000; }, 60s));
        const auto victim = std::get<sim::ProcessId>(*resolveTarget(pipe.world, "worker:audit/2"));
        pipe.world.injectFault(
            {sim::FaultKind::Crash, "process:" + pipe.world.process(victim).name(), 0, std::nullopt});
        QVERIFY(pipe.runUntil([&] { return pipe.rows.size() == lineCount && pipe.isDrained(); }, 200s));
        QCOMPARE(ingest::sinkFigures(pipe.world, "rows").written, 2U * lineCount);
    }
};

QTEST_APPLESS_MAIN(TestKafkaSpout)
#include "tst_kafka_spout.moc"
