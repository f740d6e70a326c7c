#include "widgets/canvas/card_painter.h"

#include <QImage>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "widgets/style/icons.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

void paintEdge(QPainter& painter, const QRectF& box, const QColor& color) {
    QPainterPath clip;
    clip.addRoundedRect(box, 8, 8);
    painter.save();
    painter.setClipPath(clip, Qt::IntersectClip);
    painter.fillRect(QRectF(box.left(), box.top(), 5, box.height()), color);
    painter.restore();
}

QColor borderOf(const CardLook& look) {
    if (look.isSelected) {
        return theme().accent;
    }
    if (look.hasProblems || look.isTroubled) {
        return theme().warning;
    }
    return look.isHovered ? theme().off : theme().line;
}

}  // namespace

void paintSurface(QPainter& painter, const QRectF& box, double radius, const QColor& fill, const QColor& border,
                  double width) {
    painter.setPen(QPen(border, width));
    painter.setBrush(fill);
    painter.drawRoundedRect(box, radius, radius);
}

void paintText(QPainter& painter, const QRectF& box, Qt::Alignment alignment, const QString& text,
               Qt::TextElideMode elide) {
    const QString shown = painter.fontMetrics().elidedText(text, elide, static_cast<int>(box.width()) + 1);
    painter.drawText(box, static_cast<int>(alignment) | Qt::TextSingleLine, shown);
}

void paintDots(QPainter& painter, const QPointF& topLeft, double width, int count, const QColor& color, double unit,
               int hollow) {
    const double pitch = 10 * unit;
    const int room = std::max(1, static_cast<int>((width + 3 * unit) / pitch));
    QFont font = textFont(TextRole::Caption);
    font.setPixelSize(static_cast<int>(std::lround(11 * unit)));
    const double more = QFontMetricsF(font).horizontalAdvance(QStringLiteral("+%1").arg(count)) + unit;
    const int shown = count <= room ? count : std::max(1, static_cast<int>((width - more) / pitch));
    for (int i = 0; i < shown; ++i) {
        const bool isHollow = i >= shown - hollow;
        const double inset = isHollow ? 0.6 * unit : 0;
        painter.setPen(isHollow ? QPen(theme().off, 1.2 * unit) : QPen(Qt::NoPen));
        painter.setBrush(isHollow ? QBrush(Qt::NoBrush) : QBrush(color));
        painter.drawEllipse(
            QRectF(topLeft.x() + i * pitch, topLeft.y(), 7 * unit, 7 * unit).adjusted(inset, inset, -inset, -inset));
    }
    if (shown < count) {
        painter.setPen(theme().dim);
        painter.setFont(font);
        painter.drawText(QPointF(topLeft.x() + shown * pitch + unit, topLeft.y() + 7.5 * unit),
                         QStringLiteral("+%1").arg(count - shown));
    }
}

void paintCapacity(QPainter& painter, const QRectF& box, double share, const QColor& color) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().track);
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2);
    const double length = std::clamp(share, 0.0, 1.0) * box.width();
    if (length > 0.5) {
        painter.setBrush(color.isValid() ? color
                         : share > 0.95  ? theme().bad
                         : share > 0.8   ? theme().warning
                                         : theme().good);
        painter.drawRoundedRect(QRectF(box.topLeft(), QSizeF(std::max(length, box.height()), box.height())),
                                box.height() / 2, box.height() / 2);
    }
}

void paintPort(QPainter& painter, const QPointF& center, bool isHot) {
    const Palette& colors = theme();
    painter.setPen(QPen(isHot ? colors.accent : colors.dim, 1.5));
    painter.setBrush(isHot ? colors.soft : colors.surface);
    const double radius = isHot ? portRadius + 2 : portRadius;
    painter.drawEllipse(center, radius, radius);
}

namespace {

/// "reduceByKeyAndWindow" in fewer letters, the longest first: "reduceByKeyAnd…", "reduceByKey…"; "read by pings" as
/// "read by…".
QStringList beginnings(const QString& words) {
    QStringList shorter{words};
    for (qsizetype at = words.size() - 1; at > 2; --at) {
        const bool isBegin = words[at].isUpper() || words[at - 1] == u' ' || words[at - 1] == u'-';
        if (isBegin && !words.left(at).trimmed().isEmpty()) {
            shorter << words.left(words[at - 1].isLetterOrNumber() ? at : at - 1) + QChar(0x2026);
        }
    }
    return shorter;
}

/// What a card says, at sizes of the screen.
class CardText {
public:
    CardText(QPainter& painter, const CardLook& look, double zoom)
        : m_painter(painter), m_look(look), m_unit(letterUnit(zoom)) {
        m_inner = look.box.adjusted(5 + 5 * m_unit, 3 * m_unit, -5 * m_unit, -3 * m_unit);
    }

