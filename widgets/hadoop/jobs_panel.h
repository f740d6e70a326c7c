#pragma once

#include "widgets/pages/page.h"

class QLabel;
class QStackedWidget;

namespace millrace::widgets {

class RecordTable;
class ShuffleMatrix;
class TablePanes;
class TaskBars;
class ViewSwitch;

/// The page of MapReduce jobs: the cluster in a line, all jobs, and of the chosen one tasks, counters and shuffle.
class JobsPanel final : public Page {
    Q_OBJECT

public:
    explicit JobsPanel(QWidget* parent = nullptr);

    [[nodiscard]] QString name() const override { return QStringLiteral("jobs"); }
    [[nodiscard]] QString title() const override { return tr("Jobs"); }
    [[nodiscard]] observe::ObjectKind kind() const override { return observe::ObjectKind::Job; }
    [[nodiscard]] QStringList objects(const observe::Snapshot& snapshot) const override;
    [[nodiscard]] observe::PageRequest request() const override { return m_request; }
    void setSnapshot(const observe::SnapshotPtr& snapshot) override;
    [[nodiscard]] QStringList views() const override;
    void showView(const QString& view) override;
    void choose(const QString& object) override;

    [[nodiscard]] TaskBars& bars() { return *m_bars; }
    [[nodiscard]] ShuffleMatrix& matrix() { return *m_matrix; }
    [[nodiscard]] QString verdict() const;

private:
    [[nodiscard]] QWidget* makeJob();
    void ask(const QString& job);
    void showPage();

    observe::SnapshotPtr m_snapshot;
    observe::PageRequest m_request;
    QLabel* m_verdict = nullptr;
    ViewSwitch* m_views = nullptr;
    TablePanes* m_jobPanes = nullptr;
    RecordTable* m_jobs = nullptr;
    RecordTable* m_kinds = nullptr;
    RecordTable* m_counters = nullptr;
    RecordTable* m_attempts = nullptr;
    QStackedWidget* m_nodes = nullptr;  ///< whichever of the two the document has
    RecordTable* m_trackers = nullptr;
    RecordTable* m_nodeManagers = nullptr;
    TaskBars* m_bars = nullptr;
    ShuffleMatrix* m_matrix = nullptr;
};

}  // namespace millrace::widgets
