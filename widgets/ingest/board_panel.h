#pragma once

#include "widgets/pages/page.h"

class QComboBox;
class QLabel;

namespace millrace::widgets {

class RecordTable;
class TileView;

/// The page of a dashboard: its tiles, and the alerts that it raised.
class BoardPanel final : public Page {
    Q_OBJECT

public:
    explicit BoardPanel(QWidget* parent = nullptr);

    [[nodiscard]] QString name() const override { return QStringLiteral("dashboard"); }
    [[nodiscard]] QString title() const override { return tr("Dashboard"); }
    [[nodiscard]] observe::ObjectKind kind() const override { return observe::ObjectKind::Sink; }
    [[nodiscard]] QStringList objects(const observe::Snapshot& snapshot) const override;
    [[nodiscard]] observe::PageRequest request() const override { return m_request; }
    void setSnapshot(const observe::SnapshotPtr& snapshot) override;
    void choose(const QString& object) override;

    [[nodiscard]] TileView& tiles() { return *m_tiles; }
    [[nodiscard]] RecordTable& alerts() { return *m_alerts; }
    [[nodiscard]] QString summary() const;

private:
    void ask(const QString& sink);
    void showPage();

    observe::SnapshotPtr m_snapshot;
    observe::PageRequest m_request;
    QComboBox* m_boards = nullptr;
    QLabel* m_summary = nullptr;
    TileView* m_tiles = nullptr;
    RecordTable* m_alerts = nullptr;
};

}  // namespace millrace::widgets
