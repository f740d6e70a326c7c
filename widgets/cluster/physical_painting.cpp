#include <QCoreApplication>
#include <QPainter>
#include <QRegularExpression>
#include <QToolButton>
#include <algorithm>
#include <cmath>
#include <tuple>
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

/// What a host suffers from, in a few words. A host that is cut off says so once; those that it is cut from are well.
QString ailmentOf(const observe::ClusterView& cluster, const observe::HostView& host) {
    if (!host.ailments.empty()) {
        return format::text(host.ailments.front());
    }
    if (host.cutFrom.size() > 1) {
        return QCoreApplication::translate("PhysicalCanvas", "cut off");
    }
    if (host.cutFrom.empty()) {
        return {};
    }
    const observe::ObjectId& other = host.cutFrom.front();
    const auto isOther = [&](const observe::HostView& each) { return each.id == other; };
    const auto found = std::find_if(cluster.hosts.begin(), cluster.hosts.end(), isOther);
    return found != cluster.hosts.end() && found->cutFrom.size() > 1
               ? QString()
               : QCoreApplication::translate("PhysicalCanvas", "cut from %1").arg(format::text(observe::nameOf(other)));
}

/// Whether what it holds waits for something, instead of being on its way.
bool isHeldUp(const observe::Snapshot& snapshot, const std::string& producer) {
    return std::any_of(snapshot.sources.begin(), snapshot.sources.end(), [&](const observe::SourceView& source) {
        return source.producer == producer && source.unacknowledged > 0 && waitOf(snapshot, source.id) != nullptr;
    });
}

/// How many records a producer holds: neither acknowledged nor given up.
std::int64_t waitingIn(const observe::Snapshot& snapshot, const std::string& producer) {
    std::int64_t waiting = 0;
    for (const observe::SourceView& source : snapshot.sources) {
        waiting += source.producer == producer ? source.unacknowledged : 0;
    }
    return waiting;
}

