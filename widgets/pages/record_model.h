#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "widgets/style/palette.h"

namespace millrace::widgets {

/// A column of a table of a page.
struct RecordColumn {
    QString title;
    QString help;  ///< what its numbers count and in which unit
    int letters = 10;
    bool isNumber = false;  ///< stands at the right

    friend bool operator==(const RecordColumn&, const RecordColumn&) = default;
};

struct RecordCell {
    QString text;
    double sort = 0;  ///< of a number
    Meaning meaning = Meaning::Plain;
    QString tip;

    friend bool operator==(const RecordCell&, const RecordCell&) = default;
};

/// A row; `key` says which it is from picture to picture.
struct Record {
    QString key;
    std::vector<RecordCell> cells;
    QString object;  ///< where a click leads
    qint64 at = -1;  ///< where a double click leads: ns of the run
    int indent = 0;  ///< of its first cell

    friend bool operator==(const Record&, const Record&) = default;
};

/// Rows of figures that are told as a whole again and again: it compares by key and signals what has changed, so that
/// who reads keeps his place and what is selected stays so.
class RecordModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Role {
        KeyRole = Qt::UserRole,  ///< QString
        ObjectRole,              ///< QString, object id; empty where there is none
        TimeRole,                ///< qint64, ns of the run; -1 where there is none
        SortRole,                ///< double or QString
    };

    explicit RecordModel(std::vector<RecordColumn> columns, QObject* parent = nullptr);

    void setRecords(std::vector<Record> records);
    [[nodiscard]] const std::vector<Record>& records() const { return m_records; }
    [[nodiscard]] const std::vector<RecordColumn>& columns() const { return m_columns; }
    /// -1 where there is none.
    [[nodiscard]] int rowOf(const QString& key) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    [[nodiscard]] bool hasSameKeys(const std::vector<Record>& records) const;
    void removeMissing(const std::vector<Record>& records);
    [[nodiscard]] bool insertNew(const std::vector<Record>& records);
    void update(std::vector<Record> records);

    std::vector<RecordColumn> m_columns;
    std::vector<Record> m_records;
};

}  // namespace millrace::widgets
