#include <QAction>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTest>
#include <QTimer>
#include <QToolBar>
#include <QToolButton>

#include "app/studio/fault_plan.h"
#include "app/studio/screen_fit.h"
#include "tests/app/window_stage.h"
#include "tests/support/synthetic_session.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/charts/chart_panel.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/key_overlay.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/panels/notice_board.h"
#include "widgets/timeline/time_deck.h"

using namespace millrace;
using namespace millrace::studio;
using namespace millrace::widgets;

/// What is done to a run, and what the window shows of it.
class TestWindowRunning : public QObject, private WindowStage {
    Q_OBJECT

private slots:
    void initTestCase() { prepare(); }
    void init() { openWindow(); }
    void cleanup() { closeWindow(); }

    void pressingSpacePlaysAndPauses();
    void theHammerCrashesABrokerAndReviveBringsItBack();
    void theToolThatStopsEndsABrokerInOrder();
    void aBrokenInvariantStopsTheRunAndIsShown();
    void undoOfACrashPlaysOnWithoutIt();
    void reviveSaysWhatItDoesAndReviveAllMendsEverything();
    void problemsAreReadWhileSomethingIsDesigned();
    void nothingIsMissedWhileTheKeyIsRead();
    void anAltClickPlansTheFaultAndItsBarIsDragged();
    void planningNeedsNoAlt();
    void faultsDoneByHandAreKeptInTheScenario();
    void aNewScenarioAsksBeforeARunIsLeft();
    void startingAgainAsksWhatBecomesOfFaultsByHand();
    void lanesOfTheDeckOpenWhereFaultsAre();
    void theNewestEventsAreWholeRowsWhateverTheirRoom();
    void aWindowLiesOnItsScreenWithItsFrame();
    void theLineOfTheCursorLeavesWithTheMouse();
    void chartsGiveBackTheHeightThatTheyTook();
    void thatNothingIsListedDoesNotSayThatAllIsWell();
    void whatWasSaidOfAToolGoesWithIt();
    void theFacesTakeTheRoomOfAHiddenPanel();
    void aRestartShowsNothingOfTheRunBefore();
    void theStateOfInvariantsNamesNoFrames();
    void aRunThatGrowsTooLargeIsPausedAndSaysSo();
    void escapePutsTheToolAway();
    void draggingTheHeadShowsThePast();
    void thePastFitsIntoASmallWindow();
    void nothingMovesWhileARunGoesOn();
    void aSelectionIsSharedByBothFaces();
    void anEditOfARunningScenarioAsksForARestart();
};

void TestWindowRunning::pressingSpacePlaysAndPauses() {
    play();
    QTest::keyClick(m_window.get(), Qt::Key_Space);
    QTRY_COMPARE(m_window->bridge().snapshot()->run.mode, observe::RunMode::Run);
    QTest::keyClick(m_window.get(), Qt::Key_Space);
    QTRY_COMPARE(m_window->bridge().snapshot()->run.mode, observe::RunMode::Paused);
    const auto events = m_window->bridge().snapshot()->run.events;
    QTest::keyClick(m_window.get(), Qt::Key_F4);
    QTRY_COMPARE(m_window->bridge().snapshot()->run.events, events + 1);
    QTest::keyClick(m_window.get(), Qt::Key_F3);
    QTRY_COMPARE(m_window->bridge().snapshot()->run.events, events);
}

void TestWindowRunning::theHammerCrashesABrokerAndReviveBringsItBack() {
    play();
    PhysicalCanvas& cluster = m_window->physical();
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::AltModifier);
    const QRectF card = cluster.itemInView(QStringLiteral("broker:2"));
    QVERIFY(!card.isNull());
    QTest::mouseClick(&cluster, Qt::LeftButton, {}, QPointF(card.center().x(), card.top() + 12).toPoint());
    QTRY_COMPARE(m_window->bridge().snapshot()->cluster.brokers[1].state, observe::LifeState::Crashed);
    QTRY_VERIFY(!cluster.reviveInView(QStringLiteral("broker:2")).isNull());
    QVERIFY(m_window->sentence().headline().contains(QStringLiteral("crash")));
    // The tool still in hand says that there is nothing left to crash.
    const QPointF head(card.left() + 20, card.top() + 12);
    QVERIFY2(cluster.hintAt(head).contains(QStringLiteral("Revive")), qPrintable(cluster.hintAt(head)));
    const QPointF other = cluster.itemInView(QStringLiteral("broker:1")).topLeft() + QPointF(20, 12);
    QVERIFY2(cluster.hintAt(other).startsWith(QStringLiteral("Crash")), qPrintable(cluster.hintAt(other)));

    QTest::keyClick(m_window.get(), Qt::Key_Escape);
    QTest::mouseClick(&cluster, Qt::LeftButton, {},
                      cluster.reviveInView(QStringLiteral("broker:2")).center().toPoint());
    QTRY_COMPARE(m_window->bridge().snapshot()->cluster.brokers[1].state, observe::LifeState::Running);
}

