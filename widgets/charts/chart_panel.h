#pragma once

#include <QWidget>

#include "engine/observe/snapshot.h"

class QCPGraph;
class QCPItemStraightLine;
class QCPItemTracer;
class QCustomPlot;
class QLabel;
class QListWidget;

namespace millrace::widgets {

/// Live charts of chosen metrics over the run. The cursor is shared with the time deck.
class ChartPanel final : public QWidget {
    Q_OBJECT

public:
    explicit ChartPanel(QWidget* parent = nullptr);
    ~ChartPanel() override;

    void setSnapshot(observe::SnapshotPtr snapshot);
    void setCursorTime(double seconds);

    /// Series that are drawn, by "object name".
    [[nodiscard]] QStringList chosen() const;

signals:
    void cursorMoved(double seconds);
    void seekRequested(millrace::SimTime time);

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Plot;

    void rebuildList();
    void rebuildPlots();
    void refresh();
    void retint(Plot& plot);
    [[nodiscard]] QString keyOf(const observe::SeriesPage& page) const;

    observe::SnapshotPtr m_snapshot;
    QListWidget* m_list = nullptr;
    QWidget* m_area = nullptr;
    QLabel* m_hint = nullptr;
    std::vector<std::unique_ptr<Plot>> m_plots;  ///< one for each unit among the chosen series
    QStringList m_known;
    double m_cursor = -1;
};

}  // namespace millrace::widgets
