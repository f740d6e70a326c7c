#include <QLineEdit>
#include <QSet>
#include <QTabBar>
#include <QTabWidget>
#include <QTest>
#include <QToolBar>
#include <QToolButton>
#include <algorithm>

#include "tests/app/window_stage.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/command_palette.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/style/palette.h"

using namespace millrace;
using namespace millrace::studio;
using namespace millrace::widgets;

namespace {

QTabBar* facesOf(const QWidget& window) {
    const auto bars = window.findChildren<QTabBar*>();
    const auto found = std::find_if(bars.begin(), bars.end(),
                                    [](const QTabBar* bar) { return bar->accessibleName() == QLatin1String("Faces"); });
    return found == bars.end() ? nullptr : *found;
}

}  // namespace

/// The window as a whole: its commands and how it looks in both themes.
class TestWindowLooks : public QObject, private WindowStage {
    Q_OBJECT

private slots:
    void initTestCase() { prepare(); }
    void init() { openWindow(); }
    void cleanup() { closeWindow(); }

    void everyActionIsInTheCommandPalette();
    void commandsAddPartsAndGoToObjects();
    void everyExampleSaysWhatItIsAbout();
    void toolsHaveTheirNamesFromASmallScreenOn();
    void aPageLeavesTheCanvasTwoRowsOfCards();
    void picturesFillBothThemesAtEverySize();
};

void TestWindowLooks::everyActionIsInTheCommandPalette() {
    CommandPalette palette(m_window->everyCommand(), m_window.get());
    palette.setAttribute(Qt::WA_DeleteOnClose, false);
    const QString all = palette.shown().join(QLatin1Char('\n'));
    for (const char* name : {"Play", "Crash", "Save", "Dark theme", "Fit both faces", "Step back", "Revive"}) {
        QVERIFY2(all.contains(QLatin1String(name)), name);
    }
    for (const QAction* action : m_window->allActions()) {
        QVERIFY2(!action->text().isEmpty(), "an action without a name");
    }
    QTest::keyClicks(palette.findChild<QLineEdit*>(), QStringLiteral("dark"));
    QCOMPARE(palette.shown().value(0), QStringLiteral("Dark theme"));
    const bool before = currentTheme() == Theme::Dark;
    QTest::keyClick(palette.findChild<QLineEdit*>(), Qt::Key_Return);
    QCOMPARE(currentTheme() == Theme::Dark, !before);
    applyTheme(*qApp, Theme::Light);
}

void TestWindowLooks::commandsAddPartsAndGoToObjects() {
    const auto run = [&](const char* typed) {
        CommandPalette palette(m_window->everyCommand(), m_window.get());
        palette.setAttribute(Qt::WA_DeleteOnClose, false);
        QTest::keyClicks(&palette.search(), QString::fromLatin1(typed));
        const QString first = palette.shown().value(0);
        QTest::keyClick(&palette.search(), Qt::Key_Return);
        return first;
    };
    QCOMPARE(run("add topic"), QStringLiteral("Add: Topic"));
    QCOMPARE(m_window->logical().diagram().nodes.size(), std::size_t(1));
    QCOMPARE(run("broker 2"), QStringLiteral("broker 2"));
    QCOMPARE(m_window->selection().current(), QStringLiteral("broker:2"));
    QCOMPARE(run("topic topic"), QStringLiteral("topic topic"));
    QCOMPARE(m_window->selection().current(), QStringLiteral("topic:topic"));
    CommandPalette palette(m_window->everyCommand(), m_window.get());
    palette.setAttribute(Qt::WA_DeleteOnClose, false);
    QTest::keyClicks(&palette.search(), QStringLiteral("first steps"));
    QCOMPARE(palette.shown().value(0), QStringLiteral("Example: First steps"));
}

void TestWindowLooks::toolsHaveTheirNamesFromASmallScreenOn() {
    QVERIFY(m_window->openFile(QStringLiteral("scenarios/broker-failover.json")));
    QTRY_VERIFY(m_window->bridge().snapshot() != nullptr);
    QTest::keyClick(m_window.get(), Qt::Key_3, Qt::ControlModifier);
    for (const int width : {1280, 1440, 1280}) {
        m_window->resize(width, 800);
        QTest::qWait(50);
        const auto bars = m_window->findChildren<QToolBar*>();
        const auto faults = std::find_if(bars.begin(), bars.end(), [](const QToolBar* bar) {
            return bar->windowTitle() == QStringLiteral("Faults");
        });
        QVERIFY(faults != bars.end());
        QCOMPARE((*faults)->toolButtonStyle(), Qt::ToolButtonTextBesideIcon);
        for (QToolButton* button : (*faults)->findChildren<QToolButton*>()) {
            QVERIFY2(button->width() >= button->sizeHint().width() || button->text().isEmpty(),
                     qPrintable(button->text()));
        }
        QCOMPARE(m_window->width(), width);
    }
}

void TestWindowLooks::everyExampleSaysWhatItIsAbout() {
    int found = 0;
    for (const QAction* action : m_window->allActions()) {
        for (const char* title : {"First steps", "Web log audit", "A broker dies and comes back"}) {
            if (action->text().startsWith(QLatin1String(title))) {
                ++found;
                QVERIFY2(action->text().size() > static_cast<qsizetype>(qstrlen(title)) + 20, title);
                QVERIFY2(action->toolTip().size() > action->text().size(), title);
            }
        }
    }
    QCOMPARE(found, 3);
}

/// What flows is seen beside the page that tells of it, on screens of every size, and the page has the larger part.
void TestWindowLooks::aPageLeavesTheCanvasTwoRowsOfCards() {
    const QString page = QStringLiteral("scenarios/spark-log-audit.json");
    for (const QSize size : {QSize(1280, 800), QSize(1440, 900), QSize(2560, 1440)}) {
        openRealWindow(size);
        QVERIFY(m_window->openFile(page));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->bridge().snapshot() != nullptr, 20000);
        m_window->bridge().pause();
        QTRY_VERIFY(m_window->showPage(QStringLiteral("batches/table")));
        constexpr int twoRows = 160;
        const auto* tabs = m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"));
        QTRY_VERIFY2(tabs->height() > size.height() * 4 / 10, qPrintable(QString::number(tabs->height())));
        QTRY_VERIFY2(m_window->logical().height() >= twoRows && m_window->logical().isVisible(),
                     qPrintable(QString::number(m_window->logical().height())));
    }
}

void TestWindowLooks::picturesFillBothThemesAtEverySize() {
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
            QImage picture = m_window->grab().toImage();
            QCOMPARE(picture.size(), size);
            // Both faces draw something on their ground.
            for (const QWidget* face :
                 {static_cast<QWidget*>(&m_window->logical()), static_cast<QWidget*>(&m_window->physical())}) {
                if (!face->isVisible()) {
                    // In a low window it stands behind the other.
                    QTabBar* tabs = facesOf(*m_window);
                    QVERIFY(tabs->isVisible());
                    tabs->setCurrentIndex(face == &m_window->logical() ? 0 : 1);
                    QTest::qWait(50);
                    picture = m_window->grab().toImage();
                }
                QVERIFY(face->isVisible());
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
        m_window->document().startNew();
        keep("empty.png");
    }
}

QTEST_MAIN(TestWindowLooks)
#include "tst_window_looks.moc"