void TestWindowRunning::theToolThatStopsEndsABrokerInOrder() {
    openRealWindow({1600, 1000});
    QVERIFY(m_window->openFile(QStringLiteral("scenarios/first-steps.json")));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->bridge().snapshot() != nullptr, 20000);
    m_window->bridge().pause();
    PhysicalCanvas& cluster = m_window->physical();
    const auto broker = [&] { return m_window->bridge().snapshot()->cluster.brokers[1]; };
    QTRY_COMPARE(broker().state, observe::LifeState::Running);
    QTest::keyClick(m_window.get(), Qt::Key_8, Qt::AltModifier);
    const QRectF card = cluster.itemInView(QStringLiteral("broker:2"));
    QVERIFY(!card.isNull());
    const QPointF head(card.left() + 20, card.top() + 12);
    QVERIFY2(cluster.hintAt(head).startsWith(QStringLiteral("Stop")), qPrintable(cluster.hintAt(head)));
    QTest::mouseClick(&cluster, Qt::LeftButton, {}, head.toPoint());
    QTRY_VERIFY(!m_window->bridge().snapshot()->run.faults.empty());
    m_window->bridge().play();
    QTRY_COMPARE_WITH_TIMEOUT(broker().state, observe::LifeState::Stopped, 20000);
    QTRY_VERIFY(!cluster.reviveInView(QStringLiteral("broker:2")).isNull());
    QTest::keyClick(m_window.get(), Qt::Key_Escape);
    QTest::mouseClick(&cluster, Qt::LeftButton, {},
                      cluster.reviveInView(QStringLiteral("broker:2")).center().toPoint());
    QTRY_COMPARE(broker().state, observe::LifeState::Running);
}

void TestWindowRunning::aBrokenInvariantStopsTheRunAndIsShown() {
    const SimTime broken{std::chrono::milliseconds(300)};
    StudioOptions options;
    m_window =
        std::make_unique<MainWindow>([broken] { return std::make_unique<support::SyntheticSession>(broken); }, options);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    play();
    QTRY_COMPARE(m_window->bridge().snapshot()->run.mode, observe::RunMode::Paused);
    QVERIFY(m_window->bridge().snapshot()->run.now >= broken);
    QVERIFY(m_window->bridge().snapshot()->run.now < broken + std::chrono::seconds(2));
    QTRY_VERIFY(m_window->sentence().headline().contains(QStringLiteral("lead access-0")));
    auto* tabs = m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"));
    QVERIFY(tabs->tabText(tabs->currentIndex()).startsWith(QStringLiteral("Problems 1")));
    // It has been seen: the run goes on when it is asked to.
    QTest::keyClick(m_window.get(), Qt::Key_Space);
    QTRY_COMPARE(m_window->bridge().snapshot()->run.mode, observe::RunMode::Run);
}

