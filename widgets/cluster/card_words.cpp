#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "widgets/cluster/cluster_content.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/models/object_facts.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

// What cards of the physical face say; physical_painting.cpp holds how they look.
namespace millrace::widgets {

using observe::LifeState;
using observe::ObjectKind;
using observe::Stand;

namespace {

constexpr double afterName = 6;

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

}  // namespace

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

/// What stands beside the name of a card that is well, whatever room there is.
PhysicalCanvas::HeaderWords PhysicalCanvas::plainHeaderOf(const ClusterItem& item) const {
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
    return (this->*words)(item);
}

PhysicalCanvas::HeaderWords PhysicalCanvas::headerOf(const ClusterItem& item) const {
    HeaderWords header = plainHeaderOf(item);
    if (item.state == LifeState::Planned) {
        header.note = m_isPlan && item.places == 0 ? QString() : header.note;
        header.color = theme().dim;
    } else if (item.state != LifeState::Running) {
        header.note = format::text(observe::toText(item.state));
        if (observe::isDown(item.state) && !hasRoomForStates()) {
            header.note = item.state == LifeState::PoweredOff ? tr("off") : tr("down");
        }
        header.color =
            theme().severity(observe::isDown(item.state) ? observe::Severity::Error : observe::Severity::Warning);
    }
    return header;
}

/// Whether all that is down has room for what it is called, so that one thing is not said in two ways.
bool PhysicalCanvas::hasRoomForStates() const {
    const auto& cards = overview().cards;
    if (!m_overview.tellsStates) {
        m_overview.tellsStates = std::all_of(cards.begin(), cards.end(), [&](const ClusterItem* card) {
            if (!observe::isDown(card->state) || hasButtonBesideName(*card)) {
                return true;
            }
            HeaderWords words = plainHeaderOf(*card);
            words.note = format::text(observe::toText(card->state));
            return fitsBesideName(*card, words);
        });
    }
    return *m_overview.tellsStates;
}

bool PhysicalCanvas::hasButtonBesideName(const ClusterItem& item) const {
    return !item.reviveBox.isNull() && item.reviveBox.top() < headerLineOf(item).center().y();
}

/// Of the line of its name.
double PhysicalCanvas::takenByButton(const ClusterItem& item) const {
    constexpr double beforeButton = 4;
    return hasButtonBesideName(item) ? headerLineOf(item).right() - item.reviveBox.left() + beforeButton : 0;
}

/// In letters as large as its name has room for.
QFont PhysicalCanvas::nameFont(const ClusterItem& item, const QString& name) const {
    QFont font = legible(TextRole::CardTitle);
    const double taken = takenByButton(item);
    if (QFontMetricsF(font).horizontalAdvance(name) > headerLineOf(item).width() - pastMark - taken) {
        font.setPixelSize(legible(TextRole::Body).pixelSize());
    }
    // A little smaller before anything is left out of it.
    constexpr int smallest = 11;
    while (font.pixelSize() > smallest && font.pixelSize() * zoom() > smallest - 1 &&
           QFontMetricsF(font).horizontalAdvance(name) > headerLineOf(item).width() - pastMark - taken) {
        font.setPixelSize(font.pixelSize() - 1);
    }
    return font;
}

/// Whether what stands beside the name has room there.
bool PhysicalCanvas::fitsBesideName(const ClusterItem& item, const HeaderWords& words) const {
    const double name = QFontMetricsF(nameFont(item, words.name)).horizontalAdvance(words.name);
    const double note = QFontMetricsF(legible(TextRole::Caption)).horizontalAdvance(words.note) + afterName;
    return !words.note.isEmpty() && name + note <= headerLineOf(item).width() - takenByButton(item) - pastMark + 1;
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
            for (const MachineLine& line : linesOf(item)) {
                told << line.left << line.right;
            }
        }
    }
    return told;
}

/// What follows from all that stands here, found once for each picture.
const PhysicalCanvas::Overview& PhysicalCanvas::overview() const {
    if (m_overview.version == m_version && m_overview.zoom == zoom()) {
        return m_overview;
    }
    m_overview = Overview();
    m_overview.version = m_version;
    m_overview.zoom = zoom();
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

/// Each of them in two orders.
constexpr std::size_t detailChoices = 2 * std::size(lineDetails);

LineDetail choiceAt(std::size_t index) {
    LineDetail detail = lineDetails[index / 2];
    detail.isLoadAbove = index % 2 == 1;
    return detail;
}

}  // namespace

