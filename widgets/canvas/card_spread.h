#pragma once

#include <QHash>
#include <QPointF>
#include <QSizeF>
#include <vector>

#include "widgets/canvas/diagram.h"

namespace millrace::widgets {

/// How the places of a drawing become places on the face. Letters have one size, so a face that is small or large is
/// not answered by another scale: each column of cards is as wide as its names need, all cards are as high as there is
/// room for, and what is left goes to the wires between the columns.
class CardSpread {
public:
    [[nodiscard]] QPointF toFace(const QPointF& drawn) const;
    [[nodiscard]] QPointF toDrawing(const QPointF& onFace) const;

    /// Of one of the drawing's cards, or of one that has been added since.
    [[nodiscard]] QSizeF sizeOf(const DiagramNode& node) const;
    /// Of a card that is yet to be named.
    [[nodiscard]] QSizeF usualSize() const;

private:
    friend CardSpread spreadCards(const Diagram& diagram, const QSizeF& room);

    /// Where a column begins, in the drawing and on the face.
    struct Stop {
        double drawn = 0;
        double onFace = 0;
    };

    std::vector<Stop> m_stops;  ///< from left to right; distances between them are spread evenly
    QHash<QString, double> m_widths;
    double m_down = 1;
    double m_height = 92;
};

/// For a room; what does not fit in it even with the narrowest cards and short wires goes on beyond it.
[[nodiscard]] CardSpread spreadCards(const Diagram& diagram, const QSizeF& room);

/// The height that all cards take when each is as high as that.
[[nodiscard]] double heightOfCards(const Diagram& diagram, double each);

}  // namespace millrace::widgets
