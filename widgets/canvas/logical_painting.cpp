#include <QPainter>
#include <QPainterPathStroker>
#include <algorithm>
#include <cmath>

#include "widgets/canvas/card_painter.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/controls/format.h"
#include "widgets/controls/palette.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/selection.h"

// How the logical face looks; logical_canvas.cpp holds how it behaves.
namespace millrace::widgets {

namespace {

constexpr int tokensPerEdgeMax = 200;

QColor blend(const QColor& from, const QColor& to, double share) {
    const double s = std::clamp(share, 0.0, 1.0);
    const auto mix = [s](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * s)); };
    return {mix(from.red(), to.red()), mix(from.green(), to.green()), mix(from.blue(), to.blue())};
}

QColor flowColor(double pressure) {
    const Palette& colors = theme();
    if (pressure < 0.5) {
        return blend(colors.dim, colors.warning, pressure * 2);
    }
    return blend(colors.warning, colors.bad, pressure * 2 - 1);
}

/// More flow, denser dots: one every 80 px at 1/s, one every 12 px from 10,000/s on.
double dotPitch(double perSecond) {
    const double decades = std::clamp(std::log10(std::max(perSecond, 1.0)), 0.0, 4.0);
    return 80 - decades * 17;
}

/// Labels keep their size on the screen when the picture gets smaller.
QFont labelFont(double zoom) {
    QFont font = textFont(TextRole::Caption);
    font.setPixelSize(static_cast<int>(std::lround(font.pixelSize() / std::min(zoom, 1.0))));
    return font;
}

/// A pill's size in the scene.
QSizeF pillSize(const QString& text, double zoom) {
    const double scale = 1 / std::min(zoom, 1.0);
    return {QFontMetricsF(labelFont(zoom)).horizontalAdvance(text) + 16 * scale, 18 * scale};
}

void paintPill(QPainter& painter, const QRectF& box, const QString& text, const QColor& border, double zoom) {
    painter.setFont(labelFont(zoom));
    paintSurface(painter, box, box.height() / 2, theme().surface, border);
    painter.setPen(theme().dim);
    painter.drawText(box, Qt::AlignCenter, text);
}

}  // namespace

void LogicalCanvas::paintContent(QPainter& painter) {
    paintEdges(painter);
    paintTokens(painter);
    paintCards(painter);
    paintGesture(painter);
}

void LogicalCanvas::paintEdges(QPainter& painter) {
    const Palette& colors = theme();
    for (const DiagramEdge& edge : m_diagram.edges) {
        const QPainterPath path = pathOf(edge);
        if (path.isEmpty()) {
            continue;
        }
        const LiveFlow flow = m_snapshot ? liveFlow(*m_snapshot, edge) : LiveFlow();
        const bool isMarked = (m_selectedEdge && *m_selectedEdge == edge) || (m_hoveredEdge && *m_hoveredEdge == edge);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(isMarked ? colors.accent : flowColor(flow.pressure), isMarked ? 2.5 : 1.5));
        painter.drawPath(path);
    }
    const std::vector<QRectF> boxes = labelBoxes();
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        if (!boxes[i].isEmpty()) {
            paintPill(painter, boxes[i], labelOf(m_diagram.edges[i]), colors.line, zoom());
        }
    }
}

QString LogicalCanvas::labelOf(const DiagramEdge& edge) const {
    return edge.label.isEmpty() && m_snapshot ? liveFlow(*m_snapshot, edge).text : edge.label;
}

