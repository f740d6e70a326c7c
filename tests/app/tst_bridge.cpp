#include <QSignalSpy>
#include <QTest>
#include <QThread>
#include <stdexcept>

#include "app/bridge/engine_bridge.h"
#include "tests/support/synthetic_session.h"

using namespace millrace;
using namespace millrace::bridge;

namespace {

SessionMaker makeSynthetic() {
    return [] { return std::make_unique<support::SyntheticSession>(); };
}

class RefusingSession final : public EngineSession {
public:
    OpenAnswer open(const OpenRequest&, const std::atomic<bool>&) override {
        return {false, {{observe::Severity::Error, {}, "topics.a.replicas", "3 replicas on 2 brokers"}}};
    }
    bool isOpen() const override { return false; }
    SimTime now() const override { return {}; }
    SimTime furthest() const override { return {}; }
    std::uint64_t events() const override { return 0; }
    void advance(SimTime, std::chrono::nanoseconds) override {}
    void step() override {}
    void stepBack() override {}
    void seek(SimTime, const std::atomic<bool>&) override {}
    ActionId inject(const Command&) override { return {}; }
    void revoke(ActionId) override {}
    void reinstate(ActionId) override {}
    void switchBranch(std::uint32_t) override {}
    bool hasEnded() const override { return false; }
    observe::Snapshot snapshot(Detail) override { return {}; }
};

/// Says how much its checkpoints may hold.
class FrugalSession final : public support::SyntheticSession {
public:
    explicit FrugalSession(std::atomic<std::int64_t>& told) : m_told(told) {}
    OpenAnswer open(const OpenRequest& request, const std::atomic<bool>& isCancelled) override {
        m_told = request.checkpointBytes.value_or(-1);
        return SyntheticSession::open(request, isCancelled);
    }
    void setCheckpointBytes(std::int64_t bytes) override { m_told = bytes; }

private:
    std::atomic<std::int64_t>& m_told;
};

/// Breaks a rule of the program when it is played, or already when it is opened.
class FailingSession final : public EngineSession {
public:
    explicit FailingSession(bool failsToOpen) : m_failsToOpen(failsToOpen) {}

    std::string keepAfterFailure(const std::string& what) override { return "/kept/about " + what; }
    OpenAnswer open(const OpenRequest&, const std::atomic<bool>&) override {
        failIf(m_failsToOpen);
        m_isOpen = true;
        return {true, {}};
    }
    bool isOpen() const override { return m_isOpen; }
    SimTime now() const override { return {}; }
    SimTime furthest() const override { return {}; }
    std::uint64_t events() const override { return 0; }
    void advance(SimTime, std::chrono::nanoseconds) override { failIf(true); }
    void step() override { failIf(true); }
    void stepBack() override {}
    void seek(SimTime, const std::atomic<bool>&) override { failIf(true); }
    ActionId inject(const Command&) override { return {}; }
    void revoke(ActionId) override {}
    void reinstate(ActionId) override {}
    void switchBranch(std::uint32_t) override {}
    bool hasEnded() const override { return false; }
    observe::Snapshot snapshot(Detail) override { return {}; }

private:
    static void failIf(bool fails) {
        if (fails) {
            throw std::logic_error("a rule");
        }
    }

    bool m_failsToOpen;
    bool m_isOpen = false;
};

}  // namespace

class TestBridge : public QObject {
    Q_OBJECT

private slots:
    void openingShowsTheFirstInstant();
    void aRefusedScenarioSaysWhy();
    void playingMovesTimeAndPausingStopsIt();
    void aBusyWindowGetsTheNewestSnapshotOnly();
    void theLastOfManySeeksWins();
    void snapshotsDoNotChangeAfterTheyWereHandedOver();
    void anActionInThePastMakesABranch();
    void aRunThatGrowsTooLargePausesAndMayGoOn();
    void whatCheckpointsMayHoldIsToldAtTheStartAndLater();
    void aFailureOfTheProgramEndsTheRunAndNotTheWindow_data();
    void aFailureOfTheProgramEndsTheRunAndNotTheWindow();
    void aBridgeThatIsPlayingCanBeDestroyed();

private:
    static void open(EngineBridge& bridge);
};

