#pragma once

#include <QScrollArea>
#include <QStringList>

#include "engine/observe/snapshot.h"

class QLabel;

namespace millrace::widgets {

/// Why something is as it is: what the object waits for now, and the newest entries about it, each with its causes back
/// to a fault, an input or the start. Every entry can be clicked and leads to its instant.
class ChainView final : public QScrollArea {
    Q_OBJECT

public:
    explicit ChainView(QWidget* parent = nullptr);

    /// Shows the story of an object, or of the whole run when the id is empty.
    void setObject(const observe::SnapshotPtr& snapshot, const QString& id);

    /// Shows the causes of one entry.
    void setEntry(const observe::SnapshotPtr& snapshot, quint64 entry);

    void clear();

signals:
    void seekRequested(millrace::SimTime time);
    void objectRequested(const QString& id);

private:
    void show(const observe::Snapshot& snapshot, const std::vector<std::uint64_t>& heads, const QString& now);
    [[nodiscard]] QWidget* makeLine(const observe::JournalEntryView& entry, int depth);

    QStringList m_shown;      ///< what is said, line by line
    QLabel* m_now = nullptr;  ///< on the page while the object waits for something
};

}  // namespace millrace::widgets