/// Of what a process says of itself.
bool tellsOfTrouble(const QString& note) {
    return note.contains(QLatin1String("silent")) || note.endsWith(QLatin1String(" wait")) ||
           note == QLatin1String("safe mode");
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

/// "down for 7.4 s" by the fault that lasts; empty when none is known.
QString PhysicalCanvas::downTime(const ClusterItem& item) const {
    const std::string id = format::utf8(item.id);
    const std::string host = format::utf8(hostOf(item));
    const SimTime now = m_snapshot->run.now;
    SimTime since = SimTime::max();
    for (const observe::FaultBar& fault : m_snapshot->run.faults) {
        if ((fault.target == id || fault.target == host) && fault.at <= now && now < fault.until) {
            since = std::min(since, fault.at);
        }
    }
    return since == SimTime::max() ? QString() : tr("down for %1").arg(format::seconds(SimTime(now - since)));
}

/// What stands beside the name of a card, whatever room there is.
PhysicalCanvas::HeaderWords PhysicalCanvas::headerOf(const ClusterItem& item) const {
    using Words = HeaderWords (PhysicalCanvas::*)(const ClusterItem&) const;
    static constexpr std::pair<ObjectKind, Words> kinds[] = {
        {ObjectKind::Host, &PhysicalCanvas::wordsOfHost},
        {ObjectKind::Broker, &PhysicalCanvas::wordsOfBroker},
        {ObjectKind::Server, &PhysicalCanvas::wordsOfServer},
        {ObjectKind::Nimbus, &PhysicalCanvas::wordsOfNimbus},
        {ObjectKind::Supervisor, &PhysicalCanvas::wordsOfSupervisor},
    };
    const auto* found =
        std::find_if(std::begin(kinds), std::end(kinds), [&](const auto& each) { return each.first == item.kind; });
    const Words words = found != std::end(kinds)                         ? found->second
                        : observe::rowOf(item.kind).stand == Stand::Card ? &PhysicalCanvas::wordsOfProcess
                                                                         : &PhysicalCanvas::wordsOfService;
    HeaderWords header = (this->*words)(item);
    if (item.state == LifeState::Planned) {
        header.note = m_isPlan && item.places == 0 ? QString() : header.note;
        header.color = theme().dim;
    } else if (item.state != LifeState::Running) {
        header.note = format::text(observe::toText(item.state));
        if (observe::isDown(item.state) && !fitsBesideName(item, header)) {
            header.note = item.state == LifeState::PoweredOff ? tr("off") : tr("down");
        }
        header.color =
            theme().severity(observe::isDown(item.state) ? observe::Severity::Error : observe::Severity::Warning);
    }
    return header;
}

namespace {

QRectF headerLine(const ClusterItem& item) {
    return {item.box.left() + 8, item.box.top() + 2, item.box.width() - 16, 27};
}

constexpr double pastMark = 16;
constexpr double afterName = 6;

}  // namespace

bool PhysicalCanvas::hasButtonBesideName(const ClusterItem& item) const {
    return !item.reviveBox.isNull() && item.reviveBox.top() < headerLine(item).center().y();
}

/// In letters as large as its name has room for.
QFont PhysicalCanvas::nameFont(const ClusterItem& item, const QString& name) const {
    QFont font = legible(TextRole::CardTitle);
    const double taken = hasButtonBesideName(item) ? item.box.right() - item.reviveBox.left() - 4 : 0;
    if (QFontMetricsF(font).horizontalAdvance(name) > headerLine(item).width() - pastMark - taken) {
        font.setPixelSize(legible(TextRole::Body).pixelSize());
    }
    // A little smaller before anything is left out of it.
    constexpr int smallest = 11;
    while (font.pixelSize() > smallest && font.pixelSize() * zoom() > smallest - 1 &&
           QFontMetricsF(font).horizontalAdvance(name) > headerLine(item).width() - pastMark - taken) {
        font.setPixelSize(font.pixelSize() - 1);
    }
    return font;
}

/// Whether what stands beside the name has room there.
bool PhysicalCanvas::fitsBesideName(const ClusterItem& item, const HeaderWords& words) const {
    const double name = QFontMetricsF(nameFont(item, words.name)).horizontalAdvance(words.name);
    const double note = QFontMetricsF(legible(TextRole::Caption)).horizontalAdvance(words.note) + afterName;
    return !words.note.isEmpty() && !hasButtonBesideName(item) &&
           name + note <= headerLine(item).width() - pastMark + 1;
}

/// Whether it stands there: like cards say it at one place, the last line says it where some have no room.
bool PhysicalCanvas::hasNoteBesideName(const ClusterItem& item, const HeaderWords& words) const {
    const ClusterItem* line = lineOf(item);
    const bool isBeside =
        line == nullptr || item.stand == Stand::Column || !isPlain(*line, item) || detailOf(item).isBesideName;
    return isBeside && fitsBesideName(item, words);
}

QStringList PhysicalCanvas::wordsOn(const QString& id) const {
    QStringList told;
    for (const ClusterItem& item : m_layout.items) {
        if (item.id == id && item.owner.isEmpty()) {
            const HeaderWords words = headerOf(item);
            told << words.name << (hasNoteBesideName(item, words) ? words.note : QString());
        } else if (item.owner == id && item.stand == Stand::Machine) {
            const HostWords words = wordsOfHostLine(item);
            told << words.left << words.right << words.below << words.belowRight;
        }
    }
    return told;
}

void PhysicalCanvas::paintHeader(QPainter& painter, const ClusterItem& item) const {
    const HeaderWords words = headerOf(item);
    const QRectF line = headerLine(item);
    paintStateMark(painter, QPointF(line.left() + 5, line.center().y()), item.state);
    const bool hasNote = hasNoteBesideName(item, words);
    painter.setFont(legible(TextRole::Caption));
    double taken = hasButtonBesideName(item) ? item.box.right() - item.reviveBox.left() - 4 : 0;
    if (hasNote) {
        taken = painter.fontMetrics().horizontalAdvance(words.note) + afterName;
        painter.setPen(words.color);
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, words.note);
    }
    painter.setFont(nameFont(item, words.name));
    painter.setPen(theme().text);
    // Names of a kind differ at their ends.
    const QRectF box = line.adjusted(pastMark, 0, -taken, 0);
    painter.drawText(box, Qt::AlignVCenter,
                     QFontMetricsF(painter.font()).elidedText(words.name, Qt::ElideMiddle, box.width() + 1));
}

