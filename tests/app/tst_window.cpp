#include <QApplication>
#include <QDir>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QSettings>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QTreeWidget>

#include "app/studio/fault_plan.h"
#include "app/studio/main_window.h"
#include "app/studio/resource_files.h"
#include "engine/scenario/document/edit.h"
#include "tests/support/synthetic_session.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/command_palette.h"
#include "widgets/controls/explorer_panel.h"
#include "widgets/controls/palette.h"
#include "widgets/controls/part_palette.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/property_editor.h"
#include "widgets/timeline/time_deck.h"

using namespace millrace;
using namespace millrace::studio;
using namespace millrace::widgets;

class TestWindow : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();

    void aStreamIsDrawnByDraggingAndConnecting();
    void cardsAreMovedRenamedAndDeletedAndEverythingIsUndone();
    void aWrongWireIsExplained();
    void pressingSpacePlaysAndPauses();
    void theHammerCrashesABrokerAndReviveBringsItBack();
    void aBrokenInvariantStopsTheRunAndIsShown();
    void undoOfACrashPlaysOnWithoutIt();
    void anAltClickPlansTheFaultAndItsBarIsDragged();
    void theClusterIsSeenAndBuiltBeforeItRuns();
    void cardsAreCopiedPastedAndDuplicatedWithTheirWires();
    void theExplorerFindsWhatIsDrawnAndWhatRuns();
    void escapePutsTheToolAway();
    void draggingTheHeadShowsThePast();
    void aSelectionIsSharedByBothFaces();
    void anEditOfARunningScenarioAsksForARestart();
    void aScenarioIsSavedAndReadBack();
    void anExampleIsNeverOverwritten();
    void unsavedWorkComesBackAfterACrash();
    void theInspectorEditsTheDocument();
    void everyActionIsInTheCommandPalette();
    void picturesFillBothThemesAtEverySize();

private:
    void dropPart(const QString& part, const QPoint& at);
    void drag(QWidget& widget, const QPointF& from, const QPointF& to);
    void play();

    QTemporaryDir m_folder;
    std::unique_ptr<MainWindow> m_window;
};

void TestWindow::initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("millrace-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.path());
    applyTheme(*qApp, Theme::Light);
}