void TestWindowRunning::reviveSaysWhatItDoesAndReviveAllMendsEverything() {
    play();
    PhysicalCanvas& cluster = m_window->physical();
    emit cluster.faultRequested(QStringLiteral("power"), QStringLiteral("host:h2"));
    QTRY_COMPARE(m_window->bridge().snapshot()->cluster.hosts[1].state, observe::LifeState::PoweredOff);
    emit cluster.reviveRequested(QString::fromStdString([&] {
        for (const auto& broker : m_window->bridge().snapshot()->cluster.brokers) {
            if (broker.host == observe::hostId("h2")) {
                return broker.id;
            }
        }
        return std::string();
    }()));
    QCOMPARE(m_window->document().undoStack().undoText(), QStringLiteral("Power on host h2"));
    QTRY_COMPARE(m_window->bridge().snapshot()->cluster.hosts[1].state, observe::LifeState::Running);

    emit cluster.faultRequested(QStringLiteral("power"), QStringLiteral("host:h2"));
    emit cluster.faultRequested(QStringLiteral("crash"), QStringLiteral("nimbus"));
    QTRY_COMPARE(m_window->bridge().snapshot()->storm.nimbus.state, observe::LifeState::Crashed);
    QTRY_COMPARE(m_window->bridge().snapshot()->cluster.hosts[1].state, observe::LifeState::PoweredOff);
    QTest::keyClick(m_window.get(), Qt::Key_R, Qt::AltModifier | Qt::ShiftModifier);
    QTRY_COMPARE(m_window->bridge().snapshot()->storm.nimbus.state, observe::LifeState::Running);
    QTRY_COMPARE(m_window->bridge().snapshot()->cluster.hosts[1].state, observe::LifeState::Running);
    QCOMPARE(m_window->document().undoStack().undoText(), QStringLiteral("Revive all"));
}

void TestWindowRunning::problemsAreReadWhileSomethingIsDesigned() {
    m_window->resize(1280, 800);
    const auto* tabs = m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"));
    const int before = tabs->currentIndex();
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::ControlModifier);
    QTest::qWait(50);
    QVERIFY(tabs->isVisible());
    QVERIFY(tabs->tabText(tabs->currentIndex()).startsWith(QStringLiteral("Problems")));
    // No blank room: what is not the deck is the panel.
    const QWidget* room = tabs->parentWidget();
    QCOMPARE(m_window->deck().height() + tabs->height(), room->height());
    const int deckTop = m_window->deck().mapTo(m_window.get(), QPoint()).y();
    QTest::keyClick(m_window.get(), Qt::Key_2, Qt::ControlModifier);
    QTest::qWait(50);
    QCOMPARE(tabs->currentIndex(), before);
    QCOMPARE(m_window->deck().mapTo(m_window.get(), QPoint()).y(), deckTop);
}

void TestWindowRunning::nothingIsMissedWhileTheKeyIsRead() {
    auto* key = m_window->findChild<KeyOverlay*>();
    key->show();
    key->place();
    m_window->restart();
    QTRY_VERIFY(m_window->bridge().snapshot() != nullptr);
    QTest::qWait(100);
    QCOMPARE(m_window->bridge().snapshot()->run.mode, observe::RunMode::Paused);
    // A click that meets something else closes it too.
    QTest::mouseClick(&m_window->physical(), Qt::LeftButton, {}, QPoint(5, m_window->physical().height() - 5));
    QVERIFY(!key->isVisible());
    QTRY_COMPARE(m_window->bridge().snapshot()->run.mode, observe::RunMode::Run);
}

void TestWindowRunning::undoOfACrashPlaysOnWithoutIt() {
    play();
    PhysicalCanvas& cluster = m_window->physical();
    emit cluster.faultRequested(QStringLiteral("crash"), QStringLiteral("nimbus"));
    QTRY_COMPARE(m_window->bridge().snapshot()->storm.nimbus.state, observe::LifeState::Crashed);
    QVERIFY(!m_window->document().isModified());
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(m_window->bridge().snapshot()->storm.nimbus.state, observe::LifeState::Running);
    QCOMPARE(m_window->bridge().snapshot()->run.branches.size(), std::size_t(2));
    QTest::keyClick(m_window.get(), Qt::Key_Y, Qt::ControlModifier);
    QTRY_COMPARE(m_window->bridge().snapshot()->storm.nimbus.state, observe::LifeState::Crashed);
}

void TestWindowRunning::anAltClickPlansTheFaultAndItsBarIsDragged() {
    PhysicalCanvas& cluster = m_window->physical();
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::AltModifier);
    const QPoint broker = cluster.itemInView(QStringLiteral("broker:2")).center().toPoint();
    QTest::mouseClick(&cluster, Qt::LeftButton, Qt::AltModifier, broker);
    auto plan = plannedFaults(m_window->document().root());
    QCOMPARE(plan.size(), std::size_t(1));
    QCOMPARE(plan[0].target, std::string("broker:2"));
    QCOMPARE(plan[0].at, SimDuration(std::chrono::seconds(5)));
    QVERIFY(!m_window->document().hasErrors());
    TimeStrip& strip = m_window->deck().strip();
    const QPointF at = strip.planBox(0).center();
    drag(strip, at, at + QPointF(strip.xOf(SimTime(std::chrono::seconds(3))) - strip.xOf(SimTime{}), 0));
    plan = plannedFaults(m_window->document().root());
    QVERIFY(std::abs(seconds(plan[0].at) - 8.0) < 0.2);
    QVERIFY(std::abs(seconds(*plan[0].duration) - 15.0) < 0.01);
    QTest::keyClick(&strip, Qt::Key_Delete);
    QVERIFY(plannedFaults(m_window->document().root()).empty());
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(plannedFaults(m_window->document().root()).size(), std::size_t(1));
}

