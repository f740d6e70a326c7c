#include "widgets/canvas/logical_canvas.h"

#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QLineF>
#include <QMenu>
#include <QMimeData>
#include <QMouseEvent>
#include <QPainterPathStroker>
#include <QRegularExpression>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/canvas/card_painter.h"
#include "widgets/controls/format.h"
#include "widgets/controls/icons.h"
#include "widgets/controls/palette.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/selection.h"

namespace millrace::widgets {

using observe::ObjectKind;

namespace {
constexpr double portReach = 14;
}  // namespace

LogicalCanvas::LogicalCanvas(Selection& selection, ToolHand& hand, QWidget* parent)
    : ZoomCanvas(parent), m_selection(selection), m_hand(hand) {
    setAcceptDrops(true);
    setAccessibleName(tr("Logical face"));
    setAccessibleDescription(tr("The stream as a graph of sources, topics, spouts, bolts and sinks"));
    setFitMargins({18, 36, 18, 12});
    setLargestFit(1.4);
    setSmallestFit(smallestReadableZoom);
    connect(&m_selection, &Selection::changed, this, [this] {
        if (!m_selection.ids().isEmpty()) {
            markEdge(std::nullopt);
        }
        update();
    });
}

void LogicalCanvas::setDiagram(Diagram diagram) {
    m_diagram = std::move(diagram);
    m_moved = QPointF();
    if (m_selectedEdge &&
        std::find(m_diagram.edges.begin(), m_diagram.edges.end(), *m_selectedEdge) == m_diagram.edges.end()) {
        markEdge(std::nullopt);
    }
    contentChanged();
}

void LogicalCanvas::markEdge(const std::optional<DiagramEdge>& edge) {
    if (m_selectedEdge != edge) {
        m_selectedEdge = edge;
        update();
        emit edgeSelected(edge);
    }
}

void LogicalCanvas::setSnapshot(observe::SnapshotPtr snapshot) {
    m_snapshot = std::move(snapshot);
    advanceFlow();
    update();
}

void LogicalCanvas::advanceFlow() {
    if (!m_snapshot || m_snapshot->run.now == m_flowAt) {
        return;
    }
    // The pattern moves at one speed to the eye while simulated time passes; how dense it is says how much flows.
    const double direction = m_snapshot->run.now > m_flowAt ? 1.0 : -1.0;
    m_flowAt = m_snapshot->run.now;
    for (const DiagramEdge& edge : m_diagram.edges) {
        if (liveFlow(*m_snapshot, edge).perSecond > 0) {
            double& phase = m_flowPhase[edge.from + QLatin1Char('>') + edge.to];
            phase += 1.6 * direction;
        }
    }
}

QRectF LogicalCanvas::boxOf(const DiagramNode& node) const {
    QPointF position = node.position;
    if (m_gesture == Gesture::Moving && m_selection.contains(node.id)) {
        position += m_moved;
    }
    return {position, QSizeF(cardWidth, cardHeight)};
}

QPointF LogicalCanvas::outputPort(const DiagramNode& node) const {
    const QRectF box = boxOf(node);
    return {box.right(), box.center().y()};
}

QPointF LogicalCanvas::inputPort(const DiagramNode& node) const {
    const QRectF box = boxOf(node);
    return {box.left(), box.center().y()};
}

QRectF LogicalCanvas::cardInView(const QString& id) const {
    const DiagramNode* node = m_diagram.find(id);
    return node == nullptr ? QRectF() : toView(boxOf(*node));
}

QPointF LogicalCanvas::outputPortInView(const QString& id) const {
    const DiagramNode* node = m_diagram.find(id);
    return node == nullptr ? QPointF() : toView(outputPort(*node));
}

QPointF LogicalCanvas::inputPortInView(const QString& id) const {
    const DiagramNode* node = m_diagram.find(id);
    return node == nullptr ? QPointF() : toView(inputPort(*node));
}

QPainterPath LogicalCanvas::pathOf(const DiagramEdge& edge) const {
    QPainterPath path;
    const DiagramNode* from = m_diagram.find(edge.from);
    const DiagramNode* to = m_diagram.find(edge.to);
    if (from == nullptr || to == nullptr) {
        return path;
    }
    const QPointF start = outputPort(*from);
    const QPointF end = inputPort(*to);
    const auto curve = [&path](const QPointF& a, const QPointF& b) {
        const double bend = std::clamp(std::abs(b.x() - a.x()) / 2, 24.0, 140.0);
        path.cubicTo(a + QPointF(bend, 0), b - QPointF(bend, 0), b);
    };
    path.moveTo(start);
    // Around cards that lie between: level with the one end or the other as far as the gap next to the other.
    constexpr double gap = 64;
    if (end.x() - start.x() > 2 * gap) {
        const QPointF levelWithEnd(start.x() + gap, end.y());
        const QPointF levelWithStart(end.x() - gap, start.y());
        if (isBehindCard(edge, start, end)) {
            if (!isBehindCard(edge, levelWithEnd, end)) {
                curve(start, levelWithEnd);
                path.lineTo(end);
                return path;
            }
            if (!isBehindCard(edge, start, levelWithStart)) {
                path.lineTo(levelWithStart);
                curve(levelWithStart, end);
                return path;
            }
        }
    }
    curve(start, end);
    return path;
}

/// Whether a wire between the two points would pass behind a card that it does not join.
bool LogicalCanvas::isBehindCard(const DiagramEdge& edge, const QPointF& start, const QPointF& end) const {
    const QLineF line(start, end);
    return std::any_of(m_diagram.nodes.begin(), m_diagram.nodes.end(), [&](const DiagramNode& node) {
        const QRectF box = boxOf(node).adjusted(0, -6, 0, 6);
        if (node.id == edge.from || node.id == edge.to || box.right() < start.x() || box.left() > end.x()) {
            return false;
        }
        constexpr int samples = 24;
        for (int i = 0; i <= samples; ++i) {
            if (box.contains(line.pointAt(static_cast<double>(i) / samples))) {
                return true;
            }
        }
        return false;
    });
}

const DiagramNode* LogicalCanvas::nodeAt(const QPointF& scene) const {
    for (auto node = m_diagram.nodes.rbegin(); node != m_diagram.nodes.rend(); ++node) {
        if (boxOf(*node).contains(scene)) {
            return &*node;
        }
    }
    return nullptr;
}

const DiagramNode* LogicalCanvas::portAt(const QPointF& scene, bool output) const {
    for (const DiagramNode& node : m_diagram.nodes) {
        if (!(output ? node.hasOutput() : node.hasInput())) {
            continue;
        }
        const QPointF port = output ? outputPort(node) : inputPort(node);
        if (std::hypot(port.x() - scene.x(), port.y() - scene.y()) <= portReach) {
            return &node;
        }
    }
    return nullptr;
}

const DiagramEdge* LogicalCanvas::edgeAt(const QPointF& scene) const {
    QPainterPathStroker stroker;
    stroker.setWidth(12);
    for (const DiagramEdge& edge : m_diagram.edges) {
        if (stroker.createStroke(pathOf(edge)).contains(scene)) {
            return &edge;
        }
    }
    return nullptr;
}

QRectF LogicalCanvas::contentRect() const {
    QRectF rect;
    for (const DiagramNode& node : m_diagram.nodes) {
        rect |= boxOf(node);
    }
    return rect;
}

bool LogicalCanvas::isInHand() const {
    return m_gesture != Gesture::None || m_dropAt || ZoomCanvas::isInHand();
}

QRectF LogicalCanvas::nearestPiece(const QPointF& scene) const {
    QRectF nearest;
    double least = std::numeric_limits<double>::infinity();
    for (const DiagramNode& node : m_diagram.nodes) {
        const QRectF box = boxOf(node);
        const double away = QLineF(box.center(), scene).length();
        if (away < least) {
            least = away;
            nearest = box;
        }
    }
    return nearest;
}

QPointF LogicalCanvas::freePlace(const QPointF& wanted) const {
    constexpr double step = 24;
    constexpr int reach = 40;
    constexpr double apart = 12;
    const QSizeF size(cardWidth, cardHeight);
    const QRectF view = visibleScene().marginsRemoved({8 / zoom(), 36 / zoom(), 8 / zoom(), 8 / zoom()});
    const auto isFree = [&](const QRectF& box) {
        return std::none_of(m_diagram.nodes.begin(), m_diagram.nodes.end(), [&](const DiagramNode& node) {
            return boxOf(node).intersects(box.adjusted(-apart, -apart, apart, apart));
        });
    };
    std::vector<QPointF> ways;
    for (int x = -reach; x <= reach; ++x) {
        for (int y = -reach; y <= reach; ++y) {
            ways.emplace_back(x * step, y * step);
        }
    }
    std::stable_sort(ways.begin(), ways.end(), [](const QPointF& a, const QPointF& b) {
        return QPointF::dotProduct(a, a) < QPointF::dotProduct(b, b);
    });
    // One that was asked for just beyond the edge is taken in first.
    QPointF inside = wanted;
    if (view.width() > cardWidth && view.height() > cardHeight) {
        inside = {std::clamp(wanted.x(), view.left(), view.right() - cardWidth),
                  std::clamp(wanted.y(), view.top(), view.bottom() - cardHeight)};
    }
    for (const QPointF& way : ways) {
        if (const QRectF box(inside + way, size); view.contains(box) && isFree(box)) {
            return box.topLeft();
        }
    }
    const auto anywhere =
        std::find_if(ways.begin(), ways.end(), [&](const QPointF& way) { return isFree(QRectF(wanted + way, size)); });
    return anywhere == ways.end() ? wanted : wanted + *anywhere;
}

QRectF LogicalCanvas::minimapInView() const {
    const QRectF content = contentRect();
    if (content.isEmpty() || visibleScene().contains(content)) {
        return {};  // everything is in view: a map of it would only take room
    }
    const QSizeF size(120, 60);
    const QPointF corners[] = {{width() - 132.0, height() - 72.0}, {width() - 132.0, 12.0}, {12.0, height() - 72.0}};
    for (const QPointF& corner : corners) {
        const QRectF frame(corner, size);
        const bool isFree = std::none_of(m_diagram.nodes.begin(), m_diagram.nodes.end(), [&](const DiagramNode& node) {
            return toView(boxOf(node)).intersects(frame.adjusted(-4, -4, 4, 4));
        });
        if (isFree) {
            return frame;
        }
    }
    return {};
}

bool LogicalCanvas::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        showToolTip(help->globalPos(), toScene(help->pos()));
        return true;
    }
    return ZoomCanvas::event(event);
}

void LogicalCanvas::showToolTip(const QPoint& global, const QPointF& scene) {
    if (const DiagramNode* node = nodeAt(scene)) {
        QStringList lines{node->note.isEmpty() ? node->title : tr("%1, %2").arg(node->title, node->note)};
        lines += node->problems;
        if (m_snapshot) {
            const LiveFigures figures = liveFigures(*m_snapshot, *node);
            lines += QStringList{figures.strong, figures.dim}.filter(QRegularExpression(QStringLiteral(".")));
            lines += liveFigures(*m_snapshot, *node).toolTip.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        }
        QToolTip::showText(global, lines.join(QLatin1Char('\n')), this);
    } else if (const DiagramEdge* edge = edgeAt(scene)) {
        QString text = edge->label;
        if (m_snapshot) {
            const LiveFlow flow = liveFlow(*m_snapshot, *edge);
            text += (text.isEmpty() ? QString() : QStringLiteral("\n")) + flow.toolTip;
        }
        QToolTip::showText(global, text, this);
    } else {
        QToolTip::hideText();
    }
}

}  // namespace millrace::widgets
