#include <QDir>
#include <QFile>
#include <QLineEdit>
#include <QRegularExpression>
#include <QSet>
#include <QTabBar>
#include <QTabWidget>
#include <QTest>
#include <QToolBar>
#include <QToolButton>
#include <algorithm>

#include "app/bridge/run_session.h"
#include "engine/observe/kinds.h"
#include "tests/app/window_stage.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/command_palette.h"
#include "widgets/controls/event_rows.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/journal_model.h"
#include "widgets/models/selection.h"
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
    void machinesOfEveryShippedScenarioAreReadable();
    void machinesTellAllWhereTheyHaveTheRoom();
    void everyEventIsReadWhole();
    void aLowWindowShowsTheFaceThatIsAskedFor();
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

namespace {

/// A shipped scenario, so much later than where it opens.
observe::SnapshotPtr openedOn(const QString& path, SimDuration after = {}) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return nullptr;
    }
    bridge::RunSession session;
    const bridge::OpenAnswer answer = session.open({file.readAll().toStdString(), path.toStdString(), false});
    if (!answer.isOpen) {
        return nullptr;
    }
    const SimTime until = session.now() + after;
    while (session.now() < until && !session.hasEnded()) {
        session.advance(until, std::chrono::seconds(5));
    }
    return std::make_shared<const observe::Snapshot>(session.snapshot(bridge::Detail::Complete));
}

/// Shipped scenarios while something is broken in them, each played once.
const std::vector<std::pair<QString, observe::SnapshotPtr>>& played() {
    static const std::vector<std::pair<QString, observe::SnapshotPtr>> all = [] {
        std::vector<std::pair<QString, observe::SnapshotPtr>> found;
        for (const QString& file : QDir(QStringLiteral("scenarios")).entryList({QStringLiteral("*.json")})) {
            found.emplace_back(file, openedOn(QStringLiteral("scenarios/") + file, std::chrono::seconds(24)));
        }
        return found;
    }();
    return all;
}

/// No card is cut by the edge, each stands under its own heading, and buttons keep away from its border.
void checkMachines(const PhysicalCanvas& canvas, const QString& where) {
    const ClusterLayout& layout = canvas.layoutShown();
    for (const ClusterItem& item : layout.items) {
        if (!item.owner.isEmpty()) {
            continue;
        }
        const QString what = where + item.id;
        const QRectF box = canvas.itemInView(item.id);
        QVERIFY2(box.right() <= canvas.width() || box.left() >= canvas.width() - 1, qPrintable(what));
        QVERIFY2(item.reviveBox.isNull() || item.box.adjusted(5, 4, -5, -4).contains(item.reviveBox), qPrintable(what));
        if (item.stand == observe::Stand::Column) {
            continue;
        }
        const ClusterHead* nearest = nullptr;
        for (const ClusterHead& head : layout.heads) {
            const bool isOver = std::abs(head.box.left() - item.box.left()) < 1 && head.box.bottom() <= item.box.top();
            nearest = isOver && (nearest == nullptr || head.box.top() > nearest->box.top()) ? &head : nearest;
        }
        QVERIFY2(nearest != nullptr && observe::rowOf(nearest->kind).heading == observe::rowOf(item.kind).heading,
                 qPrintable(what));
    }
    for (const ClusterHead& head : layout.heads) {
        // Beside the name of the face or well below it.
        const bool isBeside = head.box.left() * canvas.zoom() + 16 > 90;
        QVERIFY2(isBeside || head.box.top() * canvas.zoom() + 10 >= 34, qPrintable(where));
    }
}

/// Like cards are named apart, and what one of them says of its machine all of them say.
void checkWords(const PhysicalCanvas& canvas, const observe::Snapshot& snapshot, const QString& where) {
    QHash<int, QStringList> names;
    QHash<int, QList<bool>> loads;
    for (const ClusterItem& item : canvas.layoutShown().items) {
        const bool isPlain = item.owner.isEmpty() && item.state == observe::LifeState::Running &&
                             item.stand != observe::Stand::Machine && item.reviveBox.isNull();
        if (!isPlain) {
            continue;
        }
        const QStringList words = canvas.wordsOn(item.id);
        const int kind = static_cast<int>(item.kind);
        QVERIFY2(item.stand == observe::Stand::Service || !names[kind].contains(words.front()),
                 qPrintable(where + item.id));
        names[kind] << words.front();
        const QString all = words.join(QLatin1Char('|'));
        const bool isSpecial = all.contains(QLatin1String("held")) || all.contains(QLatin1String(" wait")) ||
                               all.contains(QLatin1Char(':')) || all.contains(QLatin1String("silent"));
        if (!isSpecial) {
            loads[item.stand == observe::Stand::Service ? -1 : kind] << all.contains(QLatin1String("cpu "));
        }
    }
    for (const QList<bool>& each : std::as_const(loads)) {
        QVERIFY2(each.count(each.front()) == each.size(), qPrintable(where));
    }
    if (!snapshot.cluster.brokers.empty()) {
        const auto controllers = std::count_if(snapshot.cluster.brokers.begin(), snapshot.cluster.brokers.end(),
                                               [&](const observe::BrokerView& broker) {
                                                   return canvas.wordsOn(QString::fromStdString(broker.id))
                                                       .join(QLatin1Char('|'))
                                                       .contains(QLatin1String("controller"));
                                               });
        QVERIFY2(controllers <= 1, qPrintable(where));
    }
}

}  // namespace