void TestBridge::open(EngineBridge& bridge) {
    QSignalSpy shown(&bridge, &EngineBridge::snapshotReady);
    bridge.open({"{}", "a.json"});
    QVERIFY(shown.wait(5000));
}

void TestBridge::openingShowsTheFirstInstant() {
    EngineBridge bridge(makeSynthetic());
    QSignalSpy opened(&bridge, &EngineBridge::opened);
    open(bridge);
    QCOMPARE(opened.count(), 1);
    QVERIFY(bridge.isOpen());
    QCOMPARE(bridge.snapshot()->run.mode, observe::RunMode::Paused);
    QCOMPARE(bridge.snapshot()->run.scenario, std::string("a.json"));
}

void TestBridge::aRefusedScenarioSaysWhy() {
    EngineBridge bridge([] { return std::make_unique<RefusingSession>(); });
    QSignalSpy opened(&bridge, &EngineBridge::opened);
    bridge.open({"{}", "a.json"});
    QVERIFY(opened.wait(5000));
    QVERIFY(!bridge.isOpen());
    const auto answer = opened.first().first().value<OpenAnswer>();
    QCOMPARE(answer.problems.size(), std::size_t(1));
    QCOMPARE(answer.problems.front().text, std::string("3 replicas on 2 brokers"));
}

void TestBridge::playingMovesTimeAndPausingStopsIt() {
    EngineBridge bridge(makeSynthetic());
    open(bridge);
    const SimTime before = bridge.snapshot()->run.now;
    bridge.setSpeed(10);
    bridge.play();
    QTRY_VERIFY_WITH_TIMEOUT(bridge.snapshot()->run.now > before + std::chrono::seconds(1), 10000);
    QCOMPARE(bridge.snapshot()->run.mode, observe::RunMode::Run);
    bridge.pause();
    QTRY_COMPARE_WITH_TIMEOUT(bridge.snapshot()->run.mode, observe::RunMode::Paused, 5000);
    const SimTime stopped = bridge.snapshot()->run.now;
    QSignalSpy shown(&bridge, &EngineBridge::snapshotReady);
    QTest::qWait(200);
    QCOMPARE(shown.count(), 0);
    QCOMPARE(bridge.snapshot()->run.now, stopped);
}

void TestBridge::aBusyWindowGetsTheNewestSnapshotOnly() {
    EngineBridge bridge(makeSynthetic());
    open(bridge);
    bridge.setSpeed(1);
    bridge.play();
    QSignalSpy shown(&bridge, &EngineBridge::snapshotReady);
    QThread::msleep(300);  // the window is busy: eighteen frames go by
    QVERIFY(shown.wait(5000));
    QCOMPARE(shown.count(), 1);
    const SimTime first = bridge.snapshot()->run.now;
    QVERIFY2(first > SimTime(std::chrono::milliseconds(2100)), toText(first).c_str());
}

void TestBridge::theLastOfManySeeksWins() {
    EngineBridge bridge(makeSynthetic());
    open(bridge);
    for (int i = 0; i < 200; ++i) {
        bridge.seek(SimTime(std::chrono::milliseconds(i)));
    }
    QTRY_COMPARE_WITH_TIMEOUT(bridge.snapshot()->run.now, SimTime(std::chrono::milliseconds(199)), 5000);
    QCOMPARE(bridge.snapshot()->run.furthest, SimTime(std::chrono::seconds(2)));
}

