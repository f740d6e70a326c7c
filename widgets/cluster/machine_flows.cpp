#include "widgets/cluster/machine_flows.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/canvas/card_painter.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

using observe::ObjectKind;

namespace {

constexpr SimDuration remembered = std::chrono::seconds(1);
constexpr std::size_t linesMost = 10;
constexpr double gutter = 4;
constexpr double headRoom = 15;  // below the top of a card: level with its title

/// "FetchRequest" as words: "fetch request".
QString wordsOf(const std::string& kind) {
    const QString name = format::text(kind).section(QLatin1Char('.'), -1);
    QString words;
    for (const QChar letter : name) {
        if (letter.isUpper() && !words.isEmpty() && !words.endsWith(QLatin1Char(' '))) {
            words += QLatin1Char(' ');
        }
        words += letter.toLower();
    }
    return words.replace(QLatin1Char('-'), QLatin1Char(' '));
}

/// The card on which a line ends: a slot stands on its supervisor's.
const ClusterItem* cardOf(const ClusterLayout& layout, const ClusterItem& item) {
    return item.stand == observe::Stand::Slot ? layout.find(item.owner) : &item;
}

void paintArrow(QPainter& painter, const QPainterPath& way) {
    const QPointF tip = way.pointAtPercent(1);
    const double from = way.pointAtPercent(way.percentAtLength(std::max(0.0, way.length() - 4))).x();
    const double back = from < tip.x() ? -5 : 5;
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().accent);
    painter.drawPolygon(QPolygonF{tip, tip + QPointF(back, -3.5), tip + QPointF(back, 3.5)});
}

}  // namespace

void MachineFlows::take(const observe::Snapshot& snapshot) {
    const SimTime now = snapshot.run.now;
    if (now < m_now || now - m_now > remembered) {
        m_traffic.clear();  // another time
    }
    m_now = now;
    std::erase_if(m_traffic, [now](const Traffic& each) { return now - each.seen > remembered; });
    for (const observe::Flight& flight : snapshot.flights.flights) {
        if (flight.departs > now || flight.arrives <= flight.departs) {
            continue;
        }
        const QString from = format::text(flight.from);
        const QString to = format::text(flight.to);
        auto known = std::find_if(m_traffic.begin(), m_traffic.end(),
                                  [&](const Traffic& each) { return each.from == from && each.to == to; });
        if (known == m_traffic.end()) {
            m_traffic.push_back({from, to, {}, {}, {}});
            known = std::prev(m_traffic.end());
        }
        if (flight.departs >= known->seen) {
            known->seen = flight.departs;
            known->kind = wordsOf(flight.kind);
        }
    }
}

std::vector<Traffic> MachineFlows::of(const QStringList& subjects, const observe::Snapshot& snapshot) const {
    constexpr std::size_t few = 6;
    std::vector<Traffic> shown;
    const bool isStepped = subjects.isEmpty() && snapshot.run.mode == observe::RunMode::Step;
    for (const Traffic& each : m_traffic) {
        if (isStepped || subjects.contains(each.from) || subjects.contains(each.to)) {
            shown.push_back(each);
            shown.back().share.reset();
        }
    }
    for (Traffic& each : shown) {
        for (const observe::Flight& flight : snapshot.flights.flights) {
            if (format::text(flight.from) == each.from && format::text(flight.to) == each.to &&
                flight.arrives > flight.departs) {
                const double share =
                    seconds(snapshot.run.now - flight.departs) / seconds(flight.arrives - flight.departs);
                each.share = share >= 0 && share <= 1 ? std::optional(share) : each.share;
            }
        }
    }
    if (isStepped) {
        std::erase_if(shown, [](const Traffic& each) { return !each.share; });
        if (shown.size() > few) {
            shown.clear();
        }
    }
    // In an order that does not change with what came last, or labels would jump.
    std::sort(shown.begin(), shown.end(),
              [](const Traffic& a, const Traffic& b) { return std::pair(a.from, a.to) < std::pair(b.from, b.to); });
    if (shown.size() > linesMost) {
        shown.resize(linesMost);
    }
    return shown;
}

