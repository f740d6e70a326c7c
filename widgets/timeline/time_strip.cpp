#include "widgets/timeline/time_strip.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "widgets/controls/format.h"
#include "widgets/controls/palette.h"

namespace millrace::widgets {

namespace {

constexpr double pastShare = 0.86;  // how much of the axis the recorded run takes; the rest is what comes
constexpr double minimumSpan = 5.0;

}  // namespace

QString titleOfFault(const std::string& kind, const std::string& target) {
    QString what = format::text(kind).replace(QLatin1Char('-'), QLatin1Char(' '));
    if (kind == "power") {
        what = TimeStrip::tr("power loss");
    }
    constexpr std::string_view leader = "leader:";
    const QString whom = target.starts_with(leader)
                             ? TimeStrip::tr("leader of %1").arg(format::text(target.substr(leader.size())))
                             : format::text(observe::titleOf(target));
    return what + QLatin1Char(' ') + whom;
}

TimeStrip::TimeStrip(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Time strip"));
    setAccessibleDescription(tr("Left and Right go back and forth in the recorded run, Home to its start, End to now"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize TimeStrip::sizeHint() const {
    return {800, static_cast<int>(branchLane(branchRowsMax - 1).bottom() + 2)};
}

void TimeStrip::setSnapshot(observe::SnapshotPtr snapshot) {
    m_snapshot = std::move(snapshot);
    if (!m_snapshot) {
        m_shownEnd = SimTime{};
    }
    fitAxis();
    fitCurve();
    update();
}

/// The axis grows in steps of a tenth, so that the strip does not creep all the time.
void TimeStrip::fitAxis() {
    double wanted = m_snapshot ? std::max(minimumSpan, seconds(m_snapshot->run.furthest) / pastShare) : minimumSpan;
    for (const PlannedBar& bar : m_plan) {
        wanted = std::max(wanted, seconds(bar.until == SimTime::max() ? bar.at : bar.until) * 1.1);
    }
    const double shown = seconds(m_shownEnd);
    if (wanted > shown || wanted < shown * 0.5) {
        m_shownEnd = SimTime(fromSeconds(wanted * 1.05));
    }
}

void TimeStrip::setCursorTime(double atSeconds) {
    if (m_cursor != atSeconds) {
        m_cursor = atSeconds;
        update();
    }
}

SimTime TimeStrip::axisEnd() const {
    return std::max(m_shownEnd, SimTime(fromSeconds(minimumSpan)));
}

double TimeStrip::xOf(SimTime time) const {
    const double width = this->width() - labelWidth - rightMargin;
    return labelWidth + width * std::clamp(seconds(time) / seconds(axisEnd()), 0.0, 1.0);
}

SimTime TimeStrip::timeAt(double x) const {
    const double width = std::max(1.0, this->width() - labelWidth - rightMargin);
    const double share = std::clamp((x - labelWidth) / width, 0.0, 1.0);
    return SimTime(fromSeconds(share * seconds(axisEnd())));
}

bool TimeStrip::isInPast() const {
    return m_snapshot && m_snapshot->run.now < m_snapshot->run.furthest;
}

QRectF TimeStrip::runLane() const {
    return {labelWidth, 18, width() - labelWidth - rightMargin, 26};
}

QRectF TimeStrip::faultLane() const {
    return {labelWidth, runLane().bottom() + 5, width() - labelWidth - rightMargin, faultRowsMax * rowPitch};
}

QRectF TimeStrip::branchLane(std::size_t row) const {
    constexpr double height = 12;
    return {labelWidth, planLane().bottom() + 1 + static_cast<double>(row) * height, width() - labelWidth - rightMargin,
            height};
}

std::vector<const observe::BranchLane*> TimeStrip::otherBranches() const {
    std::vector<const observe::BranchLane*> others;
    for (const observe::BranchLane& branch : m_snapshot->run.branches) {
        if (!branch.isCurrent) {
            others.push_back(&branch);
        }
    }
    std::reverse(others.begin(), others.end());  // the newest is nearest
    return others;
}

/// When the branch and the current one parted: either may be the older.
SimTime TimeStrip::partingOf(const observe::BranchLane& branch) const {
    const auto& branches = m_snapshot->run.branches;
    const auto find = [&](std::uint32_t id) {
        const auto it = std::find_if(branches.begin(), branches.end(), [&](const auto& each) { return each.id == id; });
        return it == branches.end() ? nullptr : &*it;
    };
    // Ancestors of the current branch, each with the time up to which they are one.
    std::map<std::uint32_t, SimTime> shared;
    const auto current =
        std::find_if(branches.begin(), branches.end(), [](const auto& each) { return each.isCurrent; });
    SimTime until = SimTime::max();
    for (const observe::BranchLane* lane = current == branches.end() ? nullptr : &*current;
         lane != nullptr && !shared.contains(lane->id); lane = find(lane->parent)) {
        shared[lane->id] = until;
        until = std::min(until, lane->forkedAt);
    }
    SimTime parting = SimTime::max();
    std::size_t steps = 0;
    for (const observe::BranchLane* lane = &branch; lane != nullptr && steps <= branches.size();
         lane = find(lane->parent), ++steps) {
        if (shared.contains(lane->id)) {
            return std::min(parting, shared[lane->id]);
        }
        parting = std::min(parting, lane->forkedAt);
    }
    return branch.forkedAt;
}

int TimeStrip::faultRow(std::size_t index) const {
    // Greedy: the first row whose last bar ends before this one begins, as labels need room too.
    std::vector<double> ends(faultRowsMax, -1e9);
    int row = 0;
    for (std::size_t i = 0; i <= index; ++i) {
        if (isInPlanLane(m_snapshot->run.faults[i])) {
            continue;
        }
        const QRectF box = faultBox(m_snapshot->run.faults[i], 0);
        row = 0;
        for (int r = 0; r < faultRowsMax; ++r) {
            if (ends[static_cast<std::size_t>(r)] <= box.left()) {
                row = r;
                break;
            }
            row = ends[static_cast<std::size_t>(r)] < ends[static_cast<std::size_t>(row)] ? r : row;
        }
        ends[static_cast<std::size_t>(row)] = std::max(box.right(), box.left() + 90);
    }
    return row;
}

QRectF TimeStrip::faultBox(const observe::FaultBar& fault, int row) const {
    const double left = xOf(fault.at);
    const double right =
        fault.until == SimTime::max() ? xOf(std::max(m_snapshot->run.furthest, fault.at)) : xOf(fault.until);
    const double top = faultLane().top() + row * rowPitch;
    return {left, top, std::max(right - left, 4.0), faultRowHeight};
}

QRectF TimeStrip::faultLabelBox(std::size_t index) const {
    const observe::FaultBar& fault = m_snapshot->run.faults[index];
    if (isInPlanLane(fault)) {
        return {};
    }
    constexpr double space = 7;
    const int row = faultRow(index);
    const QRectF box = faultBox(fault, row);
    const double length =
        QFontMetricsF(textFont(TextRole::Caption)).horizontalAdvance(titleOfFault(fault.kind, fault.target)) + 2;
    const double now = xOf(m_snapshot->run.now);
    const auto isFree = [&](const QRectF& words, bool isInside) {
        if (words.left() < labelWidth || words.right() > width() ||
            (words.left() - space < now && now < words.right() + 2)) {
            return false;
        }
        for (std::size_t i = 0; i < m_snapshot->run.faults.size() && !isInside; ++i) {
            const observe::FaultBar& other = m_snapshot->run.faults[i];
            if (i != index && !isInPlanLane(other) && faultBox(other, faultRow(i)).intersects(words)) {
                return false;
            }
        }
        return true;
    };
    const QRectF inside(box.left() + space, box.top(), length, box.height());
    if (length + space + 2 <= box.width() && isFree(inside, true)) {
        return inside;
    }
    if (const QRectF after(box.right() + space, box.top(), length, box.height()); isFree(after, false)) {
        return after;
    }
    if (const QRectF before(box.left() - space - length, box.top(), length, box.height()); isFree(before, false)) {
        return before;
    }
    // No room for all of it: as much as the bar has, up to the present or from there on.
    const double split = std::clamp(now, box.left(), box.right());
    const bool isLeft = split - box.left() >= box.right() - split;
    const double from = (isLeft ? box.left() : split) + space;
    return {from, box.top(), std::max((isLeft ? split : box.right()) - 3 - from, 0.0), box.height()};
}

bool TimeStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && (m_snapshot || !m_plan.empty())) {
        auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), toolTipAt(help->pos()), this);
        return true;
    }
    return QWidget::event(event);
}