/// As much as all cards like this one have room for: what one of them does not say is said by none.
LineDetail PhysicalCanvas::detailOf(const ClusterItem& card) const {
    const int like = likenessOf(card.kind);
    if (const auto known = overview().details.constFind(like); known != overview().details.constEnd()) {
        return choiceAt(static_cast<std::size_t>(*known));
    }
    std::vector<PlainCard> cards;
    for (const ClusterItem* owner : overview().cards) {
        const bool isLike = like == likenessOf(owner->kind);
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
    for (std::size_t i = 0; agreed < cards.size() && at + 1 < detailChoices; i = (i + 1) % cards.size()) {
        const bool fits = fitsWith(cards[i], choiceAt(at));
        agreed = fits ? agreed + 1 : 0;
        at += fits ? 0 : 1;
    }
    m_overview.details.insert(like, static_cast<int>(at));
    return choiceAt(at);
}

bool PhysicalCanvas::fitsWith(const PlainCard& card, const LineDetail& detail) const {
    if (detail.isBesideName && !card.hasRoomForNote) {
        return false;
    }
    const QList<MachineLine> lines = plainLines(card, detail);
    const double room = lineOn(*card.line, 0).width();
    return std::all_of(lines.begin(), lines.end(),
                       [&](const MachineLine& line) { return widthOf(line.left, line.right) <= room; });
}

/// Of the lines on a card that tell of its machine, from the uppermost on.
QRectF PhysicalCanvas::lineOn(const ClusterItem& item, qsizetype line) {
    constexpr double pitch = 14;
    return {item.box.left() + 8, item.box.top() + static_cast<double>(line) * pitch, item.box.width() - 16, 18};
}

qsizetype PhysicalCanvas::countOfLines(const ClusterItem& item) {
    const double pitch = lineOn(item, 1).top() - lineOn(item, 0).top();
    return 1 +
           static_cast<qsizetype>(std::lround(std::max(0.0, item.box.height() - lineOn(item, 0).height() - 1) / pitch));
}

double PhysicalCanvas::widthOf(const QString& left, const QString& right) const {
    constexpr double apart = 6;
    const QFontMetricsF metrics(legible(TextRole::Caption));
    return metrics.horizontalAdvance(left) + metrics.horizontalAdvance(right) +
           (left.isEmpty() || right.isEmpty() ? 0 : apart);
}

namespace {

QString betweenParts() {
    return QStringLiteral(" · ");
}

QString partsInOne(QStringList parts) {
    parts.removeAll(QString());
    return parts.join(betweenParts());
}

}  // namespace

/// Where it runs and with which load, as far as that is told.
std::pair<QString, QString> PhysicalCanvas::machineOf(const ClusterItem& line, const LineDetail& detail) const {
    const observe::HostView& host = m_snapshot->cluster.hosts[static_cast<std::size_t>(line.index)];
    const QString rack = detail.hasRack && !host.rack.empty() ? tr("rack %1").arg(format::text(host.rack)) : QString();
    return {partsInOne({format::text(observe::nameOf(host.id)), rack}),
            detail.hasLoad && !m_isPlan ? tr("cpu %1").arg(format::percent(host.coreUtilisation)) : QString()};
}

QList<PhysicalCanvas::MachineLine> PhysicalCanvas::plainLines(const PlainCard& plain, const LineDetail& detail) const {
    if (plain.card->stand == Stand::Column) {
        return linesOfBroker(plain, detail);
    }
    const QColor dim = theme().dim;
    const HeaderWords& header = plain.header;
    auto [place, load] = machineOf(*plain.line, detail);
    const QString note = detail.hasNote && !detail.isBesideName ? header.note : QString();
    const QColor color = note.isEmpty() || header.color == theme().accent ? dim : header.color;
    if (countOfLines(*plain.line) == 1) {
        const LineDetail bare{true, false, false, false};
        // A machine that is named like what runs on it is said by that.
        if (!note.isEmpty() && machineOf(*plain.line, bare).first == header.name) {
            place = place.section(betweenParts(), 1);
        }
        return {MachineLine{partsInOne({note, place}), load, color, dim}};
    }
    if (note.isEmpty()) {
        return {{place, {}, dim, dim}, {load, {}, dim, dim}};
    }
    if (countOfLines(*plain.line) > 2) {
        return {{note, {}, color, dim}, {place, {}, dim, dim}, {load, {}, dim, dim}};
    }
    return detail.isLoadAbove ? QList<MachineLine>{{note, load, color, dim}, {place, {}, dim, dim}}
                              : QList<MachineLine>{{note, {}, color, dim}, {place, load, dim, dim}};
}

/// Who controls, and what comes in where that has no room beside the name and the largest would fit: a number that goes
/// when there is one to be told would be read as nothing.
QList<PhysicalCanvas::MachineLine> PhysicalCanvas::linesOfBroker(const PlainCard& plain,
                                                                 const LineDetail& detail) const {
    const QColor dim = theme().dim;
    const QColor accent = theme().accent;
    const auto [place, load] = machineOf(*plain.line, detail);
    const QString controller = isControllerCard(plain.card) ? tr("controller") : QString();
    const qsizetype count = countOfLines(*plain.line);
    if (count == 1) {
        return {MachineLine{place, partsInOne({controller, load}), dim, controller.isEmpty() ? dim : accent}};
    }
    if (count > 3) {
        const QString rate = m_isPlan || !plain.header.note.isEmpty() ? QString() : bytesInto(*plain.card);
        return {{place, {}, dim, dim}, {load, {}, dim, dim}, {rate, {}, dim, dim}, {controller, {}, accent, dim}};
    }
    const bool isLast = detail.isLoadAbove && count > 2;
    const QString beside = count == 2 ? tr("controller") : isLast ? tr("cpu %1").arg(format::percent(1)) : QString();
    const bool hasRoom = widthOf(beside, QStringLiteral("88.8 MB/s")) <= lineOn(*plain.line, 0).width();
    const QString rate = hasRoom && !m_isPlan && plain.header.note.isEmpty() ? bytesInto(*plain.card) : QString();
    if (count == 2) {
        return {{place, load, dim, dim}, {controller, rate, accent, dim}};
    }
    const MachineLine last{controller, {}, accent, dim};
    return isLast ? QList<MachineLine>{{place, {}, dim, dim}, {load, rate, dim, dim}, last}
                  : QList<MachineLine>{{place, load, dim, dim}, {{}, rate, dim, dim}, last};
}

/// As they are written: what fits, the best first.
QList<PhysicalCanvas::MachineLine> PhysicalCanvas::linesOf(const ClusterItem& item) const {
    const auto& cards = overview().cards;
    const auto owner = std::find_if(cards.begin(), cards.end(), [&](const ClusterItem* each) {
        return each->id == item.owner && each->box.contains(item.box.center());
    });
    const ClusterItem* card = owner == cards.end() ? nullptr : *owner;
    if (card == nullptr || !isPlain(item, *card)) {
        return linesOfTrouble(item, card);
    }
    const HeaderWords header = headerOf(*card);
    const bool isAlarm = header.color == theme().severity(observe::Severity::Warning) && !header.note.isEmpty();
    return isAlarm && !hasNoteBesideName(*card, header) ? linesOfAlarm(item, header)
                                                        : plainLines({&item, card, header, true}, detailOf(*card));
}

/// What is amiss is said before where it is, in ever fewer words, and beside it as much as has room.
QList<PhysicalCanvas::MachineLine> PhysicalCanvas::linesOfAlarm(const ClusterItem& item,
                                                                const HeaderWords& header) const {
    const QColor dim = theme().dim;
    const double room = lineOn(item, 0).width();
    const auto [place, load] = machineOf(item, LineDetail());
    const QString host = place.section(betweenParts(), 0, 0);
    const QString last = header.note.section(QStringLiteral(", "), -1);  // "1 silent for 63 s"
    const QString brief = last.endsWith(tr(" wait")) ? last.section(QLatin1Char(' '), 0, 0) + tr(" wait")
                                                     : last.section(tr(" for "), 0, 0);
    const bool isAlone = countOfLines(item) > 1;
    const QStringList besides =
        isAlone ? QStringList{QString()}
                : QStringList{partsInOne({place, load}), partsInOne({host, load}), load, host, QString()};
    MachineLine first{{}, {}, header.color, dim};
    for (const QString& note : {header.note, last, brief}) {
        for (const QString& beside : besides) {
            if (first.left.isEmpty() && widthOf(note, beside) <= room) {
                first.left = note;
                first.right = beside;
            }
        }
    }
    if (first.left.isEmpty()) {
        first.left = QFontMetricsF(legible(TextRole::Caption)).elidedText(brief, Qt::ElideRight, room);
    }
    if (!isAlone) {
        return {first};
    }
    const bool isWhole = widthOf(place, load) <= room;
    const MachineLine machine{isWhole ? place : host, load, dim, dim};
    if (countOfLines(item) == 2) {
        return {first, machine};
    }
    if (first.left != header.note && widthOf(last, {}) <= room) {
        const QString before = header.note.left(header.note.size() - last.size()).trimmed();
        return {{before, {}, header.color, dim}, {last, {}, header.color, dim}, machine};
    }
    return {first, {place, {}, dim, dim}, {load, {}, dim, dim}};
}

QList<PhysicalCanvas::MachineLine> PhysicalCanvas::linesOfTrouble(const ClusterItem& item,
                                                                  const ClusterItem* card) const {
    // A button in this line is its own or its card's; what is down has no load worth telling.
    const QRectF line = lineOn(item, 0);
    const QRectF button = !item.reviveBox.isNull() ? item.reviveBox : card == nullptr ? QRectF() : card->reviveBox;
    constexpr double leading = 3;
    const bool hasButton = button.intersects(line.adjusted(0, 0, 0, -leading));
    MachineLine first;
    const auto wordings = wordingsOfTrouble(item, card, hasButton, first);
    constexpr double beforeButton = 6;
    const double room = hasButton ? button.left() - line.left() - beforeButton : line.width();
    const auto fitting = std::find_if(wordings.begin(), wordings.end(), [&](const auto& wording) {
        return widthOf(wording.first, wording.second) <= room;
    });
    if (fitting != wordings.end()) {
        std::tie(first.left, first.right) = *fitting;
    }
    const observe::HostView& host = m_snapshot->cluster.hosts[static_cast<std::size_t>(item.index)];
    const bool isDown = observe::isDown(host.state) || (card != nullptr && observe::isDown(card->state));
    if (countOfLines(item) == 1 || card == nullptr || isDown || !item.reviveBox.isNull()) {
        return {first};
    }
    // What the first line had no room for.
    const auto [place, load] = machineOf(item, LineDetail());
    const QString above = first.left + betweenParts() + first.right;
    const QString where = above.contains(place.section(betweenParts(), 0, 0)) ? QString() : place;
    MachineLine second{where, above.contains(load) ? QString() : load, theme().dim, theme().dim};
    if (widthOf(second.left, second.right) > line.width()) {
        second.left = place.section(betweenParts(), 0, 0);
    }
    return {first, second};
}

/// What the last line of a card may say where something is amiss, the best first.
QList<std::pair<QString, QString>> PhysicalCanvas::wordingsOfTrouble(const ClusterItem& item, const ClusterItem* card,
                                                                     bool hasButton, MachineLine& words) const {
    const Palette& colors = theme();
    const observe::HostView& host = m_snapshot->cluster.hosts[static_cast<std::size_t>(item.index)];
    const QString name = format::text(observe::nameOf(host.id));
    const QString rack = host.rack.empty() ? QString() : tr("rack %1").arg(format::text(host.rack));
    const bool isDown = observe::isDown(host.state);
    const bool isOwnerDown = card != nullptr && observe::isDown(card->state) && !isDown;
    words.leftColor = words.rightColor = isDown || isOwnerDown ? colors.bad : colors.dim;
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

/// Beside its name what is written to it, where the largest has room. Who is the controller is said in the last line,
/// at every width.
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
                   headerLineOf(*item).width() - pastMark;
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

}  // namespace millrace::widgets
