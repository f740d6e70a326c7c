#include <QElapsedTimer>
#include <QLabel>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"
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
    void aThousandFaultsAreDrawnInAFrame();
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
    void fastIsASwitchThatSaysTheSpeed();
    void aSpikeHidesNeitherTheUsualNorAStandstill();
    void nothingMovesWhileARunGoesOn();
    void aPlannedFaultIsShownOnce();
    void namesOfFaultsKeepOffTheLineOfThePresent();
    void theWheelZoomsAroundThePointer();
    void aStretchThatHoldsThePresentFollowsIt();
    void aStatusThatDoesNotFitKeepsItsReason();
    void theDeckBecomesOneRow();
    void namesOfFaultsCoverNoBarAndNoOtherName_data();
    void namesOfFaultsCoverNoBarAndNoOtherName();
    void aNameStandsWhereItsFaultBegan();
    void faultsThatBeginTogetherAreNamedTogether();
    void aNameCoversNoCurveBeforeItsFault();
    void aFaultThatLastsIsNamedBeforeThePresent();
    void aNameStandsAboveTheCurveAndBesideTheRuler();
    void aCompactStripNamesTimesBesideItsFaults();
    void theCurveOfACompactStripHasItsNameAndScale();
    void noTimeMakesWayForTheNameOfTheCurve();
    void theScaleIsToldBesideLongNamesOfFaults();
    void aDotStandsBesideTheFlagOfItsFault();
    void theCurveReachesThePresent();
    void theKnobOfTheSpeedIsRound();
    void theCurveIsSeenWhereSomethingFails_data();
    void theCurveIsSeenWhereSomethingFails();
    void thePresentIsNotReadWithTheNextInstant();
    void aStretchSaysWhatItIsCutOutOf();
    void whatTheRunDoesIsSaidWholeInOneRow();
    void theRowIsNotLaidOutBecauseTimePasses();
    void aPlannedFaultThatHasBegunIsChosenByItsBar();
};

namespace {

/// How often something is laid out anew.
class LayoutCounter final : public QObject {
public:
    int count = 0;

protected:
    bool eventFilter(QObject* /*watched*/, QEvent* event) override {
        count += event->type() == QEvent::LayoutRequest ? 1 : 0;
        return false;
    }
};

}  // namespace

void TestTimeline::theWheelZoomsAroundThePointer() {
    TimeStrip strip;
    strip.resize(1280, strip.sizeHint().height());
    const auto run = runAt(300s, 300s);
    run->run.faults.push_back({"crash", "broker:2", SimTime(100s), SimTime(106s)});
    strip.setSnapshot(run);
    QSignalSpy told(&strip, &TimeStrip::visibleRangeChanged);
    const double x = strip.xOf(SimTime(103s));
    const double before = strip.xOf(SimTime(106s)) - strip.xOf(SimTime(100s));
    QVERIFY(before < 30);
    for (int notch = 0; notch < 12; ++notch) {
        QWheelEvent wheel(QPointF(x, 30), strip.mapToGlobal(QPointF(x, 30)), {}, QPoint(0, 120), Qt::NoButton,
                          Qt::NoModifier, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&strip, &wheel);
    }
    QVERIFY(strip.isZoomed());
    QCOMPARE(told.count(), 12);
    QVERIFY(std::abs(strip.xOf(SimTime(103s)) - x) < 2);
    QVERIFY(strip.xOf(SimTime(106s)) - strip.xOf(SimTime(100s)) > 200);
    QVERIFY(std::abs(seconds(strip.timeAt(x)) - 103) < 0.1);
    strip.grab();  // what is out of view is painted nowhere, and asks for nothing
    strip.showAll();
    QVERIFY(!strip.isZoomed());
    QCOMPARE(strip.visibleFrom(), SimTime{});
}

void TestTimeline::aStretchThatHoldsThePresentFollowsIt() {
    TimeStrip strip;
    strip.resize(1280, strip.sizeHint().height());
    strip.setSnapshot(runAt(100s, 100s));
    strip.setVisibleRange(SimTime(95s), SimTime(105s));
    strip.setSnapshot(runAt(106s, 106s));
    QVERIFY(strip.visibleTo() > SimTime(106s));
    QCOMPARE(strip.visibleTo() - strip.visibleFrom(), SimDuration(10s));
    // One that is looked at for its own sake stays.
    strip.setVisibleRange(SimTime(20s), SimTime(30s));
    strip.setSnapshot(runAt(107s, 107s));
    QCOMPARE(strip.visibleFrom(), SimTime(20s));
    QCOMPARE(strip.visibleTo(), SimTime(30s));
}

void TestTimeline::namesOfFaultsCoverNoBarAndNoOtherName_data() {
    QTest::addColumn<bool>("isCompact");
    QTest::addColumn<int>("faults");
    QTest::newRow("lanes") << false << 6;
    QTest::newRow("one row") << true << 6;
    QTest::newRow("lanes, crowded") << false << 24;
    QTest::newRow("one row, crowded") << true << 24;
}

