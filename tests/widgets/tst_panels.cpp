#include <QAbstractItemView>
#include <QComboBox>
#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <cmath>

#include "widgets/charts/chart_panel.h"
#include "widgets/charts/sparkline.h"
#include "widgets/controls/command_palette.h"
#include "widgets/controls/explorer_panel.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/controls/wheel_guard.h"
#include "widgets/inspector/chain_view.h"
#include "widgets/inspector/fact_label.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/property_editor.h"
#include "widgets/models/object_facts.h"
#include "widgets/models/selection.h"
#include "widgets/panels/part_palette.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

using namespace millrace;
using namespace millrace::widgets;
using namespace std::chrono_literals;

namespace {

/// Whether the widget took the wheel; one that does not leaves it to the page it stands on.
bool roll(QWidget& widget, int notches) {
    const QPointF at = QRectF(widget.rect()).center();
    QWheelEvent event(at, widget.mapToGlobal(at), {}, QPoint(0, notches * 120), Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    event.setAccepted(false);
    QCoreApplication::sendEvent(&widget, &event);
    return event.isAccepted();
}

std::shared_ptr<observe::SeriesPage> page(const char* name, const char* object, const char* unit) {
    auto made = std::make_shared<observe::SeriesPage>();
    made->name = name;
    made->object = object;
    made->unit = unit;
    made->resolution = 100ms;
    return made;
}

/// Half an hour of a steady load, with one burst of a tenth of a second.
observe::SnapshotPtr longRunWithABurst() {
    auto series = page("queue", "bolt:t/count", "tuples");
    for (int i = 1; i <= 18'000; ++i) {
        const double value = i == 7'777 ? 5'000 : 100;
        series->points.push_back({SimTime(i * 100ms), value, value, value});
    }
    auto snapshot = std::make_shared<observe::Snapshot>();
    snapshot->run.now = SimTime(1800s);
    snapshot->run.furthest = SimTime(1800s);
    snapshot->series = {series};
    return snapshot;
}

}  // namespace

class TestPanels : public QObject {
    Q_OBJECT

private slots:
    void theWheelScrollsThePageAndLeavesAChoiceWithoutTheFocus();
    void aFactKeepsToItsWidthHoweverLongItsWords();
    void aKeyIsBrokenAtItsDotsBeforeItIsCut();
    void enterGoesToTheObjectThatIsCalledSo();
    void aNameIsReadWholeWhateverHindersItsObject();
    void aRowOfTheExplorerIsToldInFewerLettersBeforeItIsCut();
    void aNumberInTheStoryKeepsItsUnit();
    void namesHaveTheRoomOfAPageThatGrewWhileNothingMoved();
    void whatIsProposedForATextIsChosenFromAList();
    void whatIsBeingTypedIsDoneWhenAScenarioIsSavedOrRun();
    void aLongRunKeepsItsPeaks();
    void chartsListBrokersInTheOrderOfTheirNumbersInEveryLocale();
    void aSteadySourceIsDrawnSteady();
    void theInspectorTellsRatesAsEverybodyDoes();
    void chartsInViewAreWhole();
    void aSentenceIsCutBetweenTwoWords();
    void whatHasNoRoomIsLeftOutInWholeParts();
    void whyOfTheRunIsWhatTheSentenceTells();
    void theListOfPartsEndsWithNoBareHeading();
    void longNamesOfPartsTakeTwoLines();
    void partsThatLieFlatAreAllSeen();
    void threeCausesAreToldWholeInANarrowWindow();
    void chartsHaveTheTimesOfTheStrip();
    void oneClickOnAChartLeavesTheRunWhereItIs();
    void metricsAreSearchedByWordsOfNameAndObject();
    void commandsAreFoundByTheirLetters_data();
    void commandsAreFoundByTheirLetters();
    void everyCommandHasARowOfTheSameHeight();
    void aBlankFieldSaysWhatHolds();
};

void TestPanels::theWheelScrollsThePageAndLeavesAChoiceWithoutTheFocus() {
    WheelGuard guard;
    qApp->installEventFilter(&guard);
    QScrollArea area;
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    auto* choice = new QComboBox;
    choice->addItems({QStringLiteral("true"), QStringLiteral("false")});
    layout->addWidget(choice);
    layout->addWidget(new QLabel);
    page->setMinimumHeight(2000);
    area.setWidget(page);
    area.setWidgetResizable(true);
    area.resize(200, 200);
    area.show();
    QVERIFY(QTest::qWaitForWindowExposed(&area));
    area.setFocus();
    QVERIFY(!roll(*choice, -1));
    QCOMPARE(choice->currentText(), QStringLiteral("true"));
    QVERIFY(!choice->hasFocus());
    choice->setFocus();
    QTRY_VERIFY(choice->hasFocus());
    QVERIFY(roll(*choice, -1));
    QCOMPARE(choice->currentText(), QStringLiteral("false"));
    qApp->removeEventFilter(&guard);
}

void TestPanels::aFactKeepsToItsWidthHoweverLongItsWords() {
    FactLabel label;
    const QString member = QStringLiteral("consumer-readers-1-5f0c2f3e77e94d02a1b3c4d5e6f70819");
    label.setFact(member + QStringLiteral(": access-0, access-1"), QStringLiteral("who reads what"));
    label.resize(120, 80);
    label.show();
    QVERIFY(label.minimumSizeHint().width() <= 120 || label.minimumWidth() <= 120);
    QString breakable = label.text();
    for (const QString& part : breakable.replace(QChar(0x200b), QLatin1Char(' ')).split(QLatin1Char(' '))) {
        QVERIFY2(label.fontMetrics().horizontalAdvance(part) <= 120, qPrintable(part));
    }
    // The last digits of an id tell it from another: nothing of it is left out.
    QCOMPARE(QString(label.text()).remove(QChar(0x200b)), member + QStringLiteral(": access-0, access-1"));
    QCOMPARE(label.toolTip(), QStringLiteral("who reads what"));
    QCOMPARE(label.fullText(), member + QStringLiteral(": access-0, access-1"));
}

void TestPanels::aKeyIsBrokenAtItsDotsBeforeItIsCut() {
    FactLabel label;
    label.setFact(QStringLiteral("min.insync.replicas"), {});
    label.resize(label.fontMetrics().horizontalAdvance(QStringLiteral("min.insync.")), 60);
    label.show();
    QCOMPARE(QString(label.text()).remove(QChar(0x200b)), QStringLiteral("min.insync.replicas"));
    QVERIFY(label.text().contains(QChar(0x200b)));
    QVERIFY(label.toolTip().isEmpty());
}

void TestPanels::enterGoesToTheObjectThatIsCalledSo() {
    Selection selection;
    ExplorerPanel explorer(selection);
    explorer.setEntries({{{}, QStringLiteral("Spouts"), -1},
                         {QStringLiteral("spout:word-count/sentences"), QStringLiteral("sentences"), 0},
                         {{}, QStringLiteral("Bolts"), -1},
                         {QStringLiteral("bolt:word-count/recount"), QStringLiteral("recount"), 2},
                         {QStringLiteral("bolt:word-count/count"), QStringLiteral("count"), 2}});
    QSignalSpy gone(&explorer, &ExplorerPanel::activated);
    const auto goTo = [&](const char* words) {
        auto* search = explorer.findChild<QLineEdit*>();
        search->setText(QString::fromLatin1(words));
        QTest::keyClick(search, Qt::Key_Return);
        return gone.isEmpty() ? QString() : gone.takeLast().front().toString();
    };
    QCOMPARE(goTo("coun"), QStringLiteral("bolt:word-count/count"));
    QCOMPARE(goTo("COUNT"), QStringLiteral("bolt:word-count/count"));
    QCOMPARE(goTo("reco"), QStringLiteral("bolt:word-count/recount"));
    QCOMPARE(goTo("word-count"), QStringLiteral("spout:word-count/sentences"));
    gone.clear();
    QCOMPARE(goTo("nothing of this name"), QString());
}

void TestPanels::whatIsBeingTypedIsDoneWhenAScenarioIsSavedOrRun() {
    Property about;
    about.path = QStringLiteral("about");
    about.name = QStringLiteral("about");
    about.type = Property::Type::LongText;
    about.value = QStringLiteral("old");
    Property title = about;
    title.path = QStringLiteral("title");
    title.type = Property::Type::Text;
    PropertySheet sheet;
    sheet.push_back(about);
    sheet.push_back(title);
    PropertyEditor editor;
    editor.setSheet(sheet);
    editor.show();
    QVERIFY(QTest::qWaitForWindowActive(&editor));
    // The lower edge of a long text's field cuts no line.
    const auto* text = qobject_cast<QPlainTextEdit*>(editor.editorOf(QStringLiteral("about")));
    QVERIFY(text != nullptr);
    const int lines = text->viewport()->height() - static_cast<int>(text->document()->documentMargin());
    QCOMPARE(lines % text->fontMetrics().lineSpacing(), 0);
    QSignalSpy edited(&editor, &PropertyEditor::propertyEdited);
    editor.finishEdit();
    QCOMPARE(edited.size(), 0);
    for (const char* path : {"about", "title"}) {
        QWidget* field = editor.editorOf(QString::fromLatin1(path));
        field->setFocus();
        QTest::keyClicks(field, QStringLiteral("new"));
        editor.finishEdit();
        QVERIFY2(edited.size() >= 1, path);
        QVERIFY(edited.last().at(1).toString().contains(QStringLiteral("new")));
        edited.clear();
    }
}

void TestPanels::aNameIsReadWholeWhateverHindersItsObject() {
    Selection selection;
    ExplorerPanel explorer(selection);
    explorer.setEntries(
        {{{}, QStringLiteral("Brokers"), -1}, {QStringLiteral("broker:1"), QStringLiteral("Broker 1"), 0}});
    explorer.resize(160, 200);
    explorer.show();
    const auto* tree = explorer.findChild<QTreeWidget*>();
    const QTreeWidgetItem* item = tree->topLevelItem(0)->child(0);
    const auto picture = [&] { return tree->viewport()->grab(tree->visualItemRect(item)).toImage(); };
    const QImage alone = picture();
    auto snapshot = std::make_shared<observe::Snapshot>();
    snapshot->journal = std::make_shared<observe::JournalPage>();
    observe::BrokerView& broker = snapshot->cluster.brokers.emplace_back();
    broker.id = "broker:1";
    broker.state = observe::LifeState::Crashed;
    explorer.setSnapshot(snapshot);
    const QImage hindered = picture();
    QVERIFY2(hindered != alone, "nothing tells that the broker is down");
    const int name = tree->fontMetrics().horizontalAdvance(item->text(0));
    QCOMPARE(hindered.copy(0, 0, name, hindered.height()), alone.copy(0, 0, name, alone.height()));
}

void TestPanels::aRowOfTheExplorerIsToldInFewerLettersBeforeItIsCut() {
    const auto picture = [](const ExplorerEntry& entry, int width) {
        Selection selection;
        ExplorerPanel explorer(selection);
        explorer.setEntries({{{}, QStringLiteral("Planned faults"), -1}, entry});
        explorer.resize(width, 200);
        explorer.show();
        const auto* tree = explorer.findChild<QTreeWidget*>();
        return tree->viewport()->grab(tree->visualItemRect(tree->topLevelItem(0)->child(0))).toImage();
    };
    const QString title = QStringLiteral("power loss host node1");
    const QString brief = QStringLiteral("power loss node1");
    const ExplorerEntry both{QStringLiteral("fault:0"), title, 0, brief};
    QCOMPARE(picture(both, 300), picture({both.id, title, 0, {}}, 300));
    QCOMPARE(picture(both, 152), picture({both.id, brief, 0, {}}, 152));
    // What differs stands at the end: it is seen however little room there is.
    QVERIFY(picture(both, 120) != picture({both.id, title, 0, QStringLiteral("power loss node2")}, 120));
}

void TestPanels::aNumberInTheStoryKeepsItsUnit() {
    auto snapshot = std::make_shared<observe::Snapshot>();
    snapshot->journal = std::make_shared<observe::JournalPage>();
    observe::WaitView& wait = snapshot->waits.emplace_back();
    wait.object = "producer:log";
    wait.text = "nobody is elected before its session expires, at 12.0 s: 845 of 2,534 records wait";
    ChainView view;
    view.resize(260, 300);
    view.setObject(snapshot, QStringLiteral("producer:log"));
    bool isTold = false;
    for (const QLabel* label : view.findChildren<QLabel*>()) {
        QVERIFY2(!label->text().contains(QStringLiteral("12.0 s")), qPrintable(label->text()));
        isTold =
            isTold || label->text().contains(QStringLiteral("12.0") + QChar(QChar::Nbsp) + QStringLiteral("s: 845"));
    }
    QVERIFY(isTold);
}

void TestPanels::namesHaveTheRoomOfAPageThatGrewWhileNothingMoved() {
    auto snapshot = std::make_shared<observe::Snapshot>();
    snapshot->journal = std::make_shared<observe::JournalPage>();
    observe::InvariantView& invariant = snapshot->run.invariants.emplace_back();
    invariant.name = "spouts commit what is acked";
    invariant.holds = true;
    Selection selection;
    InspectorPanel inspector(selection);
    inspector.resize(240, 600);
    inspector.show();
    inspector.setSnapshot(snapshot);
    inspector.resize(420, 600);
    QTest::qWait(20);
    int found = 0;
    for (const FactLabel* label : inspector.findChildren<FactLabel*>()) {
        if (label->text().startsWith(QLatin1String("spouts"))) {
            ++found;
            QVERIFY2(label->height() < 2 * label->fontMetrics().lineSpacing(),
                     qPrintable(QString::number(label->width())));
        }
    }
    QCOMPARE(found, 1);
}

void TestPanels::whatIsProposedForATextIsChosenFromAList() {
    Property target;
    target.path = QStringLiteral("faults[0].target");
    target.name = QStringLiteral("target");
    target.value = QStringLiteral("broker:1");
    target.choices = {QStringLiteral("broker:1"), QStringLiteral("broker:2"), QStringLiteral("leader:access-0")};
    PropertyEditor editor;
    editor.setSheet({target});
    editor.show();
    auto* edit = qobject_cast<QLineEdit*>(editor.editorOf(target.path));
    QVERIFY(edit != nullptr && edit->completer() != nullptr);
    edit->setFocus();
    QTest::mouseClick(edit, Qt::LeftButton);
    QCOMPARE(edit->completer()->completionCount(), 3);
    edit->completer()->popup()->hide();
    edit->selectAll();
    QTest::keyClicks(edit, QStringLiteral("access"));
    QCOMPARE(edit->completer()->completionCount(), 1);
    QSignalSpy edited(&editor, &PropertyEditor::propertyEdited);
    emit edit->completer()->activated(edit->completer()->currentCompletion());
    QCOMPARE(edited.size(), 1);
    QCOMPARE(edited.last().at(1).toString(), QStringLiteral("leader:access-0"));
    // Another list is another one at once.
    target.choices = {QStringLiteral("host:h1")};
    editor.setSheet({target});
    edit->completer()->setCompletionPrefix({});
    QCOMPARE(edit->completer()->completionCount(), 1);
}

void TestPanels::aLongRunKeepsItsPeaks() {
    ChartPanel charts;
    charts.resize(700, 300);
    charts.show();
    charts.setSnapshot(longRunWithABurst());
    const QString key = QStringLiteral("bolt:t/count queue");
    charts.choose({key});
    QCOMPARE(charts.chosen(), QStringList{key});
    QCOMPARE(charts.drawnPeakOf(key), 5000.0);
    charts.setVisibleRange(SimTime(700s), SimTime(800s));
    QCOMPARE(charts.drawnPeakOf(key), 5000.0);
    charts.setVisibleRange(SimTime(900s), SimTime(1000s));
    QCOMPARE(charts.drawnPeakOf(key), 100.0);
}

void TestPanels::chartsListBrokersInTheOrderOfTheirNumbersInEveryLocale() {
    const QLocale before;
    QLocale::setDefault(QLocale::c());
    auto snapshot = std::make_shared<observe::Snapshot>();
    for (const char* broker : {"broker:10", "broker:2", "broker:1"}) {
        snapshot->series.push_back(page("cpu", broker, "%"));
    }
    ChartPanel charts;
    charts.resize(700, 300);
    charts.show();
    charts.setSnapshot(snapshot);
    QStringList listed;
    for (const QTreeWidget* tree : charts.findChildren<QTreeWidget*>()) {
        for (int i = 0; i < tree->topLevelItemCount(); ++i) {
            listed.append(tree->topLevelItem(i)->text(0));
        }
    }
    QLocale::setDefault(before);
    QCOMPARE(listed,
             QStringList({QStringLiteral("Broker 1"), QStringLiteral("Broker 2"), QStringLiteral("Broker 10")}));
}

void TestPanels::aSteadySourceIsDrawnSteady() {
    // 20 records a second come one in every other sample of 100 ms: no person wants to see 10, 0, 10, 0.
    auto series = page("records", "source:s", "/s");
    for (int i = 1; i <= 300; ++i) {
        const double value = i % 2 == 0 ? 20 : 0;
        series->points.push_back({SimTime(i * 100ms), value, value, value});
    }
    auto snapshot = std::make_shared<observe::Snapshot>();
    snapshot->run.now = snapshot->run.furthest = SimTime(30s);
    snapshot->series = {series};
    ChartPanel charts;
    charts.resize(900, 300);
    charts.show();
    charts.setSnapshot(snapshot);
    charts.choose({QStringLiteral("source:s records")});
    for (const double at : {5.0, 5.1, 12.3, 25.0}) {
        charts.setCursorTime(at);
        const double drawn = charts.drawnAt(QStringLiteral("source:s records"), at);
        QVERIFY2(drawn > 8 && drawn < 12, qPrintable(QString::number(drawn)));
    }
}

void TestPanels::theInspectorTellsRatesAsEverybodyDoes() {
    // Samples hold two records or none; one has a burst.
    auto series = page("records in", "topic:t", "/s");
    for (int i = 1; i <= 600; ++i) {
        const double value = i == 40 ? 10'000 : i % 2 == 0 ? 20 : 0;
        series->points.push_back({SimTime(i * 100ms), value, value, value});
    }
    Sparkline sparkline(0);
    sparkline.setSeries(series, {}, SimTime(60s), SimTime(60s));
    QVERIFY(std::isnan(sparkline.levelAt(SimTime(50ms))));
    for (int i = 100; i < 600; ++i) {
        QVERIFY(std::abs(sparkline.levelAt(SimTime(i * 100ms)) - 10) <= 1);
    }
    QVERIFY2(sparkline.top() < 50, qPrintable(QString::number(sparkline.top())));
    // A level is what it is at that instant.
    auto level = page("lag", "group:g", "records");
    level->points = {{SimTime(100ms), 5, 5, 5}, {SimTime(200ms), 7, 7, 7}};
    sparkline.setSeries(level, {}, SimTime(1s), SimTime(1s));
    QCOMPARE(sparkline.levelAt(SimTime(150ms)), 5.0);
    QCOMPARE(sparkline.levelAt(SimTime(1s)), 7.0);
}

void TestPanels::aSentenceIsCutBetweenTwoWords() {
    const QFontMetrics metrics(textFont(TextRole::Body));
    const QString text = QStringLiteral("because broker 2 crashed at 5.000 s, and nothing was heard from it since");
    const QStringList words = text.split(QLatin1Char(' '));
    for (int width = 60; width < metrics.horizontalAdvance(text) + 20; width += 3) {
        const QString shown = format::elided(metrics, text, width);
        QVERIFY(metrics.horizontalAdvance(shown) <= width);
        if (shown != text && shown.contains(QLatin1Char(' '))) {
            QVERIFY(shown.endsWith(QChar(0x2026)));
            const QStringList kept = shown.chopped(1).split(QLatin1Char(' '));
            QCOMPARE(kept, words.mid(0, kept.size()));
        }
    }
}

void TestPanels::whatHasNoRoomIsLeftOutInWholeParts() {
    const QFontMetrics metrics(textFont(TextRole::Body));
    const QString text = QStringLiteral(
        "The session of broker 2 expired: nothing was heard from it for 6.000 s, because broker 2 crashed at 5.0 s");
    const QStringList parts{text, text.section(QStringLiteral(", because"), 0, 0),
                            text.section(QLatin1Char(':'), 0, 0)};
    QCOMPARE(format::shorterWordings(text), parts);
    for (int width = metrics.horizontalAdvance(parts.back()); width < metrics.horizontalAdvance(text) + 20;
         width += 5) {
        QVERIFY(parts.contains(format::fitting(metrics, format::shorterWordings(text), width)));
    }
    // Lines are broken before anything is left out; a list is one part.
    const int half = metrics.horizontalAdvance(text) * 3 / 5;
    const QString onTwo = format::fittingOnLines(metrics, format::shorterWordings(text), half, 2);
    // No line ends between a number and its unit.
    const QString timed = QStringLiteral("The oldest waits for 5.3 s now");
    const int upToUnit = metrics.horizontalAdvance(QStringLiteral("The oldest waits for 5.3 "));
    QCOMPARE(format::fittingOnLines(metrics, {timed}, upToUnit, 2), QStringLiteral("The oldest waits for\n5.3 s now"));
    QCOMPARE(onTwo.count(QLatin1Char('\n')), 1);
    QCOMPARE(QString(onTwo).replace(QLatin1Char('\n'), QLatin1Char(' ')), text);
    const QString list = QStringLiteral("1,481 of 2,222 held records wait for access-1, access-3 and access-5");
    QCOMPARE(format::shorterWordings(list), QStringList{list});
}

void TestPanels::whyOfTheRunIsWhatTheSentenceTells() {
    auto snapshot = std::make_shared<observe::Snapshot>();
    auto journal = std::make_shared<observe::JournalPage>();
    const auto tell = [&](std::uint64_t id, SimDuration at, const char* place, const char* text) {
        observe::JournalEntryView& entry = journal->entries.emplace_back();
        entry.id = id;
        entry.time = SimTime(at);
        entry.place = place;
        entry.text = text;
        entry.severity = observe::Severity::Warning;
    };
    tell(1, 20s, "host:node1", "host node1 lost power");
    tell(2, 21s, "nimbus", "Nimbus crashed");
    snapshot->journal = journal;
    observe::WaitView& wait = snapshot->waits.emplace_back();
    wait.object = "bolt:audit/count";
    wait.on = "worker:audit/1";
    wait.brief = "waits for worker audit/1";
    wait.text = "worker audit/1 has no power, and Nimbus is down; 1 of 2 executors does not run";
    wait.entry = 1;
    snapshot->run.now = SimTime(36s);
    SentenceBar bar;
    bar.resize(1200, bar.sizeHint().height());
    bar.setSnapshot(snapshot);
    ChainView chain;
    chain.resize(240, 400);
    chain.setObject(snapshot, QString());
    QStringList said;
    for (const QLabel* label : chain.findChildren<QLabel*>()) {
        said.append(label->text());
    }
    QVERIFY2(said.value(0) == bar.reasons(), qPrintable(said.join(QLatin1Char('|'))));
    QVERIFY(said.value(1).contains(QStringLiteral("node1 lost power")));
    // Where and when stand on a line of their own, and a number beside its unit.
    QVERIFY2(said[1].contains(QStringLiteral("<br>")) &&
                 said[1].contains(QStringLiteral("20.0") + QChar::Nbsp + QLatin1Char('s')),
             qPrintable(said[1]));
    // What just happened is worth more than what waits.
    snapshot->run.now = SimTime(22s);
    QVERIFY(toldWait(*snapshot) == nullptr);
}

void TestPanels::theListOfPartsEndsWithNoBareHeading() {
    std::vector<Part> parts;
    for (const char* group : {"Sources", "Storm", "Sinks"}) {
        for (int i = 0; i < 4; ++i) {
            Part& part = parts.emplace_back();
            part.name = QStringLiteral("%1 %2").arg(QLatin1String(group)).arg(i);
            part.title = part.name;
            part.group = QLatin1String(group);
        }
    }
    PartPalette palette(parts);
    palette.resize(170, 300);
    palette.show();
    auto* list = palette.findChild<QListWidget*>();
    const auto* curtain = palette.findChild<QWidget*>(QStringLiteral("rowCurtain"));
    for (int height = 200; height < 420; ++height) {
        palette.resize(170, height);
        QTest::qWait(1);
        const int seen = curtain->isVisible() ? curtain->y() : list->viewport()->height();
        const QListWidgetItem* last = list->itemAt(QPoint(20, seen - 4));
        if (last == nullptr) {
            continue;
        }
        QVERIFY2(last->flags() != Qt::NoItemFlags,
                 qPrintable(QStringLiteral("%1 at %2").arg(last->text()).arg(height)));
    }
}

void TestPanels::longNamesOfPartsTakeTwoLines() {
    std::vector<Part> parts;
    for (const char* title : {"Motion", "Blood pressure and oxygen", "Advertising events", "Manufacturing process"}) {
        Part& part = parts.emplace_back();
        part.name = part.title = QLatin1String(title);
        part.group = QStringLiteral("Sources");
    }
    PartPalette palette(parts);
    palette.show();
    const QListWidget& list = palette.list();
    for (const int width : {150, 190, 320}) {
        palette.resize(width, 500);
        QTest::qWait(5);
        for (int row = 1; row < list.count(); ++row) {
            const QRect box = list.visualItemRect(list.item(row));
            const QRect words =
                QFontMetrics(textFont(TextRole::Body))
                    .boundingRect(box.adjusted(27, 0, -19, 0), Qt::TextWordWrap, list.item(row)->text());
            QVERIFY2(words.height() <= box.height() - 5 && words.width() <= box.width() - 46,
                     qPrintable(QStringLiteral("%1 at %2").arg(list.item(row)->text()).arg(width)));
        }
    }
}

void TestPanels::partsThatLieFlatAreAllSeen() {
    std::vector<Part> parts;
    for (const char* group : {"Sources", "Storm", "Sinks"}) {
        for (int i = 0; i < 6; ++i) {
            Part& part = parts.emplace_back();
            part.name = QStringLiteral("%1 part %2").arg(QLatin1String(group)).arg(i);
            part.title = part.name;
            part.group = QLatin1String(group);
        }
    }
    QWidget window;
    auto* layout = new QVBoxLayout(&window);
    PartPalette palette(parts);
    palette.setStrip(true);
    layout->addWidget(&palette);
    layout->addStretch(1);
    window.show();
    for (int width = 500; width < 1200; width += 50) {
        window.resize(width, 500);
        QTest::qWait(5);
        const QListWidget& list = palette.list();
        palette.groups().setCurrentIndex(0);
        QTest::qWait(5);
        const int height = palette.height();
        int seen = 0;
        for (int group = 0; group < palette.groups().count(); ++group) {
            palette.groups().setCurrentIndex(group);
            QTest::qWait(1);
            for (int i = 0; i < list.count(); ++i) {
                const QRect row = list.visualItemRect(list.item(i));
                QVERIFY2(list.viewport()->rect().contains(row),
                         qPrintable(QStringLiteral("%1 at %2").arg(list.item(i)->text()).arg(width)));
            }
            seen += list.count();
            QVERIFY2(
                palette.height() == height,  // what lies below does not move
                qPrintable(QStringLiteral("%1 at %2: %3, %4").arg(group).arg(width).arg(palette.height()).arg(height)));
        }
        QCOMPARE(std::size_t(seen), parts.size());
        QVERIFY(!list.findChild<QWidget*>(QStringLiteral("rowCurtain"))->isVisible());
    }
}

void TestPanels::threeCausesAreToldWholeInANarrowWindow() {
    auto snapshot = std::make_shared<observe::Snapshot>();
    auto journal = std::make_shared<observe::JournalPage>();
    const char* told[] = {"disk of broker 2 fails every write, so that no segment of its log can grow any longer",
                          "broker 2 takes all of its partitions offline and tells the controller that it has no disk",
                          "broker 1 leads access-3 from epoch 4 on, since broker 2 is in no in-sync set any longer",
                          "partition access-3 has two of three replicas in sync and takes records again"};
    std::uint64_t id = 0;
    for (const char* text : told) {
        observe::JournalEntryView& entry = journal->entries.emplace_back();
        entry.cause = id;
        entry.id = ++id;
        entry.time = SimTime(std::chrono::seconds(10 + id));
        entry.text = text;
        entry.severity = observe::Severity::Warning;
    }
    snapshot->journal = journal;
    snapshot->run.now = SimTime(20s);
    SentenceBar bar;
    bar.resize(980, bar.sizeHint().height());
    bar.setSnapshot(snapshot);
    QString shown;
    for (const QLabel* label : bar.findChildren<QLabel*>()) {
        shown += QString(label->text()).replace(QLatin1Char('\n'), QLatin1Char(' '));
    }
    QVERIFY2(shown.contains(bar.reasons()), qPrintable(shown));
}

void TestPanels::chartsInViewAreWhole() {
    ChartPanel charts;
    auto snapshot = std::make_shared<observe::Snapshot>();
    for (const char* unit : {"records", "B", "s", "tuples"}) {
        auto page = std::make_shared<observe::SeriesPage>();
        page->name = unit;
        page->unit = unit;
        for (int i = 1; i < 20; ++i) {
            page->points.push_back({SimTime(std::chrono::seconds(i)), 1, 1, 1});
        }
        snapshot->series.push_back(page);
    }
    snapshot->run.now = snapshot->run.furthest = SimTime(std::chrono::seconds(20));
    charts.resize(900, 172);
    charts.show();
    charts.setSnapshot(snapshot);
    QWidget* view = charts.plot();
    auto* scroll = charts.findChild<QScrollArea*>();
    for (const int height : {172, 200, 260, 390, 700}) {
        charts.resize(900, height);
        QTest::qWait(20);
        QCOMPARE(charts.chartBoxes().size(), std::size_t(4));
        int whole = 0;
        for (int notch = 0; notch < 5; ++notch) {
            whole = 0;
            for (const QRect& chart : charts.chartBoxes()) {
                const QRect room = scroll->viewport()->rect();
                const bool isWhole = room.contains(chart);
                const bool isOut = chart.top() >= room.bottom() - 1 || chart.bottom() <= room.top() + 1;
                QVERIFY2(isWhole || isOut, qPrintable(QStringLiteral("a chart from %1 to %2 of %3")
                                                          .arg(chart.top())
                                                          .arg(chart.bottom())
                                                          .arg(room.height())));
                whole += isWhole ? 1 : 0;
            }
            QWheelEvent wheel(QPointF(300, 60), view->mapToGlobal(QPointF(300, 60)), {}, QPoint(0, -120), Qt::NoButton,
                              Qt::NoModifier, Qt::NoScrollPhase, false);
            QApplication::sendEvent(view, &wheel);
        }
        QVERIFY(whole >= 1);
    }
}

void TestPanels::chartsHaveTheTimesOfTheStrip() {
    ChartPanel charts;
    charts.resize(900, 300);
    charts.show();
    charts.setSnapshot(longRunWithABurst());
    charts.choose({QStringLiteral("bolt:t/count queue")});
    charts.setVisibleRange(SimTime(100s), SimTime(200s));
    QCOMPARE(charts.visibleRange(), (std::pair{100.0, 200.0}));
}

void TestPanels::oneClickOnAChartLeavesTheRunWhereItIs() {
    ChartPanel charts;
    charts.resize(900, 300);
    charts.show();
    QVERIFY(QTest::qWaitForWindowExposed(&charts));
    charts.setSnapshot(longRunWithABurst());
    charts.choose({QStringLiteral("bolt:t/count queue")});
    QSignalSpy sought(&charts, &ChartPanel::seekRequested);
    QWidget* plot = charts.plot();
    QTest::mouseClick(plot, Qt::LeftButton, {}, plot->rect().center());
    QCOMPARE(sought.count(), 0);
    QTest::mouseDClick(plot, Qt::LeftButton, {}, plot->rect().center());
    QCOMPARE(sought.count(), 1);
}

void TestPanels::metricsAreSearchedByWordsOfNameAndObject() {
    auto snapshot = std::make_shared<observe::Snapshot>();
    snapshot->run.now = snapshot->run.furthest = SimTime(1s);
    snapshot->series = {page("bytes_in", "broker:1", "B/s"), page("bytes_in", "broker:2", "B/s"),
                        page("lag", "group:readers", "records")};
    ChartPanel charts;
    charts.resize(900, 300);
    charts.show();
    charts.setSnapshot(snapshot);
    charts.findChild<QLineEdit*>()->setText(QStringLiteral("bytes 2"));
    QStringList seen;
    for (int i = 0; i < charts.list().topLevelItemCount(); ++i) {
        const QTreeWidgetItem* group = charts.list().topLevelItem(i);
        for (int k = 0; k < group->childCount(); ++k) {
            if (!group->isHidden() && !group->child(k)->isHidden()) {
                seen << group->text(0) + QLatin1Char('/') + group->child(k)->text(0);
            }
        }
    }
    QCOMPARE(seen, QStringList{QStringLiteral("Broker 2/bytes in")});
    const auto saysNothing = [&] {
        const auto labels = charts.findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
            return label->isVisible() && label->text().startsWith(QStringLiteral("Nothing that is measured"));
        });
    };
    QVERIFY(!saysNothing());
    charts.findChild<QLineEdit*>()->setText(QStringLiteral("zzz"));
    QVERIFY(saysNothing());
}

