#include "widgets/style/icons.h"

#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPixmap>
#include <cmath>
#include <utility>

#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

struct Strokes {
    QPainterPath lines;
    QPainterPath fills;
};

void triangle(QPainterPath& path, qreal x, qreal y, qreal width, qreal height) {
    path.moveTo(x, y);
    path.lineTo(x + width, y + height / 2);
    path.lineTo(x, y + height);
    path.closeSubpath();
}

void line(QPainterPath& path, qreal x1, qreal y1, qreal x2, qreal y2) {
    path.moveTo(x1, y1);
    path.lineTo(x2, y2);
}

Strokes transport(Icon icon) {
    Strokes s;
    switch (icon) {
        case Icon::ToStart:
            line(s.lines, 3, 3, 3, 13);
            triangle(s.fills, 13, 3, -8, 10);
            break;
        case Icon::StepBack:
            line(s.lines, 12.5, 3, 12.5, 13);
            triangle(s.fills, 9.5, 3, -7, 10);
            break;
        case Icon::Play:
            triangle(s.fills, 4, 2.5, 9.5, 11);
            break;
        case Icon::Pause:
            s.fills.addRect(QRectF(4, 3, 2.6, 10));
            s.fills.addRect(QRectF(9.4, 3, 2.6, 10));
            break;
        case Icon::Stop:
            s.fills.addRect(QRectF(4, 4, 8, 8));
            break;
        case Icon::Step:
            line(s.lines, 3.5, 3, 3.5, 13);
            triangle(s.fills, 6.5, 3, 7, 10);
            break;
        case Icon::Fast:
            triangle(s.fills, 2, 3, 6, 10);
            triangle(s.fills, 8, 3, 6, 10);
            break;
        case Icon::Express:
            triangle(s.fills, 1, 3, 5, 10);
            triangle(s.fills, 6.5, 3, 5, 10);
            line(s.lines, 13.5, 3, 13.5, 13);
            break;
        default:
            break;
    }
    return s;
}

Strokes faultTool(Icon icon) {
    Strokes s;
    switch (icon) {
        case Icon::Select:
            s.lines.moveTo(4, 2);
            s.lines.lineTo(4, 12.5);
            s.lines.lineTo(6.8, 9.8);
            s.lines.lineTo(8.8, 14);
            s.lines.lineTo(10.6, 13.1);
            s.lines.lineTo(8.7, 9);
            s.lines.lineTo(12.3, 9);
            s.lines.closeSubpath();
            break;
        case Icon::Crash:  // a hammer
            s.lines.addRoundedRect(QRectF(2, 2.5, 9, 4.5), 1, 1);
            line(s.lines, 6.5, 7, 6.5, 14);
            line(s.lines, 11, 3.2, 13.5, 4.6);
            break;
        case Icon::Power:
            s.lines.arcMoveTo(QRectF(2.5, 3, 11, 11), 120);
            s.lines.arcTo(QRectF(2.5, 3, 11, 11), 120, 300);
            line(s.lines, 8, 1.5, 8, 7.5);
            break;
        case Icon::Cut:  // scissors
            s.lines.addEllipse(QPointF(4, 12), 2, 2);
            s.lines.addEllipse(QPointF(12, 12), 2, 2);
            line(s.lines, 5.2, 10.3, 11.5, 1.8);
            line(s.lines, 10.8, 10.3, 4.5, 1.8);
            break;
        case Icon::Slow:  // a snail
            s.lines.addEllipse(QPointF(9, 7.5), 3.8, 3.8);
            s.lines.addEllipse(QPointF(9, 7.5), 1.4, 1.4);
            s.lines.moveTo(14.5, 13);
            s.lines.lineTo(3.5, 13);
            s.lines.quadTo(2, 10, 2.2, 5.5);
            line(s.lines, 2.2, 5.5, 1.2, 3.8);
            line(s.lines, 2.2, 5.5, 3.8, 4);
            break;
        case Icon::Hourglass:
            line(s.lines, 3.5, 2, 12.5, 2);
            line(s.lines, 3.5, 14, 12.5, 14);
            s.lines.moveTo(4.5, 2);
            s.lines.quadTo(4.5, 6, 8, 8);
            s.lines.quadTo(11.5, 10, 11.5, 14);
            s.lines.moveTo(11.5, 2);
            s.lines.quadTo(11.5, 6, 8, 8);
            s.lines.quadTo(4.5, 10, 4.5, 14);
            break;
        case Icon::DiskFull:
        case Icon::SlowDisk:
            s.lines.addEllipse(QPointF(8, 4), 5.2, 2.1);
            s.lines.moveTo(2.8, 4);
            s.lines.lineTo(2.8, 12);
            s.lines.quadTo(3.2, 14.1, 8, 14.1);
            s.lines.quadTo(12.8, 14.1, 13.2, 12);
            s.lines.lineTo(13.2, 4);
            if (icon == Icon::DiskFull) {
                s.fills.addRect(QRectF(4.2, 7.5, 7.6, 5));
            } else {
                s.lines.moveTo(2.8, 8);
                s.lines.quadTo(3.2, 10.1, 8, 10.1);
                s.lines.quadTo(12.8, 10.1, 13.2, 8);
            }
            break;
        case Icon::Clock:
            s.lines.addEllipse(QPointF(8, 8), 6, 6);
            s.lines.moveTo(8, 4.5);
            s.lines.lineTo(8, 8);
            s.lines.lineTo(10.8, 9.6);
            break;
        default:
            break;
    }
    return s;
}

