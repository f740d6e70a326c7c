#include "widgets/ingest/data_panel.h"

#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include "widgets/ingest/data_words.h"
#include "widgets/ingest/spread_chart.h"
#include "widgets/pages/record_table.h"
#include "widgets/pages/table_panes.h"
#include "widgets/pages/view_switch.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

DataPanel::DataPanel(QWidget* parent) : Page(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_verdict = new QLabel(this);
    m_verdict->setAccessibleName(tr("How the data of the source stand"));
    m_verdict->setWordWrap(true);
    m_verdict->setContentsMargins(12, 6, 12, 2);
    layout->addWidget(m_verdict);
    m_views = new ViewSwitch(this);
    layout->addWidget(m_views, 1);
    m_scores = new TablePanes(m_views);
    m_sources = new RecordTable(tr("Scorecard of the sources"), sourceScoreColumns(), m_scores);
    m_sources->setNothing(tr("No source with a model or flaws has sent anything yet."));
    m_sinks = new RecordTable(tr("Scorecard at the sinks"), sinkScoreColumns(), m_scores);
    m_sinks->setNothing(tr("Nothing of these sources has been committed at a sink yet."));
    m_scores->add(*m_sources);
    m_scores->add(*m_sinks);
    m_views->addView(QStringLiteral("scorecard"), tr("Scorecard"), m_scores);
    auto* scroll = new QScrollArea(m_views);
    scroll->setWidgetResizable(true);
    m_chart = new SpreadChart(scroll);
    scroll->setWidget(m_chart);
    connect(scroll->verticalScrollBar(), &QScrollBar::valueChanged, m_chart, qOverload<>(&QWidget::update));
    m_views->addView(QStringLiteral("lateness"), tr("Lateness"), scroll);
    m_pipelines = new RecordTable(tr("Ingestion pipelines"), pipelineColumns(), m_views);
    m_pipelines->setNothing(tr("This run has no ingestion pipeline: the value that data keep is counted for these."));
    m_views->addView(QStringLiteral("value"), tr("Value"), m_pipelines);
    connect(m_views, &ViewSwitch::changed, this, &DataPanel::showPage);
    connect(m_sources, &RecordTable::rowChosen, this, &DataPanel::ask);
    for (RecordTable* table : {m_sources, m_sinks, m_pipelines}) {
        connect(table, &RecordTable::objectChosen, this, &Page::objectChosen);
    }
}

QStringList DataPanel::objects(const observe::Snapshot& snapshot) const {
    QStringList ids;
    for (const observe::ScoreView& score : snapshot.run.origins.scores) {
        ids << format::text(observe::sourceId(score.source));
    }
    return ids;
}

QStringList DataPanel::views() const {
    return m_views->names();
}

void DataPanel::showView(const QString& view) {
    m_views->showView(view);
}

void DataPanel::choose(const QString& object) {
    if (m_sources->records().rowOf(object) >= 0) {
        ask(object);
    }
}

QString DataPanel::verdict() const {
    return m_verdict->text();
}

void DataPanel::ask(const QString& source) {
    if (m_request.object != format::utf8(source)) {
        m_request.object = format::utf8(source);
        emit requestChanged();
    }
}

void DataPanel::setSnapshot(const observe::SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    if (!snapshot) {
        m_verdict->setText(tr("There is no run. Start it to see how good its data are."));
        setMeaning(*m_verdict, Meaning::Dim);
        m_chart->setSeries({});
        return;
    }
    m_sources->setRecords(sourceScores(snapshot->run.origins.scores));
    m_sinks->setRecords(sinkScores(snapshot->run.origins.scores));
    m_scores->fit();
    m_pipelines->setRecords(pipelines(snapshot->ingestion));
    const QStringList ids = objects(*snapshot);
    if (!ids.isEmpty() && !ids.contains(format::text(m_request.object))) {
        ask(ids.first());
    }
    m_sources->mark(format::text(m_request.object));
    showPage();
}

void DataPanel::showPage() {
    const auto page = m_snapshot ? m_snapshot->pages.data : nullptr;
    if (!page || page->id != m_request.object) {
        return;  // what was asked for comes with the next picture
    }
    const DataVerdict verdict = verdictOf(*page);
    if (m_verdict->text() != verdict.text) {
        m_verdict->setText(verdict.text);
    }
    setMeaning(*m_verdict, verdict.meaning);
    std::vector<SpreadSeries> series;
    series.push_back({tr("Lateness at the reader"), tr("from the measurement of a reading to its arrival, by record"),
                      page->lateness, page->score.lateness.median, page->score.lateness.high});
    for (const observe::SinkSpread& sink : page->sinks) {
        SpreadSeries& each = series.emplace_back();
        each.title = tr("Age at sink %1").arg(format::text(sink.sink));
        each.help = tr("freshness: from the measurement of a reading to the commit of what was made of it, by record");
        each.classes = sink.freshness;
        for (const observe::SinkScore& score : page->score.sinks) {
            if (score.sink == sink.sink) {
                each.median = score.freshness.median;
                each.high = score.freshness.high;
            }
        }
    }
    m_chart->setSeries(std::move(series));
}

}  // namespace millrace::widgets
