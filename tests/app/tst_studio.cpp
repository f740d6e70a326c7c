#include <QApplication>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "app/bridge/run_session.h"
#include "app/studio/fault_plan.h"
#include "app/studio/main_window.h"
#include "tests/support/hands.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/property_editor.h"
#include "widgets/style/palette.h"
#include "widgets/timeline/time_deck.h"

using namespace millrace;
using namespace millrace::studio;
using namespace millrace::widgets;

/// What a newcomer does, on the real engine: draw a stream, play it, break it, see why, undo it, save it.
class TestStudio : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();

    void aNewcomersPipelineMovesRecords();
    void aBrokerIsKilledExplainedUndoneAndTheScenarioSaved();
    void aFaultThatIsPlannedMeetsTheRunThatGoesOn();
    void aPlannedFaultThatIsDraggedMovesInTheRunThatStandsBeforeIt();
    void aRateIsSetInTheRunThatGoesOn();
    void aRewindShowsWhatWasShownThen();
    void everyShippedScenarioOpens_data();
    void everyShippedScenarioOpens();

private:
    void runOn(SimDuration duration);
    [[nodiscard]] const observe::Snapshot& now() { return *m_window->bridge().snapshot(); }

    QTemporaryDir m_folder;
    std::unique_ptr<MainWindow> m_window;
};

void TestStudio::initTestCase() {
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.path());
    applyTheme(*qApp, Theme::Light);
}

void TestStudio::init() {
    StudioOptions options;
    options.playOnOpen = false;
    m_window = std::make_unique<MainWindow>([] { return std::make_unique<bridge::RunSession>(); }, options);
    m_window->resize(1600, 1000);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestStudio::cleanup() {
    m_window.reset();
}

void TestStudio::runOn(SimDuration duration) {
    m_window->bridge().pause();
    QTRY_VERIFY(now().run.mode == observe::RunMode::Paused || now().run.mode == observe::RunMode::Ended);
    const SimTime target = now().run.now + duration;
    m_window->bridge().advanceBy(duration);
    QTRY_VERIFY_WITH_TIMEOUT(now().run.now >= target || now().run.mode == observe::RunMode::Ended, 60000);
}

void TestStudio::aNewcomersPipelineMovesRecords() {
    LogicalCanvas& canvas = m_window->logical();
    const QStringList parts{QStringLiteral("source/generator"), QStringLiteral("topic"),
                            QStringLiteral("spout/kafka"),      QStringLiteral("bolt/split"),
                            QStringLiteral("bolt/count"),       QStringLiteral("sink/sqlite")};
    for (int i = 0; i < parts.size(); ++i) {
        hands::dropPart(canvas, parts[i], QPoint(120 + i * 130, 60 + (i % 2) * 120));
    }
    const QStringList ids{QStringLiteral("source:records"),   QStringLiteral("topic:topic"),
                          QStringLiteral("spout:main/spout"), QStringLiteral("bolt:main/split"),
                          QStringLiteral("bolt:main/count"),  QStringLiteral("sink:results")};
    canvas.fit();
    for (int i = 0; i + 1 < ids.size(); ++i) {
        hands::drag(canvas, canvas.outputPortInView(ids[i]), canvas.inputPortInView(ids[i + 1]));
    }
    QVERIFY(!m_window->document().hasErrors());
    QTest::keyClick(m_window.get(), Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->bridge().snapshot() != nullptr, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(now().run.mode, observe::RunMode::Run, 20000);
    runOn(std::chrono::seconds(40));
    QVERIFY(now().sources.front().produced > 0);
    QVERIFY2(now().sinks.front().written > 0, "nothing has arrived at the sink after 40 simulated seconds");
    QVERIFY(liveFigures(now(), *canvas.diagram().find(ids[4])).isKnown);
}

void TestStudio::aBrokerIsKilledExplainedUndoneAndTheScenarioSaved() {
    QVERIFY(m_window->openFile(QStringLiteral("scenarios/first-steps.json")));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->bridge().snapshot() != nullptr, 30000);
    PhysicalCanvas& cluster = m_window->physical();
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::AltModifier);
    const QRectF card = cluster.itemInView(QStringLiteral("broker:2"));
    QTest::mouseClick(&cluster, Qt::LeftButton, {}, QPointF(card.center().x(), card.top() + 10).toPoint());
    QTRY_COMPARE(now().cluster.brokers[1].state, observe::LifeState::Crashed);
    QVERIFY(!now().cluster.brokers[1].replicas.empty());  // its logs are on its disk and stay in the picture
    QTest::keyClick(m_window.get(), Qt::Key_Escape);
    runOn(std::chrono::seconds(25));
    for (const observe::PartitionView& partition : now().cluster.topics.back().partitions) {
        QVERIFY(partition.leader != 2);
    }
    QVERIFY2(m_window->sentence().reasons().contains(QStringLiteral("because")),
             qPrintable(m_window->sentence().reasons()));

    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(now().cluster.brokers[1].state, observe::LifeState::Running);
    QCOMPARE(now().run.branches.size(), std::size_t(2));
    QTest::keyClick(m_window.get(), Qt::Key_Y, Qt::ControlModifier);
    QTRY_COMPARE(now().cluster.brokers[1].state, observe::LifeState::Crashed);
    QVERIFY(!cluster.reviveInView(QStringLiteral("broker:2")).isNull());
    QTest::mouseClick(&cluster, Qt::LeftButton, {},
                      cluster.reviveInView(QStringLiteral("broker:2")).center().toPoint());
    runOn(std::chrono::seconds(30));
    QCOMPARE(now().cluster.brokers[1].state, observe::LifeState::Running);

    QVERIFY(!m_window->document().isModified());
    const QString file = m_folder.filePath(QStringLiteral("mine.json"));
    QString complaint;
    QVERIFY2(m_window->document().saveAs(file, complaint), qPrintable(complaint));
    const scenario::Value saved = m_window->document().root();
    QVERIFY(m_window->openFile(file));
    QVERIFY(m_window->document().root() == saved);
}