Strokes sign(Icon icon) {
    Strokes s;
    switch (icon) {
        case Icon::Revive:
        case Icon::Redo:
        case Icon::Undo: {
            const bool mirrored = icon == Icon::Undo;
            QPainterPath arrow;
            arrow.arcMoveTo(QRectF(3, 3.5, 10, 10), 40);
            arrow.arcTo(QRectF(3, 3.5, 10, 10), 40, icon == Icon::Revive ? 300 : 190);
            const QPointF tip(8 + 5 * std::cos(0.698), 8.5 - 5 * std::sin(0.698));
            arrow.moveTo(tip + QPointF(0.6, -4));
            arrow.lineTo(tip);
            arrow.lineTo(tip + QPointF(-4, 0.2));
            s.lines = mirrored ? QTransform(-1, 0, 0, 1, 16, 0).map(arrow) : arrow;
            break;
        }
        case Icon::Crown:
            s.fills.moveTo(2, 4.5);
            s.fills.lineTo(5.2, 8);
            s.fills.lineTo(8, 3);
            s.fills.lineTo(10.8, 8);
            s.fills.lineTo(14, 4.5);
            s.fills.lineTo(12.8, 12.5);
            s.fills.lineTo(3.2, 12.5);
            s.fills.closeSubpath();
            break;
        case Icon::Search:
            s.lines.addEllipse(QPointF(7, 7), 4.5, 4.5);
            line(s.lines, 10.4, 10.4, 14, 14);
            break;
        case Icon::Fit:
            for (const auto& [x, y, dx, dy] :
                 {std::tuple{2, 2, 1, 1}, {14, 2, -1, 1}, {2, 14, 1, -1}, {14, 14, -1, -1}}) {
                s.lines.moveTo(x + 4 * dx, y);
                s.lines.lineTo(x, y);
                s.lines.lineTo(x, y + 4 * dy);
            }
            break;
        case Icon::ZoomIn:
        case Icon::ZoomOut:
            s.lines.addEllipse(QPointF(7, 7), 4.8, 4.8);
            line(s.lines, 10.6, 10.6, 14, 14);
            line(s.lines, 4.8, 7, 9.2, 7);
            if (icon == Icon::ZoomIn) {
                line(s.lines, 7, 4.8, 7, 9.2);
            }
            break;
        case Icon::Key:
            s.lines.addEllipse(QPointF(8, 8), 6.2, 6.2);
            s.lines.moveTo(6, 6.4);
            s.lines.cubicTo(6, 3.8, 10, 3.8, 10, 6.3);
            s.lines.cubicTo(10, 7.8, 8, 7.6, 8, 9.4);
            s.fills.addEllipse(QPointF(8, 11.7), 0.9, 0.9);
            break;
        case Icon::Warning:
            s.lines.moveTo(8, 2.2);
            s.lines.lineTo(14.4, 13.4);
            s.lines.lineTo(1.6, 13.4);
            s.lines.closeSubpath();
            line(s.lines, 8, 6.2, 8, 9.4);
            s.fills.addEllipse(QPointF(8, 11.4), 0.8, 0.8);
            break;
        case Icon::Error:
            s.lines.addEllipse(QPointF(8, 8), 6.2, 6.2);
            line(s.lines, 5.6, 5.6, 10.4, 10.4);
            line(s.lines, 10.4, 5.6, 5.6, 10.4);
            break;
        case Icon::Close:
            line(s.lines, 4, 4, 12, 12);
            line(s.lines, 12, 4, 4, 12);
            break;
        default:
            break;
    }
    return s;
}

