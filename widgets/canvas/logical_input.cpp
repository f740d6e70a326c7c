#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QMouseEvent>
#include <algorithm>
#include <cmath>

#include "engine/observe/processes.h"
#include "widgets/canvas/card_painter.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"
#include "widgets/style/icons.h"

// What mouse and keyboard do on the logical face.
namespace millrace::widgets {

namespace {
constexpr double snapStep = 8;
constexpr double dragThreshold = 4;
}  // namespace

void LogicalCanvas::mousePressEvent(QMouseEvent* event) {
    if (beginPan(event) || event->button() != Qt::LeftButton) {
        return;
    }
    setFocus(Qt::MouseFocusReason);
    m_pressedAt = m_mouse = toScene(event->position());
    const DiagramEdge* edge =
        portAt(m_pressedAt, true) == nullptr && nodeAt(m_pressedAt) == nullptr ? edgeAt(m_pressedAt) : nullptr;
    markEdge(edge == nullptr ? std::nullopt : std::optional(*edge));
    if (const DiagramNode* node = portAt(m_pressedAt, true)) {
        m_gesture = Gesture::Connecting;
        m_connectFrom = node->id;
        hold();
    } else if (const DiagramNode* hit = nodeAt(m_pressedAt)) {
        if (m_hand.tool() != nullptr) {
            strike(*hit, event->modifiers());
        }
        if (event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier)) {
            m_selection.toggle(hit->id);
        } else if (!m_selection.contains(hit->id)) {
            m_selection.select(hit->id);
        }
        m_gesture = Gesture::Moving;
        m_moved = QPointF();
    } else if (edge != nullptr) {
        m_selection.clear();
    } else if (const DiagramGroup* group = groupTitledAt(m_pressedAt)) {
        m_selection.select(group->id);
    } else {
        m_gesture = Gesture::Marquee;
        if (!(event->modifiers() & Qt::ShiftModifier)) {
            m_selection.clear();
        }
    }
    update();
}

/// Whether the card is that of a process which runs on one of the machines.
bool LogicalCanvas::isProcess(const QString& id) const {
    if (!m_snapshot || !observe::rowOf(observe::kindOf(format::utf8(id))).isTarget()) {
        return false;
    }
    return hostOf(id) != nullptr;
}

/// On which its process runs, or did.
const observe::HostView* LogicalCanvas::hostOf(const QString& id) const {
    const observe::ObjectId process = observe::processOf(format::utf8(id));
    for (const observe::HostView& host : m_snapshot->cluster.hosts) {
        if (std::find(host.processes.begin(), host.processes.end(), process) != host.processes.end()) {
            return &host;
        }
    }
    return nullptr;
}

