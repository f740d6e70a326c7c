#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "widgets/canvas/card_painter.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/format.h"
#include "widgets/controls/icons.h"
#include "widgets/controls/palette.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/selection.h"

// How the physical face looks; physical_canvas.cpp holds how it behaves.
namespace millrace::widgets {

using observe::LifeState;
using observe::ObjectKind;

namespace {

/// State by colour and by shape: a disc lives, a ring starts or waits, a cross is dead.
void paintStateMark(QPainter& painter, const QPointF& center, LifeState state) {
    const QColor color = theme().state(state);
    if (observe::isDown(state)) {
        painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(center + QPointF(-3.2, -3.2), center + QPointF(3.2, 3.2));
        painter.drawLine(center + QPointF(3.2, -3.2), center + QPointF(-3.2, 3.2));
    } else if (state == LifeState::Running) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawEllipse(center, 4, 4);
    } else {
        painter.setPen(QPen(color, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(center, 3.5, 3.5);
    }
}

QColor componentColor(const observe::Snapshot& snapshot, const std::string& component) {
    for (const observe::TopologyView& topology : snapshot.storm.topologies) {
        for (const observe::ComponentView& view : topology.components) {
            if (view.name == component) {
                switch (view.kind) {
                    case observe::ComponentKind::Spout:
                        return theme().spout;
                    case observe::ComponentKind::Bolt:
                        return theme().bolt;
                    case observe::ComponentKind::Acker:
                        return theme().off;
                }
            }
        }
    }
    return theme().off;
}

}  // namespace

void PhysicalCanvas::paintFrameOf(QPainter& painter, const ClusterItem& item, double radius) const {
    const Palette& colors = theme();
    const bool isSelected = m_selection.contains(item.id);
    const bool isHovered = m_hovered == item.id;
    const bool isAimedAt = isHovered && m_hand.tool() != nullptr;
    QColor border = isHovered ? colors.off : colors.line;
    double width = 1.0;
    if (observe::isDown(item.state)) {
        border = colors.bad;
        width = 1.5;
    }
    if (isAimedAt) {
        border = colors.bad;
        width = 2.0;
    } else if (isSelected) {
        border = colors.accent;
        width = 2.0;
    }
    const QColor fill = item.kind == ObjectKind::Host ? colors.background : colors.surface;
    paintSurface(painter, item.box, radius, fill, border, width);
}

/// From afar letters get larger in the scene, so that they stay readable on the screen as long as there is room.
QFont PhysicalCanvas::legible(TextRole role) const {
    constexpr double smallestPixels = 11;
    constexpr double growthMax = 1.6;
    QFont font = textFont(role);
    const double plain = font.pixelSize();
    font.setPixelSize(static_cast<int>(std::lround(std::clamp(smallestPixels / zoom(), plain, plain * growthMax))));
    return font;
}

void PhysicalCanvas::paintRevive(QPainter& painter, const QRectF& button) const {
    const Palette& colors = theme();
    paintSurface(painter, button, 6, colors.surface, colors.bad);
    painter.setPen(colors.bad);
    const bool hasRoom = painter.fontMetrics().horizontalAdvance(tr("Revive")) + 34 < button.width();
    if (!hasRoom) {
        painter.drawText(button, Qt::AlignCenter, tr("Revive"));
        return;
    }
    painter.drawText(button.adjusted(8, 0, -20, 0), Qt::AlignVCenter | Qt::AlignLeft, tr("Revive"));
    paintIcon(painter, Icon::Revive, QRectF(button.right() - 20, button.center().y() - 6.5, 13, 13), colors.bad);
}

void PhysicalCanvas::paintHeader(QPainter& painter, const ClusterItem& item, const QString& title, const QString& note,
                                 const QColor& noteColor) const {
    const Palette& colors = theme();
    const QRectF line(item.box.left() + 10, item.box.top() + 2, item.box.width() - 20, 30);
    paintStateMark(painter, QPointF(line.left() + 5, line.center().y()), item.state);
    painter.setFont(legible(TextRole::Caption));
    QString right = note;
    QColor rightColor = noteColor;
    if (!item.reviveBox.isNull()) {
        right = tr("Revive");
        rightColor = colors.bad;
    } else if (item.state == LifeState::Planned) {
        right = m_isPlan && item.kind != ObjectKind::Supervisor ? tr("not started") : note;
        rightColor = colors.dim;
    } else if (item.state != LifeState::Running) {
        right = format::text(observe::toText(item.state));
        rightColor = colors.severity(observe::Severity::Warning);
    }
    double rightWidth = painter.fontMetrics().horizontalAdvance(right) + 4;
    painter.setPen(rightColor);
    if (!item.reviveBox.isNull()) {
        const QRectF button = item.reviveBox;
        paintRevive(painter, button);
        rightWidth = button.width() + 4;
    } else {
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, right);
    }
    painter.setFont(legible(TextRole::CardTitle));
    painter.setPen(colors.text);
    // The kind is said by the picture; what must not be cut off is the name.
    const QRectF room = line.adjusted(18, 0, -rightWidth, 0);
    // Cards of a kind are called alike, whatever else each of them has to say.
    const double sure =
        line.width() - 18 -
        std::max(rightWidth, QFontMetricsF(legible(TextRole::Caption)).horizontalAdvance(tr("standalone")) + 4);
    const auto fitsIn = [&](const QFont& font) { return QFontMetricsF(font).horizontalAdvance(title) <= sure; };
    if (QFont smaller = painter.font(); !fitsIn(smaller)) {
        smaller.setPixelSize(legible(TextRole::Caption).pixelSize());
        painter.setFont(smaller);
    }
    const bool fits = fitsIn(painter.font());
    paintText(painter, room, Qt::AlignVCenter, fits ? title : title.section(QLatin1Char(' '), -1), Qt::ElideMiddle);
}

void PhysicalCanvas::paintHost(QPainter& painter, const ClusterItem& item) const {
    const Palette& colors = theme();
    const observe::HostView& host = m_snapshot->cluster.hosts[static_cast<std::size_t>(item.index)];
    paintFrameOf(painter, item, 10);
    const QRectF line = item.captionBox.adjusted(12, 0, -12, 0);
    painter.setFont(legible(TextRole::Strong));
    painter.setPen(colors.text);
    const QString name = format::text(observe::nameOf(host.id));
    painter.drawText(line, Qt::AlignVCenter, name);
    const double nameWidth = painter.fontMetrics().horizontalAdvance(name) + 10;
    painter.setFont(legible(TextRole::Caption));
    painter.setPen(colors.dim);
    QString note = host.rack.empty() ? tr("host") : tr("rack %1").arg(format::text(host.rack));
    if (!host.ailments.empty()) {
        painter.setPen(colors.severity(observe::Severity::Warning));
        note = format::text(host.ailments.front());
    }
    // Where there is not room for all, the words stay and the bar goes: the figure beside it says the same.
    constexpr double barWidth = 44;
    const double load = painter.fontMetrics().horizontalAdvance(QStringLiteral("100 %")) + 6;
    const double noteWidth = painter.fontMetrics().horizontalAdvance(note);
    const bool hasBar = nameWidth + noteWidth + load + barWidth + 6 <= line.width();
    paintText(painter, line.adjusted(nameWidth, 0, hasBar ? -load - barWidth - 6 : -load, 0), Qt::AlignVCenter, note);
    if (!item.reviveBox.isNull()) {
        paintRevive(painter, item.reviveBox);
        return;
    }
    painter.setPen(colors.dim);
    if (m_isPlan) {
        return;
    }
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, format::percent(host.coreUtilisation));
    if (hasBar) {
        paintCapacity(painter, QRectF(line.right() - load - barWidth, line.center().y() - 2, barWidth, 4),
                      host.coreUtilisation);
    }
}

