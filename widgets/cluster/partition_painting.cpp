#include <QLocale>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <tuple>

#include "widgets/canvas/card_painter.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/models/object_facts.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"
#include "widgets/style/icons.h"
#include "widgets/style/palette.h"

// Partitions on the machines' face: rows of strips across all brokers, or a map of all where there are too many.
namespace millrace::widgets {

using observe::ObjectKind;

namespace {

constexpr double namePadding = 6;
constexpr double labelHeight = 13;
constexpr double followerOpacity = 0.6;

}  // namespace

QString PhysicalCanvas::rowName(int row) const {
    const ClusterRow& shown = m_layout.rows[static_cast<std::size_t>(row)];
    return QStringLiteral("%1-%2").arg(format::text(shown.topic)).arg(shown.partition);
}

/// The row under the pointer, else the one that is selected; -1 when there is neither.
int PhysicalCanvas::shownRow() const {
    const auto count = static_cast<int>(m_layout.rows.size());
    return m_hoveredRow >= 0 && m_hoveredRow < count ? m_hoveredRow : m_layout.rowOf(m_selection.current());
}

/// Thin rows bear a name as often as there is room for one.
bool PhysicalCanvas::isLabelled(std::size_t line) const {
    const double height = m_layout.lines[line].height;
    const auto every = static_cast<std::size_t>(std::ceil(labelHeight / height - 0.05));
    return every <= 1 || line % every == 0;
}

void PhysicalCanvas::paintRowTint(QPainter& painter) const {
    const ClusterLine* line = m_layout.lineOf(shownRow());
    if (line == nullptr) {
        return;
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().soft);
    const auto tint = [&](double left, double right) {
        painter.drawRect(QRectF(left, line->top, right - left, line->height));
    };
    tint(m_layout.names.left(), m_layout.names.right() - 3);
    if (m_layout.unread.width() > 0) {
        tint(m_layout.unread.left() - 5, m_layout.unread.right());
    }
    for (const ClusterItem& item : m_layout.items) {
        if (item.stand == observe::Stand::Column) {
            tint(item.box.left() + 1, item.box.right() - 1);
        }
    }
}

namespace {

/// Records that sources have handed over and no broker has acknowledged.
std::int64_t heldByProducers(const observe::Snapshot& snapshot) {
    std::int64_t held = 0;
    for (const observe::SourceView& source : snapshot.sources) {
        held += source.unacknowledged;
    }
    return held;
}

/// Whether one of those waits for something: a few that are on their way are nothing to be warned of.
bool isAnyHeldUp(const observe::Snapshot& snapshot) {
    return std::any_of(snapshot.sources.begin(), snapshot.sources.end(), [&](const observe::SourceView& source) {
        return source.unacknowledged > 0 && waitOf(snapshot, source.id) != nullptr;
    });
}

}  // namespace

/// Names of the rows stay at the left edge, whatever was scrolled under them.
void PhysicalCanvas::paintNames(QPainter& painter) const {
    const Palette& colors = theme();
    if (m_layout.names.isNull()) {
        return;
    }
    const double away = std::max(0.0, visibleScene().left() + 6 / zoom() - m_layout.names.left());
    const QRectF column = m_layout.names.translated(away, 0);
    if (away > 0) {
        painter.fillRect(column.adjusted(-6 / zoom(), 0, 0, 0), colors.background);
    }
    const int shown = shownRow();
    const auto boxOf = [&](const ClusterLine& line) {
        const double middle = line.top + line.height / 2;
        const double height = std::max(line.height, labelHeight);
        return QRectF(column.left(), middle - height / 2, column.width() - namePadding, height);
    };
    const auto write = [&](const ClusterLine& line, bool isShown) {
        const ClusterRow& row = m_layout.rows[line.row];
        painter.setFont(legible(isShown ? TextRole::Strong : TextRole::Caption));
        painter.setPen(row.leader < 0 && !m_isPlan ? colors.bad : isShown ? colors.text : colors.dim);
        const QString number = QStringLiteral("-%1").arg(row.partition);
        const QFontMetricsF metrics(painter.font());
        const QString topic = metrics.elidedText(format::text(row.topic), Qt::ElideMiddle,
                                                 boxOf(line).width() - metrics.horizontalAdvance(number));
        painter.drawText(boxOf(line), Qt::AlignVCenter | Qt::AlignLeft, topic + number);
    };
    const ClusterLine* tinted = nullptr;
    for (std::size_t i = 0; i < m_layout.lines.size(); ++i) {
        const ClusterLine& line = m_layout.lines[i];
        if (static_cast<int>(line.row) == shown) {
            tinted = &line;
        } else if (isLabelled(i)) {
            write(line, false);
        }
    }
    if (tinted != nullptr) {
        painter.fillRect(boxOf(*tinted), colors.soft);
        write(*tinted, true);
    }
    paintTopicsOfMap(painter, column);
    painter.setFont(legible(TextRole::Caption));
    painter.setPen(shown >= 0 ? colors.accent : colors.dim);
    paintText(painter, QRectF(column.left(), m_layout.offsets, column.width() - namePadding, 18), Qt::AlignVCenter,
              shown < 0           ? tr("in all")
              : tinted == nullptr ? rowName(shown)
                                  : tr("offsets"));
    const auto topics = [&] {
        std::size_t count = 0;
        for (std::size_t i = 0; i < m_layout.rows.size(); ++i) {
            count += i == 0 || m_layout.rows[i].topic != m_layout.rows[i - 1].topic ? 1 : 0;
        }
        return count;
    }();
    if (const QString words = heldWords(); !words.isEmpty()) {
        painter.setFont(legible(TextRole::Caption));
        painter.setPen(isAnyHeldUp(*m_snapshot) ? colors.severity(observe::Severity::Warning) : colors.dim);
        const QRectF line(column.left(), m_layout.offsets + 18, column.width() - namePadding, 18);
        painter.drawText(line, Qt::AlignVCenter | Qt::TextDontClip, words);
    }
    painter.setFont(legible(TextRole::Strong));
    painter.setPen(colors.text);
    paintText(painter, QRectF(column.left(), column.top() + 2, column.width() - namePadding, 27), Qt::AlignVCenter,
              topics == 1 ? format::text(m_layout.rows.front().topic) : tr("%1 topics").arg(topics));
}

/// Whether the numbers beside the brokers stand where they are seen.
bool PhysicalCanvas::isUnreadInView() const {
    const bool isRead =
        std::any_of(m_layout.rows.begin(), m_layout.rows.end(), [](const ClusterRow& row) { return row.unread >= 0; });
    return isRead && m_layout.unread.width() > 0 && m_layout.unread.right() <= visibleScene().right() + 1;
}

/// What no broker has taken yet, in the word of the producers' cards; with its number where the column of numbers is
/// not to be seen.
QString PhysicalCanvas::heldWords() const {
    const std::int64_t held = m_snapshot ? heldByProducers(*m_snapshot) : 0;
    if (held <= 0) {
        return {};
    }
    const double room = m_layout.names.width() - namePadding;
    const QFontMetricsF metrics(legible(TextRole::Caption));
    const QStringList wordings = isUnreadInView() ? QStringList{tr("held by producers"), tr("held")}
                                                  : QStringList{tr("%1 held by producers").arg(format::count(held)),
                                                                tr("%1 held").arg(format::count(held)),
                                                                tr("%1 held").arg(format::rounded(held))};
    const auto fitting = std::find_if(wordings.begin(), wordings.end(),
                                      [&](const QString& words) { return metrics.horizontalAdvance(words) <= room; });
    return fitting != wordings.end() ? *fitting : wordings.back();
}

/// Where in the map of cells each topic begins. Those whose names would cover each other stand below each other; of
/// more than have room the last line says how many there are.
void PhysicalCanvas::paintTopicsOfMap(QPainter& painter, const QRectF& column) const {
    const ClusterMap& map = m_layout.map;
    if (map.isEmpty()) {
        return;
    }
    painter.setFont(legible(TextRole::Caption));
    painter.setPen(theme().dim);
    for (const auto& [top, words] : topicsOfMap()) {
        paintText(painter, QRectF(column.left(), top, column.width() - namePadding, labelHeight), Qt::AlignVCenter,
                  words);
    }
}

std::vector<std::pair<double, QString>> PhysicalCanvas::topicsOfMap() const {
    const ClusterMap& map = m_layout.map;
    std::vector<std::pair<double, QString>> names;
    for (std::size_t i = 0; i < m_layout.rows.size() && !map.isEmpty(); ++i) {
        if (i == 0 || m_layout.rows[i].topic != m_layout.rows[i - 1].topic) {
            const std::size_t line = i / map.perCell / static_cast<std::size_t>(map.columns);
            names.emplace_back(map.top + static_cast<double>(line) * map.cell.height() - 2,
                               format::text(m_layout.rows[i].topic));
        }
    }
    if (names.empty()) {
        return names;
    }
    if (names.size() == 1) {  // which one is said above
        const QString count = format::count(static_cast<std::int64_t>(m_layout.rows.size()));
        const QString whole = tr("%1 partitions").arg(count);
        const bool fits =
            QFontMetricsF(legible(TextRole::Caption)).horizontalAdvance(whole) <= m_layout.names.width() - namePadding;
        names.front().second = fits ? whole : tr("all %1").arg(count);
        return names;
    }
    // Rows may be so low that names beside their own ones do not fit: then some are named, each at its place.
    const auto isPushed = [&] {
        double next = 0;
        return std::any_of(names.begin(), names.end(), [&](const auto& name) {
            const double at = std::max(name.first, next);
            next = at + labelHeight;
            return at - name.first > labelHeight / 2;
        });
    };
    if (isPushed()) {
        double next = 0;
        std::erase_if(names, [&](const auto& name) {
            const bool isFree = name.first >= next;
            next = isFree ? name.first + labelHeight : next;
            return !isFree;
        });
    }
    const double first = map.top - 3;
    const double bottom = map.top + map.rows * map.cell.height() + 4;
    const auto fitting = static_cast<std::size_t>(std::max(1.0, std::floor((bottom - first) / labelHeight)));
    if (names.size() > fitting) {
        const std::size_t left = names.size() - fitting + 1;
        names.resize(fitting);
        names.back().second = tr("%1 more").arg(left);
    }
    for (std::size_t i = 1; i < names.size(); ++i) {
        names[i].first = std::max(names[i].first, names[i - 1].first + labelHeight);
    }
    double most = bottom - labelHeight;
    for (auto name = names.rbegin(); name != names.rend(); ++name, most -= labelHeight) {
        name->first = std::min(name->first, most);
    }
    return names;
}

/// What the slowest reader has not read, by row and in all; below it what no broker has taken yet, so that a standstill
/// does not read as "all is read".
void PhysicalCanvas::paintUnread(QPainter& painter) const {
    const Palette& colors = theme();
    const QRectF column = m_layout.unread;
    const bool isRead =
        std::any_of(m_layout.rows.begin(), m_layout.rows.end(), [](const ClusterRow& row) { return row.unread >= 0; });
    if (column.width() <= 0 || !isRead) {
        return;
    }
    // While nobody reads, what is not committed will be read, a second time it may be.
    const bool isBeingRead =
        std::any_of(m_layout.rows.begin(), m_layout.rows.end(), [](const ClusterRow& row) { return row.isBeingRead; });
    painter.setFont(legible(TextRole::Caption));
    painter.setPen(colors.dim);
    // Nearer to the brokers that hold it than to what stands at its other side.
    constexpr double apart = 14;
    const auto cell = [&](double top, double height) {
        return QRectF(column.left() - 6, top, column.width() + 6 - apart, height);
    };
    painter.drawText(cell(column.top() + 2, 27), Qt::AlignVCenter | Qt::AlignRight | Qt::TextDontClip,
                     isBeingRead ? tr("unread") : tr("to read"));
    const int shown = shownRow();
    std::int64_t sum = 0;
    for (const ClusterRow& row : m_layout.rows) {
        sum += std::max<std::int64_t>(row.unread, 0);
    }
    const auto write = [&](double top, double height, std::int64_t value, bool isStrong) {
        const double taken = std::max(height, labelHeight);
        painter.setFont(legible(isStrong ? TextRole::Strong : TextRole::Caption));
        painter.setPen(isStrong ? colors.text : colors.dim);
        const QRectF box = cell(top + height / 2 - taken / 2, taken);
        const QString whole = format::count(value);
        const bool fits = QFontMetricsF(painter.font()).horizontalAdvance(whole) <= box.width();
        painter.drawText(box, Qt::AlignVCenter | Qt::AlignRight,
                         fits ? whole : format::rate(static_cast<double>(value)).remove(QStringLiteral("/s")));
    };
    for (std::size_t i = 0; i < m_layout.lines.size(); ++i) {
        const ClusterLine& line = m_layout.lines[i];
        const ClusterRow& row = m_layout.rows[line.row];
        if (row.unread >= 0 && isLabelled(i)) {
            write(line.top, line.height, row.unread, static_cast<int>(line.row) == shown);
        }
    }
    // In the words and the colour of the producers' cards.
    if (const std::int64_t held = heldByProducers(*m_snapshot); held > 0) {
        painter.setPen(isAnyHeldUp(*m_snapshot) ? colors.severity(observe::Severity::Warning) : colors.dim);
        const QRectF own = cell(m_layout.offsets + 18, 18);
        // The line's name says what it is and by whom.
        painter.setFont(legible(TextRole::Caption));
        const QString whole = format::count(held);
        const bool fits = QFontMetricsF(painter.font()).horizontalAdvance(whole) <= own.width();
        painter.drawText(own, Qt::AlignVCenter | Qt::AlignRight, fits ? whole : format::rounded(held));
    }
    write(m_layout.offsets, 18,
          shown >= 0 ? std::max<std::int64_t>(m_layout.rows[static_cast<std::size_t>(shown)].unread, 0) : sum, true);
}

void PhysicalCanvas::paintMap(QPainter& painter, const ClusterItem& broker) const {
    const Palette& colors = theme();
    const ClusterMap& map = m_layout.map;
    if (map.isEmpty()) {
        return;
    }
    const observe::BrokerView& view = m_snapshot->cluster.brokers[static_cast<std::size_t>(broker.index)];
    const bool isDead = observe::isDown(broker.state);
    const int shown = shownRow();
    painter.setPen(Qt::NoPen);
    const std::size_t cells = (m_layout.rows.size() + map.perCell - 1) / map.perCell;
    for (std::size_t cell = 0; cell < cells; ++cell) {
        int replicas = 0;
        bool isLeader = false;
        bool isOutOfSync = false;
        bool isKnown = false;
        const std::size_t end = std::min(m_layout.rows.size(), (cell + 1) * map.perCell);
        for (std::size_t row = cell * map.perCell; row < end; ++row) {
            const int at = m_layout.rows[row].replicas[static_cast<std::size_t>(broker.index)];
            replicas += at == ClusterRow::absent ? 0 : 1;
            if (at >= 0) {
                const observe::ReplicaView& replica = view.replicas[static_cast<std::size_t>(at)];
                isKnown = true;
                isLeader |= replica.isLeader;
                isOutOfSync |= !replica.isInSync;
            }
        }
        const QRectF box = map.cellBox(broker.box, cell).adjusted(0.4, 0.4, -0.4, -0.4);
        painter.setOpacity(replicas == 0 ? 0.45 : isDead ? 0.6 : isLeader || isOutOfSync ? 1.0 : followerOpacity);
        painter.setBrush(!isKnown ? colors.track : isDead ? colors.off : isOutOfSync ? colors.warning : colors.topic);
        painter.drawRect(box);
    }
    painter.setOpacity(1.0);
    if (shown >= 0) {
        const QRectF box = map.cellBox(broker.box, static_cast<std::size_t>(shown) / map.perCell);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colors.text, 1.5));
        painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5));
    }
}

