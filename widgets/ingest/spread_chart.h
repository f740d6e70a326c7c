#pragma once

#include <QString>
#include <vector>

#include "engine/observe/data_page.h"
#include "widgets/pages/painted_view.h"

namespace millrace::widgets {

/// One histogram of durations.
struct SpreadSeries {
    QString title;
    QString help;
    std::vector<observe::SpreadClass> classes;
    SimDuration median{};
    SimDuration high{};  ///< 95 of 100 are no longer
};

/// Histograms of durations one below the other on one logarithmic axis, so that what a record waits on its way stands
/// in one column; what did not take any time has a place of its own at the left. The median is a solid line, the 95th
/// of a hundred a dashed one. The axis stays in view when the histograms scroll.
class SpreadChart final : public PaintedView {
    Q_OBJECT

public:
    explicit SpreadChart(QWidget* parent = nullptr);

    void setSeries(std::vector<SpreadSeries> series);

protected:
    void paint(QPainter& painter) override;

private:
    struct Axis;
    [[nodiscard]] Axis axisOf() const;
    void paintFoot(QPainter& painter, const Axis& axis);
    void paintSeries(QPainter& painter, const SpreadSeries& series, const Axis& axis, const QRectF& box);

    std::vector<SpreadSeries> m_series;
};

}  // namespace millrace::widgets