void TestWindowRunning::planningNeedsNoAlt() {
    PhysicalCanvas& cluster = m_window->physical();
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::AltModifier);
    QTest::keyClick(m_window.get(), Qt::Key_P, Qt::AltModifier);
    QVERIFY2(m_window->sentence().headline().startsWith(QStringLiteral("plan")),
             qPrintable(m_window->sentence().headline()));
    QTest::mouseClick(&cluster, Qt::LeftButton, {}, cluster.itemInView(QStringLiteral("broker:2")).center().toPoint());
    const auto plan = plannedFaults(m_window->document().root());
    QCOMPARE(plan.size(), std::size_t(1));
    QCOMPARE(plan[0].target, std::string("broker:2"));
    // It is a mode that can be left: then a click means now again, and there is no run.
    QTest::keyClick(m_window.get(), Qt::Key_P, Qt::AltModifier);
    QTest::mouseClick(&cluster, Qt::LeftButton, {}, cluster.itemInView(QStringLiteral("broker:1")).center().toPoint());
    QCOMPARE(plannedFaults(m_window->document().root()).size(), std::size_t(1));
}

namespace {

QAction* actionOf(const MainWindow& window, const QString& text) {
    for (QAction* action : window.allActions()) {
        if (QString(action->text()).remove(QLatin1Char('&')) == text) {
            return action;
        }
    }
    return nullptr;
}

}  // namespace

void TestWindowRunning::faultsDoneByHandAreKeptInTheScenario() {
    play();
    emit m_window->physical().faultRequested(QStringLiteral("crash"), QStringLiteral("broker:2"));
    QTRY_COMPARE(m_window->bridge().snapshot()->run.faults.size(), std::size_t(1));
    QVERIFY(plannedFaults(m_window->document().root()).empty());
    QAction* keep = actionOf(*m_window, QStringLiteral("Keep the faults done by hand in the scenario"));
    QVERIFY(keep != nullptr);
    keep->trigger();
    const auto plan = plannedFaults(m_window->document().root());
    QCOMPARE(plan.size(), std::size_t(1));
    QCOMPARE(plan[0].kind, std::string("crash"));
    QCOMPARE(plan[0].target, std::string("broker:2"));
    QCOMPARE(SimTime(plan[0].at), m_window->bridge().snapshot()->run.faults[0].at);
    QVERIFY(m_window->document().isModified());
    QVERIFY(!m_window->document().hasErrors());
    // What is kept is not kept twice.
    keep->trigger();
    QCOMPARE(plannedFaults(m_window->document().root()).size(), std::size_t(1));
    QVERIFY2(m_window->sentence().headline().startsWith(QStringLiteral("Nothing was done by hand")),
             qPrintable(m_window->sentence().headline()));
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(plannedFaults(m_window->document().root()).empty());
}

void TestWindowRunning::aNewScenarioAsksBeforeARunIsLeft() {
    QAction* anew = actionOf(*m_window, QStringLiteral("New scenario"));
    QVERIFY(anew != nullptr);
    play();
    emit m_window->physical().faultRequested(QStringLiteral("crash"), QStringLiteral("broker:2"));
    QTRY_COMPARE(m_window->bridge().snapshot()->run.faults.size(), std::size_t(1));
    QVERIFY(!m_window->document().isModified());
    const int before = m_window->document().number();
    bool isAsked = false;
    answerWith(QStringLiteral("Cancel"), isAsked);
    anew->trigger();
    QVERIFY(isAsked);
    QCOMPARE(m_window->document().number(), before);
    QVERIFY(m_window->bridge().snapshot() != nullptr);

    isAsked = false;
    answerWith(QStringLiteral("Leave"), isAsked);
    anew->trigger();
    QVERIFY(isAsked);
    QVERIFY(m_window->document().number() != before);

    // A run to which nothing was done is left without a question.
    play();
    isAsked = false;
    answerWith(QStringLiteral("Cancel"), isAsked);
    anew->trigger();
    QTest::qWait(150);
    QVERIFY(!isAsked);
}

