#include <sys/resource.h>

#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <csignal>
#include <limits>
#include <set>

#include "app/bridge/run_session.h"
#include "app/bridge/series_totals.h"
#include "engine/observe/data_page.h"
#include "engine/observe/hadoop_page.h"
#include "engine/observe/streaming_page.h"
#include "engine/observe/topic_page.h"

using namespace millrace;
using namespace millrace::bridge;
using namespace std::chrono_literals;

namespace {

const char* const example = "scenarios/first-steps.json";

OpenRequest requestOf(const char* file) {
    QFile source(QString::fromLatin1(file));
    if (!source.open(QIODevice::ReadOnly)) {
        qFatal("%s cannot be read", file);
    }
    return {source.readAll().toStdString(), file, false};
}

void runTo(RunSession& session, SimTime time) {
    while (session.now() < time && !session.hasEnded()) {
        session.advance(time, 50ms);
    }
}

/// Everything that a person would compare between two visits of one instant.
QString digestOf(const observe::Snapshot& snapshot) {
    QStringList lines{QString::number(snapshot.run.fingerprint, 16), QString::number(snapshot.run.events),
                      QString::number(snapshot.journal->total)};
    for (const observe::BrokerView& broker : snapshot.cluster.brokers) {
        lines << QString::fromStdString(broker.id) + QString::fromLatin1(observe::toText(broker.state).data());
        for (const observe::ReplicaView& replica : broker.replicas) {
            lines << QStringLiteral("%1-%2 %3 %4")
                         .arg(QString::fromStdString(replica.topic))
                         .arg(replica.partition)
                         .arg(replica.logEndOffset)
                         .arg(replica.highWatermark);
        }
    }
    for (const observe::SourceView& source : snapshot.sources) {
        lines << QStringLiteral("%1 %2").arg(source.produced).arg(source.recordsPerSecond);
    }
    for (const observe::SinkView& sink : snapshot.sinks) {
        lines << QStringLiteral("%1 %2").arg(sink.written).arg(sink.rowsPerSecond);
    }
    return lines.join(QLatin1Char('\n'));
}

}  // namespace

class TestRunSession : public QObject {
    Q_OBJECT

private slots:
    void theExampleOpensOnSomethingAlive();
    void aBrokenScenarioIsRefusedWithItsPlace();
    void aFaultThatIsPlannedInTheRunHappensAtItsTime();
    void aRateReachesTheProducerThatReadsTheSourceWhateverItIsCalled();
    void recordsOfATopicCanBeRead();
    void aRateReachesWhoReadsASourceWithoutAProducer_data();
    void aRateReachesWhoReadsASourceWithoutAProducer();
    void whatTheInvariantsSayDoesNotDependOnTheFrames();
    void watchingChangesNothing();
    void aPageIsDescribedWhileItIsOpen();
    void pagesOfAllSystemsAgreeWithTheRun();
    void aJobOnYarnIsKnownWhenItsApplicationMasterHasLeft();
    void aMachineWithoutPowerIsSilentUntilItIsDead();
    void executorsThatWereLostKeepWhatTheyHadDone();
    void nothingFlowsFromASourceThatHasGivenAll();
    void aPastInstantShowsWhatItShowed();
    void aDeadBrokerShowsTheSameHoweverOftenItWasLookedAt();
    void oneStepBackAndForthIsTheSameInstant();
    void theInstantThatWasAskedForIsFinished();
    void aCrashIsSeenAndUndoneByABranchWithoutIt();
    void aWorkerHasOneNameInViewsJournalAndMetrics();
    void anUnknownCommandDoesNothing();
    void aPlannedFaultIsMovedAndRemovedInTheRunThatStandsBeforeIt();
    void aHostThatIsCutOffIsOneFault();
    void revivingAllIsOneEntryAndEndsEveryFault();
    void aRunEndsAtItsDuration();
    void aRunEndsAtTheSameInstantHoweverItIsPlayed();
    void totalsAreSumsOfTheirParts();
    void aPrologueThatTakesTooLongOpensWhereItIs();
    void partsThatWereThinnedDifferentlyAddUp();
    void aDiskThatIsFullEndsTheRunAsAFailureOfTheMachine();
    void theNextEventIsToldInWords();
    void curvesOfAGroupSayWhichMemberTheyAreOf();
    void lagIsACurveOfGroupsTopicsAndPartitions();
    void topicsAndPartitionsHaveTheFiguresOfTheirBrokers();
};

void TestRunSession::theExampleOpensOnSomethingAlive() {
    RunSession session;
    const OpenAnswer answer = session.open(requestOf(example));
    QVERIFY2(answer.isOpen, answer.problems.empty() ? "" : answer.problems.front().text.c_str());
    const observe::Snapshot first = session.snapshot(Detail::Complete);
    QVERIFY(first.run.now > SimTime{});
    QVERIFY(first.sources.front().produced > 0);
    QVERIFY(first.sources.front().recordsPerSecond > 0);
    QVERIFY(!first.series.empty());
    QCOMPARE(first.cluster.brokers.size(), std::size_t(3));
    QVERIFY(first.cluster.controller > 0);
}

void TestRunSession::aBrokenScenarioIsRefusedWithItsPlace() {
    RunSession session;
    const OpenAnswer answer = session.open({R"({"millrace": 1, "hosts": {"h": {"coers": 4}}})", "a.json", false});
    QVERIFY(!answer.isOpen);
    QVERIFY(!session.isOpen());
    QVERIFY(std::any_of(answer.problems.begin(), answer.problems.end(), [](const observe::ProblemView& problem) {
        return problem.field.find("coers") != std::string::npos;
    }));
}

