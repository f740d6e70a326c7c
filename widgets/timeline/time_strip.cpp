#include "widgets/timeline/time_strip.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "engine/base/faults.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

constexpr double pastShare = 0.86;  // how much of the axis the recorded run takes; the rest is what comes
constexpr double minimumSpan = 5.0;
constexpr double shortestStretch = 0.001;  // s: below it the ruler has no round numbers left
constexpr double followShare = 0.8;        // of a zoomed stretch lies before the present that it follows

}  // namespace

namespace {

constexpr std::string_view leaderTarget = "leader:";

QString wordsOfFault(const std::string& kind) {
    const FaultRow* row = findFault(kind);
    return row != nullptr ? TimeStrip::tr(std::string(row->title).c_str()) : format::text(kind);
}

}  // namespace

QString titleOfFault(const std::string& kind, const std::string& target) {
    const QString whom = target.starts_with(leaderTarget)
                             ? TimeStrip::tr("leader of %1").arg(format::text(target.substr(leaderTarget.size())))
                             : format::text(observe::titleOf(target));
    return wordsOfFault(kind) + QLatin1Char(' ') + whom;
}

QString briefTitleOfFault(const std::string& kind, const std::string& target) {
    if (target.starts_with(leaderTarget)) {
        return TimeStrip::tr("%1 %2 leader").arg(wordsOfFault(kind), format::text(target.substr(leaderTarget.size())));
    }
    const QString name = format::text(observe::nameOf(target));
    return name.isEmpty() || !name.front().isLetter() ? titleOfFault(kind, target)
                                                      : wordsOfFault(kind) + QLatin1Char(' ') + name;
}

TimeStrip::TimeStrip(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Time strip"));
    setAccessibleDescription(
        tr("Left and Right go back and forth in the recorded run, Home to its start, End to now; + and - zoom, 0 shows "
           "all of it"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize TimeStrip::sizeHint() const {
    if (m_isCompact) {
        return {240, static_cast<int>(rulerRow().bottom())};
    }
    // Without branches there is nothing below the plan; whoever makes the first one sees their lanes open.
    const bool hasBranches = m_snapshot && m_snapshot->run.branches.size() > 1;
    return {800, static_cast<int>((hasBranches ? branchLane(branchRowsMax - 1) : planLane()).bottom() + 2)};
}

void TimeStrip::setSnapshot(observe::SnapshotPtr snapshot) {
    const SimTime before = m_snapshot ? m_snapshot->run.furthest : SimTime::max();
    const QSize needed = sizeHint();
    m_snapshot = std::move(snapshot);
    if (sizeHint() != needed) {
        updateGeometry();
    }
    if (!m_snapshot) {
        m_shownEnd = SimTime{};
        showAll();
    }
    fitAxis();
    followPresent(before);
    fitCurve();
    changed();
}

SimTime TimeStrip::visibleFrom() const {
    return m_isZoomed ? m_zoomFrom : SimTime{};
}

SimTime TimeStrip::visibleTo() const {
    return m_isZoomed ? m_zoomTo : axisEnd();
}

void TimeStrip::setVisibleRange(SimTime from, SimTime to) {
    const double end = seconds(axisEnd());
    const double length = std::clamp(seconds(to) - seconds(from), shortestStretch, end);
    const double start = std::clamp(seconds(from), 0.0, end - length);
    m_isZoomed = length < end * 0.999;
    m_zoomFrom = SimTime(fromSeconds(start));
    m_zoomTo = SimTime(fromSeconds(start + length));
    tellRange();
}

void TimeStrip::showAll() {
    m_isZoomed = false;
    tellRange();
}

void TimeStrip::tellRange() {
    changed();
    emit visibleRangeChanged(visibleFrom(), visibleTo());
}

void TimeStrip::zoomAround(SimTime fixed, double factor) {
    const double at = seconds(fixed);
    setVisibleRange(SimTime(fromSeconds(std::max(0.0, at - (at - seconds(visibleFrom())) / factor))),
                    SimTime(fromSeconds(at + (seconds(visibleTo()) - at) / factor)));
}

/// A stretch that held the present holds it still; one that was looked at for its own sake stays where it is.
void TimeStrip::followPresent(SimTime presentBefore) {
    if (!m_isZoomed || !m_snapshot || m_isDragging) {
        return;
    }
    const SimTime present = m_snapshot->run.furthest;
    const bool wasInView = presentBefore >= m_zoomFrom && presentBefore <= m_zoomTo;
    if (wasInView && present > m_zoomTo && m_snapshot->run.now == present) {
        const SimDuration length = m_zoomTo - m_zoomFrom;
        const SimTime from = present - fromSeconds(seconds(length) * followShare);
        setVisibleRange(from, from + length);
    }
}

void TimeStrip::setCompact(bool isCompact) {
    if (m_isCompact != isCompact) {
        m_isCompact = isCompact;
        m_planGrip = PlanGrip::None;
        updateGeometry();
        changed();
    }
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
        if (!m_isZoomed) {
            tellRange();
        }
    }
}

void TimeStrip::setInvitation(const QString& words) {
    m_invitation = words;
    update();
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

/// What lies out of view has its place outside of the lanes, but not so far that pixels lose their meaning.
double TimeStrip::xOf(SimTime time) const {
    const double from = seconds(visibleFrom());
    const double share = (seconds(time) - from) / std::max(1e-9, seconds(visibleTo()) - from);
    return left() + laneWidth() * (m_isZoomed ? std::clamp(share, -1.0, 2.0) : std::clamp(share, 0.0, 1.0));
}

SimTime TimeStrip::timeAt(double x) const {
    const double share = std::clamp((x - left()) / laneWidth(), 0.0, 1.0);
    return SimTime(fromSeconds(seconds(visibleFrom()) + share * (seconds(visibleTo()) - seconds(visibleFrom()))));
}

bool TimeStrip::isInPast() const {
    return m_snapshot && m_snapshot->run.now < m_snapshot->run.furthest;
}

QRectF TimeStrip::runLane() const {
    return {left(), 18, laneWidth(), m_isCompact ? 20.0 : 26.0};
}

/// Of a compact strip below the curve: above it stand the names of faults.
QRectF TimeStrip::rulerRow() const {
    constexpr double height = 14;
    return m_isCompact ? QRectF(left(), runLane().bottom() + 2, laneWidth(), height)
                       : QRectF(left(), 0, laneWidth(), runLane().top() - 3);
}

QRectF TimeStrip::faultLane() const {
    if (m_isCompact) {
        return runLane();
    }
    return {left(), runLane().bottom() + 5, laneWidth(), faultRowsMax * rowPitch};
}

QRectF TimeStrip::branchLane(std::size_t row) const {
    constexpr double height = 12;
    return {left(), planLane().bottom() + 1 + static_cast<double>(row) * height, laneWidth(), height};
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

bool TimeStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && (m_snapshot || !m_plan.empty())) {
        auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), toolTipAt(help->pos()), this);
        return true;
    }
    return QWidget::event(event);
}