void TestWindowRunning::startingAgainAsksWhatBecomesOfFaultsByHand() {
    play();
    emit m_window->physical().faultRequested(QStringLiteral("crash"), QStringLiteral("broker:2"));
    QTRY_COMPARE(m_window->bridge().snapshot()->run.faults.size(), std::size_t(1));
    QAction* again = actionOf(*m_window, QStringLiteral("Start the run again"));
    QVERIFY(again != nullptr);
    bool isAsked = false;
    answerWith(QStringLiteral("Cancel"), isAsked);
    again->trigger();
    QVERIFY(isAsked);
    QVERIFY(m_window->bridge().snapshot() != nullptr);
    QCOMPARE(m_window->bridge().snapshot()->run.faults.size(), std::size_t(1));

    isAsked = false;
    answerWith(QStringLiteral("Keep the faults"), isAsked);
    again->trigger();
    QVERIFY(isAsked);
    QCOMPARE(plannedFaults(m_window->document().root()).size(), std::size_t(1));
    QVERIFY(m_window->bridge().snapshot() == nullptr);  // the run begins again

    // Nothing is in the new run that no file holds.
    QTRY_VERIFY(m_window->bridge().snapshot() != nullptr);
    isAsked = false;
    answerWith(QStringLiteral("Cancel"), isAsked);
    again->trigger();
    QTest::qWait(150);
    QVERIFY(!isAsked);
}

void TestWindowRunning::lanesOfTheDeckOpenWhereFaultsAre() {
    m_window->resize(1440, 900);
    TimeDeck& deck = m_window->deck();
    QVERIFY(deck.isCompact());  // one row until somebody asks for more
    QTest::keyClick(m_window.get(), Qt::Key_3, Qt::ControlModifier);
    QVERIFY(!deck.isCompact());
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::ControlModifier);
    QVERIFY(deck.isCompact());
    // Nothing runs that could be broken: the tools are away, the palette is there.
    const auto* rail = m_window->findChild<QToolBar*>(QStringLiteral("rail"));
    QVERIFY(rail != nullptr && !rail->isVisible());
    QTest::keyClick(m_window.get(), Qt::Key_2, Qt::ControlModifier);
    QVERIFY(rail->isVisible());
    play();
    emit m_window->physical().faultPlanned(QStringLiteral("crash"), QStringLiteral("broker:2"));
    QVERIFY(!deck.isCompact());  // its bar is there to be dragged
}

void TestWindowRunning::theNewestEventsAreWholeRowsWhateverTheirRoom() {
    openRealWindow({1440, 900});
    QVERIFY(m_window->openFile(QStringLiteral("scenarios/first-steps.json")));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->bridge().snapshot() != nullptr, 20000);
    m_window->bridge().pause();
    const auto tables = m_window->findChildren<QTableView*>();
    const auto found = std::find_if(tables.begin(), tables.end(), [](const QTableView* each) {
        return each->accessibleName() == QLatin1String("Events");
    });
    QVERIFY(found != tables.end());
    const QTableView& events = **found;
    QTRY_VERIFY(events.model()->rowCount() > 6);
    constexpr int sliver = 8;  // of a row without a letter
    for (const Qt::Key perspective : {Qt::Key_3, Qt::Key_2, Qt::Key_3}) {
        QTest::keyClick(m_window.get(), perspective, Qt::ControlModifier);
        QTRY_COMPARE(events.verticalScrollBar()->value(), events.verticalScrollBar()->maximum());
        QVERIFY(events.verticalScrollBar()->maximum() > 0);
        const int last = events.model()->rowCount() - 1;
        const int height = events.viewport()->height();
        QTRY_VERIFY(events.rowViewportPosition(last) + events.rowHeight(last) <= height);
        const int first = events.rowAt(0);
        const int hidden = -events.rowViewportPosition(first);
        QVERIFY2(hidden == 0 || events.rowHeight(first) - hidden <= sliver,
                 qPrintable(QStringLiteral("%1 of %2 px hidden").arg(hidden).arg(events.rowHeight(first))));
    }
}

