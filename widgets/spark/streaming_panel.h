#pragma once

#include "widgets/pages/page.h"

class QComboBox;
class QLabel;
class QSplitter;

namespace millrace::widgets {

class BatchCard;
class BatchTimeline;
class BlockMap;
class LineageView;
class RecordTable;
class StageGraph;
class StreamingStatistics;
class TablePanes;
class TaskGantt;
class ViewSwitch;

/// The page of streaming applications: their batches, and of the chosen one inputs, jobs, stages and tasks.
class StreamingPanel final : public Page {
    Q_OBJECT

public:
    explicit StreamingPanel(QWidget* parent = nullptr);

    [[nodiscard]] QString name() const override { return QStringLiteral("batches"); }
    [[nodiscard]] QString title() const override { return tr("Batches"); }
    [[nodiscard]] observe::ObjectKind kind() const override { return observe::ObjectKind::Driver; }
    [[nodiscard]] observe::PageRequest request() const override { return m_request; }
    void setSnapshot(const observe::SnapshotPtr& snapshot) override;
    [[nodiscard]] QStringList views() const override;
    void showView(const QString& view) override;
    void choose(const QString& object) override;

    [[nodiscard]] BatchTimeline& timeline() { return *m_timeline; }
    [[nodiscard]] StreamingStatistics& statistics() { return *m_statistics; }
    [[nodiscard]] BatchCard& card() { return *m_card; }
    [[nodiscard]] QString verdict() const;

private:
    void makeViews();
    [[nodiscard]] QWidget* makeBatches();
    [[nodiscard]] QWidget* makeBatch();
    void addScrolled(const QString& name, const QString& title, QWidget* view);
    void connectViews();
    void fillApplications(const observe::Snapshot& snapshot);
    void ask(const QString& application, std::int64_t part);
    void showPage();
    void showVerdict(const observe::StreamingPage& page);
    void showSummary(const observe::StreamingPage& page);
    void showTables(const observe::StreamingPage& page);
    void showPictures(const std::shared_ptr<const observe::StreamingPage>& page);
    void showNothing(const QString& words);

    observe::SnapshotPtr m_snapshot;
    observe::PageRequest m_request;
    QComboBox* m_applications = nullptr;
    QLabel* m_verdict = nullptr;
    ViewSwitch* m_views = nullptr;
    TablePanes* m_batchPanes = nullptr;
    TablePanes* m_chosenPanes = nullptr;
    BatchTimeline* m_timeline = nullptr;
    StreamingStatistics* m_statistics = nullptr;
    TaskGantt* m_gantt = nullptr;
    StageGraph* m_graph = nullptr;
    LineageView* m_lineage = nullptr;
    BlockMap* m_blocks = nullptr;
    BatchCard* m_card = nullptr;
    QLabel* m_activeTitle = nullptr;
    QLabel* m_doneTitle = nullptr;
    RecordTable* m_active = nullptr;
    RecordTable* m_done = nullptr;
    RecordTable* m_outputs = nullptr;
    RecordTable* m_stages = nullptr;
    RecordTable* m_tasks = nullptr;
    RecordTable* m_executors = nullptr;
};

}  // namespace millrace::widgets
