#include "engine/kafka/describe.h"
#include "tests/kafka/client_cluster.h"  // both before Qt, whose keyword `slots` is a name in there

#include <QtTest/QTest>
#include <map>
#include <sstream>

using namespace millrace;
using namespace millrace::kafka;
using namespace millrace::kafka::test;

namespace {

/// How often the journal says that a position was sent again.
std::map<int, int> retriesOf(const ClientCluster& cluster) {
    std::map<int, int> retries;
    for (const auto* entry : cluster.journal("kafka.producer-retry")) {
        std::istringstream positions{std::string{entry->field("positions")}};
        for (std::string position; std::getline(positions, position, ',');) {
            ++retries[std::stoi(position)];
        }
    }
    return retries;
}

}  // namespace

class TestProducer : public QObject {
    Q_OBJECT
private slots:
    void everyLineArrivesOnceAndInTurnOverThePartitions();
    void aCrashedLeaderLosesNothingAndDuplicatesAreNamed_data();
    void aCrashedLeaderLosesNothingAndDuplicatesAreNamed();
    void aFullBufferMakesTheSourceWait();
    void lingerGathersRecordsIntoBatches();
    void withoutEnoughReplicasRecordsWaitAndThenFail();
    void acksZeroCountsWhatWasSent();
    void aRestartedProcessRepeatsButSkipsNothing();
    void aCopyAtHalfTimeGivesTheSameRun();
};

void TestProducer::everyLineArrivesOnceAndInTurnOverThePartitions() {
    ClientCluster cluster(7);
    cluster.addProducer(600, 400);
    cluster.runTo(15);
    const auto figures = producerFigures(cluster.world, "log");
    QCOMPARE(figures.records.sent, std::int64_t{600});
    QCOMPARE(figures.records.acked, std::int64_t{600});
    QCOMPARE(figures.records.pending, std::int64_t{0});
    QVERIFY(figures.exhausted);
    observe::ClusterView view;
    describe(cluster.world, view);
    QCOMPARE(view.producers.size(), std::size_t{1});
    QCOMPARE(view.producers.front().acked, std::int64_t{600});
    QCOMPARE(view.producers.front().topic, std::string("access"));
    const auto positions = cluster.positions();
    QCOMPARE(positions.size(), std::size_t{600});
    for (const auto& [position, count] : positions) {
        QCOMPARE(count, 1);
    }
    for (int p = 0; p < 6; ++p) {
        const Partition* leader = cluster.leaderOf("access", p);
        QVERIFY(leader != nullptr);
        QCOMPARE(leader->log.end().value, std::int64_t{100});
        for (const RecordView& record : leader->log.batches()[leader->log.batches().firstIndex()]->records()) {
            QCOMPARE(QByteArray::fromStdString(std::string{record.header("mr.source").value()}), QByteArray("log"));
            const auto position = std::string{record.header("mr.position").value()};
            QCOMPARE(std::string{record.value.value()}, "line " + position);
        }
    }
}

void TestProducer::aCrashedLeaderLosesNothingAndDuplicatesAreNamed_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 12; ++seed) {
        QTest::addRow("seed %d", seed) << seed;
    }
}

void TestProducer::aCrashedLeaderLosesNothingAndDuplicatesAreNamed() {
    QFETCH(int, seed);
    ClientCluster cluster(static_cast<std::uint64_t>(seed));
    // The way to the brokers takes 60 ms, so that there is always something under way.
    for (const char* name : {"b1", "b2", "b3"}) {
        cluster.world.setLink(cluster.world.findHost("app"), cluster.world.findHost(name),
                              {std::chrono::milliseconds{60}, 0});
    }
    cluster.addProducer(3000, 400);
    cluster.crash("process:broker/" + std::to_string(seed % 3 + 1), 7.0 + seed * 0.0137, 9);
    cluster.runTo(60);
    const auto figures = producerFigures(cluster.world, "log");
    QCOMPARE(figures.records.acked, std::int64_t{3000});
    QCOMPARE(figures.records.failed, std::int64_t{0});
    QVERIFY(figures.records.retried > 0);
    const auto positions = cluster.positions();
    const auto retries = retriesOf(cluster);
    for (int position = 0; position < 3000; ++position) {
        const auto found = positions.find(position);
        QVERIFY2(found != positions.end(), qPrintable(QStringLiteral("position %1 is lost").arg(position)));
        const auto retried = retries.find(position);
        // Each further copy has a retry that names it; a retry need not have made one.
        QVERIFY2(found->second - 1 <= (retried == retries.end() ? 0 : retried->second),
                 qPrintable(QStringLiteral("position %1 is there %2 times").arg(position).arg(found->second)));
    }
    QCOMPARE(figures.records.pending, std::int64_t{0});
    std::int64_t named = 0;
    for (const auto& [position, count] : retries) {
        named += count;
    }
    QCOMPARE(named, figures.records.retried);
}

