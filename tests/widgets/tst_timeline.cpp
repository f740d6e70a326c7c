#include <QLabel>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>

#include "widgets/controls/palette.h"
#include "widgets/timeline/time_deck.h"

using namespace millrace;
using namespace millrace::widgets;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<observe::Snapshot> runAt(SimDuration now, SimDuration furthest) {
    auto snapshot = std::make_shared<observe::Snapshot>();
    snapshot->run.now = SimTime(now);
    snapshot->run.furthest = SimTime(furthest);
    snapshot->run.branches = {{0, 0, "main", {}, SimTime(furthest), true}};
    return snapshot;
}

}  // namespace

class TestTimeline : public QObject {
    Q_OBJECT

private slots:
    void anInstantAndItsPlaceAreInverse();
    void theAxisGrowsInStepsOnly();
    void aClickGoesToThatInstantButNeverBeyondTheRecorded();
    void draggingReportsEveryPlaceOnce();
    void keysGoBackAndForth();
    void theOtherBranchIsALaneThatCanBeClicked();
    void theDeckSaysWhereInThePastItIs();
    void theSpeedIsReadInWords();
    void playTurnsIntoPauseWhileTheRunGoesOn();
    void aPlannedFaultIsDraggedLengthenedAndRemoved();
    void whatHasNotHappenedYetLooksPlanned();
};

void TestTimeline::anInstantAndItsPlaceAreInverse() {
    TimeStrip strip;
    strip.resize(1000, 100);
    strip.setSnapshot(runAt(8s, 10s));
    for (const SimDuration at : {SimDuration(0ms), SimDuration(1500ms), SimDuration(9999ms)}) {
        QVERIFY(std::abs(seconds(strip.timeAt(strip.xOf(SimTime(at))) - SimTime(at))) < 1e-6);
    }
}

void TestTimeline::theAxisGrowsInStepsOnly() {
    TimeStrip strip;
    strip.resize(1000, 100);
    int jumps = 0;
    double last = -1;
    for (int ms = 10000; ms < 20000; ms += 16) {
        strip.setSnapshot(runAt(1ms * ms, 1ms * ms));
        const double x = strip.xOf(SimTime(5s));
        jumps += last >= 0 && x != last ? 1 : 0;
        last = x;
        QVERIFY(strip.xOf(SimTime(1ms * ms)) < 1000 - 16);
    }
    QVERIFY2(jumps > 2 && jumps < 20, qPrintable(QString::number(jumps)));
}

void TestTimeline::whatHasNotHappenedYetLooksPlanned() {
    TimeStrip strip;
    strip.resize(1000, 120);
    const auto run = runAt(10s, 10s);
    run->journal = std::make_shared<observe::JournalPage>();
    run->run.faults = {{"crash", "broker:2", SimTime(4s), SimTime(11500ms), false}};
    strip.setSnapshot(run);
    const QImage picture = strip.grab().toImage();
    // How much of a stretch of the bar is filled with its colour.
    const auto filled = [&](SimDuration from, SimDuration to) {
        int hits = 0;
        int all = 0;
        for (int x = static_cast<int>(strip.xOf(SimTime(from))) + 3; x < static_cast<int>(strip.xOf(SimTime(to))) - 3;
             ++x) {
            for (int y = 54; y < 62; ++y) {
                ++all;
                hits += picture.pixelColor(x, y) == theme().faultFill ? 1 : 0;
            }
        }
        return all == 0 ? -1.0 : static_cast<double>(hits) / all;
    };
    QVERIFY2(filled(8s, 10s) > 0.95, qPrintable(QString::number(filled(8s, 10s))));
    QVERIFY2(filled(10200ms, 11500ms) < 0.5, qPrintable(QString::number(filled(10200ms, 11500ms))));
}

void TestTimeline::aPlannedFaultIsDraggedLengthenedAndRemoved() {
    TimeStrip strip;
    strip.resize(1000, 140);
    strip.setSnapshot(runAt(2s, 20s));
    strip.setPlan({{QStringLiteral("crash broker 2"), SimTime(5s), SimTime(10s)}});
    QSignalSpy moved(&strip, &TimeStrip::planMoved);
    QSignalSpy seek(&strip, &TimeStrip::seekRequested);
    const auto drag = [&](double from, double to) {
        const double y = strip.planBox(0).center().y();
        QTest::mousePress(&strip, Qt::LeftButton, {}, QPointF(from, y).toPoint());
        QTest::mouseMove(&strip, QPointF(to, y).toPoint());
        QTest::mouseRelease(&strip, Qt::LeftButton, {}, QPointF(to, y).toPoint());
    };
    drag(strip.xOf(SimTime(7s)), strip.xOf(SimTime(9s)));
    QCOMPARE(moved.count(), 1);
    QVERIFY(std::abs(seconds(moved.last()[1].value<SimTime>()) - 7.0) < 0.15);
    QVERIFY(std::abs(seconds(moved.last()[2].value<SimTime>()) - 12.0) < 0.15);
    const double end = strip.planBox(0).right() - 2;
    drag(end, end + strip.xOf(SimTime(13s)) - strip.xOf(SimTime(12s)));
    QCOMPARE(moved.count(), 2);
    QVERIFY(std::abs(seconds(moved.last()[2].value<SimTime>()) - 13.0) < 0.15);
    QCOMPARE(seek.count(), 0);
    QSignalSpy removed(&strip, &TimeStrip::planRemoveRequested);
    QTest::keyClick(&strip, Qt::Key_Delete);
    QCOMPARE(removed.count(), 1);
    QCOMPARE(removed.first().first().toInt(), 0);
}