void TestWindowRunning::aWindowLiesOnItsScreenWithItsFrame() {
    const QRect room(0, 0, 1440, 900);
    const QSize least(800, 600);
    // As large as the screen inside: the frame of 2 and 20 would lie beyond it.
    QCOMPARE(fitted({1, 20, 1440, 900}, {0, 0, 1442, 921}, room, least), QRect(0, 0, 1438, 879));
    // What fits stays where it is.
    QCOMPARE(fitted({101, 120, 1000, 700}, {100, 100, 1002, 721}, room, least), QRect(100, 100, 1000, 700));
    // What stands beyond an edge is moved and keeps its size.
    QCOMPARE(fitted({701, 320, 1000, 700}, {700, 300, 1002, 721}, room, least), QRect(438, 179, 1000, 700));
    // On a second screen, and on one that is too small for any window.
    QCOMPARE(fitted({1400, 20, 1000, 700}, {1399, 0, 1002, 721}, {1440, 0, 1280, 800}, least),
             QRect(1440, 0, 1000, 700));
    QCOMPARE(fitted({1, 20, 1440, 900}, {0, 0, 1442, 921}, {0, 0, 640, 480}, least), QRect(0, 0, 800, 600));
}

void TestWindowRunning::theLineOfTheCursorLeavesWithTheMouse() {
    auto* charts = m_window->findChild<ChartPanel*>();
    QSignalSpy moved(charts, &ChartPanel::cursorMoved);
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(charts->plot(), &leave);
    QCOMPARE(moved.count(), 1);
    QVERIFY(moved.front().front().toDouble() < 0);
}

void TestWindowRunning::chartsGiveBackTheHeightThatTheyTook() {
    m_window->resize(1440, 1000);
    play();
    QTest::keyClick(m_window.get(), Qt::Key_E, Qt::ControlModifier);
    QTest::qWait(50);
    const auto* tabs = m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"));
    const int before = tabs->height();
    QTest::keyClick(m_window.get(), Qt::Key_G, Qt::ControlModifier);
    QTest::qWait(50);
    QVERIFY2(tabs->height() > before, qPrintable(QStringLiteral("%1 %2").arg(tabs->height()).arg(before)));
    QTest::keyClick(m_window.get(), Qt::Key_E, Qt::ControlModifier);
    QTest::qWait(50);
    QCOMPARE(tabs->height(), before);
}

void TestWindowRunning::thatNothingIsListedDoesNotSayThatAllIsWell() {
    play();
    emit m_window->physical().faultRequested(QStringLiteral("crash"), QStringLiteral("broker:2"));
    const auto* tabs = m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"));
    m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"))->setCurrentIndex(2);
    QTest::qWait(50);
    QString told;
    for (const QLabel* label : tabs->currentWidget()->findChildren<QLabel*>()) {
        told += label->isVisible() ? label->text() : QString();
    }
    QVERIFY2(told.contains(QStringLiteral("No rule is broken")) && told.contains(QStringLiteral("stands still")),
             qPrintable(told));
}

void TestWindowRunning::theFacesTakeTheRoomOfAHiddenPanel() {
    m_window->resize(1440, 900);
    m_window->deck().setCompact(true);
    QTest::keyClick(m_window.get(), Qt::Key_G, Qt::ControlModifier);
    QTest::qWait(50);
    const auto* tabs = m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"));
    const int before = m_window->centralWidget()->height();
    const int panel = tabs->height();
    QTest::keyClick(m_window.get(), Qt::Key_J, Qt::ControlModifier);
    QTest::qWait(50);
    QVERIFY(!tabs->isVisible());
    QVERIFY2(
        m_window->centralWidget()->height() >= before + panel - 8,
        qPrintable(QStringLiteral("%1 + %2, now %3").arg(before).arg(panel).arg(m_window->centralWidget()->height())));
    QTest::keyClick(m_window.get(), Qt::Key_J, Qt::ControlModifier);
    QTest::qWait(50);
    QVERIFY(tabs->isVisible());
    QCOMPARE(m_window->centralWidget()->height(), before);
}

void TestWindowRunning::whatWasSaidOfAToolGoesWithIt() {
    const QString before = m_window->sentence().headline();
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::AltModifier);
    QVERIFY(m_window->sentence().headline() != before);
    QTest::keyClick(m_window.get(), Qt::Key_Escape);
    QCOMPARE(m_window->sentence().headline(), before);
}