/// Between the cards where the gap is wide enough, else above or below them: a name is not to be looked for with the
/// mouse. None covers a card or another name.
std::vector<QRectF> LogicalCanvas::labelBoxes() const {
    constexpr double smallestZoom = 0.35;
    std::vector<QRectF> boxes(m_diagram.edges.size());
    if (zoom() < smallestZoom) {
        return boxes;
    }
    const double space = 3 / zoom();
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const DiagramEdge& edge = m_diagram.edges[i];
        const DiagramNode* from = m_diagram.find(edge.from);
        const DiagramNode* to = m_diagram.find(edge.to);
        const QString label = labelOf(edge);
        if (label.isEmpty() || from == nullptr || to == nullptr) {
            continue;
        }
        const QPointF middle = pathOf(edge).pointAtPercent(0.5);
        const QSizeF size = pillSize(label, zoom());
        const double above = std::min(boxOf(*from).top(), boxOf(*to).top()) - size.height() / 2 - space;
        const double below = std::max(boxOf(*from).bottom(), boxOf(*to).bottom()) + size.height() / 2 + space;
        for (const double y : {middle.y(), middle.y() - 15 / zoom(), above, below}) {
            QRectF box(QPointF(), size);
            box.moveCenter(QPointF(middle.x(), y));
            const auto isHit = [&](const QRectF& other) { return other.intersects(box); };
            const bool isOnCard = std::any_of(m_diagram.nodes.begin(), m_diagram.nodes.end(),
                                              [&](const DiagramNode& node) { return isHit(boxOf(node)); });
            if (!isOnCard && std::none_of(boxes.begin(), boxes.end(), isHit)) {
                boxes[i] = box;
                break;
            }
        }
    }
    return boxes;
}

QRectF LogicalCanvas::labelInView(const QString& from, const QString& to) const {
    const std::vector<QRectF> boxes = labelBoxes();
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        if (m_diagram.edges[i].from == from && m_diagram.edges[i].to == to) {
            return boxes[i].isEmpty() ? QRectF() : toView(boxes[i]);
        }
    }
    return {};
}

void LogicalCanvas::paintTokens(QPainter& painter) {
    if (!m_snapshot || zoom() < 0.25) {
        return;
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().accent);
    for (const DiagramEdge& edge : m_diagram.edges) {
        const QPainterPath path = pathOf(edge);
        const double length = path.length();
        if (length <= 0) {
            continue;
        }
        const std::string from = format::utf8(edge.from);
        const std::string to = format::utf8(edge.to);
        int shown = 0;
        for (const observe::Flight& flight : m_snapshot->flights.flights) {
            if (flight.from != from || flight.to != to || flight.arrives <= flight.departs ||
                shown >= tokensPerEdgeMax) {
                continue;
            }
            const double share =
                seconds(m_snapshot->run.now - flight.departs) / seconds(flight.arrives - flight.departs);
            if (share >= 0 && share <= 1) {
                painter.drawEllipse(path.pointAtPercent(share), 3.5, 3.5);
                ++shown;
            }
        }
        const double rate = liveFlow(*m_snapshot, edge).perSecond;
        if (shown == 0 && rate > 0) {
            const double pitch = dotPitch(rate);
            const double phase = m_flowPhase.value(edge.from + QLatin1Char('>') + edge.to);
            for (double at = std::fmod(std::fmod(phase, pitch) + pitch, pitch); at < length; at += pitch) {
                painter.drawEllipse(path.pointAtPercent(path.percentAtLength(at)), 2.8, 2.8);
            }
        }
    }
}

void LogicalCanvas::paintCards(QPainter& painter) {
    const QRectF visible = visibleScene().adjusted(-20, -20, 20, 20);
    for (const DiagramNode& node : m_diagram.nodes) {
        CardLook look;
        look.box = boxOf(node);
        if (!look.box.intersects(visible)) {
            continue;
        }
        const LiveFigures figures = m_snapshot ? liveFigures(*m_snapshot, node) : LiveFigures();
        look.edge = theme().kind(node.kind);
        look.title = node.title;
        look.note = node.note;
        look.strong = figures.isKnown ? figures.strong : node.summary;
        look.dim = figures.isKnown ? figures.dim : QString();
        look.dots = figures.executors > 0 ? figures.executors : node.executors;
        look.bar = figures.bar;
        look.isSelected = m_selection.contains(node.id);
        look.isHovered = m_hovered == node.id;
        look.isTroubled = figures.isTroubled;
        look.hasProblems = !node.problems.isEmpty();
        paintCard(painter, look, zoom());
        if (zoom() >= 0.4) {
            const bool connecting = m_gesture == Gesture::Connecting;
            const DiagramNode* source = connecting ? m_diagram.find(m_connectFrom) : nullptr;
            if (node.hasInput()) {
                paintPort(painter, inputPort(node), source != nullptr && canConnect(source->kind, node.kind));
            }
            if (node.hasOutput()) {
                const QPointF port = outputPort(node);
                const bool isNear = !connecting && std::hypot(port.x() - m_mouse.x(), port.y() - m_mouse.y()) < 14;
                paintPort(painter, port, isNear);
            }
        }
    }
}