void TestTimeline::namesOfFaultsCoverNoBarAndNoOtherName() {
    QFETCH(bool, isCompact);
    QFETCH(int, faults);
    TimeStrip strip;
    strip.setCompact(isCompact);
    strip.resize(900, strip.sizeHint().height());
    const auto run = runAt(20s, 22s);
    for (int i = 0; i < faults; ++i) {
        const SimDuration at = i * 21600ms / faults;
        run->run.faults.push_back(
            {i % 3 == 0 ? "power" : "crash", "host:h" + std::to_string(i), SimTime(at), SimTime(at + i * 60ms), false});
    }
    strip.setSnapshot(run);
    const double now = strip.xOf(SimTime(20s));
    int named = 0;
    for (std::size_t i = 0; i < run->run.faults.size(); ++i) {
        const QRectF words = strip.faultLabelBox(i);
        named += words.isEmpty() ? 0 : 1;
        QVERIFY(words.isEmpty() || words.right() <= strip.width());
        QVERIFY(words.isEmpty() || words.right() < now || words.left() > now);
        for (std::size_t j = 0; j < i; ++j) {
            QVERIFY2(!words.intersects(strip.faultLabelBox(j)), qPrintable(QStringLiteral("%1 on %2").arg(i).arg(j)));
        }
    }
    QVERIFY2(named >= (faults < 20 ? 3 : 1), qPrintable(QString::number(named)));
}

/// Behind the end of a bar that began long ago a name would be read as what happens there.
void TestTimeline::aNameStandsWhereItsFaultBegan() {
    TimeStrip strip;
    strip.setCompact(true);
    strip.resize(900, strip.sizeHint().height());
    const auto run = runAt(27s, 60s);
    run->run.faults = {{"power", "host:node1", SimTime(20s), SimTime(40s), false},
                       {"crash", "nimbus", SimTime(20s), SimTime(40s), false}};
    strip.setSnapshot(run);
    const double end = strip.xOf(SimTime(40s));
    QVERIFY(!strip.faultLabelBox(0).isEmpty());
    for (std::size_t i = 0; i < 2; ++i) {
        QVERIFY(strip.faultLabelBox(i).isEmpty() || strip.faultLabelBox(i).left() < end);
    }
    // A short one, too.
    run->run.faults = {{"crash", "broker:2", SimTime(5s), SimTime(5500ms), false}};
    strip.setSnapshot(run);
    QVERIFY(std::abs(strip.faultLabelBox(0).left() - strip.xOf(SimTime(5s))) < 10);
}

void TestTimeline::faultsThatBeginTogetherAreNamedTogether() {
    TimeStrip strip;
    strip.setCompact(true);
    strip.resize(600, strip.sizeHint().height());
    const auto run = runAt(45s, 45s);
    run->run.faults = {{"power", "host:node1", SimTime(20s), SimTime(40s), false},
                       {"crash", "nimbus", SimTime(20s), SimTime(40s), false}};
    strip.setSnapshot(run);
    const QString both = strip.faultLabel(0) + strip.faultLabel(1);
    QVERIFY2(both.contains(QStringLiteral("node1")) &&
                 (both.contains(QStringLiteral("Nimbus")) || both.contains(QStringLiteral("1 more"))),
             qPrintable(both));
    QCOMPARE(strip.faultLabelBox(1), QRectF());
    // And where there is little room, that there are several.
    run->run.now = run->run.furthest = SimTime(31s);
    QStringList said;
    for (int width = 460; width > 300; width -= 10) {
        strip.resize(width, strip.sizeHint().height());
        strip.setSnapshot(run);
        said.append(strip.faultLabel(0));
    }
    for (const QString& each : said) {
        QVERIFY2(each.contains(QStringLiteral("2 faults")) || each.contains(QStringLiteral("+1")) ||
                     each.contains(QStringLiteral("1 more")) || each.contains(QStringLiteral("Nimbus")),
                 qPrintable(said.join(QLatin1Char('|'))));
    }
}

void TestTimeline::aNameCoversNoCurveBeforeItsFault() {
    TimeStrip strip;
    strip.setCompact(true);
    strip.resize(600, strip.sizeHint().height());
    for (const SimDuration now : {SimDuration(20100ms), SimDuration(21s), SimDuration(24s), SimDuration(30s)}) {
        const auto run = runAt(now, now);
        run->run.faults = {{"power", "host:node1", SimTime(20s), SimTime(40s), false}};
        strip.setSnapshot(run);
        const QRectF words = strip.faultLabelBox(0);
        const double begin = strip.xOf(SimTime(20s));
        const bool pointsAtIt = words.right() <= begin + 1 && strip.faultLabel(0).endsWith(QStringLiteral("▸"));
        QVERIFY2(words.isEmpty() || words.left() >= begin || pointsAtIt, qPrintable(QString::number(seconds(now))));
        QVERIFY(words.bottom() <= strip.curveTop());
    }
}

/// Beyond it a name would be read as something that comes; a band without one says nothing.
void TestTimeline::aFaultThatLastsIsNamedBeforeThePresent() {
    TimeStrip strip;
    strip.setCompact(true);
    for (const int width : {480, 600, 1000}) {
        strip.resize(width, strip.sizeHint().height());
        for (int ms = 41100; ms < 60000; ms += 900) {
            const auto run = runAt(1ms * ms, 1ms * ms);
            run->run.faults = {{"crash", "jobtracker", SimTime(41s), SimTime(61s), false}};
            strip.setSnapshot(run);
            const QString where = QStringLiteral("%1 px at %2 ms").arg(width).arg(ms);
            QVERIFY2(!strip.faultLabelBox(0).isEmpty(), qPrintable(where));
            QVERIFY2(strip.faultLabelBox(0).left() < strip.xOf(SimTime(1ms * ms)), qPrintable(where));
        }
    }
}

