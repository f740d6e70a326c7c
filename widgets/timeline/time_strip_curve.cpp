#include <QPainter>
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"
#include "widgets/timeline/time_strip.h"

// The curve of the run as a whole, drawn into its lane.
namespace millrace::widgets {

namespace {

constexpr double usualShare = 0.9;  // of the samples that are not zero: those decide the scale
constexpr double headRoom = 2.0;    // what is higher than that many times the usual is cut

}  // namespace

const observe::SeriesPage* TimeStrip::overview() const {
    const observe::SeriesPage* best = nullptr;
    for (const auto& page : m_snapshot->series) {
        if (page->object.empty() && (best == nullptr || page->name == "throughput")) {
            best = page.get();
        }
    }
    return best;
}

void TimeStrip::fitCurve() {
    m_curve = CurveScale();
    const observe::SeriesPage* page = m_snapshot ? overview() : nullptr;
    if (page == nullptr) {
        return;
    }
    std::vector<double> usual;
    for (const observe::SeriesPoint& point : page->points) {
        // A long run is thinned: the mean of a wider stretch hides its peak, its highest sample does not.
        m_curve.top = std::max(m_curve.top, std::max(point.max, point.mean));
        if (point.mean > 0) {
            usual.push_back(point.mean);
        }
    }
    if (usual.empty()) {
        return;
    }
    const auto nth = usual.begin() + static_cast<std::ptrdiff_t>(usualShare * static_cast<double>(usual.size() - 1));
    std::nth_element(usual.begin(), nth, usual.end());
    m_curve.limit = std::min(m_curve.top, *nth * headRoom);
}

double TimeStrip::curveShareAt(SimTime time) const {
    const observe::SeriesPage* page = m_snapshot ? overview() : nullptr;
    if (page == nullptr) {
        return 0;
    }
    const auto point = std::lower_bound(page->points.begin(), page->points.end(), time,
                                        [](const observe::SeriesPoint& each, SimTime at) { return each.at < at; });
    return point == page->points.end() ? 0 : std::clamp(point->mean / m_curve.limit, 0.0, 1.0);
}

QString TimeStrip::curveText() const {
    const observe::SeriesPage* page = m_snapshot ? overview() : nullptr;
    if (page == nullptr) {
        return {};
    }
    QStringList lines;
    if (page->name == "throughput") {
        lines << tr("throughput: records that all brokers together appended as leaders, per simulated second");
        lines << tr("= sum over the brokers of (records appended in a sample / length of the sample)");
    } else {
        lines << tr("%1, in %2").arg(format::text(page->name), format::text(page->unit));
    }
    lines << tr("top: the highest sample of this run, %1").arg(format::value(m_curve.top, page->unit));
    if (m_curve.cuts()) {
        lines << tr("The lane ends at %1, twice what is usual, so that usual rates and standstills are seen; a tick "
                    "at its upper edge is a peak that goes beyond")
                     .arg(format::value(m_curve.limit, page->unit));
    } else {
        lines << tr("The lane ends at the top, and the scale is linear");
    }
    return lines.join(QLatin1Char('\n'));
}

double TimeStrip::curveTop() const {
    return runLane().top();
}

void TimeStrip::paintCurve(QPainter& painter) const {
    const observe::SeriesPage* page = overview();
    if (page == nullptr || page->points.size() < 2) {
        return;
    }
    const Palette& colors = theme();
    const QRectF lane = runLane();
    const double floor = lane.bottom() - 4;
    // By columns of a pixel with the highest of each, and the lowest where it stood still.
    struct Column {
        double x = 0;
        double low = 0;
        double high = 0;
        bool isCut = false;
    };
    std::vector<Column> columns;
    for (const observe::SeriesPoint& point : page->points) {
        const double x = xOf(point.at);
        const double height = std::clamp(point.mean / m_curve.limit, 0.0, 1.0) * (lane.height() - 8);
        const bool isCut = std::max(point.max, point.mean) > m_curve.limit * 1.001;
        if (columns.empty() || x - columns.back().x >= 1.0) {
            columns.push_back({x, floor - height, floor - height, isCut});
        } else {
            columns.back().low = std::max(columns.back().low, floor - height);
            columns.back().high = std::min(columns.back().high, floor - height);
            columns.back().isCut |= isCut;
        }
    }
    // The last sample holds until the next one: the present is never beyond the curve.
    const SimTime furthest = m_snapshot->run.furthest;
    const auto last = page->points.end() - 1;
    if (furthest > last->at && furthest - last->at <= 2 * (last->at - std::prev(last)->at)) {
        const double height = std::clamp(last->mean / m_curve.limit, 0.0, 1.0) * (lane.height() - 8);
        columns.push_back({xOf(furthest), floor - height, floor - height, false});
    }
    QPolygonF curve;
    for (const Column& column : columns) {
        curve.append(QPointF(column.x, column.high));
        if (column.low - column.high > 1) {
            curve.append(QPointF(column.x, column.low));
        }
    }
    painter.setPen(QPen(colors.accent, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(curve);
    painter.setPen(QPen(colors.accent, 2));  // of the curve: a peak is no fault
    for (const Column& column : columns) {
        if (column.isCut) {
            painter.drawLine(QPointF(column.x, lane.top() + 1), QPointF(column.x, lane.top() + 4));
        }
    }
}

QString TimeStrip::curveCaption() const {
    QStringList words;
    for (const CurveCaption& each : captions()) {
        words.append(each.words);
    }
    return words.join(QStringLiteral(", "));
}

std::vector<QRectF> TimeStrip::curveCaptionBoxes() const {
    std::vector<QRectF> boxes;
    for (const CurveCaption& each : captions()) {
        boxes.push_back(each.box);
    }
    return boxes;
}

namespace {

constexpr double besideCaption = 14;  // what the curve counts is not read with what stands beside it

/// The first stretch of a row, from its left end on, that holds a width and touches none of what stands there.
std::optional<double> freeStretch(double left, double right, double width, std::vector<QRectF> taken) {
    std::sort(taken.begin(), taken.end(), [](const QRectF& a, const QRectF& b) { return a.left() < b.left(); });
    double from = left;
    for (const QRectF& box : taken) {
        if (from + width + besideCaption <= box.left()) {
            break;
        }
        from = std::max(from, box.right() + besideCaption);
    }
    return from + width <= right ? std::optional(from) : std::nullopt;
}

}  // namespace

/// Of a compact strip above it, beside the names of faults; else right of what was run, or under it where no instant is
/// named: nothing makes way. Where it does not fit in one piece its scale stands on the lane, its name above. The
/// tool-tip says what there is no room for.
std::vector<TimeStrip::CurveCaption> TimeStrip::captions() const {
    const observe::SeriesPage* page = m_snapshot ? overview() : nullptr;
    if (page == nullptr || page->points.size() < 2) {
        return {};
    }
    const QString name = page->name == "throughput" ? tr("records in") : format::text(page->name);
    const QString top = format::value(m_curve.top, page->unit);
    const QString limit = format::value(m_curve.limit, page->unit);
    const bool isCut = m_curve.cuts();
    const QStringList whole = isCut ? QStringList{tr("%1, up to %2; peak %3").arg(name, limit, top),
                                                  tr("%1 ≤ %2; peak %3").arg(name, limit, top)}
                                    : QStringList{tr("%1, up to %2").arg(name, top), tr("%1 ≤ %2").arg(name, top)};
    const QFontMetricsF metrics(textFont(TextRole::Caption));
    const auto widthOf = [&](const QString& words) { return metrics.horizontalAdvance(words) + 2; };
    const auto onLane = [&](const QString& words) { return captionOnLane({widthOf(words), metrics.height()}); };
    const auto beside = [&](const QString& words) {
        return m_isCompact ? captionBesideLane(widthOf(words)) : QRectF();
    };
    for (const QString& words : whole) {
        const QRectF above = beside(words);
        if (const QRectF place = above.isEmpty() ? onLane(words) : above; !place.isEmpty()) {
            return {{words, place}};
        }
    }
    std::vector<CurveCaption> pieces;
    const QStringList scales{tr("up to %1").arg(limit), tr("≤ %1").arg(limit)};
    for (const QString& words : scales) {
        if (const QRectF place = onLane(words); pieces.empty() && !place.isEmpty()) {
            pieces.push_back({words, place});
        }
    }
    // Beside the name of a fault a scale would be read with it.
    const bool hasScale = !pieces.empty();
    const QStringList names = isCut ? QStringList{tr("%1, peak %2").arg(name, top), name} : QStringList{name};
    for (const QString& words : hasScale ? names : isCut ? names.first(1) : scales) {
        if (const QRectF place = beside(words);
            pieces.size() < (hasScale ? 2U : 1U) && !place.isEmpty() && (hasScale || isCut || place.left() == left())) {
            pieces.push_back({words, place});
        }
    }
    return pieces;
}

/// Above the lane, else in the ruler.
QRectF TimeStrip::captionBesideLane(double width) const {
    std::vector<QRectF> above{presentBox()};
    for (const Place& place : places().faults) {
        if (!place.words.isEmpty()) {
            above.push_back(place.words);
        }
    }
    const QRectF present = presentLabelBox();
    if (const auto from = freeStretch(left(), this->width(), width, std::move(above))) {
        return {*from, present.top(), width, present.height()};
    }
    std::vector<QRectF> below = rulerLabels();
    if (m_isZoomed) {
        below.push_back(rangeBox());
    }
    const auto from = freeStretch(left(), this->width(), width, std::move(below));
    return from ? QRectF(*from, rulerRow().top(), width, rulerRow().height()) : QRectF();
}

/// Right of what was run.
QRectF TimeStrip::captionOnLane(const QSizeF& size) const {
    const QRectF lane = runLane();
    const QRectF box(QPointF(lane.right() - size.width(), lane.bottom() - size.height()), size);
    const auto& faults = places().faults;
    const bool isFree =
        box.left() > xOf(m_snapshot->run.furthest) + 12 && std::none_of(faults.begin(), faults.end(), [&](auto& place) {
            return place.isInView && (place.box.intersects(box) || place.words.intersects(box));
        });
    return isFree ? box : QRectF();
}

void TimeStrip::paintCurveCaption(QPainter& painter) const {
    painter.setFont(textFont(TextRole::Caption));
    for (const CurveCaption& each : captions()) {
        if (each.box.intersects(runLane())) {  // over the line of what is to come
            painter.fillRect(each.box.adjusted(-3, 0, 0, 0), isInPast() ? theme().pastTint : theme().surface);
        }
        painter.setPen(theme().dim);
        painter.drawText(each.box, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip, each.words);
    }
}

}  // namespace millrace::widgets
