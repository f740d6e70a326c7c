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

SimTime snapped(double atSeconds) {
    return SimTime(fromSeconds(std::round(std::max(atSeconds, 0.0) / stepSeconds) * stepSeconds));
}

bool isSame(const PlannedBar& bar, const observe::FaultBar& fault) {
    // A plan may name a leader: the run tells who that was.
    const QString leader = titleOfFault(fault.kind, "leader:");
    return bar.at == fault.at && (bar.title == titleOfFault(fault.kind, fault.target) || bar.title.startsWith(leader));
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
    update();
}

/// Its upper row is the lower one of the faults: what is yet to come lies to the right of what has happened.
QRectF TimeStrip::planLane() const {
    const double height = planRowsMax * rowPitch;
    return {left(), faultLane().bottom() + rowPitch - height, laneWidth(), height};
}

/// What has begun is in the lane of faults, where its true length is seen.
bool TimeStrip::hasBegun(const PlannedBar& bar) const {
    if (!m_snapshot || bar.at > m_snapshot->run.furthest) {
        return false;
    }
    const auto& faults = m_snapshot->run.faults;
    return std::any_of(faults.begin(), faults.end(), [&](const auto& fault) { return isSame(bar, fault); });
}

/// What is yet to come by the scenario's plan is a bar that can be dragged, and that is shown once.
bool TimeStrip::isInPlanLane(const observe::FaultBar& fault) const {
    return fault.at > m_snapshot->run.furthest &&
           std::any_of(m_plan.begin(), m_plan.end(), [&](const PlannedBar& bar) { return isSame(bar, fault); });
}

/// By the times of the plan and not by pixels, so that a bar keeps its row while the axis grows.
int TimeStrip::planRow(std::size_t index) const {
    int row = 0;
    for (std::size_t i = 0; i < index; ++i) {
        const bool overlaps = m_plan[i].at <= m_plan[index].until && m_plan[index].at <= m_plan[i].until;
        row += overlaps ? 1 : 0;
    }
    return std::min(row, planRowsMax - 1);
}

QRectF TimeStrip::planBox(std::size_t index) const {
    const PlannedBar& bar = m_plan[index];
    const double left = xOf(bar.at);
    const double right = bar.until == SimTime::max() ? xOf(visibleTo()) : xOf(bar.until);
    const double top = planLane().bottom() - (planRow(index) + 1) * rowPitch;
    return {left, top, std::max(right - left, 8.0), faultRowHeight};
}

TimeStrip::PlanGrip TimeStrip::gripAt(const QPointF& position, int& index) const {
    for (std::size_t i = 0; i < m_plan.size() && !m_isCompact; ++i) {
        if (hasBegun(m_plan[i]) || !isInView(m_plan[i].at, m_plan[i].until)) {
            continue;
        }
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
    update();
}

void TimeStrip::paintPlan(QPainter& painter) const {
    const Palette& colors = theme();
    painter.setFont(textFont(TextRole::Caption));
    for (std::size_t i = 0; i < m_plan.size(); ++i) {
        if (hasBegun(m_plan[i]) && !(m_planGrip != PlanGrip::None && static_cast<int>(i) == m_planChosen)) {
            continue;
        }
        if (!isInView(m_plan[i].at, m_plan[i].until)) {
            continue;
        }
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
        const QRectF words(isLeft ? box.left() - room - 4 : std::max(box.left(), left()) + 7, box.top(), room,
                           box.height());
        painter.drawText(words, (isLeft ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, label);
    }
}

}  // namespace millrace::widgets