void TestWindow::init() {
    StudioOptions options;
    options.recoveryFolder = m_folder.filePath(QStringLiteral("recovery"));
    m_window = std::make_unique<MainWindow>([] { return std::make_unique<support::SyntheticSession>(); }, options);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestWindow::cleanup() {
    m_window.reset();
}

/// What the drag of a part ends with: the same events that the system sends.
void TestWindow::dropPart(const QString& part, const QPoint& at) {
    QMimeData data;
    data.setData(QLatin1String(partMimeType), part.toUtf8());
    QDragEnterEvent enter(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&m_window->logical(), &enter);
    QVERIFY(enter.isAccepted());
    QDragMoveEvent move(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&m_window->logical(), &move);
    QDropEvent drop(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&m_window->logical(), &drop);
}

void TestWindow::drag(QWidget& widget, const QPointF& from, const QPointF& to) {
    QTest::mousePress(&widget, Qt::LeftButton, {}, from.toPoint());
    QTest::mouseMove(&widget, ((from + to) / 2).toPoint());
    QTest::mouseMove(&widget, to.toPoint());
    QTest::mouseRelease(&widget, Qt::LeftButton, {}, to.toPoint());
}

void TestWindow::play() {
    QSignalSpy shown(&m_window->bridge(), &bridge::EngineBridge::snapshotReady);
    m_window->restart();
    QVERIFY(shown.wait(5000));
    m_window->bridge().pause();
    QTRY_COMPARE(m_window->bridge().snapshot()->run.mode, observe::RunMode::Paused);
}

void TestWindow::aStreamIsDrawnByDraggingAndConnecting() {
    LogicalCanvas& canvas = m_window->logical();
    const QStringList parts{QStringLiteral("source/generator"), QStringLiteral("topic"),
                            QStringLiteral("spout/kafka"),      QStringLiteral("bolt/split"),
                            QStringLiteral("bolt/count"),       QStringLiteral("sink/sqlite")};
    for (int i = 0; i < parts.size(); ++i) {
        dropPart(parts[i], QPoint(120 + i * 130, 60 + (i % 2) * 120));
    }
    QCOMPARE(canvas.diagram().nodes.size(), std::size_t(6));
    const QStringList ids{QStringLiteral("source:records"),   QStringLiteral("topic:topic"),
                          QStringLiteral("spout:main/spout"), QStringLiteral("bolt:main/split"),
                          QStringLiteral("bolt:main/count"),  QStringLiteral("sink:results")};
    canvas.fit();
    for (int i = 0; i + 1 < ids.size(); ++i) {
        drag(canvas, canvas.outputPortInView(ids[i]), canvas.inputPortInView(ids[i + 1]));
    }
    QCOMPARE(canvas.diagram().edges.size(), std::size_t(6));  // a bolt that writes was put before the sink
    QVERIFY2(!m_window->document().hasErrors(), qPrintable(QString::fromUtf8(m_window->document().text())));

    QTest::keyClick(m_window.get(), Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->bridge().snapshot() != nullptr, 5000);
    QTRY_COMPARE_WITH_TIMEOUT(m_window->bridge().snapshot()->run.mode, observe::RunMode::Run, 5000);
}

void TestWindow::cardsAreMovedRenamedAndDeletedAndEverythingIsUndone() {
    LogicalCanvas& canvas = m_window->logical();
    const scenario::Value start = m_window->document().root();
    dropPart(QStringLiteral("topic"), QPoint(300, 150));
    dropPart(QStringLiteral("source/file"), QPoint(100, 100));
    const QPointF before = canvas.diagram().find(QStringLiteral("topic:topic"))->position;
    const QPointF card = canvas.cardInView(QStringLiteral("topic:topic")).center();
    drag(canvas, card, card + QPointF(64, 40));
    const QPointF moved = canvas.diagram().find(QStringLiteral("topic:topic"))->position;
    QVERIFY(moved.x() > before.x() && moved.y() > before.y());

    canvas.setFocus();
    QTest::keyClick(&canvas, Qt::Key_F2);
    auto* edit = canvas.findChild<QLineEdit*>();
    QVERIFY(edit != nullptr);
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("access"));
    QTest::keyClick(edit, Qt::Key_Return);
    QVERIFY(canvas.diagram().find(QStringLiteral("topic:access")) != nullptr);

    QTest::keyClick(&canvas, Qt::Key_F2);
    edit = nullptr;
    for (QLineEdit* each : canvas.findChildren<QLineEdit*>()) {
        edit = each->text() == QStringLiteral("access") && each->isVisible() && each->hasSelectedText() ? each : edit;
    }
    QVERIFY(edit != nullptr);
    QTest::keyClicks(edit, QStringLiteral("other"));
    QTest::keyClick(edit, Qt::Key_Escape);
    QVERIFY(canvas.diagram().find(QStringLiteral("topic:access")) != nullptr);

    QTest::keyClick(&canvas, Qt::Key_Delete);
    QVERIFY(canvas.diagram().find(QStringLiteral("topic:access")) == nullptr);
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(canvas.diagram().find(QStringLiteral("topic:access")) != nullptr);
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(canvas.diagram().find(QStringLiteral("topic:topic")) != nullptr);
    while (m_window->document().undoStack().canUndo()) {
        QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    }
    QVERIFY(m_window->document().root() == start);
    QTest::keyClick(m_window.get(), Qt::Key_Y, Qt::ControlModifier);
    QVERIFY(canvas.diagram().find(QStringLiteral("topic:topic")) != nullptr);
}

