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

/// Whether two straight parts lie on each other.
bool areOneLine(const QLineF& a, const QLineF& b) {
    constexpr double apart = 4;
    constexpr double shared = 12;
    const QRectF first = QRectF(a.p1(), a.p2()).normalized();
    const QRectF second = QRectF(b.p1(), b.p2()).normalized();
    const double across = std::min(first.right(), second.right()) - std::max(first.left(), second.left());
    const double down = std::min(first.bottom(), second.bottom()) - std::max(first.top(), second.top());
    const bool areLevel = first.height() < 1 && second.height() < 1;
    const bool areUpright = first.width() < 1 && second.width() < 1;
    return (areLevel && across > shared && down > -apart) || (areUpright && down > shared && across > -apart);
}

bool isTaken(const std::vector<QLineF>& runs, const std::vector<QLineF>& taken) {
    return std::any_of(runs.begin(), runs.end(), [&](const QLineF& run) {
        return std::any_of(taken.begin(), taken.end(), [&](const QLineF& other) { return areOneLine(run, other); });
    });
}

/// A line above or below cards, along which a wire may go.
struct Level {
    double y = 0;
    bool isAbove = false;  ///< a card
};

/// The nearest first.
std::vector<Level> levelsBetween(const QPointF& start, const QPointF& end, const std::vector<QRectF>& cards) {
    const double out = start.x() + outOfPort;
    const double in = end.x() - outOfPort;
    std::vector<Level> levels;
    for (const QRectF& card : cards) {
        if (card.right() > std::min(in, out) - clear && card.left() < std::max(in, out) + clear) {
            levels.push_back({card.top() - clear, true});
            levels.push_back({card.bottom() + clear, false});
        }
    }
    std::sort(levels.begin(), levels.end(), [&](const Level& a, const Level& b) {
        const auto way = [&](double y) { return std::abs(y - start.y()) + std::abs(y - end.y()); };
        return std::pair(way(a.y), -a.y) < std::pair(way(b.y), -b.y);
    });
    return levels;
}

/// Out of the port, along a line above or below cards, and back to the other port. `lane`: how many go before it along
/// the same line; they part so that they cross nowhere.
Wire through(const QPointF& start, const QPointF& end, const Level& level, int lane) {
    constexpr double laneWidth = 6;
    const double aside = lane * laneWidth;
    const double y = level.y + (level.isAbove ? -aside : aside);
    const double out = start.x() + outOfPort + (level.isAbove ? -aside : aside);
    const double in = end.x() - outOfPort - aside;
    Wire wire = wireOf(rounded({start, {out, start.y()}, {out, y}, {in, y}, {in, end.y()}, end}));
    wire.runs = {{out, start.y(), out, y}, {out, y, in, y}, {in, y, in, end.y()}};
    return wire;
}

Wire around(const QPointF& start, const QPointF& end, const std::vector<QRectF>& cards,
            const std::vector<QLineF>& taken) {
    constexpr std::size_t tried = 24;
    constexpr int lanes = 3;  // as many as have room between a port and the wires out of it
    const std::vector<Level> levels = levelsBetween(start, end, cards);
    Wire shared;
    for (std::size_t i = 0; i < std::min(levels.size(), tried); ++i) {
        for (int lane = 0; lane < lanes; ++lane) {
            Wire wire = through(start, end, levels[i], lane);
            if (isBehindCard(wire, cards)) {
                break;
            }
            if (!isTaken(wire.runs, taken)) {
                return wire;
            }
            shared = shared.isEmpty() ? wire : shared;
        }
    }
    if (!shared.isEmpty()) {
        return shared;
    }
    const auto lowest =
        std::max_element(levels.begin(), levels.end(), [](const Level& a, const Level& b) { return a.y < b.y; });
    return through(start, end,
                   lowest == levels.end() ? Level{std::max(start.y(), end.y()) + 60, false} : Level{lowest->y, false},
                   0);
}

}  // namespace

QPointF Wire::at(double along) const {
    const auto last = points.size() - 1;
    return points[std::min(static_cast<std::size_t>(std::max(0.0, along) / step + 0.5), last)];
}

bool goesBack(const QPointF& start, const QPointF& end) {
    constexpr double least = 24;  // nearer than this a card does not stand in front of the other
    return end.x() - start.x() < least;
}

Wire routeWire(const QPointF& start, const QPointF& end, const std::vector<QRectF>& cards,
               const std::vector<QLineF>& taken) {
    constexpr double gap = 62;
    if (goesBack(start, end)) {
        return around(start, end, cards, taken);
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
    Wire detour = around(start, end, cards, taken);
    return isBehindCard(detour, cards) ? wire : detour;
}

}  // namespace millrace::widgets