void TestPanels::commandsAreFoundByTheirLetters_data() {
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("first");
    QTest::addRow("a word that begins a name") << QStringLiteral("topic") << QStringLiteral("topic access");
    QTest::addRow("a part to add") << QStringLiteral("add topic") << QStringLiteral("Add: Topic");
    QTest::addRow("the beginning of words") << QStringLiteral("arr ca") << QStringLiteral("Arrange all cards");
    QTest::addRow("first letters") << QStringLiteral("aac") << QStringLiteral("Arrange all cards");
    QTest::addRow("letters left out") << QStringLiteral("brkr 2") << QStringLiteral("broker 2");
    QTest::addRow("words in another order") << QStringLiteral("access topic") << QStringLiteral("topic access");
    QTest::addRow("a whole name before a part") << QStringLiteral("save") << QStringLiteral("Save");
    QTest::addRow("nothing like it") << QStringLiteral("xyzzy") << QString();
}

void TestPanels::commandsAreFoundByTheirLetters() {
    QFETCH(const QString, typed);
    QFETCH(const QString, first);
    std::vector<Command> commands;
    for (const char* title : {"Save as…", "Save", "Arrange all cards", "Dark theme", "Step back", "topic access",
                              "broker 1", "broker 2", "Add: Broker", "Add: Topic", "Example: Web log audit"}) {
        commands.push_back({QString::fromUtf8(title), {}, {}, [] {}});
    }
    CommandPalette palette(commands, nullptr);
    palette.setAttribute(Qt::WA_DeleteOnClose, false);
    QTest::keyClicks(&palette.search(), typed);
    QCOMPARE(palette.shown().value(0), first);
}