/// The last line of a card says on which machine it runs; a machine without a process is a card of its own.
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
    const HostWords words = wordsOfHostLine(item);
    const QRectF line = firstLineOf(item);
    painter.setPen(words.rightColor);
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, words.right);
    painter.setPen(words.leftColor);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, words.left);
    if (!words.below.isEmpty() || !words.belowRight.isEmpty()) {
        const QRectF below(line.left(), line.bottom() - 4, line.width(), item.box.bottom() - 2 - line.bottom() + 4);
        painter.setPen(words.belowColor);
        painter.drawText(below, Qt::AlignLeft | Qt::AlignVCenter, words.below);
        painter.setPen(theme().dim);
        painter.drawText(below, Qt::AlignRight | Qt::AlignVCenter, words.belowRight);
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

/// Of the lines on a card that tell of its machine, the upper one.
QRectF PhysicalCanvas::firstLineOf(const ClusterItem& item) {
    return {item.box.left() + 8, item.box.top(), item.box.width() - 16, 18};
}

/// What follows from all that stands here, found once for each picture.
const PhysicalCanvas::Overview& PhysicalCanvas::overview() const {
    if (m_overview.version == m_version && m_overview.zoom == zoom()) {
        return m_overview;
    }
    m_overview = {m_version, zoom(), {}, {}, {}, {}, {}};
    for (const ClusterItem& item : m_layout.items) {
        if (item.stand == Stand::Machine && !item.owner.isEmpty()) {
            m_overview.lines[item.owner].push_back(&item);
        } else if (item.row < 0 && item.owner.isEmpty()) {
            m_overview.cards.push_back(&item);
        }
    }
    for (const observe::BrokerView& each : m_snapshot->cluster.brokers) {
        const QString name = format::text(observe::titleOf(each.id));
        m_overview.longestBroker = name.size() > m_overview.longestBroker.size() ? name : m_overview.longestBroker;
    }
    return m_overview;
}

/// The line of a card that tells of its machine.
const ClusterItem* PhysicalCanvas::lineOf(const ClusterItem& card) const {
    const auto lines = overview().lines.constFind(card.id);
    if (lines == overview().lines.constEnd()) {
        return nullptr;
    }
    const auto found = std::find_if(lines->begin(), lines->end(),
                                    [&](const ClusterItem* line) { return card.box.contains(line->box.center()); });
    return found == lines->end() ? nullptr : *found;
}

/// Whether there is nothing to be said of it that other cards of its kind have not.
bool PhysicalCanvas::isPlain(const ClusterItem& line, const ClusterItem& card) const {
    const observe::HostView& host = m_snapshot->cluster.hosts[static_cast<std::size_t>(line.index)];
    return !observe::isDown(host.state) && !observe::isDown(card.state) && line.reviveBox.isNull() &&
           card.reviveBox.isNull() && ailmentOf(m_snapshot->cluster, host).isEmpty() &&
           !isHeldUp(*m_snapshot, format::utf8(card.id));
}

namespace {

/// How much cards tell of their machines, the most first. A number keeps its unit: the rack gives way first, and the
/// load before what the card is and before the name.
constexpr LineDetail lineDetails[] = {
    {true, true, true, true},    {false, true, true, true},   {true, true, false, true},
    {false, true, false, true},  {true, true, true, false},   {true, true, false, false},
    {false, true, false, false}, {false, false, false, true}, {false, false, false, false}};

}  // namespace

/// As much as all cards like this one have room for: what one of them does not say is said by none.
LineDetail PhysicalCanvas::detailOf(const ClusterItem& card) const {
    const int like = card.stand == Stand::Service ? -1 : static_cast<int>(card.kind);
    if (const auto known = overview().details.constFind(like); known != overview().details.constEnd()) {
        return lineDetails[*known];
    }
    std::vector<PlainCard> cards;
    for (const ClusterItem* owner : overview().cards) {
        const bool isLike = like == (owner->stand == Stand::Service ? -1 : static_cast<int>(owner->kind));
        const ClusterItem* line = isLike ? lineOf(*owner) : nullptr;
        if (line != nullptr && isPlain(*line, *owner)) {
            // What stands beside the name of a broker takes nothing from its last line.
            const HeaderWords header = owner->stand == Stand::Column ? HeaderWords() : headerOf(*owner);
            const bool fits = header.note.isEmpty() || fitsBesideName(*owner, header);
            cards.push_back({line, owner, header, fits});
        }
    }
    // One that lacks room may take more from others than it needs itself: then these are asked again.
    std::size_t at = 0;
    std::size_t agreed = 0;
    for (std::size_t i = 0; agreed < cards.size() && at + 1 < std::size(lineDetails); i = (i + 1) % cards.size()) {
        const bool fits = fitsWith(cards[i], lineDetails[at]);
        agreed = fits ? agreed + 1 : 0;
        at += fits ? 0 : 1;
    }
    m_overview.details.insert(like, static_cast<int>(at));
    return lineDetails[at];
}

bool PhysicalCanvas::fitsWith(const PlainCard& card, const LineDetail& detail) const {
    if (detail.isBesideName && !card.hasRoomForNote) {
        return false;
    }
    const QFontMetricsF metrics(legible(TextRole::Caption));
    const HostWords words = plainWords(card, detail);
    constexpr double apart = 6;
    const double gap = words.left.isEmpty() || words.right.isEmpty() ? 0 : apart;
    return metrics.horizontalAdvance(words.left) + metrics.horizontalAdvance(words.right) + gap <=
           firstLineOf(*card.line).width();
}

PhysicalCanvas::HostWords PhysicalCanvas::plainWords(const PlainCard& plain, const LineDetail& detail) const {
    const Palette& colors = theme();
    const ClusterItem& line = *plain.line;
    const ClusterItem& card = *plain.card;
    const HeaderWords& header = plain.header;
    const observe::HostView& host = m_snapshot->cluster.hosts[static_cast<std::size_t>(line.index)];
    HostWords words;
    words.leftColor = words.rightColor = colors.dim;
    QStringList left;
    const bool isBroker = card.stand == Stand::Column;
    if (!isBroker && detail.hasNote && !detail.isBesideName && !header.note.isEmpty()) {
        left << header.note;
        words.leftColor = header.color == colors.accent ? colors.dim : header.color;
    }
    const QString name = format::text(observe::nameOf(host.id));
    if (left.isEmpty() || name != header.name) {  // a machine that is named like what runs on it is said by that
        left << name;
    }
    if (detail.hasRack && !host.rack.empty()) {
        left << tr("rack %1").arg(format::text(host.rack));
    }
    words.left = left.join(QStringLiteral(" · "));
    QStringList right;
    const bool hasTwoLines = line.box.height() > 2 * firstLineOf(line).height() - 8;
    if (isControllerCard(&card)) {
        (hasTwoLines ? words.below : words.right) = tr("controller");
        words.belowColor = words.rightColor = colors.accent;
        right << words.right;
    }
    if (detail.hasLoad && !m_isPlan) {
        right << tr("cpu %1").arg(format::percent(host.coreUtilisation));
    }
    if (hasTwoLines) {
        const double both = QFontMetricsF(legible(TextRole::Caption))
                                .horizontalAdvance(tr("controller") + QStringLiteral("  88.8 MB/s"));
        const bool hasRoom = both <= firstLineOf(line).width();  // on whichever the controller is
        words.rightColor = colors.dim;
        words.belowRight = hasRoom && isBroker && !m_isPlan && header.note.isEmpty() ? bytesInto(card) : QString();
    }
    right.removeAll(QString());
    words.right = right.join(QStringLiteral(" · "));
    return words;
}

/// As it is written: what fits, the best first.
PhysicalCanvas::HostWords PhysicalCanvas::wordsOfHostLine(const ClusterItem& item) const {
    const auto& cards = overview().cards;
    const auto owner = std::find_if(cards.begin(), cards.end(), [&](const ClusterItem* each) {
        return each->id == item.owner && each->box.contains(item.box.center());
    });
    const ClusterItem* card = owner == cards.end() ? nullptr : *owner;
    const QRectF line = firstLineOf(item);
    const QFontMetricsF metrics(legible(TextRole::Caption));
    const auto widthOf = [&](const QString& left, const QString& right) {
        constexpr double apart = 6;
        return metrics.horizontalAdvance(left) + metrics.horizontalAdvance(right) +
               (left.isEmpty() || right.isEmpty() ? 0 : apart);
    };
    if (card != nullptr && isPlain(item, *card)) {
        const HeaderWords header = headerOf(*card);
        HostWords words = plainWords({&item, card, header, true}, detailOf(*card));
        const bool isTold =
            header.note.isEmpty() || hasNoteBesideName(*card, header) || words.left.contains(header.note);
        // What is amiss is said before where it is.
        if (!isTold && header.color == theme().severity(observe::Severity::Warning)) {
            const QString brief = header.note.section(QStringLiteral(", "), -1);  // "1 silent for 63 s"
            words.left = widthOf(header.note, {}) <= line.width()
                             ? header.note
                             : metrics.elidedText(brief, Qt::ElideRight, line.width());
            words.leftColor = header.color;
            words.right = widthOf(words.left, words.right) <= line.width() ? words.right : QString();
        }
        return words;
    }
    // A button in this line is its own or its card's; what is down has no load worth telling.
    const QRectF button = !item.reviveBox.isNull() ? item.reviveBox : card == nullptr ? QRectF() : card->reviveBox;
    const bool hasButton = button.intersects(item.box);
    HostWords words;
    const auto wordings = wordingsOfTrouble(item, card, hasButton, words);
    constexpr double beforeButton = 6;
    const double room = hasButton ? button.left() - line.left() - beforeButton : line.width();
    const auto fitting = std::find_if(wordings.begin(), wordings.end(), [&](const auto& wording) {
        return widthOf(wording.first, wording.second) <= room;
    });
    if (fitting != wordings.end()) {
        std::tie(words.left, words.right) = *fitting;
    }
    return words;
}

/// What the last line of a card may say where something is amiss, the best first.
QList<std::pair<QString, QString>> PhysicalCanvas::wordingsOfTrouble(const ClusterItem& item, const ClusterItem* card,
                                                                     bool hasButton, HostWords& words) const {
    const Palette& colors = theme();
    const observe::HostView& host = m_snapshot->cluster.hosts[static_cast<std::size_t>(item.index)];
    const QString name = format::text(observe::nameOf(host.id));
    const QString rack = host.rack.empty() ? QString() : tr("rack %1").arg(format::text(host.rack));
    const bool isDown = observe::isDown(host.state);
    const bool isOwnerDown = card != nullptr && observe::isDown(card->state) && !isDown;
    words.leftColor = words.rightColor = words.belowColor = isDown || isOwnerDown ? colors.bad : colors.dim;
    QStringList lefts{rack.isEmpty() ? name : QStringLiteral("%1 · %2").arg(name, rack), name};
    QStringList rights{m_isPlan || isDown ? QString() : tr("cpu %1").arg(format::percent(host.coreUtilisation)),
                       QString()};
    const QString ailment = isDown ? QString() : ailmentOf(m_snapshot->cluster, host);
    if (isDown && (card == nullptr || card->state != LifeState::PoweredOff)) {
        lefts = QStringList{tr("%1: no power").arg(name)};  // its card says so already where it is down with it
    } else if (!ailment.isEmpty()) {
        words.leftColor = colors.severity(observe::Severity::Warning);
        lefts = QStringList{QStringLiteral("%1: %2").arg(name, ailment)};
        rights = QStringList{QString()};
    } else if (card != nullptr && !isDown && !isOwnerDown) {
        const HeaderWords header = headerOf(*card);
        if (!header.note.isEmpty() && !fitsBesideName(*card, header)) {
            lefts.prepend(QStringLiteral("%1 · %2").arg(header.note, name));
        }
    }
    const QStringList held = hasButton || card == nullptr ? QStringList() : heldIn(*card);
    if (hasButton) {
        rights = QStringList{QString()};
    } else if (isOwnerDown) {
        rights = QStringList{downTime(*card)};
    } else if (isControllerCard(card)) {
        words.rightColor = colors.accent;
        rights = QStringList{tr("controller")};
    } else if (!held.isEmpty()) {
        words.rightColor = colors.severity(observe::Severity::Warning);
        rights = QStringList{QStringLiteral("%1 · %2").arg(held.front(), rights.front())} + held;
    }
    QList<std::pair<QString, QString>> wordings;
    for (const QString& right : rights) {
        for (const QString& left : lefts) {
            wordings << std::pair(left, right);
        }
    }
    for (const QString& right : held) {
        wordings << std::pair(QString(), right);
    }
    for (const QString& left : lefts) {
        wordings << std::pair(left, QString());
    }
    wordings << std::pair(name, QString());
    return wordings;
}

bool PhysicalCanvas::isControllerCard(const ClusterItem* card) const {
    return card != nullptr && card->stand == Stand::Column && !m_isPlan &&
           m_snapshot->cluster.brokers[static_cast<std::size_t>(card->index)].isController;
}

/// "2,534 held": what waits in a producer is unread by nobody, for it is not in the log yet. In thousands rather than
/// not at all.
QStringList PhysicalCanvas::heldIn(const ClusterItem& card) const {
    const std::int64_t waiting = waitingIn(*m_snapshot, format::utf8(card.id));
    return waiting <= 0
               ? QStringList()
               : QStringList{tr("%1 held").arg(format::count(waiting)), tr("%1 held").arg(format::rounded(waiting))};
}

PhysicalCanvas::HeaderWords PhysicalCanvas::wordsOfHost(const ClusterItem& item) const {
    const observe::HostView& host = m_snapshot->cluster.hosts[static_cast<std::size_t>(item.index)];
    return {format::text(observe::nameOf(host.id)),
            host.rack.empty() ? QString() : tr("rack %1").arg(format::text(host.rack)), theme().dim};
}

/// Beside its name what is written to it, where the largest has room: a number that goes when there is one to be told
/// would be read as nothing. Who is the controller is said in the last line, at every width.
PhysicalCanvas::HeaderWords PhysicalCanvas::wordsOfBroker(const ClusterItem& item) const {
    const observe::BrokerView& broker = m_snapshot->cluster.brokers[static_cast<std::size_t>(item.index)];
    HeaderWords words{overview().longestBroker, QStringLiteral("88.8 MB/s"), theme().dim};
    const bool fits = !m_isPlan && fitsBesideName(item, words);
    words.name = format::text(observe::titleOf(broker.id));
    words.note = fits ? bytesInto(item) : QString();
    return words;
}

QString PhysicalCanvas::bytesInto(const ClusterItem& broker) const {
    const observe::BrokerView& view = m_snapshot->cluster.brokers[static_cast<std::size_t>(broker.index)];
    return tr("%1/s").arg(format::bytes(view.bytesInPerSecond));
}

PhysicalCanvas::HeaderWords PhysicalCanvas::wordsOfServer(const ClusterItem& item) const {
    if (static_cast<std::size_t>(item.index) >= m_snapshot->cluster.servers.size()) {
        return wordsOfProcess(item);
    }
    const observe::ServerView& server = m_snapshot->cluster.servers[static_cast<std::size_t>(item.index)];
    return {format::text(observe::nameOf(server.id)), m_isPlan ? QString() : format::text(observe::toText(server.role)),
            server.role == observe::ServerRole::Leader ? theme().accent : theme().dim};
}

PhysicalCanvas::HeaderWords PhysicalCanvas::wordsOfNimbus(const ClusterItem& item) const {
    Q_UNUSED(item)
    const auto count = static_cast<int>(m_snapshot->storm.topologies.size());
    return {tr("Nimbus"), count == 1 ? tr("1 topology") : tr("%1 topologies").arg(count), theme().dim};
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

PhysicalCanvas::HeaderWords PhysicalCanvas::wordsOfProcess(const ClusterItem& item) const {
    const std::string id = format::utf8(item.id);
    const auto& all = m_snapshot->processes;
    const auto view = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.id == id; });
    HeaderWords words{format::text(observe::titleOf(id)), view != all.end() ? format::text(view->note) : QString(),
                      theme().dim};
    const QString name = format::text(observe::nameOf(id));
    if (observe::rowOf(item.kind).hasName() || (id.find(':') != std::string::npos && !hasRoomForTitles(item.kind))) {
        words.name = name;
    }
    if (tellsOfTrouble(words.note)) {
        words.color = theme().severity(observe::Severity::Warning);
    }
    return words;
}

