#pragma once

#include <QSplitter>
#include <vector>

class QLabel;

namespace millrace::widgets {

class RecordTable;

/// Tables one below the other: those that are short are as high as their rows, the last has the rest. Who has moved the
/// line between two of them keeps it there.
class TablePanes final : public QSplitter {
    Q_OBJECT

public:
    explicit TablePanes(QWidget* parent = nullptr);

    /// With its title above it, if it has one: that is given back.
    QLabel* add(RecordTable& table, const QString& title = {});
    /// Rows have come or gone.
    void fit();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Pane {
        RecordTable* table = nullptr;
        QLabel* title = nullptr;
    };
    std::vector<Pane> m_panes;
    std::vector<int> m_wanted;
    bool m_isMoved = false;
};

}  // namespace millrace::widgets
