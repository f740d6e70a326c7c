#include <QAbstractItemModelTester>
#include <QImage>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

#include "engine/observe/board_page.h"
#include "engine/observe/topic_page.h"
#include "widgets/hadoop/block_grid.h"
#include "widgets/hadoop/dfs_panel.h"
#include "widgets/hadoop/hadoop_words.h"
#include "widgets/hadoop/jobs_panel.h"
#include "widgets/hadoop/shuffle_matrix.h"
#include "widgets/hadoop/task_bars.h"
#include "widgets/ingest/board_panel.h"
#include "widgets/ingest/data_panel.h"
#include "widgets/ingest/data_words.h"
#include "widgets/ingest/records_panel.h"
#include "widgets/ingest/spread_chart.h"
#include "widgets/ingest/tile_view.h"
#include "widgets/pages/record_model.h"
#include "widgets/pages/record_table.h"
#include "widgets/pages/table_panes.h"
#include "widgets/pages/time_axis.h"
#include "widgets/pages/view_switch.h"
#include "widgets/spark/batch_card.h"
#include "widgets/spark/batch_timeline.h"
#include "widgets/spark/batch_words.h"
#include "widgets/spark/block_map.h"
#include "widgets/spark/lineage_view.h"
#include "widgets/spark/stage_graph.h"
#include "widgets/spark/streaming_panel.h"
#include "widgets/spark/streaming_statistics.h"
#include "widgets/spark/task_gantt.h"
#include "widgets/style/palette.h"

using namespace millrace;
using namespace millrace::widgets;
using namespace std::chrono_literals;

namespace {

Record record(const char* key, int value) {
    Record each;
    each.key = QString::fromLatin1(key);
    each.cells = {{each.key}, {QString::number(value), static_cast<double>(value)}};
    return each;
}

QString rowsOf(const RecordModel& model) {
    QStringList rows;
    for (int row = 0; row < model.rowCount(); ++row) {
        rows << model.index(row, 0).data().toString() + model.index(row, 1).data().toString();
    }
    return rows.join(QLatin1Char(' '));
}

observe::BatchRow batch(int second, SimDuration wait, SimDuration work) {
    observe::BatchRow row;
    row.time = row.submitted = SimTime(std::chrono::seconds(second));
    row.started = row.submitted + wait;
    row.ended = row.started + work;
    row.isDone = true;
    row.schedulingDelay = wait;
    row.processingTime = work;
    row.records = 2000;
    row.outputs = row.outputsDone = 2;
    row.tasks = 9;
    return row;
}

/// The story of the drawing: an executor is lost at 44.3 s, the batch at 44 s takes 1.52 s, those behind it wait.
observe::StreamingPage lateBatches() {
    observe::StreamingPage page;
    page.id = "driver:words";
    page.name = "words";
    page.isDriverThere = true;
    page.interval = 1s;
    page.now = SimTime(47500ms);
    page.batches = {batch(42, 0ms, 620ms), batch(43, 0ms, 620ms), batch(44, 0ms, 1520ms), batch(45, 520ms, 1340ms)};
    page.batches[2].recomputedTasks = 2;
    page.batches[2].late = "2 of its 9 tasks brought back what a lost executor had had";
    page.batches[3].late = "it waited 0.52 s for the batches before it";
    observe::BatchRow runs = batch(46, 860ms, 0ms);
    runs.ended = SimTime::max();
    runs.isDone = false;
    runs.outputsDone = 0;
    page.batches.push_back(runs);
    observe::BatchRow waits = batch(47, 0ms, 0ms);
    waits.started = waits.ended = SimTime::max();
    waits.isDone = false;
    page.batches.push_back(waits);
    page.chosen.batch = page.batches[2];
    page.chosen.inputs = {{"stream:words/lines", 2000, {"access partition 0: offsets 0 to 2000, 2000 records"}}};
    observe::JobView job;
    job.number = 7;
    job.output = "output:words/save";
    job.description = "foreachRDD at save";
    job.submitted = SimTime(44s);
    job.ended = SimTime(45s);
    job.isDone = true;
    job.stages = {{1, "flatMap", 5, 7, 0, 2, 2, 2, false, true, true, SimTime(44s), SimTime(44900ms), {}, {}},
                  {2, "reduceByKey", 4, 4, 0, 0, 0, 1, false, true, false, SimTime(44900ms), SimTime(45s), {1}, {}}};
    page.chosen.jobs = {job};
    observe::TaskView task;
    task.number = 12;
    task.stage = 1;
    task.partition = 3;
    task.executor = 1;
    task.isRecomputation = true;
    task.end = observe::TaskEnd::Succeeded;
    task.locality = "ANY";
    task.launched = SimTime(44400ms);
    task.ended = SimTime(44900ms);
    task.phases[static_cast<std::size_t>(observe::TaskPhase::Compute)] = 500ms;
    page.chosen.tasks = {task};
    return page;
}

observe::SnapshotPtr snapshotOf(observe::StreamingPage page) {
    auto snapshot = std::make_shared<observe::Snapshot>();
    observe::ProcessView driver;
    driver.id = page.id;
    snapshot->processes.push_back(driver);
    observe::StreamingView view;
    view.id = page.id;
    view.batches = 4;
    view.meanProcessing = 900ms;
    snapshot->streaming.push_back(view);
    observe::FaultBar fault;
    fault.kind = "crash";
    fault.target = "executor:words/2";
    fault.at = SimTime(44300ms);
    fault.until = SimTime(47500ms);
    snapshot->run.faults.push_back(fault);
    snapshot->pages.streaming = std::make_shared<observe::StreamingPage>(std::move(page));
    return snapshot;
}

/// Blocks -> words -> pairs within a stage, a shuffle behind it; partitions 1 and 3 of the first stage were lost.
observe::StreamingPage lineage() {
    observe::StreamingPage page = lateBatches();
    observe::JobView& job = page.chosen.jobs.front();
    job.number = 7;
    const SimTime time = page.chosen.batch.time;
    job.stages[0].rdds = {{12, "map", 5, time, false, false, {11}},
                          {11, "flatMap", 5, time, false, false, {10}},
                          {10, "receive", 5, time, true, false, {}}};
    job.stages[1].rdds = {{13, "reduceByKey", 4, time, false, false, {12}}};
    page.chosen.tasks.front().job = 7;
    observe::TaskView other = page.chosen.tasks.front();
    other.number = 13;
    other.partition = 1;
    page.chosen.tasks.push_back(other);
    page.executors = {{"executor:words/1", 1, "host:h1", 2, 0, 9, 0, 1000, 400, 0, 0, 0, true}};
    page.blocks = {{"input-0-43", 400, {{1, true, false}}}, {"rdd_12_1", 200, {{1, true, true}}}};
    page.copiesInAll = 2;
    return page;
}

observe::DfsPage dfs() {
    observe::DfsPage page;
    page.id = "namenode";
    page.summary.isThere = true;
    page.summary.blocks = 3;
    page.summary.nodes = 3;
    page.summary.liveNodes = 2;
    page.summary.underReplicated = 1;
    page.nodes = {{"datanode:dn1", "dn1", "r1", "host:h1", true, 1s, 1000, 300, 700, 2, 0},
                  {"datanode:dn2", "dn2", "r1", "host:h2", true, 2s, 1000, 300, 700, 2, 0},
                  {"datanode:dn3", "dn3", "r2", "host:h3", false, 700s, 1000, 0, 0, 0, 0}};
    page.files = {{"/in/log", 192, 3, 2, false}, {"/out/part-r-00000", 64, 3, 1, true}};
    page.blocks = {{1, 0, 0, 96, 3, false, {0, 1, 2}, {}, {}},
                   {2, 0, 1, 96, 3, false, {0}, {1}, {}},
                   {3, 1, 0, 0, 3, true, {}, {}, {0, 1}}};
    page.blocksInAll = 3;
    return page;
}

observe::JobPage mapReduce() {
    observe::JobPage page;
    page.id = "job:words";
    page.now = SimTime(60s);
    page.cluster = {true, true, 1, 1, 4, 4, 2, 2, 1};
    page.isKnown = true;
    page.state = "RUNNING";
    page.submitted = SimTime(10s);
    page.maps = {0.5, 2, 0, 1, 1, 1, 1};
    page.reduces = {0.33, 1, 0, 1, 0, 0, 0};
    observe::AttemptView done{"tasktracker:tt1",
                              SimTime(12s),
                              SimTime::max(),
                              SimTime::max(),
                              SimTime(20s),
                              1,
                              observe::AttemptEnd::Succeeded,
                              false,
                              0};
    observe::AttemptView failed = done;
    failed.end = observe::AttemptEnd::Failed;
    observe::AttemptView runs = done;
    runs.end = observe::AttemptEnd::Running;
    runs.ended = SimTime::max();
    runs.progress = 0.4;
    runs.distance = 4;
    runs.isSpeculative = true;
    observe::AttemptView reduces = runs;
    reduces.copied = SimTime(40s);
    page.tasks = {{0, false, true, false, 1, {failed, done}, "/in/log from byte 0, 96 bytes"},
                  {1, false, false, false, 0.4, {runs}, "/in/log from byte 96, 96 bytes"},
                  {0, true, false, false, 0.4, {reduces}, {}}};
    page.counters = {{"Map input records", 100, 0, 100}};
    page.shuffle = {{30, 10}, {}};
    page.trackers = {{"tasktracker:tt1", "host:h1", "r1", true, 1s, 2, 2, 1, 1}};
    return page;
}

observe::DataPage readings() {
    observe::DataPage page;
    page.id = "source:sensors";
    page.isKnown = true;
    page.score.source = "sensors";
    page.score.readings = 1000;
    page.score.missing = 20;
    page.score.records = 990;
    page.score.damaged = 5;
    page.score.late = 30;
    page.score.canSendAgain = false;
    page.score.lateness = {990, 200ms, 3ms, 2s, 6s};
    page.score.sinks = {{"table", 985, 980, 5, 2, 10, {985, 1s, 900ms, 2s, 8s}}};
    page.lateness = {{1ms, 500, 800us}, {10ms, 460, 8ms}, {100ms, 0, 80ms}, {6s, 30, 5s}};
    page.sinks = {{"table", {{1s, 900, 900ms}, {8s, 85, 7s}}}};
    return page;
}

}  // namespace