/// Whether all cards of a kind have room for what they are called whole: one that is called by its name alone would be
/// taken for something else than its neighbour.
bool PhysicalCanvas::hasRoomForTitles(ObjectKind kind) const {
    const QFontMetricsF metrics(legible(TextRole::CardTitle));
    return std::all_of(overview().cards.begin(), overview().cards.end(), [&](const ClusterItem* item) {
        return item->kind != kind ||
               metrics.horizontalAdvance(format::text(observe::titleOf(format::utf8(item->id)))) <=
                   headerLine(*item).width() - pastMark;
    });
}

PhysicalCanvas::HeaderWords PhysicalCanvas::wordsOfService(const ClusterItem& item) const {
    const std::string id = format::utf8(item.id);
    const QString host = hostOf(item);
    std::ptrdiff_t processes = 0;
    for (const observe::HostView& each : m_snapshot->cluster.hosts) {
        processes += format::text(each.id) == host ? std::count(each.processes.begin(), each.processes.end(), id) : 0;
    }
    const QString kind = format::text(observe::toText(item.kind));
    HeaderWords words{format::text(observe::nameOf(id)), {}, theme().dim};
    words.note = processes > 1 ? QStringLiteral("%1 × %2").arg(kind).arg(processes) : kind;
    return words;
}

