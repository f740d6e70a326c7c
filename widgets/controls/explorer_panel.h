#pragma once

#include <QWidget>

#include "engine/observe/object_id.h"
#include "engine/observe/snapshot.h"

class QLineEdit;
class QTreeWidget;
class QTreeWidgetItem;

namespace millrace::widgets {

class Selection;

/// One thing of the scenario as the explorer lists it. Parents come before their children.
struct ExplorerEntry {
    QString id;       ///< object id; empty for a heading
    QString title;    ///< what people call it
    int parent = -1;  ///< index in the list, -1 at the top
    QString brief;    ///< the same in fewer letters, for a narrow panel; empty when there is no shorter way

    friend bool operator==(const ExplorerEntry&, const ExplorerEntry&) = default;
};

/// Everything of the scenario as a tree with search: what the two faces draw, by name. A click selects; Enter too.
class ExplorerPanel final : public QWidget {
    Q_OBJECT

public:
    explicit ExplorerPanel(Selection& selection, QWidget* parent = nullptr);

    void setEntries(std::vector<ExplorerEntry> entries);
    /// What does not run as it should says so beside its name.
    void setSnapshot(const observe::SnapshotPtr& snapshot);
    void focusSearch();
    [[nodiscard]] QTreeWidget& tree() { return *m_tree; }

signals:
    void activated(const QString& id);

private:
    void filter(const QString& words);
    [[nodiscard]] QTreeWidgetItem* bestMatch() const;
    void showSelection();

    Selection& m_selection;
    std::vector<ExplorerEntry> m_entries;
    std::vector<QTreeWidgetItem*> m_items;
    observe::SnapshotPtr m_snapshot;
    QLineEdit* m_search = nullptr;
    QTreeWidget* m_tree = nullptr;
};

}  // namespace millrace::widgets