void TestWindow::aWrongWireIsExplained() {
    dropPart(QStringLiteral("source/file"), QPoint(100, 100));
    dropPart(QStringLiteral("sink/file"), QPoint(400, 100));
    LogicalCanvas& canvas = m_window->logical();
    drag(canvas, canvas.outputPortInView(QStringLiteral("source:log")),
         canvas.cardInView(QStringLiteral("sink:output")).center());
    QVERIFY(canvas.diagram().edges.empty());
    QCOMPARE(m_window->sentence().headline(), QStringLiteral("A source cannot feed a sink"));
}

void TestWindow::pressingSpacePlaysAndPauses() {
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

void TestWindow::theHammerCrashesABrokerAndReviveBringsItBack() {
    play();
    PhysicalCanvas& cluster = m_window->physical();
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::AltModifier);
    const QRectF card = cluster.itemInView(QStringLiteral("broker:2"));
    QVERIFY(!card.isNull());
    QTest::mouseClick(&cluster, Qt::LeftButton, {}, QPointF(card.center().x(), card.top() + 12).toPoint());
    QTRY_COMPARE(m_window->bridge().snapshot()->cluster.brokers[1].state, observe::LifeState::Crashed);
    QTRY_VERIFY(!cluster.reviveInView(QStringLiteral("broker:2")).isNull());
    QVERIFY(m_window->sentence().headline().contains(QStringLiteral("crash")));

    QTest::keyClick(m_window.get(), Qt::Key_Escape);
    QTest::mouseClick(&cluster, Qt::LeftButton, {},
                      cluster.reviveInView(QStringLiteral("broker:2")).center().toPoint());
    QTRY_COMPARE(m_window->bridge().snapshot()->cluster.brokers[1].state, observe::LifeState::Running);
}

