#include <QCoreApplication>
#include <QPainter>
#include <QToolButton>
#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/observe/processes.h"
#include "widgets/canvas/card_painter.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/object_facts.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"
#include "widgets/style/icons.h"
#include "widgets/style/palette.h"

// How the physical face looks; physical_canvas.cpp holds how it behaves.
namespace millrace::widgets {

using observe::LifeState;
using observe::ObjectKind;
using observe::Stand;

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

/// Of a worker with more executors than dots have room: how many of them have none.
std::size_t moreExecutors(const observe::Snapshot& snapshot, const ClusterItem& slot) {
    constexpr std::size_t dots = 12;
    constexpr std::size_t dotsBesideNumber = 8;
    for (const observe::TopologyView& topology : snapshot.storm.topologies) {
        for (const observe::WorkerView& worker : topology.workers) {
            if (worker.id == format::utf8(slot.id) && worker.executors.size() > dots) {
                return worker.executors.size() - dotsBesideNumber;
            }
        }
    }
    return 0;
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
    paintSurface(painter, item.box, radius, colors.surface, border, width);
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

/// Above everything that a card says.
void PhysicalCanvas::paintRevives(QPainter& painter) const {
    const Palette& colors = theme();
    painter.setFont(legible(TextRole::Caption));
    for (const ClusterItem& item : m_layout.items) {
        if (item.reviveBox.isNull() || item.stand == Stand::Slot) {
            continue;
        }
        paintSurface(painter, item.reviveBox, 6, colors.surface, colors.bad);
        painter.setPen(colors.bad);
        painter.drawText(item.reviveBox, Qt::AlignCenter, tr("Revive"));
    }
}

void PhysicalCanvas::paintHeader(QPainter& painter, const ClusterItem& item) const {
    const HeaderWords words = headerOf(item);
    const QRectF line = headerLineOf(item);
    paintStateMark(painter, QPointF(line.left() + 5, line.center().y()), item.state);
    const bool hasNote = hasNoteBesideName(item, words);
    painter.setFont(legible(TextRole::Caption));
    double taken = takenByButton(item);
    if (hasNote) {
        constexpr double beforeNote = 6;
        painter.setPen(words.color);
        painter.drawText(line.adjusted(0, 0, -taken, 0), Qt::AlignRight | Qt::AlignVCenter, words.note);
        taken += painter.fontMetrics().horizontalAdvance(words.note) + beforeNote;
    }
    painter.setFont(nameFont(item, words.name));
    painter.setPen(theme().text);
    // Names of a kind differ at their ends.
    const QRectF box = line.adjusted(pastMark, 0, -taken, 0);
    painter.drawText(box, Qt::AlignVCenter,
                     QFontMetricsF(painter.font()).elidedText(words.name, Qt::ElideMiddle, box.width() + 1));
}

/// The last lines of a card say on which machine it runs; a machine without a process is a card of its own.
void PhysicalCanvas::paintHost(QPainter& painter, const ClusterItem& item) const {
    const Palette& colors = theme();
    if (item.owner.isEmpty()) {
        paintFrameOf(painter, item, 8);
        paintHeader(painter, item);
        paintFreeHost(painter, item);
        return;
    }
    const bool isHovered = m_hovered == item.id;
    const bool isAimedAt = isHovered && m_hand.tool() != nullptr;
    if (m_selection.contains(item.id) || isHovered) {
        const bool isMarked = m_selection.contains(item.id) || (isHovered && m_isDropping);
        paintSurface(painter, item.box.adjusted(2, 1, -2, -2), 6, colors.soft,
                     isAimedAt  ? colors.bad
                     : isMarked ? colors.accent
                                : colors.soft,
                     1.5);
    }
    painter.setFont(legible(TextRole::Caption));
    const QList<MachineLine> lines = linesOf(item);
    for (qsizetype i = 0; i < lines.size(); ++i) {
        painter.setPen(lines[i].rightColor);
        painter.drawText(lineOn(item, i), Qt::AlignRight | Qt::AlignVCenter, lines[i].right);
        painter.setPen(lines[i].leftColor);
        painter.drawText(lineOn(item, i), Qt::AlignLeft | Qt::AlignVCenter, lines[i].left);
    }
}

/// What runs on a host that has no card of its own, by name as far as there is room, and its load.
void PhysicalCanvas::paintFreeHost(QPainter& painter, const ClusterItem& item) const {
    const observe::HostView& host = m_snapshot->cluster.hosts[static_cast<std::size_t>(item.index)];
    painter.setFont(legible(TextRole::Caption));
    const QFontMetricsF metrics(painter.font());
    QRectF line(item.box.left() + 8, item.box.bottom() - 20, item.box.width() - 16, 19);
    if (item.reviveBox.isValid() && item.reviveBox.intersects(line)) {
        line.setRight(item.reviveBox.left() - 6);
    }
    painter.setPen(theme().dim);
    if (!m_isPlan && !observe::isDown(item.state)) {
        const QString load = tr("cpu %1").arg(format::percent(host.coreUtilisation));
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, load);
        line.setRight(line.right() - metrics.horizontalAdvance(load) - 6);
    }
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, processesOn(host, metrics, line.width()));
}

