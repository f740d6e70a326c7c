#pragma once

#include "widgets/pages/page.h"

class QLabel;

namespace millrace::widgets {

class RecordTable;
class SpreadChart;
class TablePanes;
class ViewSwitch;

/// The page of data quality: the scorecard of sources and sinks against the truth, and how late and how old the records
/// of the chosen source are; and what ingestion pipelines keep of their value.
class DataPanel final : public Page {
    Q_OBJECT

public:
    explicit DataPanel(QWidget* parent = nullptr);

    [[nodiscard]] QString name() const override { return QStringLiteral("data"); }
    [[nodiscard]] QString title() const override { return tr("Data"); }
    [[nodiscard]] observe::ObjectKind kind() const override { return observe::ObjectKind::Source; }
    [[nodiscard]] QStringList objects(const observe::Snapshot& snapshot) const override;
    [[nodiscard]] observe::PageRequest request() const override { return m_request; }
    void setSnapshot(const observe::SnapshotPtr& snapshot) override;
    [[nodiscard]] QStringList views() const override;
    void showView(const QString& view) override;
    void choose(const QString& object) override;

    [[nodiscard]] SpreadChart& chart() { return *m_chart; }
    [[nodiscard]] QString verdict() const;

private:
    void ask(const QString& source);
    void showPage();

    observe::SnapshotPtr m_snapshot;
    observe::PageRequest m_request;
    QLabel* m_verdict = nullptr;
    ViewSwitch* m_views = nullptr;
    TablePanes* m_scores = nullptr;
    RecordTable* m_sources = nullptr;
    RecordTable* m_sinks = nullptr;
    RecordTable* m_pipelines = nullptr;
    SpreadChart* m_chart = nullptr;
};

}  // namespace millrace::widgets