void TestTimeline::aNameStandsAboveTheCurveAndBesideTheRuler() {
    TimeStrip strip;
    strip.setCompact(true);
    for (const int width : {420, 620, 1200}) {
        strip.resize(width, strip.sizeHint().height());
        for (int ms = 20100; ms < 60000; ms += 700) {
            const auto run = runAt(1ms * ms, 1ms * ms);
            run->run.faults = {{"power", "host:node1", SimTime(20s), SimTime(40s), false}};
            strip.setSnapshot(run);
            const QRectF words = strip.faultLabelBox(0);
            QVERIFY(words.bottom() <= strip.curveTop());
            QVERIFY(!words.intersects(strip.presentLabelBox()));
            for (const QRectF& label : strip.rulerLabels()) {
                QVERIFY(!words.intersects(label));
            }
        }
    }
}

/// Names of faults have a row of their own: no time makes way for them.
void TestTimeline::aCompactStripNamesTimesBesideItsFaults() {
    TimeStrip strip;
    strip.setCompact(true);
    for (const int width : {420, 620, 1200}) {
        strip.resize(width, strip.sizeHint().height());
        const auto run = runAt(320s, 320s);
        strip.setSnapshot(run);
        const std::size_t without = strip.rulerLabels().size();
        run->run.faults = {{"crash", "ingestion:each", SimTime(120s), SimTime(122s), false},
                           {"crash", "ingestion:every-5-seconds", SimTime(180s), SimTime(182s), false}};
        strip.setSnapshot(run);
        QVERIFY(without >= 2);
        QCOMPARE(strip.rulerLabels().size(), without);
        QVERIFY(!strip.faultLabelBox(0).isEmpty());
        for (const QRectF& label : strip.rulerLabels()) {
            QVERIFY(strip.rect().contains(label.toAlignedRect()));
            QVERIFY(label.top() >= strip.faultLabelBox(0).bottom());
        }
    }
}

