#include <QPainter>
#include <algorithm>
#include <array>

#include "widgets/canvas/card_painter.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/format.h"
#include "widgets/controls/icons.h"
#include "widgets/controls/palette.h"
#include "widgets/models/selection.h"

// Partitions on a broker's card: one strip each, or a map of all where there are too many.
namespace millrace::widgets {

/// So many replicas that each is a cell, or many share one: its colour is that of the worst of them.
void PhysicalCanvas::paintHeat(QPainter& painter, const ClusterItem& item) const {
    const Palette& colors = theme();
    const observe::BrokerView& broker = m_snapshot->cluster.brokers[static_cast<std::size_t>(item.index)];
    constexpr int columns = 48;
    constexpr int rows = 4;
    struct Cell {
        int replicas = 0;
        int leaders = 0;
        bool isOutOfSync = false;
    };
    std::array<Cell, static_cast<std::size_t>(columns * rows)> cells{};
    const auto drawn = static_cast<std::size_t>(std::count_if(
        broker.replicas.begin(), broker.replicas.end(), [](const auto& each) { return !isInternalTopic(each.topic); }));
    std::size_t at = 0;
    std::size_t outOfSync = 0;
    std::size_t led = 0;
    for (const observe::ReplicaView& replica : broker.replicas) {
        if (isInternalTopic(replica.topic)) {
            continue;
        }
        Cell& cell = cells[at++ * cells.size() / drawn];
        ++cell.replicas;
        cell.leaders += replica.isLeader ? 1 : 0;
        cell.isOutOfSync |= !replica.isInSync;
        led += replica.isLeader ? 1 : 0;
        outOfSync += replica.isInSync ? 0 : 1;
    }
    const QRectF line(item.box.left() + 10, item.box.top(), item.box.width() - 20, 16);
    painter.setFont(legible(TextRole::Caption));
    painter.setPen(outOfSync > 0 ? colors.severity(observe::Severity::Warning) : colors.dim);
    const QString all = format::count(static_cast<std::int64_t>(drawn));
    paintText(painter, line, Qt::AlignVCenter,
              outOfSync > 0
                  ? tr("%1 replicas, %2 out of sync").arg(all, format::count(static_cast<std::int64_t>(outOfSync)))
                  : tr("%1 replicas, %2 led").arg(all, format::count(static_cast<std::int64_t>(led))));
    const double width = line.width() / columns;
    const double height = (item.box.height() - 24) / rows;
    painter.setPen(Qt::NoPen);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const Cell& cell = cells[i];
        if (cell.replicas == 0) {
            continue;
        }
        const QRectF box(line.left() + static_cast<double>(i % columns) * width,
                         line.bottom() + 2 + static_cast<double>(i / columns) * height, width - 0.6, height - 0.6);
        const double share = static_cast<double>(cell.leaders) / cell.replicas;
        painter.setOpacity(observe::isDown(item.state) ? 0.6 : cell.isOutOfSync ? 1.0 : 0.55 + 0.45 * share);
        painter.setBrush(observe::isDown(item.state) ? colors.off : cell.isOutOfSync ? colors.warning : colors.topic);
        painter.drawRect(box);
    }
    painter.setOpacity(1.0);
}

void PhysicalCanvas::paintStrip(QPainter& painter, const ClusterItem& item) const {
    const Palette& colors = theme();
    const auto& brokers = m_snapshot->cluster.brokers;
    const observe::BrokerView& broker = brokers[static_cast<std::size_t>(item.index)];
    const observe::ReplicaView& replica = broker.replicas[static_cast<std::size_t>(item.childIndex)];
    std::int64_t partitionEnd = replica.logEndOffset;
    std::int64_t topicEnd = replica.logEndOffset;
    for (const observe::BrokerView& other : brokers) {
        for (const observe::ReplicaView& candidate : other.replicas) {
            if (candidate.topic != replica.topic) {
                continue;
            }
            topicEnd = std::max(topicEnd, candidate.logEndOffset);
            if (candidate.partition == replica.partition) {
                partitionEnd = std::max(partitionEnd, candidate.logEndOffset);
            }
        }
    }
    const bool isThin = item.box.height() < 12;
    const double height = std::min(item.box.height() - 4, 10.0);
    const bool hasLabel = zoom() * item.box.height() >= 7;
    const double labelWidth = !hasOneTopic(m_snapshot->cluster) ? 72 : replica.partition < 100 ? 30 : 46;
    const QRectF track(item.box.left() + 10 + labelWidth, item.box.center().y() - height / 2,
                       item.box.width() - labelWidth - 40, height);
    if (m_selection.contains(item.id) || m_hovered == item.id) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.soft);
        painter.drawRoundedRect(item.box.adjusted(5, 0, -5, 0), 4, 4);
    }
    if (hasLabel) {
        QFont label = legible(TextRole::Caption);
        if (isThin) {
            label.setPixelSize(std::min(label.pixelSize(), static_cast<int>(item.box.height()) - 1));
        }
        painter.setFont(label);
        painter.setPen(colors.dim);
        const bool isOnlyTopic = hasOneTopic(m_snapshot->cluster);
        const QString name = isOnlyTopic
                                 ? QStringLiteral("p%1").arg(replica.partition)
                                 : QStringLiteral("%1-%2").arg(format::text(replica.topic)).arg(replica.partition);
        QFontMetricsF metrics(label);
        const QString shown = metrics.elidedText(name, Qt::ElideMiddle, labelWidth - 4);
        painter.drawText(QRectF(item.box.left() + 10, item.box.top(), labelWidth - 4, item.box.height()),
                         Qt::AlignRight | Qt::AlignVCenter, shown);
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.track);
    painter.drawRoundedRect(track, 2, 2);

    const auto shareOf = [&](std::int64_t offset) {
        return stripShare(offset, replica.logStartOffset, partitionEnd, topicEnd);
    };
    const bool isDead = observe::isDown(item.state);
    const QColor fill = isDead ? colors.off : replica.isInSync ? colors.topic : colors.warning;
    const double end = shareOf(replica.logEndOffset) * track.width();
    painter.setBrush(fill);
    painter.setOpacity(isDead ? 0.6 : replica.isLeader ? 1.0 : 0.82);
    painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(end, height)), 2, 2);
    painter.setOpacity(1.0);
    if (!isDead && !replica.isInSync) {
        // Out of sync is said by a pattern too, not by colour alone.
        painter.setBrush(QBrush(colors.surface, Qt::Dense6Pattern));
        painter.drawRect(QRectF(track.topLeft(), QSizeF(end, height)));
    }
    if (replica.truncatedTo >= 0 && replica.truncatedFrom > replica.truncatedTo) {
        const double from = shareOf(replica.truncatedTo) * track.width();
        const double to = std::max(from + 8, shareOf(std::min(replica.truncatedFrom, partitionEnd)) * track.width());
        painter.setBrush(QBrush(colors.bad, Qt::BDiagPattern));
        painter.drawRect(QRectF(track.left() + from, track.top(), std::min(to - from, track.width() - from), height));
    }
    if (replica.highWatermark > 0) {
        const double tick = track.left() + shareOf(replica.highWatermark) * track.width();
        painter.setPen(QPen(colors.text, 1.5));
        painter.drawLine(QPointF(tick, track.top() - 1.5), QPointF(tick, track.bottom() + 1.5));
    }
    if (replica.isLeader) {
        const double side = isThin ? 8 : 12;
        paintIcon(painter, Icon::Crown, QRectF(track.right() + 7, item.box.center().y() - side / 2, side, side),
                  isDead ? colors.off : colors.bolt);
    }
}

}  // namespace millrace::widgets
