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

QStringList noteOnTwoLines(const QString& note) {
    const QFontMetricsF metrics(textFont(TextRole::Caption));
    QStringList best{note};
    double least = metrics.horizontalAdvance(note);
    for (qsizetype at = 1; at < note.size(); ++at) {
        const bool isGap = note[at] == u' ';
        if (isGap || note[at].isUpper() || note[at - 1] == u'-') {
            const QStringList parts{note.left(at), note.mid(isGap ? at + 1 : at)};
            const double longer = std::max(metrics.horizontalAdvance(parts[0]), metrics.horizontalAdvance(parts[1]));
            if (longer < least) {
                least = longer;
                best = parts;
            }
        }
    }
    return best;
}

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

/// What a card says, at sizes of the screen.
class CardText {
public:
    CardText(QPainter& painter, const CardLook& look, double zoom)
        : m_painter(painter), m_look(look), m_unit(letterUnit(zoom)) {
        m_inner = look.box.adjusted(5 + 5 * m_unit, 3 * m_unit, -5 * m_unit, -3 * m_unit);
    }

    void paint() {
        m_plan = planWith(lineHeight);
        if (!m_plan.isComplete) {
            if (const Plan tighter = planWith(tightLine); tighter.isComplete) {
                m_plan = tighter;
            }
        }
        findAsides();
        paintLine(titleHeight, {TextRole::CardTitle, titlePixels(), theme().text}, {m_look.title}, m_besideTitle);
        const Style strong{TextRole::Strong, 12, theme().text, smallestFigure};
        if (m_plan.excerpt.size() > 1) {
            for (const QString& line : m_plan.excerpt) {
                m_isEnd = line == m_plan.excerpt.back();
                paintLine(m_plan.line, strong, {line}, {});
            }
        } else if (m_plan.hasStrong) {
            paintLine(m_plan.line, strong, {m_look.strong, m_look.brief}, m_besideStrong);
        }
        if (m_plan.hasDim) {
            paintLine(m_plan.line, {TextRole::Caption, 11, theme().dim, smallestFigure}, dimWordings(), m_besideDim);
        }
        if (m_plan.hasAlert) {
            paintLine(m_plan.line,
                      {TextRole::Caption, 11, theme().severity(observe::Severity::Warning), smallestFigure},
                      {m_look.alert, m_look.alertBrief}, {});
        }
        for (const QString& line : m_plan.note) {
            paintLine(noteHeight, {TextRole::Caption, 11, theme().dim, smallestNote}, {line}, {});
        }
        if (m_plan.hasFoot) {
            paintFoot();
        }
    }

    /// What is written, row by row.
    [[nodiscard]] const QStringList& words() const { return m_words; }

    /// What had to be cut.
    [[nodiscard]] const QStringList& cut() const { return m_cut; }

private:
    static constexpr double titleHeight = 16;  // as high as their letters: a low card has all its rows
    static constexpr double lineHeight = 14;
    static constexpr double tightLine = 13;
    static constexpr double noteHeight = 13;
    static constexpr double footHeight = 10;

    struct Style {
        TextRole role = TextRole::Body;
        double pixels = 12;
        QColor color;
        double smallest = 99;  ///< so small it gets where it would be cut
    };

    /// At the right of a row: words or dots.
    struct Aside {
        QString words;
        QColor color;
        int dots = 0;

        [[nodiscard]] bool isEmpty() const { return words.isEmpty() && dots == 0; }
    };

    /// The rows that a card has room for.
    struct Plan {
        double line = lineHeight;
        double space = 0;  ///< between two rows
        bool hasStrong = false;
        bool hasAlert = false;
        bool hasDim = false;
        bool hasFoot = false;
        bool isComplete = false;
        QStringList excerpt;
        QStringList note;
    };

