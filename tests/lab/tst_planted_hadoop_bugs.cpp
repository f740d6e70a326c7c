#include <QtTest/QTest>

#include "tests/hadoop/hadoop_world.h"
#include "tests/lab/planted.h"

using namespace millrace;
using namespace millrace::lab;
using namespace millrace::lab::test;
using hadoop::testing::HadoopWorld;
using hadoop::testing::stored;
using hadoop::testing::words;

/// A scene with a small job or with blocks is played without and with a bug in the engine: one invariant notices it.
class TestPlantedHadoopBugs : public QObject {
    Q_OBJECT

    struct Found {
        InvariantStatus status;
        QString all;
    };
    using Plant = std::function<void(hadoop::BrokenRules&)>;
    using Scene = std::function<void(HadoopWorld&)>;

    static Found play(std::string_view invariant, bool onYarn, const Plant& plant, const Scene& scene,
                      double untilSeconds) {
        HadoopWorld hadoop(4, {stored("/in/a", words(120'000), 20'000)}, [&](hadoop::ClusterConfig& cluster) {
            plant(cluster.broken);
            cluster.mapreduce.heartbeatMin = std::chrono::seconds{3};
            if (onYarn) {
                hadoop::testing::onYarn(cluster);
            }
        });
        Checker checker;
        scene(hadoop);
        watch(checker, hadoop.world, untilSeconds);
        checker.finish(hadoop.world, false);
        return {statusOf(checker, invariant), violationsOf(checker)};
    }

    static void expectNoticed(std::string_view invariant, bool onYarn, const Plant& without, const Plant& with,
                              const Scene& scene, double untilSeconds) {
        const Found clean = play(invariant, onYarn, without, scene, untilSeconds);
        const Found broken = play(invariant, onYarn, with, scene, untilSeconds);
        expectCaught(clean.all, clean.status, broken.status);
    }

    /// Two, so that more than one is compared.
    static void wordCount(HadoopWorld& hadoop) {
        (void)hadoop.submit("wc", "wordcount");
        (void)hadoop.submit("again", "wordcount");
    }
    /// On YARN an attempt that asks has its leave and commits at once: two meet where the NameNode is far away.
    static void slowCommit(HadoopWorld& hadoop) {
        wordCount(hadoop);
        if (!hadoop.cluster->isYarn()) {
            return;
        }
        const auto isTwofold = [&] {
            const hadoop::AppMaster* master = hadoop.appMaster("wc");
            return master != nullptr && master->job().reduces()[0].running == 2;
        };
        QVERIFY(hadoop.runUntil(isTwofold, std::chrono::minutes{2}, std::chrono::milliseconds{50}));
        hadoop.fault(sim::FaultKind::Delay, "host:master", 2);
    }
    static void nothing(hadoop::BrokenRules& /*rules*/) {}

private slots:
    void aMapsOutputThatAReduceLosesIsNoticed_data() { frameworks(); }
    void aMapsOutputThatAReduceLosesIsNoticed() {
        QFETCH(bool, yarn);
        expectNoticed(
            "reduces-get-what-maps-gave", yarn, nothing,
            [](hadoop::BrokenRules& rules) { rules.reduceLosesARun = true; }, wordCount, 120);
    }

    void aResultThatLacksAMapsOutputIsNoticed() {
        expectNoticed(
            "jobs-equal-a-single-pass", false, nothing,
            [](hadoop::BrokenRules& rules) { rules.reduceLosesARun = true; }, wordCount, 120);
    }

    void aMapsOutputThatAReduceTakesTwiceIsNoticed_data() { frameworks(); }
    void aMapsOutputThatAReduceTakesTwiceIsNoticed() {
        QFETCH(bool, yarn);
        expectNoticed(
            "reduces-get-what-maps-gave", yarn, nothing,
            [](hadoop::BrokenRules& rules) { rules.reduceTakesARunTwice = true; }, wordCount, 120);
    }

    void aLineThatTwoMapsReadIsNoticed() {
        expectNoticed(
            "each-line-is-read-once", false, nothing, [](hadoop::BrokenRules& rules) { rules.splitsOverlap = true; },
            wordCount, 120);
    }

    void aTaskThatIsBegunForEverIsNoticed() {
        const auto scene = [](HadoopWorld& hadoop) {
            (void)hadoop.submit("wc", "wordcount");
            const auto begins = [&] {
                return hadoop.job("wc") != nullptr && hadoop.job("wc")->state() == hadoop::JobState::Running;
            };
            QVERIFY(hadoop.runUntil(begins, std::chrono::minutes{2}, std::chrono::milliseconds{100}));
            for (int i = 1; i < 150; ++i) {  // none of its tasks gets as far as its first line
                for (const char* child :
                     {"tt1-m0", "tt2-m0", "tt3-m0", "tt4-m0", "tt1-m1", "tt2-m1", "tt3-m1", "tt4-m1"}) {
                    sim::FaultSpec crash;
                    crash.kind = sim::FaultKind::Crash;
                    crash.target = std::string("process:child/") + child;
                    hadoop.world.scheduleFault(hadoop.world.now() + std::chrono::seconds{i}, crash);
                }
            }
        };
        expectNoticed(
            "attempts-are-bounded", false, nothing, [](hadoop::BrokenRules& rules) { rules.failsForEver = true; },
            scene, 200);
    }

    void twoAttemptsThatCommitAreNoticed_data() { frameworks(); }
    void twoAttemptsThatCommitAreNoticed() {
        QFETCH(bool, yarn);
        expectNoticed(
            "one-attempt-commits", yarn, [](hadoop::BrokenRules& rules) { rules.backsUpEverything = true; },
            [](hadoop::BrokenRules& rules) { rules.backsUpEverything = rules.everyoneCommits = true; }, slowCommit,
            300);
    }

    void aBlockThatStaysWithoutReplicasIsNoticed() {
        const auto scene = [](HadoopWorld& hadoop) {
            hadoop.run(std::chrono::seconds{10});
            hadoop.fault(sim::FaultKind::Crash, "process:datanode/dn2");
        };
        expectNoticed(
            "replicas-come-back", false, nothing, [](hadoop::BrokenRules& rules) { rules.forgetsReplicas = true; },
            scene, 3000);
    }

private:
    static void frameworks() {
        QTest::addColumn<bool>("yarn");
        QTest::newRow("classic") << false;
        QTest::newRow("yarn") << true;
    }
};

QTEST_APPLESS_MAIN(TestPlantedHadoopBugs)
#include "tst_planted_hadoop_bugs.moc"
