#include "widgets/cluster/physical_canvas.h"

#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMimeData>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>

#include "widgets/canvas/logical_canvas.h"
#include "widgets/controls/format.h"
#include "widgets/controls/icons.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/object_facts.h"
#include "widgets/models/selection.h"

namespace millrace::widgets {

using observe::ObjectKind;

PhysicalCanvas::PhysicalCanvas(Selection& selection, ToolHand& hand, QWidget* parent)
    : ZoomCanvas(parent), m_selection(selection), m_hand(hand) {
    setAcceptDrops(true);
    setAccessibleName(tr("Physical face"));
    setAccessibleDescription(tr("Hosts with their brokers, coordination servers, Nimbus, supervisors and workers"));
    setFitMargins({16, 40, 16, 12});
    setLargestFit(1.6);
    connect(&m_selection, &Selection::changed, this, QOverload<>::of(&QWidget::update));
    connect(&m_hand, &ToolHand::changed, this, [this] {
        setCursor(m_hand.tool() == nullptr ? Qt::ArrowCursor : Qt::CrossCursor);
        update();
    });
}

void PhysicalCanvas::setSnapshot(observe::SnapshotPtr snapshot) {
    m_snapshot = std::move(snapshot);
    m_isPlan = false;
    relayout();
}

void PhysicalCanvas::setPlan(observe::SnapshotPtr plan) {
    m_snapshot = std::move(plan);
    m_isPlan = m_snapshot != nullptr;
    m_seats = ClusterSeats();  // another cluster may stand here from now on
    relayout();
}

void PhysicalCanvas::relayout() {
    const QRectF before = m_layout.bounds;
    if (m_snapshot) {
        const double height = std::max(1, this->height() - 52);
        m_layout = layoutCluster(*m_snapshot, std::max(1, width() - 32) / height, m_seats);
    } else {
        m_layout = ClusterLayout();
    }
    if (m_layout.bounds != before) {
        contentChanged();
    } else {
        update();
    }
}

void PhysicalCanvas::resizeEvent(QResizeEvent* event) {
    relayout();
    ZoomCanvas::resizeEvent(event);
}

QRectF PhysicalCanvas::contentRect() const {
    return m_layout.bounds;
}

QRectF PhysicalCanvas::itemInView(const QString& id) const {
    const ClusterItem* item = m_layout.find(id);
    return item == nullptr ? QRectF() : toView(item->box);
}

QRectF PhysicalCanvas::reviveInView(const QString& id) const {
    const ClusterItem* item = m_layout.find(id);
    return item == nullptr || item->reviveBox.isNull() ? QRectF() : toView(item->reviveBox);
}

QString PhysicalCanvas::hostOf(const ClusterItem& item) const {
    const auto text = [](const std::string& id) { return format::text(id); };
    const auto index = static_cast<std::size_t>(std::max(item.index, 0));
    switch (item.kind) {
        case ObjectKind::Broker:
        case ObjectKind::Partition:
            return text(m_snapshot->cluster.brokers[index].host);
        case ObjectKind::Server:
            return text(m_snapshot->cluster.servers[index].host);
        case ObjectKind::Supervisor:
        case ObjectKind::Worker:
            return text(m_snapshot->storm.supervisors[index].host);
        case ObjectKind::Nimbus:
            return text(m_snapshot->storm.nimbus.host);
        case ObjectKind::Host:
            return item.id;
        default:
            break;
    }
    for (const ClusterItem& frame : m_layout.items) {
        if (frame.kind == ObjectKind::Host && frame.box.contains(item.box)) {
            return frame.id;
        }
    }
    return item.id;
}

QString PhysicalCanvas::targetOf(const ClusterItem& item) const {
    const bool onHost = m_hand.tool() != nullptr && m_hand.tool()->suits(ObjectKind::Host);
    if (onHost) {
        return hostOf(item);
    }
    return item.kind == ObjectKind::Partition ? item.owner : item.id;
}

/// In planning, or with Alt, it is put into the plan instead of done now.
void PhysicalCanvas::act(const ClusterItem& item, Qt::KeyboardModifiers modifiers) {
    const FaultTool& tool = *m_hand.tool();
    const QString target = targetOf(item);
    if (!tool.suits(observe::kindOf(format::utf8(target)))) {
        emit message(tool.hint);
        return;
    }
    if (m_hand.isPlanning() || (modifiers & Qt::AltModifier) != 0) {
        emit faultPlanned(tool.kind, target);
    } else {
        emit faultRequested(tool.kind, target);
    }
}

void PhysicalCanvas::mousePressEvent(QMouseEvent* event) {
    if (beginPan(event) || event->button() != Qt::LeftButton) {
        return;
    }
    setFocus(Qt::MouseFocusReason);
    const QPointF scene = toScene(event->position());
    const ClusterItem* item = m_layout.at(scene);
    if (item == nullptr) {
        m_selection.clear();
        return;
    }
    for (const ClusterItem& candidate : m_layout.items) {
        if (!candidate.id.isEmpty() && candidate.reviveBox.contains(scene)) {
            emit reviveRequested(candidate.id);
            return;
        }
    }
    if (m_hand.tool() != nullptr) {
        const ClusterItem chosen = *item;
        act(chosen, event->modifiers());
    } else if (event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier)) {
        m_selection.toggle(item->id);
    } else {
        m_selection.select(item->id);
    }
}