    Plan planWith(double line) const {
        Plan plan;
        plan.line = line;
        plan.isComplete = true;
        double left = m_inner.height() / m_unit;
        const auto take = [&](double height) {
            const bool fits = left >= height;
            left -= fits ? height : 0;
            plan.isComplete = plan.isComplete && fits;
            return fits;
        };
        take(titleHeight);
        plan.hasStrong = !m_look.strong.isEmpty() && take(line);
        plan.excerpt = plan.hasStrong ? excerptLines() : QStringList();
        const bool isLong = plan.excerpt.size() > 1 && take(line);
        plan.excerpt = isLong ? plan.excerpt : QStringList();
        const bool wantsFoot = m_look.bar >= 0 || m_look.dots > 0 || m_look.cells > 0;
        // What is wrong comes before how long it takes; where there is no room for both, it takes the quiet row.
        plan.hasAlert = !m_look.alert.isEmpty() && take(line);
        const bool isQuiet = m_look.alert.isEmpty();
        const bool hasFootFirst = !isQuiet && wantsFoot && take(footHeight);
        plan.hasDim = !m_look.dim.isEmpty() && take(line);
        plan.hasFoot = hasFootFirst || (isQuiet && wantsFoot && take(footHeight));
        // What a card is has a row of its own where there is one left, whatever the card's width and what it says now.
        for (QStringList& note : noteWays()) {
            if (plan.note.isEmpty() && left >= noteHeight * static_cast<double>(note.size())) {
                left -= noteHeight * static_cast<double>(note.size());
                plan.note = note;
            }
        }
        plan.isComplete = plan.isComplete && (m_look.note.isEmpty() || !plan.note.isEmpty());
        // What is left over is shared out between the rows.
        const auto rows = plan.hasStrong + plan.hasFoot + plan.hasDim + plan.hasAlert + isLong + plan.note.size() + 1;
        plan.space = std::min(left, 14.0) / static_cast<double>(rows);
        return plan;
    }

    /// Whole on one line, on two, in small letters: the best first of those that the width permits.
    std::vector<QStringList> noteWays() const {
        std::vector<QStringList> ways;
        if (m_look.note.isEmpty()) {
            return ways;
        }
        const double width = m_inner.width() - besidePort * m_unit;
        const auto fits = [&](const QStringList& lines, double pixels) {
            const QFontMetricsF metrics(sized(TextRole::Caption, pixels));
            return std::all_of(lines.begin(), lines.end(),
                               [&](const QString& line) { return metrics.horizontalAdvance(line) <= width + 0.5; });
        };
        const QStringList whole{m_look.note};
        const QStringList parts = noteOnTwoLines(m_look.note);
        if (fits(whole, smallestFigure)) {
            ways.push_back(whole);
        }
        if (fits(parts, smallestNote)) {
            ways.push_back(parts);
        }
        if (fits(whole, smallestNote)) {
            ways.push_back(whole);
        }
        return ways;
    }

    QStringList dimWordings() const {
        return {m_look.dim, m_look.dimBrief, m_look.dim.section(QStringLiteral(" · "), 0, 0)};
    }

    QString leastStrong() const { return m_look.leastStrong.isEmpty() ? m_look.strong : m_look.leastStrong; }

    /// What has no row of its own stands at the right of others where there is room: what the card is at its name, else
    /// at its number; how far behind it is at its number; how busy it is where nothing else stands.
    void findAsides() {
        const bool isShort = m_plan.hasStrong && m_plan.excerpt.isEmpty();
        const QString note = m_plan.note.isEmpty() ? m_look.note : QString();
        if (Aside aside{note, theme().dim}; fitsBeside(m_look.title, TextRole::CardTitle, titlePixels(), 0, aside)) {
            m_besideTitle = aside;
        } else if (isShort && fitsBeside(leastStrong(), TextRole::Strong, 12, 1, aside)) {
            m_besideStrong = aside;
        }
        if (isShort && !m_plan.hasDim && m_besideStrong.isEmpty()) {
            for (const QString& wording : dimWordings()) {
                const Aside aside{wording, theme().dim};
                if (m_besideStrong.isEmpty() && fitsBeside(leastStrong(), TextRole::Strong, 12, 1, aside)) {
                    m_besideStrong = aside;
                }
            }
        }
        if (m_plan.hasFoot) {
            return;
        }
        const Aside dots{QString(), m_look.edge, m_look.dots <= 4 ? m_look.dots : 0};
        if (isShort && m_besideStrong.isEmpty() && fitsBeside(leastStrong(), TextRole::Strong, 12, 1, dots)) {
            m_besideStrong = dots;
        }
        const Aside share{m_look.barText, barTextColor(false)};
        if (m_plan.hasDim && fitsBeside(m_look.dim, TextRole::Caption, 11, 2, share)) {
            m_besideDim = share;
        }
    }

    QColor barTextColor(bool hasBar) const {
        const bool isCapacity = !m_look.barColor.isValid();
        return isCapacity && m_look.bar > 0.95             ? theme().bad
               : isCapacity && !hasBar && m_look.bar > 0.8 ? theme().severity(observe::Severity::Warning)
                                                           : theme().dim;
    }

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

