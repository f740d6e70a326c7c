#include "tests/storm/pipeline_world.h"  // Before Qt, whose keyword `slots` is a name in there.

#include <QtTest/QTest>
#include <functional>

#include "engine/lab/checker.h"
#include "tests/lab/planted.h"

using namespace millrace;
using namespace millrace::lab;
using namespace millrace::lab::test;
using millrace::kafka::test::ClientCluster;
using millrace::storm::testing::PipelineWorld;

namespace {

/// Records with keys, so that each has a partition where it belongs.
void addKeyedProducer(ClientCluster& cluster, int records, double rate, kafka::ProducerConfig config,
                      const char* topic = "access") {
    auto source = makeRef<ingest::SourceSpec>();
    source->id = "orders";
    source->pace.recordsPerSecond = rate;
    source->pace.start = 5s;
    ingest::GeneratorSource generator;
    generator.keys.count = 100;
    generator.recordsMax = records;
    source->origin = generator;
    config.client.bootstrap = cluster.bootstrap;
    config.client.links.clientId = kafka::ClientId("orders");
    cluster.world.addProcess(
        cluster.world.findHost("app"),
        kafka::makeProducerBlueprint({"orders", kafka::TopicName(topic), std::move(source), std::move(config)}));
}

void inject(sim::World& world, sim::FaultKind kind, const std::string& target, SimTime at, SimDuration duration) {
    sim::FaultSpec fault;
    fault.kind = kind;
    fault.target = target;
    fault.duration = duration;
    world.scheduleFault(at, fault);
}

void delay(sim::World& world, const std::string& link, double seconds) {
    sim::FaultSpec fault;
    fault.kind = sim::FaultKind::Delay;
    fault.target = link;
    fault.value = seconds;
    world.scheduleFault(SimTime{4s}, fault);
}

void crashWorkers(sim::World& world) {
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (process.name().starts_with("worker/") && process.isAlive()) {
            sim::FaultSpec fault;
            fault.kind = sim::FaultKind::Crash;
            fault.target = "process:" + process.name();
            world.injectFault(fault);
        }
    }
}

/// A scene is played without and with the bug.
void expectCaught(const char* invariant, const std::function<BookedChecker(bool)>& play) {
    const BookedChecker clean = play(false);
    const BookedChecker broken = play(true);
    lab::test::expectCaught(violationsOf(clean), statusOf(clean, invariant), statusOf(broken, invariant));
}

/// A producer with several requests in flight (its way to the brokers is long unless told), a group of two and, if
/// wanted, broken brokers.
BookedChecker playBrokers(const std::function<void(kafka::BrokerConfig&)>& adjust,
                          const std::vector<std::string>& slowLinks = {"link:app-b1", "link:app-b2", "link:app-b3"},
                          kafka::Acks acks = kafka::Acks::Leader) {
    ClientCluster cluster(4, 2, adjust);
    kafka::ProducerConfig producer;
    producer.acks = acks;
    cluster.addProducer(3000, 400, producer);
    kafka::GroupMemberConfig member;
    member.autoCommitInterval = 1s;
    cluster.addMember("a", 4s, member);
    cluster.addMember("b", 4s, member);
    for (const std::string& link : slowLinks) {
        delay(cluster.world, link, 0.05);
    }
    BookedChecker checker;
    watch(checker, cluster.world, 20);
    return checker;
}

BookedChecker playReaders(const kafka::BrokenClientRules& broken) {
    ClientCluster cluster(5, 2);
    kafka::ProducerConfig producer;
    producer.batchSize = 200;
    cluster.addProducer(12'000, 1500, producer);
    kafka::GroupMemberConfig member;
    member.consumer.broken = broken;
    member.workPerRecord = 2ms;
    member.maxPollRecords = 20;
    member.autoCommitInterval = 1s;
    cluster.addMember("a", 4s, member);
    cluster.addMember("b", 9s, member);
    BookedChecker checker;
    watch(checker, cluster.world, 25);
    return checker;
}

}  // namespace

/// Each class of fault on a record's way is planted once and found by the invariant that is there for it.
class TestPlantedRecords : public QObject {
    Q_OBJECT

private slots:
    void aBatchThatIsAppendedTwiceIsNoticed() {
        expectCaught("no-record-twice-without-cause", [](bool planted) {
            return playBrokers([&](kafka::BrokerConfig& config) { config.broken.appendTwice = planted; });
        });
    }