Strokes document(Icon icon) {
    Strokes s;
    switch (icon) {
        case Icon::New:
            s.lines.moveTo(3.5, 1.8);
            s.lines.lineTo(9.5, 1.8);
            s.lines.lineTo(12.8, 5.2);
            s.lines.lineTo(12.8, 14.2);
            s.lines.lineTo(3.5, 14.2);
            s.lines.closeSubpath();
            break;
        case Icon::Open:
            s.lines.moveTo(1.8, 13);
            s.lines.lineTo(1.8, 3.5);
            s.lines.lineTo(6, 3.5);
            s.lines.lineTo(7.5, 5.2);
            s.lines.lineTo(13, 5.2);
            s.lines.lineTo(13, 7.4);
            s.lines.moveTo(1.8, 13);
            s.lines.lineTo(4.2, 7.4);
            s.lines.lineTo(15, 7.4);
            s.lines.lineTo(12.6, 13);
            s.lines.closeSubpath();
            break;
        case Icon::Save:
            line(s.lines, 8, 1.8, 8, 9.8);
            s.lines.moveTo(4.6, 6.6);
            s.lines.lineTo(8, 10);
            s.lines.lineTo(11.4, 6.6);
            s.lines.moveTo(2, 10.5);
            s.lines.lineTo(2, 14);
            s.lines.lineTo(14, 14);
            s.lines.lineTo(14, 10.5);
            break;
        case Icon::Theme:
            s.lines.addEllipse(QPointF(8, 8), 6, 6);
            s.fills.moveTo(8, 2);
            s.fills.arcTo(QRectF(2, 2, 12, 12), 90, -180);
            s.fills.closeSubpath();
            break;
        case Icon::Fork:
            s.lines.addEllipse(QPointF(4, 3.4), 1.6, 1.6);
            line(s.lines, 4, 5, 4, 14);
            s.lines.moveTo(4, 6);
            s.lines.cubicTo(4, 10, 11.5, 8, 11.5, 14);
            break;
        default:
            break;
    }
    return s;
}

Strokes strokesOf(Icon icon) {
    for (const auto& family : {transport, faultTool, sign, document}) {
        Strokes s = family(icon);
        if (!s.lines.isEmpty() || !s.fills.isEmpty()) {
            return s;
        }
    }
    return {};
}

/// Asks the palette at paint time, so icons follow a change of theme by themselves.
class DrawnIcon final : public QIconEngine {
public:
    DrawnIcon(Icon icon, Tint tint) : m_icon(icon), m_tint(tint) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
        QColor color = m_tint == Tint::OnAccent ? theme().surface : theme().text;
        if (mode == QIcon::Disabled) {
            color = theme().off;
        } else if (state == QIcon::On) {
            color = theme().accent;
        }
        paintIcon(*painter, m_icon, rect, color);
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        QPixmap picture(size);
        picture.fill(Qt::transparent);
        QPainter painter(&picture);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return picture;
    }

    QIconEngine* clone() const override { return new DrawnIcon(m_icon, m_tint); }

private:
    Icon m_icon;
    Tint m_tint;
};

}  // namespace

Icon iconNamed(std::string_view name) {
    static constexpr std::pair<std::string_view, Icon> names[] = {
        {"crash", Icon::Crash}, {"power", Icon::Power}, {"hourglass", Icon::Hourglass},
        {"slow", Icon::Slow},   {"cut", Icon::Cut},     {"slow-disk", Icon::SlowDisk},
        {"stop", Icon::Stop},   {"clock", Icon::Clock}, {"full-disk", Icon::DiskFull}};
    for (const auto& [known, icon] : names) {
        if (known == name) {
            return icon;
        }
    }
    return Icon::Select;
}

void paintIcon(QPainter& painter, Icon icon, const QRectF& box, const QColor& color) {
    const Strokes strokes = strokesOf(icon);
    const qreal side = std::min(box.width(), box.height());
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(box.center() - QPointF(side / 2, side / 2));
    painter.scale(side / 16, side / 16);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(strokes.lines);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawPath(strokes.fills);
    painter.restore();
}

QIcon icon(Icon icon, Tint tint) {
    return QIcon(new DrawnIcon(icon, tint));
}

}  // namespace millrace::widgets
