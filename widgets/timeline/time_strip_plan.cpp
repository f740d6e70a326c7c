#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"
#include "widgets/timeline/time_strip.h"

// The lane of faults that the scenario plans.
namespace millrace::widgets {

namespace {

constexpr double gripReach = 6;
constexpr double stepSeconds = 0.1;

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
    changed();
}

TimeStrip::PlanGrip TimeStrip::gripAt(const QPointF& position, int& index) const {
    for (std::size_t i = 0; i < m_plan.size() && !m_isCompact; ++i) {
        const Place& place = places().plan[i];
        if (!place.isInView) {
            continue;
        }
        const QRectF box = place.box;
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
    const double perPixel = (seconds(visibleTo()) - seconds(visibleFrom())) / laneWidth();
    const double moved = (x - m_planFrom) * perPixel;
    if (m_planGrip == PlanGrip::Body) {
        bar.at = snapped(seconds(m_planBefore.at) + moved);
        bar.until =
            m_planBefore.until == SimTime::max() ? SimTime::max() : bar.at + (m_planBefore.until - m_planBefore.at);
    } else {
        const SimTime end = m_planBefore.until == SimTime::max() ? visibleTo() : m_planBefore.until;
        bar.until = std::max(snapped(seconds(end) + moved), bar.at + fromSeconds(stepSeconds));
    }
    changed();
}

void TimeStrip::paintPlan(QPainter& painter) const {
    const Palette& colors = theme();
    painter.setFont(textFont(TextRole::Caption));
    for (std::size_t i = 0; i < m_plan.size(); ++i) {
        const Place& place = places().plan[i];
        if (!place.isInView) {
            continue;
        }
        const bool isChosen = static_cast<int>(i) == m_planChosen;
        painter.setBrush(isChosen ? colors.soft : colors.surface);
        painter.setPen(QPen(isChosen ? colors.accent : colors.bad, 1, isChosen ? Qt::SolidLine : Qt::DashLine));
        painter.drawRoundedRect(place.box, 3, 3);
        if (!place.words.isEmpty()) {
            painter.setPen(colors.text);
            painter.drawText(place.words, Qt::AlignVCenter | Qt::TextDontClip, planText(i));
        }
    }
}

/// While it is dragged it says where to.
QString TimeStrip::planText(std::size_t index) const {
    const bool isDragged = static_cast<int>(index) == m_planChosen && m_planGrip != PlanGrip::None;
    return isDragged ? tr("%1 at %2").arg(m_plan[index].title, format::seconds(m_plan[index].at)) : m_plan[index].title;
}

}  // namespace millrace::widgets