class TestPages : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void recordsThatComeAndGoAreSignalledAsRows();
    void recordsInAnotherOrderAreNewOnes();
    void whatIsSelectedStaysSoWhileFiguresChange();
    void columnsAreAsWideAsWhatStandsInThem();
    void freeTextTakesWhatIsLeft();
    void aRowThatIsChosenKeepsItsColours();
    void noRowIsBegunThatHasNoRoom();
    void shortTablesAreAsHighAsTheirRows();
    void anAxisHasRoundTicks();
    void aBatchIsCollectedQueuedAndProcessed();
    void whyBatchesAreLateIsASentence();
    void batchesInTimeAreSaidToBe();
    void theFourChartsHaveTheirFormulas();
    void inputStandsWhereItCameIn();
    void timelineGoesOnToNow();
    void theAxisOfLatenessStaysInView();
    void recordsOfATopicAreShownAsTheyStand();
    void aDashboardIsShownAsTilesAndAlerts();
    void aClassOfLatenessHasItsOwnBeginning();
    void batchesThatWaitStandAboveTheOneThatRuns();
    void timelineShowsTheNewestAndKeysGoThroughThem();
    void timelineTellsABatchUnderThePointer();
    void aClickOnAChartChoosesItsBatch();
    void thePageAsksForTheBatchThatIsChosen();
    void theCardTellsWhatABatchWentThrough();
    void aDriverThatDoesNotRunIsSaidNotTo();
    void tasksStandOnTheCoresOfTheirExecutors();
    void stagesAreLaidOutAlongTheFlow();
    void lineageFramesWhatWasComputedAgain();
    void unionsAreNarrowPartByPart();
    void blocksAreShownByWhoKeepsThem();
    void blocksOfHdfsAreToldByReplica();
    void howHdfsStandsIsASentence();
    void blocksThatHaveNoMoreRoomAreNotSaidToBeWhole();
    void whoIsSilentIsSaidToBe();
    void executorsThatAreDeadStayInTheTable();
    void theTableOfExecutorsFitsASmallWindow();
    void anAttemptThatLostIsNoLongerWanted();
    void withoutACurveNoValueIsPraised();
    void jobsOnYarnTellContainersAndWhatIsKept();
    void jobsTellMapsAndReduces();
    void theShuffleIsFoldedWhereRowsAreShort();
    void whatIsWrongWithDataIsCounted();
    void everyViewPaintsInBothThemesAndSizes();
};

void TestPages::recordsThatComeAndGoAreSignalledAsRows() {
    RecordModel model({{QStringLiteral("name")}, {QStringLiteral("value"), {}, 5, true}});
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRecords({record("a", 1), record("b", 2), record("d", 4)});
    QCOMPARE(rowsOf(model), QStringLiteral("a1 b2 d4"));
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.setRecords({record("b", 2), record("c", 3), record("d", 5), record("e", 6), record("f", 7)});
    QCOMPARE(rowsOf(model), QStringLiteral("b2 c3 d5 e6 f7"));
    QCOMPARE(removed.size(), 1);
    QCOMPARE(inserted.size(), 2);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(reset.size(), 0);
    model.setRecords({record("b", 2), record("c", 3), record("d", 5), record("e", 6), record("f", 7)});
    QCOMPARE(changed.size(), 1);
    QCOMPARE(model.rowOf(QStringLiteral("e")), 3);
    QCOMPARE(model.rowOf(QStringLiteral("a")), -1);
}

void TestPages::recordsInAnotherOrderAreNewOnes() {
    RecordModel model({{QStringLiteral("name")}, {QStringLiteral("value")}});
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRecords({record("a", 1), record("b", 2), record("c", 3)});
    model.setRecords({record("c", 3), record("a", 1), record("b", 2)});
    QCOMPARE(rowsOf(model), QStringLiteral("c3 a1 b2"));
    model.setRecords({});
    QCOMPARE(model.rowCount(), 0);
}

