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

/// Some client that is none of ours: it sends its lines to one partition, in batches of two, without any headers.
class ForeignClient final : public sim::ActorBase<ForeignClient> {
public:
    ForeignClient(kafka::BrokerEndpoint leader, kafka::TopicPartition partition, int lines)
        : m_leader(std::move(leader)), m_partition(std::move(partition)), m_lines(lines) {}
    void start(sim::Context& context) override {
        m_connection = context.connect(context.findHost(m_leader.host), sim::Port{m_leader.port});
    }
    void handle(sim::Context& context, const sim::Message& message) override {
        if (message.as<sim::ConnectionOpened>() == nullptr) {
            return;
        }
        for (int line = 0; line < m_lines; line += 2) {
            kafka::RecordBatchBuilder builder;
            for (int i = line; i < line + 2; ++i) {
                builder.append(context.clockMillis(), std::nullopt, "line " + std::to_string(i));
            }
            auto request = makeRef<kafka::ProduceRequest>();
            request->correlationId = kafka::CorrelationId{line};
            request->partitions.push_back({m_partition, builder.build()});
            context.transmit(m_connection, std::move(request));
        }
    }

private:
    kafka::BrokerEndpoint m_leader;
    kafka::TopicPartition m_partition;
    int m_lines;
    sim::ConnectionId m_connection = sim::noConnection;
};

class ForeignBlueprint final : public sim::Blueprint {
public:
    ForeignBlueprint(kafka::BrokerEndpoint leader, kafka::TopicPartition partition, int lines)
        : m_leader(std::move(leader)), m_partition(std::move(partition)), m_lines(lines) {
        m_name = "foreign/" + toText(m_partition);
    }
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        context.addActor("client", makeRef<ForeignClient>(m_leader, m_partition, m_lines));
    }

private:
    kafka::BrokerEndpoint m_leader;
    kafka::TopicPartition m_partition;
    int m_lines;
    std::string m_name;
};

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

    /// A sink that writes once tells records apart by their origin; those of a foreign client have none of ours.
    void recordsOfForeignClientsAreToldApart() {
        constexpr int own = 60;
        constexpr int foreign = 20;
        PipelineWorld pipe(1, ingest::WriteMode::Once);
        pipe.addProducer(own, 100);
        pipe.submitAudit();
        pipe.world.run(SimTime{8s});
        for (int p = 0; p < 6; ++p) {
            const kafka::Partition* leads = pipe.leaderOf("access", p);
            QVERIFY(leads != nullptr);
            const auto& endpoint = pipe.bootstrap[static_cast<std::size_t>(leads->leader().value - 1)];
            pipe.world.addProcess(pipe.world.findHost("app"), makeRef<ForeignBlueprint>(endpoint, leads->id(), foreign),
                                  pipe.world.now());
        }
        constexpr std::size_t all = own + 6 * foreign;
        QVERIFY(pipe.runUntil([&] { return pipe.origins.size() == all && pipe.isDrained(); }, 60s));
        for (const auto& [origin, times] : pipe.origins) {
            QVERIFY2(times == 1, origin.first.c_str());
        }
        QCOMPARE(pipe.origins.count({"log", 0}), 1U);
        std::int64_t counted = 0;
        for (const auto& [digit, count] : pipe.counts) {
            counted += count;
        }
        QCOMPARE(counted, static_cast<std::int64_t>(all));
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