PhysicalCanvas::HeaderWords PhysicalCanvas::wordsOfSupervisor(const ClusterItem& item) const {
    if (static_cast<std::size_t>(item.index) >= m_snapshot->storm.supervisors.size()) {
        return wordsOfProcess(item);
    }
    const observe::SupervisorView& supervisor = m_snapshot->storm.supervisors[static_cast<std::size_t>(item.index)];
    const auto used = std::count_if(supervisor.workerSlots.begin(), supervisor.workerSlots.end(),
                                    [](const observe::SlotView& slot) { return !slot.worker.empty(); });
    return {format::text(observe::nameOf(supervisor.id)),
            tr("%1/%2 slots").arg(used).arg(supervisor.workerSlots.size()), theme().dim};
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
    for (const ClusterHead& head : m_layout.heads) {
        const QString title = tr(observe::rowOf(head.kind).heading.data());
        painter.setFont(legible(TextRole::Strong));
        const double titleWidth = painter.fontMetrics().horizontalAdvance(title) + 8;
        painter.setPen(theme().text);
        paintText(painter, head.box, Qt::AlignVCenter, title);
        if (head.isAgain) {
            continue;
        }
        painter.setFont(legible(TextRole::Caption));
        painter.setPen(theme().dim);
        const QString whole = countUnder(head.kind);
        for (const QString& note : {whole, QString(whole).replace(tr(" of "), QStringLiteral("/"))}) {
            if (titleWidth + painter.fontMetrics().horizontalAdvance(note) <= head.box.width()) {
                painter.drawText(head.box, Qt::AlignRight | Qt::AlignVCenter, note);
                break;
            }
        }
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