/// With the tool in hand. What hits machines is done on their face, where they are seen.
void LogicalCanvas::strike(const DiagramNode& node, Qt::KeyboardModifiers modifiers) {
    const FaultTool& tool = *m_hand.tool();
    if (tool.suits(observe::ObjectKind::Host) || !isProcess(node.id)) {
        emit message(tr("This tool works on the physical face: %1").arg(tool.hint));
    } else if (m_hand.isPlanning() || (modifiers & Qt::AltModifier) != 0) {
        emit faultPlanned(tool.kind, node.id);
    } else {
        emit faultRequested(tool.kind, node.id);
    }
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
        hold();  // nothing moves under the hand but what it holds
        m_moved = QPointF(std::round(distance.x() / snapStep), std::round(distance.y() / snapStep)) * snapStep;
        forgetWires();
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
    forgetWires();
    if (gesture == Gesture::Connecting) {
        finishConnecting(scene);
    } else if (gesture == Gesture::Moving && !m_moved.isNull()) {
        QHash<QString, QPointF> positions;
        for (const DiagramNode& node : m_diagram.nodes) {
            if (m_selection.contains(node.id)) {
                positions.insert(node.id, m_spread.toDrawing(m_spread.toFace(node.position) + m_moved));
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
        emit quickAddRequested(event->globalPosition().toPoint(), m_spread.toDrawing(scene));
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
        menu.addAction(tr("Disconnect"), this, [this, cut] { emit disconnectRequested(cut.from, cut.to, cut.stream); });
    } else {
        const QPoint global = event->globalPos();
        menu.addAction(tr("Add here…"), this,
                       [this, global, at = m_spread.toDrawing(scene)] { emit quickAddRequested(global, at); });
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
    const std::string id = format::utf8(node.id);
    fillLeaders(menu, id);
    const bool isOne = isProcess(node.id);
    if (isOne && observe::lifeOn(*hostOf(node.id), observe::processOf(id)) != observe::LifeState::Running) {
        menu.addAction(icon(Icon::Revive), tr("Revive %1").arg(format::titleOf(node.id)), this,
                       [this, target = node.id] { emit reviveRequested(target); });
        menu.addSeparator();
    }
    for (const FaultTool& tool : isOne ? faultTools() : std::vector<FaultTool>()) {
        if (!tool.suits(observe::ObjectKind::Host)) {
            menu.addAction(icon(tool.icon), tr("%1 %2").arg(tool.title, format::titleOf(node.id)), this,
                           [this, kind = tool.kind, target = node.id] { emit faultRequested(kind, target); });
        }
    }
    for (const observe::IngestionView& pipeline : m_snapshot->ingestion) {
        if (pipeline.id == id && pipeline.canBeMended) {
            menu.addAction(icon(Icon::Revive),
                           tr("Mend the reader of %1; dead letters read again: %2")
                               .arg(format::text(pipeline.name), format::count(pipeline.dead)),
                           this, [this, target = node.id] { emit mendRequested(target); });
        }
    }
    const std::string name(observe::nameOf(id));
    const auto slash = name.find('/');
    for (const observe::TopologyView& topology : m_snapshot->storm.topologies) {
        if (slash == std::string::npos || topology.name != name.substr(0, slash)) {
            continue;  // another topology may have a component of the same name
        }
        for (const observe::WorkerView& worker : topology.workers) {
            const bool runsIt =
                std::any_of(worker.executors.begin(), worker.executors.end(),
                            [&](const observe::ExecutorView& e) { return e.component == name.substr(slash + 1); });
            if (runsIt) {
                const QString target = format::text(worker.id);
                menu.addAction(icon(Icon::Crash),
                               tr("Crash %1, which runs it").arg(format::text(observe::titleOf(worker.id))), this,
                               [this, target] { emit faultRequested(QStringLiteral("crash"), target); });
            }
        }
    }
}

/// A topic offers the leaders that it has, and no more of them than can be read.
void LogicalCanvas::fillLeaders(QMenu& menu, std::string_view topic) {
    constexpr int most = 12;
    int offered = 0;
    for (const observe::TopicView& view : m_snapshot->cluster.topics) {
        for (const observe::PartitionView& partition : view.partitions) {
            if (view.id != topic || partition.leader < 0 || offered == most) {
                continue;
            }
            ++offered;
            const QString name = QStringLiteral("%1-%2").arg(format::text(view.name)).arg(partition.partition);
            const QString target = QStringLiteral("leader:") + name;
            menu.addAction(icon(Icon::Crash), tr("Crash the leader of %1: broker %2").arg(name).arg(partition.leader),
                           this, [this, target] { emit faultRequested(QStringLiteral("crash"), target); });
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
        forgetWires();
        update();
    } else if (steps.contains(event->key()) && (event->modifiers() & Qt::ControlModifier)) {
        QHash<QString, QPointF> positions;
        for (const DiagramNode& node : m_diagram.nodes) {
            if (m_selection.contains(node.id)) {
                const QPointF onFace = m_spread.toFace(node.position) + steps.value(event->key());
                positions.insert(node.id, m_spread.toDrawing(onFace));
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
        markEdge(std::nullopt);
        emit disconnectRequested(edge.from, edge.to, edge.stream);
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
        m_followedBeforeDrag = followsContent();
        hold();
    }
}

/// Where a card comes to lie that is dropped at a point: shown while it is dragged, so that it is never put elsewhere
/// unseen. On a wire it goes between.
QPointF LogicalCanvas::dropPlace(const QPointF& scene) const {
    const QSizeF size = cardSize();
    const QPointF corner = scene - QPointF(size.width(), size.height()) / 2;
    return QPointF(std::round(corner.x() / snapStep), std::round(corner.y() / snapStep)) * snapStep;
}

void LogicalCanvas::dragMoveEvent(QDragMoveEvent* event) {
    const QPointF scene = toScene(event->position());
    const DiagramEdge* edge = edgeAt(scene);
    m_hoveredEdge = edge == nullptr ? std::nullopt : std::optional(*edge);
    m_dropAt = edge == nullptr ? freeOnFace(dropPlace(scene)) : dropPlace(scene);
    event->acceptProposedAction();
    update();
}

void LogicalCanvas::dragLeaveEvent(QDragLeaveEvent* event) {
    Q_UNUSED(event)
    m_dropAt.reset();
    m_hoveredEdge.reset();
    if (m_followedBeforeDrag) {
        follow();
    }
    update();
}

void LogicalCanvas::dropEvent(QDropEvent* event) {
    m_dropAt.reset();
    const QString part = QString::fromUtf8(event->mimeData()->data(QLatin1String(partMimeType)));
    const QPointF scene = toScene(event->position());
    setFocus(Qt::MouseFocusReason);
    const DiagramEdge* edge = edgeAt(scene);
    const DiagramEdge cut = edge == nullptr ? DiagramEdge() : *edge;
    m_hoveredEdge.reset();
    event->acceptProposedAction();
    emit addRequested(part, m_spread.toDrawing(dropPlace(scene)), cut.from, cut.to);
}

void LogicalCanvas::leaveEvent(QEvent* event) {
    m_hovered.clear();
    m_hoveredEdge.reset();
    update();
    ZoomCanvas::leaveEvent(event);
}

}  // namespace millrace::widgets