void TestStudio::aFaultThatIsPlannedMeetsTheRunThatGoesOn() {
    QVERIFY(m_window->openFile(QStringLiteral("scenarios/first-steps.json")));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->bridge().snapshot() != nullptr, 30000);
    PhysicalCanvas& cluster = m_window->physical();
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::AltModifier);
    const QRectF card = cluster.itemInView(QStringLiteral("broker:2"));
    QTest::mouseClick(&cluster, Qt::LeftButton, Qt::AltModifier, (card.topLeft() + QPointF(20, 12)).toPoint());
    QTRY_COMPARE(now().run.faults.size(), std::size_t(1));
    QVERIFY(now().run.faults[0].isPlanned);
    const auto buttons = m_window->findChildren<QToolButton*>();
    const auto asksForRestart = [&] {
        return std::any_of(buttons.begin(), buttons.end(), [](const QToolButton* button) {
            return button->isVisible() && button->text().startsWith(QStringLiteral("Restart"));
        });
    };
    QVERIFY(!asksForRestart());
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_VERIFY(now().run.faults.empty());
    QVERIFY(!asksForRestart());
    QVERIFY(!m_window->document().isModified());
    QTest::keyClick(m_window.get(), Qt::Key_Y, Qt::ControlModifier);
    QTRY_COMPARE(now().run.faults.size(), std::size_t(1));
    runOn(std::chrono::seconds(6));
    QCOMPARE(now().cluster.brokers[1].state, observe::LifeState::Crashed);
    QVERIFY(!asksForRestart());
}

void TestStudio::aPlannedFaultThatIsDraggedMovesInTheRunThatStandsBeforeIt() {
    QVERIFY(m_window->openFile(QStringLiteral("scenarios/first-steps.json")));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->bridge().snapshot() != nullptr, 30000);
    PhysicalCanvas& cluster = m_window->physical();
    QTest::keyClick(m_window.get(), Qt::Key_1, Qt::AltModifier);
    const QRectF card = cluster.itemInView(QStringLiteral("broker:2"));
    QTest::mouseClick(&cluster, Qt::LeftButton, Qt::AltModifier, (card.topLeft() + QPointF(20, 12)).toPoint());
    QTRY_COMPARE(now().run.faults.size(), std::size_t(1));
    QTest::keyClick(m_window.get(), Qt::Key_Escape);
    const SimTime planned = now().run.faults[0].at;
    TimeStrip& strip = m_window->deck().strip();
    const QPointF at = strip.planBox(0).center();
    hands::drag(strip, at, at + QPointF(strip.xOf(planned + std::chrono::seconds(4)) - strip.xOf(planned), 0));
    // One bar, at its new place, in the document as in the run.
    QTRY_VERIFY(now().run.faults.size() == 1 && now().run.faults[0].at > planned + std::chrono::seconds(3));
    const SimTime moved = now().run.faults[0].at;
    QVERIFY(now().run.faults[0].isPlanned);
    QCOMPARE(SimTime(plannedFaults(m_window->document().root())[0].at), moved);
    const auto buttons = m_window->findChildren<QToolButton*>();
    QVERIFY(std::none_of(buttons.begin(), buttons.end(), [](const QToolButton* button) {
        return button->isVisible() && button->text().startsWith(QStringLiteral("Restart"));
    }));
    runOn(planned + std::chrono::milliseconds(500) - now().run.now);
    QCOMPARE(now().cluster.brokers[1].state, observe::LifeState::Running);
    runOn(moved + std::chrono::milliseconds(500) - now().run.now);
    QCOMPARE(now().cluster.brokers[1].state, observe::LifeState::Crashed);
}

