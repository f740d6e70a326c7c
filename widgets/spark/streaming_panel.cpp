#include "widgets/spark/streaming_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>

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
#include "widgets/spark/streaming_statistics.h"
#include "widgets/spark/task_gantt.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

StreamingPanel::StreamingPanel(QWidget* parent) : Page(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 6, 12, 2);
    m_applications = new QComboBox(this);
    m_applications->setAccessibleName(tr("Streaming application"));
    m_applications->hide();
    head->addWidget(m_applications);
    m_verdict = new QLabel(this);
    m_verdict->setAccessibleName(tr("How the batches stand"));
    m_verdict->setWordWrap(true);
    m_verdict->setTextFormat(Qt::PlainText);
    head->addWidget(m_verdict, 1);
    layout->addLayout(head);
    auto* split = new QSplitter(Qt::Horizontal, this);
    m_views = new ViewSwitch(split);
    m_card = new BatchCard(split);
    split->addWidget(m_views);
    split->addWidget(m_card);
    split->setStretchFactor(0, 1);
    split->setCollapsible(0, false);
    constexpr int cardShare = 312;
    split->setSizes({1000, cardShare});
    layout->addWidget(split, 1);
    makeViews();
    connectViews();
    showNothing({});
}

void StreamingPanel::makeViews() {
    m_timeline = new BatchTimeline(m_views);
    m_views->addView(QStringLiteral("timeline"), tr("Timeline"), m_timeline);
    m_statistics = new StreamingStatistics(m_views);
    m_views->addView(QStringLiteral("statistics"), tr("Statistics"), m_statistics);
    m_views->addView(QStringLiteral("table"), tr("Table"), makeBatches());
    m_views->addView(QStringLiteral("batch"), tr("Batch"), makeBatch());
    m_gantt = new TaskGantt(m_views);
    addScrolled(QStringLiteral("tasks"), tr("Tasks"), m_gantt);
    m_graph = new StageGraph(m_views);
    addScrolled(QStringLiteral("stages"), tr("Stages"), m_graph);
    m_lineage = new LineageView(m_views);
    addScrolled(QStringLiteral("lineage"), tr("Lineage"), m_lineage);
    m_blocks = new BlockMap(m_views);
    addScrolled(QStringLiteral("blocks"), tr("Blocks"), m_blocks);
    m_executors = new RecordTable(tr("Executors"), executorColumns(), m_views);
    m_executors->setNothing(tr("No executor is registered with the driver: batches wait until one is."));
    m_views->addView(QStringLiteral("executors"), tr("Executors"), m_executors);
}

/// What is larger than the page scrolls.
void StreamingPanel::addScrolled(const QString& name, const QString& title, QWidget* view) {
    auto* scroll = new QScrollArea(m_views);
    scroll->setWidgetResizable(true);
    scroll->setWidget(view);
    m_views->addView(name, title, scroll);
}

QWidget* StreamingPanel::makeBatches() {
    m_batchPanes = new TablePanes(m_views);
    m_active = new RecordTable(tr("Active batches"), activeBatchColumns(), m_batchPanes);
    m_active->setNothing(tr("No batch waits or is being processed."));
    m_done = new RecordTable(tr("Completed batches"), doneBatchColumns(), m_batchPanes);
    m_done->setNothing(tr("No batch is done yet."));
    m_activeTitle = m_batchPanes->add(*m_active, tr("Active batches"));
    m_doneTitle = m_batchPanes->add(*m_done, tr("Completed batches"));
    return m_batchPanes;
}

QWidget* StreamingPanel::makeBatch() {
    m_chosenPanes = new TablePanes(m_views);
    m_outputs = new RecordTable(tr("Output operations"), outputColumns(), m_chosenPanes);
    m_outputs->setNothing(tr("The driver remembers no jobs of this batch."));
    m_stages = new RecordTable(tr("Stages"), stageColumns(), m_chosenPanes);
    m_stages->setNothing(tr("No job of this batch has been submitted, or the driver has forgotten them."));
    m_tasks = new RecordTable(tr("Tasks"), taskColumns(), m_chosenPanes);
    m_tasks->setNothing(
        tr("No task of this batch was launched, or the driver has forgotten them: it remembers the "
           "last 20,000."));
    m_chosenPanes->add(*m_outputs, tr("Output operations"));
    m_chosenPanes->add(*m_stages, tr("Stages"));
    m_chosenPanes->add(*m_tasks, tr("Tasks"));
    return m_chosenPanes;
}

