#include <QAbstractItemModelTester>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QHeaderView>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include "engine/base/metric.h"
#include "widgets/controls/event_rows.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/inspector/chain_view.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/journal_model.h"
#include "widgets/models/losses.h"
#include "widgets/models/object_facts.h"
#include "widgets/models/problems_model.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

using namespace millrace;
using namespace millrace::widgets;
using namespace std::chrono_literals;

namespace {

observe::JournalEntryView entry(std::uint64_t id, SimDuration at, const char* text, std::uint64_t cause = 0,
                                observe::Severity severity = observe::Severity::Notice,
                                const char* place = "broker:2") {
    return {id, SimTime(at), place, severity, std::string("test.") + text, text, cause};
}

observe::SnapshotPtr snapshotOf(std::vector<observe::JournalEntryView> entries) {
    auto page = std::make_shared<observe::JournalPage>();
    page->entries = std::move(entries);
    page->total = page->entries.size();
    auto snapshot = std::make_shared<observe::Snapshot>();
    snapshot->journal = std::move(page);
    return snapshot;
}

/// Crash, expiry and election, each because of the one before.
observe::SnapshotPtr failover() {
    return snapshotOf(
        {entry(1, 5s, "you crashed broker 2"), entry(2, 11s, "its session expired", 1, observe::Severity::Warning),
         entry(3, 11s, "leader of access-3 moved to broker 1", 2, observe::Severity::Warning, "broker:1")});
}

}  // namespace

class TestModels : public QObject {
    Q_OBJECT

private slots:
    void aRunWithoutATitleIsCalledAsItsFile();
    void aLongTitleTakesThreeLinesAndIsWholeInItsToolTip();
    void titlesOfShippedScenariosAreReadWhole();
    void whatHappenedAndWhyAreBrokenIntoLines();
    void rowsOfEventsAreAsHighAsTheirWordsAndNeverCut();
    void noWordStandsAloneInTheLastLine();
    void fourLinesOfASentenceKeepOffItsFrame();
    void thousandsOfEventsAreFittedQuickly();
    void aRowTellsAllInItsToolTip();
    void onceTheNewsIsOldTheSentenceSaysWhatHolds();
    void aNewerWarningIsToldBeforeAnOlderNotice();
    void aFaultIsACauseInThePast();
    void aLongHeadlineTakesALineOfItsReasons();
    void aProcessWithoutAPageOfItsOwnIsExplained();
    void newEntriesAreAppended();
    void whatWasBrokenStandsOutInTheJournal();
    void theSameJournalAgainChangesNothing();
    void aRewindTakesTheTailAway();
    void aForkReplacesWhatHappenedInstead();
    void anEntryThatCountsOnKeepsItsRow();
    void theJournalBeginsWithACapitalWhereNoNameDoes();
    void aJournalWithAHoleStartsAgain();
    void aPageWithoutSomeInTheMiddleTouchesOnlyThose();
    void theFilterKeepsWordsAndSeverity();
    void topicsThatKafkaKeepsForItselfAreShownWhenAskedFor();
    void causesAreNamedBesideAnEntry();
    void aChainLeadsBackToTheFault();
    void manyOfOneKindAreToldOnce();
    void whatHappensToAHostHappensToWhatRunsThere();
    void aChainThatIsBrokenEnds();
    void theSentenceTellsTheWorstOfTheNewestMoment();
    void whatStandsStillIsToldOnceTheNewsIsOld();
    void whatIsLostOrGivenUpStandsUnderProblemsAndInTheSentence();
    void aReasonThatDoesNotFitEndsWithAnEllipsis();
    void aLongReasonHasASecondLineAndMovesNothing();
    void whatWasSaidIsForgottenWhereNoRunGoesOn();
    void severalThatAreSelectedAreSaidToBe();
    void whyTellsOfTheBranchThatIsShown();
    void theAnswerIsToldBeforeWhatSurroundsIt();
    void aSourceAndASpoutHaveTheEntriesThatAreAboutThem();
    void aBoltHasTheEntriesOfTheWorkersThatExecuteIt();
    void problemsAreReplacedAsAWhole();
    void factsOfABrokerAreInWords();
    void anObjectThatIsGoneIsSaidToBeGone();
    void aToolSuitsWhatItCanHit();
    void aSelectionTellsOnlyOfChanges();
    void numbersAreReadable_data();
    void numbersAreReadable();
};

void TestModels::aRunWithoutATitleIsCalledAsItsFile() {
    Selection selection;
    InspectorPanel inspector(selection);
    inspector.setScenarioTitle(QStringLiteral("web-shop"));
    const auto run = std::make_shared<observe::Snapshot>();
    run->journal = std::make_shared<observe::JournalPage>();
    for (const auto& [own, shown] :
         {std::pair("Untitled", "web-shop"), std::pair("", "web-shop"), std::pair("First steps", "First steps")}) {
        run->run.scenario = own;
        inspector.setSnapshot(run);
        QCOMPARE(inspector.title(), QString::fromLatin1(shown));
    }
}

void TestModels::aLongTitleTakesThreeLinesAndIsWholeInItsToolTip() {
    const QString title = QStringLiteral(
        "Spark Streaming: word count in micro-batches, with a receiver that is lost and one that is not");
    Selection selection;
    InspectorPanel inspector(selection);
    inspector.resize(244, 500);
    inspector.setScenarioTitle(title);
    const auto run = std::make_shared<observe::Snapshot>();
    run->run.scenario = title.toStdString();
    inspector.setSnapshot(run);
    QCOMPARE(inspector.title(), title);
    const auto labels = inspector.findChildren<QLabel*>();
    const auto shown = std::find_if(labels.begin(), labels.end(), [](const QLabel* label) {
        return label->text().startsWith(QStringLiteral("Spark Streaming"));
    });
    QVERIFY(shown != labels.end());
    QCOMPARE((*shown)->text().count(QLatin1Char('\n')), 2);
    QVERIFY2((*shown)->text().endsWith(QChar(0x2026)), qPrintable((*shown)->text()));
    QCOMPARE((*shown)->toolTip(), title);
}

