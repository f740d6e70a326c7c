#pragma once

#include <QWidget>

#include "engine/observe/run_view.h"

namespace millrace::widgets {

/// One metric in a small frame: name, unit, newest value, curve with its range, faults as bands behind it.
class Sparkline final : public QWidget {
    Q_OBJECT

public:
    explicit Sparkline(int colorIndex, QWidget* parent = nullptr);

    void setSeries(std::shared_ptr<const observe::SeriesPage> page, const std::vector<observe::FaultBar>& faults,
                   SimTime now, SimTime furthest);

    [[nodiscard]] QSize sizeHint() const override;

signals:
    void timeClicked(millrace::SimTime time);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    [[nodiscard]] QRectF plotBox() const;
    [[nodiscard]] SimTime timeAt(double x) const;
    [[nodiscard]] double xOf(SimTime time) const;

    int m_colorIndex;
    std::shared_ptr<const observe::SeriesPage> m_page;
    std::vector<observe::FaultBar> m_faults;
    SimTime m_now{};
    SimTime m_end{};
};

/// What a series is called where people read it: "bytes in · broker 2".
[[nodiscard]] QString seriesTitle(const observe::SeriesPage& page, bool withObject);

/// The newest point at or before the time, or null.
[[nodiscard]] const observe::SeriesPoint* pointAt(const observe::SeriesPage& page, SimTime time);

}  // namespace millrace::widgets
