#pragma once

#include <QLineF>
#include <QRectF>
#include <QSizeF>
#include <QString>
#include <functional>
#include <vector>

#include "widgets/canvas/wire.h"

namespace millrace::widgets {

/// "fields(status)" and "missed: shuffle" on two lines, for a short wire: where they are shortest.
[[nodiscard]] QString labelOnTwoLines(const QString& label);

/// What names of wires stand among, in the scene.
struct LabelGround {
    const std::vector<Wire>& wires;
    const std::vector<QRectF>& reaches;  ///< by wire: within which it runs
    const std::vector<QRectF>& cards;
    std::vector<QRectF> kept;  ///< of groups: names do not stand on them
    QRectF seen;
    QRectF face;
    double pixel = 1;  ///< of the screen
};

/// A name that wants a place.
struct LabelWish {
    std::size_t wire = 0;
    std::size_t from = 0;  ///< the cards that it joins
    std::size_t to = 0;
    std::vector<QSizeF> sizes;                 ///< on one line, on two: the better one first
    std::function<bool(std::size_t)> isAlike;  ///< whether another wire has this name and one of these cards
    bool isOfFan = false;                      ///< it stands for several wires,
    bool isLeaving = true;                     ///< which leave one card or arrive at one
};

struct LabelPlace {
    QRectF box;  ///< empty: there is none
    std::size_t size = 0;
};

/// Beside its wire and nearer to it than to any other, where it covers no card, no frame, no other wire and no other
/// name, in as few lines as that permits; else on it where enough of it stays seen; else farther off, tied to it by a
/// line.
[[nodiscard]] LabelPlace placeLabel(const LabelGround& ground, const LabelWish& wish, const std::vector<QRectF>& taken);

/// From a name that stands off its wire to the wire; null where it needs none, or where cards or other wires are
/// between.
[[nodiscard]] QLineF tieOf(const LabelGround& ground, std::size_t wire, const QRectF& label);

}  // namespace millrace::widgets
