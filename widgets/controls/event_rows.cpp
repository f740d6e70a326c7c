#include "widgets/controls/event_rows.h"

#include <QHeaderView>
#include <QPainter>
#include <QScrollBar>
#include <QTimer>
#include <algorithm>
#include <array>
#include <utility>

#include "widgets/models/journal_model.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

constexpr int eventMargin = 8;  ///< between the edge of a cell and its words
constexpr int eventLinesMost = 3;
constexpr int aroundLines = 6;  ///< of a row with more than one

QFontMetrics metricsOfWords() {
    return QFontMetrics(textFont(TextRole::Body));
}

/// Letters side by side, each measured once: a page of the journal has thousands of rows, nearly all of one line.
class Advances {
public:
    Advances() {
        const QFontMetricsF exact(textFont(TextRole::Body));
        for (std::size_t i = 0; i < m_widths.size(); ++i) {
            m_widths[i] = exact.horizontalAdvance(QChar(static_cast<char16_t>(i)));
        }
        m_other = exact.height();  // no letter is wider than it is high
    }

    [[nodiscard]] bool fits(const QString& text, double room) const {
        double width = 0;
        for (const QChar letter : text) {
            width += letter.unicode() < m_widths.size() ? m_widths[letter.unicode()] : m_other;
        }
        return width <= room;
    }

private:
    std::array<double, 256> m_widths{};
    double m_other = 0;
};

QString brokenInto(const QFontMetrics& metrics, const QString& text, int room) {
    QStringList wordings{text};
    for (const QString& shorter : format::shorterWordings(text).mid(1)) {
        wordings.append(shorter + QStringLiteral(" …"));  // there is more to it
    }
    // Of all lines that hold it whole the fewest.
    for (int lines = 1; lines < eventLinesMost; ++lines) {
        const QString broken = format::fittingOnLines(metrics, {text}, room, lines);
        if (QString(broken).replace(QLatin1Char('\n'), QLatin1Char(' ')) == text) {
            return broken;
        }
    }
    return format::fittingOnLines(metrics, wordings, room, eventLinesMost);
}

/// All columns stand on the lines of what happened, whatever their letters.
void drawWords(QPainter& painter, const QRect& room, const QString& words, int linesOfRow, bool isRight) {
    const QFontMetrics lines = metricsOfWords();
    int baseline = room.top() + (room.height() - lines.lineSpacing() * linesOfRow) / 2 + lines.ascent();
    for (const QString& line : words.split(QLatin1Char('\n'))) {
        const int length = painter.fontMetrics().horizontalAdvance(line);
        painter.drawText(isRight ? room.right() + 1 - length : room.left(), baseline, line);
        baseline += lines.lineSpacing();
    }
}

int countLines(const QString& text) {
    return static_cast<int>(text.count(QLatin1Char('\n'))) + 1;
}

}  // namespace

EventWords fitEvent(const QFontMetrics& metrics, const QString& what, const QString& why, int roomOfWhat,
                    int roomOfWhy) {
    EventWords words;
    words.what = brokenInto(metrics, what, why.isEmpty() ? roomOfWhat + roomOfWhy : roomOfWhat);
    words.why = brokenInto(metrics, why, roomOfWhy);
    words.lines = std::max(countLines(words.what), countLines(words.why));
    return words;
}

EventRows::EventRows(QTableView& table) : QStyledItemDelegate(&table), m_table(table) {
    table.setItemDelegate(this);
    const QAbstractItemModel* model = table.model();
    connect(model, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex&, int first, int last) { fit(first, last); });
    connect(model, &QAbstractItemModel::dataChanged, this,
            [this](const QModelIndex& from, const QModelIndex& to) { fit(from.row(), to.row()); });
    const auto fitAll = [this, model] { fit(0, model->rowCount() - 1); };
    connect(model, &QAbstractItemModel::modelReset, this, fitAll);
    connect(model, &QAbstractItemModel::layoutChanged, this, fitAll);
    connect(table.horizontalHeader(), &QHeaderView::sectionResized, this, &EventRows::fitSoon);
    // What was whole may be cut now, though its picture was only moved.
    connect(table.verticalScrollBar(), &QScrollBar::valueChanged, table.viewport(), QOverload<>::of(&QWidget::update));
}

void EventRows::setRowHeight(int height) {
    m_height = height;
    m_table.verticalHeader()->setDefaultSectionSize(height);
    fit(0, m_table.model()->rowCount() - 1);
}

/// Once for all columns that get another width together.
void EventRows::fitSoon() {
    if (std::exchange(m_isDue, true)) {
        return;
    }
    QTimer::singleShot(0, this, [this] {
        m_isDue = false;
        fit(0, m_table.model()->rowCount() - 1);
        emit fitted();
    });
}

int EventRows::roomOf(int column) const {
    return m_table.columnWidth(column) - 2 * eventMargin;
}

EventWords EventRows::wordsOf(int row) const {
    static const Advances advances;
    const QAbstractItemModel& model = *m_table.model();
    const QString what = model.index(row, JournalModel::Text).data().toString();
    const QString why = model.index(row, JournalModel::Because).data().toString();
    const int roomOfWhat = roomOf(JournalModel::Text);
    const int roomOfWhy = roomOf(JournalModel::Because);
    return advances.fits(what, roomOfWhat) && advances.fits(why, roomOfWhy)
               ? EventWords{what, why, 1}
               : fitEvent(metricsOfWords(), what, why, roomOfWhat, roomOfWhy);
}

void EventRows::fit(int first, int last) {
    QHeaderView& rows = *m_table.verticalHeader();
    const int line = metricsOfWords().lineSpacing();
    for (int row = first; row <= last; ++row) {
        const int lines = wordsOf(row).lines;
        const int height = lines == 1 ? m_height : std::max(m_height, lines * line + aroundLines);
        if (rows.sectionSize(row) != height) {
            rows.resizeSection(row, height);
        }
    }
}

/// By an edge of the list, though it would have room.
bool EventRows::isCut(const QRect& row) const {
    const int height = m_table.viewport()->height();
    return row.height() <= height && (row.top() < 0 || row.bottom() >= height);
}

void EventRows::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    if (isCut(option.rect)) {
        return;
    }
    QStyleOptionViewItem cell(option);
    initStyleOption(&cell, index);
    const QString text = cell.text;
    cell.text.clear();
    m_table.style()->drawControl(QStyle::CE_ItemViewItem, &cell, painter, &m_table);
    const EventWords words = wordsOf(index.row());
    painter->save();
    painter->setClipRect(option.rect, Qt::IntersectClip);
    painter->setFont(cell.font);
    painter->setPen(cell.palette.color(QPalette::Text));
    const int column = index.column();
    QRect room = option.rect.adjusted(eventMargin, 0, -eventMargin, 0);
    if (column == JournalModel::Because && words.why.isEmpty()) {
        // What happened goes on here: each cell draws its part.
        const QModelIndex what = index.siblingAtColumn(JournalModel::Text);
        initStyleOption(&cell, what);
        painter->setPen(cell.palette.color(QPalette::Text));
        room.setLeft(m_table.visualRect(what).left() + eventMargin);
        drawWords(*painter, room, words.what, words.lines, false);
    } else {
        const QString told = column == JournalModel::Text      ? words.what
                             : column == JournalModel::Because ? words.why
                                                               : format::elided(cell.fontMetrics, text, room.width());
        drawWords(*painter, room, told, words.lines, (cell.displayAlignment & Qt::AlignRight) != 0);
    }
    painter->restore();
}

}  // namespace millrace::widgets
