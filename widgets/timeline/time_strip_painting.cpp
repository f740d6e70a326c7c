#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "widgets/controls/format.h"
#include "widgets/controls/palette.h"
#include "widgets/timeline/time_strip.h"

// How the strip looks.
namespace millrace::widgets {

namespace {

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

}  // namespace

void TimeStrip::paintEvent(QPaintEvent* event) {
    Q_UNUSED(event)
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), isInPast() ? theme().pastTint : theme().surface);
    if (!m_isCompact) {
        paintLaneNames(painter);
    }
    // The head's arrow and the last words of a lane may reach over its ends, what is out of view may not.
    painter.setClipRect(QRectF(left() - 8, 0, width() - left() + 8, height()));
    if (!m_isCompact) {
        paintPlan(painter);
    }
    if (!m_snapshot) {
        painter.setFont(textFont(TextRole::Body));
        painter.setPen(theme().dim);
        painter.drawText(m_isCompact ? QRectF(rect()) : QRectF(0, 0, width(), planLane().top()), Qt::AlignCenter,
                         tr("The run appears here. Press Space to play."));
        return;
    }
    if (m_isCompact) {
        paintRun(painter);
        paintBands(painter);
    } else {
        paintRun(painter);
        paintFaults(painter);
        paintBranches(painter);
    }
    paintHead(painter);
}

void TimeStrip::paintLaneNames(QPainter& painter) const {
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(theme().dim);
    const auto name = [&](double top, double height, const QString& words) {
        painter.drawText(QRectF(0, top, left() - 10, height), Qt::AlignRight | Qt::AlignVCenter, words);
    };
    if (std::any_of(m_plan.begin(), m_plan.end(), [this](const PlannedBar& bar) { return !hasBegun(bar); })) {
        name(planLane().bottom() - rowPitch, faultRowHeight, tr("planned"));
    }
    if (!m_snapshot) {
        return;
    }
    name(runLane().top(), runLane().height(), tr("run"));
    name(faultLane().top(), faultRowHeight, tr("faults"));
    if (const auto others = otherBranches(); !others.empty() && branchLane(0).bottom() <= height()) {
        name(branchLane(0).top(), branchLane(0).height(),
             others.size() > branchRowsMax ? tr("%1 branches").arg(others.size()) : tr("branches"));
    }
}

/// Faults of a compact strip: bands behind the run, each with its name where there is room for it.
void TimeStrip::paintBands(QPainter& painter) const {
    const Palette& colors = theme();
    const QRectF lane = runLane();
    painter.setFont(textFont(TextRole::Caption));
    double free = left();
    for (const observe::FaultBar& fault : m_snapshot->run.faults) {
        if (!isInView(fault.at, fault.until)) {
            continue;
        }
        const QRectF box = faultBox(fault, 0);
        const bool isToCome = fault.at > m_snapshot->run.furthest;
        QColor fill = colors.faultFill;
        fill.setAlpha(150);
        painter.fillRect(QRectF(box.left(), lane.top(), box.width(), lane.height()),
                         isToCome ? QBrush(fill, Qt::BDiagPattern) : QBrush(fill));
        if (fault.at >= visibleFrom()) {
            painter.fillRect(QRectF(box.left(), lane.top(), 3, lane.height()), colors.bad);
        }
        const QString title = titleOfFault(fault.kind, fault.target);
        const double length = painter.fontMetrics().horizontalAdvance(title);
        const double from = std::max(box.left(), left()) + 6;
        if (from >= free && from + length < width()) {
            painter.setPen(colors.text);
            painter.drawText(QRectF(from, lane.top(), length + 2, 14), Qt::AlignVCenter, title);
            free = from + length + 8;
        }
    }
}

