#include "widgets/pages/record_table.h"

#include <QEvent>
#include <QHeaderView>
#include <QHelpEvent>
#include <QLabel>
#include <QPainter>
#include <QResizeEvent>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QToolTip>
#include <algorithm>
#include <numeric>
#include <utility>

#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels unless told otherwise.
struct TableMeasures {
    static constexpr int rowHeight = 23;
    static constexpr int margins = 22;      // of a cell, both sides
    static constexpr int freeLetters = 20;  // a column of words that is made for so many takes what is left
};

/// What is selected keeps the colours of what its figures mean; what is cut is told whole under the pointer.
class RecordDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyleOptionViewItem plain = option;
        if (option.state.testFlag(QStyle::State_Selected)) {
            painter->fillRect(option.rect, theme().soft);
            plain.state.setFlag(QStyle::State_Selected, false);
        }
        QStyledItemDelegate::paint(painter, plain, index);
    }

    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                   const QModelIndex& index) override {
        const QString text = index.data().toString();
        const QString tip = index.data(Qt::ToolTipRole).toString();
        const bool isCut =
            option.fontMetrics.horizontalAdvance(text) + TableMeasures::margins / 2 > option.rect.width();
        if (event->type() != QEvent::ToolTip || !isCut || tip.contains(text)) {
            return QStyledItemDelegate::helpEvent(event, view, option, index);
        }
        QToolTip::showText(event->globalPos(), tip.isEmpty() ? text : text + QLatin1Char('\n') + tip, view);
        return true;
    }
};

/// The place of the column that takes what is left; below 0 where all are figures and names.
int freeColumn(const std::vector<RecordColumn>& columns) {
    int free = -1;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const int most = free < 0 ? TableMeasures::freeLetters - 1 : columns[static_cast<std::size_t>(free)].letters;
        free = !columns[i].isNumber && columns[i].letters > most ? static_cast<int>(i) : free;
    }
    return free;
}

/// The widest of a column's texts. Letters are not counted alike wide, so that some of the longest are measured.
int widestOf(const std::vector<Record>& records, std::size_t column, const QFontMetrics& metrics) {
    constexpr std::size_t looked = 2000;
    constexpr int indent = 3;
    const std::size_t rows = std::min(records.size(), looked);
    qsizetype longest = 0;
    const auto lettersOf = [&](const Record& record) {
        return column < record.cells.size()
                   ? record.cells[column].text.size() + (column == 0 ? record.indent * indent : 0)
                   : 0;
    };
    for (std::size_t i = 0; i < rows; ++i) {
        longest = std::max(longest, lettersOf(records[i]));
    }
    int widest = 0;
    int measured = 0;
    for (std::size_t i = 0; i < rows && measured < 16; ++i) {
        if (const qsizetype letters = lettersOf(records[i]); letters > 0 && letters * 4 >= longest * 3) {
            const QString spaces(column == 0 ? records[i].indent * indent : 0, QChar(0x2002));
            widest = std::max(widest, metrics.horizontalAdvance(spaces + records[i].cells[column].text));
            ++measured;
        }
    }
    return widest;
}

}  // namespace

RecordTable::RecordTable(const QString& name, std::vector<RecordColumn> columns, QWidget* parent)
    : QTableView(parent),
      m_records(new RecordModel(std::move(columns), this)),
      m_sorted(new QSortFilterProxyModel(this)) {
    setAccessibleName(name);
    setItemDelegate(new RecordDelegate(this));
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
    verticalHeader()->setDefaultSectionSize(TableMeasures::rowHeight);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setStretchLastSection(false);
    horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    horizontalHeader()->setSortIndicatorClearable(true);
    setSortingEnabled(true);
    setCornerWidget(new QWidget(this));  // where the scroll bars meet there is nothing
    m_nothing = new QLabel(viewport());
    m_nothing->setProperty("role", QStringLiteral("dim"));
    m_nothing->setWordWrap(true);
    m_nothing->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_isDrawn.assign(m_records->columns().size(), false);
    measure();
    connect(horizontalHeader(), &QHeaderView::sectionResized, this, [this](int column) {
        if (!m_isFitting) {
            m_isDrawn[static_cast<std::size_t>(column)] = true;
        }
    });
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

void RecordTable::setRecords(std::vector<Record> records) {
    m_records->setRecords(std::move(records));
    measure();
}

int RecordTable::heightOfRows(int most) const {
    const int rows = std::clamp(m_sorted->rowCount(), 1, most);
    return horizontalHeader()->sizeHint().height() + rows * TableMeasures::rowHeight + 2 * frameWidth();
}

/// Columns grow with what stands in them, and do not shrink while somebody reads.
void RecordTable::measure() {
    const std::vector<RecordColumn>& columns = m_records->columns();
    if (m_widths.size() != columns.size() || m_records->records().empty()) {
        m_widths.assign(columns.size(), 0);
    }
    const QFontMetrics head = horizontalHeader()->fontMetrics();
    const int arrow = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    std::vector<int> widths = m_widths;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const int title = head.horizontalAdvance(columns[i].title) + arrow;
        widths[i] = std::max({widths[i], title + TableMeasures::margins,
                              widestOf(m_records->records(), i, fontMetrics()) + TableMeasures::margins});
    }
    if (widths != m_widths) {
        m_widths = std::move(widths);
        fitColumns();
    }
}

/// Where there is room, names and figures have as much as the column is made for; never less than they need. Free text
/// takes the rest and is cut there. What has been drawn by hand stays.
void RecordTable::fitColumns() {
    constexpr int leastFree = 120;
    const std::vector<RecordColumn>& columns = m_records->columns();
    const int letter = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    const int room = viewport()->width();
    const int free = freeColumn(columns);
    std::vector<int> roomy = m_widths;
    std::vector<int> tight = m_widths;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (static_cast<int>(i) == free) {
            roomy[i] = tight[i] = std::min(m_widths[i], leastFree);
        } else {
            roomy[i] = std::max(m_widths[i], columns[i].letters * letter + TableMeasures::margins);
        }
    }
    const int wanted = std::accumulate(roomy.begin(), roomy.end(), 0);
    std::vector<int>& widths = wanted <= room ? roomy : tight;
    if (free >= 0) {
        const int left = room - std::accumulate(widths.begin(), widths.end(), 0);
        int& each = widths[static_cast<std::size_t>(free)];
        each = std::clamp(each + left, each, std::max(each, m_widths[static_cast<std::size_t>(free)]));
    }
    m_isFitting = true;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!m_isDrawn[i]) {
            setColumnWidth(static_cast<int>(i), widths[i]);
        }
    }
    m_isFitting = false;
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

int RecordTable::wantedWidth() const {
    return std::accumulate(m_widths.begin(), m_widths.end(), 0);
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
    fitColumns();
    showNothing();
}

/// A row that has no room to its foot is not begun.
void RecordTable::paintEvent(QPaintEvent* event) {
    QTableView::paintEvent(event);
    const int row = rowAt(viewport()->height() - 1);
    const int top = row > 0 ? rowViewportPosition(row) : 0;
    if (top > 0 && top + TableMeasures::rowHeight > viewport()->height()) {
        QPainter painter(viewport());
        painter.fillRect(QRect(0, top, viewport()->width(), viewport()->height() - top), theme().surface);
    }
}

void RecordTable::changeEvent(QEvent* event) {
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        m_widths.clear();
        measure();
    }
}

}  // namespace millrace::widgets