void TestWindow::aBrokenInvariantStopsTheRunAndIsShown() {
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

void TestWindow::undoOfACrashPlaysOnWithoutIt() {
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

void TestWindow::anAltClickPlansTheFaultAndItsBarIsDragged() {
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

void TestWindow::theClusterIsSeenAndBuiltBeforeItRuns() {
    PhysicalCanvas& cluster = m_window->physical();
    QVERIFY(!cluster.itemInView(QStringLiteral("broker:3")).isNull());
    const auto dropBroker = [&](const QPoint& at) {
        QMimeData data;
        data.setData(QLatin1String(partMimeType), QByteArrayLiteral("broker"));
        QDragEnterEvent enter(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&cluster, &enter);
        QDropEvent drop(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&cluster, &drop);
    };
    dropBroker(cluster.itemInView(QStringLiteral("host:h5")).center().toPoint());
    const scenario::Value* host =
        scenario::valueAt(m_window->document().root(), scenario::Path({"cluster", "brokers", "4", "host"}));
    QVERIFY(host != nullptr);
    QCOMPARE(host->asText(), std::string("h5"));
    QVERIFY(!cluster.itemInView(QStringLiteral("broker:4")).isNull());
    QCOMPARE(m_window->selection().current(), QStringLiteral("broker:4"));
    QTest::keyClick(&cluster, Qt::Key_Delete);
    QVERIFY(scenario::valueAt(m_window->document().root(), scenario::Path({"cluster", "brokers", "4"})) == nullptr);
    QVERIFY(cluster.itemInView(QStringLiteral("broker:4")).isNull());
}

void TestWindow::cardsAreCopiedPastedAndDuplicatedWithTheirWires() {
    LogicalCanvas& canvas = m_window->logical();
    dropPart(QStringLiteral("spout/kafka"), QPoint(150, 120));
    dropPart(QStringLiteral("bolt/split"), QPoint(420, 120));
    dropPart(QStringLiteral("bolt/count"), QPoint(690, 120));
    const QStringList ids{QStringLiteral("spout:main/spout"), QStringLiteral("bolt:main/split"),
                          QStringLiteral("bolt:main/count")};
    drag(canvas, canvas.outputPortInView(ids[0]), canvas.inputPortInView(ids[1]));
    drag(canvas, canvas.outputPortInView(ids[1]), canvas.inputPortInView(ids[2]));
    m_window->selection().select({ids[1], ids[2]});
    canvas.setFocus();
    QTest::keyClick(&canvas, Qt::Key_D, Qt::ControlModifier);
    QCOMPARE(canvas.diagram().nodes.size(), std::size_t(5));
    const auto hasWire = [&](const char* from, const char* to) {
        const auto& edges = canvas.diagram().edges;
        return std::any_of(edges.begin(), edges.end(), [&](const DiagramEdge& edge) {
            return edge.from == QLatin1String(from) && edge.to == QLatin1String(to);
        });
    };
    QVERIFY(hasWire("spout:main/spout", "bolt:main/split-2"));
    QVERIFY(hasWire("bolt:main/split-2", "bolt:main/count-2"));
    QCOMPARE(m_window->selection().ids().size(), 2);
    QVERIFY(!canvas.cardInView(QStringLiteral("bolt:main/split-2")).intersects(canvas.cardInView(ids[1])));
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(canvas.diagram().nodes.size(), std::size_t(3));

    m_window->selection().select(ids[2]);
    QTest::keyClick(&canvas, Qt::Key_C, Qt::ControlModifier);
    m_window->document().startNew();
    canvas.setFocus();
    QTest::keyClick(&canvas, Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(canvas.diagram().nodes.size(), std::size_t(1));
    QVERIFY(canvas.diagram().edges.empty());  // the card that fed it is not here
}

void TestWindow::theExplorerFindsWhatIsDrawnAndWhatRuns() {
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    m_window->selection().clear();
    QTest::keyClick(m_window.get(), Qt::Key_F, Qt::ControlModifier);
    auto* search = m_window->explorer().findChild<QLineEdit*>();
    QTRY_VERIFY(search->isVisible());
    QTest::keyClicks(search, QStringLiteral("supervisor s2"));
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(m_window->selection().current(), QStringLiteral("supervisor:s2"));
    QTreeWidget& tree = m_window->explorer().tree();
    int shown = 0;
    for (QTreeWidgetItemIterator it(&tree, QTreeWidgetItemIterator::NotHidden); *it != nullptr; ++it) {
        shown += (*it)->data(0, Qt::UserRole).toString() == QLatin1String("topic:topic") ? 1 : 0;
    }
    QCOMPARE(shown, 0);
    search->clear();
    m_window->selection().select(QStringLiteral("topic:topic"));
    QTest::keyClick(m_window.get(), Qt::Key_Left, Qt::AltModifier);
    QCOMPARE(m_window->selection().current(), QStringLiteral("supervisor:s2"));
    QTest::keyClick(m_window.get(), Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(m_window->selection().current(), QStringLiteral("topic:topic"));
    QVERIFY(tree.currentItem() != nullptr);
    QCOMPARE(tree.currentItem()->data(0, Qt::UserRole).toString(), QStringLiteral("topic:topic"));
}

void TestWindow::escapePutsTheToolAway() {
    QTest::keyClick(m_window.get(), Qt::Key_2, Qt::AltModifier);
    QCOMPARE(m_window->physical().cursor().shape(), Qt::CrossCursor);
    QTest::keyClick(m_window.get(), Qt::Key_Escape);
    QCOMPARE(m_window->physical().cursor().shape(), Qt::ArrowCursor);
}

void TestWindow::draggingTheHeadShowsThePast() {
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

void TestWindow::aSelectionIsSharedByBothFaces() {
    play();
    PhysicalCanvas& cluster = m_window->physical();
    const QRectF card = cluster.itemInView(QStringLiteral("supervisor:s1"));
    QTest::mouseClick(&cluster, Qt::LeftButton, {}, QPointF(card.left() + 60, card.top() + 10).toPoint());
    QCOMPARE(m_window->selection().current(), QStringLiteral("supervisor:s1"));
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    QCOMPARE(m_window->selection().current(), QStringLiteral("topic:topic"));
}

void TestWindow::anEditOfARunningScenarioAsksForARestart() {
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

void TestWindow::aScenarioIsSavedAndReadBack() {
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    QVERIFY(m_window->document().isModified());
    const QString file = m_folder.filePath(QStringLiteral("drawn.json"));
    QString complaint;
    QVERIFY2(m_window->document().saveAs(file, complaint), qPrintable(complaint));
    QVERIFY(!m_window->document().isModified());
    QVERIFY(m_window->windowTitle().startsWith(QStringLiteral("drawn")));
    const scenario::Value saved = m_window->document().root();
    dropPart(QStringLiteral("topic"), QPoint(300, 240));
    QVERIFY(m_window->document().isModified());
    QVERIFY(m_window->openFile(file));
    QVERIFY(m_window->document().root() == saved);
    QCOMPARE(m_window->logical().diagram().nodes.size(), std::size_t(1));
}

void TestWindow::anExampleIsNeverOverwritten() {
    const QString file = QDir(scenariosFolder()).filePath(QStringLiteral("first-steps.json"));
    QVERIFY(m_window->openFile(file));
    dropPart(QStringLiteral("topic"), QPoint(300, 200));
    bool wasAsked = false;
    QTimer::singleShot(300, this, [&wasAsked] {
        auto* dialog = qobject_cast<QDialog*>(QApplication::activeModalWidget());
        wasAsked = dialog != nullptr;
        if (wasAsked) {
            dialog->reject();
        }
    });
    QVERIFY(!m_window->save());
    QVERIFY(wasAsked);
    QVERIFY(m_window->document().isModified());
}

void TestWindow::unsavedWorkComesBackAfterACrash() {
    const QString folder = m_folder.filePath(QStringLiteral("leftover"));
    QDir().mkpath(folder);
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    // A program that has gone without a word leaves its file behind; process 4194305 cannot exist.
    QFile left(folder + QStringLiteral("/unsaved-4194305.json"));
    QVERIFY(left.open(QIODevice::WriteOnly));
    left.write("#file /somewhere/mine.json\n" + m_window->document().text());
    left.close();
    StudioOptions options;
    options.recoveryFolder = folder;
    MainWindow next([] { return std::make_unique<support::SyntheticSession>(); }, options);
    QVERIFY(next.recover());
    QCOMPARE(next.logical().diagram().nodes.size(), std::size_t(1));
    QCOMPARE(next.document().file(), QStringLiteral("/somewhere/mine.json"));
    QVERIFY(next.document().isModified());
    QVERIFY(!left.exists());
    QVERIFY(!next.recover());
}

void TestWindow::theInspectorEditsTheDocument() {
    dropPart(QStringLiteral("topic"), QPoint(300, 120));
    m_window->inspector().showTab(InspectorPanel::Properties);
    auto* edit = qobject_cast<QLineEdit*>(
        m_window->inspector().properties().editorOf(QStringLiteral("topics.topic.partitions")));
    QVERIFY(edit != nullptr);
    edit->setFocus();
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("12"));
    QTest::keyClick(edit, Qt::Key_Return);
    QCOMPARE(m_window->logical().diagram().find(QStringLiteral("topic:topic"))->note, QStringLiteral("12 × 3"));
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(m_window->logical().diagram().find(QStringLiteral("topic:topic"))->note, QStringLiteral("3 × 3"));
}

void TestWindow::everyActionIsInTheCommandPalette() {
    CommandPalette palette(m_window->allActions(), m_window.get());
    palette.setAttribute(Qt::WA_DeleteOnClose, false);
    const QString all = palette.shown().join(QLatin1Char('\n'));
    for (const char* name : {"Play", "Crash", "Save", "Dark theme", "Fit both faces", "Step back", "Revive"}) {
        QVERIFY2(all.contains(QLatin1String(name)), name);
    }
    for (const QAction* action : m_window->allActions()) {
        QVERIFY2(!action->text().isEmpty(), "an action without a name");
    }
    QTest::keyClicks(palette.findChild<QLineEdit*>(), QStringLiteral("dark"));
    QCOMPARE(palette.shown().size(), 1);
    const bool before = currentTheme() == Theme::Dark;
    QTest::keyClick(palette.findChild<QLineEdit*>(), Qt::Key_Return);
    QCOMPARE(currentTheme() == Theme::Dark, !before);
    applyTheme(*qApp, Theme::Light);
}

void TestWindow::picturesFillBothThemesAtEverySize() {
    // With MILLRACE_PICTURES=folder they are kept, to be looked at.
    const QString folder = qEnvironmentVariable("MILLRACE_PICTURES");
    const QString example = QStringLiteral("scenarios/web-log-audit.json");
    QVERIFY(m_window->openFile(example));
    QTRY_VERIFY(m_window->bridge().snapshot() != nullptr);
    m_window->bridge().pause();
    emit m_window->physical().faultRequested(QStringLiteral("crash"), QStringLiteral("broker:2"));
    m_window->bridge().advanceBy(std::chrono::seconds(9));
    QTRY_VERIFY(m_window->bridge().snapshot()->run.now >= SimTime(std::chrono::seconds(10)));
    m_window->selection().select(QStringLiteral("broker:2"));
    for (const Theme wanted : {Theme::Light, Theme::Dark}) {
        applyTheme(*qApp, wanted);
        for (const QSize size : {QSize(1280, 800), QSize(1600, 1000), QSize(2560, 1440)}) {
            m_window->resize(size);
            QTest::qWait(50);
            const QImage picture = m_window->grab().toImage();
            QCOMPARE(picture.size(), size);
            // Both faces draw something on their ground.
            for (const QWidget* face :
                 {static_cast<QWidget*>(&m_window->logical()), static_cast<QWidget*>(&m_window->physical())}) {
                const QImage part = picture.copy(QRect(face->mapTo(m_window.get(), QPoint(0, 0)), face->size()));
                QSet<QRgb> colours;
                for (int y = 0; y < part.height(); y += 3) {
                    for (int x = 0; x < part.width(); x += 3) {
                        colours.insert(part.pixel(x, y));
                    }
                }
                QVERIFY2(colours.size() > 20, qPrintable(QStringLiteral("%1 colours").arg(colours.size())));
                QVERIFY(colours.contains(theme().background.rgb()));
            }
            if (!folder.isEmpty()) {
                picture.save(QStringLiteral("%1/%2-%3.png")
                                 .arg(folder, wanted == Theme::Dark ? QStringLiteral("dark") : QStringLiteral("light"))
                                 .arg(size.width()));
            }
        }
    }
    applyTheme(*qApp, Theme::Light);
    if (!folder.isEmpty()) {
        const auto keep = [&](const char* name) {
            QTest::qWait(150);
            m_window->grab().save(folder + QLatin1Char('/') + QLatin1String(name));
        };
        m_window->resize(1440, 900);
        auto* tabs = m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"));
        tabs->setCurrentIndex(1);
        m_window->inspector().showTab(InspectorPanel::Metrics);
        keep("charts.png");
        m_window->selection().select(QStringLiteral("topic:access"));
        m_window->inspector().showTab(InspectorPanel::Properties);
        tabs->setCurrentIndex(2);
        QTest::keyClick(m_window.get(), Qt::Key_Question);
        keep("key.png");
        QTest::keyClick(m_window.get(), Qt::Key_Escape);
        m_window->selection().select(QStringLiteral("broker:2"));
        m_window->inspector().showTab(InspectorPanel::Why);
        tabs->setCurrentIndex(0);
        m_window->bridge().seek(SimTime(std::chrono::seconds(8)));
        keep("past.png");
        m_window->newScenario();
        keep("empty.png");
    }
}

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
