#include "widgets/hadoop/dfs_panel.h"

#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include "widgets/hadoop/block_grid.h"
#include "widgets/hadoop/hadoop_words.h"
#include "widgets/pages/record_table.h"
#include "widgets/pages/view_switch.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

DfsPanel::DfsPanel(QWidget* parent) : Page(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_verdict = new QLabel(this);
    m_verdict->setAccessibleName(tr("How HDFS stands"));
    m_verdict->setWordWrap(true);
    m_verdict->setContentsMargins(12, 6, 12, 2);
    layout->addWidget(m_verdict);
    m_views = new ViewSwitch(this);
    layout->addWidget(m_views, 1);
    auto* scroll = new QScrollArea(m_views);
    scroll->setWidgetResizable(true);
    m_grid = new BlockGrid(scroll);
    scroll->setWidget(m_grid);
    m_views->addView(QStringLiteral("blocks"), tr("Blocks"), scroll);
    m_nodes = new RecordTable(tr("DataNodes"), dfsNodeColumns(), m_views);
    m_nodes->setNothing(tr("The NameNode knows no DataNode."));
    m_views->addView(QStringLiteral("nodes"), tr("DataNodes"), m_nodes);
    m_files = new RecordTable(tr("Files"), dfsFileColumns(), m_views);
    m_files->setNothing(tr("There is no file in HDFS."));
    m_views->addView(QStringLiteral("files"), tr("Files"), m_files);
    connect(m_views, &ViewSwitch::changed, this, &DfsPanel::showPage);
    connect(m_grid, &PaintedView::chosen, this, [this](const QString& key) {
        if (!key.startsWith(QLatin1String("block:"))) {
            emit objectChosen(key);
        }
    });
    connect(m_nodes, &RecordTable::objectChosen, this, &Page::objectChosen);
}

QStringList DfsPanel::views() const {
    return m_views->names();
}

void DfsPanel::showView(const QString& view) {
    m_views->showView(view);
}

QString DfsPanel::verdict() const {
    return m_verdict->text();
}

void DfsPanel::setSnapshot(const observe::SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    if (!snapshot) {
        m_verdict->setText(tr("There is no run. Start it to see what lies in HDFS."));
        setMeaning(*m_verdict, Meaning::Dim);
        m_grid->setPage(nullptr);
        return;
    }
    const QStringList ids = objects(*snapshot);
    if (!ids.isEmpty() && m_request.object != format::utf8(ids.first())) {
        m_request.object = format::utf8(ids.first());
        emit requestChanged();
    }
    showPage();
}

void DfsPanel::showPage() {
    if (!m_snapshot || !m_snapshot->pages.dfs) {
        return;  // what was asked for comes with the next picture
    }
    const auto& page = m_snapshot->pages.dfs;
    const Standing verdict = verdictOf(*page);
    if (m_verdict->text() != verdict.text) {
        m_verdict->setText(verdict.text);
    }
    setMeaning(*m_verdict, verdict.meaning);
    const QString more = page->blocksInAll > static_cast<std::int64_t>(page->blocks.size())
                             ? tr("%1 of %2 blocks are shown, those that want replicas first")
                                   .arg(page->blocks.size())
                                   .arg(page->blocksInAll)
                             : QString();
    m_views->setSummary(page->summary.isThere ? summaryOf(*page) : QString(), more);
    m_grid->setPage(page);
    m_nodes->setRecords(dfsNodes(*page));
    m_files->setRecords(dfsFiles(*page));
}

}  // namespace millrace::widgets
