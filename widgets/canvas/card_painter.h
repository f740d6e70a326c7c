#pragma once

#include <QColor>
#include <QRectF>
#include <QString>

class QPainter;

namespace millrace::widgets {

/// Everything a card of the logical face shows.
struct CardLook {
    QRectF box;
    QColor edge;
    QString title;
    QString note;
    QString strong;
    QString dim;
    int dots = 0;
    double bar = -1;
    bool isSelected = false;
    bool isHovered = false;
    bool isTroubled = false;
    bool hasProblems = false;
};

inline constexpr double cardWidth = 152;
inline constexpr double cardHeight = 84;
inline constexpr double portRadius = 5;

/// Below this zoom the text of a whole card would be too small: then it says its name and its numbers at sizes that do
/// not shrink.
inline constexpr double fullTextZoom = 0.95;
/// Below this one not even those fit, so nothing is shrunk further to fit a face.
inline constexpr double smallestReadableZoom = 0.6;

/// Level of detail follows the zoom: all, name and numbers, the name alone, and below 0.15 a filled block.
void paintCard(QPainter& painter, const CardLook& look, double zoom);
void paintPort(QPainter& painter, const QPointF& center, bool isHot);

/// A rounded surface with a border of one pixel: what cards, bars and pills stand on.
void paintSurface(QPainter& painter, const QRectF& box, double radius, const QColor& fill, const QColor& border,
                  double width = 1.0);

/// Text cut with an ellipsis where it does not fit.
void paintText(QPainter& painter, const QRectF& box, Qt::Alignment alignment, const QString& text,
               Qt::TextElideMode elide = Qt::ElideRight);

/// Dots for executors, as many as fit and then "+n".
void paintDots(QPainter& painter, const QPointF& topLeft, double width, int count, const QColor& color);

/// A thin bar, green, amber above 80 % and red above 95 %.
void paintCapacity(QPainter& painter, const QRectF& box, double share);

}  // namespace millrace::widgets