void TestTimeline::theCurveOfACompactStripHasItsNameAndScale() {
    TimeStrip strip;
    strip.setCompact(true);
    for (const int width : {440, 620, 1200}) {
        strip.resize(width, strip.sizeHint().height());
        const auto run = runAt(60s, 60s);
        auto page = std::make_shared<observe::SeriesPage>();
        page->name = "throughput";
        page->unit = "/s";
        for (int i = 1; i <= 60; ++i) {
            page->points.push_back({SimTime(1s * i), 100, 100, i == 30 ? 61'100.0 : 100.0});
        }
        run->series = {page};
        strip.setSnapshot(run);
        QVERIFY2(strip.curveCaption().contains(QStringLiteral("records in")), qPrintable(strip.curveCaption()));
        QVERIFY2(strip.curveCaption().contains(QStringLiteral("peak")), qPrintable(strip.curveCaption()));
        QVERIFY(strip.rulerLabels().size() >= 2);
        for (const QRectF& box : strip.curveCaptionBoxes()) {
            QVERIFY(strip.rect().contains(box.toAlignedRect()));
            for (const QRectF& label : strip.rulerLabels()) {
                QVERIFY(!label.intersects(box));
            }
        }
    }
}

/// What the curve counts and how high it goes stands where neither an instant nor a fault nor the present is named,
/// with its scale.
void TestTimeline::noTimeMakesWayForTheNameOfTheCurve() {
    TimeStrip strip;
    strip.setCompact(true);
    auto page = std::make_shared<observe::SeriesPage>();
    page->name = "throughput";
    page->unit = "/s";
    for (int i = 1; i <= 320; ++i) {
        page->points.push_back({SimTime(1s * i), 100, 100, i == 3 ? 61'100.0 : 100.0});
    }
    for (const int width : {442, 520, 620, 1200}) {
        strip.resize(width, strip.sizeHint().height());
        for (const int now : {20, 32, 44, 60, 132, 315}) {
            const auto run = runAt(1s * now, 1s * now);
            run->run.faults = {{"crash", "broker:2", SimTime(1s * (now * 6 / 10)), SimTime(1s * now), false}};
            strip.setSnapshot(run);
            const std::size_t without = strip.rulerLabels().size();
            run->series = {page};
            strip.setSnapshot(run);
            const QByteArray where = QStringLiteral("%1 px, %2 s").arg(width).arg(now).toUtf8();
            QVERIFY2(without >= 2, where.constData());
            QVERIFY2(strip.rulerLabels().size() == without, where.constData());
            QVERIFY2(strip.curveCaption().contains(QStringLiteral("peak")),
                     qPrintable(QString::fromUtf8(where) + strip.curveCaption()));
            QVERIFY2(strip.curveCaption().contains(QStringLiteral("200/s")), where.constData());
            QVERIFY2(!strip.faultLabelBox(0).isEmpty(), where.constData());
            for (const QRectF& box : strip.curveCaptionBoxes()) {
                QVERIFY2(strip.rect().contains(box.toAlignedRect()), where.constData());
                QVERIFY2(!box.intersects(strip.presentLabelBox()), where.constData());
                QVERIFY2(!box.intersects(strip.faultLabelBox(0)), where.constData());
                for (const QRectF& label : strip.rulerLabels()) {
                    QVERIFY2(!label.intersects(box), where.constData());
                }
            }
        }
    }
}

/// Where names of faults leave no room for the name of the curve, its scale is told at least.
void TestTimeline::theScaleIsToldBesideLongNamesOfFaults() {
    TimeStrip strip;
    strip.setCompact(true);
    strip.resize(442, strip.sizeHint().height());
    auto page = std::make_shared<observe::SeriesPage>();
    page->name = "throughput";
    page->unit = "/s";
    for (int i = 1; i <= 46; ++i) {
        page->points.push_back({SimTime(1s * i), 300, 300, 300});
    }
    const auto run = runAt(46s, 46s);
    run->series = {page};
    run->run.faults = {{"delay", "host:node1", SimTime(33s), SimTime(39s), false}};
    strip.setSnapshot(run);
    QVERIFY(!strip.faultLabelBox(0).isEmpty());
    QVERIFY2(strip.curveCaption().contains(QStringLiteral("300/s")), qPrintable(strip.curveCaption()));
    for (const QRectF& box : strip.curveCaptionBoxes()) {
        QVERIFY(!box.intersects(strip.faultLabelBox(0)));
        QVERIFY(!box.intersects(strip.presentLabelBox()));
    }
}

void TestTimeline::aDotStandsBesideTheFlagOfItsFault() {
    TimeStrip strip;
    strip.setCompact(true);
    strip.resize(620, strip.sizeHint().height());
    const auto run = runAt(132s, 132s);
    run->run.faults = {{"power", "host:n2", SimTime(69s), SimTime(200s), false}};
    auto journal = std::make_shared<observe::JournalPage>();
    journal->entries = {{1, SimTime(69s), "host:n2", observe::Severity::Warning, "test", "Bytes are lost", 0},
                        {2, SimTime(100s), "host:n2", observe::Severity::Warning, "test", "Another", 0}};
    run->journal = journal;
    strip.setSnapshot(run);
    const std::vector<QPointF> dots = strip.dotsInView();
    QCOMPARE(dots.size(), std::size_t{2});
    const double flag = strip.xOf(SimTime(69s));
    QVERIFY(dots.front().x() - 2.2 >= flag + 3);
    QVERIFY(dots.front().x() < flag + 10);
    QCOMPARE(dots.back().x(), strip.xOf(SimTime(100s)));
}

void TestTimeline::theCurveReachesThePresent() {
    TimeStrip strip;
    strip.setCompact(true);
    strip.resize(900, strip.sizeHint().height());
    const auto run = runAt(20900ms, 20900ms);
    run->journal = std::make_shared<observe::JournalPage>();
    auto page = std::make_shared<observe::SeriesPage>();
    page->name = "throughput";
    page->unit = "/s";
    for (int i = 1; i <= 20; ++i) {
        page->points.push_back({SimTime(1s * i), 100, 100, 100});
    }
    run->series = {page};
    strip.setSnapshot(run);
    const QImage picture = strip.grab().toImage();
    const auto nearestTo = [&](SimDuration at) {
        const QColor line = theme().accent;
        int least = 1000;
        for (int y = 18; y < 40; ++y) {
            const QColor seen = picture.pixelColor(static_cast<int>(strip.xOf(SimTime(at))), y);
            least = std::min(least, std::abs(seen.red() - line.red()) + std::abs(seen.green() - line.green()) +
                                        std::abs(seen.blue() - line.blue()));
        }
        return least;
    };
    QVERIFY2(nearestTo(20500ms) <= nearestTo(15500ms) + 30, qPrintable(QString::number(nearestTo(20500ms))));
}

void TestTimeline::theKnobOfTheSpeedIsRound() {
    applyTheme(*qApp, Theme::Light);
    for (const bool isCompact : {false, true}) {
        TimeDeck deck;
        deck.setCompact(isCompact);
        deck.resize(1280, deck.sizeHint().height());
        deck.show();
        deck.setSnapshot(runAt(20s, 20s));
        QCoreApplication::processEvents();
        const auto* slider = deck.findChild<QSlider*>();
        const QRect box(slider->mapTo(&deck, QPoint()), slider->size());
        const QImage picture = deck.grab(box).toImage();
        // Its middle is the widest place of the knob: as far above the groove as below, and both ends are its border.
        const int middle = static_cast<int>((slider->value() - slider->minimum()) * (picture.width() - 18.0) /
                                                (slider->maximum() - slider->minimum()) +
                                            9);
        int top = -1;
        int bottom = -1;
        for (int y = 0; y < picture.height(); ++y) {
            if (picture.pixelColor(middle, y) == theme().accent) {
                top = top < 0 ? y : top;
                bottom = y;
            }
        }
        QVERIFY2(bottom - top >= 16, qPrintable(QStringLiteral("%1 to %2").arg(top).arg(bottom)));
        QVERIFY(top > 0 && bottom < picture.height() - 1);
    }
}

void TestTimeline::theCurveIsSeenWhereSomethingFails_data() {
    QTest::addColumn<bool>("isDark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestTimeline::theCurveIsSeenWhereSomethingFails() {
    QFETCH(bool, isDark);
    applyTheme(*qApp, isDark ? Theme::Dark : Theme::Light);
    TimeStrip strip;
    strip.setCompact(true);
    strip.resize(900, strip.sizeHint().height());
    const auto run = runAt(20s, 20s);
    run->journal = std::make_shared<observe::JournalPage>();
    auto page = std::make_shared<observe::SeriesPage>();
    page->name = "throughput";
    page->unit = "/s";
    for (int i = 1; i <= 20; ++i) {
        page->points.push_back({SimTime(1s * i), 100, 100, 100});
    }
    run->series = {page};
    run->run.faults = {{"crash", "broker:2", SimTime(5s), SimTime(19s), false}};
    strip.setSnapshot(run);
    const QImage picture = strip.grab().toImage();
    const auto distance = [](const QColor& a, const QColor& b) {
        return std::abs(a.red() - b.red()) + std::abs(a.green() - b.green()) + std::abs(a.blue() - b.blue());
    };
    const int x = static_cast<int>(strip.xOf(SimTime(16s)));
    int least = 1000;
    for (int y = 18; y < 40; ++y) {
        least = std::min(least, distance(picture.pixelColor(x, y), theme().accent));
    }
    const int outside = static_cast<int>(strip.xOf(SimTime(3s)));
    int usual = 1000;
    for (int y = 18; y < 40; ++y) {
        usual = std::min(usual, distance(picture.pixelColor(outside, y), theme().accent));
    }
    applyTheme(*qApp, Theme::Light);
    QVERIFY2(least <= usual + 60, qPrintable(QStringLiteral("%1 in the band, %2 beside it").arg(least).arg(usual)));
}

void TestTimeline::thePresentIsNotReadWithTheNextInstant() {
    TimeStrip strip;
    strip.setCompact(true);
    strip.resize(620, strip.sizeHint().height());
    for (int ms = 1000; ms < 60000; ms += 250) {
        strip.setSnapshot(runAt(1ms * ms, 1ms * ms));
        const QRectF present = strip.presentLabelBox();
        for (const QRectF& label : strip.rulerLabels()) {
            QVERIFY2(label.top() >= present.bottom() || label.left() - present.right() >= 20 ||
                         present.left() - label.right() >= 10,
                     qPrintable(QStringLiteral("%1 ms: %2 and %3").arg(ms).arg(present.right()).arg(label.left())));
        }
    }
}

void TestTimeline::aStretchSaysWhatItIsCutOutOf() {
    TimeStrip strip;
    strip.resize(900, strip.sizeHint().height());
    strip.setSnapshot(runAt(12s, 20s));
    QVERIFY(strip.rangeText(false).isEmpty());
    strip.setVisibleRange(SimTime(6s), SimTime(13700ms));
    QVERIFY2(strip.rangeText(true).startsWith(QStringLiteral("6.0 to 13.7 s of ")), qPrintable(strip.rangeText(true)));
    QVERIFY(strip.rangeText(false).contains(QStringLiteral("double click")));
    // Where a fault began out of view, no edge says that it begins here.
    const auto run = runAt(12s, 20s);
    run->run.faults = {{"crash", "broker:2", SimTime(5s), SimTime(18s), false}};
    strip.setSnapshot(run);
    const QImage picture = strip.grab().toImage();
    int edges = 0;
    for (int x = 0; x < 200; ++x) {
        edges += picture.pixelColor(x, 56) == theme().bad ? 1 : 0;
    }
    QCOMPARE(edges, 0);
}

void TestTimeline::whatTheRunDoesIsSaidWholeInOneRow() {
    TimeDeck deck;
    deck.setCompact(true);
    deck.resize(1280, deck.sizeHint().height());
    deck.show();
    const auto run = runAt(20s, 20s);
    run->run.mode = observe::RunMode::Run;
    run->run.speed = 1;
    run->run.achievedSpeed = 0.055;
    run->run.eventsPerSecond = 10800;
    deck.setSnapshot(run);
    QCoreApplication::processEvents();
    deck.setSnapshot(run);
    const auto labels = deck.findChildren<QLabel*>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
        return label->text() == QStringLiteral("cannot keep up: 0.055 s a second, 10.8 k events/s");
    }));
    // A sample in which nothing happened is no speed.
    run->run.eventsPerSecond = 0;
    deck.setSnapshot(run);
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
        return label->text() == QStringLiteral("cannot keep up: 0.055 s a second");
    }));
    // And the strip has what the rest can do without.
    QVERIFY2(deck.strip().width() > 450, qPrintable(QString::number(deck.strip().width())));
    for (const QWidget* each : deck.findChildren<QWidget*>()) {
        QVERIFY(!each->isVisible() || each->mapTo(&deck, QPoint(each->width(), 0)).x() <= deck.width());
    }
}