    void paint() {
        double left = m_inner.height() / m_unit;
        const auto take = [&left](double height) {
            const bool fits = left >= height;
            left -= fits ? height : 0;
            return fits;
        };
        take(titleHeight);
        const bool hasStrong = !m_look.strong.isEmpty() && take(lineHeight);
        const QStringList excerpt = hasStrong ? excerptLines() : QStringList();
        const bool isLong = excerpt.size() > 1 && take(lineHeight);
        const bool wantsFoot = m_look.bar >= 0 || m_look.dots > 0 || m_look.cells > 0;
        // What is wrong comes before how long it takes; where there is no room for both, it takes the quiet row.
        const bool hasAlert = !m_look.alert.isEmpty() && take(lineHeight);
        const bool isQuiet = m_look.alert.isEmpty();
        const bool hasFootFirst = !isQuiet && wantsFoot && take(footHeight);
        const bool hasDim = !m_look.dim.isEmpty() && take(lineHeight);
        const bool hasFoot = hasFootFirst || (isQuiet && wantsFoot && take(footHeight));
        // What a card is has a row of its own where there is one left, whatever the card's width and what it says now.
        const bool hasNote = !m_look.note.isEmpty() && take(noteHeight);
        // What is left over is shared out between the rows.
        m_space = std::min(left, 14.0) / (hasStrong + hasFoot + hasDim + hasAlert + hasNote + isLong + 1);
        m_note = hasNote ? QString() : m_look.note;
        m_isNoteBesideTitle = !m_note.isEmpty() && noteFitsBeside(m_look.title, TextRole::CardTitle, titlePixels(), 0);
        m_isNoteBesideStrong =
            !m_note.isEmpty() && !m_isNoteBesideTitle && hasStrong && !isLong &&
            noteFitsBeside(m_look.leastStrong.isEmpty() ? m_look.strong : m_look.leastStrong, TextRole::Strong, 12, 1);
        paintLine(titleHeight, {TextRole::CardTitle, titlePixels(), theme().text}, {m_look.title});
        if (isLong) {
            for (const QString& line : excerpt) {
                m_isEnd = line == excerpt.back();
                paintLine(lineHeight, {TextRole::Strong, 12, theme().text}, {line});
            }
        } else if (hasStrong) {
            paintLine(lineHeight, {TextRole::Strong, 12, theme().text}, {m_look.strong, m_look.brief});
        }
        if (hasDim) {
            paintLine(lineHeight, {TextRole::Caption, 11, theme().dim},
                      {m_look.dim, m_look.dimBrief, m_look.dim.section(QStringLiteral(" · "), 0, 0)});
        }
        if (hasAlert) {
            paintLine(lineHeight, {TextRole::Caption, 11, theme().severity(observe::Severity::Warning)},
                      {m_look.alert, m_look.alertBrief});
        }
        if (hasNote) {
            paintLine(noteHeight, {TextRole::Caption, 11, theme().dim, true}, beginnings(m_look.note));
        }
        if (hasFoot) {
            paintFoot();
        }
    }

    /// What had to be cut.
    [[nodiscard]] const QStringList& cut() const { return m_cut; }

private:
    static constexpr double titleHeight = 16;  // as high as their letters: a low card has all its rows
    static constexpr double lineHeight = 14;
    static constexpr double noteHeight = 12;
    static constexpr double footHeight = 10;

    struct Style {
        TextRole role = TextRole::Body;
        double pixels = 12;
        QColor color;
        bool mayShrink = false;
    };

    /// A pattern or the name of a file on two lines, which break where a part of it ends; one when it has room.
    QStringList excerptLines() const {
        const QFontMetricsF metrics(sized(TextRole::Strong, 12));
        const double width = m_inner.width() - besidePort * m_unit;
        if (!m_look.isExcerpt || metrics.horizontalAdvance(m_look.strong) <= width + 0.5) {
            return {m_look.strong};
        }
        qsizetype most = 1;
        while (most < m_look.strong.size() && metrics.horizontalAdvance(m_look.strong.left(most + 1)) <= width) {
            ++most;
        }
        qsizetype end = most;
        while (end > most / 2 && (m_look.strong[end - 1].isLetterOrNumber() || m_look.strong[end - 1] == u'[')) {
            --end;
        }
        end = end > most / 2 ? end : most;
        return {m_look.strong.left(end).trimmed(), m_look.strong.mid(end).trimmed()};
    }

