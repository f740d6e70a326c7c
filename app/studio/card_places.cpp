#include "app/studio/card_places.h"
#include "engine/scenario/flow_of.h"

#include <QRectF>
#include <algorithm>
#include <cmath>

#include "widgets/canvas/card_painter.h"

namespace millrace::studio {

namespace {

constexpr double wire = widgets::shortestWire + 2;
constexpr double apart = 20;  // between two rows

QRectF boxAt(const Position& position, const QSizeF& card) {
    return {QPointF(position.x, position.y), card};
}

/// Up or down by as little as keeps it off the others.
double freeLevel(const Places& places, Position wanted, const QSizeF& card) {
    const auto isFree = [&](double y) {
        const QRectF box = boxAt({wanted.x, y}, card).adjusted(-8, -8, 8, 8);
        return std::none_of(places.begin(), places.end(),
                            [&](const auto& each) { return boxAt(each.second, card).intersects(box); });
    };
    constexpr int tried = 200;
    for (int i = 0; i < tried; ++i) {
        const double away = std::ceil(i / 2.0) * (card.height() + apart) / 4;
        const double y = wanted.y + (i % 2 == 0 ? away : -away);
        if (isFree(y)) {
            return y;
        }
    }
    return wanted.y;
}

}  // namespace

Between placeBetween(const Places& places, const observe::ObjectId& from, const observe::ObjectId& to,
                     const QSizeF& card) {
    Between result{places, {}, 0};
    const auto a = places.find(from);
    const auto b = places.find(to);
    if (a == places.end() || b == places.end()) {
        return result;
    }
    const Position first = a->second;
    const Position second = b->second;
    const double pitch = card.width() + wire;
    const bool isForward = second.x > first.x + card.width();
    if (isForward && second.x - first.x < 2 * pitch) {
        result.moved = 2 * pitch - (second.x - first.x);
        for (auto& [id, position] : result.places) {
            position.x += position.x > second.x - 1 ? result.moved : 0;
        }
    }
    const double x = !isForward || result.moved > 0 ? first.x + pitch : (first.x + second.x) / 2;
    // In the row of the one that feeds it, unless it only goes by there on its way to another.
    const double y = std::abs(first.y - second.y) < card.height() ? first.y : (first.y + second.y) / 2;
    result.position = {std::round(x), std::round(freeLevel(result.places, {x, y}, card))};
    return result;
}

scenario::Value withPlaces(const scenario::Value& root, const Places& places) {
    Places present;
    for (const flow::Node& node : scenario::flowOf(root).nodes) {
        if (const auto found = places.find(node.id); found != places.end()) {
            present.insert(*found);
        }
    }
    return moveObjects(root, present);
}

}  // namespace millrace::studio