void PhysicalCanvas::paintBroker(QPainter& painter, const ClusterItem& item) const {
    const observe::BrokerView& broker = m_snapshot->cluster.brokers[static_cast<std::size_t>(item.index)];
    paintFrameOf(painter, item, 8);
    const QString note = m_isPlan              ? QString()
                         : broker.isController ? tr("controller")
                                               : format::bytes(broker.bytesInPerSecond) + QStringLiteral("/s");
    paintHeader(painter, item, format::text(observe::titleOf(broker.id)), note,
                broker.isController ? theme().accent : theme().dim);
}

void PhysicalCanvas::paintServer(QPainter& painter, const ClusterItem& item) const {
    const observe::ServerView& server = m_snapshot->cluster.servers[static_cast<std::size_t>(item.index)];
    paintFrameOf(painter, item, 8);
    const QString note = m_isPlan ? QString() : format::text(observe::toText(server.role));
    paintHeader(painter, item, format::text(observe::titleOf(server.id)), note,
                server.role == observe::ServerRole::Leader ? theme().accent : theme().dim);
}

void PhysicalCanvas::paintNimbus(QPainter& painter, const ClusterItem& item) const {
    paintFrameOf(painter, item, 8);
    const auto count = static_cast<int>(m_snapshot->storm.topologies.size());
    paintHeader(painter, item, tr("Nimbus"), count == 1 ? tr("1 topology") : tr("%1 topologies").arg(count),
                theme().dim);
}

