#include "widgets/canvas/logical_canvas.h"

#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QMouseEvent>
#include <QPainterPathStroker>
#include <QToolTip>
#include <algorithm>
#include <cmath>

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
constexpr double snapStep = 8;
constexpr double dragThreshold = 4;
}  // namespace

LogicalCanvas::LogicalCanvas(Selection& selection, ToolHand& hand, QWidget* parent)
    : ZoomCanvas(parent), m_selection(selection), m_hand(hand) {
    setAcceptDrops(true);
    setAccessibleName(tr("Logical face"));
    setAccessibleDescription(tr("The stream as a graph of sources, topics, spouts, bolts and sinks"));
    setFitMargins({28, 44, 28, 28});
    setLargestFit(1.4);
    connect(&m_selection, &Selection::changed, this, QOverload<>::of(&QWidget::update));
}

void LogicalCanvas::setDiagram(Diagram diagram) {
    m_diagram = std::move(diagram);
    m_moved = QPointF();
    if (m_selectedEdge &&
        std::find(m_diagram.edges.begin(), m_diagram.edges.end(), *m_selectedEdge) == m_diagram.edges.end()) {
        m_selectedEdge.reset();
    }
    contentChanged();
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
        QStringList lines{node->title};
        lines += node->problems;
        if (m_snapshot) {
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

void LogicalCanvas::mousePressEvent(QMouseEvent* event) {
    if (beginPan(event) || event->button() != Qt::LeftButton) {
        return;
    }
    setFocus(Qt::MouseFocusReason);
    m_pressedAt = m_mouse = toScene(event->position());
    m_selectedEdge.reset();
    if (const DiagramNode* node = portAt(m_pressedAt, true)) {
        m_gesture = Gesture::Connecting;
        m_connectFrom = node->id;
    } else if (const DiagramNode* hit = nodeAt(m_pressedAt)) {
        if (m_hand.tool() != nullptr) {
            emit message(tr("This tool works on the physical face below: %1").arg(m_hand.tool()->hint));
        }
        if (event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier)) {
            m_selection.toggle(hit->id);
        } else if (!m_selection.contains(hit->id)) {
            m_selection.select(hit->id);
        }
        m_gesture = Gesture::Moving;
        m_moved = QPointF();
    } else if (const DiagramEdge* edge = edgeAt(m_pressedAt)) {
        m_selectedEdge = *edge;
        m_selection.clear();
    } else {
        m_gesture = Gesture::Marquee;
        if (!(event->modifiers() & Qt::ShiftModifier)) {
            m_selection.clear();
        }
    }
    update();
}

void LogicalCanvas::mouseMoveEvent(QMouseEvent* event) {
    if (continuePan(event)) {
        return;
    }
    m_mouse = toScene(event->position());
    if (m_gesture == Gesture::Moving) {
        const QPointF distance = m_mouse - m_pressedAt;
        if (m_moved.isNull() && std::hypot(distance.x(), distance.y()) < dragThreshold) {
            return;
        }
        m_moved = QPointF(std::round(distance.x() / snapStep), std::round(distance.y() / snapStep)) * snapStep;
    } else if (m_gesture == Gesture::None) {
        const DiagramNode* node = nodeAt(m_mouse);
        const DiagramEdge* edge = node == nullptr ? edgeAt(m_mouse) : nullptr;
        m_hovered = node == nullptr ? QString() : node->id;
        m_hoveredEdge = edge == nullptr ? std::nullopt : std::optional(*edge);
        const bool onPort = portAt(m_mouse, true) != nullptr;
        setCursor(onPort ? Qt::CrossCursor : node != nullptr ? Qt::PointingHandCursor : Qt::ArrowCursor);
    }
    update();
}

void LogicalCanvas::mouseReleaseEvent(QMouseEvent* event) {
    if (endPan(event) || event->button() != Qt::LeftButton) {
        return;
    }
    const QPointF scene = toScene(event->position());
    const Gesture gesture = std::exchange(m_gesture, Gesture::None);
    if (gesture == Gesture::Connecting) {
        finishConnecting(scene);
    } else if (gesture == Gesture::Moving && !m_moved.isNull()) {
        QHash<QString, QPointF> positions;
        for (const DiagramNode& node : m_diagram.nodes) {
            if (m_selection.contains(node.id)) {
                positions.insert(node.id, node.position + m_moved);
            }
        }
        m_moved = QPointF();
        emit moveRequested(positions);
    } else if (gesture == Gesture::Marquee) {
        QStringList hit = event->modifiers() & Qt::ShiftModifier ? m_selection.ids() : QStringList();
        const QRectF frame = QRectF(m_pressedAt, scene).normalized();
        for (const DiagramNode& node : m_diagram.nodes) {
            if (frame.intersects(boxOf(node)) && !hit.contains(node.id)) {
                hit.append(node.id);
            }
        }
        m_selection.select(hit);
    }
    update();
}

void LogicalCanvas::finishConnecting(const QPointF& scene) {
    const QString from = std::exchange(m_connectFrom, QString());
    const DiagramNode* source = m_diagram.find(from);
    const DiagramNode* target = portAt(scene, false);
    target = target != nullptr ? target : nodeAt(scene);
    if (source == nullptr || target == nullptr || target == source) {
        return;
    }
    if (canConnect(source->kind, target->kind)) {
        emit connectRequested(source->id, target->id);
        return;
    }
    emit message(tr("A %1 cannot feed a %2")
                     .arg(format::text(observe::toText(source->kind)), format::text(observe::toText(target->kind))));
}

void LogicalCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) {
        return;
    }
    const QPointF scene = toScene(event->position());
    if (nodeAt(scene) != nullptr) {
        renameSelected();
    } else if (edgeAt(scene) == nullptr) {
        emit quickAddRequested(event->globalPosition().toPoint(), scene);
    }
}