QString TimeStrip::textOfFault(const observe::FaultBar& fault) const {
    const bool isToCome = fault.at > m_snapshot->run.furthest;
    const bool goesOn = fault.until != SimTime::max() && fault.until > m_snapshot->run.furthest;
    const QString until = fault.until == SimTime::max() ? isToCome ? tr("and to stay so") : tr("and still lasts")
                          : goesOn ? tr("and planned until %1").arg(format::seconds(fault.until))
                                                        : tr("until %1").arg(format::seconds(fault.until));
    return (isToCome ? tr("planned: %1 at %2 %3") : tr("%1 at %2 %3"))
        .arg(titleOfFault(fault.kind, fault.target), format::seconds(fault.at), until);
}

QString TimeStrip::rangeText(bool isShort) const {
    if (!m_isZoomed) {
        return {};
    }
    const QString range = tr("%1 to %2 of %3")
                              .arg(format::seconds(visibleFrom()).remove(QStringLiteral(" s")),
                                   format::seconds(visibleTo()), format::seconds(axisEnd()));
    return isShort ? range : tr("%1 · double click here: all of it").arg(range);
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
    if (const int fault = faultAt(position); fault >= 0) {
        constexpr qsizetype toldMax = 8;
        QStringList lines;
        for (std::size_t i = static_cast<std::size_t>(fault); i < m_snapshot->run.faults.size(); ++i) {
            const Place& place = places().faults[i];
            if (lines.size() < toldMax && place.isInView &&
                (static_cast<int>(i) == fault || place.box.contains(position))) {
                lines.append(textOfFault(m_snapshot->run.faults[i]));
            }
        }
        return lines.join(QLatin1Char('\n'));
    }
    const auto others = m_isCompact ? std::vector<const observe::BranchLane*>() : otherBranches();
    for (std::size_t row = 0; row < others.size(); ++row) {
        if (branchLane(row).contains(position)) {
            return tr("%1: left at %2, run to %3. Click to go there")
                .arg(format::text(others[row]->title), format::seconds(partingOf(*others[row])),
                     format::seconds(others[row]->furthest));
        }
    }
    if (m_isZoomed && position.y() < runLane().top()) {
        return tr("%1. A double click here shows all of it").arg(rangeText(true));
    }
    const SimTime time = timeAt(position.x());
    const QString curve = runLane().contains(position) ? QLatin1Char('\n') + curveText() : QString();
    if (time > m_snapshot->run.furthest) {
        return tr("not run yet") + curve;
    }
    return tr("%1: click or drag to go there. Ticks under the lane are checkpoints, dots are warnings and errors.\nThe "
              "wheel zooms, with Shift it moves along; a double click on the ruler shows all of it")
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
        emit planChosen(m_planChosen);
        return;
    }
    if (!m_snapshot) {
        return;
    }
    const auto others = m_isCompact ? std::vector<const observe::BranchLane*>() : otherBranches();
    for (std::size_t row = 0; row < others.size(); ++row) {
        if (branchLane(row).contains(event->position()) && event->position().x() >= xOf(partingOf(*others[row]))) {
            emit branchRequested(others[row]->id);
            return;
        }
    }
    if (const int chosen = plannedAt(event->position()); chosen >= 0) {
        m_planChosen = chosen;
        setFocus(Qt::MouseFocusReason);
        emit planChosen(chosen);
        if (event->position().x() > xOf(m_snapshot->run.furthest)) {
            update();
            return;  // there is nothing there to go to yet
        }
    }
    m_isDragging = true;
    m_draggedTo = SimTime(SimDuration(-1));
    seekTo(event->position().x());
}

