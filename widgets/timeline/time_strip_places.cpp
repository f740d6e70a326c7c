#include <QFontMetricsF>
#include <QSet>
#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"
#include "widgets/timeline/time_strip.h"

// Where bars of faults and their names stand. There may be thousands: all are placed in one pass.
namespace millrace::widgets {

namespace {

constexpr double space = 7;         // between a bar and its name
constexpr double leastWords = 40;   // a shorter piece of a name says nothing
constexpr double oneMark = 3;       // beginnings that are drawn over each other
constexpr double labelledRow = 90;  // a bar keeps so much of its row for its name

/// The bars of one row, and the names between them.
class Row {
public:
    void add(const QRectF& box) { m_bars.emplace_back(box.left(), box.right()); }

    /// When all are there.
    void sort() {
        std::sort(m_bars.begin(), m_bars.end());
        for (std::size_t i = 1; i < m_bars.size(); ++i) {
            m_bars[i].second = std::max(m_bars[i].second, m_bars[i - 1].second);  // how far any reaches up to here
        }
    }

    [[nodiscard]] bool isFree(double left, double right) const {
        const auto after = std::lower_bound(m_bars.begin(), m_bars.end(), std::pair(right, -1e18));
        const bool isOnBar = after != m_bars.begin() && std::prev(after)->second > left;
        return !isOnBar && left >= m_named;
    }

    /// Bars are named from left to right.
    void name(const QRectF& words) { m_named = std::max(m_named, words.right() + 4); }
    [[nodiscard]] double named() const { return m_named; }

private:
    std::vector<std::pair<double, double>> m_bars;
    double m_named = -1e18;
};

/// A bar to be named, and what may not be crossed.
struct Naming {
    QRectF box;
    double left = 0;   ///< of the lane
    double right = 0;  ///< of the widget
    double now = -1e18;
    bool mayBeCut = false;