void TestRunSession::aPlannedFaultIsMovedAndRemovedInTheRunThatStandsBeforeIt() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    const SimTime first = session.now() + 5s;
    Command plan{"crash", "broker:2", 0};
    plan.at = first;
    plan.duration = SimDuration(2s);
    session.inject(plan);
    Command withdraw{"withdraw", "broker:2", 0};
    withdraw.fault = "crash";
    withdraw.at = first;
    session.inject(withdraw);
    plan.at = first + 3s;
    session.inject(plan);
    runTo(session, first + 1s);
    const observe::Snapshot between = session.snapshot(Detail::Complete);
    QCOMPARE(between.cluster.brokers[1].state, observe::LifeState::Running);
    QCOMPARE(between.run.faults.size(), std::size_t(1));
    QVERIFY(between.run.faults.front().isPlanned);
    runTo(session, first + 4s);
    QCOMPARE(session.snapshot(Detail::Complete).cluster.brokers[1].state, observe::LifeState::Crashed);
}

void TestRunSession::aHostThatIsCutOffIsOneFault() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    const auto host = session.snapshot(Detail::Complete).cluster.brokers.front().host;
    session.inject({"cut", host, 0});
    runTo(session, session.now() + 1s);
    const observe::Snapshot cut = session.snapshot(Detail::Complete);
    QCOMPARE(cut.run.faults.size(), std::size_t(1));
    QCOMPARE(cut.run.faults.front().target, host);
    for (const observe::HostView& each : cut.cluster.hosts) {
        QCOMPARE(each.cutFrom.size(), each.id == host ? cut.cluster.hosts.size() - 1 : std::size_t(1));
        QVERIFY(each.ailments.empty());
    }
    session.inject({"heal", host, 0});
    runTo(session, session.now() + 1s);
    const observe::Snapshot healed = session.snapshot(Detail::Complete);
    QCOMPARE(healed.run.faults.size(), std::size_t(1));
    QVERIFY(healed.run.faults.front().until < healed.run.now);
    QVERIFY(std::all_of(healed.cluster.hosts.begin(), healed.cluster.hosts.end(),
                        [](const auto& each) { return each.ailments.empty() && each.cutFrom.empty(); }));
}

void TestRunSession::revivingAllIsOneEntryAndEndsEveryFault() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    const observe::Snapshot before = session.snapshot(Detail::Complete);
    const auto& brokers = before.cluster.brokers;
    session.inject({"crash", brokers[0].id, 0});
    session.inject({"pause", brokers[1].id, 0});
    session.inject({"slow-disk", brokers[2].host, 20});
    session.inject({"cut", brokers[2].host, 0});
    session.inject({"power", before.storm.supervisors.front().host, 0});
    runTo(session, session.now() + 1s);
    session.inject({"revive", "all", 0});
    const SimTime revived = session.now();
    runTo(session, session.now() + 1s);
    const observe::Snapshot after = session.snapshot(Detail::Complete);
    const auto told = std::count_if(after.journal->entries.begin(), after.journal->entries.end(),
                                    [&](const auto& e) { return e.time == revived && e.kind == "sim.fault-injected"; });
    QCOMPARE(told, std::ptrdiff_t(1));
    for (const observe::FaultBar& fault : after.run.faults) {
        QCOMPARE(fault.until, revived);
    }
    QCOMPARE(after.run.faults.size(), std::size_t(5));
    for (const observe::HostView& host : after.cluster.hosts) {
        QVERIFY(host.ailments.empty());
        QVERIFY(host.cutFrom.empty());
        QVERIFY(!observe::isDown(host.state));
    }
    for (const observe::BrokerView& broker : after.cluster.brokers) {
        // One that finds its node of before ends by itself and is started again until the node is gone.
        QVERIFY(!observe::isDown(broker.state) || broker.incarnation > 1);
    }
}

void TestRunSession::watchingChangesNothing() {
    RunSession alone;
    QVERIFY(alone.open(requestOf(example)).isOpen);
    runTo(alone, SimTime(36s));
    RunSession watched;
    QVERIFY(watched.open(requestOf(example)).isOpen);
    while (watched.now() < SimTime(36s)) {
        watched.advance(std::min(watched.now() + 37ms, SimTime(36s)), 50ms);
        QVERIFY(watched.snapshot(Detail::Complete).run.now == watched.now());
    }
    QCOMPARE(watched.snapshot(Detail::Complete).run.fingerprint, alone.snapshot(Detail::Complete).run.fingerprint);
    QCOMPARE(watched.events(), alone.events());
}

void TestRunSession::aPageIsDescribedWhileItIsOpen() {
    RunSession session;
    QVERIFY(session.open(requestOf("scenarios/spark-word-count.json")).isOpen);
    runTo(session, SimTime(24s));
    QVERIFY(!session.snapshot(Detail::Complete).pages.streaming);
    session.look({"driver:words", -1});
    const auto page = session.snapshot(Detail::Complete).pages.streaming;
    QVERIFY(page && page->isDriverThere);
    QVERIFY(page->batches.size() > 10);
    QVERIFY(page->chosen.batch.started != SimTime::max());
    // What an executor did for a batch is what the batch says of itself.
    const SimTime wanted = page->batches[page->batches.size() / 2].time;
    session.look({"driver:words", nanoseconds(wanted)});
    const auto chosen = session.snapshot(Detail::Complete).pages.streaming;
    QCOMPARE(chosen->chosen.batch.time, wanted);
    QVERIFY(!chosen->chosen.jobs.empty() && !chosen->chosen.inputs.empty());
    std::int32_t succeeded = 0;
    for (const observe::TaskView& task : chosen->chosen.tasks) {
        succeeded += task.end == observe::TaskEnd::Succeeded ? 1 : 0;
        SimDuration sum{0};
        for (const SimDuration phase : task.phases) {
            sum += phase;
        }
        QCOMPARE(sum, task.duration());
        QVERIFY(task.launched >= chosen->chosen.batch.started && task.ended <= chosen->now);
    }
    QVERIFY2(succeeded >= chosen->chosen.batch.tasks, qPrintable(QString::number(succeeded)));
    QVERIFY(session.snapshot(Detail::Complete).pages.streaming == chosen);  // it stands still: nothing is told anew
    const std::atomic<bool> never{false};
    session.seek(SimTime(10s), never);
    const auto past = session.snapshot(Detail::Complete).pages.streaming;
    QVERIFY(past->batches.size() < page->batches.size());
    session.seek(SimTime(24s), never);
    QCOMPARE(session.snapshot(Detail::Complete).pages.streaming->batches.size(), page->batches.size());
    session.look({});
    QVERIFY(!session.snapshot(Detail::Complete).pages.streaming);
}

