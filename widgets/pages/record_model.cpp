#include "widgets/pages/record_model.h"

#include <QSet>
#include <algorithm>
#include <utility>

namespace millrace::widgets {

RecordModel::RecordModel(std::vector<RecordColumn> columns, QObject* parent)
    : QAbstractTableModel(parent), m_columns(std::move(columns)) {}

void RecordModel::setRecords(std::vector<Record> records) {
    if (!hasSameKeys(records)) {
        removeMissing(records);
        if (!insertNew(records)) {
            beginResetModel();  // they stand in another order
            m_records = std::move(records);
            endResetModel();
            return;
        }
    }
    update(std::move(records));
}

bool RecordModel::hasSameKeys(const std::vector<Record>& records) const {
    return std::equal(records.begin(), records.end(), m_records.begin(), m_records.end(),
                      [](const Record& a, const Record& b) { return a.key == b.key; });
}

void RecordModel::removeMissing(const std::vector<Record>& records) {
    QSet<QString> keys;
    for (const Record& each : records) {
        keys.insert(each.key);
    }
    for (std::size_t end = m_records.size(); end > 0;) {
        if (keys.contains(m_records[end - 1].key)) {
            --end;
            continue;
        }
        std::size_t begin = end - 1;
        while (begin > 0 && !keys.contains(m_records[begin - 1].key)) {
            --begin;
        }
        beginRemoveRows({}, static_cast<int>(begin), static_cast<int>(end) - 1);
        m_records.erase(m_records.begin() + static_cast<std::ptrdiff_t>(begin),
                        m_records.begin() + static_cast<std::ptrdiff_t>(end));
        endRemoveRows();
        end = begin;
    }
}

/// Those that are there stand in the order of the new ones, or nothing is inserted.
bool RecordModel::insertNew(const std::vector<Record>& records) {
    std::size_t known = 0;
    for (const Record& each : records) {
        known += known < m_records.size() && m_records[known].key == each.key ? 1 : 0;
    }
    if (known != m_records.size()) {
        return false;
    }
    for (std::size_t row = 0; row < records.size();) {
        if (row < m_records.size() && m_records[row].key == records[row].key) {
            ++row;
            continue;
        }
        std::size_t end = row + 1;
        while (end < records.size() && (row >= m_records.size() || m_records[row].key != records[end].key)) {
            ++end;
        }
        beginInsertRows({}, static_cast<int>(row), static_cast<int>(end) - 1);
        m_records.insert(m_records.begin() + static_cast<std::ptrdiff_t>(row),
                         records.begin() + static_cast<std::ptrdiff_t>(row),
                         records.begin() + static_cast<std::ptrdiff_t>(end));
        endInsertRows();
        row = end;
    }
    return true;
}

void RecordModel::update(std::vector<Record> records) {
    const int last = columnCount() - 1;
    for (std::size_t row = 0; row < records.size(); ++row) {
        if (!(m_records[row] == records[row])) {
            m_records[row] = std::move(records[row]);
            emit dataChanged(index(static_cast<int>(row), 0), index(static_cast<int>(row), last));
        }
    }
}

int RecordModel::rowOf(const QString& key) const {
    const auto found =
        std::find_if(m_records.begin(), m_records.end(), [&](const Record& each) { return each.key == key; });
    return found == m_records.end() ? -1 : static_cast<int>(found - m_records.begin());
}

int RecordModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_records.size());
}

int RecordModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant RecordModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Record& record = m_records[static_cast<std::size_t>(index.row())];
    const auto column = static_cast<std::size_t>(index.column());
    const RecordCell cell = column < record.cells.size() ? record.cells[column] : RecordCell{};
    switch (role) {
        case Qt::DisplayRole:
            return column == 0 ? QString(record.indent * 3, QChar(0x2002)) + cell.text : cell.text;
        case Qt::ToolTipRole:
            return cell.tip.isEmpty() ? m_columns[column].help : cell.tip;
        case Qt::ForegroundRole:
            return cell.meaning == Meaning::Plain ? QVariant() : QVariant(colourOf(cell.meaning));
        case Qt::TextAlignmentRole:
            return static_cast<int>((m_columns[column].isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        case KeyRole:
            return record.key;
        case ObjectRole:
            return record.object;
        case TimeRole:
            return record.at;
        case SortRole:
            return m_columns[column].isNumber ? QVariant(cell.sort) : QVariant(cell.text);
        default:
            return {};
    }
}

QVariant RecordModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) {
        return {};
    }
    const RecordColumn& column = m_columns[static_cast<std::size_t>(section)];
    switch (role) {
        case Qt::DisplayRole:
            return column.title;
        case Qt::ToolTipRole:
            return column.help;
        case Qt::TextAlignmentRole:
            return static_cast<int>((column.isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        default:
            return {};
    }
}

}  // namespace millrace::widgets
