#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/controls/format.h"
#include "widgets/controls/palette.h"
#include "widgets/timeline/time_strip.h"

// The lane of faults that the scenario plans.
namespace millrace::widgets {

namespace {

constexpr double gripReach = 6;
constexpr double labelRoom = 120;
constexpr double stepSeconds = 0.1;
constexpr int rowsMax = 3;

SimTime snapped(double atSeconds) {
    return SimTime(fromSeconds(std::round(std::max(atSeconds, 0.0) / stepSeconds) * stepSeconds));
}

}  // namespace

void TimeStrip::setPlan(std::vector<PlannedBar> plan) {
    if (plan == m_plan) {
        return;
    }
    m_plan = std::move(plan);
    m_planGrip = PlanGrip::None;
    if (m_planChosen >= static_cast<int>(m_plan.size())) {
        m_planChosen = -1;
    }
    fitAxis();
    updateGeometry();
    update();
}

QRectF TimeStrip::planLane() const {
    const double height = m_plan.empty() ? 0 : planRows() * (faultRowHeight + 2) + 2;
    return {labelWidth, faultLane().bottom() + 2, width() - labelWidth - rightMargin, height};
}

int TimeStrip::planRows() const {
    int rows = 1;
    for (std::size_t i = 0; i < m_plan.size(); ++i) {
        rows = std::max(rows, planRow(i) + 1);
    }
    return rows;
}

/// By the times of the plan and not by pixels, so that a bar keeps its row while the axis grows.
int TimeStrip::planRow(std::size_t index) const {
    int row = 0;
    for (std::size_t i = 0; i < index; ++i) {
        const bool overlaps = m_plan[i].at <= m_plan[index].until && m_plan[index].at <= m_plan[i].until;
        row += overlaps ? 1 : 0;
    }
    return std::min(row, rowsMax - 1);
}

QRectF TimeStrip::planBox(std::size_t index) const {
    const PlannedBar& bar = m_plan[index];
    const double left = xOf(bar.at);
    const double right = bar.until == SimTime::max() ? xOf(axisEnd()) : xOf(bar.until);
    const double top = faultLane().bottom() + 4 + planRow(index) * (faultRowHeight + 2);
    return {left, top, std::max(right - left, 8.0), faultRowHeight};
}

TimeStrip::PlanGrip TimeStrip::gripAt(const QPointF& position, int& index) const {
    for (std::size_t i = 0; i < m_plan.size(); ++i) {
        const QRectF box = planBox(i);
        if (box.adjusted(-2, 0, gripReach, 0).contains(position)) {
            index = static_cast<int>(i);
            const bool isAtEnd = position.x() > box.right() - gripReach && box.width() > 2 * gripReach;
            return isAtEnd ? PlanGrip::End : PlanGrip::Body;
        }
    }
    index = -1;
    return PlanGrip::None;
}

void TimeStrip::dragPlanTo(double x) {
    PlannedBar& bar = m_plan[static_cast<std::size_t>(m_planChosen)];
    const double perPixel = seconds(axisEnd()) / std::max(1.0, width() - labelWidth - rightMargin);
    const double moved = (x - m_planFrom) * perPixel;
    if (m_planGrip == PlanGrip::Body) {
        bar.at = snapped(seconds(m_planBefore.at) + moved);
        bar.until =
            m_planBefore.until == SimTime::max() ? SimTime::max() : bar.at + (m_planBefore.until - m_planBefore.at);
    } else {
        const SimTime end = m_planBefore.until == SimTime::max() ? axisEnd() : m_planBefore.until;
        bar.until = std::max(snapped(seconds(end) + moved), bar.at + fromSeconds(stepSeconds));
    }
    update();
}

void TimeStrip::paintPlan(QPainter& painter) const {
    if (m_plan.empty()) {
        return;
    }
    const Palette& colors = theme();
    const QRectF lane = planLane();
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(colors.dim);
    painter.drawText(QRectF(0, lane.top() + 2, labelWidth - 10, faultRowHeight), Qt::AlignRight | Qt::AlignVCenter,
                     tr("planned"));
    for (std::size_t i = 0; i < m_plan.size(); ++i) {
        const QRectF box = planBox(i);
        const bool isChosen = static_cast<int>(i) == m_planChosen;
        painter.setBrush(isChosen ? colors.soft : colors.surface);
        painter.setPen(QPen(isChosen ? colors.accent : colors.bad, 1, isChosen ? Qt::SolidLine : Qt::DashLine));
        painter.drawRoundedRect(box, 3, 3);
        painter.setPen(colors.text);
        const QString label = isChosen && m_planGrip != PlanGrip::None
                                  ? tr("%1 at %2").arg(m_plan[i].title, format::seconds(m_plan[i].at))
                                  : m_plan[i].title;
        const double room = std::max(box.width() - 8, labelRoom);
        const bool isLeft = box.left() + room > width();
        const QRectF words(isLeft ? box.left() - room - 4 : box.left() + 7, box.top(), room, box.height());
        painter.drawText(words, (isLeft ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, label);
    }
}

}  // namespace millrace::widgets