void TestTimeline::theRowIsNotLaidOutBecauseTimePasses() {
    TimeDeck deck;
    deck.setCompact(true);
    deck.resize(1280, deck.sizeHint().height());
    deck.show();
    deck.setSnapshot(runAt(20s, 20s));
    QCoreApplication::processEvents();
    deck.setSnapshot(runAt(20s, 20s));
    QCoreApplication::processEvents();
    LayoutCounter counter;
    deck.installEventFilter(&counter);
    for (QWidget* each : deck.findChildren<QWidget*>()) {
        each->installEventFilter(&counter);
    }
    for (int i = 1; i <= 20; ++i) {
        const auto now = SimDuration(20s) + i * SimDuration(16ms);
        deck.setSnapshot(runAt(now, now));
        QCoreApplication::processEvents();
    }
    QVERIFY2(counter.count <= 2, qPrintable(QString::number(counter.count)));
}

void TestTimeline::aPlannedFaultThatHasBegunIsChosenByItsBar() {
    TimeStrip strip;
    strip.resize(1000, strip.sizeHint().height());
    strip.show();
    const auto run = runAt(20s, 20s);
    observe::FaultBar& fault = run->run.faults.emplace_back();
    fault.kind = "crash";
    fault.target = "broker:2";
    fault.at = SimTime(15s);
    fault.until = SimTime(40s);
    fault.isPlanned = true;
    strip.setPlan({{titleOfFault("crash", "broker:1"), SimTime(15s), SimTime(40s)},
                   {titleOfFault("crash", "broker:2"), SimTime(15s), SimTime(40s)}});
    strip.setSnapshot(run);
    QVERIFY(!strip.faultLabelBox(0).isEmpty());
    QSignalSpy chosen(&strip, &TimeStrip::planChosen);
    QSignalSpy sought(&strip, &TimeStrip::seekRequested);
    const double level = strip.faultLabelBox(0).center().y();
    // Of what is yet to come only the sheet can be looked at.
    QTest::mouseClick(&strip, Qt::LeftButton, {}, QPointF(strip.xOf(SimTime(21s)) + 4, level).toPoint());
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen.last().at(0).toInt(), 1);
    QCOMPARE(sought.size(), 0);
    QTest::mouseClick(&strip, Qt::LeftButton, {}, QPointF(strip.xOf(SimTime(18s)), level).toPoint());
    QCOMPARE(chosen.size(), 2);
    QCOMPARE(sought.size(), 1);
}