void LogicalCanvas::contextMenuEvent(QContextMenuEvent* event) {
    const QPointF scene = toScene(event->pos());
    QMenu menu(this);
    if (const DiagramNode* node = nodeAt(scene)) {
        if (!m_selection.contains(node->id)) {
            m_selection.select(node->id);
        }
        fillNodeMenu(menu, *node);
    } else if (const DiagramEdge* edge = edgeAt(scene)) {
        const DiagramEdge cut = *edge;
        menu.addAction(tr("Disconnect"), this, [this, cut] { emit disconnectRequested(cut.from, cut.to); });
    } else {
        const QPoint global = event->globalPos();
        menu.addAction(tr("Add here…"), this, [this, global, scene] { emit quickAddRequested(global, scene); });
        menu.addAction(tr("Fit to view"), this, &ZoomCanvas::fit);
        menu.addAction(tr("Select all"), this, &LogicalCanvas::selectAll);
    }
    menu.exec(event->globalPos());
}

void LogicalCanvas::fillNodeMenu(QMenu& menu, const DiagramNode& node) {
    menu.addAction(tr("Rename…"), this, &LogicalCanvas::renameSelected);
    menu.addAction(tr("Delete"), this, &LogicalCanvas::removeSelected);
    if (!m_snapshot) {
        return;
    }
    menu.addSeparator();
    if (node.kind == ObjectKind::Topic) {
        const QString topic = format::text(observe::nameOf(format::utf8(node.id)));
        for (int partition = 0; partition < 3; ++partition) {
            const QString target = QStringLiteral("leader:%1-%2").arg(topic).arg(partition);
            menu.addAction(icon(Icon::Crash), tr("Crash the leader of %1-%2").arg(topic).arg(partition), this,
                           [this, target] { emit faultRequested(QStringLiteral("crash"), target); });
        }
        return;
    }
    const std::string name = format::utf8(node.title);
    for (const observe::TopologyView& topology : m_snapshot->storm.topologies) {
        for (const observe::WorkerView& worker : topology.workers) {
            const bool runsIt = std::any_of(worker.executors.begin(), worker.executors.end(),
                                            [&](const observe::ExecutorView& e) { return e.component == name; });
            if (runsIt) {
                const QString target = format::text(worker.id);
                menu.addAction(icon(Icon::Crash),
                               tr("Crash %1, which runs it").arg(format::text(observe::titleOf(worker.id))), this,
                               [this, target] { emit faultRequested(QStringLiteral("crash"), target); });
            }
        }
    }
}

void LogicalCanvas::keyPressEvent(QKeyEvent* event) {
    const QHash<int, QPointF> steps{{Qt::Key_Left, {-snapStep, 0}},
                                    {Qt::Key_Right, {snapStep, 0}},
                                    {Qt::Key_Up, {0, -snapStep}},
                                    {Qt::Key_Down, {0, snapStep}}};
    if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace) {
        removeSelected();
    } else if (event->key() == Qt::Key_F2) {
        renameSelected();
    } else if (event->key() == Qt::Key_Escape && m_gesture != Gesture::None) {
        m_gesture = Gesture::None;
        m_connectFrom.clear();
        m_moved = QPointF();
        update();
    } else if (steps.contains(event->key()) && (event->modifiers() & Qt::ControlModifier)) {
        QHash<QString, QPointF> positions;
        for (const DiagramNode& node : m_diagram.nodes) {
            if (m_selection.contains(node.id)) {
                positions.insert(node.id, node.position + steps.value(event->key()));
            }
        }
        if (!positions.isEmpty()) {
            emit moveRequested(positions);
        }
    } else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Up) {
        selectNeighbour(-1);
    } else if (event->key() == Qt::Key_Right || event->key() == Qt::Key_Down) {
        selectNeighbour(1);
    } else {
        ZoomCanvas::keyPressEvent(event);
    }
}

