#pragma once

#include <QWidget>

#include "engine/observe/run_view.h"

namespace millrace::widgets {

/// One metric in a small frame: name, unit, newest value, curve, faults as bands behind it. Rates are means over the
/// two seconds before, as they are told everywhere else; one burst does not flatten the rest.
class Sparkline final : public QWidget {
    Q_OBJECT

public:
    explicit Sparkline(int colorIndex, QWidget* parent = nullptr);

    void setSeries(std::shared_ptr<const observe::SeriesPage> page, const std::vector<observe::FaultBar>& faults,
                   SimTime now, SimTime furthest);

    [[nodiscard]] QSize sizeHint() const override;
    /// What is drawn at an instant, NaN before anything was measured.
    [[nodiscard]] double levelAt(SimTime time) const;
    /// How high the frame is.
    [[nodiscard]] double top() const { return m_top; }

signals:
    void timeClicked(millrace::SimTime time);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    void measure();
    [[nodiscard]] QRectF plotBox() const;
    [[nodiscard]] SimTime timeAt(double x) const;
    [[nodiscard]] double xOf(SimTime time) const;

    int m_colorIndex;
    std::shared_ptr<const observe::SeriesPage> m_page;
    std::vector<double> m_levels;  ///< by point
    double m_top = 0;
    std::vector<observe::FaultBar> m_faults;
    SimTime m_now{};
    SimTime m_end{};
};

/// What a series is called where people read it: "bytes in · broker 2".
[[nodiscard]] QString seriesTitle(const observe::SeriesPage& page, bool withObject);

/// The newest point at or before the time, or null.
[[nodiscard]] const observe::SeriesPoint* pointAt(const observe::SeriesPage& page, SimTime time);

}  // namespace millrace::widgets