void TestWindowRunning::aRestartShowsNothingOfTheRunBefore() {
    play();
    PhysicalCanvas& cluster = m_window->physical();
    emit cluster.faultRequested(QStringLiteral("crash"), QStringLiteral("broker:2"));
    QTRY_VERIFY(!cluster.reviveInView(QStringLiteral("broker:2")).isNull());
    const auto tables = m_window->findChildren<QTableView*>();
    const auto found = std::find_if(tables.begin(), tables.end(), [](const QTableView* table) {
        return table->accessibleName() == QLatin1String("Events");
    });
    QVERIFY(found != tables.end());
    const QTableView* events = *found;
    QVERIFY(events->model()->rowCount() > 0);
    bool isAsked = false;
    answerWith(QStringLiteral("Start again"), isAsked);
    QTest::keyClick(m_window.get(), Qt::Key_F5);
    QVERIFY(isAsked);
    // Before the new run has shown anything, the old one is gone from every part.
    QVERIFY(cluster.reviveInView(QStringLiteral("broker:2")).isNull());
    QCOMPARE(events->model()->rowCount(), 0);
    QVERIFY(m_window->bridge().snapshot() == nullptr);
    QTRY_VERIFY(m_window->bridge().snapshot() != nullptr);
    QCOMPARE(m_window->bridge().snapshot()->cluster.brokers[1].state, observe::LifeState::Running);
}

void TestWindowRunning::theStateOfInvariantsNamesNoFrames() {
    play();
    m_window->selection().clear();
    m_window->inspector().showTab(InspectorPanel::State);
    int found = 0;
    for (const QLabel* label : m_window->inspector().findChildren<QLabel*>()) {
        if (label->text().startsWith(QStringLiteral("holds"))) {
            QCOMPARE(label->text(), QStringLiteral("holds"));
            ++found;
        }
    }
    QVERIFY(found > 0);
}

void TestWindowRunning::aRunThatGrowsTooLargeIsPausedAndSaysSo() {
    play();
    m_window->bridge().setMemoryLimit(1);
    QTest::keyClick(m_window.get(), Qt::Key_Space);
    QTRY_VERIFY(m_window->notices().isPosted(QStringLiteral("memory")));
    QTRY_COMPARE(m_window->bridge().snapshot()->run.mode, observe::RunMode::Paused);
    QTest::qWait(20);
    auto* button = m_window->notices().findChild<QPushButton*>();
    QVERIFY(button != nullptr);
    QTest::mouseClick(button, Qt::LeftButton);
    QTRY_COMPARE(m_window->bridge().snapshot()->run.mode, observe::RunMode::Run);
    QVERIFY(!m_window->notices().isPosted(QStringLiteral("memory")));
}

void TestWindowRunning::escapePutsTheToolAway() {
    QTest::keyClick(m_window.get(), Qt::Key_2, Qt::AltModifier);
    QCOMPARE(m_window->physical().cursor().shape(), Qt::CrossCursor);
    QTest::keyClick(m_window.get(), Qt::Key_Escape);
    QCOMPARE(m_window->physical().cursor().shape(), Qt::ArrowCursor);
}

void TestWindowRunning::thePastFitsIntoASmallWindow() {
    const QSize small(1280, 800);
    play();
    m_window->bridge().advanceBy(std::chrono::seconds(9));
    QTRY_VERIFY(m_window->bridge().snapshot()->run.now >= SimTime(std::chrono::seconds(10)));
    m_window->deck().strip().setFocus();
    QTest::keyClick(&m_window->deck().strip(), Qt::Key_Left, Qt::ShiftModifier);
    QTRY_VERIFY(m_window->deck().strip().isInPast());
    m_window->resize(small);
    QTest::qWait(50);
    QCOMPARE(m_window->size(), small);
    // The way back is there, and all of it.
    for (const QPushButton* button : m_window->deck().findChildren<QPushButton*>()) {
        QVERIFY(button->isVisible() && button->width() >= button->minimumSizeHint().width());
        QVERIFY(button->geometry().right() < small.width());
    }
}

