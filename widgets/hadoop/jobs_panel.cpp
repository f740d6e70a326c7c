#include "widgets/hadoop/jobs_panel.h"

#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "widgets/hadoop/hadoop_words.h"
#include "widgets/hadoop/shuffle_matrix.h"
#include "widgets/hadoop/task_bars.h"
#include "widgets/pages/record_table.h"
#include "widgets/pages/table_panes.h"
#include "widgets/pages/view_switch.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

JobsPanel::JobsPanel(QWidget* parent) : Page(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_verdict = new QLabel(this);
    m_verdict->setAccessibleName(tr("How the job stands"));
    m_verdict->setWordWrap(true);
    m_verdict->setContentsMargins(12, 6, 12, 2);
    layout->addWidget(m_verdict);
    m_views = new ViewSwitch(this);
    layout->addWidget(m_views, 1);
    m_jobs = new RecordTable(tr("Jobs"), jobColumns(), m_views);
    m_jobs->setNothing(tr("No job is known yet."));
    m_views->addView(QStringLiteral("jobs"), tr("Jobs"), m_jobs);
    auto* scroll = new QScrollArea(m_views);
    scroll->setWidgetResizable(true);
    m_bars = new TaskBars(scroll);
    scroll->setWidget(m_bars);
    m_views->addView(QStringLiteral("tasks"), tr("Tasks"), scroll);
    m_views->addView(QStringLiteral("job"), tr("Job"), makeJob());
    m_attempts = new RecordTable(tr("Attempts"), attemptColumns(), m_views);
    m_attempts->setNothing(tr("No task of this job has begun, or nobody knows how its tasks went."));
    m_views->addView(QStringLiteral("attempts"), tr("Attempts"), m_attempts);
    m_matrix = new ShuffleMatrix(m_views);
    m_views->addView(QStringLiteral("shuffle"), tr("Shuffle"), m_matrix);
    m_nodes = new QStackedWidget(m_views);
    m_trackers = new RecordTable(tr("TaskTrackers"), trackerColumns(), m_nodes);
    m_trackers->setNothing(tr("The JobTracker is down, or knows no TaskTracker."));
    m_nodes->addWidget(m_trackers);
    m_nodeManagers = new RecordTable(tr("NodeManagers"), nodeManagerColumns(), m_nodes);
    m_nodeManagers->setNothing(tr("The ResourceManager is down, or knows no NodeManager."));
    m_nodes->addWidget(m_nodeManagers);
    m_views->addView(QStringLiteral("trackers"), tr("Nodes"), m_nodes);
    connect(m_views, &ViewSwitch::changed, this, &JobsPanel::showPage);
    connect(m_bars, &PaintedView::chosen, this, &Page::objectChosen);
    connect(m_jobs, &RecordTable::rowChosen, this, &JobsPanel::ask);
    for (RecordTable* table : {m_attempts, m_trackers, m_nodeManagers}) {
        connect(table, &RecordTable::objectChosen, this, &Page::objectChosen);
    }
    for (RecordTable* table : {m_jobs, m_attempts}) {
        connect(table, &RecordTable::seekRequested, this, &Page::seekRequested);
    }
}

QWidget* JobsPanel::makeJob() {
    m_jobPanes = new TablePanes(m_views);
    m_kinds = new RecordTable(tr("Maps and reduces"), taskKindColumns(), m_jobPanes);
    m_counters = new RecordTable(tr("Counters"), counterColumns(), m_jobPanes);
    m_counters->setNothing(tr("Nobody has counters of this job."));
    m_jobPanes->add(*m_kinds);
    m_jobPanes->add(*m_counters);
    return m_jobPanes;
}

QStringList JobsPanel::objects(const observe::Snapshot& snapshot) const {
    QStringList ids;
    for (const observe::MapReduceJobView& job : snapshot.hadoop.jobs) {
        ids << format::text(job.id);
    }
    return ids;
}

QStringList JobsPanel::views() const {
    return m_views->names();
}

void JobsPanel::showView(const QString& view) {
    m_views->showView(view);
}

void JobsPanel::choose(const QString& object) {
    if (m_jobs->records().rowOf(object) >= 0) {
        ask(object);
    }
}

QString JobsPanel::verdict() const {
    return m_verdict->text();
}

void JobsPanel::ask(const QString& job) {
    if (m_request.object != format::utf8(job)) {
        m_request.object = format::utf8(job);
        emit requestChanged();
    }
}

void JobsPanel::setSnapshot(const observe::SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    if (!snapshot) {
        m_verdict->setText(tr("There is no run. Start it to see its jobs."));
        setMeaning(*m_verdict, Meaning::Dim);
        m_bars->setPage(nullptr, {});
        m_matrix->setPage(nullptr);
        return;
    }
    m_jobs->setRecords(jobs(snapshot->hadoop.jobs));
    const QStringList ids = objects(*snapshot);
    if (!ids.isEmpty() && !ids.contains(format::text(m_request.object))) {
        ask(ids.first());
    }
    m_jobs->mark(format::text(m_request.object));
    showPage();
}

void JobsPanel::showPage() {
    const auto page = m_snapshot ? m_snapshot->pages.job : nullptr;
    if (!page || page->id != m_request.object) {
        return;  // what was asked for comes with the next picture
    }
    const Standing verdict = verdictOf(*page);
    if (m_verdict->text() != verdict.text) {
        m_verdict->setText(verdict.text);
    }
    setMeaning(*m_verdict, verdict.meaning);
    m_views->setSummary(page->cluster.isThere ? summaryOf(*page) : QString(),
                        page->cluster.isYarn
                            ? tr("Memory of NodeManagers that are alive; an ApplicationMaster and each task have a "
                                 "container with a part of it")
                            : tr("Slots of trackers that are alive; a task takes one"));
    m_bars->setPage(page, m_snapshot->run.faults);
    m_matrix->setPage(page);
    const QString shown = m_views->shown();
    if (shown == QLatin1String("job")) {
        m_kinds->setRecords(taskKinds(*page));
        m_counters->setRecords(counters(*page));
        m_jobPanes->fit();
    } else if (shown == QLatin1String("attempts")) {
        m_attempts->setRecords(attempts(*page));
    } else if (shown == QLatin1String("trackers")) {
        m_nodes->setCurrentWidget(page->cluster.isYarn ? m_nodeManagers : m_trackers);
        if (page->cluster.isYarn) {
            m_nodeManagers->setRecords(nodeManagers(*page));
        } else {
            m_trackers->setRecords(trackers(*page));
        }
    }
}

}  // namespace millrace::widgets