void TestModels::titlesOfShippedScenariosAreReadWhole() {
    Selection selection;
    InspectorPanel inspector(selection);
    inspector.resize(inspector.minimumWidth(), 500);
    const QStringList files = QDir(QStringLiteral("scenarios")).entryList({QStringLiteral("*.json")}, QDir::Files);
    QVERIFY(files.size() >= 20);
    for (const QString& name : files) {
        QFile file(QStringLiteral("scenarios/") + name);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString title = QJsonDocument::fromJson(file.readAll()).object().value(QLatin1String("title")).toString();
        QVERIFY2(!title.isEmpty(), qPrintable(name));
        const auto run = std::make_shared<observe::Snapshot>();
        run->run.scenario = title.toStdString();
        inspector.setSnapshot(run);
        const auto labels = inspector.findChildren<QLabel*>();
        QVERIFY2(std::any_of(labels.begin(), labels.end(),
                             [&](const QLabel* label) {
                                 return label->text().replace(QLatin1Char('\n'), QLatin1Char(' ')) == title;
                             }),
                 qPrintable(title));
    }
}

/// What needs more than the width of its column goes on in another line: a reason never leaves its column.
void TestModels::whatHappenedAndWhyAreBrokenIntoLines() {
    const QFontMetrics metrics(textFont(TextRole::Body));
    const QString brief = QStringLiteral("Broker 2 crashed");
    const QString wordy = QStringLiteral(
        "The tuple of record 256 of tweets timed out in spout tweets after 26.0 s; 331 more "
        "like it up to 42.228 s");
    const int half = metrics.horizontalAdvance(wordy) * 2 / 3;
    const auto whole = [](QString text) { return text.replace(QLatin1Char('\n'), QLatin1Char(' ')); };
    QCOMPARE(fitEvent(metrics, brief, brief, half, half).lines, 1);
    const EventWords both = fitEvent(metrics, wordy, brief, half, half);
    QCOMPARE(both.lines, 2);
    QCOMPARE(whole(both.what), wordy);
    const EventWords why = fitEvent(metrics, brief, wordy, half, half);
    QCOMPARE(why.lines, 2);
    QCOMPARE(whole(why.why), wordy);
    for (const QString& line : (both.what + QLatin1Char('\n') + why.why).split(QLatin1Char('\n'))) {
        QVERIFY(metrics.horizontalAdvance(line) <= half);
    }
    QCOMPARE(fitEvent(metrics, wordy, {}, half, half).lines, 1);  // nothing but what happened
    // What three lines do not hold ends with a whole part of it, and says that there is more.
    const EventWords cut = fitEvent(metrics, wordy, brief, half / 2 - 20, half);
    QCOMPARE(cut.lines, 3);
    QVERIFY2(cut.what.endsWith(QStringLiteral("26.0 s …")), qPrintable(cut.what));
}

/// The newest is in view to its last line, and the one that the heading would cut is not seen at all.
void TestModels::rowsOfEventsAreAsHighAsTheirWordsAndNeverCut() {
    JournalModel model;
    QTableView table;
    table.setModel(&model);
    table.horizontalHeader()->setStretchLastSection(true);
    table.setShowGrid(false);
    EventRows rows(table);
    table.resize(900, 120);
    table.setColumnWidth(JournalModel::Text, 300);
    table.show();
    rows.setRowHeight(24);
    std::vector<observe::JournalEntryView> entries;
    for (std::uint64_t id = 1; id <= 12; ++id) {
        const bool isWordy = id % 2 == 0;
        entries.push_back(entry(
            id, 1s * static_cast<int>(id),
            isWordy ? "a tuple of record 256 of tweets timed out in spout tweets after 26.0 s" : "broker 2 crashed",
            isWordy ? id - 1 : 0));
    }
    model.setSnapshot(snapshotOf(entries));
    QCOMPARE(table.rowHeight(0), 24);
    QVERIFY(table.rowHeight(1) > 2 * QFontMetrics(textFont(TextRole::Body)).lineSpacing());
    table.scrollToBottom();
    QTest::qWait(20);
    const int last = model.rowCount() - 1;
    QVERIFY(table.visualRect(model.index(last, 0)).bottom() < table.viewport()->height());
    const QImage picture = table.viewport()->grab().toImage();
    const int first = table.rowAt(0);
    const QRect row = table.visualRect(model.index(first, 0));
    for (int y = 0; row.top() < 0 && y <= row.bottom(); ++y) {
        for (int x = 0; x < picture.width(); ++x) {
            QCOMPARE(picture.pixelColor(x, y), picture.pixelColor(0, 0));
        }
    }
    // In a column of another width they have other heights.
    table.setColumnWidth(JournalModel::Text, 700);
    QTRY_COMPARE(table.rowHeight(1), 24);
}

void TestModels::fourLinesOfASentenceKeepOffItsFrame() {
    SentenceBar bar;
    bar.resize(960, bar.sizeHint().height());
    bar.setVisible(true);
    std::string told = "The batch at 32 s of telemetry took 8.94 s";
    for (int i = 0; i < 5; ++i) {
        told += " while the driver was away";
    }
    std::string cause = "host store lost power";
    for (int i = 0; i < 6; ++i) {
        cause += " and so did all that runs there";
    }
    bar.setSnapshot(snapshotOf({entry(1, 4s, cause.c_str()), entry(2, 5s, told.c_str(), 1, observe::Severity::Error)}));
    bar.resize(960, bar.sizeHint().height());
    int lines = 0;
    for (const QLabel* label : bar.findChildren<QLabel*>()) {
        lines += static_cast<int>(label->text().count(QLatin1Char('\n'))) + 1;
        const int height =
            QFontMetrics(label->font()).lineSpacing() * (static_cast<int>(label->text().count(QLatin1Char('\n'))) + 1);
        const double top = label->geometry().center().y() - height / 2.0;
        QVERIFY2(top >= 3.5 + 5 && top + height <= bar.height() - 4.5 - 4, qPrintable(label->text()));
    }
    QCOMPARE(lines, 4);
}

/// A page of the journal is as long, and another one may come with each picture of an express run.
void TestModels::thousandsOfEventsAreFittedQuickly() {
    JournalModel model;
    QTableView table;
    table.setModel(&model);
    table.horizontalHeader()->setStretchLastSection(true);
    EventRows rows(table);
    table.resize(1240, 120);
    table.setColumnWidth(JournalModel::Text, 550);
    table.show();
    rows.setRowHeight(24);
    std::vector<observe::JournalEntryView> entries;
    for (std::uint64_t id = 1; id <= 2000; ++id) {
        entries.push_back(
            entry(id, 1ms * static_cast<int>(id), "broker 2 joins the in-sync set of access-2: now {1, 2, 3}", id - 1));
    }
    QElapsedTimer timer;
    timer.start();
    model.setSnapshot(snapshotOf(entries));
    const qint64 took = timer.elapsed();
    qInfo("2,000 events: %lld ms", static_cast<long long>(took));
    QVERIFY2(took < 200, qPrintable(QString::number(took)));
}

