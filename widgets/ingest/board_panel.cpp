#include "widgets/ingest/board_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>

#include "engine/observe/board_page.h"
#include "widgets/ingest/tile_view.h"
#include "widgets/pages/record_cells.h"
#include "widgets/pages/record_table.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

std::vector<RecordColumn> alertColumns() {
    return {{BoardPanel::tr("Measured"), BoardPanel::tr("when the row that raised it was measured"), 10, true},
            {BoardPanel::tr("Tile"), BoardPanel::tr("about whom"), 14},
            {BoardPanel::tr("Alert"), BoardPanel::tr("the condition that began to hold"), 30},
            {BoardPanel::tr("Delay"), BoardPanel::tr("from the measurement to the dashboard"), 8, true}};
}

Record recordOf(const observe::RaisedAlertView& alert, std::size_t number) {
    Record record;
    record.key = QString::number(number);
    record.cells = {numberCell(format::seconds(alert.measured), seconds(alert.measured)),
                    wordsCell(format::text(alert.tile)), wordsCell(format::text(alert.condition), Meaning::Bad),
                    spanCell(alert.shown - alert.measured)};
    record.at = nanoseconds(alert.shown);
    return record;
}

/// In a sentence, how its tiles stand.
QString standingOf(const observe::BoardPage& page) {
    if (!page.isUp) {
        return BoardPanel::tr("The dashboard is down: nobody sees anything until it is up again");
    }
    if (!page.isFed) {
        return BoardPanel::tr("No ingestion pipeline has it as its destination");
    }
    const auto alarming =
        std::count_if(page.tiles.begin(), page.tiles.end(), [](const auto& each) { return !each.holds.empty(); });
    QString words = alarming == 0
                        ? (page.tiles.size() == 1 ? BoardPanel::tr("No alert holds on its tile")
                                                  : BoardPanel::tr("No alert holds on %1 tiles").arg(page.tiles.size()))
                        : BoardPanel::tr("An alert holds on %1 of %2 tiles").arg(alarming).arg(page.tiles.size());
    words += BoardPanel::tr(" · alerts raised so far: %1").arg(format::count(page.raisedInAll));
    if (page.withoutPlace > 0) {
        words += BoardPanel::tr(" · %1 rows of further keys have no place: a dashboard has 100 tiles")
                     .arg(format::count(page.withoutPlace));
    }
    return words;
}

}  // namespace

BoardPanel::BoardPanel(QWidget* parent) : Page(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 6, 12, 4);
    head->setSpacing(12);
    m_boards = new QComboBox(this);
    m_boards->setAccessibleName(tr("Dashboard that is shown"));
    m_boards->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_summary = new QLabel(this);
    m_summary->setAccessibleName(tr("How the dashboard stands"));
    head->addWidget(m_boards);
    head->addWidget(m_summary, 1);
    layout->addLayout(head);
    auto* split = new QSplitter(Qt::Horizontal, this);
    auto* scroll = new QScrollArea(split);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    m_tiles = new TileView(scroll);
    scroll->setWidget(m_tiles);
    split->addWidget(scroll);
    m_alerts = new RecordTable(tr("Alerts of the dashboard"), alertColumns(), split);
    m_alerts->setNothing(tr("No alert has been raised."));
    split->addWidget(m_alerts);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 1);
    split->setSizes({900, 380});
    layout->addWidget(split, 1);
    connect(m_boards, &QComboBox::activated, this, [this](int index) { ask(m_boards->itemData(index).toString()); });
    connect(m_alerts, &RecordTable::seekRequested, this, &Page::seekRequested);
}

QStringList BoardPanel::objects(const observe::Snapshot& snapshot) const {
    QStringList ids;
    for (const observe::SinkView& sink : snapshot.sinks) {
        if (sink.kind == "dashboard") {
            ids << format::text(sink.id);
        }
    }
    return ids;
}

void BoardPanel::choose(const QString& object) {
    if (m_boards->findData(object) >= 0) {
        ask(object);
    }
}

QString BoardPanel::summary() const {
    return m_summary->text();
}

void BoardPanel::ask(const QString& sink) {
    if (m_request.object != format::utf8(sink)) {
        m_request.object = format::utf8(sink);
        m_boards->setCurrentIndex(m_boards->findData(sink));
        emit requestChanged();
    }
}

void BoardPanel::setSnapshot(const observe::SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    if (!snapshot) {
        m_summary->setText(tr("There is no run. Start it to see its dashboards."));
        m_tiles->setNothing({});
        m_alerts->setRecords({});
        return;
    }
    const QStringList ids = objects(*snapshot);
    offer(*m_boards, ids, m_request.object);
    m_boards->setVisible(ids.size() > 1);
    if (!ids.isEmpty() && !ids.contains(format::text(m_request.object))) {
        ask(ids.first());
    }
    showPage();
}

void BoardPanel::showPage() {
    const auto page = m_snapshot ? m_snapshot->pages.board : nullptr;
    if (!page || page->id != m_request.object) {
        return;  // what was asked for comes with the next picture
    }
    const QString words = standingOf(*page);
    m_summary->setText(words);
    const bool isAlarming = !page->tiles.empty() && !page->tiles.front().holds.empty();
    setMeaning(*m_summary, isAlarming || !page->isUp ? Meaning::Bad : Meaning::Plain);
    if (page->tiles.empty()) {
        m_tiles->setNothing(page->isUp && page->isFed ? tr("No row has come yet.") : QString());
    } else {
        m_tiles->setPage(page, m_snapshot->run.now);
    }
    std::vector<Record> records;
    records.reserve(page->raised.size());
    for (std::size_t i = 0; i < page->raised.size(); ++i) {
        records.push_back(recordOf(page->raised[i], static_cast<std::size_t>(page->raisedInAll) - i));
    }
    m_alerts->setNothing(page->isUp ? tr("No alert has been raised.") : tr("Seen again when it is up."));
    m_alerts->setRecords(std::move(records));
}

}  // namespace millrace::widgets