QRectF PhysicalCanvas::offsetsLineOf(const ClusterItem& broker) const {
    return {broker.box.left() + 8, m_layout.offsets, broker.box.width() - 14, 18};
}

QString PhysicalCanvas::offsetsOn(const QString& broker) const {
    const ClusterItem* item = m_layout.find(broker);
    if (item == nullptr || m_layout.rows.empty()) {
        return {};
    }
    const auto index = static_cast<std::size_t>(item->index);
    const observe::BrokerView& view = m_snapshot->cluster.brokers[index];
    const int row = shownRow();
    if (row < 0) {
        std::int64_t led = 0;
        std::int64_t own = 0;
        std::int64_t internal = 0;
        for (const observe::ReplicaView& replica : view.replicas) {
            const bool isInternal = isInternalTopic(replica.topic);
            internal += isInternal ? 1 : 0;
            own += isInternal ? 0 : 1;
            led += replica.isLeader && !isInternal ? 1 : 0;
        }
        const QString leads = format::count(led);
        const QString words = tr("leads %1 of %2").arg(leads, format::count(own));
        if (const observe::WaitView* wait = waitOf(*m_snapshot, view.id);
            wait != nullptr && view.state == observe::LifeState::Running && wait->until != SimTime::max()) {
            const auto until = std::llround(seconds(wait->until));
            const QStringList wordings{tr("%1, more from %2 s on").arg(words).arg(until),
                                       tr("%1, more at %2 s").arg(words).arg(until),
                                       tr("leads %1 until %2 s").arg(leads).arg(until), words};
            const QFontMetrics metrics(legible(TextRole::Caption));
            return format::fitting(metrics, wordings, static_cast<int>(offsetsLineOf(*item).width()));
        }
        return internal == 0 ? words : tr("%1 · has %2 internal").arg(words, format::count(internal));
    }
    const ClusterRow& shown = m_layout.rows[static_cast<std::size_t>(row)];
    const int at = shown.replicas[index];
    if (at < 0) {
        return at == ClusterRow::absent ? tr("no replica") : tr("not known now");
    }
    const observe::ReplicaView& replica = view.replicas[static_cast<std::size_t>(at)];
    const QString end = tr("end %1").arg(format::count(replica.logEndOffset));
    const std::int64_t behind = shown.logEnd - replica.logEndOffset;
    return replica.isInSync || behind <= 0 ? tr("%1  hw %2").arg(end, format::count(replica.highWatermark))
                                           : tr("%1  %2 behind").arg(end, format::count(behind));
}

