#pragma once

#include <QColor>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <vector>

class QPainter;

namespace millrace::widgets {

/// Everything a card of the logical face shows.
struct CardLook {
    QRectF box;
    QColor edge;
    QString title;
    double titleMost = 99;  ///< pixels: as in the other cards of its drawing
    QString note;
    QString strong;
    bool isExcerpt = false;  ///< of it: the beginning of what somebody has written, such as a pattern
    QString brief;           ///< instead of it where it does not fit
    QString leastStrong;  ///< the room that its shortest wording takes, whatever the number; empty when it is as it is
    QString dim;
    QString dimBrief;
    int dots = 0;
    int hollowDots = 0;  ///< of them: executors that do not run
    double bar = -1;
    QString barText;  ///< beside the bar where there is room: "12 %"
    QString alert;    ///< instead of bar and dots: what is wrong
    QString alertBrief;
    QColor barColor;                  ///< as set, else by how full it is
    int cells = 0;                    ///< partitions of a topic
    std::vector<bool> troubledCells;  ///< those that are not as they should be
    bool isSelected = false;
    bool isHovered = false;
    bool isTroubled = false;
    bool hasProblems = false;
};

inline constexpr double cardWidth = 126;
inline constexpr double narrowCard = 70;   ///< whatever little is written on it
inline constexpr double cardPadding = 15;  ///< of its width, which its words cannot have
inline constexpr double besidePort = 3;    ///< as much more in the rows in its middle
inline constexpr double besideNote = 6;    ///< between words and what the card is
inline constexpr double cardHeight = 84;
inline constexpr double shortestWire = 60;
inline constexpr double portRadius = 5;
inline constexpr double smallTitle = 12;  ///< pixels, where a name has no room at the size of a title
inline constexpr double smallestTitle = 11;
inline constexpr double smallestLetters = 0.8;  ///< the zoom down to which letters get smaller with the picture
inline constexpr double smallestFigure = 10;
inline constexpr double smallestNote = 9;

/// A pixel of letters in the scene.
[[nodiscard]] inline double letterUnit(double zoom) {
    return zoom < smallestLetters ? smallestLetters / zoom : 1.0;
}

/// Four rows: title and kind; the number that matters most; how far behind or how long it takes; executors and
/// capacity. Letters get a little smaller with the picture and then keep their size on the screen, and rows go, the
/// least important first, and what has no row stands beside others where there is room; what a card is takes two lines
/// rather than losing a letter. Below a zoom of 0.15 a card is a filled block.
void paintCard(QPainter& painter, const CardLook& look, double zoom);

/// "reduceByKeyAndWindow" as "reduceByKey" and "AndWindow": where a word begins, so that the longer part is shortest.
[[nodiscard]] QStringList noteOnTwoLines(const QString& note);

/// The words that would be cut on it, none in a good card.
[[nodiscard]] QStringList wordsCutOn(const CardLook& look);
/// All that is written on it, from above.
[[nodiscard]] QStringList wordsOnCard(const CardLook& look);
void paintPort(QPainter& painter, const QPointF& center, bool isHot);

/// A rounded surface with a border of one pixel: what cards, bars and pills stand on.
void paintSurface(QPainter& painter, const QRectF& box, double radius, const QColor& fill, const QColor& border,
                  double width = 1.0);

/// Text cut with an ellipsis where it does not fit.
void paintText(QPainter& painter, const QRectF& box, Qt::Alignment alignment, const QString& text,
               Qt::TextElideMode elide = Qt::ElideRight);

/// Dots for executors, as many as fit and then "+n"; the last ones are hollow. `unit` is a pixel of the screen in the
/// scene.
void paintDots(QPainter& painter, const QPointF& topLeft, double width, int count, const QColor& color, double unit = 1,
               int hollow = 0);

/// A thin bar, green, amber above 80 % and red above 95 %, unless a colour is given.
void paintCapacity(QPainter& painter, const QRectF& box, double share, const QColor& color = {});

}  // namespace millrace::widgets