QString TimeStrip::toolTipAt(const QPointF& position) const {
    int planned = -1;
    if (gripAt(position, planned) != PlanGrip::None) {
        const PlannedBar& bar = m_plan[static_cast<std::size_t>(planned)];
        const QString until =
            bar.until == SimTime::max() ? tr("and stays so") : tr("until %1").arg(format::seconds(bar.until));
        return tr("planned: %1 at %2 %3\nDrag it to another time, its right end to another length; Delete removes it")
            .arg(bar.title, format::seconds(bar.at), until);
    }
    if (!m_snapshot) {
        return {};
    }
    for (std::size_t i = 0; i < m_snapshot->run.faults.size(); ++i) {
        const observe::FaultBar& fault = m_snapshot->run.faults[i];
        if (isInPlanLane(fault)) {
            continue;
        }
        if (faultBox(fault, faultRow(i)).contains(position) || faultLabelBox(i).contains(position)) {
            const bool isToCome = fault.at > m_snapshot->run.furthest;
            const bool goesOn = fault.until != SimTime::max() && fault.until > m_snapshot->run.furthest;
            const QString until = fault.until == SimTime::max()
                                      ? isToCome ? tr("and to stay so") : tr("and still lasts")
                                  : goesOn ? tr("and planned until %1").arg(format::seconds(fault.until))
                                           : tr("until %1").arg(format::seconds(fault.until));
            return (isToCome ? tr("planned: %1 at %2 %3") : tr("%1 at %2 %3"))
                .arg(titleOfFault(fault.kind, fault.target), format::seconds(fault.at), until);
        }
    }
    const auto others = otherBranches();
    for (std::size_t row = 0; row < others.size(); ++row) {
        if (branchLane(row).contains(position)) {
            return tr("%1: left at %2, run to %3. Click to go there")
                .arg(format::text(others[row]->title), format::seconds(partingOf(*others[row])),
                     format::seconds(others[row]->furthest));
        }
    }
    const SimTime time = timeAt(position.x());
    const QString curve = runLane().contains(position) ? QLatin1Char('\n') + curveText() : QString();
    if (time > m_snapshot->run.furthest) {
        return tr("not run yet") + curve;
    }
    return tr("%1: click or drag to go there. Ticks under the lane are checkpoints, dots are warnings and errors")
               .arg(format::seconds(time)) +
           curve;
}