void TestRunSession::pagesOfAllSystemsAgreeWithTheRun() {
    RunSession hadoop;
    QVERIFY(hadoop.open(requestOf("scenarios/word-count-batch.json")).isOpen);
    runTo(hadoop, SimTime(90s));
    const observe::Snapshot seen = hadoop.snapshot(Detail::Complete);
    QVERIFY(!seen.hadoop.jobs.empty());
    hadoop.look({"namenode", -1});
    const auto dfs = hadoop.snapshot(Detail::Complete).pages.dfs;
    QVERIFY(dfs);
    QCOMPARE(dfs->summary.blocks, seen.hadoop.dfs.blocks);
    QCOMPARE(static_cast<std::int64_t>(dfs->nodes.size()), seen.hadoop.dfs.nodes);
    std::int64_t replicas = 0;
    for (const observe::DfsBlockView& block : dfs->blocks) {
        replicas += static_cast<std::int64_t>(block.replicas.size());
    }
    std::int64_t reported = 0;
    for (const observe::DfsNodeView& node : dfs->nodes) {
        reported += node.isLive ? node.blocks : 0;
    }
    QCOMPARE(replicas, reported);
    hadoop.look({seen.hadoop.jobs.front().id, -1});
    const auto job = hadoop.snapshot(Detail::Complete).pages.job;
    QVERIFY(job && job->isKnown);
    QCOMPARE(job->maps.tasks, static_cast<std::int32_t>(seen.hadoop.jobs.front().maps));
    QCOMPARE(job->shuffle.size(), static_cast<std::size_t>(job->maps.tasks));
    std::int64_t copied = 0;
    for (const auto& map : job->shuffle) {
        for (const std::int64_t bytes : map) {
            copied += bytes;
        }
    }
    QVERIFY(copied > 0);

    RunSession feeds;
    QVERIFY(feeds.open(requestOf("scenarios/temperature-alerts.json")).isOpen);
    runTo(feeds, SimTime(30s));
    const observe::Snapshot snapshot = feeds.snapshot(Detail::Complete);
    QVERIFY(!snapshot.run.origins.scores.empty());
    const observe::ScoreView& score = snapshot.run.origins.scores.front();
    feeds.look({observe::sourceId(score.source), -1});
    const auto data = feeds.snapshot(Detail::Complete).pages.data;
    QVERIFY(data && data->isKnown);
    std::int64_t counted = 0;
    for (const observe::SpreadClass& each : data->lateness) {
        counted += each.count;
    }
    QCOMPARE(counted, score.lateness.count);
}

/// What a job's tasks did can be looked at while its ApplicationMaster runs and when it has left.
void TestRunSession::aJobOnYarnIsKnownWhenItsApplicationMasterHasLeft() {
    RunSession session;
    QVERIFY(session.open(requestOf("scenarios/word-count-yarn.json")).isOpen);
    const auto jobAt = [&](SimTime time) {
        runTo(session, time);
        session.look({session.snapshot(Detail::Complete).hadoop.jobs.front().id, -1});
        return session.snapshot(Detail::Complete).pages.job;
    };
    const std::atomic<bool> never{false};
    session.seek(SimTime(1ms), never);
    std::shared_ptr<const observe::JobPage> page;
    SimTime time(1s);
    for (; !page || page->application != "RUNNING" || page->maps.running == 0; time += 1s) {
        QVERIFY(time < SimTime(200s));
        page = jobAt(time);
    }
    QCOMPARE(page->attempt, 1U);
    QVERIFY(page->isKnown && page->cluster.containers > 1);
    std::int64_t inUse = 0;
    for (const observe::TrackerView& node : page->trackers) {
        QVERIFY(node.memoryInUse <= node.memory && (node.containers > 0) == (node.memoryInUse > 0));
        inUse += node.memoryInUse;
    }
    QCOMPARE(page->cluster.memoryInUse, inUse);
    for (; page->application == "RUNNING"; time += 5s) {
        QVERIFY(time < SimTime(900s));
        page = jobAt(time);
    }
    page = jobAt(time + 30s);
    QCOMPARE(page->application, std::string("FINISHED"));
    QVERIFY(page->isKnown && !page->hasLostTasks);
    QCOMPARE(page->state, std::string("SUCCEEDED"));
    QCOMPARE(page->attempt, 2U);              // the scenario lets the first one die
    QVERIFY(page->submitted < SimTime(41s));  // when that happens
    QCOMPARE(page->maps.complete, page->maps.tasks);
    QCOMPARE(page->shuffle.size(), static_cast<std::size_t>(page->maps.tasks));
    QCOMPARE(page->cluster.containers, 0);
    QCOMPARE(page->cluster.memoryInUse, std::int64_t{0});
}