void TestProducer::aFullBufferMakesTheSourceWait() {
    ClientCluster cluster(7);
    ProducerConfig config;
    config.bufferMemory = 4096;
    cluster.addProducer(2000, 0, config);
    cluster.runTo(5.0);
    while (cluster.world.now() < SimTime{std::chrono::seconds{30}} && cluster.world.step()) {
        // One record may lie over the limit, never two.
        QVERIFY(producerFigures(cluster.world, "log").records.bufferedBytes < 4096 + 200);
    }
    QCOMPARE(producerFigures(cluster.world, "log").records.acked, std::int64_t{2000});
    QCOMPARE(cluster.positions().size(), std::size_t{2000});
}

void TestProducer::lingerGathersRecordsIntoBatches() {
    const auto batchesWith = [](SimDuration linger) {
        ClientCluster cluster(7);
        ProducerConfig config;
        config.linger = linger;
        cluster.addProducer(1200, 400, config);
        cluster.runTo(15);
        std::uint64_t batches = 0;
        for (int p = 0; p < 6; ++p) {
            batches += cluster.leaderOf("access", p)->log.batches().size();
        }
        return cluster.positions().size() == 1200 ? batches : 0;
    };
    const auto without = batchesWith(SimDuration{0});
    const auto with = batchesWith(std::chrono::milliseconds{300});
    QVERIFY2(without > 900, qPrintable(QString::number(without)));
    QVERIFY2(with > 0 && with < 100, qPrintable(QString::number(with)));
}

void TestProducer::withoutEnoughReplicasRecordsWaitAndThenFail() {
    ClientCluster cluster(7, 3);
    ProducerConfig config;
    config.deliveryTimeout = std::chrono::seconds{20};
    cluster.addProducer(400, 100, config, std::chrono::seconds{8});
    // Long enough for the in-sync sets to lose it (replica.lag.time.max.ms, or its session) and for records to be given
    // up.
    cluster.crash("process:broker/2", 9, 60);
    cluster.runTo(120);
    const auto figures = producerFigures(cluster.world, "log");
    QVERIFY(figures.records.failed > 0);
    QCOMPARE(figures.records.acked + figures.records.failed, std::int64_t{400});
    QVERIFY(!cluster.journal("kafka.producer-failed").empty());
    QVERIFY(cluster.journal("kafka.producer-failed").front()->severity == sim::Severity::Error);
}

void TestProducer::acksZeroCountsWhatWasSent() {
    ClientCluster cluster(7);
    ProducerConfig config;
    config.acks = Acks::None;
    cluster.addProducer(600, 400, config);
    cluster.runTo(15);
    QCOMPARE(producerFigures(cluster.world, "log").records.acked, std::int64_t{600});
    QCOMPARE(cluster.positions().size(), std::size_t{600});
}

void TestProducer::aRestartedProcessRepeatsButSkipsNothing() {
    ClientCluster cluster(7);
    cluster.addProducer(2000, 400);
    cluster.crash("process:producer/log", 7.4321, 1);
    // The restarted source starts anew: five seconds later, at the position it had noted.
    cluster.runTo(30);
    const auto positions = cluster.positions();
    QCOMPARE(positions.size(), std::size_t{2000});
    QVERIFY(!cluster.journal("ingest.source-resumed").empty());
    const auto figures = producerFigures(cluster.world, "log");
    QVERIFY(figures.exhausted && figures.records.pending == 0);
}

void TestProducer::aCopyAtHalfTimeGivesTheSameRun() {
    ClientCluster cluster(3);
    cluster.addProducer(3000, 400);
    cluster.crash("process:broker/1", 7, 5);
    cluster.runTo(8);
    sim::World copy = cluster.world;
    cluster.runTo(20);
    copy.run(SimTime{std::chrono::seconds{20}});
    QCOMPARE(copy.fingerprint(), cluster.world.fingerprint());
    ClientCluster again(3);
    again.addProducer(3000, 400);
    again.crash("process:broker/1", 7, 5);
    again.runTo(20);
    QCOMPARE(again.world.fingerprint(), cluster.world.fingerprint());
}

QTEST_APPLESS_MAIN(TestProducer)
#include "tst_producer.moc"