void TestModels::noWordStandsAloneInTheLastLine() {
    const QFontMetrics metrics(textFont(TextRole::Body));
    const QString told = QStringLiteral("because ingestion pipeline every-5-seconds is to start again at 182.0 s");
    const int width = metrics.horizontalAdvance(told) - 4;
    const QStringList lines = format::fittingOnLines(metrics, {told}, width, 3).split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 2);
    QVERIFY2(metrics.horizontalAdvance(lines.last()) * 6 >= width, qPrintable(lines.last()));
    QCOMPARE(lines.join(QLatin1Char(' ')), told);
    QVERIFY(metrics.horizontalAdvance(lines.first()) <= width);
}

void TestModels::aRowTellsAllInItsToolTip() {
    JournalModel model;
    model.setSnapshot(failover());
    const QModelIndex row = model.index(1, JournalModel::Text);
    const QString told = row.data(Qt::ToolTipRole).toString();
    QVERIFY2(told.contains(QStringLiteral("Its session expired")), qPrintable(told));
    QVERIFY2(told.contains(QStringLiteral("because you crashed broker 2")), qPrintable(told));
    // Points stand under each other, and every column has its heading.
    QVERIFY((row.siblingAtColumn(JournalModel::Time).data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight) != 0);
    for (int column = 0; column < JournalModel::ColumnCount; ++column) {
        QVERIFY(!model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
    }
}

void TestModels::onceTheNewsIsOldTheSentenceSaysWhatHolds() {
    observe::Snapshot snapshot = *snapshotOf({entry(1, 1s, "broker 2 is registered")});
    observe::SourceView& source = snapshot.sources.emplace_back();
    source.name = "access";
    source.produced = 6600;
    source.isExhausted = true;
    SentenceBar bar;
    bar.resize(1200, bar.sizeHint().height());
    snapshot.run.now = SimTime(8s);
    bar.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    QCOMPARE(bar.headline(), QStringLiteral("Broker 2 is registered"));
    snapshot.run.now = SimTime(56s);
    bar.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    QCOMPARE(bar.headline(), QStringLiteral("All 6,600 records of access are read; nothing waits"));
    QVERIFY2(bar.reasons().startsWith(QStringLiteral("Last at 1.0 s: Broker 2 is registered")),
             qPrintable(bar.reasons()));
    snapshot.cluster.groups.emplace_back().lag = 3;
    bar.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    QCOMPARE(bar.headline(), QStringLiteral("All 6,600 records of access are read; lag 3"));
    // A fault that lasts comes first.
    auto broken = entry(1, 5s, "broker 2 crashed");
    broken.kind = "sim.fault-injected";
    snapshot.journal = snapshotOf({broken})->journal;
    snapshot.run.faults = {{"crash", "broker:2", SimTime(5s), SimTime::max(), false}};
    bar.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    QVERIFY2(bar.headline().startsWith(QStringLiteral("Broker 2 crashed, since 5.0 s; ")), qPrintable(bar.headline()));
}

void TestModels::aNewerWarningIsToldBeforeAnOlderNotice() {
    auto rejected = entry(2, 12816ms, "line 7 of log: no host", 0, observe::Severity::Warning, "worker:alerts/1");
    rejected.kind = "ingest.line-rejected";
    const auto notice = entry(1, 12600ms, "a worker runs 5 executors");
    QCOMPARE(newestImportant(*snapshotOf({notice, rejected}))->id, std::uint64_t(2));
    // But not before one that says more.
    const auto error = entry(1, 12600ms, "broker 2 is gone", 0, observe::Severity::Warning);
    QCOMPARE(newestImportant(*snapshotOf({error, rejected}))->id, std::uint64_t(1));
}

void TestModels::aFaultIsACauseInThePast() {
    const std::pair<const char*, const char*> forms[] = {
        {"host exchange is cut", "host exchange was cut"},
        {"host europe takes 3 s longer", "host europe took 3 s longer"},
        {"the processor of host n1 is 20 times slower", "the processor of host n1 was 20 times slower"},
        {"broker 2 crashed", "broker 2 crashed"}};
    for (const auto& [now, then] : forms) {
        auto cause = entry(1, 28s, now);
        cause.kind = "sim.fault-injected";
        QCOMPARE(asCause(cause), QString::fromLatin1(then));
    }
}

void TestModels::aLongHeadlineTakesALineOfItsReasons() {
    const std::string told =
        "Fatal error during KafkaServer startup: the node of broker 2, /brokers/ids/2, is still there: it lives as "
        "long as the old session 0x100000000000005 does (NodeExists)";
    SentenceBar bar;
    bar.resize(1000, bar.sizeHint().height());
    bar.setVisible(true);
    bar.setSnapshot(snapshotOf({entry(1, 5s, told.c_str(), 0, observe::Severity::Error)}));
    const auto labels = bar.findChildren<QLabel*>();
    QString shown;
    for (const QLabel* label : labels) {
        shown += QString(label->text()).replace(QLatin1Char('\n'), QLatin1Char(' '));
    }
    QVERIFY2(shown.contains(QString::fromStdString(told)), qPrintable(shown));
}

void TestModels::aProcessWithoutAPageOfItsOwnIsExplained() {
    constexpr Metric rows{.id = "rows_read", .whose = "stage", .unit = "rows", .meaning = "rows that it has read"};
    observe::Snapshot snapshot;
    snapshot.processes.push_back({"executor:1", "host:h2", observe::LifeState::Crashed, "4 cores"});
    snapshot.nodes.push_back({.id = "stage:job/1", .main = {&rows, 12}, .executors = 2, .busy = 0.5});
    const ObjectFacts process = factsOf(snapshot, QStringLiteral("executor:1"));
    QVERIFY(process.isKnown);
    QCOMPARE(process.life, observe::LifeState::Crashed);
    QCOMPARE(process.facts.back().value, QStringLiteral("host h2"));
    const ObjectFacts node = factsOf(snapshot, QStringLiteral("stage:job/1"));
    QCOMPARE(node.state, QStringLiteral("2 executors"));
    QCOMPARE(node.facts.front().name, QStringLiteral("Rows read"));
    QCOMPARE(node.facts.front().toolTip, QStringLiteral("rows that it has read"));
    QCOMPARE(node.facts.back().value, format::percent(0.5));
    // A topology is no object of the world, and has a sheet and a state.
    observe::TopologyView& topology = snapshot.storm.topologies.emplace_back();
    topology.name = "audit";
    topology.status = "ACTIVE";
    topology.ackedTuples = 42;
    topology.workers.resize(2);
    topology.workers[0].state = observe::LifeState::Running;
    topology.workers[1].state = observe::LifeState::Crashed;
    const ObjectFacts audit = factsOf(snapshot, QStringLiteral("topology:audit"));
    QCOMPARE(audit.state, QStringLiteral("ACTIVE"));
    const auto tells = [&](const char* name, const char* value) {
        return std::any_of(audit.facts.begin(), audit.facts.end(), [&](const Fact& fact) {
            return fact.name == QLatin1String(name) && fact.value == QLatin1String(value);
        });
    };
    QVERIFY(tells("Workers", "1 of 2 run"));
    QVERIFY(tells("Acked", "42"));
}

void TestModels::newEntriesAreAppended() {
    JournalModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.setSnapshot(snapshotOf({entry(1, 1s, "a"), entry(2, 2s, "b")}));
    model.setSnapshot(snapshotOf({entry(1, 1s, "a"), entry(2, 2s, "b"), entry(3, 3s, "c")}));
    model.setSnapshot(snapshotOf({entry(2, 2s, "b"), entry(3, 3s, "c"), entry(4, 4s, "d")}));  // the page moved on
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(inserted.count(), 3);
    QCOMPARE(reset.count(), 0);
    QCOMPARE(model.index(2, JournalModel::Text).data().toString(), QStringLiteral("D"));
}

void TestModels::whatWasBrokenStandsOutInTheJournal() {
    observe::JournalEntryView broken = entry(1, 1s, "broker 2 crashed");
    broken.kind = "sim.fault-injected";
    broken.severity = observe::Severity::Notice;
    observe::JournalEntryView mended = broken;
    mended.id = 2;
    mended.text = "broker 2 starts again";
    mended.isRepair = true;
    JournalModel model;
    model.setSnapshot(snapshotOf({broken, mended}));
    const auto colourOf = [&](int row) {
        return model.index(row, JournalModel::Text).data(Qt::ForegroundRole).value<QColor>();
    };
    QCOMPARE(colourOf(0), theme().severity(observe::Severity::Error));
    QVERIFY(colourOf(1) != colourOf(0));
    // And by more than a colour.
    QVERIFY(model.index(0, JournalModel::Text).data().toString().startsWith(QStringLiteral("✕ ")));
    QVERIFY(!model.index(1, JournalModel::Text).data().toString().startsWith(QStringLiteral("✕ ")));
}

void TestModels::theSameJournalAgainChangesNothing() {
    JournalModel model;
    const auto snapshot = snapshotOf({entry(1, 1s, "a")});
    model.setSnapshot(snapshot);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    model.setSnapshot(snapshot);
    model.setSnapshot(snapshotOf({entry(1, 1s, "a")}));
    QCOMPARE(inserted.count() + removed.count(), 0);
}

void TestModels::aRewindTakesTheTailAway() {
    JournalModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setSnapshot(snapshotOf({entry(1, 1s, "a"), entry(2, 2s, "b"), entry(3, 3s, "c")}));
    model.setSnapshot(snapshotOf({entry(1, 1s, "a")}));
    QCOMPARE(model.rowCount(), 1);
    model.setSnapshot(snapshotOf({}));
    QCOMPARE(model.rowCount(), 0);
}

void TestModels::aForkReplacesWhatHappenedInstead() {
    JournalModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setSnapshot(snapshotOf({entry(1, 1s, "a"), entry(2, 2s, "b"), entry(3, 3s, "c")}));
    model.setSnapshot(snapshotOf({entry(1, 1s, "a"), entry(2, 2500ms, "x")}));
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(1, JournalModel::Text).data().toString(), QStringLiteral("X"));
}