void TestStudio::aRateIsSetInTheRunThatGoesOn() {
    QVERIFY(m_window->openFile(QStringLiteral("scenarios/first-steps.json")));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->bridge().snapshot() != nullptr, 30000);
    m_window->selection().select(QStringLiteral("source:writer"));
    m_window->inspector().showTab(InspectorPanel::Properties);
    auto* edit =
        qobject_cast<QLineEdit*>(m_window->inspector().properties().editorOf(QStringLiteral("sources.writer.rate")));
    QVERIFY(edit != nullptr);
    edit->setFocus();
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("200"));
    QTest::keyClick(edit, Qt::Key_Return);
    runOn(std::chrono::seconds(4));
    QVERIFY2(now().sources[0].recordsPerSecond > 150, qPrintable(QString::number(now().sources[0].recordsPerSecond)));
    const auto buttons = m_window->findChildren<QToolButton*>();
    QVERIFY(std::none_of(buttons.begin(), buttons.end(), [](const QToolButton* button) {
        return button->isVisible() && button->text().startsWith(QStringLiteral("Restart"));
    }));
    const SimTime faster = now().run.now;
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(edit->text(), QStringLiteral("20/s"));
    QTRY_VERIFY(now().run.now < faster);  // back to just before it, and on without it
    runOn(std::chrono::seconds(4));
    QVERIFY2(now().sources[0].recordsPerSecond < 50, qPrintable(QString::number(now().sources[0].recordsPerSecond)));
}

void TestStudio::aRewindShowsWhatWasShownThen() {
    QVERIFY(m_window->openFile(QStringLiteral("scenarios/first-steps.json")));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->bridge().snapshot() != nullptr, 30000);
    const observe::SnapshotPtr then = m_window->bridge().snapshot();
    const QImage picture = m_window->physical().grab().toImage();
    runOn(std::chrono::seconds(20));
    QVERIFY(m_window->physical().grab().toImage() != picture);
    QElapsedTimer clock;
    clock.start();
    m_window->bridge().seek(then->run.now);
    QTRY_COMPARE(now().run.now, then->run.now);
    qInfo("rewind by 20 simulated seconds: %lld ms", clock.elapsed());
    QCOMPARE(now().run.fingerprint, then->run.fingerprint);
    QVERIFY(m_window->deck().strip().isInPast());
    QVERIFY(m_window->physical().grab().toImage() == picture);
}

void TestStudio::everyShippedScenarioOpens_data() {
    QTest::addColumn<QString>("file");
    for (const char* name :
         {"first-steps", "web-log-audit", "broker-failover", "supervisor-loss", "temperature-alerts", "ad-campaigns"}) {
        QTest::newRow(name) << QStringLiteral("scenarios/%1.json").arg(QLatin1String(name));
    }
}

void TestStudio::everyShippedScenarioOpens() {
    QFETCH(QString, file);
    QVERIFY(m_window->openFile(file));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->bridge().snapshot() != nullptr, 60000);
    QVERIFY(now().run.now > SimTime{});
    QVERIFY(!now().cluster.brokers.empty());
    QVERIFY(!now().storm.topologies.empty());
    for (const DiagramNode& node : m_window->logical().diagram().nodes) {
        QVERIFY2(liveFigures(now(), node).isKnown, qPrintable(node.id));
    }
}

QTEST_MAIN(TestStudio)
#include "tst_studio.moc"