void StreamingPanel::connectViews() {
    const auto take = [this](SimTime batch) { ask(QString(), batch.time_since_epoch().count()); };
    connect(m_views, &ViewSwitch::changed, this, [this] {
        if (m_snapshot) {
            showPage();
        }
    });
    connect(m_timeline, &BatchTimeline::batchChosen, this, take);
    connect(m_statistics, &StreamingStatistics::batchChosen, this, take);
    connect(m_timeline, &BatchTimeline::seekRequested, this, &Page::seekRequested);
    for (PaintedView* view : {static_cast<PaintedView*>(m_gantt), static_cast<PaintedView*>(m_blocks)}) {
        connect(view, &PaintedView::chosen, this, [this](const QString& key) {
            if (!key.startsWith(QLatin1String("task:"))) {
                emit objectChosen(key);
            }
        });
    }
    for (RecordTable* table : {m_active, m_done}) {
        connect(table, &RecordTable::rowChosen, this, [take](const QString& key) { take(batchOfKey(key)); });
    }
    for (RecordTable* table : {m_active, m_done, m_outputs, m_stages, m_tasks, m_executors}) {
        connect(table, &RecordTable::seekRequested, this, &Page::seekRequested);
        connect(table, &RecordTable::objectChosen, this, &Page::objectChosen);
    }
    connect(m_applications, &QComboBox::activated, this,
            [this](int index) { ask(m_applications->itemData(index).toString(), -1); });
}

QStringList StreamingPanel::views() const {
    return m_views->names();
}

void StreamingPanel::showView(const QString& view) {
    m_views->showView(view);
}

void StreamingPanel::choose(const QString& object) {
    if (m_applications->findData(object) >= 0) {
        ask(object, -1);
    }
}

QString StreamingPanel::verdict() const {
    return m_verdict->text();
}

/// An empty application is the one that is shown.
void StreamingPanel::ask(const QString& application, std::int64_t part) {
    observe::PageRequest wanted{application.isEmpty() ? m_request.object : format::utf8(application), part};
    if (!(wanted == m_request)) {
        m_request = std::move(wanted);
        m_timeline->setChosen(SimTime(SimDuration(part)));
        m_statistics->setChosen(SimTime(SimDuration(part)));
        emit requestChanged();
    }
}

void StreamingPanel::fillApplications(const observe::Snapshot& snapshot) {
    const QStringList ids = objects(snapshot);
    QStringList known;
    for (int i = 0; i < m_applications->count(); ++i) {
        known << m_applications->itemData(i).toString();
    }
    if (ids != known) {
        const QSignalBlocker quiet(m_applications);
        m_applications->clear();
        for (const QString& id : ids) {
            m_applications->addItem(format::titleOf(id), id);
        }
        m_applications->setVisible(ids.size() > 1);
    }
    const QString shown = format::text(m_request.object);
    if (!ids.isEmpty() && !ids.contains(shown)) {
        ask(ids.first(), -1);
    }
    m_applications->setCurrentIndex(m_applications->findData(format::text(m_request.object)));
}

void StreamingPanel::setSnapshot(const observe::SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    if (!snapshot) {
        showNothing(tr("There is no run. Start it to see its batches."));
        return;
    }
    fillApplications(*snapshot);
    showPage();
}

void StreamingPanel::showPage() {
    const auto& page = m_snapshot->pages.streaming;
    if (!page || page->id != m_request.object) {
        return;  // what was asked for comes with the next picture
    }
    if (!page->isDriverThere) {
        showNothing(
            tr("The driver does not run at this instant. What a driver remembers of its batches goes with it; another "
               "begins from its checkpoint, if there is one."));
        return;
    }
    const bool hasBatch = !page->batches.empty();
    const SimTime chosen = hasBatch ? page->chosen.batch.time : SimTime{};
    m_timeline->setChosen(chosen);
    m_statistics->setChosen(chosen);
    if (hasBatch) {
        m_card->setBatch(page->chosen, page->interval);
    } else {
        m_card->setNothing(tr("No batch yet"));
    }
    showVerdict(*page);
    showSummary(*page);
    showTables(*page);
    showPictures(page);
}

