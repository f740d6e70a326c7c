#include <QPainter>
#include <algorithm>
#include <cmath>
#include <unordered_map>

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
    return {QFontMetricsF(labelFont(zoom)).horizontalAdvance(text) + 11 * scale, 17 * scale};
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
    paintLabels(painter);
    paintCards(painter);
    paintGesture(painter);
}

void LogicalCanvas::paintEdges(QPainter& painter) {
    const Palette& colors = theme();
    painter.setBrush(Qt::NoBrush);
    for (std::size_t i = 0; i < m_diagram.edges.size(); ++i) {
        const DiagramEdge& edge = m_diagram.edges[i];
        const Wire& wire = wires()[i];
        if (wire.isEmpty()) {
            continue;
        }
        const bool isMarked = (m_selectedEdge && *m_selectedEdge == edge) || (m_hoveredEdge && *m_hoveredEdge == edge);
        painter.setPen(QPen(isMarked ? colors.accent : flowColor(flowOf(i).pressure), isMarked ? 2.5 : 1.5));
        painter.drawPath(wire.path);
    }
}

void LogicalCanvas::paintLabels(QPainter& painter) {
    const std::vector<QRectF>& boxes = labelBoxes();
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        if (!boxes[i].isEmpty()) {
            paintPill(painter, boxes[i], labelOf(i), theme().line, zoom());
        }
    }
}

QString LogicalCanvas::labelOf(std::size_t edge) const {
    const QString& name = m_diagram.edges[edge].label;
    return name.isEmpty() ? flowOf(edge).text : name;
}

/// A rate has the room of the longest, so that no pill moves because a number does.
QString LogicalCanvas::longestLabel(std::size_t edge) const {
    const QString label = labelOf(edge);
    return m_diagram.edges[edge].label.isEmpty() && !label.isEmpty() ? QStringLiteral("88.8 k/s") : label;
}

/// Beside its wire, where it covers no card, no other wire and no other name; where the gap is too narrow, above or
/// below the cards: a name is not to be looked for with the mouse.
QRectF LogicalCanvas::placeLabel(std::size_t edge, const QSizeF& size, const std::vector<QRectF>& taken) const {
    const Wire& wire = wires()[edge];
    const double space = 4 / std::min(zoom(), 1.0);
    const auto isOnCard = [&](const QRectF& box) {
        return std::any_of(m_diagram.nodes.begin(), m_diagram.nodes.end(),
                           [&](const DiagramNode& node) { return boxOf(node).adjusted(-1, -1, 1, 1).intersects(box); });
    };
    const auto isOnWire = [&](const QRectF& box) {
        return std::any_of(wires().begin(), wires().end(), [&](const Wire& other) {
            return other.path.controlPointRect().adjusted(-1, -1, 1, 1).intersects(box) &&
                   std::any_of(other.points.begin(), other.points.end(),
                               [&](const QPointF& point) { return box.contains(point); });
        });
    };
    const auto isTaken = [&](const QRectF& box) {
        return std::any_of(taken.begin(), taken.end(), [&](const QRectF& other) { return other.intersects(box); });
    };
    const auto boxAt = [&](const QPointF& center) {
        QRectF box(QPointF(), size);
        box.moveCenter(center);
        return box;
    };
    const double beside = size.height() / 2 + space;
    std::vector<QPointF> places;
    for (const double share : {0.5, 0.35, 0.65, 0.2, 0.8}) {
        const QPointF on = wire.at(share * wire.length);
        places.push_back(on - QPointF(0, beside));
        places.push_back(on + QPointF(0, beside));
        places.push_back(on - QPointF(size.width() / 2 + space, beside));
        places.push_back(on + QPointF(size.width() / 2 + space, beside));
    }
    const DiagramNode* from = m_diagram.find(m_diagram.edges[edge].from);
    const DiagramNode* to = m_diagram.find(m_diagram.edges[edge].to);
    const QPointF middle = wire.at(wire.length / 2);
    places.emplace_back(middle.x(), std::min(boxOf(*from).top(), boxOf(*to).top()) - beside);
    places.emplace_back(middle.x(), std::max(boxOf(*from).bottom(), boxOf(*to).bottom()) + beside);
    places.emplace_back(middle.x(), boxOf(*to).top() - beside);
    places.emplace_back(middle.x(), boxOf(*from).top() - beside);
    places.emplace_back(middle.x(), boxOf(*to).bottom() + beside);
    places.emplace_back(middle.x(), boxOf(*from).bottom() + beside);
    // Rather over a wire than beyond the edge of the face, and rather there than nowhere.
    const QRectF all = contentRect();
    const double room = fitMargins().top() / 2 / zoom();
    const QRectF face(all.left() - room, all.top() - room, all.width() + 2 * room, all.height() + room + space);
    for (const auto& [mayCross, mayLeave] : {std::pair(false, false), std::pair(true, false), std::pair(true, true)}) {
        for (const QPointF& place : places) {
            const QRectF box = boxAt(place);
            if (!isOnCard(box) && !isTaken(box) && (mayCross || !isOnWire(box)) && (mayLeave || face.contains(box))) {
                return box;
            }
        }
    }
    return {};
}