QString PhysicalCanvas::processesOn(const observe::HostView& host, const QFontMetricsF& metrics, double room) const {
    QStringList names;
    for (const observe::ObjectId& id : host.processes) {
        names << format::text(observe::nameOf(id).empty() ? observe::titleOf(id) : std::string(observe::nameOf(id)));
    }
    for (qsizetype shown = names.size(); shown > 0; --shown) {
        const QString named = names.first(shown).join(QStringLiteral(", "));
        const QString words = shown == names.size() ? named : tr("%1 +%2").arg(named).arg(names.size() - shown);
        if (shown == 1 || metrics.horizontalAdvance(words) <= room) {
            return metrics.elidedText(words, Qt::ElideMiddle, room);
        }
    }
    return {};
}

void PhysicalCanvas::paintCard(QPainter& painter, const ClusterItem& item) const {
    paintFrameOf(painter, item, 8);
    paintHeader(painter, item);
}

/// Of a broker, over the tint of the row that is looked at.
void PhysicalCanvas::paintPartitions(QPainter& painter, const ClusterItem& item) const {
    paintMap(painter, item);
    paintOffsets(painter, item);
}

void PhysicalCanvas::paintSlot(QPainter& painter, const ClusterItem& item) const {
    const Palette& colors = theme();
    if (item.id.isEmpty()) {
        painter.setPen(QPen(colors.off, 1, Qt::DashLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(item.box, 6, 6);
        return;
    }
    paintFrameOf(painter, item, 6);
    for (const observe::TopologyView& topology : m_snapshot->storm.topologies) {
        for (const observe::WorkerView& worker : topology.workers) {
            if (worker.id != format::utf8(item.id)) {
                continue;
            }
            constexpr int perRow = 4;
            constexpr double pitch = 9.5;
            if (observe::isDown(item.state) && worker.executors.empty() && item.reviveBox.isNull()) {
                paintStateMark(painter, item.box.center(), item.state);
            }
            const std::size_t count = worker.executors.size();
            const std::size_t shown = count > perRow * 3 ? perRow * 2 : count;
            const double top = item.box.top() + (item.box.height() - 2 * pitch - 8) / 2;  // of three rows
            for (std::size_t i = 0; i < shown; ++i) {
                const bool isDead = observe::isDown(item.state);
                painter.setPen(Qt::NoPen);
                painter.setBrush(isDead ? colors.off : componentColor(*m_snapshot, worker.executors[i].component));
                painter.drawEllipse(QRectF(item.box.left() + 4.5 + static_cast<double>(i % perRow) * pitch,
                                           top + static_cast<double>(i / perRow) * pitch, 7, 7));
            }
        }
    }
    if (const auto more = moreExecutors(*m_snapshot, item); more > 0) {
        painter.setFont(legible(TextRole::Caption));
        painter.setPen(colors.dim);
        painter.drawText(QRectF(item.box.left(), item.box.bottom() - 14, item.box.width(), 13), Qt::AlignCenter,
                         QStringLiteral("+%1").arg(more));
    }
    if (!item.reviveBox.isNull()) {
        paintIcon(painter, Icon::Revive, QRectF(item.box.center() - QPointF(7, 7), QSizeF(14, 14)), colors.bad);
    }
}

/// "2 of 3": how many of the processes of a kind live, where the heading is of that kind alone.
QString PhysicalCanvas::countUnder(ObjectKind kind) const {
    const observe::KindRow& row = observe::rowOf(kind);
    const auto all = observe::kinds();
    const auto under = std::count_if(all.begin(), all.end(),
                                     [&](const observe::KindRow& each) { return each.heading == row.heading; });
    if (under != 1 || row.stand != Stand::Card) {
        return {};
    }
    int alive = 0;
    int count = 0;
    observe::forEachProcess(*m_snapshot, [&](const auto& process) {
        const bool isOne = std::string_view(process.id).starts_with(row.prefix) && observe::kindOf(process.id) == kind;
        count += isOne ? 1 : 0;
        alive += isOne && !observe::isDown(process.state) ? 1 : 0;
    });
    return m_isPlan ? QString::number(count) : tr("%1 of %2").arg(alive).arg(count);
}

void PhysicalCanvas::paintHeads(QPainter& painter) const {
    const QFontMetricsF titles(legible(TextRole::Strong));
    const QFontMetricsF notes(legible(TextRole::Caption));
    const auto titleOf = [](const ClusterHead& head) { return tr(observe::rowOf(head.kind).heading.data()); };
    const auto noteOf = [&](const ClusterHead& head, bool isBrief) {
        const QString note = head.isAgain ? QString() : countUnder(head.kind);
        return isBrief ? QString(note).replace(tr(" of "), QStringLiteral("/")) : note;
    };
    const auto fits = [&](const ClusterHead& head, bool isBrief) {
        constexpr double apart = 8;
        return noteOf(head, isBrief).isEmpty() ||
               titles.horizontalAdvance(titleOf(head)) + apart + notes.horizontalAdvance(noteOf(head, isBrief)) <=
                   head.box.width();
    };
    const bool isBrief =
        !std::all_of(m_layout.heads.begin(), m_layout.heads.end(), [&](const auto& head) { return fits(head, false); });
    const ClusterHead* before = nullptr;
    for (const ClusterHead& head : m_layout.heads) {
        // The next column under the same heading is joined to it.
        const bool goesOn = head.isAgain && before != nullptr && before->kind == head.kind &&
                            before->box.top() == head.box.top() && before->box.right() < head.box.left();
        if (goesOn) {
            painter.setPen(QPen(theme().line, 1));
            const double apart = noteOf(*before, isBrief).isEmpty() ? 0 : 8;  // from the count at its end
            painter.drawLine(QPointF(before->box.right() + apart, head.box.center().y()),
                             QPointF(head.box.right(), head.box.center().y()));
        } else {
            painter.setFont(legible(TextRole::Strong));
            painter.setPen(theme().text);
            paintText(painter, head.box, Qt::AlignVCenter, titleOf(head));
        }
        painter.setFont(legible(TextRole::Caption));
        painter.setPen(theme().dim);
        if (fits(head, isBrief)) {
            painter.drawText(head.box, Qt::AlignRight | Qt::AlignVCenter, noteOf(head, isBrief));
        }
        before = &head;
    }
}

/// Whose messages are looked at: processes that are selected or lie under the pointer.
QStringList PhysicalCanvas::subjects() const {
    QStringList ids;
    const auto take = [&](const QString& id) {
        const ClusterItem* item = m_layout.find(id);
        if (item != nullptr && item->stand != Stand::Machine && item->row < 0 && !ids.contains(id)) {
            ids.append(id);
        }
    };
    if (m_hand.tool() == nullptr) {
        take(m_hovered);
    }
    for (const QString& id : m_selection.ids()) {
        take(id);
    }
    return ids;
}

/// Kinds whose cards say more than a name, a state and a note.
PhysicalCanvas::ItemPainter PhysicalCanvas::painterOf(ObjectKind kind) {
    static constexpr std::pair<ObjectKind, ItemPainter> painters[] = {
        {ObjectKind::Host, &PhysicalCanvas::paintHost},
        {ObjectKind::Broker, &PhysicalCanvas::paintPartitions},
        {ObjectKind::Partition, &PhysicalCanvas::paintStrip},
        {ObjectKind::Worker, &PhysicalCanvas::paintSlot},
    };
    const auto* found =
        std::find_if(std::begin(painters), std::end(painters), [kind](const auto& each) { return each.first == kind; });
    return found != std::end(painters) ? found->second : &PhysicalCanvas::paintCard;
}

void PhysicalCanvas::paintBelow(QPainter& painter) {
    if (!m_snapshot) {
        return;
    }
    paintHeads(painter);
    const QRectF seen = visibleScene().adjusted(-4, -4, 4, 4);
    for (const ClusterItem& item : m_layout.items) {
        if (item.stand == Stand::Column && item.box.intersects(seen)) {
            paintCard(painter, item);
        }
    }
    paintRowTint(painter);
    for (const ClusterItem& item : m_layout.items) {
        if (item.box.intersects(seen)) {
            (this->*painterOf(item.kind))(painter, item);
        }
    }
    paintUnread(painter);
}

void PhysicalCanvas::paintMoving(QPainter& painter) {
    if (m_moving && !m_isPlan) {
        MachineFlows::paint(painter, m_layout, m_flows.of(subjects(), *m_moving), visibleScene());
    }
}

void PhysicalCanvas::paintAbove(QPainter& painter) {
    if (m_snapshot) {
        paintNames(painter);
        paintRevives(painter);
    }
}

QVariantList PhysicalCanvas::stillState() const {
    if (m_hand.tool() != nullptr || m_isDropping) {
        return {};  // what it is about goes with the mouse
    }
    return {m_hovered, m_selection.ids(), shownRow(), m_internal->isVisibleTo(this), m_version};
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
           : m_hand.isPlanning() ? tr("Plan: %1 %2").arg(format::uncapitalised(tool.title), title)
                                 : tr("%1 %2").arg(tool.title, title);
}

QString PhysicalCanvas::hintAt(const QPointF& view) const {
    if (m_hand.tool() == nullptr) {
        return {};
    }
    const ClusterItem* item = m_layout.at(toScene(view));
    const QString hint = m_hand.isPlanning() ? tr("plan %1").arg(m_hand.tool()->hint) : m_hand.tool()->hint;
    return item == nullptr ? hint : hintOver(*item);
}

/// Where more stands than is in view, a thumb at the edge says how much of it and which part is seen.
void PhysicalCanvas::paintThumbs(QPainter& painter) const {
    const QRectF all = m_layout.bounds;
    const QRectF seen = visibleScene();
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().off);
    painter.setOpacity(0.6);
    const auto thumb = [](double from, double to, double low, double high, double length) {
        const double span = std::max(high, to) - std::min(low, from);
        return std::pair((from - std::min(low, from)) / span * length, (to - from) / span * length);
    };
    if (all.width() > seen.width() + 1) {
        const auto [at, size] = thumb(seen.left(), seen.right(), all.left(), all.right(), width() - 8.0);
        painter.drawRoundedRect(QRectF(4 + at, height() - 7.0, size, 4), 2, 2);
    }
    if (all.height() > seen.height() + 1) {
        const auto [at, size] = thumb(seen.top(), seen.bottom(), all.top(), all.bottom(), height() - 8.0);
        painter.drawRoundedRect(QRectF(width() - 7.0, 4 + at, 4, size), 2, 2);
    }
    painter.setOpacity(1.0);
}

/// What one has to go sideways for: empty while everything is in view.
QString PhysicalCanvas::beyondWords() const {
    constexpr double little = 40;
    if (!m_snapshot || m_isPlan || m_layout.bounds.width() <= visibleScene().width() + little) {
        return {};
    }
    const QRectF seen = visibleScene();
    std::size_t brokers = 0;
    bool isRestSeen = true;
    for (const ClusterItem& item : m_layout.items) {
        const bool isSeen = item.box.left() >= seen.left() - 1 && item.box.right() <= seen.right() + 1;
        brokers += item.stand == Stand::Column && isSeen ? 1 : 0;
        isRestSeen =
            isRestSeen && (isSeen || item.stand == Stand::Column || item.row >= 0 || item.stand == Stand::Machine);
    }
    const std::size_t all = m_snapshot->cluster.brokers.size();
    if (brokers == all) {
        return isRestSeen ? QString() : tr("turn the wheel for what runs beside the brokers");
    }
    const QString words = tr("%1 of %2 brokers in view").arg(brokers).arg(all);
    return isRestSeen ? tr("%1: turn the wheel for the others").arg(words)
                      : tr("%1: turn the wheel for the others, ZooKeeper and services").arg(words);
}

/// By whom it is that something is unread.
QString PhysicalCanvas::readersWords() const {
    if (!m_snapshot || m_isPlan || m_layout.unread.isNull()) {
        return {};
    }
    QStringList names;
    for (const observe::GroupView& group : m_snapshot->cluster.groups) {
        const bool isOfRows = std::any_of(group.offsets.begin(), group.offsets.end(), [&](const auto& offset) {
            return std::any_of(m_layout.rows.begin(), m_layout.rows.end(),
                               [&](const ClusterRow& row) { return row.topic == offset.topic; });
        });
        if (isOfRows) {
            names << format::text(observe::nameOf(group.id));
        }
    }
    return names.isEmpty()     ? QString()
           : names.size() == 1 ? tr("unread by %1").arg(names.front())
           : names.size() == 2 ? tr("unread by the slower of %1 and %2").arg(names[0], names[1])
                               : tr("unread by the slowest of %1 groups").arg(names.size());
}

void PhysicalCanvas::paintOver(QPainter& painter) {
    const Palette& colors = theme();
    painter.setFont(textFont(TextRole::CardTitle));
    const double heading = painter.fontMetrics().horizontalAdvance(tr("Physical"));
    const double after = m_internal->isVisibleTo(this) ? m_internal->geometry().right() + 10 : 16 + heading + 12;
    // As far as the headings of columns leave room; where cards were moved under it, it covers them.
    double until = width() - 12;
    for (const ClusterHead& head : m_layout.heads) {
        const QRectF box = toView(head.box);
        until = box.top() < 22 && box.bottom() > 4 && box.right() > after ? std::min(until, box.left() - 10) : until;
    }
    const auto hosts = m_snapshot ? m_snapshot->cluster.hosts.size() : 0;
    const int row = shownRow();
    QString words = hosts == 0                ? tr("no hosts yet: drag brokers and supervisors here")
                    : m_isPlan && hosts == 1  ? tr("1 host, not started: drop brokers here")
                    : m_isPlan                ? tr("%1 hosts, not started: drop brokers here").arg(hosts)
                    : m_layout.rows.empty()   ? tr("%1 hosts and what runs on them").arg(hosts)
                    : !m_layout.map.isEmpty() ? tr("a cell is a partition, at one place in every broker")
                                              : tr("a row is a partition, a column is a broker");
    const QString readers = readersWords();
    QStringList more;
    if (const QString beyond = beyondWords(); !beyond.isEmpty()) {
        more << beyond;
    }
    if (row >= 0 && !m_isPlan) {
        more << tr("at %1").arg(rowName(row));
    }
    // What stands now comes before the explanation, and nothing is cut in its middle.
    const QFontMetricsF metrics(textFont(TextRole::Caption));
    const QStringList explained = readers.isEmpty()
                                      ? QStringList()
                                      : QStringList{(QStringList{words, readers} + more).join(QStringLiteral("; "))};
    QStringList choices =
        explained + QStringList{(QStringList{words} + more).join(QStringLiteral("; ")), more.join(QStringLiteral("; ")),
                                more.isEmpty() ? words.section(QStringLiteral(":"), 0, 0) : more.first()};
    if (!readers.isEmpty()) {  // the numbers stand there whether or not rows and columns are explained
        choices.insert(1, (QStringList{readers} + more).join(QStringLiteral("; ")));
    }
    if (!beyondWords().isEmpty()) {
        choices << tr("turn the wheel for more") << tr("more: wheel");
    }
    for (const QString& choice : choices) {
        words = choice.isEmpty() ? words : choice;
        if (metrics.horizontalAdvance(words) <= until - after) {
            break;
        }
    }
    painter.fillRect(QRectF(0, 0, 16 + heading + 4, 30), colors.background);
    painter.setPen(colors.text);
    painter.drawText(QPointF(16, 24), tr("Physical"));
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(colors.dim);
    paintText(painter, QRectF(after, 8, std::max(0.0, until - after), 20), Qt::AlignVCenter, words);
    paintThumbs(painter);
    if (m_hand.tool() != nullptr && !m_mouse.isNull()) {
        const QString hint = hintAt(m_mouse);
        painter.setFont(textFont(TextRole::Body));
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