    [[nodiscard]] bool isCrossed(double from, double to) const {
        return from < left || to > right || (from - space < now && now < to + 2);
    }
};

template <typename Length>
QRectF placeWords(const Naming& bar, const Row& row, const Length& length) {
    const QRectF& box = bar.box;
    const auto at = [&](double from, double width) { return QRectF(from, box.top(), width, box.height()); };
    const double inside = std::max(box.left(), bar.left) + space;
    const bool hasRoomInside = box.right() - inside > leastWords / 2 && inside >= row.named();
    const bool hasRoomBeside = row.isFree(box.right() + space, box.right() + space + leastWords / 2) ||
                               row.isFree(box.left() - space - leastWords / 2, box.left() - space);
    if (!hasRoomInside && !hasRoomBeside) {
        return {};  // names are measured only where one could stand
    }
    const double width = length();
    if (hasRoomInside && inside + width + 2 <= box.right() && !bar.isCrossed(inside, inside + width)) {
        return at(inside, width);
    }
    if (const double pastNow = bar.now + space;
        hasRoomInside && pastNow > inside && pastNow + width + 2 <= box.right() && pastNow + width <= bar.right) {
        return at(pastNow, width);
    }
    for (const double from : {box.right() + space, box.left() - space - width}) {
        // Beside the end of a long bar a name would be read as what happens there.
        const bool isFarFromItsBegin = from > box.left() && box.width() > width;
        if (!isFarFromItsBegin && !bar.isCrossed(from, from + width) && row.isFree(from, from + width)) {
            return at(from, width);
        }
    }
    // No room for all of it: as much as the bar has, up to the present or from there on.
    const double split = std::clamp(bar.now, inside - space, std::max(box.right(), inside - space));
    const bool isLeft = split - inside >= box.right() - split;
    const double from = isLeft ? inside : split + space;
    const double room = std::min(isLeft ? split : box.right(), bar.right) - 3 - from;
    return bar.mayBeCut && room >= leastWords && from >= row.named() ? at(from, room) : QRectF();
}

/// Above the band of a compact strip, beside the name of the present: a name on the band would cover the curve. Where
/// the band has no room it ends where the band begins, with room for a sign that points at it; what stands beyond the
/// present would be read as something that comes.
template <typename Length>
QRectF placeAbove(const Naming& bar, const QRectF& present, const Row& row, const Length& length, double sign) {
    const double begin = std::max({bar.box.left(), bar.left, row.named() + space});
    if (begin > std::max(bar.box.left(), bar.left) + 2 * space) {
        return {};  // it would be read as the name of another moment
    }
    const QRectF reserved = present.adjusted(-space, 0, space, 0);
    const double width = length();
    const auto isFree = [&](double from, double to) {
        return (from >= reserved.right() || to <= reserved.left()) && to <= bar.right;
    };
    if (isFree(begin, begin + width)) {
        return {begin, 2, width, present.height()};
    }
    // The name of the present may stand where the band begins: then it ends before that.
    const double all = width + sign;
    const bool isMet = !isFree(bar.box.left() - all, bar.box.left());
    const double before = (isMet ? reserved.left() : bar.box.left()) - all;
    const bool isNear = bar.box.left() - before - all <= reserved.width();
    if (before >= std::max(bar.left, row.named() + space) && isNear && isFree(before, before + all)) {
        return {before, 2, all, present.height()};
    }
    const double past = std::max(begin, reserved.right());
    return past < bar.box.right() && isFree(past, past + width) ? QRectF(past, 2, width, present.height()) : QRectF();
}

/// Which of a plan's bars overlap in time with an earlier one.
std::vector<bool> overlapsAnEarlier(const std::vector<PlannedBar>& plan) {
    std::vector<bool> overlaps;
    std::map<SimTime, SimTime> covered;  // stretches that do not touch, by their beginnings
    for (const PlannedBar& bar : plan) {
        SimTime from = bar.at;
        SimTime to = std::max(bar.at, bar.until);
        bool isOver = false;
        const auto met = [&]() -> std::optional<std::map<SimTime, SimTime>::iterator> {
            const auto after = covered.upper_bound(to);
            return after != covered.begin() && std::prev(after)->second >= from ? std::optional(std::prev(after))
                                                                                : std::nullopt;
        };
        for (auto it = met(); it; it = met()) {
            isOver = true;
            from = std::min(from, (*it)->first);
            to = std::max(to, (*it)->second);
            covered.erase(*it);
        }
        covered.emplace(from, to);
        overlaps.push_back(isOver);
    }
    return overlaps;
}

/// An instant and what happens then.
using Moment = std::pair<qint64, QString>;

Moment momentOf(SimTime at, const QString& title) {
    return {at.time_since_epoch().count(), title};
}

/// "crash leader of ", when that is how it begins: the plan may name a leader, the run tells who that was.
QString leaderOf(const QString& title) {
    const QString words = QLatin1Char(' ') + TimeStrip::tr("leader of %1").arg(QString());
    const qsizetype at = title.indexOf(words);
    return at < 0 ? QString() : title.left(at + words.size());
}

}  // namespace

void TimeStrip::changed() {
    m_arePlaced = false;
    update();
}

/// Its upper row is the lower one of the faults: what is yet to come lies to the right of what has happened.
QRectF TimeStrip::planLane() const {
    const double height = planRowsMax * rowPitch;
    return {left(), faultLane().bottom() + rowPitch - height, laneWidth(), height};
}

const TimeStrip::Places& TimeStrip::places() const {
    if (m_arePlaced) {
        return m_places;
    }
    m_arePlaced = true;
    m_places = Places();
    static const std::vector<observe::FaultBar> none;
    const auto& faults = m_snapshot ? m_snapshot->run.faults : none;
    QSet<Moment> planned;
    for (const PlannedBar& bar : m_plan) {
        planned.insert(momentOf(bar.at, bar.title));
        if (const QString leader = leaderOf(bar.title); !leader.isEmpty()) {
            planned.insert(momentOf(bar.at, leader));
        }
    }
    // What has begun is in the lane of faults, where its true length is seen; what is yet to come by the scenario's
    // plan is a bar that can be dragged, and that is shown once.
    QSet<Moment> begun;
    std::vector<bool> isPlanned(faults.size(), false);
    for (std::size_t i = 0; i < faults.size() && !m_plan.empty(); ++i) {
        const observe::FaultBar& fault = faults[i];
        const Moment exact = momentOf(fault.at, titleOfFault(fault.kind, fault.target));
        const Moment leader = momentOf(fault.at, titleOfFault(fault.kind, "leader:"));
        if (fault.at <= m_snapshot->run.furthest) {
            begun << exact << leader;
        } else {
            isPlanned[i] = planned.contains(exact) || planned.contains(leader);
        }
    }
    std::vector<bool> hasBegun;
    for (const PlannedBar& bar : m_plan) {
        hasBegun.push_back(begun.contains(momentOf(bar.at, bar.title)) ||
                           begun.contains(momentOf(bar.at, leaderOf(bar.title))));
    }
    placeFaults(isPlanned);
    placePlan(hasBegun);
    return m_places;
}

QRectF TimeStrip::barBox(SimTime from, SimTime to, double top, double height) const {
    const double begin = std::max(xOf(from), m_isZoomed ? left() - 6 : 0.0);
    const double end = std::min(xOf(to), width() + (m_isZoomed ? 6.0 : 0.0));
    return {begin, top, std::max(end - begin, 4.0), height};
}

void TimeStrip::placeFaults(const std::vector<bool>& isPlanned) const {
    static const std::vector<observe::FaultBar> none;
    const auto& faults = m_snapshot ? m_snapshot->run.faults : none;
    m_places.faults.assign(faults.size(), Place());
    const std::size_t rows = m_isCompact ? 1 : faultRowsMax;
    std::vector<Row> lanes(rows);
    std::vector<double> ends(rows, -1e18);
    std::vector<std::size_t> order;
    std::vector<std::size_t> rowOf(faults.size(), 0);
    for (std::size_t i = 0; i < faults.size(); ++i) {
        const observe::FaultBar& fault = faults[i];
        if (isPlanned[i]) {
            continue;
        }
        m_places.hasFaults = true;
        const SimTime until =
            fault.until == SimTime::max() ? std::max(m_snapshot->run.furthest, fault.at) : fault.until;
        QRectF box = barBox(fault.at, until, faultLane().top(), faultRowHeight);
        // The first row whose last bar ends before this one begins, or else the one that is free soonest.
        auto row = std::find_if(ends.begin(), ends.end(), [&](double end) { return end <= box.left(); });
        row = row == ends.end() ? std::min_element(ends.begin(), ends.end()) : row;
        *row = std::max(*row, std::max(box.right(), box.left() + labelledRow));
        rowOf[i] = static_cast<std::size_t>(row - ends.begin());
        box.translate(0, static_cast<double>(rowOf[i]) * rowPitch);
        m_places.faults[i] = {box, {}, {}, isInView(fault.at, until)};
        lanes[rowOf[i]].add(box);
        if (m_places.faults[i].isInView) {
            order.push_back(i);
        }
    }
    std::for_each(lanes.begin(), lanes.end(), [](Row& row) { row.sort(); });
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
        return m_places.faults[a].box.left() < m_places.faults[b].box.left();
    });
    const QFontMetricsF metrics(textFont(TextRole::Caption));
    const double now = xOf(m_snapshot ? m_snapshot->run.now : SimTime{});
    std::vector<bool> isNamed(faults.size(), false);
    for (auto first = order.begin(); first != order.end(); ++first) {
        if (isNamed[*first]) {
            continue;
        }
        Place& place = m_places.faults[*first];
        // Those whose beginnings are one mark have one name; it has the room of the longest.
        std::vector<std::size_t> together;
        QRectF box = place.box;
        for (auto each = first; each != order.end(); ++each) {
            const Place& other = m_places.faults[*each];
            if (other.box.left() - place.box.left() > oneMark) {
                break;
            }
            if (rowOf[*each] == rowOf[*first]) {
                together.push_back(*each);
                isNamed[*each] = true;
                box.setRight(std::max(box.right(), other.box.right()));
            }
        }
        Naming bar{box, left(), width() - 2.0, now, false};
        QStringList names;  // they are made only where one could stand
        const auto length = [&] {
            names = names.isEmpty() ? namesOf(together) : names;
            return metrics.horizontalAdvance(place.title.isEmpty() ? names.front() : place.title) + 2;
        };
        bar.mayBeCut = !m_isCompact && together.size() == 1;
        const QString pointing = QStringLiteral(" ▸");
        const auto placed = [&] {
            return m_isCompact ? placeAbove(bar, presentBox(), lanes[rowOf[*first]], length,
                                            metrics.horizontalAdvance(pointing))
                               : placeWords(bar, lanes[rowOf[*first]], length);
        };
        place.words = placed();
        place.title = names.value(0);
        for (qsizetype wording = 1; place.words.isEmpty() && wording < names.size(); ++wording) {
            place.title = names[wording];
            bar.mayBeCut = !m_isCompact && wording + 1 == names.size();
            place.words = placed();
        }
        // Beyond the present it is said that it began before.
        const QString before = QStringLiteral("◂ ");
        const double more = metrics.horizontalAdvance(before);
        const auto isBeyond = [&] {
            return !place.words.isEmpty() && place.words.left() > now && place.box.left() < now;
        };
        for (qsizetype wording = names.indexOf(place.title) + 1;
             isBeyond() && place.words.right() + more > bar.right && wording < names.size(); ++wording) {
            place.title = names[wording];
            place.words = placed();
        }
        if (isBeyond() && place.words.right() + more > bar.right) {
            place.words = QRectF();  // better no name than one of a fault that seems to come
        } else if (isBeyond()) {
            place.title.prepend(before);
            place.words.setRight(place.words.right() + more);
        }
        if (m_isCompact && !place.words.isEmpty() && place.words.left() < place.box.left() &&
            place.words.right() <= place.box.left() + 1) {
            place.title.append(pointing);
        }
        lanes[rowOf[*first]].name(place.words);
    }
}

