#include "tests/kafka/client_cluster.h"  // Before Qt, whose keyword `slots` it uses as a name.

#include <QtTest/QTest>

#include "engine/lab/checker.h"
#include "tests/lab/planted.h"

using namespace millrace;
using namespace millrace::lab;
using namespace millrace::lab::test;
using millrace::kafka::test::ClientCluster;
using namespace std::chrono_literals;

namespace {

void inject(sim::World& world, sim::FaultKind kind, const std::string& target, double value = 0) {
    sim::FaultSpec fault;
    fault.value = value;
    fault.kind = kind;
    fault.target = target;
    world.injectFault(fault);
}

void slowLinks(sim::World& world, double seconds) {
    for (const char* link : {"link:b1-b2", "link:b1-b3", "link:b2-b3"}) {
        inject(world, sim::FaultKind::Delay, link, seconds);
    }
}

const kafka::PartitionLog* logOf(const ClientCluster& cluster, int broker, int partition) {
    const kafka::ReplicaManager& replicas = cluster.broker(broker)->replicas();
    return &replicas.at(replicas.find({kafka::TopicName("access"), kafka::PartitionIndex{partition}})).log;
}

}  // namespace

class TestPlantedBugs : public QObject {
    Q_OBJECT

private slots:
    /// Broker 1 was away and comes back; before it has caught up, the leader it would catch up from dies.
    void electingOutsideTheInSyncSetLosesCommittedRecords() {
        const auto play = [](bool planted) {
            ClientCluster cluster(1, 1,
                                  [&](kafka::BrokerConfig& config) { config.broken.electOutsideInSyncSet = planted; });
            cluster.addProducer(6000, 200);
            Checker checker;
            cluster.crash("process:broker/1", 8, 11);
            cluster.crash("process:broker/2", 18.9, 30);
            watch(checker, cluster.world, 40);
            return checker;
        };
        const Checker clean = play(false);
        expectCaught(violationsOf(clean), statusOf(clean, "committed-records-stay"),
                     statusOf(play(true), "committed-records-stay"));
    }

