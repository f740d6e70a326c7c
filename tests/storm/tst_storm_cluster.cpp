#include <QTest>

#include <algorithm>
#include <set>

#include "engine/storm/describe.h"
#include "engine/storm/waits.h"
#include "engine/zookeeper/server_actor.h"
#include "tests/storm/storm_world.h"

using namespace millrace;
using namespace millrace::storm;
using namespace millrace::storm::testing;

namespace {

/// numbers -> relay (copies) -> record, over two workers.
TopologySpec relaySpec(std::int64_t count, std::int64_t perSecond, StepConfig last = {}) {
    TopologySpec spec;
    spec.name = "relay";
    spec.config.workers = 2;
    ComponentSpec spout;
    spout.id = "numbers";
    spout.spout = numbers(count, perSecond);
    ComponentSpec relay;
    relay.id = "relay";
    relay.bolt = step({3, 0, 0, {}});
    relay.executors = 2;
    relay.inputs = {{"numbers"}};
    ComponentSpec record;
    record.id = "record";
    record.bolt = step(last);
    record.executors = 2;
    record.inputs = {{"relay", "default", GroupingKind::Fields, {"number"}}};
    spec.components = {spout, relay, record};
    return spec;
}

}  // namespace

class TestStormCluster : public QObject {
    Q_OBJECT
private slots:
    void everyTupleReachesItsTasksAndEveryTreeCloses_data() {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 4; ++seed) {
            QTest::addRow("seed %llu", static_cast<unsigned long long>(seed)) << seed;
        }
    }
    void everyTupleReachesItsTasksAndEveryTreeCloses() {
        QFETCH(quint64, seed);
        StormWorld storm(2, seed);
        storm.submit(compiled(relaySpec(2'000, 500)));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        QVERIFY(storm.runUntil([&] { return storm.spout("numbers")->acks().size() == 2'000; }, 20s));
        for (const auto& [number, times] : storm.seenBy("record")) {
            QCOMPARE(times, 3);
        }
        QCOMPARE(storm.seenBy("record").size(), 2'000U);
        for (const auto& [number, acks] : storm.spout("numbers")->acks()) {
            QCOMPARE(acks, 1);
        }
        const ExecutorFigures figures = storm.executors("numbers")[0]->figures();
        QCOMPARE(figures.acked, 2'000U);
        QCOMPARE(figures.failed, 0U);
        std::uint64_t acks = 0;
        for (const Executor* acker : storm.executors("__acker")) {
            acks += acker->figures().executed;
            QCOMPARE(acker->pending(), 0U);
        }
        QCOMPARE(acks, 2'000U * (1 + 1 + 3));  // init, relay, three records
    }

    void sameSeedGivesTheSameFingerprintAndCheckpointsDoNotMatter() {
        const auto build = [](std::uint64_t seed) {
            auto storm = std::make_unique<StormWorld>(2, seed);
            storm->submit(compiled(relaySpec(1'000, 500, {0, 50, 0, {}})));
            return storm;
        };
        const auto first = build(5);
        first->run(30s);
        const auto second = build(5);
        second->run(20s);
        sim::World middle = second->world;
        middle.run(atNanoseconds(30'000'000'000));
        second->run(10s);
        QCOMPARE(second->world.fingerprint(), first->world.fingerprint());
        QCOMPARE(middle.fingerprint(), first->world.fingerprint());
        const auto other = build(6);
        other->run(30s);
        QVERIFY(other->world.fingerprint() != first->world.fingerprint());
    }

    /// With T = 10 s a tuple that nobody acks fails between 10 and 20 s after its emit, and is emitted again.
    void stuckTuplesFailBetweenOnceAndTwiceTheTimeout_data() { everyTupleReachesItsTasksAndEveryTreeCloses_data(); }
    void stuckTuplesFailBetweenOnceAndTwiceTheTimeout() {
        QFETCH(quint64, seed);
        StormWorld storm(2, seed);
        TopologySpec spec = relaySpec(1'500, 100, {0, 100, 0, {}});
        spec.config.messageTimeout = 10s;
        storm.submit(compiled(spec));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        QVERIFY(storm.runUntil([&] { return storm.spout("numbers")->acks().size() == 1'500; }, 60s));
        const auto& ages = storm.spout("numbers")->failureAges();
        QCOMPARE(ages.size(), 15U);
        SimDuration least = ages.front();
        SimDuration most = ages.front();
        for (const SimDuration age : ages) {
            QVERIFY2(age >= 10s && age <= 20s, qPrintable(QString::number(seconds(age))));
            least = std::min(least, age);
            most = std::max(most, age);
        }
        QVERIFY(most - least > 3s);  // Not all at the same age: the tick turns buckets, it is no timer of each tuple.
        QCOMPARE(storm.entries("storm.tuple-timed-out").size(), 15U);
        QCOMPARE(storm.entries("storm.tuple-timed-out")[0]->field("position"), std::string_view{"0"});
        QCOMPARE(storm.executors("numbers")[0]->figures().replayed, 15U);
        QCOMPARE(storm.seenBy("record").at(100), 1 + 3 + 2);  // held once, and its two siblings; then all three again
    }

    void failedTuplesComeAgainAtOnce() {
        StormWorld storm(2, 3);
        storm.submit(compiled(relaySpec(500, 500, {0, 0, 100, {}})));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        QVERIFY(storm.runUntil([&] { return storm.spout("numbers")->acks().size() == 500; }, 5s));
        QCOMPARE(storm.spout("numbers")->failureAges().size(), 5U);
        QVERIFY(storm.spout("numbers")->failureAges().front() < 1s);
    }

    void maxSpoutPendingLimitsOpenTrees() {
        StormWorld storm(2, 3);
        TopologySpec spec = relaySpec(3'000, 2'000, {0, 0, 0, 2ms});
        spec.config.maxSpoutPending = 10;
        storm.submit(compiled(spec));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        std::uint64_t most = 0;
        for (int i = 0; i < 500; ++i) {
            storm.run(1ms);
            most = std::max(most, storm.executors("numbers")[0]->pending());
        }
        QCOMPARE(most, 10U);
        QVERIFY(storm.runUntil([&] { return storm.spout("numbers")->acks().size() == 3'000; }, 60s));
    }

    void shuffledTuplesLeaveNoWorkerThatHasATaskForThem_data() {
        QTest::addColumn<bool>("isLoadAware");
        QTest::newRow("load-aware") << true;
        QTest::newRow("as before Storm 1") << false;
    }
    void shuffledTuplesLeaveNoWorkerThatHasATaskForThem() {
        QFETCH(bool, isLoadAware);
        StormWorld storm(2, 3);
        TopologySpec spec = relaySpec(2'000, 500);
        spec.config.disableLoadAware = !isLoadAware;
        storm.submit(compiled(spec));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        QVERIFY(storm.runUntil([&] { return storm.spout("numbers")->acks().size() == 2'000; }, 20s));
        std::vector<std::uint64_t> shares;
        for (const Executor* relay : storm.executors("relay")) {
            shares.push_back(relay->figures().executed);
        }
        std::sort(shares.begin(), shares.end());
        QCOMPARE(shares,
                 (isLoadAware ? std::vector<std::uint64_t>{0, 2'000} : std::vector<std::uint64_t>{1'000, 1'000}));
    }

    /// The relay beside the spout takes 5 ms a tuple and 1,000 come each second: its queue fills, and the other one, in
    /// another worker, is asked to help.
    void shuffleGoesToOtherWorkersWhenItsOwnFallsBehind() {
        StormWorld storm(2, 3);
        TopologySpec spec = relaySpec(8'000, 1'000);
        spec.components[1].bolt = step({1, 0, 0, 5ms});
        spec.config.receiveBufferSize = 500;
        storm.submit(compiled(spec));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        storm.run(20s);
        for (const Executor* relay : storm.executors("relay")) {
            QVERIFY2(relay->figures().executed > 500, qPrintable(QString::number(relay->figures().executed)));
        }
        QVERIFY(storm.runUntil([&] { return storm.spout("numbers")->acks().size() == 8'000; }, 60s));
    }

    /// Storm sends no ticks to ackers either when time-outs are off: what takes longer than three of them is acked.
    void withoutTimeoutsATreeIsFollowedUntilItEnds() {
        StormWorld storm(2, 3);
        TopologySpec spec = relaySpec(500, 100);
        spec.config.messageTimeout = 2s;
        spec.config.enableMessageTimeouts = false;
        storm.submit(compiled(spec));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        storm.run(1s);
        for (const std::string& name : storm.liveWorkers()) {
            if (storm.world.findActor<SpoutExecutor>(name + "/numbers-3") == nullptr) {
                storm.fault(sim::FaultKind::Pause, "process:" + name);
                storm.run(12s);
                storm.fault(sim::FaultKind::Resume, "process:" + name);
            }
        }
        QVERIFY(storm.runUntil([&] { return storm.spout("numbers")->acks().size() == 500; }, 20s));
        QCOMPARE(storm.spout("numbers")->failureAges().size(), 0U);
    }

    /// topology.worker.timeout.secs: both daemons take the longer one, their own or the topology's.
    void topologyCanMakeItsDaemonsMorePatientAndNeverLess_data() {
        QTest::addColumn<int>("own");
        QTest::addColumn<int>("limit");
        QTest::newRow("longer") << 60 << 60;
        QTest::newRow("shorter") << 5 << 30;
        QTest::newRow("longer than worker.max.timeout.secs") << 900 << 90;
    }
    void topologyCanMakeItsDaemonsMorePatientAndNeverLess() {
        QFETCH(int, own);
        QFETCH(int, limit);
        StormWorld storm(2, 9, [](ClusterConfig& config) { config.workerMaxTimeout = 90s; });
        TopologySpec spec = relaySpec(1'000'000, 20);
        spec.config.workerTimeout = std::chrono::seconds{own};
        storm.submit(compiled(spec));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        storm.run(140s - (storm.world.now() - SimTime{}));  // past the launch grace
        storm.fault(sim::FaultKind::Pause, "process:" + storm.liveWorkers()[0]);
        storm.run(std::chrono::seconds{limit} - 2s);
        QCOMPARE(storm.entries("storm.worker-silent").size(), 0U);
        QCOMPARE(storm.entries("storm.tasks-dead").size(), 0U);
        storm.run(14s);
        QVERIFY(storm.entries("storm.worker-silent").size() + storm.entries("storm.tasks-dead").size() > 0);
    }

    void topologyStandsAsActiveOnceNimbusHasIt() {
        StormWorld storm(2, 3);
        const auto status = [&] {
            observe::StormView view;
            describe(storm.world, view);
            return QString::fromStdString(view.topologies.at(0).status);
        };
        storm.submit(compiled(relaySpec(1'000'000, 20)));
        storm.run(1ms);
        QCOMPARE(status(), QStringLiteral("NOT SUBMITTED"));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        QCOMPARE(status(), QStringLiteral("ACTIVE"));
        storm.fault(sim::FaultKind::Crash, "process:nimbus");
        storm.run(1s);
        QCOMPARE(status(), QStringLiteral("ACTIVE"));
    }

    void refusedTopologyIsNamedAndHandedOverAgain() {
        StormWorld storm(2, 3);
        storm.fault(sim::FaultKind::FullDisk, "host:master");
        storm.submit(compiled(relaySpec(1'000'000, 20)));
        storm.run(60s);
        observe::StormView view;
        describe(storm.world, view);
        QCOMPARE(QString::fromStdString(view.topologies.at(0).status), QStringLiteral("REFUSED"));
        QCOMPARE(storm.entries("storm.submission-refused").size(), 1U);
        const std::vector<observe::WaitView> waits = describeWaits(storm.world, view);
        QVERIFY(std::any_of(waits.begin(), waits.end(),
                            [](const observe::WaitView& wait) { return wait.brief == "was refused by Nimbus"; }));
        storm.fault(sim::FaultKind::FreeDisk, "host:master");
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
    }

    void topologyWhoseNodeWasBeingWrittenAsNimbusLostItsSessionIsSubmittedAgain() {
        StormWorld storm(2, 3);
        storm.run(5s);
        storm.fault(sim::FaultKind::Cut, "host:zk");
        storm.submit(compiled(relaySpec(1'000'000, 20)));
        storm.run(60s);
        QCOMPARE(storm.entries("storm.topology-submitted").size(), 0U);
        storm.fault(sim::FaultKind::Heal, "host:zk");
        QVERIFY(storm.runUntil([&] { return !storm.entries("zookeeper.session-expired").empty(); }, 60s));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 120s));
    }

    void slowBoltHoldsUpTheSpoutThroughItsQueue() {
        StormWorld storm(2, 4);
        TopologySpec spec = relaySpec(20'000, 5'000, {0, 0, 0, 1ms});
        spec.config.receiveBufferSize = 200;
        storm.submit(compiled(spec));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        storm.run(3s);
        // 2 tasks at 1 ms a tuple, three tuples a number: about 666 numbers a second can pass, 5,000 are offered.
        QVERIFY2(storm.spout("numbers")->emitted() < 4'500,
                 qPrintable(QString::number(storm.spout("numbers")->emitted())));
        QVERIFY(storm.spout("numbers")->emitted() > 1'000);
        QVERIFY(storm.runUntil([&] { return storm.spout("numbers")->acks().size() == 20'000; }, 60s));
    }

    void supervisorDaemonsDeathMovesNothing_data() { everyTupleReachesItsTasksAndEveryTreeCloses_data(); }
    void supervisorDaemonsDeathMovesNothing() {
        QFETCH(quint64, seed);
        StormWorld storm(3, seed);
        storm.submit(compiled(relaySpec(1'000'000, 20)));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        const auto workers = storm.liveWorkers();
        storm.fault(sim::FaultKind::Crash, "process:supervisor/s1");
        storm.run(200s);
        QCOMPARE(storm.entries("storm.tasks-dead").size(), 0U);
        QCOMPARE(storm.entries("storm.reassigned").size(), 0U);
        QVERIFY(storm.liveWorkers() == workers);
        QVERIFY(storm.spout("numbers")->acks().size() > 3'800);
        storm.fault(sim::FaultKind::Restart, "process:supervisor/s1");
        storm.run(60s);
        QVERIFY(storm.liveWorkers() == workers);
        QCOMPARE(storm.entries("storm.worker-started").size(), 2U);
        const auto* supervisor = storm.world.findActor<Supervisor>("supervisor/s1/daemon");
        QCOMPARE(supervisor->slotEntries().begin()->second.state, Supervisor::SlotState::Running);
    }

    void crashedWorkerStartsAgainOnItsPortAndItsTuplesAreReplayed_data() {
        everyTupleReachesItsTasksAndEveryTreeCloses_data();
    }
    void crashedWorkerStartsAgainOnItsPortAndItsTuplesAreReplayed() {
        QFETCH(quint64, seed);
        StormWorld storm(2, seed);
        TopologySpec spec = relaySpec(4'000, 200);
        spec.config.messageTimeout = 10s;
        storm.submit(compiled(spec));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        storm.run(2s);
        // The worker without the spout.
        const auto workers = storm.liveWorkers();
        QCOMPARE(workers.size(), 2U);
        std::string victim;
        for (const std::string& name : workers) {
            if (storm.world.findActor<SpoutExecutor>(name + "/numbers-3") == nullptr) {
                victim = name;
            }
        }
        QVERIFY(!victim.empty());
        storm.fault(sim::FaultKind::Crash, "process:" + victim);
        storm.run(10s);
        QCOMPARE(storm.liveWorkers().size(), 2U);
        QVERIFY(storm.liveWorkers() == workers);
        QCOMPARE(storm.entries("storm.reassigned").size(), 0U);
        QVERIFY(storm.runUntil([&] { return storm.spout("numbers")->acks().size() == 4'000; }, 60s));
        const auto timedOut = storm.entries("storm.tuple-timed-out");
        QVERIFY(!timedOut.empty());
        for (const auto* entry : timedOut) {
            QCOMPARE(storm.rootCause(entry)->kind, std::string_view{"sim.fault-injected"});
        }
        QCOMPARE(storm.rootCause(storm.entries("storm.worker-exited")[0])->kind,
                 std::string_view{"sim.fault-injected"});
    }

    void countsOfWorkersThatAreGoneStayInTheTotals() {
        StormWorld storm(3, 5);
        storm.submit(compiled(relaySpec(1'000'000, 20)));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        storm.run(60s);
        const auto look = [&] {
            observe::StormView view;
            describe(storm.world, view);
            std::map<std::string, std::vector<std::int64_t>> counts;
            for (const observe::ComponentView& each : view.topologies[0].components) {
                counts[each.name] = {each.emitted, each.transferred, each.executed, each.acked, each.failed};
            }
            return counts;
        };
        auto before = look();
        QVERIFY(before["record"][2] > 1000);
        // Each worker crashes in turn, and at last a host goes with what runs there: it is all started elsewhere.
        const std::vector<std::string> workers = storm.liveWorkers();
        for (const std::string& worker : workers) {
            storm.fault(sim::FaultKind::Crash, "process:" + worker);
            for (int i = 0; i < 3; ++i) {
                const auto after = look();
                for (const auto& [component, counts] : before) {
                    for (std::size_t which = 0; which < counts.size(); ++which) {
                        // At most what 100 ms hold of 20 tuples a second, at each death.
                        QVERIFY2(after.at(component)[which] >= counts[which] - 10, component.c_str());
                        QVERIFY2(after.at(component)[which] <= counts[which] + 20 * 70 * 5, component.c_str());
                    }
                }
                storm.run(i == 0 ? 50ms : 30s);
            }
            before = look();
        }
        const std::int64_t acked = before["numbers"][3];
        const auto emitted = static_cast<std::int64_t>((storm.world.now() - SimTime{}) / 1s) * 20;
        QVERIFY2(acked > 1000 && acked <= emitted * 2, std::to_string(acked).c_str());
    }

    void lostNodesExecutorsMoveAndTheOthersStay_data() { everyTupleReachesItsTasksAndEveryTreeCloses_data(); }
    void lostNodesExecutorsMoveAndTheOthersStay() {
        QFETCH(quint64, seed);
        StormWorld storm(3, seed);
        storm.submit(compiled(relaySpec(1'000'000, 20)));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        const Assignment before = storm.nimbus()->topologies().begin()->second.assignment;
        const std::string lost = before.executors.at({TaskId{1}, TaskId{1}}).slot.node;
        storm.run(130s - (storm.world.now() - SimTime{}));  // past the launch grace
        storm.fault(sim::FaultKind::Power, "host:node" + lost.substr(1));
        const SimTime at = storm.world.now();
        QVERIFY(storm.runUntil([&] { return !storm.entries("storm.reassigned").empty(); }, 60s));
        const SimDuration took = storm.world.now() - at;
        QVERIFY2(took >= 29s && took <= 42s, qPrintable(QString::number(seconds(took))));
        const Assignment after = storm.nimbus()->topologies().begin()->second.assignment;
        for (const auto& [executor, place] : before.executors) {
            const Assignment::Place now = after.executors.at(executor);
            if (place.slot.node == lost) {
                QVERIFY(now.slot.node != lost);
                QVERIFY(now.since > place.since);
            } else {
                QVERIFY(now == place);
            }
        }
        const auto dead = storm.entries("storm.tasks-dead");
        QCOMPARE(dead.size(), 1U);
        QCOMPARE(storm.rootCause(dead[0])->kind, std::string_view{"sim.fault-injected"});
        QCOMPARE(storm.rootCause(storm.entries("storm.reassigned")[0])->kind, std::string_view{"sim.fault-injected"});
        storm.run(30s);
        QCOMPARE(storm.liveWorkers().size(), 2U);
        QVERIFY(storm.allSpoutsOpen(1));
    }

    void deadNimbusStopsNothingAndARestartedOneGoesOn_data() { everyTupleReachesItsTasksAndEveryTreeCloses_data(); }
    void deadNimbusStopsNothingAndARestartedOneGoesOn() {
        QFETCH(quint64, seed);
        StormWorld storm(3, seed, [](ClusterConfig& config) { config.heartbeatsMaxTimeout = 60s; });
        storm.submit(compiled(relaySpec(1'000'000, 20)));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        const Assignment before = storm.nimbus()->topologies().begin()->second.assignment;
        const std::string lost = before.executors.at({TaskId{1}, TaskId{1}}).slot.node;
        std::string lostHost = "host:node" + lost.substr(1);
        storm.run(140s - (storm.world.now() - SimTime{}));
        storm.fault(sim::FaultKind::Crash, "process:nimbus");
        storm.run(30s);
        const auto* spout = storm.spout("numbers");
        QVERIFY(static_cast<std::int64_t>(spout->acks().size()) > spout->emitted() - 10);
        storm.fault(sim::FaultKind::Power, lostHost);
        storm.run(60s);
        QCOMPARE(storm.entries("storm.reassigned").size(), 0U);  // Nobody is there to decide.
        storm.fault(sim::FaultKind::Restart, "process:nimbus");
        const SimTime back = storm.world.now();
        QVERIFY(storm.runUntil([&] { return !storm.entries("storm.nimbus-recovered").empty(); }, 30s));
        QVERIFY(storm.runUntil([&] { return !storm.entries("storm.reassigned").empty(); }, 120s));
        QVERIFY(storm.world.now() - back >= 60s);  // It waited for the lost node's heartbeats.
        const Assignment after = storm.nimbus()->topologies().begin()->second.assignment;
        for (const auto& [executor, place] : before.executors) {
            QCOMPARE(after.executors.at(executor) == place, place.slot.node != lost);
        }
        QCOMPARE(storm.rootCause(storm.entries("storm.tasks-dead")[0])->field("target"), std::string_view{lostHost});
    }

    void silentWorkerIsKilledAndStartedAgain() {
        StormWorld storm(2, 9);
        storm.submit(compiled(relaySpec(1'000'000, 20)));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        const std::string victim = storm.liveWorkers()[0];
        storm.fault(sim::FaultKind::Pause, "process:" + victim);
        storm.run(28s);
        QCOMPARE(storm.entries("storm.worker-silent").size(), 0U);
        storm.run(12s);
        QCOMPARE(storm.entries("storm.worker-silent").size(), 1U);
        QCOMPARE(storm.entries("storm.worker-started").size(), 3U);
    }

    /// What is under way when a connection goes is answered by nobody: it may have been done or not.
    void aConnectionLostAtAnyMomentOfTheStartOnlyDelaysIt_data() {
        QTest::addColumn<bool>("withNimbus");
        QTest::newRow("Nimbus comes to lead and assigns") << true;
        QTest::newRow("a supervisor registers where Nimbus has made nothing yet") << false;
    }
    void aConnectionLostAtAnyMomentOfTheStartOnlyDelaysIt() {
        QFETCH(bool, withNimbus);
        StormWorld storm(1, 7);
        storm.world.run(SimTime{1ms});
        storm.fault(sim::FaultKind::Crash, withNimbus ? "process:supervisor/s1" : "process:nimbus");
        while (storm.entries("zookeeper.session-created").empty()) {
            storm.run(50us);
        }
        for (int i = 0; i < 60; ++i) {
            storm.run(100us);
            StormWorld copy = storm;
            copy.fault(sim::FaultKind::Crash, "process:zookeeper/zk1");
            copy.run(100ms);
            copy.fault(sim::FaultKind::Restart, "process:zookeeper/zk1");
            copy.run(40s);
            if (withNimbus) {
                QVERIFY2(copy.nimbus()->isLeader(), qPrintable(QString::number(i)));
            } else {
                const auto* server = copy.world.findActor<zookeeper::Server>("zookeeper/zk1/server");
                QVERIFY2(server->tree().find(paths::under(paths::supervisors, "s1")) != nullptr,
                         qPrintable(QString::number(i)));
            }
        }
    }

    /// Storm allows cycles: what comes back is one more tuple of the same tree.
    void tuplesMayComeBackToABolt() {
        TopologySpec spec = relaySpec(20, 20);
        spec.components[1].inputs = {{"numbers"}, {"record"}};
        spec.components[2].bolt = step({0, 0, 0, {}});
        StormWorld storm(2, 3);
        storm.submit(compiled(spec));
        QVERIFY(storm.runUntil([&] { return storm.allSpoutsOpen(1); }, 60s));
        QVERIFY(storm.runUntil([&] { return storm.spout("numbers")->acks().size() == 20; }, 20s));

        spec.components[1].inputs = {{"relay"}, {"numbers"}};  // to itself
        QVERIFY(compileTopology(spec));
        spec.components[1].inputs = {{"record"}};
        const auto islands = compileTopology(spec);
        QVERIFY(!islands);
        QCOMPARE(islands.error().size(), 2U);
        QCOMPARE(islands.error()[0].component, std::string{"record"});
        QCOMPARE(islands.error()[0].message,
                 std::string{"no tuple ever comes in: its inputs form a cycle into which no spout leads"});
    }

    void badTopologiesAreRefusedWithEveryComplaint() {
        TopologySpec spec = relaySpec(1, 1);
        spec.components[1].inputs = {{"nobody"}};
        spec.components[2].inputs[0].fields = {"colour"};
        spec.components[2].id = "__record";
        const auto result = compileTopology(spec);
        QVERIFY(!result);
        QStringList texts;
        for (const auto& complaint : result.error()) {
            texts << QString::fromStdString(complaint.component + ": " + complaint.message);
        }
        QCOMPARE(texts.join(QLatin1Char('\n')),
                 QStringLiteral("__record: component id '__record' is empty or starts with __"));
        spec.components[2].id = "record";
        const auto second = compileTopology(spec);
        QCOMPARE(second.error().size(), 1U);
        QCOMPARE(second.error()[0].message, std::string{"there is no component 'nobody'"});
        spec.components[1].inputs = {{"numbers"}};
        const auto third = compileTopology(spec);
        spec.components[1].tasks = 9'998;  // and two others, two ackers
        const auto fourth = compileTopology(spec);
        QCOMPARE(
            QString::fromStdString(fourth.error()[0].message),
            QStringLiteral("its components have 10003 tasks in all, ackers included, and more than 10000 are not run"));
        QCOMPARE(third.error()[0].message,
                 std::string{"stream 'default' of 'relay' has no field 'colour'; it has number"});
    }
};

QTEST_APPLESS_MAIN(TestStormCluster)
#include "tst_storm_cluster.moc"
