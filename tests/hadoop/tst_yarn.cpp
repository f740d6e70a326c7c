#include <QtTest/QTest>
#include <algorithm>
#include <set>

#include "tests/hadoop/hadoop_world.h"

using namespace millrace;
using namespace millrace::hadoop;
using namespace millrace::hadoop::testing;
using sim::FaultKind;

namespace {

bool equalsSinglePass(const HadoopWorld& hadoop, const JobSpec& job, std::string_view text) {
    return hadoop.output(job.output) == sortedLines(singlePass(text, job));
}

/// A job of some 30 maps that is half way through them.
struct HalfWay {
    std::string text = words(600'000);
    HadoopWorld hadoop{4, {stored("/in/a", text, 20'000)}, onYarn};
    JobRef job;

    explicit HalfWay(const std::function<void(JobSpec&)>& adjust = {}, JobOrder order = {}) {
        job = hadoop.submit("wc", "wordcount", adjust, std::move(order));
    }
    bool run() {
        return hadoop.runUntil(
            [&] { return hadoop.appMaster("wc") != nullptr && hadoop.appMaster("wc")->job().mapTotals().done > 12; },
            10min, 100ms);
    }
};

/// No task has failed more often than it may, and of reduces that are done one attempt has succeeded; a map whose
/// output was lost has more.
bool attemptsAreInOrder(const JobInProgress& job) {
    const auto isInOrder = [&](const JobInProgress::Task& task) {
        const auto succeeded = std::count_if(task.attempts.begin(), task.attempts.end(), [](const auto& each) {
            return each.state == TaskStatus::State::Succeeded;
        });
        return task.failures <= 4 && (task.state != JobInProgress::Task::State::Done || succeeded == 1);
    };
    return std::all_of(job.maps().begin(), job.maps().end(), [](const auto& map) { return map.failures <= 4; }) &&
           std::all_of(job.reduces().begin(), job.reduces().end(), isInOrder);
}

}  // namespace

class TestYarn : public QObject {
    Q_OBJECT

private slots:
    void jobsEqualASinglePass_data();
    void jobsEqualASinglePass();
    void aNodeGivesNoMoreMemoryThanItHas();
    void anApplicationMasterTakesAContainerAndLeavesIt();
    void aSecondApplicationMasterGoesOnFromTheHistory();
    void withoutRecoveryASecondApplicationMasterBeginsAnew();
    void anApplicationMasterThatDiesTwiceTakesItsJobAlong();
    void whatHasItsContainersEndsWithoutTheResourceManager();
    void aResourceManagerThatStartsAgainKnowsNoJob();
    void aLostJobCanBeSubmittedAgain();
    void aLostNodesMapsRunAgain();
    void aNodeManagerThatStartsAgainHasLostItsOutput();
    void whoeverDiesMeanwhileTheResultIsTheSame_data();
    void whoeverDiesMeanwhileTheResultIsTheSame();
    void mapsThatRunAgainGetTheRoomOfReduces();
    void aRunIsTheSameTwiceAndFromACopy();
};

void TestYarn::jobsEqualASinglePass_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("reduces");
    QTest::newRow("word count") << "wordcount" << 3;
    QTest::newRow("sort") << "sort" << 2;
    QTest::newRow("without reduces") << "wordcount" << 0;
    QTest::newRow("top") << "top" << 1;
}

void TestYarn::jobsEqualASinglePass() {
    QFETCH(QString, kind);
    QFETCH(int, reduces);
    std::string text = words(400'000);
    if (kind == QLatin1String("top")) {
        text = "a\t3\nb\t17\nc\t5\n";
    }
    HadoopWorld hadoop(4, {stored("/in/a", text, 30'000)}, onYarn);
    const JobRef job = hadoop.submit("job", kind.toStdString(), [&](JobSpec& spec) {
        spec.reduces = static_cast<std::uint32_t>(reduces);
        spec.combines = spec.combines && reduces > 0;
    });
    QVERIFY2(hadoop.runJob("job", 30min), hadoop.journalEnd().c_str());
    QVERIFY(equalsSinglePass(hadoop, *job, text));
    QVERIFY(hadoop.client("job")->answer() != nullptr);
    const Counters& counters = hadoop.client("job")->answer()->counters;
    QCOMPARE(counters[Count::MapInputRecords], static_cast<std::int64_t>(sortedLines(text).size()));
    if (reduces > 0 && !job->combines) {
        QCOMPARE(counters[Count::ReduceInputRecords], counters[Count::MapOutputRecords]);
    } else if (reduces > 0) {
        QCOMPARE(counters[Count::ReduceInputRecords], counters[Count::CombineOutputRecords]);
    }
    hadoop.run(20s);
    QCOMPARE(hadoop.resourceManager()->containers().size(), std::size_t{0});
    QCOMPARE(hadoop.resourceManager()->scheduler().usedMemory(), 0U);
    for (int i = 1; i <= 4; ++i) {
        QCOMPARE(hadoop.nodeManager(i)->containers().size(), std::size_t{0});
        QCOMPARE(hadoop.nodeManager(i)->shuffle().outputs().size(), 0ULL);
    }
    QVERIFY(hadoop.nameNode()->space().find(std::string(yarnStaging) + "/job/job.split") == nullptr);
}

void TestYarn::aNodeGivesNoMoreMemoryThanItHas() {
    HalfWay half;
    std::uint32_t most = 0;
    for (int i = 0; i < 400 && (half.hadoop.client("wc") == nullptr || !half.hadoop.client("wc")->hasEnded()); ++i) {
        half.hadoop.run(200ms);
        for (int node = 1; node <= 4; ++node) {
            const NodeManager* manager = half.hadoop.nodeManager(node);
            most = std::max(most, manager != nullptr ? manager->usedMemory() : 0);
        }
    }
    QVERIFY(half.hadoop.runJob("wc"));
    QVERIFY2(most >= 3072 && most <= 8192, std::to_string(most).c_str());
}

void TestYarn::anApplicationMasterTakesAContainerAndLeavesIt() {
    HalfWay half;
    QVERIFY2(half.run(), half.hadoop.journalEnd().c_str());
    std::uint32_t masters = 0;
    for (int node = 1; node <= 4; ++node) {
        for (const auto& [id, each] : half.hadoop.nodeManager(node)->containers()) {
            masters += each.start->isAppMaster ? 1U : 0U;
            if (each.start->isAppMaster) {
                QCOMPARE(each.start->container.memory, 2048U);  // 1536 MB, in multiples of 1024
            }
        }
    }
    QCOMPARE(masters, 1U);
    QVERIFY(half.hadoop.runJob("wc"));
    QVERIFY(equalsSinglePass(half.hadoop, *half.job, half.text));
    half.hadoop.run(20s);
    QVERIFY(half.hadoop.appMaster("wc") == nullptr);
}

void TestYarn::aSecondApplicationMasterGoesOnFromTheHistory() {
    HalfWay half;
    QVERIFY2(half.run(), half.hadoop.journalEnd().c_str());
    const std::uint32_t done = half.hadoop.appMaster("wc")->job().mapTotals().done;
    half.hadoop.fault(FaultKind::Crash, "process:" + appMasterProcess(half.hadoop.world, "wc"));
    QVERIFY2(half.hadoop.runUntil(
                 [&] { return half.hadoop.appMaster("wc") != nullptr && half.hadoop.appMaster("wc")->recovered() > 0; },
                 5min, 100ms),
             half.hadoop.journalEnd().c_str());
    QCOMPARE(half.hadoop.appMaster("wc")->attempt(), 2U);
    QVERIFY(half.hadoop.appMaster("wc")->recovered() + 2 >= done);
    // When tasks ran is what the history says, not when it was read.
    const JobInProgress& again = half.hadoop.appMaster("wc")->job();
    for (std::uint32_t map = 0; map < again.maps().size(); ++map) {
        const auto& task = again.maps()[map];
        if (task.state == JobInProgress::Task::State::Done) {
            const auto& attempt = task.attempts[task.winner];
            QVERIFY(attempt.started > again.submitted() - 1h && attempt.started < attempt.ended);
            QVERIFY(attempt.ended < half.hadoop.world.now() - 1s);
        }
    }
    QVERIFY2(half.hadoop.runJob("wc", 30min), half.hadoop.journalEnd().c_str());
    QVERIFY(equalsSinglePass(half.hadoop, *half.job, half.text));
    QCOMPARE(half.hadoop.client("wc")->answer()->counters[Count::MapInputRecords],
             static_cast<std::int64_t>(sortedLines(half.text).size()));
    // What had been done was not done again.
    QVERIFY(half.hadoop.client("wc")->answer()->counters[Count::LaunchedMaps] <
            static_cast<std::int64_t>(half.hadoop.client("wc")->maps()));
}

void TestYarn::withoutRecoveryASecondApplicationMasterBeginsAnew() {
    HalfWay half([](JobSpec& spec) { spec.conf.recovers = false; });
    QVERIFY(half.run());
    half.hadoop.fault(FaultKind::Crash, "process:" + appMasterProcess(half.hadoop.world, "wc"));
    QVERIFY2(half.hadoop.runJob("wc", 30min), half.hadoop.journalEnd().c_str());
    QVERIFY(half.hadoop.client("wc")->answer()->counters[Count::LaunchedMaps] >=
            static_cast<std::int64_t>(half.hadoop.client("wc")->maps()));
    QVERIFY(equalsSinglePass(half.hadoop, *half.job, half.text));
}

void TestYarn::anApplicationMasterThatDiesTwiceTakesItsJobAlong() {
    HalfWay half;
    QVERIFY(half.run());
    half.hadoop.fault(FaultKind::Crash, "process:" + appMasterProcess(half.hadoop.world, "wc"));
    QVERIFY(half.hadoop.runUntil(
        [&] { return half.hadoop.appMaster("wc") != nullptr && half.hadoop.appMaster("wc")->attempt() == 2; }, 5min,
        100ms));
    half.hadoop.fault(FaultKind::Crash, "process:" + appMasterProcess(half.hadoop.world, "wc"));
    QVERIFY(!half.hadoop.runJob("wc", 30min));
    QCOMPARE(half.hadoop.client("wc")->state(), JobClient::State::Failed);
    QVERIFY2(half.hadoop.client("wc")->why().find("failed 2 times") != std::string::npos,
             half.hadoop.client("wc")->why().c_str());
    half.hadoop.run(20s);
    QCOMPARE(half.hadoop.resourceManager()->containers().size(), std::size_t{0});
}

/// The ResourceManager gives places and knows nothing of tasks: who has what he needs does not miss it.
void TestYarn::whatHasItsContainersEndsWithoutTheResourceManager() {
    HalfWay half([](JobSpec& spec) { spec.conf.slowStart = 1; });
    const auto hasAll = [&] {
        const AppMaster* master = half.hadoop.appMaster("wc");
        return master != nullptr && master->job().mapTotals().done == master->job().maps().size() &&
               master->job().reduceTotals().attempts == 2;
    };
    QVERIFY2(half.hadoop.runUntil(hasAll, 10min, 50ms), half.hadoop.journalEnd().c_str());
    half.hadoop.fault(FaultKind::Crash, "process:resourcemanager");
    QVERIFY2(half.hadoop.runJob("wc", 5min), half.hadoop.journalEnd().c_str());
    QVERIFY(equalsSinglePass(half.hadoop, *half.job, half.text));
}

void TestYarn::aResourceManagerThatStartsAgainKnowsNoJob() {
    HalfWay half;
    QVERIFY(half.run());
    half.hadoop.fault(FaultKind::Crash, "process:resourcemanager");
    half.hadoop.run(5s);
    QVERIFY(half.hadoop.appMaster("wc") != nullptr);  // what runs goes on
    half.hadoop.fault(FaultKind::Restart, "process:resourcemanager");
    QVERIFY(!half.hadoop.runJob("wc", 10min));
    QCOMPARE(half.hadoop.client("wc")->state(), JobClient::State::Lost);
    half.hadoop.run(60s);
    QVERIFY(half.hadoop.appMaster("wc") == nullptr);
    QCOMPARE(half.hadoop.entries("hadoop.nodemanager-resyncs").size(), std::size_t{4});
    const JobRef next = half.hadoop.submit("next", "wordcount", {}, {}, half.hadoop.world.now().time_since_epoch());
    QVERIFY2(half.hadoop.runJob("next", 30min), half.hadoop.journalEnd().c_str());
    QVERIFY(equalsSinglePass(half.hadoop, *next, half.text));
}

void TestYarn::aLostJobCanBeSubmittedAgain() {
    JobOrder order;
    order.resubmits = true;
    HalfWay half({}, order);
    QVERIFY(half.run());
    half.hadoop.fault(FaultKind::Crash, "process:resourcemanager");
    half.hadoop.run(2s);
    half.hadoop.fault(FaultKind::Restart, "process:resourcemanager");
    QVERIFY2(half.hadoop.runJob("wc", 30min), half.hadoop.journalEnd().c_str());
    QVERIFY(!half.hadoop.entries("hadoop.job-lost").empty());
    QVERIFY(equalsSinglePass(half.hadoop, *half.job, half.text));
}

void TestYarn::aLostNodesMapsRunAgain() {
    HalfWay half([](JobSpec& spec) { spec.conf.slowStart = 1; });
    QVERIFY(half.run());
    const std::string master = appMasterProcess(half.hadoop.world, "wc");
    int victim = 1;
    while (master.find("nm" + std::to_string(victim)) != std::string::npos) {
        ++victim;
    }
    const SimTime at = half.hadoop.world.now();
    half.hadoop.fault(FaultKind::Power, "host:n" + std::to_string(victim));
    QVERIFY2(half.hadoop.runJob("wc", 60min), half.hadoop.journalEnd().c_str());
    const auto lost = half.hadoop.entries("hadoop.nodemanager-lost");
    QCOMPARE(lost.size(), std::size_t{1});
    const SimDuration silence = lost.front()->time - at;
    QVERIFY2(silence >= 599s && silence <= 801s, millrace::toText(silence).c_str());
    QVERIFY(equalsSinglePass(half.hadoop, *half.job, half.text));
}

void TestYarn::aNodeManagerThatStartsAgainHasLostItsOutput() {
    HalfWay half([](JobSpec& spec) { spec.conf.slowStart = 1; });
    QVERIFY(half.run());
    half.hadoop.fault(FaultKind::Crash, "process:nodemanager/nm3");
    half.hadoop.run(5s);
    half.hadoop.fault(FaultKind::Restart, "process:nodemanager/nm3");
    QVERIFY2(half.hadoop.runJob("wc", 30min), half.hadoop.journalEnd().c_str());
    QCOMPARE(half.hadoop.entries("hadoop.nodemanager-lost").size(), std::size_t{1});
    QVERIFY(equalsSinglePass(half.hadoop, *half.job, half.text));
}

void TestYarn::whoeverDiesMeanwhileTheResultIsTheSame_data() {
    QTest::addColumn<QString>("victim");
    for (const char* victim : {"appmaster", "process:nodemanager/nm2", "process:container/nm2-1", "process:namenode"}) {
        QTest::newRow(victim) << QString::fromLatin1(victim);
    }
}

/// At each half second of a small job, back after five.
void TestYarn::whoeverDiesMeanwhileTheResultIsTheSame() {
    QFETCH(QString, victim);
    const bool isBack = victim.contains(QLatin1String("nodemanager")) || victim.contains(QLatin1String("namenode"));
    const std::string text = words(200'000);
    HadoopWorld hadoop(4, {stored("/in/a", text, 20'000)}, onYarn);
    const JobRef job = hadoop.submit("wc", "wordcount");
    QVERIFY(hadoop.runUntil([&] { return hadoop.appMaster("wc") != nullptr; }, 1min, 100ms));
    for (int i = 0; i < 40 && !hadoop.client("wc")->hasEnded(); ++i) {
        hadoop.run(500ms);
        std::string target = victim.toStdString();
        if (target == "appmaster") {
            target = "process:" + appMasterProcess(hadoop.world, "wc");
        }
        if (hadoop.world.findProcess(target.substr(8)) == sim::noProcess) {
            continue;
        }
        HadoopWorld other = hadoop;
        other.fault(FaultKind::Crash, target);
        other.run(5s);
        if (isBack) {
            other.fault(FaultKind::Restart, target);
        }
        QVERIFY2(other.runJob("wc", 60min), other.journalEnd().c_str());
        other.run(1s);
        QVERIFY2(equalsSinglePass(other, *job, text), qPrintable(QString::number(i)));
        if (const AppMaster* master = other.appMaster("wc")) {
            QVERIFY(attemptsAreInOrder(master->job()));
        }
    }
}

/// Reduces hold all the memory when a node is lost with the output of its maps.
void TestYarn::mapsThatRunAgainGetTheRoomOfReduces() {
    const std::string text = words(300'000);
    HadoopWorld hadoop(3, {stored("/in/a", text, 20'000)}, [](ClusterConfig& cluster) {
        onYarn(cluster);
        for (DaemonAddress& node : cluster.trackers) {
            node.memory = 4096;
        }
    });
    const JobRef job = hadoop.submit("wc", "wordcount", [](JobSpec& spec) {
        spec.reduces = 30;
        spec.conf.slowStart = 0;
        spec.conf.reduceMemory = 2048;
    });
    QVERIFY(hadoop.runUntil(
        [&] { return hadoop.appMaster("wc") != nullptr && hadoop.appMaster("wc")->job().mapTotals().done > 10; }, 10min,
        100ms));
    const std::string master = appMasterProcess(hadoop.world, "wc");
    const std::string victim = master.find("nm3") == std::string::npos ? "nm3" : "nm2";
    hadoop.fault(FaultKind::Crash, "process:nodemanager/" + victim);
    hadoop.run(3s);
    hadoop.fault(FaultKind::Restart, "process:nodemanager/" + victim);
    QVERIFY2(hadoop.runJob("wc", 60min), hadoop.journalEnd().c_str());
    QVERIFY(equalsSinglePass(hadoop, *job, text));
}

void TestYarn::aRunIsTheSameTwiceAndFromACopy() {
    const std::string text = words(300'000);
    const auto make = [&] {
        HadoopWorld hadoop(4, {stored("/in/a", text, 30'000)}, onYarn);
        (void)hadoop.submit("wc", "wordcount");
        hadoop.run(9s);
        return hadoop;
    };
    HadoopWorld first = make();
    sim::World copy = first.world;
    first.run(30s);
    HadoopWorld second = make();
    second.run(30s);
    QCOMPARE(first.world.fingerprint(), second.world.fingerprint());
    copy.run(copy.now() + 30s);
    QCOMPARE(copy.fingerprint(), first.world.fingerprint());
}

QTEST_GUILESS_MAIN(TestYarn)
#include "tst_yarn.moc"