void TimeStrip::paintRun(QPainter& painter) const {
    const Palette& colors = theme();
    const QRectF lane = runLane();
    const double recordedTo = xOf(m_snapshot->run.furthest);
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(colors.dim);
    painter.fillRect(QRectF(lane.left(), lane.top(), recordedTo - lane.left(), lane.height()), colors.background);
    painter.setPen(QPen(colors.line, 1, Qt::DotLine));
    painter.drawLine(QPointF(recordedTo, lane.center().y()), QPointF(lane.right(), lane.center().y()));

    const double end = seconds(visibleTo());
    const double step = roundStep(end - seconds(visibleFrom()));
    for (double at = std::ceil(seconds(visibleFrom()) / step) * step; at <= end; at += step) {
        const double x = xOf(SimTime(fromSeconds(at)));
        painter.setPen(colors.line);
        painter.drawLine(QPointF(x, lane.top() - 3), QPointF(x, lane.top()));
        painter.setPen(colors.dim);
        if (std::abs(x - xOf(m_snapshot->run.now)) > 46) {
            painter.drawText(QRectF(x - 30, 0, 60, lane.top() - 3), Qt::AlignHCenter | Qt::AlignBottom,
                             QStringLiteral("%1 s").arg(at, 0, 'g', 7));
        }
    }
    paintCurve(painter, recordedTo);
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
    const auto& faults = m_snapshot->run.faults;
    if (std::all_of(faults.begin(), faults.end(), [this](const auto& fault) { return isInPlanLane(fault); })) {
        painter.drawText(
            QRectF(lane.left(), lane.top(), lane.width(), faultRowHeight), Qt::AlignVCenter,
            tr("none yet: take a fault tool from the toolbar and click something, or plan one from its menu"));
        return;
    }
    painter.save();
    painter.setClipRect(lane.adjusted(0, -1, rightMargin, 1), Qt::IntersectClip);
    const FaultPlaces places = placesOfFaults();
    for (std::size_t i = 0; i < m_snapshot->run.faults.size(); ++i) {
        const observe::FaultBar& fault = m_snapshot->run.faults[i];
        if (!isInView(fault.at, fault.until) || isInPlanLane(fault)) {
            continue;
        }
        const QRectF box = places.boxes[i];
        // What has been run is filled; what is yet to come is an outline with hatching, up to where it is planned.
        const double met = std::clamp(xOf(m_snapshot->run.furthest), box.left(), box.right());
        const bool hasBegun = fault.at <= m_snapshot->run.furthest;
        const QRectF past(box.left(), box.top(), hasBegun ? std::max(met - box.left(), 4.0) : 0, box.height());
        const QRectF planned(past.right(), box.top(), box.right() - past.right(), box.height());
        if (planned.width() > 1) {
            painter.setPen(QPen(colors.bad, 1, Qt::DashLine));
            painter.setBrush(QBrush(colors.faultFill, Qt::BDiagPattern));
            painter.drawRoundedRect(planned.adjusted(0, 0.5, -0.5, -0.5), 3, 3);
        }
        if (hasBegun) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(colors.faultFill);
            painter.drawRoundedRect(past, 3, 3);
            painter.fillRect(QRectF(past.topLeft(), QSizeF(3, past.height())), colors.bad);
        }
        painter.setPen(colors.text);
        const QRectF words = faultLabelBox(i, places);
        const QString title = titleOfFault(fault.kind, fault.target);
        const bool isWhole = painter.fontMetrics().horizontalAdvance(title) <= words.width();
        painter.drawText(
            words, Qt::AlignVCenter | Qt::TextDontClip,
            isWhole ? title : painter.fontMetrics().elidedText(title, Qt::ElideRight, static_cast<int>(words.width())));
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
        const QString title = format::text(branch.title);
        const double length = painter.fontMetrics().horizontalAdvance(title) + 4;
        QRectF words(to + 8, lane.top(), length, lane.height());
        if (words.right() > width()) {  // on its line, where there is no room after it
            words.moveRight(std::min(to - 8, width() - 4.0));
            painter.fillRect(words.adjusted(-3, 0, 0, 0), isInPast() ? colors.pastTint : colors.surface);
        }
        painter.drawText(words, Qt::AlignVCenter, title);
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

}  // namespace millrace::widgets