void TestBridge::snapshotsDoNotChangeAfterTheyWereHandedOver() {
    EngineBridge bridge(makeSynthetic());
    open(bridge);
    const observe::SnapshotPtr kept = bridge.snapshot();
    const auto end = kept->cluster.topics.front().partitions.front().logEndOffset;
    bridge.setSpeed(100);
    bridge.play();
    QTRY_VERIFY_WITH_TIMEOUT(bridge.snapshot()->run.now > kept->run.now + std::chrono::seconds(2), 10000);
    QCOMPARE(kept->cluster.topics.front().partitions.front().logEndOffset, end);
    QVERIFY(bridge.snapshot()->cluster.topics.front().partitions.front().logEndOffset > end);
}

void TestBridge::anActionInThePastMakesABranch() {
    EngineBridge bridge(makeSynthetic());
    open(bridge);
    bridge.seek(SimTime(std::chrono::seconds(1)));
    QSignalSpy injected(&bridge, &EngineBridge::injected);
    bridge.inject({"crash", "broker:2", 0}, 42);
    QVERIFY(injected.wait(5000));
    QCOMPARE(injected.first().first().toULongLong(), 42ULL);
    QTRY_COMPARE_WITH_TIMEOUT(bridge.snapshot()->run.branches.size(), std::size_t(2), 5000);
}

void TestBridge::aRunThatGrowsTooLargePausesAndMayGoOn() {
    EngineBridge bridge(makeSynthetic());
    open(bridge);
    QSignalSpy reached(&bridge, &EngineBridge::memoryLimitReached);
    bridge.setMemoryLimit(1);
    bridge.play();
    QVERIFY(reached.wait(5000));
    QVERIFY(reached[0][0].toULongLong() > 1'000'000);
    QTRY_COMPARE(bridge.snapshot()->run.mode, observe::RunMode::Paused);
    bridge.play();
    QTRY_COMPARE(bridge.snapshot()->run.mode, observe::RunMode::Run);
    QVERIFY(!reached.wait(600));  // half as much again is allowed
}

void TestBridge::whatCheckpointsMayHoldIsToldAtTheStartAndLater() {
    std::atomic<std::int64_t> told{0};
    EngineBridge bridge([&told] { return std::make_unique<FrugalSession>(told); });
    bridge.open({"{}", "a.json", false, 100});
    QTRY_COMPARE(told.load(), std::int64_t{100});
    bridge.setCheckpointBytes(200);
    QTRY_COMPARE(told.load(), std::int64_t{200});
}

void TestBridge::aFailureOfTheProgramEndsTheRunAndNotTheWindow_data() {
    QTest::addColumn<QString>("when");
    for (const char* when : {"opening", "playing", "stepping", "seeking"}) {
        QTest::newRow(when) << QString::fromLatin1(when);
    }
}

void TestBridge::aFailureOfTheProgramEndsTheRunAndNotTheWindow() {
    QFETCH(QString, when);
    EngineBridge bridge([&] { return std::make_unique<FailingSession>(when == QLatin1String("opening")); });
    QSignalSpy failed(&bridge, &EngineBridge::failedInternally);
    bridge.open({"{}", "a.json"});
    if (when == QLatin1String("playing")) {
        bridge.play();
    } else if (when == QLatin1String("stepping")) {
        bridge.step();
    } else if (when == QLatin1String("seeking")) {
        bridge.seek(SimTime{});
    }
    QVERIFY(failed.wait(5000));
    QCOMPARE(failed[0][0].toString(), QStringLiteral("a rule"));
    QCOMPARE(failed[0][1].toString(), QStringLiteral("/kept/about a rule"));
    QVERIFY(!bridge.isOpen());
    bridge.play();  // there is nothing to be played, and nothing else happens
    QVERIFY(!failed.wait(100));
    QCOMPARE(failed.count(), 1);
}

void TestBridge::aBridgeThatIsPlayingCanBeDestroyed() {
    auto bridge = std::make_unique<EngineBridge>(makeSynthetic());
    open(*bridge);
    bridge->express();
    QTest::qWait(30);
    bridge.reset();
}

QTEST_GUILESS_MAIN(TestBridge)
#include "tst_bridge.moc"