/// Which of the plan's faults the run shows as a bar there; -1 when it is none of them.
int TimeStrip::plannedAt(const QPointF& at) const {
    const auto& faults = m_snapshot->run.faults;
    for (std::size_t i = 0; i < faults.size() && !m_isCompact; ++i) {
        const Place& place = places().faults[i];
        if (!place.isInView || !faultLane().contains(at) || !place.box.adjusted(0, -2, 0, 2).contains(at)) {
            continue;
        }
        const QString title = titleOfFault(faults[i].kind, faults[i].target);
        for (std::size_t planned = 0; planned < m_plan.size(); ++planned) {
            if (m_plan[planned].at == faults[i].at && m_plan[planned].title == title) {
                return static_cast<int>(planned);
            }
        }
    }
    return -1;
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

void TimeStrip::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && event->position().y() < runLane().top()) {
        showAll();
    } else {
        mousePressEvent(event);
    }
}

void TimeStrip::wheelEvent(QWheelEvent* event) {
    if (!m_snapshot && m_plan.empty()) {
        event->ignore();
        return;
    }
    constexpr double notch = 120;  // of angleDelta
    const QPoint turn = event->angleDelta();
    if ((event->modifiers() & Qt::ShiftModifier) != 0 || std::abs(turn.x()) > std::abs(turn.y())) {
        if (m_isZoomed) {
            const SimDuration length = m_zoomTo - m_zoomFrom;
            const double notches = (turn.x() != 0 ? turn.x() : turn.y()) / notch;
            const double from = std::max(0.0, seconds(m_zoomFrom) - notches * seconds(length) * 0.1);
            setVisibleRange(SimTime(fromSeconds(from)), SimTime(fromSeconds(from)) + length);
        }
    } else {
        zoomAround(timeAt(event->position().x()), std::pow(1.25, turn.y() / notch));
    }
    event->accept();
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
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            zoomAround(std::clamp(m_snapshot->run.now, visibleFrom(), visibleTo()), 2);
            break;
        case Qt::Key_Minus:
            zoomAround(std::clamp(m_snapshot->run.now, visibleFrom(), visibleTo()), 0.5);
            break;
        case Qt::Key_0:
            showAll();
            break;
        default:
            QWidget::keyPressEvent(event);
    }
}

/// What can be done with the bar under the pointer.
void TimeStrip::contextMenuEvent(QContextMenuEvent* event) {
    QMenu menu(this);
    int planned = -1;
    if (gripAt(event->pos(), planned) != PlanGrip::None) {
        m_planChosen = planned;
        update();
        const QString title = m_plan[static_cast<std::size_t>(planned)].title;
        menu.addAction(tr("Settings of %1").arg(title), this, [this, planned] { emit planChosen(planned); });
        menu.addAction(tr("Remove from the plan: %1").arg(title), this, [this, planned] {
            m_planChosen = -1;
            emit planRemoveRequested(planned);
        });
    } else if (const int fault = m_snapshot ? faultAt(event->pos()) : -1; fault >= 0) {
        const observe::FaultBar& bar = m_snapshot->run.faults[static_cast<std::size_t>(fault)];
        const auto offer = [&](const QString& words, SimTime at) {
            if (at <= m_snapshot->run.furthest) {
                menu.addAction(words.arg(format::seconds(at)), this, [this, at] { emit seekRequested(at); });
            }
        };
        offer(tr("Go to its beginning, %1"), bar.at);
        offer(tr("Go to its end, %1"), bar.until);
    }
    if (m_isZoomed) {
        menu.addAction(tr("Show all of the run"), this, &TimeStrip::showAll);
    }
    if (!menu.isEmpty()) {
        menu.exec(event->globalPos());
    }
}

void TimeStrip::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    changed();
}

void TimeStrip::leaveEvent(QEvent* event) {
    emit hovered(-1);
    QWidget::leaveEvent(event);
}

void TimeStrip::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        changed();
    }
    QWidget::changeEvent(event);
}

}  // namespace millrace::widgets
