#pragma once

#include <QTableView>

#include "engine/base/sim_time.h"
#include "widgets/pages/record_model.h"

class QLabel;
class QSortFilterProxyModel;

namespace millrace::widgets {

/// A table of records: a click on a head sorts, on a row leads to its object, a double click to its instant. Columns
/// are as wide as what stands in them; one of free text takes what is left. While it is empty it says why.
class RecordTable final : public QTableView {
    Q_OBJECT

public:
    RecordTable(const QString& name, std::vector<RecordColumn> columns, QWidget* parent = nullptr);

    [[nodiscard]] RecordModel& records() { return *m_records; }
    void setRecords(std::vector<Record> records);
    /// What it says while it is empty.
    void setNothing(const QString& words);
    /// Of its head and its rows, at least one and at most so many.
    [[nodiscard]] int heightOfRows(int most) const;
    /// In which all columns show what they hold.
    [[nodiscard]] int wantedWidth() const;
    /// Marks the row without telling of it.
    void mark(const QString& key);

signals:
    void rowChosen(const QString& key);
    void objectChosen(const QString& object);
    void seekRequested(millrace::SimTime time);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
    void measure();
    void fitColumns();
    void showNothing();

    RecordModel* m_records = nullptr;
    QSortFilterProxyModel* m_sorted = nullptr;
    QLabel* m_nothing = nullptr;
    std::vector<int> m_widths;    ///< that heads and rows need; they do not shrink while there are rows
    std::vector<bool> m_isDrawn;  ///< wider or narrower, by hand
    bool m_isFitting = false;
    bool m_isMarking = false;
};

}  // namespace millrace::widgets