void TimeStrip::seekTo(double x) {
    const SimTime time = std::min(timeAt(x), m_snapshot->run.furthest);
    if (m_isDragging && time == m_draggedTo) {
        return;
    }
    m_draggedTo = time;
    update();
    emit seekRequested(time);
}

void TimeStrip::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) {
        return;
    }
    m_planGrip = gripAt(event->position(), m_planChosen);
    if (m_planGrip != PlanGrip::None) {
        m_planBefore = m_plan[static_cast<std::size_t>(m_planChosen)];
        m_planFrom = event->position().x();
        setFocus(Qt::MouseFocusReason);
        update();
        return;
    }
    if (!m_snapshot) {
        return;
    }
    const auto others = otherBranches();
    for (std::size_t row = 0; row < others.size(); ++row) {
        if (branchLane(row).contains(event->position()) && event->position().x() >= xOf(partingOf(*others[row]))) {
            emit branchRequested(others[row]->id);
            return;
        }
    }
    m_isDragging = true;
    m_draggedTo = SimTime(SimDuration(-1));
    seekTo(event->position().x());
}

void TimeStrip::mouseMoveEvent(QMouseEvent* event) {
    if (m_planGrip != PlanGrip::None) {
        dragPlanTo(event->position().x());
        return;
    }
    int over = -1;
    if (const PlanGrip grip = gripAt(event->position(), over); grip != PlanGrip::None && !m_isDragging) {
        setCursor(grip == PlanGrip::End ? Qt::SizeHorCursor : Qt::OpenHandCursor);
        return;
    }
    if (!m_snapshot) {
        return;
    }
    if (m_isDragging) {
        seekTo(event->position().x());
    } else {
        setCursor(std::abs(event->position().x() - xOf(m_snapshot->run.now)) < 8 ? Qt::SizeHorCursor : Qt::ArrowCursor);
    }
    emit hovered(seconds(timeAt(event->position().x())));
}

void TimeStrip::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) {
        m_isDragging = false;
        if (std::exchange(m_planGrip, PlanGrip::None) != PlanGrip::None) {
            const PlannedBar bar = m_plan[static_cast<std::size_t>(m_planChosen)];
            if (bar != m_planBefore) {
                emit planMoved(m_planChosen, bar.at, bar.until);
            }
        }
        update();
    }
}

void TimeStrip::keyPressEvent(QKeyEvent* event) {
    const bool isChosen = m_planChosen >= 0 && m_planChosen < static_cast<int>(m_plan.size());
    if (isChosen && (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)) {
        emit planRemoveRequested(std::exchange(m_planChosen, -1));
        return;
    }
    if (!m_snapshot) {
        QWidget::keyPressEvent(event);
        return;
    }
    const SimDuration step =
        SimDuration(std::chrono::milliseconds(event->modifiers() & Qt::ShiftModifier ? 1000 : 100));
    switch (event->key()) {
        case Qt::Key_Left:
            emit seekRequested(std::max(SimTime{}, m_snapshot->run.now - step));
            break;
        case Qt::Key_Right:
            emit seekRequested(std::min(m_snapshot->run.furthest, m_snapshot->run.now + step));
            break;
        case Qt::Key_Home:
            emit seekRequested(SimTime{});
            break;
        case Qt::Key_End:
            emit backToNowRequested();
            break;
        default:
            QWidget::keyPressEvent(event);
    }
}

void TimeStrip::leaveEvent(QEvent* event) {
    emit hovered(-1);
    QWidget::leaveEvent(event);
}

void TimeStrip::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) {
        update();
    }
    QWidget::changeEvent(event);
}

}  // namespace millrace::widgets