void TestModels::anEntryThatCountsOnKeepsItsRow() {
    JournalModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto flood = [](std::uint64_t count) {
        auto first = entry(1, 5s, "a line was rejected");
        first.count = count;
        first.text += " and " + std::to_string(count - 1) + " more";
        return snapshotOf({first, entry(2, 6s, "broker 2 crashed")});
    };
    model.setSnapshot(flood(2));
    const QPersistentModelIndex row = model.index(0, JournalModel::Text);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.setSnapshot(flood(3));
    QCOMPARE(removed.count(), 0);
    QCOMPARE(changed.count(), 1);
    QVERIFY(row.isValid());
    QVERIFY(row.data().toString().contains(QStringLiteral("2 more")));
}

void TestModels::theJournalBeginsWithACapitalWhereNoNameDoes() {
    QCOMPARE(format::sentence(QStringLiteral("broker 1 joins the in-sync set")),
             QStringLiteral("Broker 1 joins the in-sync set"));
    QCOMPARE(format::sentence(QStringLiteral("zk1 leads epoch 1")), QStringLiteral("zk1 leads epoch 1"));
    QCOMPARE(format::sentence(QStringLiteral("busy-access.log:7: no host")),
             QStringLiteral("busy-access.log:7: no host"));
    QCOMPARE(format::sentence(QStringLiteral("Broker 2 leads access-0")), QStringLiteral("Broker 2 leads access-0"));
    observe::Snapshot snapshot = *snapshotOf({entry(1, 5s, "broker 2 crashed")});
    observe::WaitView& wait = snapshot.waits.emplace_back();
    wait.object = "bolt:audit/count";
    wait.on = "worker:audit/1";
    wait.brief = "counts as alive until 50.0 s";
    wait.tellsEnd = true;
    wait.text = "worker audit/1 is down";
    wait.until = SimTime(50s);
    snapshot.run.now = SimTime(9s);
    SentenceBar bar;
    bar.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    QCOMPARE(bar.headline(), QStringLiteral("Bolt count counts as alive until 50.0 s"));  // said once
    snapshot.waits.back().brief = "waits for topic until";                                // a name is no word of ours
    snapshot.waits.back().tellsEnd = false;
    SentenceBar other;
    other.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    QCOMPARE(other.headline(), QStringLiteral("Bolt count waits for topic until, until 50.0 s"));
}

void TestModels::aJournalWithAHoleStartsAgain() {
    JournalModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setSnapshot(snapshotOf({entry(1, 1s, "a"), entry(2, 2s, "b")}));
    model.setSnapshot(snapshotOf({entry(9, 9s, "i")}));
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.rowOf(9), 0);
    QCOMPARE(model.rowOf(1), -1);
}