void PhysicalCanvas::paintOther(QPainter& painter, const ClusterItem& item) const {
    paintFrameOf(painter, item, 8);
    const std::string id = format::utf8(item.id);
    paintHeader(painter, item, format::text(observe::nameOf(id)), format::text(observe::toText(item.kind)),
                theme().dim);
}

void PhysicalCanvas::paintSupervisor(QPainter& painter, const ClusterItem& item) const {
    const observe::SupervisorView& supervisor = m_snapshot->storm.supervisors[static_cast<std::size_t>(item.index)];
    paintFrameOf(painter, item, 8);
    const auto used = std::count_if(supervisor.workerSlots.begin(), supervisor.workerSlots.end(),
                                    [](const observe::SlotView& slot) { return !slot.worker.empty(); });
    paintHeader(painter, item, format::text(observe::titleOf(supervisor.id)),
                tr("%1/%2 slots").arg(used).arg(supervisor.workerSlots.size()), theme().dim);
    for (const ClusterItem& slot : m_layout.items) {
        if (slot.kind == ObjectKind::Worker && slot.owner == item.id) {
            paintSlot(painter, slot);
        }
    }
}

void PhysicalCanvas::paintSlot(QPainter& painter, const ClusterItem& item) const {
    const Palette& colors = theme();
    if (item.id.isEmpty()) {
        paintSurface(painter, item.box, 6, colors.background, colors.line);
        return;
    }
    paintFrameOf(painter, item, 6);
    for (const observe::TopologyView& topology : m_snapshot->storm.topologies) {
        for (const observe::WorkerView& worker : topology.workers) {
            if (worker.id != format::utf8(item.id)) {
                continue;
            }
            constexpr int perRow = 4;
            const auto shown = std::min<std::size_t>(worker.executors.size(), perRow * 3);
            for (std::size_t i = 0; i < shown; ++i) {
                const bool isDead = observe::isDown(item.state);
                painter.setPen(Qt::NoPen);
                painter.setBrush(isDead ? colors.off : componentColor(*m_snapshot, worker.executors[i].component));
                painter.drawEllipse(QRectF(item.box.left() + 6 + static_cast<double>(i % perRow) * 10,
                                           item.box.top() + 5 + static_cast<double>(i / perRow) * 10, 7, 7));
            }
        }
    }
    if (!item.reviveBox.isNull()) {
        paintIcon(painter, Icon::Revive, QRectF(item.box.center() - QPointF(7, 7), QSizeF(14, 14)), colors.bad);
    }
}