const std::vector<QRectF>& LogicalCanvas::labelBoxes() const {
    constexpr double smallestZoom = 0.35;
    const bool isShown = zoom() >= smallestZoom;
    if (m_labelsZoom == zoom() && m_labels.size() == m_diagram.edges.size()) {
        // Which edges have a name changes when a run begins or ends.
        bool isSame = true;
        for (std::size_t i = 0; i < m_labels.size() && isShown; ++i) {
            isSame = isSame && m_isLabelled[i] == !labelOf(i).isEmpty();
        }
        if (isSame) {
            return m_labels;
        }
    }
    m_labels.assign(m_diagram.edges.size(), QRectF());
    m_isLabelled.assign(m_diagram.edges.size(), false);
    m_labelsZoom = zoom();
    for (std::size_t i = 0; i < m_labels.size() && isShown; ++i) {
        const QString label = longestLabel(i);
        const QSizeF size = label.isEmpty() ? QSizeF() : pillSize(label, zoom());
        m_isLabelled[i] = !size.isEmpty();
        if (m_isLabelled[i] && !wires()[i].isEmpty()) {
            m_labels[i] = placeLabel(i, size, m_labels);
        }
    }
    return m_labels;
}

QRectF LogicalCanvas::labelInView(const QString& from, const QString& to) const {
    const std::vector<QRectF>& boxes = labelBoxes();
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
    // Messages in the air, by the wire on which they are.
    std::unordered_map<std::string, std::vector<const observe::Flight*>> flights;
    for (const observe::Flight& flight : m_snapshot->flights.flights) {
        if (flight.arrives > flight.departs) {
            flights[flight.from + '>' + flight.to].push_back(&flight);
        }
    }
    for (std::size_t i = 0; i < m_diagram.edges.size(); ++i) {
        const DiagramEdge& edge = m_diagram.edges[i];
        const Wire& wire = wires()[i];
        if (wire.isEmpty()) {
            continue;
        }
        int shown = 0;
        const auto found = flights.find(format::utf8(edge.from) + '>' + format::utf8(edge.to));
        if (found != flights.end()) {
            for (const observe::Flight* flight : found->second) {
                const double share =
                    seconds(m_snapshot->run.now - flight->departs) / seconds(flight->arrives - flight->departs);
                if (share >= 0 && share <= 1 && shown < tokensPerEdgeMax) {
                    painter.drawEllipse(wire.at(share * wire.length), 3.5, 3.5);
                    ++shown;
                }
            }
        }
        const double rate = flowOf(i).perSecond;
        if (shown == 0 && rate > 0) {
            const double pitch = dotPitch(rate);
            const double phase = m_flowPhase.value(edge.from + QLatin1Char('>') + edge.to);
            for (double at = std::fmod(std::fmod(phase, pitch) + pitch, pitch); at < wire.length; at += pitch) {
                painter.drawEllipse(wire.at(at), 2.8, 2.8);
            }
        }
    }
}

void LogicalCanvas::paintCards(QPainter& painter) {
    const QRectF visible = visibleScene().adjusted(-20, -20, 20, 20);
    for (const DiagramNode* each : inPaintOrder()) {
        const DiagramNode& node = *each;
        CardLook look;
        look.box = boxOf(node);
        if (!look.box.intersects(visible)) {
            continue;
        }
        const LiveFigures& figures = figuresOf(node);
        look.edge = theme().kind(node.kind);
        look.title = node.title;
        look.endsTell = node.endsTell;
        look.note = node.note;
        look.strong = figures.isKnown ? figures.strong : node.summary;
        look.brief = figures.brief;
        look.dim = figures.isKnown ? figures.dim : QString();
        look.dots = figures.executors > 0 ? figures.executors : node.executors;
        look.bar = figures.bar;
        look.barText = figures.barText;
        look.barColor = figures.isProgress ? look.edge : QColor();
        look.cells = figures.barText.isEmpty() || figures.bar >= 0 ? node.partitions : 0;
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
        const QRectF box(*m_dropAt, cardSize());
        painter.setBrush(colors.soft);
        painter.setPen(QPen(colors.accent, 1.5, Qt::DashLine));
        painter.drawRoundedRect(box, 8, 8);
    }
}

void LogicalCanvas::paintOver(QPainter& painter) {
    const Palette& colors = theme();
    painter.setFont(textFont(TextRole::CardTitle));
    const int after = painter.fontMetrics().horizontalAdvance(tr("Logical")) + 28;
    const double words = QFontMetricsF(textFont(TextRole::Caption)).horizontalAdvance(tr("what flows where"));
    QColor ground = colors.background;
    ground.setAlpha(235);
    painter.fillRect(QRectF(8, 8, after + words, 22), ground);  // a flow that is larger than the face goes on below it
    painter.setPen(colors.text);
    painter.drawText(QPointF(16, 24), tr("Logical"));
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