    /// Beside the shortest number that is told there, so that it does not come and go with what is counted.
    bool fitsBeside(const QString& words, TextRole role, double pixels, int row, const Aside& aside) const {
        const double above = row == 0 ? 0 : titleHeight + m_plan.space + (row - 1) * (m_plan.line + m_plan.space);
        const double height = row == 0 ? titleHeight : m_plan.line;
        const double port = isBesidePort(m_inner.top() + above * m_unit, height * m_unit) ? portRoom() : 0;
        return !aside.isEmpty() && QFontMetricsF(sized(role, pixels)).horizontalAdvance(words) + roomOf(aside) <=
                                       m_inner.width() - port + 0.5;
    }

    double portRoom() const { return (besidePort + 2) * m_unit; }  // quieter words stand a little farther off

    double roomOf(const Aside& aside) const {
        constexpr double pitch = 10;
        return besideNote * m_unit + (aside.dots > 0 ? aside.dots * pitch * m_unit : widthOf(aside.words));
    }

    /// A share has the room of the longest.
    double widthOf(const QString& words) const {
        const QFontMetricsF metrics(sized(TextRole::Caption, 11));
        return metrics.horizontalAdvance(words == m_look.barText ? QStringLiteral("100 %") : words);
    }

    /// The port of a low card stands beside its first rows too.
    bool isBesidePort(double top, double height) const {
        const double middle = m_look.box.center().y();
        return top < middle + portRadius && top + height > middle - portRadius;
    }

    /// As titles are, and smaller where the name is longer than the card.
    double titlePixels() const {
        const double usual = std::min<double>(textFont(TextRole::CardTitle).pixelSize(), m_look.titleMost);
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
        m_y += (height + m_plan.space) * m_unit;
        return box;
    }

    void paintAside(QRectF box, bool isBeside, const Aside& aside) {
        box.setRight(box.right() - (isBeside ? 2 : 0) * m_unit);
        if (aside.dots > 0) {
            const double width = roomOf(aside) - (besideNote + 3) * m_unit;
            paintDots(m_painter, QPointF(box.right() - width, box.center().y() - 3.5 * m_unit), width, aside.dots,
                      aside.color, m_unit, m_look.hollowDots);
            return;
        }
        m_words += aside.words;
        m_painter.setFont(sized(TextRole::Caption, 11));
        m_painter.setPen(aside.color);
        m_painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter, aside.words);
    }

    /// The first wording that fits; in smaller letters where none does; where that is still too long its middle is left
    /// out, for names differ at their ends.
    void paintLine(double height, const Style& style, const QStringList& wordings, const Aside& aside) {
        QRectF box = row(height);
        const bool isBeside = isBesidePort(box.top(), box.height());
        if (isBeside) {
            box.setRight(box.right() - besidePort * m_unit);  // the port is there
        }
        if (!aside.isEmpty()) {
            paintAside(box, isBeside, aside);
            box.setRight(box.right() - roomOf(aside) - (isBeside ? 2 : 0) * m_unit);
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
        const bool isPart = style.role == TextRole::Strong && m_look.isExcerpt;
        const double smallest = isPart ? style.pixels : style.smallest;
        for (double pixels = style.pixels - 1; taken > box.width() + 0.5 && pixels >= smallest; --pixels) {
            m_painter.setFont(sized(style.role, pixels));
            metrics = QFontMetricsF(m_painter.font());
            taken = metrics.horizontalAdvance(words);
        }
        if (taken > box.width() + 0.5) {
            m_cut += isPart ? QStringList() : QStringList(words);
            words = metrics.elidedText(words, isPart && !m_isEnd ? Qt::ElideRight : Qt::ElideMiddle, box.width());
        }
        m_words += words;
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
                m_words += m_look.barText;
                m_painter.setPen(barTextColor(hasBar));
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
    double m_unit = 1;  ///< a pixel of the screen in the scene
    QRectF m_inner;
    double m_y = 0;
    bool m_isEnd = false;  ///< of an excerpt on two lines: its end is read, as that of a file's name
    Plan m_plan;
    Aside m_besideTitle;
    Aside m_besideStrong;
    Aside m_besideDim;
    QStringList m_words;
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

QStringList wordsOnCard(const CardLook& look) {
    QImage nowhere(1, 1, QImage::Format_ARGB32_Premultiplied);
    QPainter painter(&nowhere);
    CardText text(painter, look, 1);
    text.paint();
    return text.words();
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