void PhysicalCanvas::mouseMoveEvent(QMouseEvent* event) {
    if (continuePan(event)) {
        return;
    }
    m_mouse = event->position();
    const ClusterItem* item = m_layout.at(toScene(m_mouse));
    const QString hovered = item == nullptr ? QString() : item->id;
    if (hovered != m_hovered || m_hand.tool() != nullptr) {
        m_hovered = hovered;
        update();
    }
}

void PhysicalCanvas::mouseReleaseEvent(QMouseEvent* event) {
    endPan(event);
}

void PhysicalCanvas::leaveEvent(QEvent* event) {
    m_hovered.clear();
    m_mouse = QPointF();
    update();
    ZoomCanvas::leaveEvent(event);
}

void PhysicalCanvas::keyPressEvent(QKeyEvent* event) {
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && m_hand.tool() != nullptr) {
        if (const ClusterItem* selected = m_layout.find(m_selection.current())) {
            const ClusterItem chosen = *selected;
            act(chosen, event->modifiers());
        }
        return;
    }
    if (event->key() == Qt::Key_Delete && m_layout.find(m_selection.current()) != nullptr) {
        emit removeRequested({m_selection.current()});
        return;
    }
    const int step = event->key() == Qt::Key_Right || event->key() == Qt::Key_Down ? 1
                     : event->key() == Qt::Key_Left || event->key() == Qt::Key_Up  ? -1
                                                                                   : 0;
    std::vector<QString> ids;
    for (const ClusterItem& item : m_layout.items) {
        if (!item.id.isEmpty() && item.kind != ObjectKind::Partition) {
            ids.push_back(item.id);
        }
    }
    if (step == 0 || ids.empty()) {
        ZoomCanvas::keyPressEvent(event);
        return;
    }
    const auto current = std::find(ids.begin(), ids.end(), m_selection.current());
    const auto size = static_cast<std::ptrdiff_t>(ids.size());
    const std::ptrdiff_t index = current == ids.end() ? (step > 0 ? -1 : 0) : current - ids.begin();
    m_selection.select(ids[static_cast<std::size_t>((index + step + size) % size)]);
}

void PhysicalCanvas::contextMenuEvent(QContextMenuEvent* event) {
    const ClusterItem* item = m_layout.at(toScene(event->pos()));
    QMenu menu(this);
    if (item != nullptr) {
        m_selection.select(item->id);
        fillMenu(menu, *item);
    } else {
        menu.addAction(tr("Fit to view"), this, &ZoomCanvas::fit);
    }
    menu.exec(event->globalPos());
}

