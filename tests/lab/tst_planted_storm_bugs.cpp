#include "tests/storm/pipeline_world.h"  // Before Qt, whose keyword `slots` is a name in there.

#include <QtTest/QTest>

#include "engine/lab/checker.h"
#include "tests/lab/planted.h"

using namespace millrace;
using namespace millrace::lab;
using namespace millrace::lab::test;
using millrace::storm::testing::PipelineWorld;

class TestPlantedStormBugs : public QObject {
    Q_OBJECT

private slots:
    /// A tree of which the acker was not told an edge is declared complete while a tuple of it is under way.
    void anAckerThatDropsAnEdgeIsNoticed() {
        const auto play = [](bool planted) {
            PipelineWorld pipeline(1);
            pipeline.addProducer(3000, 300);
            storm::BrokenRules broken;
            broken.dropEdge = planted;
            pipeline.submitAudit(30s, broken);
            Checker checker;
            watch(checker, pipeline.world, 40);
            return checker;
        };
        const Checker clean = play(false);
        expectCaught(violationsOf(clean), statusOf(clean, "tuples-acked-or-replayed"),
                     statusOf(play(true), "tuples-acked-or-replayed"));
    }

    void aFieldsGroupingThatMissesItsTaskIsNoticed() {
        const auto play = [](bool planted) {
            PipelineWorld pipeline(1);
            pipeline.addProducer(3000, 300);
            storm::BrokenRules broken;
            broken.missTask = planted;
            pipeline.submitAudit(30s, broken);
            Checker checker;
            watch(checker, pipeline.world, 30);
            return checker;
        };
        const Checker clean = play(false);
        expectCaught(violationsOf(clean), statusOf(clean, "groupings-reach-their-tasks"),
                     statusOf(play(true), "groupings-reach-their-tasks"));
    }

    void anAllGroupingThatLeavesATaskOutIsNoticed() {
        const auto play = [](bool planted) {
            PipelineWorld pipeline(1);
            pipeline.countsAtAll = true;
            pipeline.addProducer(3000, 300);
            storm::BrokenRules broken;
            broken.leaveTaskOut = planted;
            pipeline.submitAudit(30s, broken);
            Checker checker;
            watch(checker, pipeline.world, 30);
            return checker;
        };
        const Checker clean = play(false);
        expectCaught(violationsOf(clean), statusOf(clean, "groupings-reach-their-tasks"),
                     statusOf(play(true), "groupings-reach-their-tasks"));
    }

    /// All that holds without a fault holds with a worker that crashes and a broker that is lost for a while.
    void faultsBreakNoInvariant() {
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            PipelineWorld pipeline(seed);
            pipeline.addProducer(4000, 200);
            pipeline.submitAudit(10s);
            BookedChecker checker;
            pipeline.crash("process:broker/2", 14, 12);
            pipeline.crash("process:zookeeper/zk3", 20, 5);
            watch(checker, pipeline.world, 60);
            QCOMPARE(violationsOf(checker), QString{});
            std::string unchecked;
            for (const InvariantStatus& status : checker.status()) {
                const bool needsMore = status.name == "effects-carried-out-once" ||
                                       status.name == "one-owner-per-generation" ||
                                       status.name == "sequence-numbers-once" || needsOtherSystems(status.name);
                unchecked += needsMore || status.checked > 1 ? "" : status.name + " ";
            }
            QVERIFY2(unchecked.empty(), unchecked.c_str());
        }
    }
};

QTEST_APPLESS_MAIN(TestPlantedStormBugs)
#include "tst_planted_storm_bugs.moc"