void TestWindowLooks::machinesOfEveryShippedScenarioAreReadable() {
    const QStringList files = QDir(QStringLiteral("scenarios")).entryList({QStringLiteral("*.json")});
    QVERIFY(files.size() > 20);
    Selection selection;
    ToolHand hand;
    for (const QString& file : files) {
        const observe::SnapshotPtr snapshot = openedOn(QStringLiteral("scenarios/") + file);
        QVERIFY2(snapshot != nullptr, qPrintable(file));
        // The faces of windows of 1280 x 800 (behind a tab), 1440 x 900 and 2560 x 1440.
        for (const QSize size : {QSize(992, 420), QSize(1120, 255), QSize(2240, 500)}) {
            PhysicalCanvas canvas(selection, hand);
            canvas.resize(size);
            canvas.show();
            canvas.setSnapshot(snapshot);
            const QString where = QStringLiteral("%1 at %2: ").arg(file).arg(size.width());
            checkMachines(canvas, where);
            checkWords(canvas, *snapshot, where);
            if (QTest::currentTestFailed()) {
                return;
            }
        }
    }
}

/// Nothing is beyond the edge, no word is cut, and all but a few cards tell the load of their machines: those of
/// columns that are full.
void TestWindowLooks::machinesTellAllWhereTheyHaveTheRoom() {
    Selection selection;
    ToolHand hand;
    QVERIFY(played().size() > 20);
    QHash<int, int> well;
    QHash<int, int> telling;
    for (const auto& [file, snapshot] : played()) {
        QVERIFY2(snapshot != nullptr, qPrintable(file));
        for (const QSize size : {QSize(992, 420), QSize(1120, 255), QSize(2240, 500)}) {
            PhysicalCanvas canvas(selection, hand);
            canvas.resize(size);
            canvas.show();
            canvas.setSnapshot(snapshot);
            const QString where = QStringLiteral("%1 at %2: ").arg(file).arg(size.width());
            QVERIFY2(canvas.beyondWords().isEmpty(), qPrintable(where));
            for (const ClusterItem& item : canvas.layoutShown().items) {
                if (!item.owner.isEmpty() || item.stand == observe::Stand::Machine) {
                    continue;
                }
                const QString words = canvas.wordsOn(item.id).join(QLatin1Char('|'));
                QVERIFY2(!words.contains(QChar(0x2026)), qPrintable(where + words));
                const bool isWell = item.state == observe::LifeState::Running && item.reviveBox.isNull() &&
                                    !words.contains(QLatin1Char(':')) && !words.contains(QLatin1String("held"));
                well[size.width()] += isWell ? 1 : 0;
                telling[size.width()] += isWell && words.contains(QLatin1String("cpu ")) ? 1 : 0;
            }
            for (const ClusterItem& item : canvas.layoutShown().items) {
                const QString offsets = item.stand == observe::Stand::Column ? canvas.offsetsOn(item.id) : QString();
                QVERIFY2(!offsets.contains(QChar(0x2026)), qPrintable(where + offsets));
            }
            // A label that names a number has it beside it or in itself.
            const bool hasNumbers = canvas.layoutShown().unread.width() > 0;
            const QString held = canvas.heldWords();
            QVERIFY2(held.isEmpty() || hasNumbers || held.contains(QRegularExpression(QStringLiteral("[0-9]"))),
                     qPrintable(where + held));
        }
    }
    for (const auto& [width, share] : {std::pair(992, 97), std::pair(1120, 70), std::pair(2240, 97)}) {
        QVERIFY2(well[width] > 150 && telling[width] * 100 >= well[width] * share,
                 qPrintable(QStringLiteral("%1 of %2 at %3").arg(telling[width]).arg(well[width]).arg(width)));
    }
}

/// In lists of events as wide as those of windows of 1280, 1440 and 2560 px.
void TestWindowLooks::everyEventIsReadWhole() {
    const QFontMetrics metrics(textFont(TextRole::Body));
    const auto whole = [](QString text) { return text.replace(QLatin1Char('\n'), QLatin1Char(' ')); };
    int rows = 0;
    for (const auto& [file, snapshot] : played()) {
        JournalModel model;
        model.setSnapshot(snapshot);
        rows += model.rowCount();
        for (const int width : {970, 1130, 2250}) {
            const int what = width * 56 / 100;
            for (int row = 0; row < model.rowCount(); ++row) {
                const QString text = model.index(row, JournalModel::Text).data().toString();
                const QString why = model.index(row, JournalModel::Because).data().toString();
                const EventWords words = fitEvent(metrics, text, why, what - 16, width - what - 16);
                QVERIFY2(whole(words.what) == text, qPrintable(file + words.what));
                QVERIFY2(whole(words.why) == why, qPrintable(file + words.why));
            }
        }
    }
    QVERIFY2(rows > 1000, qPrintable(QString::number(rows)));
}

void TestWindowLooks::aLowWindowShowsTheFaceThatIsAskedFor() {
    openWindow(QSize(1280, 800));
    QVERIFY(m_window->showPage(QStringLiteral("physical")));
    QTRY_VERIFY(m_window->physical().isVisible() && !m_window->logical().isVisible());
    QVERIFY(m_window->showPage(QStringLiteral("logical")));
    QTRY_VERIFY(m_window->logical().isVisible() && !m_window->physical().isVisible());
    QVERIFY(!m_window->showPage(QStringLiteral("nowhere")));
}

QTEST_MAIN(TestWindowLooks)
#include "tst_window_looks.moc"