    /// A follower that hears of a new leader cuts to its own high watermark, which trails; then the new leader dies
    /// too. Where unclean elections are allowed, these are none.
    void truncatingWithoutAnEpochCheckLosesCommittedRecords_data() {
        QTest::addColumn<bool>("allowsUnclean");
        QTest::newRow("clean elections only") << false;
        QTest::newRow("unclean elections allowed") << true;
    }
    void truncatingWithoutAnEpochCheckLosesCommittedRecords() {
        QFETCH(bool, allowsUnclean);
        const auto play = [&](bool planted) {
            ClientCluster cluster(2, 1, [&](kafka::BrokerConfig& config) {
                config.broken.truncateToHighWatermark = planted;
                config.uncleanLeaderElection = allowsUnclean;
            });
            kafka::ProducerConfig producer;
            producer.linger = 2ms;
            cluster.addProducer(40'000, 2000, producer);
            Checker checker;
            watch(checker, cluster.world, 6);
            slowLinks(cluster.world, 0.02);  // high watermarks of followers trail by a round trip
            watch(checker, cluster.world, 9);
            // An instant at which the leader knows records to be committed and neither follower has heard so.
            const auto trail = [&] {
                for (int p = 0; p < 6; ++p) {
                    const kafka::Partition* leads = cluster.leaderOf("access", p);
                    const kafka::Offset committed = leads->log.highWatermark();
                    if (leads->leader() == kafka::BrokerId{1} && logOf(cluster, 2, p)->highWatermark() < committed &&
                        logOf(cluster, 3, p)->highWatermark() < committed) {
                        return true;
                    }
                }
                return false;
            };
            for (int i = 0; i < 2000 && !trail(); ++i) {
                cluster.world.run(cluster.world.now() + 1ms);
            }
            inject(cluster.world, sim::FaultKind::Cut, "link:b1-b2");  // nor will it
            inject(cluster.world, sim::FaultKind::Cut, "link:b1-b3");
            checker.observe(cluster.world);
            // What the others have of the partitions that broker 1 led when it dies.
            std::map<std::pair<int, int>, kafka::Offset> ends;
            for (int p = 0; p < 6; ++p) {
                if (cluster.leaderOf("access", p)->leader() == kafka::BrokerId{1}) {
                    ends[{2, p}] = logOf(cluster, 2, p)->end();
                    ends[{3, p}] = logOf(cluster, 3, p)->end();
                }
            }
            inject(cluster.world, sim::FaultKind::Crash, "process:broker/1");
            // Another broker takes over; as soon as its follower has cut its log for it, or a moment later, it dies
            // too.
            const auto whoCut = [&] {
                for (const auto& [where, end] : ends) {
                    if (logOf(cluster, where.first, where.second)->end() < end) {
                        return where.first;
                    }
                }
                return 0;
            };
            const std::size_t before = cluster.journal("kafka.leader-elected").size();
            while (cluster.world.now() < SimTime{25s} && cluster.journal("kafka.leader-elected").size() == before) {
                cluster.world.run(cluster.world.now() + 1ms);
                checker.observe(cluster.world);
            }
            for (int i = 0; i < 1000 && whoCut() == 0; ++i) {
                cluster.world.run(cluster.world.now() + 100us);
            }
            inject(cluster.world, sim::FaultKind::Crash, whoCut() == 2 ? "process:broker/3" : "process:broker/2");
            watch(checker, cluster.world, 45);
            return checker;
        };
        const Checker clean = play(false);
        expectCaught(violationsOf(clean), statusOf(clean, "committed-records-stay"),
                     statusOf(play(true), "committed-records-stay"));
    }

    /// A leader that nobody copies any more dies with records of its own; the next one writes others in their place.
    void goingOnBehindWhatTheLeaderDoesNotHaveIsNoticed() {
        const auto play = [](bool planted) {
            ClientCluster cluster(5, 1, [&](kafka::BrokerConfig& config) { config.broken.neverTruncate = planted; });
            kafka::ProducerConfig producer;
            producer.acks = kafka::Acks::Leader;
            producer.batchSize = 1;  // a record each: the new leader's batches begin wherever the old ones do
            cluster.addProducer(12'000, 300, producer);
            Checker checker;
            watch(checker, cluster.world, 8);
            slowLinks(cluster.world, 2);
            watch(checker, cluster.world, 9.5);
            cluster.crash("process:broker/1", 9.5, 12);
            watch(checker, cluster.world, 10);
            slowLinks(cluster.world, 0);
            watch(checker, cluster.world, 45);
            return checker;
        };
        const Checker clean = play(false);
        expectCaught(violationsOf(clean), statusOf(clean, "replicas-agree"), statusOf(play(true), "replicas-agree"));
    }

    void aNewLeaderInTheEpochOfTheOneBeforeIsNoticed() {
        const auto play = [](bool planted) {
            ClientCluster cluster(6, 1, [&](kafka::BrokerConfig& config) { config.broken.keepLeaderEpoch = planted; });
            cluster.addProducer(3000, 200);
            Checker checker;
            cluster.crash("process:broker/1", 9, 10);
            watch(checker, cluster.world, 25);
            return checker;
        };
        const Checker clean = play(false);
        expectCaught(violationsOf(clean), statusOf(clean, "one-leader-per-epoch"),
                     statusOf(play(true), "one-leader-per-epoch"));
    }

    void acknowledgingBeforeReplicationIsNoticed() {
        const auto play = [](bool planted) {
            ClientCluster cluster(
                3, 2, [&](kafka::BrokerConfig& config) { config.broken.acknowledgeBeforeReplication = planted; });
            cluster.addProducer(4000, 500);
            Checker checker;
            watch(checker, cluster.world, 6);
            slowLinks(cluster.world, 0.1);
            watch(checker, cluster.world, 15);
            return checker;
        };
        const Checker clean = play(false);
        expectCaught(violationsOf(clean), statusOf(clean, "acknowledged-records-survive"),
                     statusOf(play(true), "acknowledged-records-survive"));
    }

    void twoOwnersInOneGenerationAreNoticed() {
        const auto play = [](bool planted) {
            ClientCluster cluster(4);
            cluster.addProducer(100, 100);
            for (const char* name : {"a", "b", "c"}) {
                kafka::GroupMemberConfig config;
                config.consumer.membership.assignsTwice = planted;
                cluster.addMember(name, 4s, config);
            }
            Checker checker;
            watch(checker, cluster.world, 25);
            return checker;
        };
        const Checker clean = play(false);
        expectCaught(violationsOf(clean), statusOf(clean, "one-owner-per-generation"),
                     statusOf(play(true), "one-owner-per-generation"));
    }

    void aPartitionWithoutAnOwnerIsNoticed() {
        const auto play = [](bool planted) {
            ClientCluster cluster(4);
            cluster.addProducer(100, 100);
            for (const char* name : {"a", "b", "c"}) {
                kafka::GroupMemberConfig config;
                config.consumer.membership.leavesOneOut = planted;
                cluster.addMember(name, 4s, config);
            }
            Checker checker;
            watch(checker, cluster.world, 25);
            return checker;
        };
        const Checker clean = play(false);
        expectCaught(violationsOf(clean), statusOf(clean, "one-owner-per-generation"),
                     statusOf(play(true), "one-owner-per-generation"));
    }
};

QTEST_APPLESS_MAIN(TestPlantedBugs)
#include "tst_planted_bugs.moc"
