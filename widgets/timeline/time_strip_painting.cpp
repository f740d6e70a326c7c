#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"
#include "widgets/timeline/time_strip.h"

// How the strip looks.
namespace millrace::widgets {

namespace {

constexpr double flagWidth = 3;  // at the beginning of a fault's band
constexpr double dotRadius = 2.2;

double roundStep(double span, double parts) {
    const double raw = span / parts;
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
                         m_invitation.isEmpty() ? tr("The run appears here. Press Space to play.") : m_invitation);
        return;
    }
    paintRuler(painter);
    paintRun(painter);
    paintVeil(painter);
    if (m_isCompact) {
        paintNamesOfBands(painter);
    } else {
        paintFaults(painter);
        paintBranches(painter);
    }
    paintCurveCaption(painter);
    paintHead(painter);
}

void TimeStrip::paintLaneNames(QPainter& painter) const {
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(theme().dim);
    const auto name = [&](double top, double height, const QString& words) {
        painter.drawText(QRectF(0, top, left() - 10, height), Qt::AlignRight | Qt::AlignVCenter, words);
    };
    if (places().hasPlan) {
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

/// Faults of a compact strip: bands behind the curve, which is wanted most where something fails.
void TimeStrip::paintBands(QPainter& painter) const {
    const Palette& colors = theme();
    const QRectF lane = runLane();
    const auto& faults = m_snapshot->run.faults;
    painter.save();
    painter.setClipRect(lane, Qt::IntersectClip);
    QColor fill = colors.faultFill;
    fill.setAlpha(150);
    const double present = xOf(m_snapshot->run.furthest);
    for (std::size_t i = 0; i < faults.size(); ++i) {
        const Place& place = places().faults[i];
        if (!place.isInView) {
            continue;
        }
        // What is yet to come is hatched.
        const double met = std::clamp(present, place.box.left(), place.box.right());
        painter.fillRect(QRectF(place.box.left(), lane.top(), met - place.box.left(), lane.height()), fill);
        painter.fillRect(QRectF(met, lane.top(), place.box.right() - met, lane.height()),
                         QBrush(colors.faultFill, Qt::BDiagPattern));
        if (faults[i].at >= visibleFrom()) {
            painter.fillRect(QRectF(place.box.left(), lane.top(), flagWidth, lane.height()), colors.bad);
        }
    }
    painter.restore();
}

void TimeStrip::paintNamesOfBands(QPainter& painter) const {
    const Palette& colors = theme();
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(colors.bad);
    for (const Place& place : places().faults) {
        if (place.words.isEmpty()) {
            continue;
        }
        painter.drawText(place.words, Qt::AlignVCenter | Qt::TextDontClip, place.title);
    }
}

/// At the end of the ruler where the present is not.
QRectF TimeStrip::rangeBox() const {
    if (!m_isZoomed) {
        return {};
    }
    const QFontMetricsF metrics(textFont(TextRole::Caption));
    const double whole = metrics.horizontalAdvance(rangeText(false)) + 4;
    const double width = whole < laneWidth() / 2 ? whole : metrics.horizontalAdvance(rangeText(true)) + 4;
    const bool isLeft = xOf(m_snapshot->run.now) > left() + laneWidth() / 2;
    return {isLeft ? left() : left() + laneWidth() - width, rulerRow().top(), width, rulerRow().height()};
}

QString TimeStrip::presentLabel() const {
    return isInPast() || m_isDragging ? format::seconds(m_isDragging ? m_draggedTo : m_snapshot->run.now) : tr("now");
}

QRectF TimeStrip::presentLabelBox() const {
    const double now = xOf(m_isDragging ? m_draggedTo : m_snapshot->run.now);
    const double length = QFontMetricsF(textFont(TextRole::Caption)).horizontalAdvance(presentLabel()) + 2;
    const bool isRight = now + 9 + length <= width();
    return {isRight ? now + 9 : now - 9 - length, 2, length, 14};
}

/// The name of the present and the arrow at its line.
QRectF TimeStrip::presentBox() const {
    const double now = xOf(m_isDragging ? m_draggedTo : m_snapshot->run.now);
    return presentLabelBox() | QRectF(now - 6, 2, 12, 14);
}

std::vector<QRectF> TimeStrip::rulerLabels() const {
    std::vector<QRectF> boxes;
    for (const RulerMark& mark : rulerMarks()) {
        if (!mark.box.isEmpty()) {
            boxes.push_back(mark.box);
        }
    }
    return boxes;
}

/// What is named stays so far off the name of the present that the two are not read as one.
std::vector<TimeStrip::RulerMark> TimeStrip::rulerMarks() const {
    constexpr double apart = 28;
    const QRectF row = rulerRow();
    const QRectF range = rangeBox();
    const QFontMetricsF metrics(textFont(TextRole::Caption));
    const QRectF present = presentBox().adjusted(-apart / 2, 0, apart, 0);
    std::vector<RulerMark> marks;
    const double end = seconds(visibleTo());
    const double widest = metrics.horizontalAdvance(QStringLiteral("0000.00 s")) + 12;
    const double span = end - seconds(visibleFrom());
    const double step = roundStep(span, std::clamp(laneWidth() / widest, 2.0, 8.0));
    for (double at = std::ceil(seconds(visibleFrom()) / step) * step; at <= end; at += step) {
        const double x = xOf(SimTime(fromSeconds(at)));
        const QString words = QStringLiteral("%1 s").arg(at, 0, 'g', 7);
        const double length = metrics.horizontalAdvance(words);
        const QRectF box(x - length / 2, row.top(), length, row.height());
        const bool isFree = !present.intersects(box) && box.left() >= 0 && box.right() <= width() &&
                            !range.adjusted(-6, 0, 6, 0).intersects(box);
        marks.push_back({x, isFree ? box : QRectF(), words});
    }
    return marks;
}

void TimeStrip::paintRuler(QPainter& painter) const {
    const Palette& colors = theme();
    const QRectF lane = runLane();
    const QRectF range = rangeBox();
    painter.setFont(textFont(TextRole::Caption));
    const QFontMetricsF metrics(painter.font());
    for (const RulerMark& mark : rulerMarks()) {
        painter.setPen(colors.line);
        const double edge = m_isCompact ? lane.bottom() : lane.top() - 3;
        painter.drawLine(QPointF(mark.x, edge), QPointF(mark.x, edge + 3));
        if (!mark.box.isEmpty()) {
            painter.setPen(colors.dim);
            painter.drawText(mark.box, Qt::AlignHCenter | Qt::AlignBottom | Qt::TextDontClip, mark.words);
        }
    }
    if (!range.isEmpty()) {
        const bool isWhole = metrics.horizontalAdvance(rangeText(false)) <= range.width();
        painter.setPen(colors.accent);
        painter.drawText(range, Qt::AlignLeft | Qt::AlignBottom | Qt::TextDontClip, rangeText(!isWhole));
    }
}

/// What is worth knowing, as dots: where to drag the head. One that stands at the beginning of a band is seen beside
/// its flag.
std::vector<std::pair<double, observe::Severity>> TimeStrip::dots() const {
    std::vector<double> flags;
    for (std::size_t i = 0; i < m_snapshot->run.faults.size() && m_isCompact; ++i) {
        const Place& place = places().faults[i];
        if (place.isInView && m_snapshot->run.faults[i].at >= visibleFrom()) {
            flags.push_back(place.box.left());
        }
    }
    std::sort(flags.begin(), flags.end());
    std::vector<std::pair<double, observe::Severity>> dots;
    double last = -10;
    for (const observe::JournalEntryView& entry : m_snapshot->journal->entries) {
        const double at = xOf(entry.time);
        if (entry.severity < observe::Severity::Warning || at - last < 5) {
            continue;
        }
        last = at;
        const auto flag = std::lower_bound(flags.begin(), flags.end(), at - flagWidth - dotRadius);
        const bool isCovered = flag != flags.end() && *flag <= at + dotRadius;
        dots.emplace_back(isCovered ? *flag + flagWidth + dotRadius + 1 : at, entry.severity);
    }
    return dots;
}

std::vector<QPointF> TimeStrip::dotsInView() const {
    std::vector<QPointF> centres;
    for (const auto& dot : dots()) {
        centres.emplace_back(dot.first, runLane().top() + 4);
    }
    return centres;
}

void TimeStrip::paintRun(QPainter& painter) const {
    const Palette& colors = theme();
    const QRectF lane = runLane();
    const double recordedTo = std::clamp(xOf(m_snapshot->run.furthest), lane.left(), lane.right());
    painter.fillRect(QRectF(lane.left(), lane.top(), recordedTo - lane.left(), lane.height()), colors.background);
    painter.setPen(QPen(colors.line, 1, Qt::DotLine));
    painter.drawLine(QPointF(recordedTo, lane.center().y()), QPointF(lane.right(), lane.center().y()));
    if (m_isCompact) {
        paintBands(painter);
    }
    painter.save();
    painter.setClipRect(lane.adjusted(0, 0, 0, 4), Qt::IntersectClip);
    paintCurve(painter);
    for (const SimTime at : m_snapshot->run.checkpoints) {
        const double x = xOf(at);
        painter.setPen(QPen(colors.off, 1));
        painter.drawLine(QPointF(x, lane.bottom() - 1), QPointF(x, lane.bottom() + 3));
    }
    painter.setPen(Qt::NoPen);
    for (const auto& [x, severity] : dots()) {
        painter.setBrush(severity == observe::Severity::Error ? colors.bad : colors.warning);
        painter.drawEllipse(QPointF(x, lane.top() + 4), dotRadius, dotRadius);
    }
    painter.restore();
}

void TimeStrip::paintFaults(QPainter& painter) const {
    const Palette& colors = theme();
    const QRectF lane = faultLane();
    painter.setFont(textFont(TextRole::Caption));
    if (!places().hasFaults) {
        // On the side of the present where it has room.
        const QString words = tr("none yet: take a fault tool from the toolbar and click something");
        const double length = painter.fontMetrics().horizontalAdvance(words);
        const double now = xOf(m_snapshot->run.now);
        const double from = lane.left() + length + 8 <= now ? lane.left() : std::max(lane.left(), now + 8);
        if (from + length <= width()) {
            painter.setPen(colors.dim);
            painter.drawText(QRectF(from, lane.top(), length + 2, faultRowHeight), Qt::AlignVCenter, words);
        }
        return;
    }
    painter.save();
    painter.setClipRect(lane.adjusted(m_isZoomed ? 0 : -2, -1, rightMargin, 1), Qt::IntersectClip);
    const double present = xOf(m_snapshot->run.furthest);
    double covered[faultRowsMax] = {-1e18, -1e18};
    for (std::size_t i = 0; i < m_snapshot->run.faults.size(); ++i) {
        const observe::FaultBar& fault = m_snapshot->run.faults[i];
        const Place& place = places().faults[i];
        const QRectF& box = place.box;
        double& drawn = covered[box.top() > lane.top() + 1 ? 1 : 0];
        if (!place.isInView || (place.words.isEmpty() && box.right() <= drawn)) {
            continue;  // of thousands most would be drawn over each other
        }
        drawn = std::max(drawn, box.right());
        // What has been run is filled; what is yet to come is an outline with hatching, up to where it is planned.
        const double met = std::clamp(present, box.left(), box.right());
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
            if (fault.at >= visibleFrom()) {
                painter.fillRect(QRectF(past.topLeft(), QSizeF(flagWidth, past.height())), colors.bad);
            }
        }
    }
    painter.setPen(colors.text);
    for (std::size_t i = 0; i < m_snapshot->run.faults.size(); ++i) {
        if (const QRectF& words = places().faults[i].words; !words.isEmpty()) {
            const QString& title = places().faults[i].title;
            const bool isWhole = QFontMetricsF(painter.font()).horizontalAdvance(title) <= words.width();
            painter.drawText(
                words, Qt::AlignVCenter | Qt::TextDontClip,
                isWhole ? title
                        : painter.fontMetrics().elidedText(title, Qt::ElideRight, static_cast<int>(words.width())));
        }
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

/// What lies between the past that is shown and the furthest instant, behind bars and names.
void TimeStrip::paintVeil(QPainter& painter) const {
    const double now = std::max(xOf(m_isDragging ? m_draggedTo : m_snapshot->run.now), left());
    const double end = std::min(xOf(m_snapshot->run.furthest), left() + laneWidth());
    if (isInPast() && now < end) {
        QColor veil = theme().pastTint;
        veil.setAlpha(150);
        painter.fillRect(QRectF(now, runLane().top(), end - now, faultLane().bottom() - runLane().top()), veil);
    }
}

void TimeStrip::paintHead(QPainter& painter) const {
    const Palette& colors = theme();
    const double now = xOf(m_isDragging ? m_draggedTo : m_snapshot->run.now);
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
    painter.drawText(presentLabelBox(), Qt::AlignVCenter, presentLabel());
}

}  // namespace millrace::widgets
