#include "widgets/cluster/physical_canvas.h"

#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMimeData>
#include <QMouseEvent>
#include <QSet>
#include <QToolButton>
#include <QToolTip>
#include <algorithm>

#include "widgets/canvas/logical_canvas.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/object_facts.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"
#include "widgets/style/icons.h"

namespace millrace::widgets {

using observe::ObjectKind;
using observe::Stand;

PhysicalCanvas::PhysicalCanvas(Selection& selection, ToolHand& hand, QWidget* parent)
    : ZoomCanvas(parent), m_selection(selection), m_hand(hand) {
    setAcceptDrops(true);
    setAccessibleName(tr("Physical face"));
    setAccessibleDescription(tr("Hosts with their brokers, coordination servers, Nimbus, supervisors and workers"));
    setFitMargins({16, 10, 16, 10});
    setLargestFit(1.5);
    setSmallestFit(0.85);
    m_internal = new QToolButton(this);
    m_internal->setCheckable(true);
    m_internal->setProperty("role", QStringLiteral("framed"));
    m_internal->setFont(textFont(TextRole::Caption));
    m_internal->setToolTip(
        tr("Show the partitions of topics that Kafka keeps for itself too, such as __consumer_offsets"));
    m_internal->hide();
    connect(m_internal, &QToolButton::toggled, this, &PhysicalCanvas::setShowsInternal);
    connect(&m_selection, &Selection::changed, this, QOverload<>::of(&QWidget::update));
    connect(&m_hand, &ToolHand::changed, this, [this] {
        setCursor(m_hand.tool() == nullptr ? Qt::ArrowCursor : Qt::CrossCursor);
        update();
    });
}

void PhysicalCanvas::setSnapshot(observe::SnapshotPtr snapshot) {
    m_snapshot = std::move(snapshot);
    m_moving = m_snapshot;
    m_isPlan = false;
    if (m_snapshot) {
        m_flows.take(*m_snapshot);
    }
    relayout();
}

void PhysicalCanvas::moveTo(const observe::SnapshotPtr& snapshot) {
    const auto isAnything = [this] { return m_moving && !m_flows.of(subjects(), *m_moving).empty(); };
    const bool was = isAnything();
    m_moving = snapshot;
    m_flows.take(*snapshot);
    if (was || isAnything()) {
        update();
    }
}

void PhysicalCanvas::setPlan(observe::SnapshotPtr plan) {
    m_snapshot = std::move(plan);
    m_moving.reset();
    m_isPlan = m_snapshot != nullptr;
    m_layout = ClusterLayout();  // another cluster may stand here from now on
    m_flows.clear();
    relayout();
}

void PhysicalCanvas::setShowsInternal(bool shows) {
    if (m_showsInternal != shows) {
        m_showsInternal = shows;
        m_internal->setChecked(shows);
        m_layout.rows.clear();
        relayout();
    }
}

void PhysicalCanvas::relayout() {
    ++m_version;
    const QRectF before = m_layout.bounds;
    if (m_snapshot) {
        std::vector<ClusterRow> rows = clusterRows(*m_snapshot, m_showsInternal);
        if (rows.empty() && !m_isPlan) {
            // No broker lives that could tell of topics: their rows stay until one does.
            rows = std::move(m_layout.rows);
            for (ClusterRow& row : rows) {
                row.replicas.assign(m_snapshot->cluster.brokers.size(), ClusterRow::unknown);
            }
        }
        const QSizeF room(std::max(1, width() - 32), std::max(1, height() - 20));
        m_layout = layoutCluster(*m_snapshot, std::move(rows), room);
    } else {
        m_layout = ClusterLayout();
    }
    placeSwitch();
    setSmallestFit(m_layout.scale);
    if (m_layout.bounds != before) {
        contentChanged();
    } else {
        update();
    }
}

/// Beside the heading of the face, as long as there is something that it could show.
void PhysicalCanvas::placeSwitch() {
    const std::size_t internal = m_snapshot ? internalPartitions(m_snapshot->cluster) : 0;
    m_internal->setVisible(internal > 0);
    if (internal == 0) {
        return;
    }
    m_internal->setText(tr("+%1 internal").arg(format::count(static_cast<std::int64_t>(internal))));
    m_internal->setAccessibleName(tr("Show internal topics"));
    m_internal->adjustSize();
    const int heading = QFontMetrics(textFont(TextRole::CardTitle)).horizontalAdvance(tr("Physical"));
    m_internal->move(16 + heading + 12, 5);
}

void PhysicalCanvas::resizeEvent(QResizeEvent* event) {
    relayout();
    ZoomCanvas::resizeEvent(event);
}

/// Where more stands than fits, the wheel goes there; with Ctrl, and where all is in view, it zooms.
void PhysicalCanvas::wheelEvent(QWheelEvent* event) {
    const QRectF seen = visibleScene();
    const QRectF all = m_layout.bounds;
    const bool isWider = all.width() > seen.width() + 1;
    const bool isHigher = all.height() > seen.height() + 1;
    if ((event->modifiers() & Qt::ControlModifier) || (!isWider && !isHigher)) {
        ZoomCanvas::wheelEvent(event);
        return;
    }
    const QPointF turned = QPointF(event->angleDelta()) / 2 / zoom();
    const bool sideways = !isHigher || (event->modifiers() & Qt::ShiftModifier);
    const QPointF way = sideways ? QPointF(turned.x() + turned.y(), 0) : turned;
    // No farther than there is something.
    const double x = std::clamp(seen.left() - way.x(), std::min(all.left() - 16, seen.left()),
                                std::max(all.right() + 16 - seen.width(), seen.left()));
    const double y = std::clamp(seen.top() - way.y(), std::min(all.top() - 16, seen.top()),
                                std::max(all.bottom() + 16 - seen.height(), seen.top()));
    centerOn(QPointF(x, y) + QPointF(seen.width(), seen.height()) / 2);
    event->accept();
}

QRectF PhysicalCanvas::contentRect() const {
    return m_layout.bounds;
}

QRectF PhysicalCanvas::itemInView(const QString& id) const {
    if (const ClusterItem* item = m_layout.find(id)) {
        return toView(item->box);
    }
    // A partition on the map: where it is led, or on the first broker.
    const int row = m_layout.rowOf(id);
    const int leader = row < 0 ? -1 : m_layout.rows[static_cast<std::size_t>(row)].leader;
    const QRectF led = leader < 0 ? QRectF() : replicaInView(id, format::text(observe::brokerId(leader)));
    return row < 0 || !led.isNull() || m_snapshot->cluster.brokers.empty()
               ? led
               : replicaInView(id, format::text(m_snapshot->cluster.brokers.front().id));
}

QRectF PhysicalCanvas::replicaInView(const QString& partition, const QString& broker) const {
    for (const ClusterItem& item : m_layout.items) {
        if (item.row >= 0 && item.id == partition && item.owner == broker) {
            return toView(item.box);
        }
    }
    const ClusterItem* card = m_layout.find(broker);
    const int row = m_layout.rowOf(partition);
    if (card == nullptr || row < 0 || m_layout.map.isEmpty()) {
        return {};
    }
    return toView(m_layout.map.cellBox(card->box, static_cast<std::size_t>(row) / m_layout.map.perCell));
}

std::size_t PhysicalCanvas::countDown() const {
    QSet<QString> down;
    for (const ClusterItem& item : m_layout.items) {
        if (item.row < 0 && item.stand != Stand::Machine && !item.id.isEmpty() && observe::isDown(item.state)) {
            down.insert(item.id);
        }
    }
    return static_cast<std::size_t>(down.size());
}

QRectF PhysicalCanvas::reviveInView(const QString& id) const {
    const ClusterItem* item = m_layout.find(id);
    return item == nullptr || item->reviveBox.isNull() ? QRectF() : toView(item->reviveBox);
}

QString PhysicalCanvas::hostOf(const ClusterItem& item) const {
    if (item.stand == Stand::Machine) {
        return item.id;
    }
    // The last line of a card is its machine; what lies on a card shares it.
    const bool isOnCard = item.stand == Stand::Slot || item.row >= 0;
    const QString& card = isOnCard ? item.owner : item.id;
    for (const ClusterItem& line : m_layout.items) {
        if (line.stand == Stand::Machine && line.owner == card) {
            return line.id;
        }
    }
    return item.id;
}

/// What stands at a point: a cell of the map is a partition too.
QString PhysicalCanvas::idAt(const QPointF& scene) const {
    const ClusterItem* item = m_layout.at(scene);
    const int row = item == nullptr || item->stand == Stand::Column ? m_layout.rowAt(scene) : -1;
    if (row >= 0 && (item == nullptr || !m_layout.map.isEmpty())) {
        return m_layout.rows[static_cast<std::size_t>(row)].id();
    }
    return item == nullptr ? QString() : item->id;
}

QString PhysicalCanvas::targetOf(const ClusterItem& item) const {
    const bool onHost = m_hand.tool() != nullptr && m_hand.tool()->suits(ObjectKind::Host);
    if (onHost) {
        return hostOf(item);
    }
    return item.row >= 0 ? item.owner : item.id;
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
    for (const ClusterItem& candidate : m_layout.items) {
        if (!candidate.id.isEmpty() && candidate.reviveBox.contains(scene)) {
            const QString target = candidate.id;
            emit reviveRequested(target);
            return;
        }
    }
    const ClusterItem* item = m_layout.at(scene);
    const QString id = idAt(scene);
    if (m_hand.tool() != nullptr && item != nullptr) {
        const ClusterItem chosen = *item;
        act(chosen, event->modifiers());
    } else if (id.isEmpty()) {
        m_selection.clear();
    } else if (event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier)) {
        m_selection.toggle(id);
    } else {
        m_selection.select(id);
    }
}