/// A DataNode is dead after ten minutes: until then its blocks count, and that nobody has heard of it is told.
void TestRunSession::aMachineWithoutPowerIsSilentUntilItIsDead() {
    RunSession session;
    QVERIFY(session.open(requestOf("scenarios/log-audit-batch.json")).isOpen);
    runTo(session, SimTime(60s));
    session.look({"namenode", -1});
    const auto before = session.snapshot(Detail::Complete).pages.dfs;
    QVERIFY(std::none_of(before->nodes.begin(), before->nodes.end(), [](const auto& node) { return node.isSilent; }));
    runTo(session, SimTime(100s));
    const auto dfs = session.snapshot(Detail::Complete).pages.dfs;
    std::int64_t shortOf = 0;
    for (const observe::DfsBlockView& block : dfs->blocks) {
        shortOf += block.isUnderReplicated() ? 1 : 0;
    }
    QVERIFY2(shortOf > 0, "a job wants more replicas of its files than there are DataNodes");
    QCOMPARE(dfs->shortBlocks, shortOf);
    QCOMPARE(std::count_if(dfs->nodes.begin(), dfs->nodes.end(), [](const auto& node) { return node.isSilent; }), 1);
    QCOMPARE(dfs->summary.liveNodes, dfs->summary.nodes);
    session.look({session.snapshot(Detail::Complete).hadoop.jobs.front().id, -1});
    const auto job = session.snapshot(Detail::Complete).pages.job;
    QCOMPARE(std::count_if(job->trackers.begin(), job->trackers.end(), [](const auto& each) { return each.isSilent; }),
             1);
}

void TestRunSession::executorsThatWereLostKeepWhatTheyHadDone() {
    RunSession session;
    QVERIFY(session.open(requestOf("scenarios/spark-word-count.json")).isOpen);
    runTo(session, SimTime(33s));
    session.look({"driver:words", -1});
    const observe::Snapshot seen = session.snapshot(Detail::Complete);
    const auto page = seen.pages.streaming;
    QCOMPARE(page->lostExecutors.size(), std::size_t{1});
    QCOMPARE(page->lostExecutors.front().number, 1);
    std::int64_t done = page->lostExecutors.front().tasksDone;
    QVERIFY(done > 0);
    for (const observe::BlockHolderView& each : page->executors) {
        QVERIFY(each.number != 1);
        done += each.tasksDone;
    }
    QVERIFY2(done >= seen.streaming.front().tasks, qPrintable(QString::number(done)));
}

void TestRunSession::nothingFlowsFromASourceThatHasGivenAll() {
    RunSession session;
    QVERIFY(session.open(requestOf("scenarios/etl-or-elt.json")).isOpen);
    const auto fromSource = [&] {
        double sum = 0;
        for (const observe::WireView& wire : session.snapshot(Detail::Complete).wires) {
            sum += wire.from == "source:motes" ? wire.perSecond : 0;
        }
        return sum;
    };
    runTo(session, SimTime(50s));
    QVERIFY2(fromSource() > 30 && fromSource() < 50,
             qPrintable(QString::number(fromSource())));  // 20/s for each of two
    runTo(session, SimTime(200s));
    QCOMPARE(fromSource(), 0.0);
}

void TestRunSession::aPastInstantShowsWhatItShowed() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    runTo(session, SimTime(33s));
    const QString then = digestOf(session.snapshot(Detail::Complete));
    runTo(session, SimTime(45s));
    const QString last = digestOf(session.snapshot(Detail::Complete));
    std::atomic<bool> isCancelled{false};
    session.seek(SimTime(33s), isCancelled);
    QCOMPARE(digestOf(session.snapshot(Detail::Complete)), then);
    QCOMPARE(session.furthest(), SimTime(45s));
    runTo(session, SimTime(45s));
    QCOMPARE(digestOf(session.snapshot(Detail::Complete)), last);
    QCOMPARE(session.snapshot(Detail::Complete).run.branches.size(), std::size_t(1));
}

void TestRunSession::aDeadBrokerShowsTheSameHoweverOftenItWasLookedAt() {
    const char* const file = "scenarios/broker-failover.json";
    RunSession rarely;
    QVERIFY(rarely.open(requestOf(file)).isOpen);
    runTo(rarely, SimTime(10456ms));
    RunSession often;
    QVERIFY(often.open(requestOf(file)).isOpen);
    while (often.now() < SimTime(10456ms)) {
        runTo(often, std::min(often.now() + 40ms, SimTime(10456ms)));
        (void)often.snapshot(Detail::Complete);
    }
    const observe::Snapshot seen = often.snapshot(Detail::Complete);
    QVERIFY(std::any_of(seen.cluster.brokers.begin(), seen.cluster.brokers.end(), [](const auto& broker) {
        return broker.state == observe::LifeState::Crashed && !broker.replicas.empty() &&
               broker.replicas.front().logEndOffset > 0;
    }));
    QCOMPARE(digestOf(seen), digestOf(rarely.snapshot(Detail::Complete)));
    std::atomic<bool> isCancelled{false};
    runTo(often, SimTime(16s));
    often.seek(SimTime(10456ms), isCancelled);
    QCOMPARE(digestOf(often.snapshot(Detail::Complete)), digestOf(seen));
}

void TestRunSession::oneStepBackAndForthIsTheSameInstant() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    // Not every event is one that somebody handles: the next of those that leave a print.
    const std::uint64_t before = session.snapshot(Detail::Complete).run.fingerprint;
    std::uint64_t print = before;
    for (int i = 0; i < 100 && print == before; ++i) {
        session.step();
        print = session.snapshot(Detail::Complete).run.fingerprint;
    }
    const std::uint64_t events = session.events();
    session.stepBack();
    QCOMPARE(session.events(), events - 1);
    QVERIFY(session.snapshot(Detail::Complete).run.fingerprint != print);
    session.step();
    QCOMPARE(session.snapshot(Detail::Complete).run.fingerprint, print);
}