void TestWindowRunning::nothingMovesWhileARunGoesOn() {
    m_window->resize(1280, 800);
    QTest::qWait(50);
    const auto* tabs = m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"));
    PhysicalCanvas& cluster = m_window->physical();
    const auto places = [&] {
        QStringList all;
        for (const QWidget* each :
             {static_cast<const QWidget*>(&m_window->logical()), static_cast<const QWidget*>(&cluster),
              static_cast<const QWidget*>(&m_window->sentence()), static_cast<const QWidget*>(&m_window->deck()),
              static_cast<const QWidget*>(tabs)}) {
            const QPoint at = each->mapTo(m_window.get(), QPoint());
            all.append(QStringLiteral("%1+%2").arg(at.y()).arg(each->height()));
        }
        return all.join(QLatin1Char(' '));
    };
    const QString before = places();
    play();
    QTest::qWait(50);
    QCOMPARE(places(), before);
    const QRectF host = cluster.itemInView(QStringLiteral("host:h2"));
    emit cluster.faultRequested(QStringLiteral("crash"), QStringLiteral("broker:2"));
    emit cluster.faultRequested(QStringLiteral("crash"), QStringLiteral("broker:1"));
    emit cluster.faultRequested(QStringLiteral("crash"), QStringLiteral("nimbus"));
    QTRY_COMPARE(m_window->bridge().snapshot()->storm.nimbus.state, observe::LifeState::Crashed);
    m_window->bridge().advanceBy(std::chrono::seconds(9));
    QTRY_VERIFY(m_window->bridge().snapshot()->run.now >= SimTime(std::chrono::seconds(10)));
    QTest::qWait(50);
    QCOMPARE(places(), before);
    QCOMPARE(cluster.itemInView(QStringLiteral("host:h2")), host);
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);  // another branch
    QTRY_COMPARE(m_window->bridge().snapshot()->run.branches.size(), std::size_t(2));
    QTest::qWait(50);
    QCOMPARE(places(), before);
    // Where the tab was is the tab: a click on it rewinds nothing.
    const SimTime now = m_window->bridge().snapshot()->run.now;
    QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {}, tabs->tabBar()->tabRect(2).center());
    QCOMPARE(tabs->currentIndex(), 2);
    QTest::qWait(50);
    QCOMPARE(m_window->bridge().snapshot()->run.now, now);
}

void TestWindowRunning::draggingTheHeadShowsThePast() {
    play();
    m_window->bridge().advanceBy(std::chrono::seconds(10));
    QTRY_VERIFY(m_window->bridge().snapshot()->run.now >= SimTime(std::chrono::seconds(12)));
    const std::string furthest = std::to_string(m_window->bridge().snapshot()->run.fingerprint);
    TimeStrip& strip = m_window->deck().strip();
    const double from = strip.xOf(m_window->bridge().snapshot()->run.now);
    drag(strip, QPointF(from, 30), QPointF(strip.xOf(SimTime(std::chrono::seconds(5))), 30));
    QTRY_VERIFY(m_window->bridge().snapshot()->run.now < SimTime(std::chrono::seconds(6)));
    QVERIFY(strip.isInPast());
    QCOMPARE(m_window->physical().itemInView(QStringLiteral("broker:2")).isNull(), false);
    QTest::keyClick(&strip, Qt::Key_End);
    QTRY_VERIFY(!strip.isInPast());
    QCOMPARE(std::to_string(m_window->bridge().snapshot()->run.fingerprint), furthest);
}

void TestWindowRunning::aSelectionIsSharedByBothFaces() {
    play();
    PhysicalCanvas& cluster = m_window->physical();
    const QRectF card = cluster.itemInView(QStringLiteral("supervisor:s1"));
    QTest::mouseClick(&cluster, Qt::LeftButton, {}, QPointF(card.left() + 60, card.top() + 10).toPoint());
    QCOMPARE(m_window->selection().current(), QStringLiteral("supervisor:s1"));
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    QCOMPARE(m_window->selection().current(), QStringLiteral("topic:topic"));
}

void TestWindowRunning::anEditOfARunningScenarioAsksForARestart() {
    play();
    const auto buttons = m_window->findChildren<QToolButton*>();
    const auto restart = std::find_if(buttons.begin(), buttons.end(), [](const QToolButton* b) {
        return b->text().startsWith(QStringLiteral("Restart"));
    });
    QVERIFY(restart != buttons.end());
    QVERIFY(!(*restart)->isVisible());
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    QTRY_VERIFY((*restart)->isVisible());
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_VERIFY(!(*restart)->isVisible());
}

QTEST_MAIN(TestWindowRunning)
#include "tst_window_running.moc"