void PhysicalCanvas::mouseMoveEvent(QMouseEvent* event) {
    if (continuePan(event)) {
        return;
    }
    m_mouse = event->position();
    const QPointF scene = toScene(m_mouse);
    const ClusterItem* item = m_layout.at(scene);
    const QString hovered = item == nullptr ? QString() : item->id;
    const int row = m_layout.rowAt(scene);
    if (hovered != m_hovered || row != m_hoveredRow || m_hand.tool() != nullptr) {
        m_hovered = hovered;
        m_hoveredRow = row;
        update();
    }
}

void PhysicalCanvas::mouseReleaseEvent(QMouseEvent* event) {
    endPan(event);
}

void PhysicalCanvas::leaveEvent(QEvent* event) {
    m_hovered.clear();
    m_hoveredRow = -1;
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
        const bool isStep = !item.id.isEmpty() && item.row < 0;
        if (isStep && std::find(ids.begin(), ids.end(), item.id) == ids.end()) {
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
        const ClusterItem chosen = *item;
        m_selection.select(chosen.id);
        fillMenu(menu, chosen);
    } else {
        menu.addAction(tr("Fit to view"), this, &ZoomCanvas::fit);
    }
    menu.exec(event->globalPos());
}

void PhysicalCanvas::fillMenu(QMenu& menu, const ClusterItem& item) {
    const QString process = item.row >= 0 ? item.owner : item.id;
    const QString host = hostOf(item);
    if (m_isPlan) {
        menu.addAction(tr("Delete"), this, [this, process] { emit removeRequested({process}); });
        return;
    }
    if (observe::isDown(item.state) || item.state == observe::LifeState::Paused) {
        menu.addAction(icon(Icon::Revive), tr("Revive %1").arg(format::titleOf(process)), this,
                       [this, process] { emit reviveRequested(process); });
        menu.addSeparator();
    }
    for (const FaultTool& tool : faultTools()) {
        const QString target = tool.suits(ObjectKind::Host) ? host : process;
        if (!tool.suits(observe::kindOf(format::utf8(target)))) {
            continue;
        }
        const QString kind = tool.kind;
        menu.addAction(icon(tool.icon), tr("%1 %2").arg(tool.title, format::titleOf(target)), this,
                       [this, kind, target] { emit faultRequested(kind, target); });
    }
    QMenu* plan = menu.addMenu(icon(Icon::Clock), tr("Plan a fault"));
    for (const FaultTool& tool : faultTools()) {
        const QString target = tool.suits(ObjectKind::Host) ? host : process;
        if (tool.suits(observe::kindOf(format::utf8(target)))) {
            plan->addAction(icon(tool.icon),
                            tr("Plan: %1 %2").arg(format::uncapitalised(tool.title), format::titleOf(target)), this,
                            [this, kind = tool.kind, target] { emit faultPlanned(kind, target); });
        }
    }
    const observe::HostView* view = nullptr;
    for (const observe::HostView& candidate : m_snapshot->cluster.hosts) {
        if (candidate.id == format::utf8(host)) {
            view = &candidate;
        }
    }
    if (view != nullptr && !(view->ailments.empty() && view->cutFrom.empty())) {
        menu.addSeparator();
        menu.addAction(icon(Icon::Revive), tr("Mend %1").arg(format::titleOf(host)), this,
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
    m_isDropping = true;
    m_hovered = item == nullptr ? QString() : hostOf(*item);
    event->acceptProposedAction();
    update();
}

void PhysicalCanvas::dragLeaveEvent(QDragLeaveEvent* event) {
    Q_UNUSED(event)
    m_isDropping = false;
    m_hovered.clear();
    update();
}

void PhysicalCanvas::dropEvent(QDropEvent* event) {
    const ClusterItem* item = m_layout.at(toScene(event->position()));
    m_hovered.clear();
    m_isDropping = false;
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

QString PhysicalCanvas::toolTipOf(const observe::BrokerView& broker, const observe::ReplicaView& replica) const {
    QStringList lines;
    lines << tr("%1 on %2: %3, %4")
                 .arg(format::text(observe::titleOf(observe::partitionId(replica.topic, replica.partition))),
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

QString PhysicalCanvas::toolTipOf(const ClusterItem& item) const {
    QStringList lines;
    const bool isOnMap = item.stand == Stand::Column && !m_layout.map.isEmpty() && m_hoveredRow >= 0;
    if (item.row >= 0 || isOnMap) {
        const auto broker = static_cast<std::size_t>(item.index);
        const int row = isOnMap ? m_hoveredRow : item.row;
        const int replica = m_layout.rows[static_cast<std::size_t>(row)].replicas[broker];
        const observe::BrokerView& view = m_snapshot->cluster.brokers[broker];
        if (replica >= 0) {
            return toolTipOf(view, view.replicas[static_cast<std::size_t>(replica)]);
        }
        const QString title =
            format::text(observe::titleOf(format::utf8(m_layout.rows[static_cast<std::size_t>(row)].id())));
        return replica == ClusterRow::absent
                   ? tr("%1 has no replica of %2").arg(format::text(observe::titleOf(view.id)), title)
                   : tr("%1 knows nothing of its replica of %2 now")
                         .arg(format::text(observe::titleOf(view.id)), title);
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