/// All of them, then the first and how many more there are, then their number.
QStringList TimeStrip::namesOf(const std::vector<std::size_t>& together) const {
    constexpr std::size_t toldMax = 3;
    const auto nameOf = [&](std::size_t fault) {
        const observe::FaultBar& bar = m_snapshot->run.faults[fault];
        return titleOfFault(bar.kind, bar.target);
    };
    const observe::FaultBar& bar = m_snapshot->run.faults[together.front()];
    const QString first = nameOf(together.front());
    if (together.size() == 1) {
        const QString brief = briefTitleOfFault(bar.kind, bar.target);
        return brief == first ? QStringList{first} : QStringList{first, brief};
    }
    QStringList names;
    if (together.size() <= toldMax) {
        for (const std::size_t fault : together) {
            names.append(nameOf(fault));
        }
        QStringList briefs;
        for (const std::size_t fault : together) {
            const observe::FaultBar& each = m_snapshot->run.faults[fault];
            briefs.append(briefTitleOfFault(each.kind, each.target));
        }
        names = QStringList{names.join(QStringLiteral(", ")), briefs.join(QStringLiteral(", "))};
    }
    return names << tr("%1 and %2 more").arg(first).arg(together.size() - 1)
                 << tr("%1 +%2").arg(briefTitleOfFault(bar.kind, bar.target)).arg(together.size() - 1)
                 << tr("%1 faults").arg(together.size());
}

