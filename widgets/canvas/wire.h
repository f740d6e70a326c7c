#pragma once

#include <QLineF>
#include <QPainterPath>
#include <QPointF>
#include <QRectF>
#include <vector>

namespace millrace::widgets {

/// A wire as it is drawn, with points at equal distances along it: what moves on it costs a look-up and no search.
struct Wire {
    QPainterPath path;
    std::vector<QPointF> points;
    double length = 0;
    std::vector<QLineF> runs;  ///< of one that goes around cards: its straight parts

    [[nodiscard]] bool isEmpty() const { return points.empty(); }
    [[nodiscard]] QPointF at(double along) const;  ///< in pixels from its beginning
};

/// The way from one port to another: straight over where nothing stands between, level with one end as far as that
/// helps, and else around the cards, as every wire does that goes back; beside and not on what goes around already,
/// whose straight parts are `taken`.
[[nodiscard]] Wire routeWire(const QPointF& start, const QPointF& end, const std::vector<QRectF>& cards,
                             const std::vector<QLineF>& taken = {});

/// Whether it ends to the left of where it begins.
[[nodiscard]] bool goesBack(const QPointF& start, const QPointF& end);

}  // namespace millrace::widgets