    /// What the card is stands at the right of its name, else of its number: wherever the shortest number that is told
    /// there leaves room for it, so that it does not come and go with what is counted.
    bool noteFitsBeside(const QString& words, TextRole role, double pixels, int row) const {
        const double top = m_inner.top() + row * (titleHeight + m_space) * m_unit;
        const double port = isBesidePort(top, (row == 0 ? titleHeight : lineHeight) * m_unit) ? portRoom() : 0;
        return QFontMetricsF(sized(role, pixels)).horizontalAdvance(words) + noteRoom() <= m_inner.width() - port + 0.5;
    }

    double portRoom() const { return (besidePort + 2) * m_unit; }  // quieter words stand a little farther off

    double noteRoom() const {
        return besideNote * m_unit + QFontMetricsF(sized(TextRole::Caption, 11)).horizontalAdvance(m_note);
    }

    /// The port of a low card stands beside its first rows too.
    bool isBesidePort(double top, double height) const {
        const double middle = m_look.box.center().y();
        return top < middle + portRadius && top + height > middle - portRadius;
    }

    /// As titles are, and smaller where the name is longer than the card.
    double titlePixels() const {
        const double usual = textFont(TextRole::CardTitle).pixelSize();
        const double port = isBesidePort(m_inner.top(), titleHeight * m_unit) ? besidePort * m_unit : 0;
        const auto fits = [&](double pixels) {
            const QFontMetricsF metrics(sized(TextRole::CardTitle, pixels));
            return metrics.horizontalAdvance(m_look.title) <= m_inner.width() - port + 0.5;
        };
        const double small = std::min(usual, smallTitle);
        return m_unit <= 1 && fits(usual) ? usual : fits(small) ? small : std::min(small, smallestTitle);
    }

    QFont sized(TextRole role, double pixels) const {
        QFont font = textFont(role);
        font.setPixelSize(static_cast<int>(std::lround(pixels * m_unit)));
        return font;
    }

    QRectF row(double height) {
        const QRectF box(m_inner.left(), m_inner.top() + m_y, m_inner.width(), height * m_unit);
        m_y += (height + m_space) * m_unit;
        return box;
    }

    /// What the card is, at the right of the row; never of one of its own colour: the two would be read as one phrase.
    void paintNote(QRectF box, bool isBeside) {
        m_painter.setFont(sized(TextRole::Caption, 11));
        m_painter.setPen(theme().dim);
        box.setRight(box.right() - (isBeside ? 2 : 0) * m_unit);
        m_painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter, m_note);
    }

    /// The first wording that fits; a figure in smaller letters where none does; where that is still too long its
    /// middle is left out, for names differ at their ends.
    void paintLine(double height, const Style& style, const QStringList& wordings) {
        QRectF box = row(height);
        const bool isBeside = isBesidePort(box.top(), box.height());
        if (isBeside) {
            box.setRight(box.right() - besidePort * m_unit);  // the port is there
        }
        const bool hasNote = (style.role == TextRole::CardTitle && m_isNoteBesideTitle) ||
                             (style.role == TextRole::Strong && m_isNoteBesideStrong);
        if (hasNote) {
            paintNote(box, isBeside);
            box.setRight(box.right() - noteRoom() - (isBeside ? 2 : 0) * m_unit);
        }
        m_painter.setFont(sized(style.role, style.pixels));
        m_painter.setPen(style.color);
        QFontMetricsF metrics(m_painter.font());
        QString words;
        for (const QString& wording : wordings) {
            words = wording.isEmpty() ? words : wording;
            if (!wording.isEmpty() && metrics.horizontalAdvance(wording) <= box.width() + 0.5) {
                break;
            }
        }
        double taken = metrics.horizontalAdvance(words);
        const bool isFigure = style.role == TextRole::Strong && !m_look.isExcerpt;
        const double smallest = isFigure || style.mayShrink ? smallestFigure : style.pixels;
        for (double pixels = style.pixels - 1; taken > box.width() + 0.5 && pixels >= smallest; --pixels) {
            m_painter.setFont(sized(style.role, pixels));
            metrics = QFontMetricsF(m_painter.font());
            taken = metrics.horizontalAdvance(words);
        }
        if (taken > box.width() + 0.5) {
            const bool isExcerpt = m_look.isExcerpt && style.role == TextRole::Strong;
            m_cut += isExcerpt ? QStringList() : QStringList(words);
            words = metrics.elidedText(words, isExcerpt && !m_isEnd ? Qt::ElideRight : Qt::ElideMiddle, box.width());
        }
        m_painter.drawText(box, static_cast<int>(Qt::AlignVCenter) | Qt::TextSingleLine | Qt::TextDontClip, words);
    }

