#include "widgets/pages/record_table.h"

#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QResizeEvent>
#include <QSortFilterProxyModel>
#include <utility>

namespace millrace::widgets {

RecordTable::RecordTable(const QString& name, std::vector<RecordColumn> columns, QWidget* parent)
    : QTableView(parent),
      m_records(new RecordModel(std::move(columns), this)),
      m_sorted(new QSortFilterProxyModel(this)) {
    constexpr int rowHeight = 23;
    setAccessibleName(name);
    m_sorted->setSourceModel(m_records);
    m_sorted->setSortRole(RecordModel::SortRole);
    setModel(m_sorted);
    setShowGrid(false);
    setSelectionBehavior(SelectRows);
    setSelectionMode(SingleSelection);
    setEditTriggers(NoEditTriggers);
    setWordWrap(false);
    setTextElideMode(Qt::ElideRight);
    setHorizontalScrollMode(ScrollPerPixel);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(rowHeight);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setStretchLastSection(true);
    horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    horizontalHeader()->setSortIndicatorClearable(true);
    setSortingEnabled(true);
    m_nothing = new QLabel(viewport());
    m_nothing->setProperty("role", QStringLiteral("dim"));
    m_nothing->setWordWrap(true);
    m_nothing->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    fitColumns();
    connect(this, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (const QString object = index.data(RecordModel::ObjectRole).toString(); !object.isEmpty()) {
            emit objectChosen(object);
        }
    });
    connect(this, &QTableView::activated, this, [this](const QModelIndex& index) {
        if (const qint64 at = index.data(RecordModel::TimeRole).toLongLong(); at >= 0) {
            emit seekRequested(SimTime(SimDuration(at)));
        }
    });
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved}) {
        connect(m_sorted, signal, this, &RecordTable::showNothing);
    }
    connect(m_sorted, &QAbstractItemModel::modelReset, this, &RecordTable::showNothing);
}

/// As many letters as a column wants; what is left over is the last one's. Who has drawn one wider keeps it.
void RecordTable::fitColumns() {
    constexpr int margins = 18;
    const int letter = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    const std::vector<RecordColumn>& columns = m_records->columns();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const int title = fontMetrics().horizontalAdvance(columns[i].title) + margins + letter;
        const int width = std::max(title, columns[i].letters * letter + margins);
        setColumnWidth(static_cast<int>(i), width);
    }
}

void RecordTable::setNothing(const QString& words) {
    m_nothing->setText(words);
    showNothing();
}

void RecordTable::showNothing() {
    constexpr int margin = 12;
    m_nothing->setVisible(m_sorted->rowCount() == 0);
    m_nothing->setGeometry(margin, margin, std::max(40, viewport()->width() - 2 * margin), viewport()->height());
}

void RecordTable::mark(const QString& key) {
    const int row = m_records->rowOf(key);
    const QModelIndex at = row < 0 ? QModelIndex() : m_sorted->mapFromSource(m_records->index(row, 0));
    if (at.row() != currentIndex().row()) {
        m_isMarking = true;
        setCurrentIndex(at);
        m_isMarking = false;
    }
}

void RecordTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QTableView::currentChanged(current, previous);
    if (current.isValid() && !m_isMarking && hasFocus()) {
        emit rowChosen(current.data(RecordModel::KeyRole).toString());
    }
}

void RecordTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    showNothing();
}

void RecordTable::changeEvent(QEvent* event) {
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        fitColumns();
    }
}

}  // namespace millrace::widgets