void PhysicalCanvas::paintFlights(QPainter& painter) const {
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().accent);
    for (const observe::Flight& flight : m_snapshot->flights.flights) {
        const ClusterItem* from = m_layout.find(format::text(flight.from));
        const ClusterItem* to = m_layout.find(format::text(flight.to));
        if (from == nullptr || to == nullptr || flight.arrives <= flight.departs) {
            continue;
        }
        const double share = seconds(m_snapshot->run.now - flight.departs) / seconds(flight.arrives - flight.departs);
        if (share >= 0 && share <= 1) {
            const QPointF start(from->box.center().x(), from->box.top() + 16);
            const QPointF end(to->box.center().x(), to->box.top() + 16);
            painter.drawEllipse(start + (end - start) * share, 3.5, 3.5);
        }
    }
}

void PhysicalCanvas::paintContent(QPainter& painter) {
    if (!m_snapshot) {
        return;
    }
    for (const ClusterItem& item : m_layout.items) {
        switch (item.kind) {
            case ObjectKind::Host:
                paintHost(painter, item);
                break;
            case ObjectKind::Broker:
                paintBroker(painter, item);
                break;
            case ObjectKind::Partition:
                if (item.childIndex < 0) {
                    paintHeat(painter, item);
                } else {
                    paintStrip(painter, item);
                }
                break;
            case ObjectKind::Server:
                paintServer(painter, item);
                break;
            case ObjectKind::Nimbus:
                paintNimbus(painter, item);
                break;
            case ObjectKind::Supervisor:
                paintSupervisor(painter, item);
                break;
            case ObjectKind::Producer:
            case ObjectKind::Group:
            case ObjectKind::Sink:
                paintOther(painter, item);
                break;
            default:
                break;
        }
    }
    paintFlights(painter);
}

/// What a click with the tool in hand would do there.
QString PhysicalCanvas::hintOver(const ClusterItem& item) const {
    const FaultTool& tool = *m_hand.tool();
    const QString target = targetOf(item);
    const QString title = format::text(observe::titleOf(format::utf8(target)));
    if (!tool.suits(observe::kindOf(format::utf8(target)))) {
        return tool.hint;
    }
    const ClusterItem* hit = m_layout.find(target);
    return hit != nullptr && observe::isDown(hit->state) ? tr("%1 is down already: Revive brings it back").arg(title)
                                                         : tr("%1 %2").arg(tool.title, title);
}

QString PhysicalCanvas::hintAt(const QPointF& view) const {
    if (m_hand.tool() == nullptr) {
        return {};
    }
    const ClusterItem* item = m_layout.at(toScene(view));
    return item == nullptr ? m_hand.tool()->hint : hintOver(*item);
}

void PhysicalCanvas::paintOver(QPainter& painter) {
    const Palette& colors = theme();
    painter.setFont(textFont(TextRole::CardTitle));
    painter.setPen(colors.text);
    painter.drawText(QPointF(16, 24), tr("Physical"));
    const int after = painter.fontMetrics().horizontalAdvance(tr("Physical")) + 28;
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(colors.dim);
    const auto hosts = m_snapshot ? m_snapshot->cluster.hosts.size() : 0;
    painter.drawText(
        QPointF(after, 24),
        hosts == 0 ? tr("no hosts yet: drag brokers and supervisors here")
        : m_isPlan ? tr("%1 hosts, not started: Space starts them; drop brokers and supervisors on them").arg(hosts)
                   : tr("%1 hosts and what runs on them").arg(hosts));
    if (m_hand.tool() != nullptr && !m_mouse.isNull()) {
        const QString hint = hintAt(m_mouse);
        const double width = painter.fontMetrics().horizontalAdvance(hint) + 40;
        QRectF box(m_mouse + QPointF(16, 18), QSizeF(width, 24));
        box.moveRight(std::min(box.right(), this->width() - 4.0));
        box.moveBottom(std::min(box.bottom(), this->height() - 4.0));
        paintSurface(painter, box, 6, colors.surface, colors.bad);
        paintIcon(painter, m_hand.tool()->icon, QRectF(box.left() + 7, box.top() + 5, 14, 14), colors.bad);
        painter.setPen(colors.text);
        painter.drawText(box.adjusted(28, 0, 0, 0), Qt::AlignVCenter, hint);
    }
}

}  // namespace millrace::widgets