void TestRunSession::theInstantThatWasAskedForIsFinished() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    // Between two events of one instant.
    SimTime instant;
    do {
        instant = session.now();
        session.step();
    } while (session.now() != instant);
    session.stepBack();
    QCOMPARE(session.now(), instant);

    session.advance(instant, 0ms);
    session.step();
    QVERIFY(session.now() > instant);
}

void TestRunSession::aCrashIsSeenAndUndoneByABranchWithoutIt() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    const ActionId crash = session.inject({"crash", "broker:2", 0});
    QVERIFY(crash.value != 0);
    const auto stateOfTwo = [&] { return session.snapshot(Detail::Complete).cluster.brokers[1].state; };
    QCOMPARE(stateOfTwo(), observe::LifeState::Crashed);
    QCOMPARE(session.snapshot(Detail::Complete).run.faults.size(), std::size_t(1));
    runTo(session, session.now() + 1s);
    session.revoke(crash);
    QCOMPARE(stateOfTwo(), observe::LifeState::Running);
    QCOMPARE(session.snapshot(Detail::Complete).run.branches.size(), std::size_t(2));
    session.reinstate(crash);
    QCOMPARE(stateOfTwo(), observe::LifeState::Crashed);
    session.inject({"restart", "broker:2", 0});
    runTo(session, session.now() + 30s);
    QCOMPARE(stateOfTwo(), observe::LifeState::Running);
}

void TestRunSession::aWorkerHasOneNameInViewsJournalAndMetrics() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    const observe::ObjectId worker = session.snapshot(Detail::Complete).storm.topologies.front().workers.front().id;
    QVERIFY(session.inject({"crash", worker, 0}).value != 0);
    const observe::Snapshot after = session.snapshot(Detail::Complete);
    QCOMPARE(after.storm.topologies.front().workers.front().state, observe::LifeState::Crashed);
    QCOMPARE(after.run.faults.back().target, worker);
    const auto& entries = after.journal->entries;
    QVERIFY(std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.place == worker; }));
    QVERIFY(std::any_of(after.series.begin(), after.series.end(), [&](const auto& page) {
        return page->object == worker && page->name.starts_with("executed ");
    }));
}

void TestRunSession::anUnknownCommandDoesNothing() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    const std::uint64_t print = session.snapshot(Detail::Complete).run.fingerprint;
    QCOMPARE(session.inject({"meteor", "broker:2", 0}).value, std::uint64_t(0));
    session.revoke(ActionId{99});
    QCOMPARE(session.snapshot(Detail::Complete).run.fingerprint, print);
}

/// In large strides or in small ones, at once or after it was rewound, also into the quiet before its end.
void TestRunSession::aRunEndsAtTheSameInstantHoweverItIsPlayed() {
    const std::atomic<bool> never{false};
    const auto endOf = [](RunSession& session, SimDuration stride) {
        while (!session.hasEnded() && session.now() < SimTime(900s)) {
            session.advance(session.now() + stride, 10s);
        }
        return session.now();
    };
    RunSession session;
    QVERIFY(session.open(requestOf("scenarios/factory-dashboard.json")).isOpen);
    const SimTime end = endOf(session, 100s);
    QVERIFY(session.hasEnded() && end > SimTime(160s) && end < SimTime(170s));
    for (const SimDuration stride : {SimDuration(16ms), SimDuration(7s)}) {
        RunSession another;
        QVERIFY(another.open(requestOf("scenarios/factory-dashboard.json")).isOpen);
        QCOMPARE(endOf(another, stride), end);
    }
    for (const SimDuration back : {SimDuration(100s), SimDuration(4s)}) {
        session.seek(end - back, never);
        QVERIFY(!session.hasEnded());
        QCOMPARE(endOf(session, 333ms), end);
    }
}

void TestRunSession::aRunEndsAtItsDuration() {
    OpenRequest request = requestOf(example);
    const std::string from = "\"open_at\": \"30s\"";
    request.text.replace(request.text.find(from), from.size(), "\"duration\": \"2s\"");
    RunSession session;
    QVERIFY(session.open(request).isOpen);
    runTo(session, SimTime(10s));
    QVERIFY(session.hasEnded());
    QCOMPARE(session.now(), SimTime(2s));
    QVERIFY(!session.snapshot(Detail::Complete).run.endReason.empty());
}

void TestRunSession::totalsAreSumsOfTheirParts() {
    const auto page = [](const char* object, double value) {
        auto made = std::make_shared<observe::SeriesPage>();
        made->name = "topic records in access";
        made->object = object;
        made->points = {{SimTime(100ms), value, value, value}, {SimTime(200ms), value, value, value}};
        return made;
    };
    const SeriesPages all = withTotals({page("broker:1", 10), page("broker:2", 5), page("host:h1", 99)});
    QCOMPARE(all.size(), std::size_t(3));
    QCOMPARE(all.front()->name, std::string("throughput"));
    QCOMPARE(all.front()->points.size(), std::size_t(2));
    QCOMPARE(all.front()->points[1].mean, 15.0);
    QCOMPARE(newestRate(all, "topic:access", "records in", SimTime(150ms)), 15.0);
    QCOMPARE(newestRate(all, "topic:other", "records in", SimTime(150ms)), 0.0);
}