void TestModels::aPageWithoutSomeInTheMiddleTouchesOnlyThose() {
    JournalModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setSnapshot(snapshotOf({entry(1, 1s, "a"), entry(2, 2s, "b"), entry(3, 3s, "c"), entry(5, 5s, "e")}));
    const QPersistentModelIndex last = model.index(3, 0);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    model.setSnapshot(
        snapshotOf({entry(1, 1s, "a"), entry(3, 3s, "c"), entry(4, 4s, "d"), entry(5, 5s, "e"), entry(6, 6s, "f")}));
    QCOMPARE(removed.count(), 1);
    QCOMPARE(inserted.count(), 2);
    QCOMPARE(model.rowCount(), 5);
    QCOMPARE(last.row(), 3);
    for (int row = 0; row < 5; ++row) {
        QCOMPARE(model.index(row, 0).data(JournalModel::IdRole).toInt(), row == 0 ? 1 : row + 2);
    }
}

void TestModels::theFilterKeepsWordsAndSeverity() {
    JournalModel model;
    JournalFilter filter;
    filter.setSourceModel(&model);
    QAbstractItemModelTester tester(&filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setSnapshot(failover());
    QCOMPARE(filter.rowCount(), 3);
    filter.setLeastSeverity(observe::Severity::Warning);
    QCOMPARE(filter.rowCount(), 2);
    filter.setWords(QStringLiteral("SESSION broker"));
    QCOMPARE(filter.rowCount(), 2);  // the election names the session as its cause
    filter.setWords(QStringLiteral("nothing like it"));
    QCOMPARE(filter.rowCount(), 0);
}

void TestModels::topicsThatKafkaKeepsForItselfAreShownWhenAskedFor() {
    JournalModel model;
    JournalFilter filter;
    filter.setSourceModel(&model);
    model.setSnapshot(snapshotOf(
        {entry(1, 1s, "Leader of access-0 is broker 1"), entry(2, 1s, "Leader of __consumer_offsets-7 is broker 1")}));
    QCOMPARE(filter.rowCount(), 1);
    filter.setWords(QStringLiteral("__consumer"));
    QCOMPARE(filter.rowCount(), 1);
    filter.setWords({});
    filter.setShowsInternalTopics(true);
    QCOMPARE(filter.rowCount(), 2);
}

void TestModels::causesAreNamedBesideAnEntry() {
    JournalModel model;
    model.setSnapshot(failover());
    QCOMPARE(model.index(2, JournalModel::Because).data().toString(), QStringLiteral("because its session expired"));
    QCOMPARE(model.index(0, JournalModel::Because).data().toString(), QString());
}

void TestModels::aChainLeadsBackToTheFault() {
    const auto snapshot = failover();
    const auto chain = chainOf(*snapshot->journal, 3);
    QCOMPARE(chain.size(), std::size_t(3));
    QCOMPARE(chain.back()->text, std::string("you crashed broker 2"));
    QCOMPARE(reasonsOf(*snapshot->journal, 3).front(),
             QStringLiteral("because its session expired at 11.0 s, because you crashed broker 2 at 5.0 s"));
}

void TestModels::manyOfOneKindAreToldOnce() {
    std::vector<observe::JournalEntryView> entries{entry(1, 5s, "You crashed broker 2")};
    for (std::uint64_t id = 2; id < 8; ++id) {
        entries.push_back(entry(id, 11s, "Broker 1 leads it", id - 1));
    }
    const auto snapshot = snapshotOf(entries);
    QCOMPARE(reasonsOf(*snapshot->journal, 7).front(), QStringLiteral("because you crashed broker 2 at 5.0 s"));
    // The time is that of what happened, and not of how long somebody was silent.
    const auto expired = snapshotOf({entry(1, 12s, "The session of broker 2 expired: nothing was heard for 6.000 s"),
                                     entry(2, 13s, "Broker 1 leads it", 1)});
    QCOMPARE(reasonsOf(*expired->journal, 2).front(),
             QStringLiteral("because the session of broker 2 expired at 12.0 s: nothing was heard for 6.000 s"));
}

void TestModels::whatHappensToAHostHappensToWhatRunsThere() {
    observe::JournalEntryView power = entry(1, 5s, "host h4 lost power");
    power.place = "host:h4";
    auto snapshot = *snapshotOf({power});
    observe::SupervisorView supervisor;
    supervisor.id = "supervisor:s1";
    supervisor.host = "host:h4";
    snapshot.storm.supervisors = {supervisor};
    supervisor.id = "supervisor:s2";
    supervisor.host = "host:h5";
    snapshot.storm.supervisors.push_back(supervisor);
    QCOMPARE(entriesAbout(snapshot, QStringLiteral("supervisor:s1"), 5).size(), std::size_t(1));
    QVERIFY(entriesAbout(snapshot, QStringLiteral("supervisor:s2"), 5).empty());
}

void TestModels::aChainThatIsBrokenEnds() {
    const auto snapshot = snapshotOf({entry(5, 5s, "a", 2), entry(6, 6s, "b", 6)});
    QCOMPARE(chainOf(*snapshot->journal, 5).size(), std::size_t(1));
    QCOMPARE(chainOf(*snapshot->journal, 6).size(), std::size_t(1));  // a cause of itself does not loop
    QCOMPARE(chainOf(*snapshot->journal, 0).size(), std::size_t(0));
}

void TestModels::theSentenceTellsTheWorstOfTheNewestMoment() {
    auto snapshot = snapshotOf({entry(1, 5s, "old error", 0, observe::Severity::Error),
                                entry(2, 11s, "lost", 0, observe::Severity::Error), entry(3, 11100ms, "elected"),
                                entry(4, 11200ms, "detail", 0, observe::Severity::Info)});
    QCOMPARE(newestImportant(*snapshot)->text, std::string("lost"));
    snapshot = snapshotOf({entry(1, 1s, "detail", 0, observe::Severity::Info)});
    QVERIFY(newestImportant(*snapshot) == nullptr);
    SentenceBar bar;
    bar.setSnapshot(failover());
    QCOMPARE(bar.headline(), QStringLiteral("Leader of access-3 moved to broker 1"));
    QVERIFY(bar.reasons().contains(QStringLiteral("because you crashed broker 2")));
    auto revived = entry(9, 20s, "broker 2 is to start again");
    revived.kind = "sim.fault-injected";
    revived.isRepair = true;
    bar.setSnapshot(snapshotOf({revived}));
    QVERIFY2(!bar.reasons().contains(QStringLiteral("fault")), qPrintable(bar.reasons()));
}

void TestModels::whatStandsStillIsToldOnceTheNewsIsOld() {
    observe::Snapshot snapshot = *snapshotOf({entry(1, 5s, "broker 2 crashed")});
    observe::WaitView& wait = snapshot.waits.emplace_back();
    wait.object = "source:log";
    wait.on = "broker:2";
    wait.brief = "waits for broker 2";
    wait.text = "broker 2 is down, and nobody else is elected before its session expires, at 11.0 s";
    wait.until = SimTime(11s);
    wait.entry = 1;
    SentenceBar bar;
    snapshot.run.now = SimTime(5500ms);
    bar.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    QCOMPARE(bar.headline(), QStringLiteral("Broker 2 crashed"));
    snapshot.run.now = SimTime(8s);
    bar.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    QCOMPARE(bar.headline(), QStringLiteral("Source log waits for broker 2, until 11.0 s"));
    QVERIFY(bar.reasons().contains(QStringLiteral("nobody else is elected")));
    const ObjectFacts facts = factsOf(snapshot, QStringLiteral("source:log"));
    QCOMPARE(facts.facts.front().value, QStringLiteral("waits for broker 2, until 11.0 s"));
    snapshot.waits.clear();
    bar.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    QCOMPARE(bar.headline(), QStringLiteral("Broker 2 crashed"));
}

void TestModels::whatIsLostOrGivenUpStandsUnderProblemsAndInTheSentence() {
    observe::Snapshot snapshot = *snapshotOf({entry(1, 5s, "broker 2 leads access-0")});
    snapshot.run.now = SimTime(6s);
    observe::LossView loss;
    loss.producer = "log";
    loss.topic = "access";
    loss.records = 2000;
    loss.fromOffset = 1000;
    loss.toOffset = 2999;
    loss.cause = "unclean-election";
    loss.at = SimTime(5s);
    snapshot.run.origins.losses = {loss};
    observe::OriginView& origin = snapshot.run.origins.sources.emplace_back();
    origin.source = "log";
    origin.failed = 1;
    origin.givenUp = {{"MESSAGE_TOO_LARGE", 1, 77, 77}};

    ProblemsModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRun(snapshot.run);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(0, ProblemsModel::Text).data().toString(),
             QStringLiteral("at 5.0 s: 2,000 acknowledged records of log are lost: access-0, offsets 1,000 to 2,999: a "
                            "replica without them was elected leader (unclean election)"));
    QCOMPARE(model.index(0, 0).data(ProblemsModel::ObjectRole).toString(), QStringLiteral("partition:access-0"));
    QCOMPARE(model.index(0, 0).data(ProblemsModel::TimeRole).toLongLong(), 5'000'000'000LL);
    QCOMPARE(model.index(1, ProblemsModel::Text).data().toString(),
             QStringLiteral("1 record of log was given up by its producer: MESSAGE_TOO_LARGE (position 77)"));
    // More of the same is the same row.
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    snapshot.run.origins.losses[0].records = 2001;
    model.setRun(snapshot.run);
    QCOMPARE(reset.count(), 0);
    QVERIFY(model.index(0, ProblemsModel::Text).data().toString().contains(QStringLiteral("2,001")));

    QCOMPARE(briefOfShortcomings(snapshot.run), QStringLiteral("2,001 lost, 1 given up"));
    observe::RunView many = snapshot.run;
    many.origins.losses.front().records = 2'345'678;
    const QString brief = briefOfShortcomings(many);
    QVERIFY2(brief.size() <= 26, qPrintable(brief));  // about as long as what stands there when all is well
    QVERIFY(briefOfShortcomings({}).isEmpty());
    SentenceBar bar;
    bar.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    QVERIFY2(bar.headline().startsWith(QStringLiteral("2,001 acknowledged records of log are lost")),
             qPrintable(bar.headline()));
    QVERIFY2(bar.reasons().contains(QStringLiteral("Broker 2 leads access-0")), qPrintable(bar.reasons()));
    // A mere notice does not push it out at once.
    observe::Snapshot soon = *snapshotOf({entry(1, 5s, "broker 2 leads access-0"), entry(2, 8s, "broker 1 joins")});
    soon.run = snapshot.run;
    soon.run.now = SimTime(9s);
    bar.setSnapshot(std::make_shared<observe::Snapshot>(soon));
    QVERIFY2(bar.headline().contains(QStringLiteral("are lost")), qPrintable(bar.headline()));
    // News that are newer are told instead; what is lost stays under Problems.
    observe::Snapshot later = *snapshotOf({entry(1, 5s, "broker 2 leads access-0"), entry(2, 20s, "broker 1 joins")});
    later.run = snapshot.run;
    later.run.now = SimTime(21s);
    bar.setSnapshot(std::make_shared<observe::Snapshot>(later));
    QCOMPARE(bar.headline(), QStringLiteral("Broker 1 joins"));
}

/// Also when "Why?" comes with it and takes room.
void TestModels::aReasonThatDoesNotFitEndsWithAnEllipsis() {
    SentenceBar bar;
    bar.resize(700, bar.sizeHint().height());
    bar.setVisible(true);
    observe::Snapshot snapshot = *snapshotOf({entry(1, 5s, "topology wide is submitted")});
    observe::WaitView wait;
    wait.object = "bolt:wide/again-1";
    wait.on = "nimbus";
    wait.brief = "waits for Nimbus";
    wait.text = std::string(90, 'w') + " " + std::string(90, 'm');
    snapshot.waits = {wait};
    snapshot.run.now = SimTime(60s);
    bar.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    const auto labels = bar.findChildren<QLabel*>();
    const auto reason = std::find_if(labels.begin(), labels.end(), [](const QLabel* label) {
        return label->text().startsWith(QStringLiteral("Www"));
    });
    QVERIFY(reason != labels.end());
    QVERIFY2((*reason)->text().endsWith(QChar(0x2026)), qPrintable((*reason)->text()));
    QVERIFY((*reason)->fontMetrics().horizontalAdvance((*reason)->text()) <= (*reason)->width());
}

void TestModels::aLongReasonHasASecondLineAndMovesNothing() {
    SentenceBar bar;
    bar.resize(1050, 64);
    bar.setVisible(true);
    const int height = bar.sizeHint().height();
    bar.resize(1050, height);
    observe::Snapshot snapshot = *snapshotOf({entry(1, 5s, "topology wide is submitted")});
    observe::WaitView wait;
    wait.object = "bolt:wide/again-1";
    wait.on = "nimbus";
    wait.brief = "waits for Nimbus";
    wait.text =
        "Nimbus holds an executor for dead when it has not heard from it for 30 s (nimbus.task.timeout.secs), and "
        "assigns it elsewhere in its next round, which is every 10 s";
    snapshot.waits = {wait};
    snapshot.run.now = SimTime(60s);
    bar.setSnapshot(std::make_shared<observe::Snapshot>(snapshot));
    const auto labels = bar.findChildren<QLabel*>();
    const auto reason = std::find_if(labels.begin(), labels.end(), [](const QLabel* label) {
        return label->text().startsWith(QStringLiteral("Nimbus holds"));
    });
    QVERIFY(reason != labels.end());
    QVERIFY2((*reason)->text().endsWith(QStringLiteral("every 10 s")), qPrintable((*reason)->text()));
    QCOMPARE((*reason)->text().count(QLatin1Char('\n')), 1);
    QCOMPARE(bar.sizeHint().height(), height);
    QTest::qWait(20);
    QVERIFY(bar.rect().contains((*reason)->geometry()));
    QVERIFY((*reason)->height() >= (*reason)->sizeHint().height());
}

void TestModels::whatWasSaidIsForgottenWhereNoRunGoesOn() {
    SentenceBar bar;
    const QString before = bar.headline();
    bar.say(QStringLiteral("The name topic is taken"));
    QCOMPARE(bar.headline(), QStringLiteral("The name topic is taken"));
    QTRY_COMPARE_WITH_TIMEOUT(bar.headline(), before, 8000);
}

void TestModels::severalThatAreSelectedAreSaidToBe() {
    Selection selection;
    InspectorPanel inspector(selection);
    const auto said = [&] {
        QStringList all;
        for (const QLabel* label : inspector.findChildren<QLabel*>()) {
            if (!label->isHidden()) {
                all.append(label->text());
            }
        }
        return all.join(QLatin1Char('\n'));
    };
    selection.select(QStringLiteral("bolt:main/count"));
    QVERIFY(!said().contains(QStringLiteral("selected;")));
    selection.select(QStringList{QStringLiteral("bolt:main/split"), QStringLiteral("topic:access"),
                                 QStringLiteral("bolt:main/count")});
    QVERIFY2(said().contains(QStringLiteral("One of 3 that are selected; with it split, topic access")),
             qPrintable(said()));
}

void TestModels::whyTellsOfTheBranchThatIsShown() {
    const auto said = [](const ChainView& view) {
        QString all;
        for (const QLabel* label : view.widget()->findChildren<QLabel*>()) {
            all += label->text();
        }
        return all;
    };
    ChainView view;
    view.setObject(snapshotOf({entry(1, 5s, "broker 2 crashed on the fork")}), QStringLiteral("broker:2"));
    QVERIFY(said(view).contains(QStringLiteral("on the fork"), Qt::CaseInsensitive));
    view.setObject(snapshotOf({entry(1, 5s, "broker 2 crashed on main")}), QStringLiteral("broker:2"));
    QVERIFY2(said(view).contains(QStringLiteral("on main")), qPrintable(said(view)));

    // An event of something that waits is told with what it waits for.
    observe::Snapshot snapshot = *snapshotOf({entry(1, 5s, "Nimbus crashed", 0, observe::Severity::Notice, "nimbus")});
    observe::WaitView& wait = snapshot.waits.emplace_back();
    wait.object = "nimbus";
    wait.text = "topologies run on without it";
    view.setEntry(std::make_shared<observe::Snapshot>(snapshot), 1);
    QVERIFY2(said(view).contains(QStringLiteral("Topologies run on")), qPrintable(said(view)));
}

void TestModels::theAnswerIsToldBeforeWhatSurroundsIt() {
    using observe::Severity;
    auto elected = entry(2, 11s, "broker 3 leads access-0", 1, Severity::Notice, "broker:3");
    elected.kind = "kafka.leader-elected";
    auto rejected = entry(5, 11300ms, "access.log:7: no host", 0, Severity::Warning, "worker:audit/1");
    rejected.kind = "ingest.line-rejected";
    auto own = entry(4, 11200ms, "broker 3 leads __consumer_offsets-4", 1, Severity::Error);
    own.about = {"topic:__consumer_offsets", "partition:__consumer_offsets-4"};
    const auto snapshot =
        snapshotOf({entry(1, 11s, "its session expired", 0, Severity::Warning), elected,
                    entry(3, 11100ms, "the in-sync set of access-0 is now 3", 1, Severity::Warning), own, rejected});
    QCOMPARE(newestImportant(*snapshot)->id, std::uint64_t(2));
}

void TestModels::aSourceAndASpoutHaveTheEntriesThatAreAboutThem() {
    auto again = entry(2, 2s, "lines emits offset 7 of access-0 again", 0, observe::Severity::Notice, "worker:audit/1");
    again.about = {"topic:access", "partition:access-0", "spout:audit/lines"};
    observe::Snapshot snapshot = *snapshotOf(
        {entry(1, 1s, "5 records for access-0 are sent again", 0, observe::Severity::Notice, "producer:log"), again,
         entry(3, 3s, "what lines access says is of another", 0, observe::Severity::Notice, "worker:audit/1")});
    observe::SourceView& source = snapshot.sources.emplace_back();
    source.id = "source:log";
    source.producer = "producer:log";
    const auto ofSource = entriesAbout(snapshot, QStringLiteral("source:log"), 5);
    QCOMPARE(ofSource.size(), std::size_t(1));
    QCOMPARE(ofSource.front()->id, std::uint64_t(1));
    const auto ofSpout = entriesAbout(snapshot, QStringLiteral("spout:audit/lines"), 5);
    QCOMPARE(ofSpout.size(), std::size_t(1));
    QCOMPARE(ofSpout.front()->id, std::uint64_t(2));
    for (const char* each : {"topic:access", "partition:access-0"}) {
        const auto found = entriesAbout(snapshot, QString::fromLatin1(each), 5);
        QCOMPARE(found.size(), std::size_t(1));  // by what the entry says that it is about, not by a word in its text
        QCOMPARE(found.front()->id, std::uint64_t(2));
    }
}

void TestModels::aBoltHasTheEntriesOfTheWorkersThatExecuteIt() {
    auto rejected = entry(1, 1s, "access.log:7: no host", 0, observe::Severity::Warning, "worker:audit/1");
    rejected.about = {"bolt:audit/extract"};
    observe::Snapshot snapshot =
        *snapshotOf({rejected, entry(2, 2s, "worker 1 crashed", 0, observe::Severity::Notice, "worker:audit/1"),
                     entry(3, 3s, "worker 2 crashed", 0, observe::Severity::Notice, "worker:audit/2"),
                     entry(4, 4s, "the power is lost", 0, observe::Severity::Notice, "host:s1")});
    observe::TopologyView& topology = snapshot.storm.topologies.emplace_back();
    topology.name = "audit";
    for (const char* name : {"extract", "count"}) {
        observe::ComponentView& component = topology.components.emplace_back();
        component.id = observe::boltId("audit", name);
        component.name = name;
    }
    topology.workers.resize(2);
    topology.workers[0].id = "worker:audit/1";
    topology.workers[0].host = "host:s1";
    topology.workers[0].executors.emplace_back().component = "count";
    topology.workers[1].id = "worker:audit/2";
    topology.workers[1].host = "host:s2";
    topology.workers[1].executors.emplace_back().component = "extract";
    const auto found = [&](const char* id) {
        std::vector<std::uint64_t> ids;
        for (const observe::JournalEntryView* each : entriesAbout(snapshot, QString::fromLatin1(id), 5)) {
            ids.push_back(each->id);
        }
        return ids;
    };
    QCOMPARE(found("bolt:audit/count"), (std::vector<std::uint64_t>{4, 2}));
    QCOMPARE(found("bolt:audit/extract"), (std::vector<std::uint64_t>{3, 1}));
}

void TestModels::problemsAreReplacedAsAWhole() {
    ProblemsModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    const observe::ProblemView problem{observe::Severity::Error, "topic:access", "topics.access.replicas",
                                       "3 replicas on 2 brokers"};
    model.setProblems({problem});
    model.setProblems({problem});
    QCOMPARE(reset.count(), 1);
    QCOMPARE(model.index(0, ProblemsModel::Text).data().toString(), QStringLiteral("3 replicas on 2 brokers"));
    QCOMPARE(model.index(0, 0).data(ProblemsModel::ObjectRole).toString(), QStringLiteral("topic:access"));
}

void TestModels::factsOfABrokerAreInWords() {
    observe::Snapshot snapshot;
    observe::BrokerView broker;
    broker.id = "broker:2";
    broker.state = observe::LifeState::Crashed;
    broker.replicas.resize(6);
    broker.replicas[0].isLeader = true;
    snapshot.cluster.brokers.push_back(broker);
    const ObjectFacts facts = factsOf(snapshot, QStringLiteral("broker:2"));
    QVERIFY(facts.isKnown);
    QCOMPARE(facts.state, QStringLiteral("crashed"));
    QCOMPARE(facts.facts.front().value, QStringLiteral("leads 1 of 6"));
}

void TestModels::anObjectThatIsGoneIsSaidToBeGone() {
    const ObjectFacts facts = factsOf(observe::Snapshot(), QStringLiteral("broker:9"));
    QVERIFY(!facts.isKnown);
    QCOMPARE(facts.title, QStringLiteral("broker 9"));
    QCOMPARE(facts.state, QStringLiteral("not there at this time"));
}

void TestModels::aToolSuitsWhatItCanHit() {
    QVERIFY(findFaultTool(QStringLiteral("crash"))->suits(observe::ObjectKind::Broker));
    QVERIFY(!findFaultTool(QStringLiteral("crash"))->suits(observe::ObjectKind::Host));
    QVERIFY(findFaultTool(QStringLiteral("power"))->suits(observe::ObjectKind::Host));
    QVERIFY(!findFaultTool(QStringLiteral("power"))->suits(observe::ObjectKind::Topic));
    QVERIFY(findFaultTool(QStringLiteral("meteor")) == nullptr);
    QSet<QString> shortcuts;
    for (const FaultTool& tool : faultTools()) {
        QVERIFY(!shortcuts.contains(tool.shortcut));
        shortcuts.insert(tool.shortcut);
    }
}

void TestModels::aSelectionTellsOnlyOfChanges() {
    Selection selection;
    QSignalSpy changed(&selection, &Selection::changed);
    selection.select(QStringLiteral("broker:1"));
    selection.select(QStringLiteral("broker:1"));
    selection.toggle(QStringLiteral("broker:2"));
    QCOMPARE(changed.count(), 2);
    QCOMPARE(selection.current(), QStringLiteral("broker:2"));
    selection.toggle(QStringLiteral("broker:2"));
    selection.clear();
    selection.clear();
    QCOMPARE(changed.count(), 4);
}

void TestModels::numbersAreReadable_data() {
    QTest::addColumn<QString>("shown");
    QTest::addColumn<QString>("expected");
    QTest::newRow("count") << format::count(54310) << QStringLiteral("54,310");
    QTest::newRow("rate") << format::rate(398.2) << QStringLiteral("398/s");
    QTest::newRow("great rate") << format::rate(123456) << QStringLiteral("123 k/s");
    QTest::newRow("bytes") << format::bytes(1234567) << QStringLiteral("1.23 MB");
    QTest::newRow("share") << format::percent(0.437) << QStringLiteral("44 %");
    QTest::newRow("little share") << format::percent(0.002) << QStringLiteral("<1 %");
    QTest::newRow("no share") << format::percent(0) << QStringLiteral("0 %");
    QTest::newRow("microseconds") << format::duration(40us) << QStringLiteral("40 µs");
    QTest::newRow("milliseconds") << format::duration(41ms) << QStringLiteral("41 ms");
    QTest::newRow("seconds") << format::duration(2500ms) << QStringLiteral("2.50 s");
    QTest::newRow("clock") << format::clock(SimTime(11042318us)) << QStringLiteral("11.042 318 s");
    QTest::newRow("instant") << format::seconds(SimTime(5s)) << QStringLiteral("5.0 s");
    QTest::newRow("fingerprint") << format::fingerprint(0x9f3c0000000000e1ULL) << QStringLiteral("9f3c…e1");
    QTest::newRow("slow") << format::speed(0.1) << QStringLiteral("1 s here = 100 ms there");
    QTest::newRow("fast") << format::speed(100) << QStringLiteral("1 s here = 100 s there");
    QTest::newRow("value with unit") << format::value(160, "records") << QStringLiteral("160 records");
}

void TestModels::numbersAreReadable() {
    QFETCH(QString, shown);
    QFETCH(QString, expected);
    QCOMPARE(shown, expected);
}

QTEST_MAIN(TestModels)
#include "tst_models.moc"