void TestPages::whatIsSelectedStaysSoWhileFiguresChange() {
    RecordTable table(QStringLiteral("Things"), {{QStringLiteral("name")}, {QStringLiteral("value"), {}, 5, true}});
    table.setNothing(QStringLiteral("There are none."));
    table.resize(300, 200);
    table.setRecords({record("a", 1), record("b", 2)});
    QSignalSpy chosen(&table, &RecordTable::rowChosen);
    table.mark(QStringLiteral("b"));
    QCOMPARE(chosen.size(), 0);  // it was marked, not chosen
    table.setRecords({record("a", 1), record("b", 9), record("c", 3)});
    QCOMPARE(table.currentIndex().data(RecordModel::KeyRole).toString(), QStringLiteral("b"));
    table.setRecords({});
    const auto* nothing = table.viewport()->findChild<QLabel*>();
    QVERIFY(nothing != nullptr && !nothing->isHidden());
    QCOMPARE(nothing->text(), QStringLiteral("There are none."));
}

void TestPages::columnsAreAsWideAsWhatStandsInThem() {
    observe::StreamingPage page = lateBatches();
    for (const auto& columns : {taskColumns(), stageColumns(), outputColumns(), doneBatchColumns(), executorColumns(),
                                attemptColumns(), sinkScoreColumns(), pipelineColumns(), dfsNodeColumns()}) {
        RecordTable table(QStringLiteral("Things"), columns);
        Record long1;
        long1.key = QStringLiteral("1");
        for (std::size_t i = 0; i < columns.size(); ++i) {
            long1.cells.push_back(
                {columns[i].isNumber ? QStringLiteral("26,000.04 min") : QStringLiteral("PROCESS_LOCAL"), 1});
        }
        table.resize(3000, 200);
        table.show();
        table.setRecords({long1});
        int right = 0;
        for (int i = 0; i < table.model()->columnCount(); ++i) {
            const QString text = table.model()->index(0, i).data().toString();
            QVERIFY2(table.columnWidth(i) >= table.fontMetrics().horizontalAdvance(text) + 18, qPrintable(text));
            right = std::max(right, table.columnViewportPosition(i) + table.columnWidth(i));
        }
        QVERIFY2(right < 2600, "the last column is not torn to the far edge");
    }
}

void TestPages::freeTextTakesWhatIsLeft() {
    RecordTable table(QStringLiteral("Things"), doneBatchColumns());
    table.resize(960, 200);
    table.show();
    Record row;
    row.key = QStringLiteral("1");
    row.cells.assign(doneBatchColumns().size(), {QStringLiteral("0.046 s"), 1});
    row.cells.back().text.clear();
    table.setRecords({row});
    QVERIFY2(table.horizontalScrollBar()->maximum() == 0, "a column without a word does not need a scroll bar");
    row.cells.back().text = QString(300, QLatin1Char('w'));
    table.setRecords({row});
    QVERIFY2(table.horizontalScrollBar()->maximum() == 0, "what is too long is cut, and told under the pointer");
    QVERIFY(table.columnWidth(table.model()->columnCount() - 1) >= 120);
}

void TestPages::aRowThatIsChosenKeepsItsColours() {
    RecordTable table(QStringLiteral("Things"), {{QStringLiteral("State"), {}, 12}});
    table.resize(300, 120);
    table.show();
    Record row;
    row.key = QStringLiteral("1");
    row.cells = {{QStringLiteral("WWWWWW"), 0, Meaning::Bad}};
    table.setRecords({row});
    const auto coloured = [&] {
        const QImage image = table.grab().toImage();
        int count = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                const QColor at = image.pixelColor(x, y);
                count += at.red() - at.blue() > 90 ? 1 : 0;
            }
        }
        return count;
    };
    const int before = coloured();
    QVERIFY(before > 10);
    table.mark(QStringLiteral("1"));
    QVERIFY2(coloured() > before / 2, "FAILED is red, chosen or not");
}

void TestPages::noRowIsBegunThatHasNoRoom() {
    RecordTable table(QStringLiteral("Things"), {{QStringLiteral("name")}, {QStringLiteral("value"), {}, 5, true}});
    table.resize(300, 200);
    table.show();
    std::vector<Record> records;
    for (int i = 0; i < 30; ++i) {
        records.push_back(record(qPrintable(QString::number(i)), i));
    }
    table.setRecords(records);
    const int row = table.rowAt(table.viewport()->height() - 1);
    const int top = table.rowViewportPosition(row);
    QVERIFY(table.viewport()->height() - top < 23);  // there is one that would be begun
    const QImage image = table.viewport()->grab().toImage();
    for (int y = top; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            QCOMPARE(image.pixelColor(x, y).rgb(), theme().surface.rgb());
        }
    }
}

void TestPages::shortTablesAreAsHighAsTheirRows() {
    TablePanes panes;
    RecordTable above(QStringLiteral("Few"), {{QStringLiteral("name")}, {QStringLiteral("value"), {}, 5, true}},
                      &panes);
    RecordTable below(QStringLiteral("Many"), {{QStringLiteral("name")}, {QStringLiteral("value"), {}, 5, true}},
                      &panes);
    panes.add(above, QStringLiteral("Few"));
    panes.add(below, QStringLiteral("Many"));
    panes.resize(400, 400);
    panes.show();
    for (const int rows : {1, 3, 5}) {
        std::vector<Record> records;
        for (int i = 0; i < rows; ++i) {
            records.push_back(record(qPrintable(QString::number(i)), i));
        }
        above.setRecords(records);
        panes.fit();
        QCOMPARE(above.height(), above.heightOfRows(rows));
        QCOMPARE(above.verticalScrollBar()->maximum(), 0);
    }
}

void TestPages::anAxisHasRoundTicks() {
    QCOMPARE(niceStep(10, 5), 2.0);
    QCOMPARE(niceStep(0.7, 7), 0.1);
    QCOMPARE(niceStep(0, 5), 1.0);
    const TimeAxis axis(SimTime(41s), SimTime(51s), 100, 1100);
    QCOMPARE(axis.xOf(SimTime(46s)), 600.0);
    QCOMPARE(axis.timeAt(600), SimTime(46s));
    const auto ticks = axis.ticks(80);
    QCOMPARE(ticks.front().text, QStringLiteral("41 s"));
    QCOMPARE(ticks.back().text, QStringLiteral("51"));
    QCOMPARE(ticks.size(), std::size_t{11});
    QCOMPARE(instantText(SimTime(44s)), QStringLiteral("44 s"));
    QCOMPARE(instantText(SimTime(44500ms)), QStringLiteral("44.5 s"));
}

void TestPages::aBatchIsCollectedQueuedAndProcessed() {
    const observe::StreamingPage page = lateBatches();
    const BatchBar bar = barOf(page.batches[3], page.interval, page.now);
    QCOMPARE(bar.label, QStringLiteral("batch 45 s"));
    QCOMPARE(bar.collects.from, SimTime(44s));
    QCOMPARE(bar.collects.to, SimTime(45s));
    QCOMPARE(bar.waits.to - bar.waits.from, SimDuration(520ms));
    QCOMPARE(bar.runs.to - bar.runs.from, SimDuration(1340ms));
    QVERIFY(bar.isTooLong);
    QCOMPARE(bar.words, QStringLiteral("1.34 s after 0.52 s"));
    QCOMPARE(barOf(page.batches[2], page.interval, page.now).words,
             QStringLiteral("1.52 s, 2 partitions computed again"));
    QCOMPARE(barOf(page.batches[4], page.interval, page.now).words, QStringLiteral("runs after 0.86 s"));
    const BatchBar waits = barOf(page.batches[5], page.interval, page.now);
    QCOMPARE(waits.words, QStringLiteral("waits"));
    QCOMPARE(waits.waits.to, page.now);
    QVERIFY(waits.runs.isEmpty());
}

