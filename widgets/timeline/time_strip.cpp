#include "widgets/timeline/time_strip.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <map>

#include "widgets/controls/format.h"
#include "widgets/controls/palette.h"

namespace millrace::widgets {

namespace {

constexpr double labelWidth = 76;
constexpr double rightMargin = 16;
constexpr double pastShare = 0.86;  // how much of the axis the recorded run takes; the rest is what comes
constexpr int faultRows = 2;
constexpr double faultRowHeight = 16;
constexpr double minimumSpan = 5.0;

double roundStep(double span) {
    const double raw = span / 8;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (raw <= factor * power) {
            return factor * power;
        }
    }
    return 10 * power;
}

QString faultTitle(const observe::FaultBar& fault) {
    return format::text(fault.kind) + QLatin1Char(' ') + format::text(observe::titleOf(fault.target));
}

/// The figure that tells most about the run as a whole, drawn into the strip.
const observe::SeriesPage* overviewOf(const observe::Snapshot& snapshot) {
    const observe::SeriesPage* best = nullptr;
    for (const auto& page : snapshot.series) {
        if (page->object.empty() && (best == nullptr || page->name == "throughput")) {
            best = page.get();
        }
    }
    return best;
}

}  // namespace

TimeStrip::TimeStrip(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Time strip"));
    setAccessibleDescription(tr("Left and Right go back and forth in the recorded run, Home to its start, End to now"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize TimeStrip::sizeHint() const {
    const std::size_t lanes = m_snapshot ? std::min<std::size_t>(otherBranches().size(), 3) : 0;
    return {800, static_cast<int>(faultLane().bottom() + 6 + static_cast<double>(lanes) * 14)};
}

void TimeStrip::setSnapshot(observe::SnapshotPtr snapshot) {
    const auto branches = m_snapshot ? m_snapshot->run.branches.size() : 0;
    m_snapshot = std::move(snapshot);
    if (!m_snapshot) {
        m_shownEnd = SimTime{};
    } else {
        if (m_snapshot->run.branches.size() != branches) {
            updateGeometry();
        }
        // The axis grows in steps of a tenth, so that the strip does not creep all the time.
        const double wanted = std::max(minimumSpan, seconds(m_snapshot->run.furthest) / pastShare);
        const double shown = seconds(m_shownEnd);
        if (wanted > shown || wanted < shown * 0.5) {
            m_shownEnd = SimTime(fromSeconds(wanted * 1.05));
        }
    }
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
    return {labelWidth, runLane().bottom() + 6, width() - labelWidth - rightMargin, faultRows * (faultRowHeight + 2)};
}

QRectF TimeStrip::branchLane(std::size_t row) const {
    return {labelWidth, faultLane().bottom() + 2 + static_cast<double>(row) * 14, width() - labelWidth - rightMargin,
            14};
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
    std::vector<double> ends(faultRows, -1e9);
    int row = 0;
    for (std::size_t i = 0; i <= index; ++i) {
        const QRectF box = faultBox(m_snapshot->run.faults[i], 0);
        row = 0;
        for (int r = 0; r < faultRows; ++r) {
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
    const double top = faultLane().top() + row * (faultRowHeight + 2);
    return {left, top, std::max(right - left, 4.0), faultRowHeight};
}

void TimeStrip::paintEvent(QPaintEvent* event) {
    Q_UNUSED(event)
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), isInPast() ? theme().pastTint : theme().surface);
    if (!m_snapshot) {
        painter.setPen(theme().dim);
        painter.drawText(rect(), Qt::AlignCenter, tr("The run appears here. Press Space to play."));
        return;
    }
    paintRun(painter);
    paintFaults(painter);
    paintBranches(painter);
    paintHead(painter);
}

void TimeStrip::paintRun(QPainter& painter) const {
    const Palette& colors = theme();
    const QRectF lane = runLane();
    const double recordedTo = xOf(m_snapshot->run.furthest);
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(colors.dim);
    painter.drawText(QRectF(0, lane.top(), labelWidth - 10, lane.height()), Qt::AlignRight | Qt::AlignVCenter,
                     tr("run"));
    painter.fillRect(QRectF(lane.left(), lane.top(), recordedTo - lane.left(), lane.height()), colors.background);
    painter.setPen(QPen(colors.line, 1, Qt::DotLine));
    painter.drawLine(QPointF(recordedTo, lane.center().y()), QPointF(lane.right(), lane.center().y()));

    const double end = seconds(axisEnd());
    const double step = roundStep(end);
    for (double at = 0; at <= end; at += step) {
        const double x = xOf(SimTime(fromSeconds(at)));
        painter.setPen(colors.line);
        painter.drawLine(QPointF(x, lane.top() - 3), QPointF(x, lane.top()));
        painter.setPen(colors.dim);
        if (std::abs(x - xOf(m_snapshot->run.now)) > 46) {
            painter.drawText(QRectF(x - 30, 0, 60, lane.top() - 3), Qt::AlignHCenter | Qt::AlignBottom,
                             QStringLiteral("%1 s").arg(at));
        }
    }
    if (const observe::SeriesPage* overview = overviewOf(*m_snapshot);
        overview != nullptr && overview->points.size() > 1) {
        // One burst, such as the catching up after an outage, must not flatten all the rest.
        std::vector<double> heights;
        for (const observe::SeriesPoint& point : overview->points) {
            heights.push_back(point.mean);
        }
        const auto high = heights.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(heights.size() - 1) * 0.98);
        std::nth_element(heights.begin(), high, heights.end());
        const double top = std::max(1e-9, *high * 1.25);
        QPolygonF curve;
        double lastX = -10;
        for (const observe::SeriesPoint& point : overview->points) {
            const double x = xOf(point.at);
            if (x - lastX >= 1.0) {
                curve.append(QPointF(x, lane.bottom() - 4 - std::min(point.mean / top, 1.0) * (lane.height() - 8)));
                lastX = x;
            }
        }
        painter.setPen(QPen(colors.accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(curve);
    }
    for (const SimTime at : m_snapshot->run.checkpoints) {
        const double x = xOf(at);
        painter.setPen(QPen(colors.off, 1));
        painter.drawLine(QPointF(x, lane.bottom() - 1), QPointF(x, lane.bottom() + 3));
    }
    // What is worth knowing, as dots: where to drag the head.
    painter.setPen(Qt::NoPen);
    double lastDot = -10;
    for (const observe::JournalEntryView& entry : m_snapshot->journal->entries) {
        if (entry.severity >= observe::Severity::Warning && xOf(entry.time) - lastDot >= 5) {
            lastDot = xOf(entry.time);
            painter.setBrush(entry.severity == observe::Severity::Error ? colors.bad : colors.warning);
            painter.drawEllipse(QPointF(lastDot, lane.top() + 4), 2.2, 2.2);
        }
    }
}

void TimeStrip::paintFaults(QPainter& painter) const {
    const Palette& colors = theme();
    const QRectF lane = faultLane();
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(colors.dim);
    painter.drawText(QRectF(0, lane.top(), labelWidth - 10, faultRowHeight), Qt::AlignRight | Qt::AlignVCenter,
                     tr("faults"));
    if (m_snapshot->run.faults.empty()) {
        painter.drawText(QRectF(lane.left(), lane.top(), lane.width(), faultRowHeight), Qt::AlignVCenter,
                         tr("none yet: take a fault tool from the toolbar and click something"));
        return;
    }
    painter.save();
    painter.setClipRect(lane.adjusted(0, -1, rightMargin, 1));
    for (std::size_t i = 0; i < m_snapshot->run.faults.size(); ++i) {
        const observe::FaultBar& fault = m_snapshot->run.faults[i];
        if (fault.at > axisEnd()) {
            continue;
        }
        const QRectF box = faultBox(fault, faultRow(i));
        const bool isToCome = fault.at > m_snapshot->run.now;
        painter.setOpacity(isToCome ? 0.5 : 1.0);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.faultFill);
        painter.drawRoundedRect(box, 3, 3);
        painter.fillRect(QRectF(box.topLeft(), QSizeF(3, box.height())), colors.bad);
        painter.setPen(colors.text);
        painter.drawText(QRectF(box.left() + 7, box.top(), std::max(box.width() - 8, 160.0), box.height()),
                         Qt::AlignVCenter, faultTitle(fault));
    }
    painter.restore();
}

void TimeStrip::paintBranches(QPainter& painter) const {
    const Palette& colors = theme();
    const auto others = otherBranches();
    painter.setFont(textFont(TextRole::Caption));
    for (std::size_t row = 0; row < others.size(); ++row) {
        const QRectF lane = branchLane(row);
        if (lane.bottom() > height()) {
            break;
        }
        const observe::BranchLane& branch = *others[row];
        const double from = xOf(partingOf(branch));
        const double to = std::max(xOf(branch.furthest), from + 12);
        QPainterPath path(QPointF(from, runLane().bottom()));
        path.cubicTo(QPointF(from, lane.center().y()), QPointF(from, lane.center().y()),
                     QPointF(std::min(from + 16, to), lane.center().y()));
        path.lineTo(to, lane.center().y());
        painter.setPen(QPen(colors.sink, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawPath(path);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.sink);
        painter.drawEllipse(QPointF(from, runLane().bottom()), 3, 3);
        painter.setPen(colors.sink);
        painter.drawText(QRectF(to + 8, lane.top(), 320, lane.height()), Qt::AlignVCenter, format::text(branch.title));
        painter.setPen(colors.dim);
        if (row == 0) {
            painter.drawText(QRectF(0, lane.top(), labelWidth - 10, lane.height()), Qt::AlignRight | Qt::AlignVCenter,
                             tr("branches"));
        }
    }
}

void TimeStrip::paintHead(QPainter& painter) const {
    const Palette& colors = theme();
    const double now = xOf(m_isDragging ? m_draggedTo : m_snapshot->run.now);
    const double end = xOf(m_snapshot->run.furthest);
    if (isInPast()) {
        QColor veil = colors.pastTint;
        veil.setAlpha(150);
        painter.fillRect(QRectF(now, runLane().top(), end - now, faultLane().bottom() - runLane().top()), veil);
    }
    if (m_cursor >= 0) {
        const double x = xOf(SimTime(fromSeconds(m_cursor)));
        painter.setPen(QPen(colors.off, 1, Qt::DashLine));
        painter.drawLine(QPointF(x, runLane().top()), QPointF(x, faultLane().bottom()));
    }
    painter.setPen(QPen(colors.text, 2));
    painter.drawLine(QPointF(now, 14), QPointF(now, faultLane().bottom()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.text);
    painter.drawPolygon(QPolygonF({QPointF(now - 6, 6), QPointF(now + 6, 6), QPointF(now, 16)}));
    painter.setPen(colors.dim);
    painter.setFont(textFont(TextRole::Caption));
    const QString label =
        isInPast() || m_isDragging ? format::seconds(m_isDragging ? m_draggedTo : m_snapshot->run.now) : tr("now");
    painter.drawText(QRectF(now + 9, 2, 80, 14), Qt::AlignVCenter, label);
}

bool TimeStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && m_snapshot) {
        auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), toolTipAt(help->pos()), this);
        return true;
    }
    return QWidget::event(event);
}

QString TimeStrip::toolTipAt(const QPointF& position) const {
    for (std::size_t i = 0; i < m_snapshot->run.faults.size(); ++i) {
        const observe::FaultBar& fault = m_snapshot->run.faults[i];
        if (faultBox(fault, faultRow(i)).adjusted(0, 0, 60, 0).contains(position)) {
            const QString until = fault.until == SimTime::max() ? tr("and still lasts")
                                                                : tr("until %1").arg(format::seconds(fault.until));
            return tr("%1 at %2 %3").arg(faultTitle(fault), format::seconds(fault.at), until);
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
    if (time > m_snapshot->run.furthest) {
        return tr("not run yet");
    }
    return tr("%1: click or drag to go there. Ticks under the lane are checkpoints, dots are warnings and errors")
        .arg(format::seconds(time));
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
    if (event->button() != Qt::LeftButton || !m_snapshot) {
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
        update();
    }
}

void TimeStrip::keyPressEvent(QKeyEvent* event) {
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