    void batchesThatAreAppendedTheWrongWayRoundAreNoticed_data() {
        QTest::addColumn<int>("acks");
        QTest::newRow("acknowledged by the leader") << static_cast<int>(kafka::Acks::Leader);
        QTest::newRow("never acknowledged") << static_cast<int>(kafka::Acks::None);
    }
    void batchesThatAreAppendedTheWrongWayRoundAreNoticed() {
        QFETCH(int, acks);
        expectCaught("records-in-order", [&](bool planted) {
            return playBrokers([&](kafka::BrokerConfig& config) { config.broken.swapBatches = planted; },
                               {"link:app-b1", "link:app-b2", "link:app-b3"}, static_cast<kafka::Acks>(acks));
        });
    }

    void aRecordThatIsAlteredByItsBrokerIsNoticed() {
        expectCaught("records-as-sent", [](bool planted) {
            return playBrokers([&](kafka::BrokerConfig& config) { config.broken.alterRecords = planted; });
        });
    }

    void aRecordInTheLogOfAnotherTopicIsNoticed() {
        expectCaught("records-as-sent", [](bool planted) {
            ClientCluster cluster(4, 2, [&](kafka::BrokerConfig& config) { config.broken.mixTopics = planted; });
            cluster.addProducer(1000, 300);
            addKeyedProducer(cluster, 1000, 300, {}, "bookings");
            BookedChecker checker;
            watch(checker, cluster.world, 12);
            return checker;
        });
    }

    /// A producer's process that crashes takes its records along, not what it has counted.
    void figuresThatAreForgottenAtARestartAreNoticed() {
        expectCaught("figures-never-fall", [](bool planted) {
            ClientCluster cluster(4, 2);
            kafka::ProducerConfig producer;
            producer.broken.forgetsCounts = planted;
            addKeyedProducer(cluster, 2000, 300, producer);
            cluster.crash("process:producer/orders", 8, 2);
            BookedChecker checker;
            watch(checker, cluster.world, 15);
            return checker;
        });
    }

    void anAcknowledgedRecordThatVanishesWithoutACauseIsNoticed() {
        expectCaught("losses-have-causes", [](bool planted) {
            return playBrokers([&](kafka::BrokerConfig& config) { config.broken.forgetAppends = planted; });
        });
    }

    void aReaderAboveTheHighWatermarkIsNoticed() {
        expectCaught("deliveries-in-order", [](bool planted) {
            return playBrokers([&](kafka::BrokerConfig& config) { config.broken.readAboveHighWatermark = planted; },
                               {"link:b1-b2", "link:b1-b3", "link:b2-b3"});
        });
    }

    void aCommitThatGoesBackIsNoticed() {
        expectCaught("commits-follow-deliveries", [](bool planted) {
            return playBrokers([&](kafka::BrokerConfig& config) { config.broken.commitBack = planted; });
        });
    }

    void theCommitOfAnOldGenerationIsNoticed() {
        expectCaught("commits-follow-deliveries", [](bool planted) {
            ClientCluster cluster(6, 2,
                                  [&](kafka::BrokerConfig& config) { config.broken.acceptAnyGeneration = planted; });
            cluster.addProducer(8000, 400);
            kafka::GroupMemberConfig member;
            member.autoCommitInterval = 1s;
            cluster.addMember("a", 4s, member);
            cluster.addMember("b", 4s, member);
            inject(cluster.world, sim::FaultKind::Pause, "process:group/readers/a", SimTime{14s}, 14s);
            BookedChecker checker;
            watch(checker, cluster.world, 35);
            return checker;
        });
    }

    void aRetryThatIsOvertakenIsNoticed() {
        expectCaught("records-in-order", [](bool planted) {
            ClientCluster cluster(7, 2);
            kafka::ProducerConfig producer;
            producer.maxInFlight = 1;
            producer.client.links.requestTimeout = 1s;
            producer.broken.retriesGoLast = planted;
            producer.batchSize = 200;
            cluster.addProducer(6000, 600, producer);
            cluster.crash("process:broker/1", 9, 4);
            BookedChecker checker;
            watch(checker, cluster.world, 40);
            return checker;
        });
    }

    void aKeyInTheWrongPartitionIsNoticed() {
        expectCaught("records-as-sent", [](bool planted) {
            ClientCluster cluster(8, 2);
            kafka::ProducerConfig producer;
            producer.broken.missesThePartition = planted;
            addKeyedProducer(cluster, 1000, 300, producer);
            BookedChecker checker;
            watch(checker, cluster.world, 12);
            return checker;
        });
    }