void TestTimeline::aStatusThatDoesNotFitKeepsItsReason() {
    TimeDeck deck;
    deck.setCompact(true);
    deck.resize(1000, deck.sizeHint().height());
    deck.show();
    const auto said = [&](observe::RunMode mode, const std::string& reason, const std::string& next) {
        const auto run = runAt(20s, 20s);
        run->run.mode = mode;
        run->run.endReason = reason;
        run->run.nextEvent = next;
        deck.setSnapshot(run);
        QCoreApplication::processEvents();
        deck.setSnapshot(run);
        for (const QLabel* label : deck.findChildren<QLabel*>()) {
            if (label->toolTip() == QStringLiteral("ended: %1").arg(format::text(reason)) ||
                label->toolTip() == QStringLiteral("next: %1").arg(format::text(next))) {
                return label->text();
            }
        }
        return QString();
    };
    QCOMPARE(said(observe::RunMode::Ended, "all is read, processed and written", {}).simplified(),
             QStringLiteral("ended: all is read, processed and written"));
    const std::string far(300, 'x');
    QVERIFY2(said(observe::RunMode::Ended, "sinks.x.path: /p/" + far + ": No space left on device", {})
                 .startsWith(QStringLiteral("ended: sinks.x.path: /p/")),
             "the path is cut, not left out");
    // Of what comes next the receiver is told, not the name of the message; without one, what fits is.
    QCOMPARE(said(observe::RunMode::Paused, {}, "broker 1: " + far), QStringLiteral("next: broker 1"));
    QVERIFY(said(observe::RunMode::Step, {}, far).startsWith(QStringLiteral("next: x")));
}

void TestTimeline::theDeckBecomesOneRow() {
    TimeDeck deck;
    deck.resize(1280, 240);
    deck.show();
    const auto run = runAt(20s, 30s);
    run->run.faults.push_back({"crash", "broker:2", SimTime(10s), SimTime(16s)});
    deck.setSnapshot(run);
    const int tall = deck.sizeHint().height();
    QSignalSpy told(&deck, &TimeDeck::compactChanged);
    deck.lanesAction()->trigger();
    QVERIFY(deck.isCompact());
    QCOMPARE(told.count(), 1);
    QVERIFY2(deck.sizeHint().height() <= 62, qPrintable(QString::number(deck.sizeHint().height())));
    QVERIFY(deck.strip().isVisible());
    // The run is still there to be gone back in.
    deck.resize(1280, deck.sizeHint().height());
    QCoreApplication::processEvents();
    QVERIFY(deck.strip().width() > 200);
    QSignalSpy sought(&deck.strip(), &TimeStrip::seekRequested);
    QTest::mouseClick(&deck.strip(), Qt::LeftButton, {},
                      QPoint(static_cast<int>(deck.strip().xOf(SimTime(12s))), deck.strip().height() / 2));
    QCOMPARE(sought.count(), 1);
    QVERIFY(std::abs(seconds(sought.front().front().value<SimTime>()) - 12) < 0.5);
    deck.lanesAction()->trigger();
    QVERIFY(!deck.isCompact());
    QCOMPARE(deck.sizeHint().height(), tall);
}

