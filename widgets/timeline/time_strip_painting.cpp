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

void TimeStrip::paintEvent(QPaintEvent* event) {
    Q_UNUSED(event)
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), isInPast() ? theme().pastTint : theme().surface);
    paintPlan(painter);
    if (!m_snapshot) {
        painter.setFont(textFont(TextRole::Body));
        painter.setPen(theme().dim);
        painter.drawText(QRectF(0, 0, width(), planLane().top()), Qt::AlignCenter,
                         tr("The run appears here. Press Space to play."));
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
        // To the true maximum, and by columns of a pixel with the highest of each: the past looks as it looked then.
        double top = 1e-9;
        for (const observe::SeriesPoint& point : overview->points) {
            top = std::max(top, point.mean);
        }
        QPolygonF curve;
        for (const observe::SeriesPoint& point : overview->points) {
            const double x = xOf(point.at);
            const double y = lane.bottom() - 4 - point.mean / top * (lane.height() - 8);
            if (curve.isEmpty() || x - curve.last().x() >= 1.0) {
                curve.append(QPointF(x, y));
            } else {
                curve.last().setY(std::min(curve.last().y(), y));
            }
        }
        painter.setPen(QPen(colors.accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(curve);
        painter.setPen(colors.dim);
        const QRectF right(recordedTo + 12, lane.top(), lane.right() - recordedTo - 12, lane.height());
        const QString legend = tr("%1, top %2").arg(format::text(overview->name), format::value(top, overview->unit));
        if (painter.fontMetrics().horizontalAdvance(legend) < right.width()) {
            painter.drawText(right, Qt::AlignRight | Qt::AlignBottom, legend);
        }
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
        painter.drawText(
            QRectF(lane.left(), lane.top(), lane.width(), faultRowHeight), Qt::AlignVCenter,
            tr("none yet: take a fault tool from the toolbar and click something, or Alt+click to plan it"));
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
        painter.drawText(QRectF(box.left() + 7, box.top(), std::max(box.width() - 8, 160.0), box.height()),
                         Qt::AlignVCenter, titleOfFault(fault.kind, fault.target));
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

}  // namespace millrace::widgets