void LogicalCanvas::selectNeighbour(int direction) {
    if (m_diagram.nodes.empty()) {
        return;
    }
    std::vector<const DiagramNode*> order;
    for (const DiagramNode& node : m_diagram.nodes) {
        order.push_back(&node);
    }
    std::sort(order.begin(), order.end(), [](const DiagramNode* a, const DiagramNode* b) {
        return std::pair(a->position.x(), a->position.y()) < std::pair(b->position.x(), b->position.y());
    });
    const auto current =
        std::find_if(order.begin(), order.end(), [&](const DiagramNode* n) { return n->id == m_selection.current(); });
    const auto size = static_cast<std::ptrdiff_t>(order.size());
    const std::ptrdiff_t index = current == order.end() ? (direction > 0 ? -1 : 0) : current - order.begin();
    m_selection.select(order[static_cast<std::size_t>((index + direction + size) % size)]->id);
}

void LogicalCanvas::removeSelected() {
    if (m_selectedEdge) {
        const DiagramEdge edge = *m_selectedEdge;
        m_selectedEdge.reset();
        emit disconnectRequested(edge.from, edge.to);
        return;
    }
    QStringList ids;
    for (const QString& id : m_selection.ids()) {
        if (m_diagram.find(id) != nullptr) {
            ids.append(id);
        }
    }
    if (!ids.isEmpty()) {
        emit removeRequested(ids);
    }
}

void LogicalCanvas::renameSelected() {
    const DiagramNode* node = m_diagram.find(m_selection.current());
    if (node == nullptr || m_renameEdit != nullptr) {
        return;
    }
    const QRectF card = toView(boxOf(*node));
    m_renameEdit = new QLineEdit(node->title, this);
    m_renameEdit->setAccessibleName(tr("New name"));
    m_renameEdit->setGeometry(QRectF(card.left() + 8, card.top() + 4, std::max(card.width() - 16, 120.0), 26).toRect());
    m_renameEdit->installEventFilter(this);
    m_renameEdit->selectAll();
    m_renameEdit->show();
    m_renameEdit->setFocus();
    const QString id = node->id;
    const QString before = node->title;
    connect(m_renameEdit, &QLineEdit::editingFinished, this, [this, id, before] {
        QLineEdit* edit = std::exchange(m_renameEdit, nullptr);
        if (edit == nullptr) {
            return;
        }
        const QString name = edit->text().trimmed();
        edit->deleteLater();
        setFocus();
        if (!name.isEmpty() && name != before) {
            emit renameRequested(id, name);
        }
    });
}

bool LogicalCanvas::eventFilter(QObject* watched, QEvent* event) {
    const bool isKey = event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress;
    if (watched == m_renameEdit && isKey && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();  // while a name is typed, Esc gives up the typing and nothing else
        if (event->type() == QEvent::KeyPress) {
            std::exchange(m_renameEdit, nullptr)->deleteLater();
            setFocus();
        }
        return true;
    }
    return ZoomCanvas::eventFilter(watched, event);
}

void LogicalCanvas::selectAll() {
    QStringList ids;
    for (const DiagramNode& node : m_diagram.nodes) {
        ids.append(node.id);
    }
    m_selection.select(ids);
}

void LogicalCanvas::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasFormat(QLatin1String(partMimeType))) {
        event->acceptProposedAction();
    }
}

void LogicalCanvas::dragMoveEvent(QDragMoveEvent* event) {
    m_dropAt = toScene(event->position());
    event->acceptProposedAction();
    update();
}

void LogicalCanvas::dragLeaveEvent(QDragLeaveEvent* event) {
    Q_UNUSED(event)
    m_dropAt.reset();
    update();
}

void LogicalCanvas::dropEvent(QDropEvent* event) {
    m_dropAt.reset();
    const QString part = QString::fromUtf8(event->mimeData()->data(QLatin1String(partMimeType)));
    const QPointF scene = toScene(event->position());
    const QPointF corner = scene - QPointF(cardWidth, cardHeight) / 2;
    const QPointF snapped = QPointF(std::round(corner.x() / snapStep), std::round(corner.y() / snapStep)) * snapStep;
    const DiagramEdge* edge = edgeAt(scene);
    event->acceptProposedAction();
    emit addRequested(part, snapped, edge == nullptr ? QString() : edge->from, edge == nullptr ? QString() : edge->to);
}

void LogicalCanvas::leaveEvent(QEvent* event) {
    m_hovered.clear();
    m_hoveredEdge.reset();
    update();
    ZoomCanvas::leaveEvent(event);
}

}  // namespace millrace::widgets
