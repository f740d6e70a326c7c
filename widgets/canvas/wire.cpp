#include "widgets/canvas/wire.h"

#include <algorithm>
#include <cmath>

namespace millrace::widgets {

namespace {

constexpr double step = 3;        // between two points of a wire
constexpr double outOfPort = 20;  // so far a wire that goes around leaves its card
constexpr double clear = 14;      // between a wire that goes around and the cards that it passes

/// By lengths along the path, which is walked once.
std::vector<QPointF> pointsOf(const QPainterPath& path) {
    std::vector<QPointF> points;
    const QList<QPolygonF> lines = path.toSubpathPolygons();
    double left = 0;
    for (const QPolygonF& line : lines) {
        for (qsizetype i = 0; i + 1 < line.size(); ++i) {
            const QPointF way = line[i + 1] - line[i];
            const double length = std::hypot(way.x(), way.y());
            for (; left <= length && length > 0; left += step) {
                points.push_back(line[i] + way * (left / length));
            }
            left -= length;
        }
    }
    if (!path.isEmpty()) {
        points.push_back(path.pointAtPercent(1));
    }
    return points;
}

Wire wireOf(const QPainterPath& path) {
    Wire wire;
    wire.path = path;
    wire.points = pointsOf(path);
    wire.length = path.length();
    return wire;
}

void curve(QPainterPath& path, const QPointF& to) {
    const QPointF from = path.currentPosition();
    const double bend = std::clamp(std::abs(to.x() - from.x()) / 2, 24.0, 140.0);
    path.cubicTo(from + QPointF(bend, 0), to - QPointF(bend, 0), to);
}

/// Whether it passes behind a card; a card is entered only at the port where the wire begins or ends.
bool isBehindCard(const Wire& wire, const std::vector<QRectF>& cards) {
    const QRectF reach = wire.path.controlPointRect().adjusted(-1, -1, 1, 1);
    for (const QRectF& card : cards) {
        const QRectF box = card.adjusted(2, -5, -2, 5);
        if (!box.intersects(reach)) {
            continue;
        }
        if (std::any_of(wire.points.begin(), wire.points.end(), [&](const QPointF& at) { return box.contains(at); })) {
            return true;
        }
    }
    return false;
}

/// Through corners that are rounded.
QPainterPath rounded(const std::vector<QPointF>& corners) {
    constexpr double radius = 10;
    QPainterPath path(corners.front());
    for (std::size_t i = 1; i + 1 < corners.size(); ++i) {
        const QPointF before = corners[i] - corners[i - 1];
        const QPointF after = corners[i + 1] - corners[i];
        const double in = std::hypot(before.x(), before.y());
        const double out = std::hypot(after.x(), after.y());
        if (in < 1 || out < 1) {
            continue;
        }
        const double r = std::min({radius, in / 2, out / 2});
        path.lineTo(corners[i] - before / in * r);
        path.quadTo(corners[i], corners[i] + after / out * r);
    }
    path.lineTo(corners.back());
    return path;
}

/// Out of the port, along a line above or below cards, and back to the other port.
Wire around(const QPointF& start, const QPointF& end, const std::vector<QRectF>& cards) {
    const double out = start.x() + outOfPort;
    const double in = end.x() - outOfPort;
    const auto through = [&](double y) {
        return wireOf(rounded({start, {out, start.y()}, {out, y}, {in, y}, {in, end.y()}, end}));
    };
    std::vector<double> levels;
    for (const QRectF& card : cards) {
        if (card.right() > std::min(in, out) - clear && card.left() < std::max(in, out) + clear) {
            levels.push_back(card.top() - clear);
            levels.push_back(card.bottom() + clear);
        }
    }
    std::sort(levels.begin(), levels.end(), [&](double a, double b) {
        const auto way = [&](double y) { return std::abs(y - start.y()) + std::abs(y - end.y()); };
        return std::pair(way(a), -a) < std::pair(way(b), -b);
    });
    constexpr std::size_t tried = 24;
    for (std::size_t i = 0; i < std::min(levels.size(), tried); ++i) {
        Wire wire = through(levels[i]);
        if (!isBehindCard(wire, cards)) {
            return wire;
        }
    }
    const auto lowest = std::max_element(levels.begin(), levels.end());
    return through(lowest == levels.end() ? std::max(start.y(), end.y()) + 60 : *lowest);
}

}  // namespace

QPointF Wire::at(double along) const {
    const auto last = points.size() - 1;
    return points[std::min(static_cast<std::size_t>(std::max(0.0, along) / step + 0.5), last)];
}

Wire routeWire(const QPointF& start, const QPointF& end, const std::vector<QRectF>& cards) {
    constexpr double gap = 62;
    constexpr double least = 24;  // nearer than this a card does not stand in front of the other
    if (end.x() - start.x() < least) {
        return around(start, end, cards);
    }
    QPainterPath direct(start);
    curve(direct, end);
    Wire wire = wireOf(direct);
    if (!isBehindCard(wire, cards)) {
        return wire;
    }
    if (end.x() - start.x() > 2 * gap) {
        QPainterPath levelWithEnd(start);
        curve(levelWithEnd, QPointF(start.x() + gap, end.y()));
        levelWithEnd.lineTo(end);
        QPainterPath levelWithStart(start);
        levelWithStart.lineTo(end.x() - gap, start.y());
        curve(levelWithStart, end);
        for (const QPainterPath& path : {levelWithEnd, levelWithStart}) {
            if (Wire level = wireOf(path); !isBehindCard(level, cards)) {
                return level;
            }
        }
    }
    Wire detour = around(start, end, cards);
    return isBehindCard(detour, cards) ? wire : detour;
}

}  // namespace millrace::widgets
