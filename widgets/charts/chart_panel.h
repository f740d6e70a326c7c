#pragma once

#include <QWidget>
#include <map>

#include "engine/observe/snapshot.h"

class QCPAxisRect;
class QCPGraph;
class QCPItemRect;
class QCustomPlot;
class QLabel;
class QLineEdit;
class QScrollArea;
class QTreeWidget;
class QTreeWidgetItem;

namespace millrace::widgets {

/// Live charts of chosen metrics over the run, one above the other on one time axis, which is that of the time strip:
/// what is cause and what effect stands in one column. Each chart has one unit; its legend stands above it with the
/// values under the cursor. A curve is the mean, a pale band around it reaches from the least to the most of what a
/// pixel sums up, so that no peak is lost however long the run is. Rates, counted over a tenth of a second, are drawn
/// as means over a second.
///
/// A click sets the cursor, which the strip shares; a double click goes to that instant. Ctrl and the wheel zoom the
/// axis.
class ChartPanel final : public QWidget {
    Q_OBJECT

public:
    explicit ChartPanel(QWidget* parent = nullptr);
    ~ChartPanel() override;

    void setSnapshot(observe::SnapshotPtr snapshot);
    void setCursorTime(double seconds);
    void setVisibleRange(SimTime from, SimTime to);

    /// Series that are drawn, by "object name".
    [[nodiscard]] QStringList chosen() const;
    /// Ticks the series and no others.
    void choose(const QStringList& keys);
    /// The highest value of a chart's curves and bands as they are drawn, for tests; 0 when the series is not drawn.
    [[nodiscard]] double drawnPeakOf(const QString& key) const;
    /// How high a curve stands at an instant, for tests; NaN where nothing is drawn.
    [[nodiscard]] double drawnAt(const QString& key, double seconds) const;
    /// From when to when the charts reach, in seconds.
    [[nodiscard]] std::pair<double, double> visibleRange() const;
    [[nodiscard]] QTreeWidget& list() { return *m_list; }
    [[nodiscard]] QWidget* plot() const;
    /// Where each chart stands with its axes, in what is seen of them.
    [[nodiscard]] std::vector<QRect> chartBoxes() const;

signals:
    void cursorMoved(double seconds);  ///< -1: the mouse has left
    void seekRequested(millrace::SimTime time);
    void zoomRequested(millrace::SimTime from, millrace::SimTime to);

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Plot;
    struct Curve;

    void rebuildList();
    void rebuildPlots();
    void showWholeCharts();
    Plot& addPlot(const QString& unit);
    void refresh();
    void fill(Curve& curve, const observe::SeriesPage& page) const;
    void showFaults(Plot& plot) const;
    [[nodiscard]] QCPItemRect* addBand(const Plot& plot) const;
    void showCursor();
    void retint();
    void filter(const QString& words);
    void fitHeight();
    [[nodiscard]] double timeAt(double x) const;
    [[nodiscard]] const observe::SeriesPage* pageOf(const QString& key) const;

    observe::SnapshotPtr m_snapshot;
    QLineEdit* m_search = nullptr;
    QTreeWidget* m_list = nullptr;
    QScrollArea* m_scroll = nullptr;
    int m_turned = 0;  ///< by the wheel, of a notch
    QCustomPlot* m_view = nullptr;
    QLabel* m_hint = nullptr;
    QLabel* m_none = nullptr;                     ///< said when a search finds nothing
    std::map<QString, QTreeWidgetItem*> m_items;  ///< by key
    std::vector<std::unique_ptr<Plot>> m_plots;   ///< one for each unit among the chosen series
    QStringList m_known;
    std::vector<std::shared_ptr<const observe::SeriesPage>> m_listed;  ///< as the list was last looked through
    double m_cursor = -1;
    double m_from = 0;
    double m_to = 0;  ///< nothing is zoomed while it is 0: the whole run is shown
};

}  // namespace millrace::widgets