void TestPages::whyBatchesAreLateIsASentence() {
    const Verdict verdict = verdictOf(lateBatches());
    QCOMPARE(verdict.headline, QStringLiteral("The batches from 44 s to 45 s took longer than the interval of 1 s; "
                                              "batches had to wait for their turn, at most 0.52 s"));
    QVERIFY2(verdict.because.startsWith(QStringLiteral("because of the first: 2 of its 9 tasks brought back")),
             qPrintable(verdict.because));
    QCOMPARE(verdict.at, SimTime(44s));
}

void TestPages::batchesInTimeAreSaidToBe() {
    observe::StreamingPage page = lateBatches();
    page.batches.resize(2);
    const Verdict verdict = verdictOf(page);
    QCOMPARE(verdict.headline, QStringLiteral("Every batch was done within its interval of 1 s"));
    QCOMPARE(verdict.because, QStringLiteral("the slowest of 2 took 0.62 s"));
    page.batches.clear();
    QCOMPARE(verdictOf(page).headline, QStringLiteral("No batch has been made yet"));
}

void TestPages::theFourChartsHaveTheirFormulas() {
    const auto series = statisticsOf(lateBatches());
    QCOMPARE(series[0].points.size(), std::size_t{6});
    QCOMPARE(series[0].mean, 2000.0);
    QCOMPARE(series[1].points.size(), std::size_t{5});  // one has not begun
    QCOMPARE(series[2].points.size(), std::size_t{4});
    QCOMPARE(series[2].most, 1.52);
    QCOMPARE(series[3].newest, 1.86);
    QVERIFY(series[2].hasInterval && !series[1].hasInterval);
    const std::vector<int> counts = histogramOf(series[2], 2.0, 4);
    QCOMPARE(counts, (std::vector<int>{0, 2, 1, 1}));
}

/// What a batch is made of came in before its time, and its delays are of that time.
void TestPages::inputStandsWhereItCameIn() {
    StreamingStatistics view;
    view.resize(1000, 480);
    const auto page = std::make_shared<observe::StreamingPage>(lateBatches());
    view.setPage(page);
    view.grab();
    const auto middleOf = [&](const QString& key, double y) {
        int first = -1;
        int last = -1;
        for (int x = 0; x < view.width(); ++x) {
            if (view.keyAt(QPointF(x, y)) == key) {
                first = first < 0 ? x : first;
                last = x;
            }
        }
        return (first + last) / 2.0;
    };
    const double chart = (480.0 - 22) / 4;
    const QString key = batchKey(page->batches[1].time);
    const double slot = middleOf(batchKey(page->batches[2].time), chart * 3.5) - middleOf(key, chart * 3.5);
    QVERIFY(slot > 20);
    QVERIFY(std::abs(middleOf(key, chart * 3.5) - middleOf(key, chart * 0.5) - slot / 2) < 3);
}

void TestPages::timelineGoesOnToNow() {
    observe::StreamingPage page = lateBatches();
    page.batches.resize(3);
    page.now = SimTime(55s);
    BatchTimeline view;
    view.resize(900, 300);
    view.setPage(std::make_shared<observe::StreamingPage>(page), snapshotOf(page)->run.faults);
    const QImage image = view.grab().toImage();
    // Of the row of words, the last label but one is as late as now; the fault of 44.3 s to 47.5 s ends well before.
    int fault = 0;
    for (int x = 0; x < image.width(); ++x) {
        fault = image.pixelColor(x, 60).rgb() == theme().faultFill.rgb() ? x : fault;
    }
    QVERIFY2(fault > 200 && fault < 600, qPrintable(QString::number(fault)));
}

void TestPages::theAxisOfLatenessStaysInView() {
    auto snapshot = std::make_shared<observe::Snapshot>();
    snapshot->run.origins.scores = {readings().score};
    auto page = std::make_shared<observe::DataPage>(readings());
    for (int i = 0; i < 8; ++i) {
        page->sinks.push_back(page->sinks.front());
    }
    snapshot->pages.data = page;
    DataPanel panel;
    panel.resize(1000, 400);
    panel.show();
    panel.showView(QStringLiteral("lateness"));
    panel.setSnapshot(snapshot);
    panel.grab();
    QScrollArea* scroll = panel.findChild<QScrollArea*>();
    for (const int value : {0, 40, scroll->verticalScrollBar()->maximum()}) {
        scroll->verticalScrollBar()->setValue(value);
        panel.grab();
        const QRectF seen(panel.chart().visibleRegion().boundingRect());
        QVERIFY2(seen.height() < panel.chart().height(), "it scrolls");
        QVERIFY(seen.contains(panel.chart().boxOf(QStringLiteral("axis")).adjusted(1, 1, -1, -2)));
    }
}

void TestPages::recordsOfATopicAreShownAsTheyStand() {
    auto snapshot = std::make_shared<observe::Snapshot>();
    for (const char* name : {"__consumer_offsets", "access", "words"}) {
        observe::TopicView& topic = snapshot->cluster.topics.emplace_back();
        topic.name = name;
        topic.id = observe::topicId(name);
    }
    RecordsPanel panel;
    QSignalSpy asked(&panel, &Page::requestChanged);
    panel.setSnapshot(snapshot);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(panel.request().object, observe::topicId("access"));  // what brokers keep for themselves comes last
    auto page = std::make_shared<observe::TopicPage>();
    page->id = observe::topicId("access");
    page->isKnown = true;
    page->records = 5'000'000;
    page->rows = {{2, 17, 1'767'225'600'123, "k", "GET /", 6, "log", "41", false},
                  {0, 9, 1'767'225'600'000, std::nullopt, std::nullopt, 0, "", "", true}};
    snapshot->pages.topic = page;
    panel.setSnapshot(snapshot);
    const auto& records = panel.table().records().records();
    QCOMPARE(records.size(), std::size_t{2});
    QCOMPARE(records[0].cells[2].text, QStringLiteral("2026-01-01 00:00:00.123"));
    QCOMPARE(records[0].cells[4].text, QStringLiteral("GET /"));
    QCOMPARE(records[0].cells[6].text, QStringLiteral("log 41"));
    QCOMPARE(records[0].cells[7].text, QStringLiteral("not yet"));
    QCOMPARE(records[1].cells[4].text, QStringLiteral("none"));
    QCOMPARE(panel.summary(), QStringLiteral("5,000,000 records in its logs; the newest 2"));
    panel.choose(QStringLiteral("topic:words"));
    QCOMPARE(panel.request().object, observe::topicId("words"));
    panel.resize(900, 260);
    QVERIFY(!panel.grab().isNull());
    panel.setSnapshot(nullptr);
    QVERIFY(panel.table().records().records().empty());
}

