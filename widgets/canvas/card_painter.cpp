#include "widgets/canvas/card_painter.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "widgets/controls/icons.h"
#include "widgets/controls/palette.h"

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

void paintDots(QPainter& painter, const QPointF& topLeft, double width, int count, const QColor& color) {
    constexpr double pitch = 11;
    const int room = std::max(1, static_cast<int>(width / pitch));
    const int shown = count <= room ? count : room - 2;
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    for (int i = 0; i < shown; ++i) {
        painter.drawEllipse(QRectF(topLeft.x() + i * pitch, topLeft.y(), 7, 7));
    }
    if (shown < count) {
        painter.setPen(theme().dim);
        painter.setFont(textFont(TextRole::Caption));
        painter.drawText(QPointF(topLeft.x() + shown * pitch, topLeft.y() + 8),
                         QStringLiteral("+%1").arg(count - shown));
    }
}

void paintCapacity(QPainter& painter, const QRectF& box, double share) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().track);
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2);
    const double length = std::clamp(share, 0.0, 1.0) * box.width();
    if (length > 0.5) {
        painter.setBrush(share > 0.95 ? theme().bad : share > 0.8 ? theme().warning : theme().good);
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

/// From afar a card says its name and its numbers at sizes that can still be read, as many of them as there is room
/// for.
void paintCompactText(QPainter& painter, const CardLook& look, double zoom) {
    const auto sized = [zoom](TextRole role, double pixels) {
        QFont font = textFont(role);
        font.setPixelSize(static_cast<int>(std::lround(pixels / zoom)));
        return font;
    };
    const QRectF inner = look.box.adjusted(5 + 5 / zoom, 4 / zoom, -4 / zoom, -4 / zoom);
    const double line = 14 / zoom;
    const double bar = look.bar >= 0 ? 6 / zoom : 0;
    const int lines = std::clamp(static_cast<int>((inner.height() - bar) / line), 1, 3);
    double y = lines == 1 ? inner.center().y() - line / 2 : inner.top();
    painter.setFont(sized(TextRole::CardTitle, 12));
    painter.setPen(theme().text);
    // Names of one topology often begin alike, and end alike where they were copied: the middle can be spared.
    paintText(painter, QRectF(inner.left(), y, inner.width(), line), Qt::AlignVCenter, look.title, Qt::ElideMiddle);
    const auto number = [&](TextRole role, const QColor& color, const QString& text) {
        y += line;
        painter.setFont(sized(role, 11));
        painter.setPen(color);
        const bool fits = painter.fontMetrics().horizontalAdvance(text) <= inner.width();
        paintText(painter, QRectF(inner.left(), y, inner.width(), line), Qt::AlignVCenter,
                  fits ? text : text.section(QStringLiteral(" · "), 0, 0));
    };
    if (lines > 1) {
        number(TextRole::Strong, theme().text, look.strong);
    }
    if (lines > 2) {
        number(TextRole::Caption, theme().dim, look.dim);
    }
    if (look.bar >= 0) {
        paintCapacity(painter, QRectF(inner.left(), inner.bottom() - 3 / zoom, inner.width(), 4 / zoom), look.bar);
    }
}

void paintFullText(QPainter& painter, const CardLook& look) {
    const Palette& colors = theme();
    const QRectF inner = look.box.adjusted(16, 8, -12, -8);
    painter.setFont(textFont(TextRole::Caption));
    const double noteWidth = look.note.isEmpty() ? 0 : painter.fontMetrics().horizontalAdvance(look.note) + 8;
    painter.setPen(colors.dim);
    painter.drawText(QRectF(inner.right() - noteWidth, inner.top(), noteWidth, 18), Qt::AlignRight | Qt::AlignVCenter,
                     look.note);
    painter.setFont(textFont(TextRole::CardTitle));
    painter.setPen(colors.text);
    paintText(painter, QRectF(inner.left(), inner.top(), inner.width() - noteWidth, 18), Qt::AlignVCenter, look.title);
    painter.setFont(textFont(TextRole::Strong));
    paintText(painter, QRectF(inner.left(), inner.top() + 21, inner.width(), 16), Qt::AlignVCenter, look.strong);
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(colors.dim);
    paintText(painter, QRectF(inner.left(), inner.top() + 37, inner.width(), 15), Qt::AlignVCenter, look.dim);
    if (look.dots > 0) {
        paintDots(painter, QPointF(inner.left(), inner.bottom() - 9), inner.width() - 70, look.dots, look.edge);
    }
    if (look.bar >= 0) {
        paintCapacity(painter, QRectF(inner.right() - 60, inner.bottom() - 8, 60, 5), look.bar);
    }
}

}  // namespace

void paintCard(QPainter& painter, const CardLook& look, double zoom) {
    const Palette& colors = theme();
    if (zoom < 0.15) {
        painter.fillRect(look.box, look.edge);
        return;
    }
    const double border = look.isSelected || look.hasProblems || look.isTroubled ? 1.5 : 1.0;
    paintSurface(painter, look.box, 8, colors.surface, borderOf(look), border);
    paintEdge(painter, look.box, look.edge);
    if (zoom < fullTextZoom) {
        paintCompactText(painter, look, zoom);
    } else {
        paintFullText(painter, look);
    }
    if (look.hasProblems) {
        const QRectF mark(look.box.right() - 10, look.box.top() - 8, 18, 18);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.background);
        painter.drawEllipse(mark.adjusted(-1, -1, 1, 1));
        paintIcon(painter, Icon::Warning, mark, colors.warning);
    }
}

}  // namespace millrace::widgets
