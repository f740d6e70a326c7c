#pragma once

#include <QStyledItemDelegate>
#include <QTableView>

namespace millrace::widgets {

/// The words of an event and of what it came from, broken into the lines that they need in their columns.
struct EventWords {
    QString what;
    QString why;
    int lines = 1;  ///< of the longer one
};

/// Each in its own column, so that reasons stand below each other; what has no reason takes the room of both. All of it
/// is there as long as three lines hold it, and in ever shorter wordings that say so where they do not.
[[nodiscard]] EventWords fitEvent(const QFontMetrics& metrics, const QString& what, const QString& why, int roomOfWhat,
                                  int roomOfWhy);

/// Rows of the list of events: as high as their words need, all columns on one line of letters, and none of them cut by
/// the heading: a row is seen whole or not at all.
class EventRows final : public QStyledItemDelegate {
    Q_OBJECT

public:
    /// The table has its model already.
    explicit EventRows(QTableView& table);

    /// Of those whose words need one line.
    void setRowHeight(int height);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

signals:
    /// All rows have the heights that they need in other columns than before.
    void fitted();

private:
    void fit(int first, int last);
    void fitSoon();
    [[nodiscard]] int roomOf(int column) const;
    [[nodiscard]] EventWords wordsOf(int row) const;
    [[nodiscard]] bool isCut(const QRect& row) const;

    QTableView& m_table;
    int m_height = 22;
    bool m_isDue = false;
};

}  // namespace millrace::widgets