    void paintFoot() {
        const QRectF box(m_inner.left(), m_inner.bottom() - footHeight * m_unit, m_inner.width(), footHeight * m_unit);
        double right = box.right();
        if (m_look.bar >= 0) {
            m_painter.setFont(sized(TextRole::Caption, 11));
            const QFontMetricsF metrics(m_painter.font());
            const double words = metrics.horizontalAdvance(QStringLiteral("100 %"));
            const double dots = m_look.dots > 0 ? (std::min(m_look.dots, 4) * 10 + 4) * m_unit : 0;
            // Where there is no room for both the number says it, in the colour that the bar would have.
            const bool hasWords = !m_look.barText.isEmpty();
            const double left = box.width() - dots - (hasWords ? words + 6 * m_unit : 0);
            const double bar = hasWords ? std::min(36 * m_unit, left) : std::clamp(left, 14 * m_unit, 48 * m_unit);
            const bool hasBar = bar >= 10 * m_unit;
            if (hasWords) {
                const bool isCapacity = !m_look.barColor.isValid();
                m_painter.setPen(isCapacity && m_look.bar > 0.95 ? theme().bad
                                 : isCapacity && !hasBar && m_look.bar > 0.8
                                     ? theme().severity(observe::Severity::Warning)
                                     : theme().dim);
                m_painter.drawText(box.adjusted(0, -3 * m_unit, 0, 3 * m_unit), Qt::AlignRight | Qt::AlignVCenter,
                                   m_look.barText);
                right -= words + 4 * m_unit;
            }
            if (hasBar) {
                paintCapacity(m_painter, QRectF(right - bar, box.center().y() - 2.5 * m_unit, bar, 5 * m_unit),
                              m_look.bar, m_look.barColor);
                right -= bar + 6 * m_unit;
            }
        }
        if (m_look.cells > 0) {
            paintCells(box);
        }
        if (m_look.dots > 0) {
            paintDots(m_painter, QPointF(box.left(), box.center().y() - 3.5 * m_unit), right - box.left(), m_look.dots,
                      m_look.edge, m_unit, m_look.hollowDots);
        }
    }

    /// Partitions: one small bar each, narrower the more there are; of more than have room one for several.
    void paintCells(const QRectF& box) {
        const double least = 3 * m_unit;
        const int most = std::max(1, static_cast<int>(box.width() / least));
        const int perBar = (m_look.cells + most - 1) / most;
        const int bars = (m_look.cells + perBar - 1) / perBar;
        const double pitch = std::min(14 * m_unit, box.width() / bars);
        const double width = std::max(pitch - (pitch > 6 * m_unit ? 4 : 1) * m_unit, pitch * 0.5);
        m_painter.setPen(Qt::NoPen);
        const auto isTroubled = [&](int bar) {
            const auto all = static_cast<int>(m_look.troubledCells.size());
            const auto first = m_look.troubledCells.begin() + std::min(bar * perBar, all);
            const auto last = m_look.troubledCells.begin() + std::min((bar + 1) * perBar, all);
            return std::find(first, last, true) != last;
        };
        for (int i = 0; i < bars; ++i) {
            m_painter.setBrush(isTroubled(i) ? theme().warning : m_look.edge);
            m_painter.drawRect(QRectF(box.left() + i * pitch, box.center().y() - 3 * m_unit, width, 6 * m_unit));
        }
    }

    QPainter& m_painter;
    const CardLook& m_look;
    double m_unit = 1;   ///< a pixel of the screen in the scene
    double m_space = 0;  ///< between two rows, in pixels of the screen
    QRectF m_inner;
    double m_y = 0;
    bool m_isEnd = false;  ///< of an excerpt on two lines: its end is read, as that of a file's name
    QString m_note;        ///< where it has no row of its own
    bool m_isNoteBesideTitle = false;
    bool m_isNoteBesideStrong = false;
    QStringList m_cut;
};

}  // namespace

QStringList wordsCutOn(const CardLook& look) {
    QImage nowhere(1, 1, QImage::Format_ARGB32_Premultiplied);
    QPainter painter(&nowhere);
    CardText text(painter, look, 1);
    text.paint();
    return text.cut();
}

void paintCard(QPainter& painter, const CardLook& look, double zoom) {
    const Palette& colors = theme();
    if (zoom < 0.15) {
        painter.fillRect(look.box, look.edge);
        return;
    }
    const double border = look.isSelected || look.hasProblems || look.isTroubled ? 1.5 : 1.0;
    paintSurface(painter, look.box, 8, colors.surface, borderOf(look), border);
    paintEdge(painter, look.box, look.edge);
    CardText(painter, look, zoom).paint();
    if (look.hasProblems) {
        const QRectF mark(look.box.right() - 10, look.box.top() - 8, 18, 18);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.background);
        painter.drawEllipse(mark.adjusted(-1, -1, 1, 1));
        paintIcon(painter, Icon::Warning, mark, colors.warning);
    }
}

}  // namespace millrace::widgets
