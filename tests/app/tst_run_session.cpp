#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include "app/bridge/run_session.h"
#include "app/bridge/series_totals.h"

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
    void whatTheInvariantsSayDoesNotDependOnTheFrames();
    void watchingChangesNothing();
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
    void totalsAreSumsOfTheirParts();
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
    session.inject({"heal", host, 0});
    runTo(session, session.now() + 1s);
    const observe::Snapshot healed = session.snapshot(Detail::Complete);
    QCOMPARE(healed.run.faults.size(), std::size_t(1));
    QVERIFY(healed.run.faults.front().until < healed.run.now);
    QVERIFY(std::all_of(healed.cluster.hosts.begin(), healed.cluster.hosts.end(),
                        [](const auto& each) { return each.ailments.empty(); }));
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
    QVERIFY(std::any_of(after.series.begin(), after.series.end(),
                        [&](const auto& page) { return page->object == worker && page->name == "executed"; }));
}

void TestRunSession::anUnknownCommandDoesNothing() {
    RunSession session;
    QVERIFY(session.open(requestOf(example)).isOpen);
    const std::uint64_t print = session.snapshot(Detail::Complete).run.fingerprint;
    QCOMPARE(session.inject({"meteor", "broker:2", 0}).value, std::uint64_t(0));
    session.revoke(ActionId{99});
    QCOMPARE(session.snapshot(Detail::Complete).run.fingerprint, print);
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
        made->name = "records in";
        made->object = object;
        made->points = {{SimTime(100ms), value, value, value}, {SimTime(200ms), value, value, value}};
        return made;
    };
    const SeriesPages all = withTotals({page("broker:1", 10), page("broker:2", 5), page("host:h1", 99)});
    QCOMPARE(all.size(), std::size_t(4));
    QCOMPARE(all.front()->name, std::string("throughput"));
    QCOMPARE(all.front()->points.size(), std::size_t(2));
    QCOMPARE(all.front()->points[1].mean, 15.0);
    QCOMPARE(newestRate(all, "broker:2", "records in", SimTime(150ms)), 5.0);
    QCOMPARE(newestRate(all, "broker:3", "records in", SimTime(150ms)), 0.0);
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
    session.inject({"rate", "source:writer", 500, {}, {}}) != ActionId();
    runTo(session, session.now() + 2s);
    const observe::SourceView source = session.snapshot(Detail::Complete).sources.front();
    QVERIFY2(source.produced - before > 800, std::to_string(source.produced - before).c_str());
    QVERIFY2(source.recordsPerSecond > 300, std::to_string(source.recordsPerSecond).c_str());
    QCOMPARE(session.inject({"rate", "source:nobody", 500, {}, {}}), ActionId());
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