/// By the times of the plan and not by pixels, so that a bar keeps its row while the axis grows.
void TimeStrip::placePlan(const std::vector<bool>& hasBegun) const {
    m_places.plan.assign(m_plan.size(), Place());
    const std::vector<bool> isLower = overlapsAnEarlier(m_plan);
    std::vector<Row> lanes(planRowsMax);
    const auto rowOf = [&](std::size_t i) { return isLower[i] ? std::size_t(1) : std::size_t(0); };
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < m_plan.size(); ++i) {
        const PlannedBar& bar = m_plan[i];
        const bool isDragged = m_planGrip != PlanGrip::None && static_cast<int>(i) == m_planChosen;
        const double top = planLane().bottom() - static_cast<double>(rowOf(i) + 1) * rowPitch;
        const double from = xOf(bar.at);
        const double to = bar.until == SimTime::max() ? xOf(visibleTo()) : xOf(bar.until);
        Place& place = m_places.plan[i];
        place.box = QRectF(from, top, std::max(to - from, 8.0), faultRowHeight);
        if (hasBegun[i] && !isDragged) {
            continue;
        }
        m_places.hasPlan = true;
        place.isInView = isInView(bar.at, bar.until);
        lanes[rowOf(i)].add(place.box);
        if (place.isInView) {
            order.push_back(i);
        }
    }
    std::for_each(lanes.begin(), lanes.end(), [](Row& row) { row.sort(); });
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
        return m_places.plan[a].box.left() < m_places.plan[b].box.left();
    });
    const QFontMetricsF metrics(textFont(TextRole::Caption));
    for (const std::size_t i : order) {
        Place& place = m_places.plan[i];
        const Naming bar{place.box, left(), width() - 2.0, -1e18, true};
        place.words = placeWords(bar, lanes[rowOf(i)], [&] { return metrics.horizontalAdvance(planText(i)) + 2; });
        lanes[rowOf(i)].name(place.words);
    }
}

QRectF TimeStrip::planBox(std::size_t index) const {
    return places().plan[index].box;
}

QRectF TimeStrip::faultLabelBox(std::size_t index) const {
    return places().faults[index].words;
}

QString TimeStrip::faultLabel(std::size_t index) const {
    const Place& place = places().faults[index];
    return place.words.isEmpty() ? QString() : place.title;
}

/// The fault whose bar or name is there, -1 when there is none.
int TimeStrip::faultAt(const QPointF& position) const {
    const auto& faults = places().faults;
    const auto hit = std::find_if(faults.begin(), faults.end(), [&](const Place& place) {
        return place.isInView && (place.box.contains(position) || place.words.contains(position));
    });
    return hit == faults.end() ? -1 : static_cast<int>(hit - faults.begin());
}

}  // namespace millrace::widgets