void LogicalCanvas::paintGesture(QPainter& painter) {
    const Palette& colors = theme();
    if (m_gesture == Gesture::Marquee) {
        QColor fill = colors.accent;
        fill.setAlpha(30);
        paintSurface(painter, QRectF(m_pressedAt, m_mouse).normalized(), 2, fill, colors.accent);
    } else if (m_gesture == Gesture::Connecting) {
        if (const DiagramNode* from = m_diagram.find(m_connectFrom)) {
            const QPointF start = outputPort(*from);
            QPainterPath path(start);
            const double bend = std::max(24.0, std::abs(m_mouse.x() - start.x()) / 2);
            path.cubicTo(start + QPointF(bend, 0), m_mouse - QPointF(bend, 0), m_mouse);
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(colors.accent, 2, Qt::DashLine));
            painter.drawPath(path);
        }
    }
    if (m_dropAt) {
        const QRectF box(*m_dropAt - QPointF(cardWidth, cardHeight) / 2, QSizeF(cardWidth, cardHeight));
        painter.setBrush(colors.soft);
        painter.setPen(QPen(colors.accent, 1.5, Qt::DashLine));
        painter.drawRoundedRect(box, 8, 8);
    }
}

void LogicalCanvas::paintOver(QPainter& painter) {
    const Palette& colors = theme();
    painter.setFont(textFont(TextRole::CardTitle));
    painter.setPen(colors.text);
    painter.drawText(QPointF(16, 24), tr("Logical"));
    const int after = painter.fontMetrics().horizontalAdvance(tr("Logical")) + 28;
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(colors.dim);
    painter.drawText(QPointF(after, 24), tr("what flows where"));
    if (m_diagram.nodes.empty()) {
        paintEmptyHint(painter);
    } else {
        paintMinimap(painter);
    }
}

void LogicalCanvas::paintEmptyHint(QPainter& painter) const {
    const Palette& colors = theme();
    const QRectF box(width() / 2.0 - 210, height() / 2.0 - 56, 420, 112);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colors.off, 1.5, Qt::DashLine));
    painter.drawRoundedRect(box, 8, 8);
    painter.setFont(textFont(TextRole::Title));
    painter.setPen(colors.text);
    painter.drawText(box.adjusted(0, 16, 0, -60), Qt::AlignCenter, tr("Drag a source here first"));
    painter.setFont(textFont(TextRole::Body));
    painter.setPen(colors.dim);
    painter.drawText(box.adjusted(20, 48, -20, -12), Qt::AlignCenter | Qt::TextWordWrap,
                     tr("Then a topic, a Kafka spout, bolts and a sink. Drag from the circle at a card's right to the "
                        "next card, and press Space to play."));
}

void LogicalCanvas::paintMinimap(QPainter& painter) const {
    const QRectF frame = minimapInView();
    if (frame.isEmpty()) {
        return;
    }
    const QRectF content = contentRect();
    const QRectF seen = visibleScene();
    paintSurface(painter, frame, 6, theme().surface, theme().line);
    const QRectF world = (content | seen).adjusted(-20, -20, 20, 20);
    const double scale = std::min((frame.width() - 8) / world.width(), (frame.height() - 8) / world.height());
    const auto map = [&](const QRectF& r) {
        return QRectF(frame.center() + (r.topLeft() - world.center()) * scale, r.size() * scale);
    };
    painter.save();
    painter.setClipRect(frame);
    for (const DiagramNode& node : m_diagram.nodes) {
        painter.fillRect(map(boxOf(node)), theme().kind(node.kind));
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().accent, 1));
    painter.drawRect(map(seen));
    painter.restore();
}

}  // namespace millrace::widgets