/// Of the pictures that lie behind each other only the one that is seen.
void StreamingPanel::showPictures(const std::shared_ptr<const observe::StreamingPage>& page) {
    const QString shown = m_views->shown();
    if (shown == QLatin1String("timeline")) {
        m_timeline->setPage(page, m_snapshot->run.faults);
    } else if (shown == QLatin1String("statistics")) {
        m_statistics->setPage(page);
    } else if (shown == QLatin1String("tasks")) {
        m_gantt->setPage(page, m_snapshot->run.faults);
    } else if (shown == QLatin1String("stages")) {
        m_graph->setPage(page);
    } else if (shown == QLatin1String("lineage")) {
        m_lineage->setPage(page);
    } else if (shown == QLatin1String("blocks")) {
        m_blocks->setPage(page);
    }
}

void StreamingPanel::showVerdict(const observe::StreamingPage& page) {
    const Verdict verdict = verdictOf(page);
    const QString text =
        verdict.because.isEmpty() ? verdict.headline : verdict.headline + QStringLiteral(": ") + verdict.because;
    if (m_verdict->text() != text) {
        m_verdict->setText(text);
    }
    setMeaning(*m_verdict, verdict.meaning);
}

void StreamingPanel::showSummary(const observe::StreamingPage& page) {
    const auto view = std::find_if(m_snapshot->streaming.begin(), m_snapshot->streaming.end(),
                                   [&](const auto& each) { return each.id == page.id; });
    if (view == m_snapshot->streaming.end()) {
        return;
    }
    const auto active = std::count_if(page.receivers.begin(), page.receivers.end(),
                                      [](const auto& receiver) { return receiver.isActive; });
    QStringList parts;
    parts << tr("batches of %1 for %2").arg(format::duration(page.interval), format::duration(page.now - page.since));
    parts << tr("%1 done").arg(format::count(view->batches));
    parts << tr("%1 records").arg(format::count(view->records));
    if (!page.receivers.empty()) {
        parts << tr("receivers active %1/%2").arg(active).arg(page.receivers.size());
    }
    if (view->batches > 0 && page.interval > SimDuration{0}) {
        parts << tr("load %1").arg(format::percent(seconds(view->meanProcessing) / seconds(page.interval)));
    }
    m_views->setSummary(parts.join(QStringLiteral(" · ")),
                        tr("Load: mean processing time over the interval; above 100 % the queue grows"));
}

void StreamingPanel::showTables(const observe::StreamingPage& page) {
    const QString shown = m_views->shown();
    if (shown == QLatin1String("table")) {
        m_active->setRecords(activeBatches(page));
        m_done->setRecords(doneBatches(page));
        m_active->mark(batchKey(page.chosen.batch.time));
        m_done->mark(batchKey(page.chosen.batch.time));
        const int active = m_active->records().rowCount();
        m_activeTitle->setText(tr("Active batches: %1").arg(active));
        m_doneTitle->setText(tr("Completed batches: the last %1").arg(m_done->records().rowCount()));
        m_batchPanes->fit();
    } else if (shown == QLatin1String("batch")) {
        m_outputs->setRecords(outputs(page.chosen));
        m_stages->setRecords(stages(page.chosen));
        m_tasks->setRecords(tasks(page.chosen));
        m_chosenPanes->fit();
    } else if (shown == QLatin1String("executors")) {
        m_executors->setRecords(executors(page));
    }
}

void StreamingPanel::showNothing(const QString& words) {
    m_verdict->setText(words);
    setMeaning(*m_verdict, Meaning::Dim);
    m_timeline->setPage(nullptr, {});
    m_statistics->setPage(nullptr);
    m_gantt->setPage(nullptr, {});
    m_graph->setPage(nullptr);
    m_lineage->setPage(nullptr);
    m_blocks->setPage(nullptr);
    m_card->setNothing(tr("No batch"));
    m_views->setSummary({}, {});
    for (RecordTable* table : {m_active, m_done, m_outputs, m_stages, m_tasks, m_executors}) {
        table->setRecords({});
    }
}

}  // namespace millrace::widgets