void PhysicalCanvas::paintOffsets(QPainter& painter, const ClusterItem& broker) const {
    if (m_layout.rows.empty() || m_isPlan) {
        return;
    }
    const Palette& colors = theme();
    painter.setPen(QPen(colors.line, 1));
    const double top = m_layout.offsets - 1;
    painter.drawLine(QPointF(broker.box.left() + 1, top), QPointF(broker.box.right() - 1, top));
    painter.setFont(legible(TextRole::Caption));
    const QRectF line = offsetsLineOf(broker);
    QString words = offsetsOn(broker.id);
    const QFontMetricsF metrics(painter.font());
    // The switch above says how many internal ones there are: all brokers do or none does. What is too long beside
    // that loses its last part.
    const QString internal = QStringLiteral(" · ");
    if (words.contains(internal)) {
        const auto fits = [&](const ClusterItem* item) {
            return item->stand != observe::Stand::Column ||
                   metrics.horizontalAdvance(offsetsOn(item->id)) <= line.width();
        };
        const auto& cards = overview().cards;
        if (!m_overview.tellsInternal) {
            m_overview.tellsInternal = std::all_of(cards.begin(), cards.end(), fits);
        }
        words = *m_overview.tellsInternal ? words : words.section(internal, 0, -2);
    }
    if (const QString end = QStringLiteral("  "); metrics.horizontalAdvance(words) > line.width()) {
        words = words.contains(end) ? words.section(end, 0, -2) : words;
    }
    const bool isBehind = offsetsOn(broker.id).contains(tr("behind"));
    painter.setPen(isBehind ? colors.severity(observe::Severity::Warning) : shownRow() < 0 ? colors.dim : colors.text);
    paintText(painter, line, Qt::AlignVCenter, words);
}