void TestRunSession::aPrologueThatTakesTooLongOpensWhereItIs() {
    OpenRequest request = requestOf(example);
    const std::string from = "\"open_at\": \"30s\"";
    request.text.replace(request.text.find(from), from.size(), "\"open_at\": \"2000h\"");
    RunSession session;
    session.setPrologueBudget(200ms);
    QElapsedTimer clock;
    clock.start();
    const OpenAnswer answer = session.open(request);
    QVERIFY2(clock.elapsed() < 10'000, qPrintable(QString::number(clock.elapsed())));
    QVERIFY(answer.isOpen);
    QVERIFY(session.now() > SimTime{} && session.now() < SimTime(2000h));
    QCOMPARE(answer.problems.back().field, std::string("run.open_at"));
    QVERIFY(answer.problems.back().text.find("takes too long") != std::string::npos);
    // Whoever closes the window does not wait for it either.
    RunSession other;
    const std::atomic<bool> isCancelled{true};
    clock.restart();
    QVERIFY(other.open(request, isCancelled).isOpen);
    QVERIFY(clock.elapsed() < 5'000);
}

void TestRunSession::partsThatWereThinnedDifferentlyAddUp() {
    const auto page = [](const char* object, SimDuration resolution, int count, double value) {
        auto made = std::make_shared<observe::SeriesPage>();
        made->name = "topic records in access";
        made->object = object;
        made->resolution = resolution;
        for (int i = 1; i <= count; ++i) {
            made->points.push_back({SimTime(i * resolution), value, value, value});
        }
        return made;
    };
    const SeriesPages all = withTotals({page("broker:1", 100ms, 8, 5), page("broker:2", 200ms, 4, 10)});
    QCOMPARE(all.front()->points.size(), std::size_t(4));
    for (const observe::SeriesPoint& point : all.front()->points) {
        QCOMPARE(point.mean, 15.0);
    }
}

namespace {

const observe::SeriesPage* pageOf(const observe::Snapshot& snapshot, std::string_view object, std::string_view name) {
    for (const auto& page : snapshot.series) {
        if (page->object == object && page->name == name) {
            return page.get();
        }
    }
    return nullptr;
}

double peakOf(const observe::SeriesPage& page) {
    double peak = 0;
    for (const observe::SeriesPoint& point : page.points) {
        peak = std::max(peak, point.max);
    }
    return peak;
}

}  // namespace

/// Whoever takes a picture must not call it done.
void TestRunSession::aDiskThatIsFullEndsTheRunAsAFailureOfTheMachine() {
    const QTemporaryDir folder;
    const std::string database = folder.filePath(QStringLiteral("audit.db")).toStdString();
    OpenRequest request = requestOf("scenarios/web-log-audit.json");
    const std::string usual = "web-log-audit.db";
    const std::size_t at = request.text.find(usual);
    QVERIFY(at != std::string::npos);
    request.text.replace(at, usual.size(), database);
    request.carriesOut = true;
    RunSession session;
    QVERIFY(session.open(request).isOpen);
    // Files may not grow any more, which is what a full disk looks like to a program.
    struct rlimit before {};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small { std::size_t{40} << 10U, before.rlim_max };
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
    runTo(session, SimTime(60s));
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
    const observe::RunView run = session.snapshot(Detail::Complete).run;
    QVERIFY(session.hasEnded());
    QVERIFY2(run.hasFailed, run.endReason.c_str());
    QVERIFY2(run.endReason.find(database) != std::string::npos, run.endReason.c_str());
    // Before it the disk was not full.
    const std::atomic<bool> isCancelled{false};
    session.seek(SimTime(20s), isCancelled);
    QVERIFY(!session.snapshot(Detail::Complete).run.hasFailed);
}

/// No names of types ("storm.SpoutWake"), and one record is one record.
void TestRunSession::theNextEventIsToldInWords() {
    RunSession session;
    QVERIFY(session.open(requestOf("scenarios/broker-failover.json")).isOpen);
    const QRegularExpression raw(
        QStringLiteral("\\b(kafka|storm|zookeeper|ingest|sim)\\.[A-Z]|\\b1 "
                       "(records|bytes|partitions|topics|brokers|tuples|writes)\\b"));
    std::set<QString> seen;
    for (const SimTime time : {SimTime(100ms), SimTime(2s), SimTime(4s), SimTime(12s)}) {
        runTo(session, time);
        for (int i = 0; i < 300; ++i) {
            const QString next = QString::fromStdString(session.snapshot(Detail::WhileRunning).run.nextEvent);
            QVERIFY2(!next.contains(raw), qPrintable(next));
            seen.insert(next);
            session.step();
        }
    }
    QVERIFY2(seen.size() > 50, qPrintable(QString::number(seen.size())));
}

/// "commits 1" reads as one commit.
void TestRunSession::curvesOfAGroupSayWhichMemberTheyAreOf() {
    RunSession session;
    QVERIFY(session.open(requestOf("scenarios/broker-failover.json")).isOpen);
    runTo(session, SimTime(15s));
    int ofMembers = 0;
    for (const auto& page : session.snapshot(Detail::Complete).series) {
        const bool isOfGroup = observe::kindOf(page->object) == observe::ObjectKind::Group;
        const std::string last = page->name.substr(page->name.rfind(' ') + 1);
        const bool isNumber = last.find_first_not_of("0123456789") == std::string::npos;
        QVERIFY2(!isOfGroup || !isNumber || page->name.ends_with("of member " + last), page->name.c_str());
        ofMembers += isOfGroup && isNumber ? 1 : 0;
    }
    QVERIFY(ofMembers > 0);
}

void TestRunSession::lagIsACurveOfGroupsTopicsAndPartitions() {
    RunSession session;
    QVERIFY(session.open(requestOf("scenarios/broker-failover.json")).isOpen);
    runTo(session, SimTime(14s));
    const observe::Snapshot late = session.snapshot(Detail::Complete);
    QVERIFY(!late.cluster.groups.empty());
    double sum = 0;
    for (const observe::GroupView& group : late.cluster.groups) {
        const observe::SeriesPage* lag = pageOf(late, group.id, "lag");
        QVERIFY2(lag != nullptr, group.name.c_str());
        QCOMPARE(lag->unit, std::string("records"));
        QVERIFY(peakOf(*lag) > 0);  // records wait while nobody leads
        // Without a gap from the first sample on, whoever was down: fourteen seconds.
        QVERIFY2(lag->points.size() > 11, std::to_string(lag->points.size()).c_str());
        for (std::size_t i = 1; i < lag->points.size(); ++i) {
            QCOMPARE(lag->points[i].at - lag->points[i - 1].at, SimDuration(1s));
        }
        sum += lag->points.back().mean;
        double ofPartitions = 0;
        for (const observe::GroupOffsetView& offset : group.offsets) {
            const observe::SeriesPage* part =
                pageOf(late, observe::partitionId(offset.topic, offset.partition), "lag " + group.name);
            QVERIFY(part != nullptr);
            ofPartitions += part->points.back().mean;
        }
        QCOMPARE(ofPartitions, lag->points.back().mean);
        QVERIFY(pageOf(late, observe::topicId(group.offsets.front().topic), "lag " + group.name) != nullptr);
    }
    const observe::SeriesPage* total = pageOf(late, {}, "lag");
    QVERIFY(total != nullptr);
    QCOMPARE(total->points.back().mean, sum);
}

void TestRunSession::topicsAndPartitionsHaveTheFiguresOfTheirBrokers() {
    RunSession session;
    QVERIFY(session.open(requestOf("scenarios/broker-failover.json")).isOpen);
    runTo(session, SimTime(14s));
    const observe::Snapshot late = session.snapshot(Detail::Complete);
    const auto topic = std::find_if(late.cluster.topics.begin(), late.cluster.topics.end(),
                                    [](const observe::TopicView& each) { return each.name == "access"; });
    QVERIFY(topic != late.cluster.topics.end());
    for (const char* name : {"records in", "bytes in", "bytes out", "size of all replicas"}) {
        const observe::SeriesPage* page = pageOf(late, topic->id, name);
        QVERIFY2(page != nullptr, name);
        QVERIFY2(peakOf(*page) > 0, name);
    }
    // A rate of every partition, once a second, and together they are the topic's, as long as no broker dies amid one.
    double records = 0;
    const SimTime calm(4s);
    for (const observe::PartitionView& partition : topic->partitions) {
        const observe::SeriesPage* page =
            pageOf(late, observe::partitionId(topic->name, partition.partition), "records in");
        QVERIFY(page != nullptr);
        QCOMPARE(page->resolution, SimDuration(1s));
        for (const observe::SeriesPoint& point : page->points) {
            records += point.at <= calm ? point.mean * seconds(page->resolution) : 0;
        }
    }
    double ofTopic = 0;
    const observe::SeriesPage* ofAll = pageOf(late, topic->id, "records in");
    for (const observe::SeriesPoint& point : ofAll->points) {
        ofTopic += point.at <= calm ? point.mean * seconds(ofAll->resolution) : 0;
    }
    QVERIFY2(ofTopic > 100, qPrintable(QString::number(ofTopic)));
    QVERIFY2(std::abs(records - ofTopic) < 1e-6 * ofTopic,
             qPrintable(QStringLiteral("%1 of partitions, %2 of the topic").arg(records).arg(ofTopic)));
    // A bolt has those of its executors, on however many workers.
    const observe::SeriesPage* executed = pageOf(late, "bolt:audit/count", "executed");
    QVERIFY(executed != nullptr);
    double ofExecutors = 0;
    for (const auto& page : late.series) {
        const bool isPart =
            observe::kindOf(page->object) == observe::ObjectKind::Worker && page->name.starts_with("executed count-");
        for (const observe::SeriesPoint& point : isPart ? page->points : std::vector<observe::SeriesPoint>()) {
            ofExecutors += point.mean;
        }
    }
    double ofBolt = 0;
    for (const observe::SeriesPoint& point : executed->points) {
        ofBolt += point.mean;
    }
    QVERIFY(ofExecutors > 0);
    QVERIFY(std::abs(ofExecutors - ofBolt) < 1e-6 * ofExecutors);
    // They are said once: not among the figures of the brokers as well.
    for (const auto& page : late.series) {
        QVERIFY(observe::kindOf(page->object) != observe::ObjectKind::Broker ||
                page->name.find("access") == std::string::npos);
    }
}

void TestRunSession::aFaultThatIsPlannedInTheRunHappensAtItsTime() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    const SimTime at = session.now() + 5s;
    session.inject({"crash", "broker:2", 0, at, SimDuration(3s)});
    const auto stateAfter = [&](SimTime time) {
        runTo(session, time);
        return session.snapshot(Detail::Complete).cluster.brokers[1].state;
    };
    const auto plan = session.snapshot(Detail::Complete).run.faults;
    QCOMPARE(plan.size(), std::size_t(1));
    QVERIFY(plan[0].isPlanned);
    QCOMPARE(plan[0].at, at);
    QCOMPARE(stateAfter(at - 1ms), observe::LifeState::Running);
    QCOMPARE(stateAfter(at + 1ms), observe::LifeState::Crashed);
    const auto incarnation = [&] { return session.snapshot(Detail::Complete).cluster.brokers[1].incarnation; };
    QCOMPARE(incarnation(), 1);
    (void)stateAfter(at + 3500ms);
    QCOMPARE(incarnation(), 2);
    // It is a recorded input: the same run again has it too.
    const std::uint64_t fingerprint = session.snapshot(Detail::Complete).run.fingerprint;
    const SimTime end = session.now();
    const std::atomic<bool> isCancelled{false};
    session.seek(SimTime(1s), isCancelled);
    session.seek(end, isCancelled);
    QCOMPARE(session.snapshot(Detail::Complete).run.fingerprint, fingerprint);
}

void TestRunSession::aRateReachesTheProducerThatReadsTheSourceWhateverItIsCalled() {
    OpenRequest request = requestOf(example);
    const auto replace = [&](const std::string& what, const std::string& with) {
        const std::size_t at = request.text.find(what);
        QVERIFY2(at != std::string::npos, what.c_str());
        request.text.replace(at, what.size(), with);
    };
    replace(R"("host": "office", "topic": "sentences", "rate")", R"("host": "office", "rate")");
    replace(
        R"("sources": {)",
        R"("clients": {"producers": {"p1": {"source": "writer", "topic": "sentences", "host": "office"}}}, "sources": {)");
    RunSession session;
    QVERIFY(session.open(request).isOpen);
    const std::int64_t before = session.snapshot(Detail::Complete).sources.front().produced;
    QVERIFY(session.inject({"rate", "source:writer", 500, {}, {}}) != ActionId());
    runTo(session, session.now() + 2s);
    const observe::SourceView source = session.snapshot(Detail::Complete).sources.front();
    QVERIFY2(source.produced - before > 800, std::to_string(source.produced - before).c_str());
    QVERIFY2(source.recordsPerSecond > 300, std::to_string(source.recordsPerSecond).c_str());
    QCOMPARE(session.inject({"rate", "source:nobody", 500, {}, {}}), ActionId());
}

void TestRunSession::recordsOfATopicCanBeRead() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    runTo(session, session.now() + 4s);
    session.look({"topic:sentences", -1});
    const std::uint64_t fingerprint = session.snapshot(Detail::Complete).run.fingerprint;
    const observe::Snapshot snapshot = session.snapshot(Detail::Complete);
    QVERIFY(snapshot.pages.topic != nullptr);
    const observe::TopicPage& page = *snapshot.pages.topic;
    QVERIFY(page.isKnown && !page.rows.empty() && page.rows.size() <= 200);
    std::int64_t records = 0;
    for (const observe::TopicView& topic : snapshot.cluster.topics) {
        for (const observe::PartitionView& partition : topic.partitions) {
            records += topic.name == "sentences" ? partition.logEndOffset - partition.logStartOffset : 0;
        }
    }
    QCOMPARE(page.records, records);
    std::int64_t before = std::numeric_limits<std::int64_t>::max();
    for (const observe::RecordRow& row : page.rows) {
        QVERIFY(row.value && !row.value->empty() && row.bytes >= static_cast<std::int64_t>(row.value->size()));
        QCOMPARE(row.source, std::string("writer"));
        QVERIFY(row.timestamp <= before);  // the newest first
        before = row.timestamp;
    }
    QCOMPARE(snapshot.run.fingerprint, fingerprint);
    session.look({"topic:nothing", -1});
    QVERIFY(!session.snapshot(Detail::Complete).pages.topic->isKnown);
}