    void aBatchThatIsSentTwiceIsNoticed() {
        expectCaught("no-record-twice-without-cause", [](bool planted) {
            ClientCluster cluster(9, 2);
            kafka::ProducerConfig producer;
            producer.acks = kafka::Acks::Leader;
            producer.broken.sendsTwice = planted;
            cluster.addProducer(1000, 300, producer);
            BookedChecker checker;
            watch(checker, cluster.world, 12);
            return checker;
        });
    }

    void aReaderThatIsGivenABatchTwiceIsNoticed() {
        expectCaught("deliveries-in-order", [](bool planted) { return playReaders({.deliversTwice = planted}); });
    }
    void aReaderThatLeavesABatchOutIsNoticed() {
        expectCaught("deliveries-in-order", [](bool planted) { return playReaders({.skips = planted}); });
    }
    void aReaderThatIsGivenBatchesOutOfOrderIsNoticed() {
        expectCaught("deliveries-in-order", [](bool planted) { return playReaders({.swaps = planted}); });
    }
    void aReaderThatGoesOnAfterItsGroupTookThePartitionIsNoticed() {
        expectCaught("deliveries-in-order", [](bool planted) { return playReaders({.readsOnRevoked = planted}); });
    }
    void aCommitBeyondWhatWasDeliveredIsNoticed() {
        expectCaught("commits-follow-deliveries", [](bool planted) { return playReaders({.commitsAhead = planted}); });
    }

    void aSinkThatDoesNotDoWhatItSaysIsNoticed_data() {
        QTest::addColumn<int>("which");
        QTest::addRow("written twice") << 0;
        QTest::addRow("left out") << 1;
        QTest::addRow("answered before the commit") << 2;
    }
    void aSinkThatDoesNotDoWhatItSaysIsNoticed() {
        QFETCH(int, which);
        expectCaught("sinks-answer-truly", [&](bool planted) {
            ingest::BrokenSinkRules broken;
            broken.writeTwice = planted && which == 0;
            broken.leaveOut = planted && which == 1;
            broken.answerBeforeCommit = planted && which == 2;
            PipelineWorld pipeline(1, ingest::WriteMode::Once, broken);
            pipeline.addProducer(1000, 300);
            pipeline.submitAudit();
            BookedChecker checker;
            watch(checker, pipeline.world, 25);
            return checker;
        });
    }

    void aSinkThatForgetsWhatItHasWrittenIsNoticed() {
        expectCaught("once-is-once", [](bool planted) {
            ingest::BrokenSinkRules broken;
            broken.forgetSeen = planted;
            PipelineWorld pipeline(1, ingest::WriteMode::Once, broken);
            pipeline.addProducer(6000, 300);
            pipeline.submitAudit();
            BookedChecker checker;
            watch(checker, pipeline.world, 20);
            crashWorkers(pipeline.world);
            watch(checker, pipeline.world, 35);
            return checker;
        });
    }

    void aSpoutThatCommitsWhatIsNotAckedIsNoticed() {
        expectCaught("spouts-commit-what-is-acked", [](bool planted) {
            PipelineWorld pipeline(1);
            pipeline.brokenSpout.commitsAhead = planted;
            pipeline.addProducer(8000, 200);
            pipeline.submitAudit(60s);
            sim::FaultSpec slow;  // What is emitted is acked seconds later.
            slow.kind = sim::FaultKind::SlowDisk;
            slow.target = "host:db";
            slow.value = 2000;
            pipeline.world.scheduleFault(SimTime{20s}, slow);
            BookedChecker checker;
            watch(checker, pipeline.world, 50);
            return checker;
        });
    }

    void aSpoutThatForgetsItsReplaysWithItsWorkerIsNoticed() {
        expectCaught("deliveries-in-order", [](bool planted) {
            PipelineWorld pipeline(1);
            pipeline.brokenSpout.forgetsReplays = planted;
            pipeline.addProducer(20'000, 300);
            pipeline.submitAudit();
            BookedChecker checker;
            watch(checker, pipeline.world, 48);
            crashWorkers(pipeline.world);
            watch(checker, pipeline.world, 70);
            return checker;
        });
    }
};

QTEST_APPLESS_MAIN(TestPlantedRecords)
#include "tst_planted_records.moc"
