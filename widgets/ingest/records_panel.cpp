#include "widgets/ingest/records_panel.h"

#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

#include "engine/observe/topic_page.h"
#include "widgets/pages/record_cells.h"
#include "widgets/pages/record_table.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

std::vector<RecordColumn> recordColumns() {
    return {{RecordsPanel::tr("Partition"), RecordsPanel::tr("of the topic"), 8, true},
            {RecordsPanel::tr("Offset"), RecordsPanel::tr("its place in the log of the partition"), 8, true},
            {RecordsPanel::tr("Time stamp"),
             RecordsPanel::tr("of the record, in universal time: when it was made, or when the broker appended it "
                              "(message.timestamp.type)"),
             24},
            {RecordsPanel::tr("Key"), RecordsPanel::tr("decides the partition; without one any will do"), 12},
            {RecordsPanel::tr("Value"), RecordsPanel::tr("the bytes as text, of long ones the first 400"), 40},
            {RecordsPanel::tr("Bytes"), RecordsPanel::tr("of key and value"), 8, true},
            {RecordsPanel::tr("Made from"), RecordsPanel::tr("source and position, from the record's headers"), 14},
            {RecordsPanel::tr("State"),
             RecordsPanel::tr("committed: below the high watermark, so that consumers may have it"), 12}};
}

QString timeText(std::int64_t millis) {
    return QDateTime::fromMSecsSinceEpoch(millis, Qt::UTC).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz"));
}

RecordCell bytesAsText(const std::optional<std::string>& bytes, const QString& nothing) {
    return bytes ? wordsCell(format::text(*bytes)) : wordsCell(nothing, Meaning::Dim);
}

Record recordOf(const observe::RecordRow& row) {
    Record record;
    record.key = QStringLiteral("%1/%2").arg(row.partition).arg(row.offset);
    record.cells = {numberCell(QString::number(row.partition), row.partition),
                    numberCell(format::count(row.offset), static_cast<double>(row.offset)),
                    numberCell(timeText(row.timestamp), static_cast<double>(row.timestamp)),
                    bytesAsText(row.key, RecordsPanel::tr("none")),
                    bytesAsText(row.value, RecordsPanel::tr("none")),
                    countCell(row.bytes),
                    wordsCell(row.source.empty()
                                  ? QString()
                                  : QStringLiteral("%1 %2").arg(format::text(row.source), format::text(row.position))),
                    row.isCommitted
                        ? wordsCell(RecordsPanel::tr("committed"))
                        : wordsCell(RecordsPanel::tr("not yet"), Meaning::Warning,
                                    RecordsPanel::tr("not all replicas that are in sync have it: nobody may read it"))};
    return record;
}

}  // namespace

RecordsPanel::RecordsPanel(QWidget* parent) : Page(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 6, 12, 4);
    head->setSpacing(12);
    m_topics = new QComboBox(this);
    m_topics->setAccessibleName(tr("Topic whose records are shown"));
    m_topics->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_summary = new QLabel(this);
    m_summary->setAccessibleName(tr("How many records the topic holds"));
    head->addWidget(m_topics);
    head->addWidget(m_summary, 1);
    layout->addLayout(head);
    m_table = new RecordTable(tr("Newest records of the topic"), recordColumns(), this);
    m_table->setNothing(tr("No record stands in this topic."));
    layout->addWidget(m_table, 1);
    connect(m_topics, &QComboBox::activated, this, [this](int index) { ask(m_topics->itemData(index).toString()); });
}

QStringList RecordsPanel::objects(const observe::Snapshot& snapshot) const {
    QStringList ids;
    for (const observe::TopicView& topic : snapshot.cluster.topics) {
        ids << format::text(topic.id);
    }
    return ids;
}

void RecordsPanel::choose(const QString& object) {
    if (m_topics->findData(object) >= 0) {
        ask(object);
    }
}

QString RecordsPanel::summary() const {
    return m_summary->text();
}

void RecordsPanel::ask(const QString& topic) {
    if (m_request.object != format::utf8(topic)) {
        m_request.object = format::utf8(topic);
        m_topics->setCurrentIndex(m_topics->findData(topic));
        emit requestChanged();
    }
}

void RecordsPanel::setSnapshot(const observe::SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    if (!snapshot) {
        m_summary->setText(tr("There is no run. Start it to see what its topics hold."));
        m_table->setRecords({});
        return;
    }
    const QStringList ids = objects(*snapshot);
    offer(*m_topics, ids, m_request.object);
    if (!ids.isEmpty() && !ids.contains(format::text(m_request.object))) {
        const auto own = std::find_if(ids.begin(), ids.end(), [](const QString& id) {
            return !id.startsWith(QStringLiteral("topic:__"));  // what brokers keep for themselves comes last
        });
        ask(own != ids.end() ? *own : ids.first());
    }
    showPage();
}

void RecordsPanel::showPage() {
    const auto page = m_snapshot ? m_snapshot->pages.topic : nullptr;
    if (!page || page->id != m_request.object) {
        return;  // what was asked for comes with the next picture
    }
    const auto shown = static_cast<std::int64_t>(page->rows.size());
    m_summary->setText(!page->isKnown ? tr("No live broker knows the topic")
                       : shown < page->records && page->ofEach > 0
                           ? tr("%1 records in its logs; of each partition the newest %2 at most")
                                 .arg(format::count(page->records))
                                 .arg(page->ofEach)
                       : shown < page->records
                           ? tr("%1 records in its logs; the newest %2").arg(format::count(page->records)).arg(shown)
                           : tr("%1 records in its logs").arg(format::count(page->records)));
    std::vector<Record> records;
    records.reserve(page->rows.size());
    for (const observe::RecordRow& row : page->rows) {
        records.push_back(recordOf(row));
    }
    m_table->setRecords(std::move(records));
}

}  // namespace millrace::widgets