QPainterPath MachineFlows::way(const ClusterLayout& layout, const QString& from, const QString& to, int lane) {
    const ClusterItem* first = layout.find(from);
    const ClusterItem* second = layout.find(to);
    if (first == nullptr || second == nullptr) {
        return {};
    }
    const ClusterItem* a = cardOf(layout, *first);
    const ClusterItem* b = cardOf(layout, *second);
    if (a == nullptr || b == nullptr || a == b) {
        return {};
    }
    // Beside one another in the same lane, as far as the gutters are wide.
    const double aside = (lane % 3 - 1) * 2.0;
    const bool isRight = b->box.left() > a->box.right();
    const bool isBelow = !isRight && b->box.right() > a->box.left();
    const auto levelOf = [&](const ClusterItem& item, const ClusterItem& card) {
        return item.stand == observe::Stand::Slot ? item.box.center().y() : card.box.top() + headRoom + aside;
    };
    const double ay = levelOf(*first, *a);
    const double by = levelOf(*second, *b);
    const double ax = isRight || isBelow ? a->box.right() : a->box.left();
    const double bx = isRight ? b->box.left() : b->box.right();
    const double outX = ax + (isRight || isBelow ? gutter : -gutter) + aside / 2;
    const double inX = bx + (isRight ? -gutter : gutter) + aside / 2;
    QPainterPath path(QPointF(ax, ay));
    path.lineTo(outX, ay);
    if (std::abs(outX - inX) > 3 * gutter) {
        const double y = layout.lane + aside * 2;
        path.lineTo(outX, y);
        path.lineTo(inX, y);
    }
    path.lineTo(inX, by);
    path.lineTo(bx, by);
    return path;
}

std::vector<MachineFlows::Pill> MachineFlows::pills(const ClusterLayout& layout, const std::vector<Traffic>& traffic,
                                                    const QRectF& seen) {
    constexpr double pillHeight = 14;
    constexpr double apart = 3;
    const QFontMetricsF metrics(textFont(TextRole::Caption));
    std::vector<Pill> placed;
    int lane = 0;
    for (const Traffic& each : traffic) {
        const QPainterPath path = way(layout, each.from, each.to, lane);
        if (path.isEmpty()) {
            continue;
        }
        ++lane;
        // In the lane, where nothing else is written, beside those that stand there, on the part that is in view.
        const QRectF reach = path.boundingRect();
        const double left = std::max(reach.left(), seen.left() + apart);
        const double right = std::min(reach.right(), seen.right() - apart);
        QRectF box(0, 0, metrics.horizontalAdvance(each.kind) + pillHeight, pillHeight);
        box.moveCenter(QPointF((left + right) / 2, layout.lane - 1));
        for (const double shift : {0.0, 0.25, -0.25, 0.4, -0.4}) {
            const QRectF moved = box.translated(shift * std::max(0.0, right - left), 0);
            const bool isFree = std::none_of(placed.begin(), placed.end(), [&](const Pill& other) {
                return other.box.adjusted(-apart, 0, apart, 0).intersects(moved);
            });
            if (isFree && seen.contains(moved)) {
                placed.push_back({moved, each.kind});
                break;
            }
        }
    }
    return placed;
}

void MachineFlows::paint(QPainter& painter, const ClusterLayout& layout, const std::vector<Traffic>& traffic,
                         const QRectF& seen) {
    int lane = 0;
    for (const Traffic& each : traffic) {
        const QPainterPath path = way(layout, each.from, each.to, lane);
        if (path.isEmpty()) {
            continue;
        }
        ++lane;
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme().accent, 1.5, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
        painter.drawPath(path);
        paintArrow(painter, path);
        if (each.share) {
            painter.drawEllipse(path.pointAtPercent(*each.share), 3.5, 3.5);
        }
    }
    painter.setFont(textFont(TextRole::Caption));
    for (const Pill& pill : pills(layout, traffic, seen)) {
        paintSurface(painter, pill.box, pill.box.height() / 2, theme().surface, theme().accent);
        painter.setPen(theme().text);
        painter.drawText(pill.box, Qt::AlignCenter, pill.text);
    }
}

}  // namespace millrace::widgets