void TestTimeline::fastIsASwitchThatSaysTheSpeed() {
    TimeDeck deck;
    deck.resize(1280, 200);
    QSignalSpy fast(&deck, &TimeDeck::fastRequested);
    QSignalSpy play(&deck, &TimeDeck::playRequested);
    QSignalSpy changed(&deck, &TimeDeck::speedChanged);
    QToolButton* button = nullptr;
    for (QToolButton* each : deck.findChildren<QToolButton*>()) {
        button = each->defaultAction() == deck.actions().fast ? each : button;
    }
    QVERIFY(button != nullptr);
    const auto* slider = deck.findChild<QSlider*>();
    const auto says = [&](const QString& words) {
        const auto labels = deck.findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->text() == words; });
    };
    const auto showAt = [&](observe::RunMode mode, double speed) {
        const auto run = runAt(1s, 1s);
        run->run.mode = mode;
        run->run.speed = speed;
        deck.setSnapshot(run);
    };
    showAt(observe::RunMode::Run, 1);
    const int usual = slider->value();
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(fast.count(), 1);
    showAt(observe::RunMode::Fast, 10);
    QVERIFY(button->isChecked());
    QVERIFY(says(format::speed(10)));
    QVERIFY(slider->value() > usual);
    QCOMPARE(deck.speed(), 1.0);  // what a new run starts with
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(play.count(), 1);
    QCOMPARE(fast.count(), 1);
    showAt(observe::RunMode::Run, 1);
    QVERIFY(!button->isChecked());
    QCOMPARE(slider->value(), usual);
    QVERIFY(says(format::speed(1)));
    // Looking at Fast has changed no speed.
    QCOMPARE(changed.count(), 0);
    // Who moves the slider while it is fast gets that speed, without the factor.
    showAt(observe::RunMode::Fast, 10);
    deck.findChild<QSlider*>()->setFocus();
    QTest::keyClick(deck.findChild<QSlider*>(), Qt::Key_Left);
    QCOMPARE(play.count(), 2);
    QCOMPARE(changed.count(), 1);
    QVERIFY(deck.speed() > 5 && deck.speed() < 10);
}

void TestTimeline::aSpikeHidesNeitherTheUsualNorAStandstill() {
    // 900 records a second, a standstill of 18 s, and what was held back all at once.
    const auto rateAt = [](int second) { return second >= 30 && second < 48 ? 0.0 : second == 48 ? 16700.0 : 900.0; };
    const auto withSeries = [&](int width) {
        const auto run = runAt(80s, 80s);
        run->journal = std::make_shared<observe::JournalPage>();
        auto page = std::make_shared<observe::SeriesPage>();
        page->name = "throughput";
        page->unit = "/s";
        for (int second = 0; second + width <= 80; second += width) {
            observe::SeriesPoint point;
            point.at = SimTime(std::chrono::seconds(second + width));
            for (int i = 0; i < width; ++i) {
                point.mean += rateAt(second + i) / width;
                point.max = std::max(point.max, rateAt(second + i));
            }
            page->points.push_back(point);
        }
        run->series = {page};
        return run;
    };
    TimeStrip strip;
    strip.resize(1280, strip.sizeHint().height());
    strip.setSnapshot(withSeries(1));
    QVERIFY2(strip.curveShareAt(SimTime(20s)) > 0.4, qPrintable(QString::number(strip.curveShareAt(SimTime(20s)))));
    QVERIFY(strip.curveShareAt(SimTime(40s)) < 0.02);
    QCOMPARE(strip.curveShareAt(SimTime(49s)), 1.0);
    const QString text = strip.curveText();
    QVERIFY2(text.contains(QStringLiteral("records")) && text.contains(QStringLiteral("16.7 k/s")), qPrintable(text));
    // The mark of a peak that was cut, in the colour of the curve: it is no fault.
    const QPoint mark(static_cast<int>(strip.xOf(SimTime(49s))), 20);
    const QImage picture = strip.grab().toImage();
    int marked = 0;
    for (int x = mark.x() - 2; x <= mark.x() + 2; ++x) {
        marked += picture.pixelColor(x, mark.y()) == theme().accent ? 1 : 0;
        QVERIFY(picture.pixelColor(x, mark.y()) != theme().bad);
    }
    QVERIFY(marked > 0);
    // Thinned to a quarter of the points, the top is the same.
    strip.setSnapshot(withSeries(4));
    QVERIFY2(strip.curveText().contains(QStringLiteral("16.7 k/s")), qPrintable(strip.curveText()));
}