/// A tile for each key, with all that it leaves out under the pointer; alerts as a list; and words for a dashboard that
/// is down, that nobody feeds, and that has nothing yet.
void TestPages::aDashboardIsShownAsTilesAndAlerts() {
    auto snapshot = std::make_shared<observe::Snapshot>();
    for (const char* name : {"results", "hall"}) {
        observe::SinkView& sink = snapshot->sinks.emplace_back();
        sink.name = name;
        sink.id = observe::sinkId(name);
        sink.kind = sink.name == "hall" ? "dashboard" : "sqlite";
    }
    BoardPanel panel;
    panel.setSnapshot(snapshot);
    QCOMPARE(panel.request().object, observe::sinkId("hall"));
    auto page = std::make_shared<observe::BoardPage>();
    page->id = observe::sinkId("hall");
    const auto summaryOf = [&] {
        snapshot->pages.board = std::make_shared<observe::BoardPage>(*page);
        panel.setSnapshot(snapshot);
        return panel.summary();
    };
    QVERIFY(summaryOf().contains(QStringLiteral("is down")));
    page->isUp = true;
    QVERIFY(summaryOf().contains(QStringLiteral("No ingestion pipeline")));
    page->isFed = true;
    page->chart = "velocity";
    page->raisedInAll = 7;
    for (const char* key : {"b-1", "b-2"}) {
        observe::TileView& tile = page->tiles.emplace_back();
        tile.key = key;
        tile.main = "4.6";
        tile.fields = {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}, {"e", "5"}};
        tile.points = {{SimTime(1s), 1.0}, {SimTime(2s), 4.6}};
    }
    page->tiles.front().holds = {"velocity > 4.5"};
    page->raised = {{"b-1", "velocity > 4.5", SimTime(2s), SimTime(3s)}};
    QCOMPARE(summaryOf(), QStringLiteral("An alert holds on 1 of 2 tiles · alerts raised so far: 7"));
    panel.resize(1200, 300);
    QVERIFY(!panel.grab().isNull());
    QCOMPARE(panel.tiles().keys(), (QStringList{QStringLiteral("b-1"), QStringLiteral("b-2")}));
    const QString tip = panel.tiles().tipAt(panel.tiles().boxOf(QStringLiteral("b-1")).center());
    QVERIFY2(tip.contains(QStringLiteral("e: 5")) && tip.contains(QStringLiteral("velocity > 4.5")), qPrintable(tip));
    const auto& alerts = panel.alerts().records().records();
    QCOMPARE(alerts.size(), std::size_t{1});
    QCOMPARE(alerts[0].key, QStringLiteral("7"));
    QCOMPARE(alerts[0].at, qint64{3'000'000'000});
    panel.setSnapshot(nullptr);
    QVERIFY(panel.alerts().records().records().empty());
}

void TestPages::aClassOfLatenessHasItsOwnBeginning() {
    SpreadChart chart;
    chart.resize(1000, 200);
    chart.setSeries({{QStringLiteral("Age"), {}, {{SimDuration{0}, 5}, {28ms, 1200, 25ms}}, 26ms, 26ms}});
    chart.grab();
    int wide = 0;
    int parts = 0;
    for (int x = 230; x < chart.width(); ++x) {
        const bool isOf = chart.keyAt(QPointF(x, 60)) == QStringLiteral("Age");
        parts += isOf && chart.keyAt(QPointF(x - 1, 60)) != QStringLiteral("Age") ? 1 : 0;
        wide += isOf ? 1 : 0;
    }
    QCOMPARE(parts, 2);  // what took no time stands apart
    QVERIFY2(wide < 80, "a class of 25 to 28 ms is no block over all decades before it");
}

void TestPages::batchesThatWaitStandAboveTheOneThatRuns() {
    const std::vector<Record> active = activeBatches(lateBatches());
    QCOMPARE(active.size(), std::size_t{2});
    QCOMPARE(active[0].cells.back().text, QStringLiteral("queued"));
    QCOMPARE(active[1].cells.back().text, QStringLiteral("processing"));
    const std::vector<Record> done = doneBatches(lateBatches());
    QCOMPARE(done.size(), std::size_t{4});
    QCOMPARE(done[0].cells[0].text, QStringLiteral("45 s"));
    for (const Record& each : done) {
        QCOMPARE(each.cells.size(), doneBatchColumns().size());
    }
    QCOMPARE(outputs(lateBatches().chosen).front().cells[4].text, QStringLiteral("2/2"));
    QCOMPARE(outputs(lateBatches().chosen).front().cells[5].text, QStringLiteral("9/9 (2 failed)"));
    QCOMPARE(stages(lateBatches().chosen).front().cells[5].text, QStringLiteral("2"));
    QCOMPARE(tasks(lateBatches().chosen).front().cells.size(), taskColumns().size());
}

void TestPages::timelineShowsTheNewestAndKeysGoThroughThem() {
    auto page = std::make_shared<observe::StreamingPage>(lateBatches());
    for (int i = 0; i < 200; ++i) {
        page->batches.insert(page->batches.begin(), batch(41 - i, 0ms, 500ms));
    }
    BatchTimeline timeline;
    timeline.resize(900, 300);
    timeline.setPage(page, {});
    timeline.grab();
    QVERIFY(!timeline.boxOf(batchKey(SimTime(47s))).isNull());
    QVERIFY(timeline.boxOf(batchKey(SimTime(0s))).isNull());
    QCOMPARE(timeline.keys().size(), timeline.rows());
    QSignalSpy chosen(&timeline, &BatchTimeline::batchChosen);
    timeline.setChosen(SimTime(47s));
    QTest::keyClick(&timeline, Qt::Key_Up);
    QCOMPARE(chosen.last().first().value<SimTime>(), SimTime(46s));
    QTest::keyClick(&timeline, Qt::Key_Home);
    timeline.grab();
    QVERIFY(timeline.boxOf(batchKey(SimTime(47s))).isNull());  // one has scrolled back
    timeline.setPage(page, {});
    timeline.grab();
    QVERIFY(timeline.boxOf(batchKey(SimTime(47s))).isNull());  // and stays there
    QSignalSpy sought(&timeline, &BatchTimeline::seekRequested);
    QTest::keyClick(&timeline, Qt::Key_Return);
    QCOMPARE(sought.size(), 1);
}

void TestPages::timelineTellsABatchUnderThePointer() {
    BatchTimeline timeline;
    timeline.resize(900, 300);
    timeline.setPage(std::make_shared<observe::StreamingPage>(lateBatches()), {});
    timeline.grab();
    const QString tip = timeline.tipAt(timeline.boxOf(batchKey(SimTime(44s))).center());
    QVERIFY2(tip.contains(QStringLiteral("total delay 1.52 s = scheduling delay + processing time")), qPrintable(tip));
    QVERIFY2(tip.contains(QStringLiteral("late, because 2 of its 9 tasks")), qPrintable(tip));
    timeline.setPage(nullptr, {});
    timeline.grab();
    QVERIFY(timeline.keys().isEmpty());
}

void TestPages::aClickOnAChartChoosesItsBatch() {
    StreamingStatistics charts;
    charts.resize(900, 480);
    charts.setPage(std::make_shared<observe::StreamingPage>(lateBatches()));
    charts.grab();
    QSignalSpy chosen(&charts, &StreamingStatistics::batchChosen);
    QTest::mouseClick(&charts, Qt::LeftButton, {}, charts.boxOf(batchKey(SimTime(45s))).center().toPoint());
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen.first().first().value<SimTime>(), SimTime(45s));
}

