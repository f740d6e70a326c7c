#pragma once

#include <QRectF>
#include <QString>
#include <vector>

#include "engine/base/sim_time.h"

class QPainter;

namespace millrace::widgets {

/// Steps of 1, 2 or 5 times a power of ten of which about `wanted` lie in a span.
[[nodiscard]] double niceStep(double span, int wanted);

/// Time from left to right over some pixels.
class TimeAxis {
public:
    TimeAxis() = default;
    TimeAxis(SimTime from, SimTime to, double left, double right);

    [[nodiscard]] double xOf(SimTime time) const;
    [[nodiscard]] SimTime timeAt(double x) const;
    [[nodiscard]] SimTime from() const { return m_from; }
    [[nodiscard]] SimTime to() const { return m_to; }

    struct Tick {
        double x = 0;
        QString text;  ///< the unit stands at the first
    };
    [[nodiscard]] std::vector<Tick> ticks(int leastApart) const;
    /// Words above, dotted lines over the rest of the box.
    void paint(QPainter& painter, const QRectF& box, double words) const;

private:
    SimTime m_from{};
    SimTime m_to{SimDuration(1)};
    double m_left = 0;
    double m_right = 1;
};

/// max() stands for an instant that a run has not come to.
[[nodiscard]] inline bool hasCome(SimTime time) {
    return time != SimTime::max();
}

/// An instant as it is told beside a bar: "44 s", "44.5 s", "44.25 s".
[[nodiscard]] QString instantText(SimTime time);

}  // namespace millrace::widgets