void PhysicalCanvas::paintStrip(QPainter& painter, const ClusterItem& item) const {
    const Palette& colors = theme();
    const ClusterRow& row = m_layout.rows[static_cast<std::size_t>(item.row)];
    const bool isThin = item.box.height() < 12;
    const double height = std::clamp(item.box.height() - 7, 4.0, 11.0);
    const QRectF track(item.box.left() + 8, item.box.center().y() - height / 2, item.box.width() - 34, height);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.track);
    painter.drawRoundedRect(track, 2, 2);
    if (item.childIndex < 0) {
        return;  // it has a replica and knows nothing of it now
    }
    const observe::BrokerView& broker = m_snapshot->cluster.brokers[static_cast<std::size_t>(item.index)];
    const observe::ReplicaView& replica = broker.replicas[static_cast<std::size_t>(item.childIndex)];
    const auto xOf = [&](std::int64_t offset) {
        return track.left() + stripShare(offset, row.scale.first, row.logEnd, row.scale.last) * track.width();
    };
    const bool isDead = observe::isDown(item.state);
    const QColor fill = isDead ? colors.off : replica.isInSync ? colors.topic : colors.warning;
    const double from = xOf(replica.logStartOffset);
    const QRectF filled(from, track.top(), std::max(0.0, xOf(replica.logEndOffset) - from), height);
    painter.setBrush(fill);
    painter.setOpacity(isDead ? 0.6 : replica.isLeader ? 1.0 : followerOpacity);
    painter.drawRoundedRect(filled, 2, 2);
    painter.setOpacity(1.0);
    if (!isDead && !replica.isInSync) {
        // Out of sync is said by a pattern too, not by colour alone.
        painter.setBrush(QBrush(colors.surface, Qt::Dense6Pattern));
        painter.drawRect(filled);
    }
    if (replica.truncatedTo >= 0 && replica.truncatedFrom > replica.truncatedTo) {
        const double cut = xOf(replica.truncatedTo);
        const double to = std::max(cut + 8, xOf(std::min(replica.truncatedFrom, row.logEnd)));
        painter.setBrush(QBrush(colors.bad, Qt::BDiagPattern));
        painter.drawRect(QRectF(cut, track.top(), std::min(to, track.right()) - cut, height));
    }
    if (replica.highWatermark > 0) {
        const double tick = xOf(replica.highWatermark);
        painter.setPen(QPen(isDead ? colors.off : colors.text, isThin ? 1 : 1.5));
        painter.drawLine(QPointF(tick, track.top() - 1.5), QPointF(tick, track.bottom() + 1.5));
    }
    if (replica.isLeader && !isDead && row.position >= 0 && !isThin) {
        const double at = xOf(row.position);
        painter.setPen(QPen(colors.surface, 1));
        painter.setBrush(colors.spout);
        painter.drawPolygon(QPolygonF{QPointF(at, track.bottom() - 4.5), QPointF(at - 4, track.bottom() + 2.5),
                                      QPointF(at + 4, track.bottom() + 2.5)});
    }
    if (replica.isLeader) {
        const double side = isThin ? 8 : 12;
        paintIcon(painter, Icon::Crown, QRectF(track.right() + 6, item.box.center().y() - side / 2, side, side),
                  isDead ? colors.off : colors.bolt);
    }
}

}  // namespace millrace::widgets
