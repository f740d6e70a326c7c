#include "widgets/models/journal_model.h"

#include <QFont>
#include <algorithm>

#include "widgets/controls/format.h"
#include "widgets/controls/palette.h"
#include "widgets/models/object_facts.h"

namespace millrace::widgets {

void JournalModel::clear() {
    beginResetModel();
    m_entries.clear();
    m_snapshot.reset();
    endResetModel();
}

void JournalModel::setSnapshot(const observe::SnapshotPtr& snapshot) {
    if (!snapshot || !snapshot->journal) {
        return;
    }
    if (m_snapshot && m_snapshot->journal == snapshot->journal) {
        m_snapshot = snapshot;
        return;
    }
    const std::vector<observe::JournalEntryView>& page = snapshot->journal->entries;
    // Where the page and what is kept agree: the last common entry. After a rewind the kept tail goes.
    std::size_t keep = m_entries.size();
    if (page.empty()) {
        keep = 0;
    } else {
        const auto first = std::lower_bound(m_entries.begin(), m_entries.end(), page.front().id,
                                            [](const auto& entry, std::uint64_t id) { return entry.id < id; });
        keep = static_cast<std::size_t>(first - m_entries.begin());
        const bool joins = keep == 0 ? true : m_entries[keep - 1].id + 1 == page.front().id || keep < m_entries.size();
        if (!joins) {
            keep = 0;  // the page has left a hole behind: start again from it
        }
    }
    std::size_t same = 0;
    while (keep + same < m_entries.size() && same < page.size() && m_entries[keep + same].id == page[same].id &&
           m_entries[keep + same].time == page[same].time && m_entries[keep + same].text == page[same].text) {
        ++same;
    }
    m_snapshot = snapshot;
    if (keep == 0 && same == 0 && !m_entries.empty()) {
        beginResetModel();
        m_entries = page;
        endResetModel();
        return;
    }
    const std::size_t kept = keep + same;
    if (kept < m_entries.size()) {
        beginRemoveRows({}, static_cast<int>(kept), static_cast<int>(m_entries.size()) - 1);
        m_entries.resize(kept);
        endRemoveRows();
    }
    if (same < page.size()) {
        beginInsertRows({}, static_cast<int>(kept), static_cast<int>(kept + page.size() - same) - 1);
        m_entries.insert(m_entries.end(), page.begin() + static_cast<std::ptrdiff_t>(same), page.end());
        endInsertRows();
    }
    if (m_entries.size() > keptMax) {
        const std::size_t excess = m_entries.size() - keptMax;
        beginRemoveRows({}, 0, static_cast<int>(excess) - 1);
        m_entries.erase(m_entries.begin(), m_entries.begin() + static_cast<std::ptrdiff_t>(excess));
        endRemoveRows();
    }
}

int JournalModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

int JournalModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

int JournalModel::rowOf(quint64 id) const {
    const auto it = std::lower_bound(m_entries.begin(), m_entries.end(), id,
                                     [](const auto& entry, quint64 wanted) { return entry.id < wanted; });
    return it == m_entries.end() || it->id != id ? -1 : static_cast<int>(it - m_entries.begin());
}

QString JournalModel::becauseOf(const observe::JournalEntryView& entry) const {
    if (entry.cause == 0) {
        return {};
    }
    const int row = rowOf(entry.cause);
    const observe::JournalEntryView* cause = row >= 0     ? &m_entries[static_cast<std::size_t>(row)]
                                             : m_snapshot ? findEntry(*m_snapshot->journal, entry.cause)
                                                          : nullptr;
    if (cause == nullptr) {
        return {};
    }
    return tr("because: %1").arg(format::text(cause->text));
}

QVariant JournalModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const observe::JournalEntryView& entry = m_entries[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
            switch (index.column()) {
                case Time:
                    return format::clock(entry.time);
                case Place:
                    return format::text(observe::titleOf(entry.place));
                case Text:
                    return format::text(entry.text);
                case Because:
                    return becauseOf(entry);
                default:
                    return {};
            }
        case Qt::ForegroundRole:
            if (index.column() == Text) {
                return theme().severity(entry.severity);
            }
            return index.column() == Place ? theme().text : theme().dim;
        case Qt::FontRole:
            return textFont(index.column() == Time    ? TextRole::Mono
                            : index.column() == Place ? TextRole::Strong
                                                      : TextRole::Body);
        case Qt::ToolTipRole:
            return QStringLiteral("%1\n%2").arg(
                format::text(entry.text),
                tr("%1 at %2; double click goes there").arg(format::text(entry.kind), format::clock(entry.time)));
        case Qt::AccessibleTextRole:
            return QStringLiteral("%1, %2").arg(format::text(observe::toText(entry.severity)),
                                                format::text(entry.text));
        case IdRole:
            return QVariant::fromValue<quint64>(entry.id);
        case TimeRole:
            return QVariant::fromValue<qint64>(nanoseconds(entry.time));
        case SeverityRole:
            return static_cast<int>(entry.severity);
        case KindRole:
            return format::text(entry.kind);
        case PlaceRole:
            return format::text(entry.place);
        default:
            return {};
    }
}

QVariant JournalModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal) {
        return {};
    }
    switch (section) {
        case Time:
            return tr("time");
        case Place:
            return tr("where");
        case Text:
            return tr("what happened");
        case Because:
            return tr("because");
        default:
            return {};
    }
}

JournalFilter::JournalFilter(QObject* parent) : QSortFilterProxyModel(parent) {}

void JournalFilter::setLeastSeverity(observe::Severity severity) {
    m_least = severity;
    invalidateFilter();
}

void JournalFilter::setWords(const QString& words) {
    m_words = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

bool JournalFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
    const QModelIndex entry = sourceModel()->index(row, 0, parent);
    if (entry.data(JournalModel::SeverityRole).toInt() < static_cast<int>(m_least)) {
        return false;
    }
    if (m_words.isEmpty()) {
        return true;
    }
    QStringList texts{entry.data(JournalModel::KindRole).toString(), entry.data(JournalModel::PlaceRole).toString()};
    for (int column = 0; column < JournalModel::ColumnCount; ++column) {
        texts.append(entry.siblingAtColumn(column).data(Qt::DisplayRole).toString());
    }
    const QString all = texts.join(QLatin1Char(' '));
    return std::all_of(m_words.begin(), m_words.end(),
                       [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

}  // namespace millrace::widgets