void TestRunSession::aRateReachesWhoReadsASourceWithoutAProducer_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("source");
    QTest::newRow("a receiver of Spark") << "scenarios/spark-word-count.json"
                                         << "source:writer";
    QTest::newRow("ingestion pipelines") << "scenarios/three-ways-in.json"
                                         << "source:payments";
}
/// Records in the last second of a run of four, before the change and after it.
void TestRunSession::aRateReachesWhoReadsASourceWithoutAProducer() {
    QFETCH(QString, file);
    QFETCH(QString, source);
    RunSession session;
    QVERIFY(session.open(requestOf(qPrintable(file))).isOpen);
    const auto rate = [&] {
        double most = 0;
        for (const observe::WireView& wire : session.snapshot(Detail::Complete).wires) {
            most = wire.from == source.toStdString() ? std::max(most, wire.perSecond) : most;
        }
        return most;
    };
    runTo(session, session.now() + 4s);
    const double before = rate();
    QVERIFY(before > 5);
    QVERIFY(session.inject({"rate", source.toStdString(), before * 4, {}, {}}) != ActionId());
    runTo(session, session.now() + 6s);
    QVERIFY2(rate() > before * 2, std::to_string(rate()).c_str());
    // Nobody is told of a source that nobody reads.
    QCOMPARE(session.inject({"rate", "source:nobody", 500, {}, {}}), ActionId());
    // It is a recorded input: the same run again has it too.
    const std::uint64_t fingerprint = session.snapshot(Detail::Complete).run.fingerprint;
    const SimTime end = session.now();
    const std::atomic<bool> isCancelled{false};
    session.seek(SimTime(1s), isCancelled);
    session.seek(end, isCancelled);
    QCOMPARE(session.snapshot(Detail::Complete).run.fingerprint, fingerprint);
}

void TestRunSession::whatTheInvariantsSayDoesNotDependOnTheFrames() {
    const auto said = [](SimDuration frame) {
        RunSession session;
        if (!session.open(requestOf(example)).isOpen) {
            return QStringLiteral("not open");
        }
        const SimTime end = session.now() + 2s;
        while (session.now() < end) {
            session.advance(std::min(end, session.now() + frame), 50ms);
        }
        QStringList lines;
        for (const observe::InvariantView& view : session.snapshot(Detail::Complete).run.invariants) {
            lines << QString::fromStdString(view.name) +
                         (view.holds ? QStringLiteral(" holds") : QStringLiteral(" broken"));
        }
        return lines.join(QLatin1Char('\n'));
    };
    QCOMPARE(said(16ms), said(2s));
    QVERIFY(said(2s).contains(QStringLiteral("holds")));
}

QTEST_APPLESS_MAIN(TestRunSession)
#include "tst_run_session.moc"
