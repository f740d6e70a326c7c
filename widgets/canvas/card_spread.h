#pragma once

#include <QHash>
#include <QPointF>
#include <QSizeF>
#include <vector>

#include "widgets/canvas/card_painter.h"
#include "widgets/canvas/diagram.h"

namespace millrace::widgets {

/// So small the letters of the face get at most for the sake of what is to be seen at once.
inline constexpr double smallestScale = smallestLetters;

/// A column of cards and what it is given of the room.
struct SpreadColumn {
    double left = 0;
    double depth = 0;
    double width = 0;
    double gap = 0;
    const std::vector<const DiagramNode*>* cards = nullptr;
};

/// How the places of a drawing become places on the face. Each column of cards is as wide as its names need, all cards
/// are as high as there is room for, and what is left goes to the wires between the columns. Where that leaves no room
/// for wires or figures, everything is drawn somewhat smaller, or a long drawing stands in two halves, the second below
/// the first.
class CardSpread {
public:
    [[nodiscard]] QPointF toFace(const QPointF& drawn) const;
    [[nodiscard]] QPointF toDrawing(const QPointF& onFace) const;

    /// Of one of the drawing's cards, or of one that has been added since.
    [[nodiscard]] QSizeF sizeOf(const DiagramNode& node) const;
    /// Of a card that is yet to be named.
    [[nodiscard]] QSizeF usualSize() const;
    /// At which it fits into its room.
    [[nodiscard]] double scale() const { return m_scale; }
    /// Whether it does.
    [[nodiscard]] bool isWhole() const { return m_isWhole; }
    [[nodiscard]] bool isFolded() const { return m_bands.size() > 1; }
    /// Of the names of all its cards, so that none seems to matter less.
    [[nodiscard]] double titlePixels() const { return m_titlePixels; }

private:
    friend CardSpread spreadCards(const Diagram& diagram, const QSizeF& room);

    /// Where a column begins, in the drawing and on the face.
    struct Stop {
        double drawn = 0;
        double onFace = 0;
    };

    /// All of the drawing, or one half of it.
    struct Band {
        double drawn = 0;         ///< where it begins
        std::vector<Stop> stops;  ///< from left to right; distances between them are spread evenly
        double drawnTop = 0;
        double faceTop = 0;
        double down = 1;
    };

    [[nodiscard]] const Band& bandOf(double drawn) const;
    Band lay(const std::vector<SpreadColumn>& columns, double x);
    void findTitles(const Diagram& diagram, bool areCrowded);

    std::vector<Band> m_bands;
    QHash<QString, double> m_widths;
    double m_scale = 1;
    double m_height = 92;
    bool m_isWhole = true;
    double m_titlePixels = 99;
};

/// For a room in pixels of the screen; what does not fit in it even with the narrowest cards, short wires and small
/// letters goes on beyond it.
[[nodiscard]] CardSpread spreadCards(const Diagram& diagram, const QSizeF& room);

/// The height that all cards take when each is as high as that.
[[nodiscard]] double heightOfCards(const Diagram& diagram, double each);

}  // namespace millrace::widgets
