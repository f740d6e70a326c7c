#include "widgets/models/journal_model.h"

#include <QFont>
#include <algorithm>

#include "widgets/models/object_facts.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

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
    m_snapshot = snapshot;
    removeAllBut(page);
    insertMissing(page);
}

/// Ids of another branch may be the same and tell of something else.
bool JournalModel::isSame(const observe::JournalEntryView& a, const observe::JournalEntryView& b) {
    // One that stands for others goes on counting, and stays the same.
    const bool isCount = a.count != b.count && a.place == b.place && a.kind == b.kind;
    return a.id == b.id && a.time == b.time && (a.text == b.text || isCount);
}

void JournalModel::removeAllBut(const std::vector<observe::JournalEntryView>& page) {
    std::vector<bool> stays(m_entries.size(), false);
    std::size_t at = 0;
    for (std::size_t row = 0; row < m_entries.size(); ++row) {
        while (at < page.size() && page[at].id < m_entries[row].id) {
            ++at;
        }
        stays[row] = at < page.size() && isSame(page[at], m_entries[row]);
    }
    for (std::size_t end = m_entries.size(); end > 0;) {
        if (stays[end - 1]) {
            --end;
            continue;
        }
        std::size_t begin = end - 1;
        while (begin > 0 && !stays[begin - 1]) {
            --begin;
        }
        beginRemoveRows({}, static_cast<int>(begin), static_cast<int>(end) - 1);
        m_entries.erase(m_entries.begin() + static_cast<std::ptrdiff_t>(begin),
                        m_entries.begin() + static_cast<std::ptrdiff_t>(end));
        endRemoveRows();
        end = begin;
    }
}

void JournalModel::insertMissing(const std::vector<observe::JournalEntryView>& page) {
    for (std::size_t row = 0; row < page.size();) {
        if (row < m_entries.size() && m_entries[row].id == page[row].id) {
            if (m_entries[row].count != page[row].count) {
                m_entries[row] = page[row];
                emit dataChanged(index(static_cast<int>(row), 0), index(static_cast<int>(row), ColumnCount - 1));
            }
            ++row;
            continue;
        }
        std::size_t end = row + 1;
        while (end < page.size() && (row >= m_entries.size() || page[end].id < m_entries[row].id)) {
            ++end;
        }
        beginInsertRows({}, static_cast<int>(row), static_cast<int>(end) - 1);
        m_entries.insert(m_entries.begin() + static_cast<std::ptrdiff_t>(row),
                         page.begin() + static_cast<std::ptrdiff_t>(row),
                         page.begin() + static_cast<std::ptrdiff_t>(end));
        endInsertRows();
        row = end;
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
    return tr("because %1").arg(asCause(*cause));
}

namespace {

/// What somebody breaks is what everything else is read by, though it is no error of the system.
observe::Severity shownSeverity(const observe::JournalEntryView& entry) {
    const bool isFault = entry.kind == "sim.fault-injected" && !entry.isRepair;
    return isFault ? observe::Severity::Error : entry.severity;
}

/// Never by colour alone.
QString signOf(observe::Severity severity) {
    return severity == observe::Severity::Error     ? QStringLiteral("✕ ")
           : severity == observe::Severity::Warning ? QStringLiteral("▲ ")
                                                    : QString();
}

}  // namespace

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
                    return signOf(shownSeverity(entry)) + format::sentence(format::text(entry.text));
                case Because:
                    return becauseOf(entry);
                default:
                    return {};
            }
        case Qt::ForegroundRole:
            if (index.column() == Text) {
                return theme().severity(shownSeverity(entry));
            }
            return index.column() == Place ? theme().text : theme().dim;
        case Qt::FontRole:
            return textFont(index.column() == Time    ? TextRole::Mono
                            : index.column() == Place ? TextRole::Strong
                                                      : TextRole::Body);
        case Qt::ToolTipRole:
            return toolTipOf(entry);
        case Qt::TextAlignmentRole:
            return int(index.column() == Time ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
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

/// All of what a narrow row may have left out.
QString JournalModel::toolTipOf(const observe::JournalEntryView& entry) const {
    QStringList lines{format::sentence(format::text(entry.text)), becauseOf(entry),
                      tr("%1 at %2; double click goes there")
                          .arg(entry.isRepair ? tr("a repair") : format::text(entry.kind), format::clock(entry.time))};
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

QVariant JournalModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role == Qt::TextAlignmentRole && section == Time) {
        return int(Qt::AlignRight | Qt::AlignVCenter);
    }
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

void JournalFilter::setShowsInternalTopics(bool shows) {
    m_showsInternalTopics = shows;
    invalidateFilter();
}

bool JournalFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
    const QModelIndex entry = sourceModel()->index(row, 0, parent);
    if (entry.data(JournalModel::SeverityRole).toInt() < static_cast<int>(m_least)) {
        return false;
    }
    const bool isAskedFor = m_showsInternalTopics || m_words.join(QLatin1Char(' ')).contains(QLatin1String("__"));
    if (!isAskedFor && entry.siblingAtColumn(JournalModel::Text).data().toString().contains(QLatin1String("__"))) {
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