void TestTimeline::nothingMovesWhileARunGoesOn() {
    TimeDeck deck;
    deck.resize(1280, 400);
    const int before = deck.sizeHint().height();
    const QRectF branch = deck.strip().branchLane(0);
    deck.setSnapshot(runAt(10s, 10s));
    QCOMPARE(deck.sizeHint().height(), before);
    const auto run = runAt(7s, 10s);  // in the past, with overlapping faults and a plan
    run->run.faults = {{"crash", "broker:1", SimTime(4s), SimTime(9s), false},
                       {"crash", "broker:2", SimTime(4s), SimTime(9s), false},
                       {"crash", "broker:3", SimTime(5s), SimTime(9s), false}};
    deck.strip().setPlan({{QStringLiteral("crash broker 2"), SimTime(15s), SimTime(20s)},
                          {QStringLiteral("crash broker 1"), SimTime(15s), SimTime(20s)}});
    deck.setSnapshot(run);
    QCOMPARE(deck.sizeHint().height(), before);
    // Lanes of branches open once, where somebody makes the first one; until then there is no empty band for them.
    const auto withBranches = [&](std::uint32_t count) {
        const auto parted = std::make_shared<observe::Snapshot>(*run);
        parted->run.branches.push_back({0, 0, "now", SimTime(0s), SimTime(10s), true});
        for (std::uint32_t id = 1; id < count; ++id) {
            parted->run.branches.push_back({id, 0, "without it", SimTime(4s), SimTime(10s), false});
        }
        return parted;
    };
    deck.setSnapshot(withBranches(2));
    const int parted = deck.sizeHint().height();
    QVERIFY(parted > before);
    QVERIFY(deck.strip().branchLane(0).bottom() <= deck.strip().sizeHint().height());
    deck.setSnapshot(withBranches(5));
    QCOMPARE(deck.sizeHint().height(), parted);
    QCOMPARE(deck.strip().branchLane(0).top(), branch.top());
}

void TestTimeline::aPlannedFaultIsShownOnce() {
    TimeStrip strip;
    strip.resize(1000, strip.sizeHint().height());
    strip.setPlan({{QStringLiteral("crash broker 2"), SimTime(5s), SimTime(8s)}});
    QSignalSpy moved(&strip, &TimeStrip::planMoved);
    QSignalSpy seek(&strip, &TimeStrip::seekRequested);
    const auto dragPlan = [&] {
        const QPoint at = strip.planBox(0).center().toPoint();
        QTest::mousePress(&strip, Qt::LeftButton, {}, at);
        QTest::mouseMove(&strip, at + QPoint(60, 0));
        QTest::mouseRelease(&strip, Qt::LeftButton, {}, at + QPoint(60, 0));
    };
    const auto toCome = runAt(2s, 2s);
    toCome->run.faults = {{"crash", "broker:2", SimTime(5s), SimTime(8s), true}};
    strip.setSnapshot(toCome);
    QVERIFY(strip.faultLabelBox(0).isEmpty());  // it is in the plan, where it can be dragged
    dragPlan();
    QCOMPARE(moved.count(), 1);
    strip.setPlan({{QStringLiteral("crash broker 2"), SimTime(5s), SimTime(8s)}});
    const auto begun = runAt(9s, 9s);
    begun->run.faults = {{"crash", "broker:2", SimTime(5s), SimTime(8s), true}};
    strip.setSnapshot(begun);
    QVERIFY(!strip.faultLabelBox(0).isEmpty());
    dragPlan();
    QCOMPARE(moved.count(), 1);
    QVERIFY(seek.count() > 0);
}

void TestTimeline::namesOfFaultsKeepOffTheLineOfThePresent() {
    TimeStrip strip;
    strip.resize(1000, strip.sizeHint().height());
    for (const SimDuration now : {SimDuration(6050ms), SimDuration(6500ms), SimDuration(9s), SimDuration(30s)}) {
        const auto run = runAt(now, 30s);
        run->run.faults = {{"crash", "broker:2", SimTime(6s), SimTime(6200ms), false},
                           {"power", "host:h1", SimTime(6s), SimTime(12s), false},
                           {"crash", "broker:1", SimTime(29s), SimTime::max(), false}};
        strip.setSnapshot(run);
        const double line = strip.xOf(SimTime(now));
        for (std::size_t i = 0; i < run->run.faults.size(); ++i) {
            const QRectF words = strip.faultLabelBox(i);
            const bool isCrossed = !words.isEmpty() && words.left() < line && line < words.right();
            QVERIFY2(!isCrossed, qPrintable(QStringLiteral("%1 at %2").arg(i).arg(seconds(now))));
            QVERIFY(words.right() <= strip.width());
        }
    }
}

void TestTimeline::aThousandFaultsAreDrawnInAFrame() {
    TimeStrip strip;
    strip.resize(1000, strip.sizeHint().height());
    strip.show();
    const auto run = runAt(1000s, 1000s);
    for (int i = 0; i < 1000; ++i) {
        run->run.faults.push_back({"crash", "broker:2", SimTime(1s * i), SimTime(1s * i + 600ms), false});
    }
    strip.setSnapshot(run);
    const auto best = [&] {
        qint64 least = std::numeric_limits<qint64>::max();
        for (int i = 0; i < 5; ++i) {
            QElapsedTimer clock;
            clock.start();
            (void)strip.grab();
            least = std::min(least, clock.elapsed());
        }
        return least;
    }();
    qInfo("a picture of the strip with 1,000 faults: %lld ms", best);
    QVERIFY2(best < 300, qPrintable(QString::number(best)));  // it was twelve seconds when each asked for all
}

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
            for (int y = 52; y < 60; ++y) {
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
    const QPoint lane(static_cast<int>(strip.xOf(SimTime(6s))), strip.branchLane(0).center().toPoint().y());
    QTest::mouseClick(&strip, Qt::LeftButton, {}, lane);
    QCOMPARE(branch.count(), 1);
    QCOMPARE(branch.first().first().toUInt(), 0U);
    // Before they parted at 4 s they are one: there is nothing of the other branch to click.
    const QPoint before(static_cast<int>(strip.xOf(SimTime(2s))), strip.branchLane(0).center().toPoint().y());
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