void TestPanels::everyCommandHasARowOfTheSameHeight() {
    QPixmap large(64, 64);
    large.fill(Qt::red);
    int ran = 0;
    std::vector<Command> commands;
    for (int i = 0; i < 30; ++i) {
        commands.push_back({i % 3 == 0 ? QString(200, QLatin1Char('w')) : QStringLiteral("command %1").arg(i),
                            i % 2 == 0 ? QStringLiteral("Ctrl+K") : QString(), i % 5 == 0 ? QIcon(large) : QIcon(),
                            [&ran, i] { ran = i; }});
    }
    CommandPalette palette(commands, nullptr);
    palette.setAttribute(Qt::WA_DeleteOnClose, false);
    palette.show();
    const QListWidget& list = palette.list();
    for (int row = 0; row < list.count(); ++row) {
        QCOMPARE(list.visualItemRect(list.item(row)).height(), list.visualItemRect(list.item(0)).height());
        QVERIFY(list.visualItemRect(list.item(row)).width() <= list.viewport()->width());
    }
    QVERIFY(!list.horizontalScrollBar()->isVisible());
    // The lower edge cuts no row.
    QCOMPARE(list.viewport()->height() % list.visualItemRect(list.item(0)).height(), 0);
    QTest::keyClick(&palette.search(), Qt::Key_Down);
    QTest::keyClick(&palette.search(), Qt::Key_Return);
    QCOMPARE(ran, 1);
}

void TestPanels::aBlankFieldSaysWhatHolds() {
    Property duration;
    duration.path = QStringLiteral("run.duration");
    duration.type = Property::Type::Duration;
    duration.blank = QStringLiteral("endless");
    Property work;
    work.path = QStringLiteral("clients.groups.g.work");
    work.type = Property::Type::Duration;
    work.defaultValue = QStringLiteral("2us");
    Property other;
    other.path = QStringLiteral("x.y.z");
    other.type = Property::Type::Size;
    PropertyEditor editor;
    editor.setSheet({duration, work, other});
    const auto hintOf = [&](const QString& path) {
        return qobject_cast<QLineEdit*>(editor.editorOf(path))->placeholderText();
    };
    QCOMPARE(hintOf(duration.path), QStringLiteral("endless"));
    QCOMPARE(hintOf(work.path), QStringLiteral("2us (default)"));
    QCOMPARE(hintOf(other.path), QStringLiteral("a size, such as 64MiB"));
}

QTEST_MAIN(TestPanels)
#include "tst_panels.moc"
