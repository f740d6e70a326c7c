#pragma once

#include "widgets/pages/page.h"

class QComboBox;
class QLabel;

namespace millrace::widgets {

class RecordTable;

/// The page of a topic's records: the newest of each partition with offset, time stamp, key, value and where they came
/// from.
class RecordsPanel final : public Page {
    Q_OBJECT

public:
    explicit RecordsPanel(QWidget* parent = nullptr);

    [[nodiscard]] QString name() const override { return QStringLiteral("records"); }
    [[nodiscard]] QString title() const override { return tr("Records"); }
    [[nodiscard]] observe::ObjectKind kind() const override { return observe::ObjectKind::Topic; }
    [[nodiscard]] QStringList objects(const observe::Snapshot& snapshot) const override;
    [[nodiscard]] observe::PageRequest request() const override { return m_request; }
    void setSnapshot(const observe::SnapshotPtr& snapshot) override;
    void choose(const QString& object) override;

    [[nodiscard]] RecordTable& table() { return *m_table; }
    [[nodiscard]] QString summary() const;

private:
    void ask(const QString& topic);
    void showPage();

    observe::SnapshotPtr m_snapshot;
    observe::PageRequest m_request;
    QComboBox* m_topics = nullptr;
    QLabel* m_summary = nullptr;
    RecordTable* m_table = nullptr;
};

}  // namespace millrace::widgets