void TestPages::thePageAsksForTheBatchThatIsChosen() {
    StreamingPanel panel;
    panel.resize(1280, 520);
    QSignalSpy asked(&panel, &Page::requestChanged);
    const observe::SnapshotPtr snapshot = snapshotOf(lateBatches());
    panel.setSnapshot(snapshot);
    QCOMPARE(panel.objects(*snapshot), QStringList{QStringLiteral("driver:words")});
    QCOMPARE(panel.request().object, std::string("driver:words"));
    QCOMPARE(asked.size(), 1);
    panel.grab();
    QTest::mouseClick(&panel.timeline(), Qt::LeftButton, {},
                      panel.timeline().boxOf(batchKey(SimTime(43s))).center().toPoint());
    QCOMPARE(asked.size(), 2);
    QCOMPARE(panel.request().part, std::int64_t{43'000'000'000});
    QVERIFY2(panel.verdict().contains(QStringLiteral("took longer than the interval")), qPrintable(panel.verdict()));
}

void TestPages::theCardTellsWhatABatchWentThrough() {
    BatchCard card;
    card.resize(312, 500);
    card.setBatch(lateBatches().chosen, 1s);
    const QString text = card.text();
    for (const char* part :
         {"Batch 44 s", "done at 45.52 s", "input: 43 s to 44 s, 2,000 records", "processing time: 1.52 s of 1 s",
          "tasks: 9, 2 again", "Late, because 2 of its 9 tasks brought back", "offsets 0 to 2000"}) {
        QVERIFY2(text.contains(QLatin1String(part)), qPrintable(text));
    }
    card.setNothing(QStringLiteral("No batch"));
    QCOMPARE(card.text(), QStringLiteral("No batch"));
}

void TestPages::aDriverThatDoesNotRunIsSaidNotTo() {
    StreamingPanel panel;
    observe::StreamingPage page;
    page.id = "driver:words";
    page.name = "words";
    panel.setSnapshot(snapshotOf(page));
    QVERIFY2(panel.verdict().startsWith(QStringLiteral("The driver does not run")), qPrintable(panel.verdict()));
    panel.setSnapshot(nullptr);
    QVERIFY2(panel.verdict().startsWith(QStringLiteral("There is no run")), qPrintable(panel.verdict()));
}

void TestPages::tasksStandOnTheCoresOfTheirExecutors() {
    observe::StreamingPage page = lineage();
    const std::vector<TaskLane> lanes = lanesOf(page);
    QCOMPARE(lanes.size(), std::size_t{3});  // a core for the receiver, one for tasks, and two tasks at a time
    QVERIFY(lanes[0].isReceiver && lanes[0].tasks.empty());
    QCOMPARE(lanes[1].tasks, std::vector<std::size_t>{0});
    QCOMPARE(lanes[2].tasks, std::vector<std::size_t>{1});
    page.chosen.tasks[1].launched = page.chosen.tasks[0].ended;
    page.chosen.tasks[1].ended = page.chosen.tasks[0].ended + 1s;
    QCOMPARE(lanesOf(page).size(), std::size_t{2});
    TaskGantt gantt;
    gantt.resize(900, 300);
    gantt.setPage(std::make_shared<observe::StreamingPage>(page), {});
    gantt.grab();
    const QString tip = gantt.tipAt(gantt.boxOf(QStringLiteral("task:12")).center());
    QVERIFY2(tip.contains(QStringLiteral("compute 500 ms")) && tip.contains(QStringLiteral("computed again")),
             qPrintable(tip));
}

void TestPages::stagesAreLaidOutAlongTheFlow() {
    const observe::StreamingPage page = lineage();
    const StageLayout layout = stageLayout(page.chosen);
    QCOMPARE(layout.boxes.size(), std::size_t{2});
    QVERIFY(layout.boxes[0].box.right() < layout.boxes[1].box.left());
    StageGraph graph;
    graph.resize(700, 300);
    graph.setPage(std::make_shared<observe::StreamingPage>(page));
    graph.grab();
    const QString tip = graph.tipAt(graph.boxOf(QStringLiteral("stage:1")).center());
    QVERIFY2(tip.contains(QStringLiteral("2 tasks were done before")) && tip.contains(QStringLiteral("receive, 5")),
             qPrintable(tip));
}

void TestPages::lineageFramesWhatWasComputedAgain() {
    const observe::StreamingPage page = lineage();
    const LineageLayout layout = lineageOf(page.chosen, 0);
    QCOMPARE(layout.columns.size(), std::size_t{4});
    // Of the pairs and the words; what was received is kept, and read as it is.
    const std::set<std::pair<std::int32_t, std::int32_t>> again{{12, 1}, {12, 3}, {11, 1}, {11, 3}};
    QVERIFY(layout.again == again);
    QCOMPARE(layout.work, SimDuration(1s));
    QCOMPARE(std::count_if(layout.edges.begin(), layout.edges.end(), [](const auto& edge) { return edge.isShuffle; }),
             1);
    LineageView view;
    view.resize(800, 400);
    view.setPage(std::make_shared<observe::StreamingPage>(page));
    view.grab();
    QCOMPARE(view.sentence(), QStringLiteral("Job 1 of 1, foreachRDD at save: 4 partitions were lost and computed "
                                             "again, 1.00 s of work"));
}

void TestPages::unionsAreNarrowPartByPart() {
    observe::StreamingPage page = lineage();
    observe::StageView& stage = page.chosen.jobs.front().stages[0];
    const SimTime time = page.chosen.batch.time;
    stage.rdds = {{12, "union", 5, time, false, false, {10, 11}},
                  {11, "map", 3, time, false, false, {}},
                  {10, "map", 2, time, false, false, {}}};
    const LineageLayout layout = lineageOf(page.chosen, 0);
    const std::set<std::pair<std::int32_t, std::int32_t>> again{{12, 1}, {12, 3}, {10, 1}, {11, 1}};
    QVERIFY(layout.again == again);
}

void TestPages::blocksAreShownByWhoKeepsThem() {
    BlockMap map;
    map.resize(600, 300);
    map.setPage(std::make_shared<observe::StreamingPage>(lineage()));
    map.grab();
    QCOMPARE(map.keys(), QStringList{QStringLiteral("executor:words/1")});
    map.setPage(std::make_shared<observe::StreamingPage>());
    map.grab();
    QVERIFY(map.keys().isEmpty());
}

void TestPages::blocksOfHdfsAreToldByReplica() {
    const observe::DfsPage page = dfs();
    BlockGrid grid;
    grid.resize(900, 400);
    grid.setPage(std::make_shared<observe::DfsPage>(page));
    grid.grab();
    QVERIFY(!grid.boxOf(QStringLiteral("datanode:dn3")).isNull());
    const QString tip = grid.tipAt(grid.boxOf(QStringLiteral("block:2")).center());
    QVERIFY2(tip.contains(QStringLiteral("1 of 3 replicas: on dn1")) && tip.contains(QStringLiteral("damaged on dn2")),
             qPrintable(tip));
    QVERIFY(blockTip(page, page.blocks[2]).contains(QStringLiteral("pipeline dn1, dn2")));
    QCOMPARE(dfsNodes(page).size(), std::size_t{3});
    for (const Record& each : dfsNodes(page)) {
        QCOMPARE(each.cells.size(), dfsNodeColumns().size());
    }
    QCOMPARE(dfsFiles(page).front().cells.size(), dfsFileColumns().size());
}

void TestPages::howHdfsStandsIsASentence() {
    observe::DfsPage page = dfs();
    QCOMPARE(verdictOf(page).text, QStringLiteral("1 block has fewer replicas than it should: it is copied now. "
                                                  "One DataNode is dead or has not come yet."));
    page.summary.isInSafeMode = true;
    page.safeBlocks = 2;
    QVERIFY(verdictOf(page).text.startsWith(QStringLiteral("Safe mode: DataNodes have reported 2 of 3 blocks")));
    page.summary.isThere = false;
    QVERIFY(verdictOf(page).text.startsWith(QStringLiteral("The NameNode is down")));
    auto snapshot = std::make_shared<observe::Snapshot>();
    observe::ProcessView nameNode;
    nameNode.id = "namenode";
    snapshot->processes.push_back(nameNode);
    DfsPanel panel;
    QSignalSpy asked(&panel, &Page::requestChanged);
    panel.setSnapshot(snapshot);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(panel.request().object, std::string("namenode"));
}

void TestPages::blocksThatHaveNoMoreRoomAreNotSaidToBeWhole() {
    observe::DfsPage page = dfs();
    page.summary.underReplicated = 0;
    page.summary.liveNodes = page.summary.nodes;
    QCOMPARE(verdictOf(page).meaning, Meaning::Good);
    page.shortBlocks = 2;
    QCOMPARE(verdictOf(page).meaning, Meaning::Warning);
    QCOMPARE(verdictOf(page).text, QStringLiteral("2 blocks have fewer replicas than they should, and stay so: one is "
                                                  "on each of the 3 live DataNodes."));
}

void TestPages::whoIsSilentIsSaidToBe() {
    observe::DfsPage page = dfs();
    page.summary.underReplicated = 0;
    page.summary.liveNodes = page.summary.nodes;
    page.deadAfter = 630s;
    page.nodes[1].isSilent = true;
    page.nodes[1].sinceHeard = 66s;
    QVERIFY2(verdictOf(page).text.contains(QStringLiteral("Nothing was heard of dn2 for 66 s")),
             qPrintable(verdictOf(page).text));
    QCOMPARE(verdictOf(page).meaning, Meaning::Warning);
    QVERIFY(summaryOf(page).contains(QStringLiteral("3/3 live, 1 silent")));
    QCOMPARE(dfsNodes(page)[1].cells[3].text, QStringLiteral("live, silent"));
    QCOMPARE(dfsNodes(page)[1].cells[3].meaning, Meaning::Warning);
    observe::JobPage job = mapReduce();
    job.trackers = {{"tasktracker:tt1", "host:h1", "r1", true, 66s, 2, 2, 0, 0, true}};
    QVERIFY(summaryOf(job).contains(QStringLiteral("live, 1 silent")));
    QCOMPARE(trackers(job).front().cells[3].text, QStringLiteral("live, silent"));
}

void TestPages::executorsThatAreDeadStayInTheTable() {
    observe::StreamingPage page = lineage();
    observe::BlockHolderView dead;
    dead.number = 0;
    dead.tasksDone = 49;
    page.lostExecutors = {dead};
    const std::vector<Record> rows = executors(page);
    QCOMPARE(rows.size(), std::size_t{2});
    QCOMPARE(rows[0].cells[2].text, QStringLiteral("dead"));
    QCOMPARE(rows[0].cells[4].text, QStringLiteral("49"));
    QCOMPARE(rows[1].cells[2].text, QStringLiteral("active"));
    QCOMPARE(rows[0].cells.size(), executorColumns().size());
    page.batches = {batch(42, 0ms, 620ms)};
    page.batches[0].failedTasks = 2;
    QVERIFY(verdictOf(page).because.contains(QStringLiteral("2 tasks failed and were tried again")));
    QCOMPARE(doneBatches(page).front().cells.size(), doneBatchColumns().size());
}

/// Beside the card of a batch, where the window is 1280 px wide.
void TestPages::theTableOfExecutorsFitsASmallWindow() {
    observe::StreamingPage page;
    observe::BlockHolderView each;
    each.id = "executor:words/12";
    each.number = 12;
    each.host = "host:node12";
    each.cores = each.running = 12;
    each.tasksDone = 1'204;
    each.tasksFailed = 13;
    each.memory = each.inMemory = 456'800'000;
    each.onDisk = each.shuffleRead = each.shuffleWritten = 456'800'000;
    each.hasReceiver = true;
    page.executors = {each};
    page.lostExecutors = {each};
    RecordTable table(QStringLiteral("Executors"), executorColumns());
    table.resize(922, 200);
    table.show();
    table.setRecords(executors(page));
    const int last = table.model()->columnCount() - 1;
    const int right = table.columnViewportPosition(last) + table.columnWidth(last);
    QVERIFY2(right <= table.viewport()->width(), qPrintable(QString::number(right)));
    for (int row = 0; row < table.model()->rowCount(); ++row) {
        const QString note = table.model()->index(row, last).data().toString();
        QVERIFY(!note.isEmpty());
        QVERIFY2(table.fontMetrics().horizontalAdvance(note) < table.columnWidth(last), qPrintable(note));
    }
}

void TestPages::anAttemptThatLostIsNoLongerWanted() {
    observe::JobPage page = mapReduce();
    page.tasks[0].isDone = true;
    page.tasks[0].attempts[0].end = observe::AttemptEnd::Running;
    QVERIFY(attempts(page).front().cells.back().text.contains(QStringLiteral("no longer wanted")));
    page.tasks[0].isDone = false;
    QVERIFY(!attempts(page).front().cells.back().text.contains(QStringLiteral("no longer wanted")));
}

void TestPages::withoutACurveNoValueIsPraised() {
    observe::IngestionView way;
    way.valueKept = 1;
    QCOMPARE(pipelines({way}).front().cells[11].text, QStringLiteral("no loss"));
    QCOMPARE(pipelines({way}).front().cells[11].meaning, Meaning::Dim);
}

void TestPages::jobsOnYarnTellContainersAndWhatIsKept() {
    observe::JobPage page = mapReduce();
    page.cluster = {};
    page.cluster.isThere = page.cluster.isReady = page.cluster.isYarn = true;
    page.cluster.containers = 3;
    page.cluster.memory = 16384;
    page.cluster.memoryInUse = 4096;
    page.application = "RUNNING";
    page.attempt = 2;
    observe::TrackerView node{"nodemanager:nm1", "host:h1", "r1", true, 1s};
    node.containers = 3;
    node.memory = 8192;
    node.memoryInUse = 4096;
    page.trackers = {node};
    QCOMPARE(nodeManagers(page).front().cells.size(), nodeManagerColumns().size());
    QCOMPARE(nodeManagers(page).front().cells[5].text, QStringLiteral("3"));
    QCOMPARE(nodeManagers(page).front().cells[6].text, QStringLiteral("4096/8192"));
    QVERIFY2(summaryOf(page).startsWith(QStringLiteral("3 containers have 4,096 of 16,384 MB")),
             qPrintable(summaryOf(page)));
    QVERIFY2(verdictOf(page).text.endsWith(QStringLiteral("attempt 2 of its ApplicationMaster")),
             qPrintable(verdictOf(page).text));
    page.hasLostTasks = true;
    QVERIFY(verdictOf(page).text.endsWith(QStringLiteral("died with its ApplicationMaster")));
    page.isKnown = false;
    page.application = "ACCEPTED";
    QCOMPARE(verdictOf(page).text,
             QStringLiteral("words: accepted; its ApplicationMaster, attempt 2, has not said how its tasks stand"));
    page.application.clear();
    QVERIFY(verdictOf(page).text.contains(QStringLiteral("does not know the job words")));
}

void TestPages::jobsTellMapsAndReduces() {
    const observe::JobPage page = mapReduce();
    QCOMPARE(verdictOf(page).text,
             QStringLiteral("words: running, 50 % of the maps and 33 % of the reduces; 1 attempts failed"));
    for (const auto& [records, columns] :
         {std::pair{taskKinds(page), taskKindColumns()}, std::pair{counters(page), counterColumns()},
          std::pair{attempts(page), attemptColumns()}, std::pair{trackers(page), trackerColumns()}}) {
        QVERIFY(!records.empty());
        QCOMPARE(records.front().cells.size(), columns.size());
    }
    QCOMPARE(attempts(page).size(), std::size_t{4});
    TaskBars bars;
    bars.resize(900, 300);
    bars.setPage(std::make_shared<observe::JobPage>(page), {});
    bars.grab();
    QCOMPARE(bars.keys(), QStringList{QStringLiteral("tasktracker:tt1")});
    const QString tip = attemptTip(page.tasks[2], page.tasks[2].attempts[0], page.now);
    QVERIFY2(tip.contains(QStringLiteral("copy 28 s")) && tip.contains(QStringLiteral("sort 20 s")), qPrintable(tip));
    QVERIFY(attemptTip(page.tasks[1], page.tasks[1].attempts[0], page.now).contains(QStringLiteral("away from")));
}

void TestPages::theShuffleIsFoldedWhereRowsAreShort() {
    const FoldedMatrix whole = folded({{30, 10}, {}, {5, 5}}, 10);
    QCOMPARE(whole.mapsARow, std::size_t{1});
    QVERIFY(whole.isThere[0] && !whole.isThere[1]);
    QCOMPARE(whole.sum, std::int64_t{50});
    const FoldedMatrix half = folded({{30, 10}, {}, {5, 5}}, 2);
    QCOMPARE(half.mapsARow, std::size_t{2});
    QCOMPARE(half.rows.size(), std::size_t{2});
    QCOMPARE(half.byReduce, (std::vector<std::int64_t>{35, 15}));
    QCOMPARE(half.most, std::int64_t{30});
    ShuffleMatrix matrix;
    matrix.resize(600, 300);
    matrix.setPage(std::make_shared<observe::JobPage>(mapReduce()));
    matrix.grab();
    QCOMPARE(matrix.tipAt(matrix.boxOf(QStringLiteral("0/0")).center()), QStringLiteral("map 0 to reduce 0: 30 B"));
    QCOMPARE(matrix.tipAt(matrix.boxOf(QStringLiteral("1/1")).center()), QStringLiteral("map 1 is not done"));
}

void TestPages::whatIsWrongWithDataIsCounted() {
    observe::DataPage page = readings();
    QCOMPARE(verdictOf(page).text,
             QStringLiteral("Of 1,000 readings of source sensors, 20 never came, 5 are damaged, 30 are late."));
    QCOMPARE(sourceScores({page.score}).front().cells.size(), sourceScoreColumns().size());
    QCOMPARE(sinkScores({page.score}).front().cells.size(), sinkScoreColumns().size());
    QCOMPARE(sinkScores({page.score}).front().cells[2].text, QStringLiteral("98.00 %"));
    auto snapshot = std::make_shared<observe::Snapshot>();
    snapshot->run.origins.scores = {page.score};
    snapshot->pages.data = std::make_shared<observe::DataPage>(page);
    DataPanel panel;
    panel.resize(1000, 400);
    panel.setSnapshot(snapshot);
    panel.showView(QStringLiteral("lateness"));
    panel.grab();
    QCOMPARE(panel.request().object, std::string("source:sensors"));
    QVERIFY2(panel.chart().keys().contains(QStringLiteral("Age at sink table")),
             qPrintable(panel.chart().keys().join(QLatin1Char('|'))));
    observe::IngestionView way;
    way.id = "ingestion:fast";
    way.valueKept = 0.975;
    QCOMPARE(pipelines({way}).front().cells.size(), pipelineColumns().size());
    QCOMPARE(pipelines({way}).front().cells[11].text, QStringLiteral("97.50 %"));
    page.isKnown = false;
    QVERIFY(verdictOf(page).text.startsWith(QStringLiteral("Nothing is known")));
}

void TestPages::everyViewPaintsInBothThemesAndSizes() {
    auto all = std::make_shared<observe::Snapshot>(*snapshotOf(lineage()));
    observe::ProcessView nameNode;
    nameNode.id = "namenode";
    all->processes.push_back(nameNode);
    all->hadoop.jobs.push_back({"job:words", "wordcount", "RUNNING"});
    all->run.origins.scores = {readings().score};
    all->pages.dfs = std::make_shared<observe::DfsPage>(dfs());
    all->pages.job = std::make_shared<observe::JobPage>(mapReduce());
    all->pages.data = std::make_shared<observe::DataPage>(readings());
    const observe::SnapshotPtr snapshot = all;
    StreamingPanel streaming;
    DfsPanel hdfs;
    JobsPanel jobs;
    DataPanel data;
    for (const Theme theme : {Theme::Light, Theme::Dark}) {
        applyTheme(*qApp, theme);
        for (const QSize size : {QSize(1280, 420), QSize(2560, 1000), QSize(900, 260)}) {
            for (Page* page : {static_cast<Page*>(&streaming), static_cast<Page*>(&hdfs), static_cast<Page*>(&jobs),
                               static_cast<Page*>(&data)}) {
                page->resize(size);
                for (const QString& view : page->views()) {
                    page->showView(view);
                    page->setSnapshot(snapshot);
                    QVERIFY(!page->grab().isNull());
                    QVERIFY2(page->minimumSizeHint().width() <= 900, qPrintable(page->name() + view));
                }
            }
        }
    }
    applyTheme(*qApp, Theme::Light);
}

QTEST_MAIN(TestPages)
#include "tst_pages.moc"