void PhysicalCanvas::fillMenu(QMenu& menu, const ClusterItem& item) {
    const QString process = item.kind == ObjectKind::Partition ? item.owner : item.id;
    const QString host = hostOf(item);
    if (m_isPlan) {
        menu.addAction(tr("Delete"), this, [this, process] { emit removeRequested({process}); });
        return;
    }
    const auto titleOf = [](const QString& id) { return format::text(observe::titleOf(format::utf8(id))); };
    if (observe::isDown(item.state) || item.state == observe::LifeState::Paused) {
        menu.addAction(icon(Icon::Revive), tr("Revive %1").arg(titleOf(process)), this,
                       [this, process] { emit reviveRequested(process); });
        menu.addSeparator();
    }
    for (const FaultTool& tool : faultTools()) {
        const QString target = tool.suits(ObjectKind::Host) ? host : process;
        if (!tool.suits(observe::kindOf(format::utf8(target)))) {
            continue;
        }
        const QString kind = tool.kind;
        menu.addAction(icon(tool.icon), tr("%1 %2").arg(tool.title, titleOf(target)), this,
                       [this, kind, target] { emit faultRequested(kind, target); });
    }
    const observe::HostView* view = nullptr;
    for (const observe::HostView& candidate : m_snapshot->cluster.hosts) {
        if (candidate.id == format::utf8(host)) {
            view = &candidate;
        }
    }
    if (view != nullptr && !view->ailments.empty()) {
        menu.addSeparator();
        menu.addAction(icon(Icon::Revive), tr("Mend %1").arg(titleOf(host)), this,
                       [this, host] { emit reviveRequested(host); });
    }
}

void PhysicalCanvas::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasFormat(QLatin1String(partMimeType))) {
        event->acceptProposedAction();
    }
}

void PhysicalCanvas::dragMoveEvent(QDragMoveEvent* event) {
    const ClusterItem* item = m_layout.at(toScene(event->position()));
    m_hovered = item == nullptr ? QString() : hostOf(*item);
    event->acceptProposedAction();
    update();
}

void PhysicalCanvas::dragLeaveEvent(QDragLeaveEvent* event) {
    Q_UNUSED(event)
    m_hovered.clear();
    update();
}

void PhysicalCanvas::dropEvent(QDropEvent* event) {
    const ClusterItem* item = m_layout.at(toScene(event->position()));
    m_hovered.clear();
    event->acceptProposedAction();
    setFocus(Qt::MouseFocusReason);
    emit addRequested(QString::fromUtf8(event->mimeData()->data(QLatin1String(partMimeType))),
                      item == nullptr ? QString() : hostOf(*item));
}

bool PhysicalCanvas::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && m_snapshot) {
        auto* help = static_cast<QHelpEvent*>(event);
        const ClusterItem* item = m_layout.at(toScene(help->pos()));
        if (item != nullptr) {
            QToolTip::showText(help->globalPos(), toolTipOf(*item), this);
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return ZoomCanvas::event(event);
}

QString PhysicalCanvas::toolTipOf(const ClusterItem& item) const {
    QStringList lines;
    if (item.kind == ObjectKind::Partition) {
        const observe::BrokerView& broker = m_snapshot->cluster.brokers[static_cast<std::size_t>(item.index)];
        const observe::ReplicaView& replica = broker.replicas[static_cast<std::size_t>(item.childIndex)];
        lines << tr("%1 on %2: %3, %4")
                     .arg(format::text(observe::titleOf(format::utf8(item.id))),
                          format::text(observe::titleOf(broker.id)), replica.isLeader ? tr("leader") : tr("follower"),
                          replica.isInSync ? tr("in sync") : tr("out of sync"));
        lines << tr("log start %1, high watermark %2, log end %3 (offsets of records)")
                     .arg(format::count(replica.logStartOffset), format::count(replica.highWatermark),
                          format::count(replica.logEndOffset));
        lines << tr("leader epoch %1").arg(replica.leaderEpoch);
        if (replica.truncatedTo >= 0) {
            lines << tr("truncated from %1 to %2")
                         .arg(format::count(replica.truncatedFrom), format::count(replica.truncatedTo));
        }
        return lines.join(QLatin1Char('\n'));
    }
    const ObjectFacts facts = factsOf(*m_snapshot, item.id);
    lines << tr("%1: %2").arg(facts.title, facts.state);
    for (const Fact& fact : facts.facts) {
        lines << QStringLiteral("%1: %2").arg(fact.name, fact.value);
        if (lines.size() > 8) {
            break;
        }
    }
    return lines.join(QLatin1Char('\n'));
}

}  // namespace millrace::widgets
