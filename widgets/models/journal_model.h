#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <vector>

#include "engine/observe/snapshot.h"

namespace millrace::widgets {

/// The journal's page as a table, oldest first. A new page changes only the rows that differ, so that selection and
/// scroll position survive sixty pages a second, a rewind and a fork.
class JournalModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Time, Place, Text, Because, ColumnCount };
    enum Role {
        IdRole = Qt::UserRole,  ///< quint64
        TimeRole,               ///< qint64, nanoseconds
        SeverityRole,           ///< int of observe::Severity
        KindRole,               ///< QString
        PlaceRole,              ///< QString, object id
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setSnapshot(const observe::SnapshotPtr& snapshot);
    void clear();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] int rowOf(quint64 id) const;

private:
    [[nodiscard]] static bool isSame(const observe::JournalEntryView& a, const observe::JournalEntryView& b);
    void removeAllBut(const std::vector<observe::JournalEntryView>& page);
    void insertMissing(const std::vector<observe::JournalEntryView>& page);
    [[nodiscard]] QString becauseOf(const observe::JournalEntryView& entry) const;
    [[nodiscard]] QString toolTipOf(const observe::JournalEntryView& entry) const;

    observe::SnapshotPtr m_snapshot;
    std::vector<observe::JournalEntryView> m_entries;
};

/// Which entries are shown: from a severity on, and containing all words of a text. Entries about topics that Kafka
/// keeps for itself, whose fifty partitions would drown the rest, are shown when they are asked for.
class JournalFilter final : public QSortFilterProxyModel {
    Q_OBJECT

public:
    explicit JournalFilter(QObject* parent = nullptr);

    void setLeastSeverity(observe::Severity severity);
    void setWords(const QString& words);
    void setShowsInternalTopics(bool shows);

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    observe::Severity m_least = observe::Severity::Notice;
    QStringList m_words;
    bool m_showsInternalTopics = false;
};

}  // namespace millrace::widgets