void TestTimeline::aClickGoesToThatInstantButNeverBeyondTheRecorded() {
    TimeStrip strip;
    strip.resize(1000, 100);
    strip.setSnapshot(runAt(10s, 10s));
    QSignalSpy seek(&strip, &TimeStrip::seekRequested);
    QTest::mouseClick(&strip, Qt::LeftButton, {}, QPointF(strip.xOf(SimTime(4s)), 30).toPoint());
    QVERIFY(std::abs(seconds(seek.last().first().value<SimTime>()) - 4.0) < 0.05);
    QTest::mouseClick(&strip, Qt::LeftButton, {}, QPoint(995, 30));
    QCOMPARE(seek.last().first().value<SimTime>(), SimTime(10s));
}

void TestTimeline::draggingReportsEveryPlaceOnce() {
    TimeStrip strip;
    strip.resize(1000, 100);
    strip.setSnapshot(runAt(10s, 10s));
    QSignalSpy seek(&strip, &TimeStrip::seekRequested);
    QTest::mousePress(&strip, Qt::LeftButton, {}, QPoint(500, 30));
    QTest::mouseMove(&strip, QPoint(400, 30));
    QTest::mouseMove(&strip, QPoint(400, 32));
    QTest::mouseMove(&strip, QPoint(300, 30));
    QTest::mouseRelease(&strip, Qt::LeftButton, {}, QPoint(300, 30));
    QTest::mouseMove(&strip, QPoint(200, 30));
    QCOMPARE(seek.count(), 3);
}

void TestTimeline::keysGoBackAndForth() {
    TimeStrip strip;
    strip.resize(1000, 100);
    strip.setSnapshot(runAt(5s, 10s));
    QSignalSpy seek(&strip, &TimeStrip::seekRequested);
    QSignalSpy back(&strip, &TimeStrip::backToNowRequested);
    QTest::keyClick(&strip, Qt::Key_Left);
    QCOMPARE(seek.last().first().value<SimTime>(), SimTime(4900ms));
    QTest::keyClick(&strip, Qt::Key_Right, Qt::ShiftModifier);
    QCOMPARE(seek.last().first().value<SimTime>(), SimTime(6s));
    QTest::keyClick(&strip, Qt::Key_Home);
    QCOMPARE(seek.last().first().value<SimTime>(), SimTime{});
    QTest::keyClick(&strip, Qt::Key_End);
    QCOMPARE(back.count(), 1);
}

void TestTimeline::theOtherBranchIsALaneThatCanBeClicked() {
    TimeStrip strip;
    auto snapshot = runAt(10s, 10s);
    snapshot->run.branches = {{0, 0, "main", {}, SimTime(12s), false},
                              {1, 0, "without the crash", SimTime(4s), SimTime(10s), true}};
    strip.setSnapshot(snapshot);
    strip.resize(1000, strip.sizeHint().height());
    QSignalSpy branch(&strip, &TimeStrip::branchRequested);
    const QPoint lane(static_cast<int>(strip.xOf(SimTime(6s))), strip.height() - 12);
    QTest::mouseClick(&strip, Qt::LeftButton, {}, lane);
    QCOMPARE(branch.count(), 1);
    QCOMPARE(branch.first().first().toUInt(), 0U);
    // Before they parted at 4 s they are one: there is nothing of the other branch to click.
    const QPoint before(static_cast<int>(strip.xOf(SimTime(2s))), strip.height() - 12);
    QTest::mouseClick(&strip, Qt::LeftButton, {}, before);
    QCOMPARE(branch.count(), 1);
}

void TestTimeline::theDeckSaysWhereInThePastItIs() {
    TimeDeck deck;
    deck.setSnapshot(runAt(5200ms, 11s));
    const auto texts = [&] {
        QStringList all;
        for (const QLabel* label : deck.findChildren<QLabel*>()) {
            if (!label->isHidden()) {
                all.append(label->text());
            }
        }
        return all.join(QLatin1Char('|'));
    };
    QVERIFY2(texts().contains(QStringLiteral("You are at 5.2 s of 11.0 s")), qPrintable(texts()));
    deck.setSnapshot(runAt(11s, 11s));
    QVERIFY(!texts().contains(QStringLiteral("You are at")));
}

void TestTimeline::theSpeedIsReadInWords() {
    TimeDeck deck;
    deck.setSpeed(0.1);
    QCOMPARE(deck.speed(), 0.1);
    auto* slider = deck.findChild<QSlider*>();
    QSignalSpy changed(&deck, &TimeDeck::speedChanged);
    slider->setValue(slider->minimum());
    QCOMPARE(changed.last().first().toDouble(), 1e-5);
    slider->setValue(slider->maximum());
    QCOMPARE(changed.last().first().toDouble(), 1000.0);
    const auto labels = deck.findChildren<QLabel*>();
    QVERIFY(std::any_of(labels.begin(), labels.end(),
                        [](const QLabel* l) { return l->text() == QStringLiteral("1 s here = 16.7 min there"); }));
}

void TestTimeline::playTurnsIntoPauseWhileTheRunGoesOn() {
    TimeDeck deck;
    QSignalSpy play(&deck, &TimeDeck::playRequested);
    QSignalSpy pause(&deck, &TimeDeck::pauseRequested);
    deck.setSnapshot(runAt(1s, 1s));
    deck.actions().play->trigger();
    QCOMPARE(play.count(), 1);
    auto going = runAt(1s, 1s);
    going->run.mode = observe::RunMode::Run;
    deck.setSnapshot(going);
    QCOMPARE(deck.actions().play->text(), QStringLiteral("Pause"));
    deck.actions().play->trigger();
    QCOMPARE(pause.count(), 1);
}

QTEST_MAIN(TestTimeline)
#include "tst_timeline.moc"
