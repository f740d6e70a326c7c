#pragma once

#include "widgets/pages/page.h"

class QLabel;

namespace millrace::widgets {

class BlockGrid;
class RecordTable;
class ViewSwitch;

/// The page of HDFS: racks and blocks by replica, DataNodes, files.
class DfsPanel final : public Page {
    Q_OBJECT

public:
    explicit DfsPanel(QWidget* parent = nullptr);

    [[nodiscard]] QString name() const override { return QStringLiteral("hdfs"); }
    [[nodiscard]] QString title() const override { return tr("HDFS"); }
    [[nodiscard]] observe::ObjectKind kind() const override { return observe::ObjectKind::NameNode; }
    [[nodiscard]] observe::PageRequest request() const override { return m_request; }
    void setSnapshot(const observe::SnapshotPtr& snapshot) override;
    [[nodiscard]] QStringList views() const override;
    void showView(const QString& view) override;

    [[nodiscard]] BlockGrid& grid() { return *m_grid; }
    [[nodiscard]] QString verdict() const;

private:
    void showPage();

    observe::SnapshotPtr m_snapshot;
    observe::PageRequest m_request;
    QLabel* m_verdict = nullptr;
    ViewSwitch* m_views = nullptr;
    BlockGrid* m_grid = nullptr;
    RecordTable* m_nodes = nullptr;
    RecordTable* m_files = nullptr;
};

}  // namespace millrace::widgets
