#include "tests/kafka/client_cluster.h"  // Before Qt, whose keyword `slots` it uses as a name.

#include <QtTest/QTest>

#include <array>

#include "engine/base/random.h"
#include "engine/lab/checker.h"
#include "engine/lab/worn_replicas.h"
#include "tests/lab/planted.h"

using namespace millrace;
using namespace millrace::lab;
using namespace millrace::lab::test;
using millrace::kafka::test::ClientCluster;
using namespace std::chrono_literals;

namespace {

void plan(ClientCluster& cluster, sim::FaultKind kind, const std::string& target, SimTime at, SimDuration duration) {
    sim::FaultSpec fault;
    fault.kind = kind;
    fault.target = target;
    fault.duration = duration;
    cluster.world.scheduleFault(at, fault);
}

/// One to five faults that meet brokers, coordination servers and the ways between them, a power loss among them.
void planFaults(ClientCluster& cluster, std::uint64_t seed) {
    RandomStream random(seed, "faults");
    constexpr std::array durations{50ms, 300ms, 2000ms, 9000ms, 25'000ms};
    const std::array<std::string, 6> hosts{"b1", "b2", "b3", "zk1", "zk2", "zk3"};
    const std::uint64_t count = 1 + random.below(5);
    for (std::uint64_t i = 0; i < count; ++i) {
        const SimTime at{std::chrono::milliseconds{6000 + random.below(18'000)}};
        const SimDuration duration = durations[random.below(durations.size())];
        const std::string broker = std::to_string(1 + random.below(3));
        const std::string& host = hosts[random.below(hosts.size())];
        const std::uint64_t kind = i == 0 ? 0 : random.below(6);
        if (kind <= 1) {
            plan(cluster, sim::FaultKind::Power, "host:b" + broker, at, duration);
        } else if (kind == 2) {
            plan(cluster, sim::FaultKind::Crash, "process:broker/" + broker, at, duration);
        } else if (kind == 3) {
            plan(cluster, sim::FaultKind::Pause, "process:broker/" + broker, at, duration);
        } else if (host != "b" + broker) {
            plan(cluster, sim::FaultKind::Cut, "link:b" + broker + "-" + host, at, duration);
        }
    }
}

}  // namespace

class TestPowerLoss : public QObject {
    Q_OBJECT

private slots:
    void whatAPowerLossMayTakeIsHeldAgainstNobody_data() {
        QTest::addColumn<int>("seed");
        // Those in which records are lost, one way or the other.
        for (const int seed : {18, 40, 53, 59, 80, 85, 849, 1378, 1463}) {
            QTest::addRow("seed %d", seed) << seed;
        }
        for (int seed = 2001; seed <= 2016; ++seed) {
            QTest::addRow("seed %d", seed) << seed;
        }
    }
    void whatAPowerLossMayTakeIsHeldAgainstNobody() {
        QFETCH(int, seed);
        ClientCluster cluster(static_cast<std::uint64_t>(seed));
        cluster.addProducer(9000, 300);
        planFaults(cluster, static_cast<std::uint64_t>(seed));
        Checker checker;
        watch(checker, cluster.world, 50);
        QCOMPARE(violationsOf(checker), QString{});
        QVERIFY(statusOf(checker, "acknowledged-records-survive").checked > 100);
        QVERIFY(statusOf(checker, "committed-records-stay").checked > 100);
    }

    /// The only broker that lost power left the in-sync set: whoever elects it loses what the others have.
    void aPowerLossExcusesNoElectionOutsideTheInSyncSet() {
        const auto play = [](bool planted) {
            ClientCluster cluster(1, 2,
                                  [&](kafka::BrokerConfig& config) { config.broken.electOutsideInSyncSet = planted; });
            cluster.addProducer(6000, 200);
            Checker checker;
            plan(cluster, sim::FaultKind::Power, "host:b1", SimTime{8s}, 11s);
            cluster.crash("process:broker/2", 18.9, 30);
            watch(checker, cluster.world, 40);
            return checker;
        };
        const Checker clean = play(false);
        const Checker broken = play(true);
        for (const char* name : {"committed-records-stay", "acknowledged-records-survive"}) {
            expectCaught(violationsOf(clean), statusOf(clean, name), statusOf(broken, name));
        }
    }

    /// Three replicas are in sync: one or two that lost power excuse nobody, the last one does, and so does a
    /// controller that was not there to see it.
    void theLastMemberOfTheInSyncSetIsExcusedAndNoneBefore() {
        ClientCluster cluster(1);
        cluster.addProducer(6000, 200);
        cluster.world.run(SimTime{8s});
        const kafka::TopicPartition partition{kafka::TopicName("access"), kafka::PartitionIndex{0}};
        const kafka::Partition* leads = cluster.leaderOf("access", 0);
        const kafka::BrokerId leader = leads->leader();
        const kafka::LeaderEpoch epoch = leads->leaderEpoch();
        QCOMPARE(leads->inSyncSet().size(), std::size_t{3});
        WornReplicas worn;
        const auto goesOn = [&] {
            worn.update(cluster.world, lookAtPartitions(cluster.world));
            return worn.excuses(partition, leader, epoch, epoch, false);
        };
        const auto losesPower = [&](kafka::BrokerId broker) {
            sim::FaultSpec fault;
            fault.kind = sim::FaultKind::Power;
            fault.target = "host:b" + std::to_string(broker.value);
            cluster.world.injectFault(fault);
        };
        QVERIFY(!goesOn());
        losesPower(leader);
        QVERIFY(!goesOn());
        QVERIFY(worn.isWorn(partition, leader));
        ClientCluster other = cluster;
        for (int id = 1; id <= 3; ++id) {
            if (kafka::BrokerId{id} != leader) {
                QVERIFY(!goesOn());
                losesPower(kafka::BrokerId{id});
            }
        }
        QVERIFY(goesOn());
        // Elsewhere all brokers crash, which loses nothing; the leader comes back to a controller that saw nothing.
        WornReplicas elsewhere;
        for (int id = 1; id <= 3; ++id) {
            plan(other, sim::FaultKind::Crash, "process:broker/" + std::to_string(id), SimTime{8s}, 3s);
        }
        other.world.run(SimTime{9s});
        elsewhere.update(other.world, lookAtPartitions(other.world));
        QVERIFY(elsewhere.isWorn(partition, leader));
        QVERIFY(!elsewhere.excuses(partition, leader, epoch, epoch, false));
        const std::size_t before = other.journal("kafka.controller-elected").size();
        while (other.journal("kafka.controller-elected").size() == before) {
            other.world.run(other.world.now() + 1ms);
        }
        elsewhere.update(other.world, lookAtPartitions(other.world));
        QVERIFY(elsewhere.excuses(partition, leader, epoch, epoch, false));
    }
};

QTEST_APPLESS_MAIN(TestPowerLoss)
#include "tst_power_loss.moc"
