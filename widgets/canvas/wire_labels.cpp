#include "widgets/canvas/wire_labels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace millrace::widgets {

namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();
constexpr double nameToWire = 4;    // pixels between a name and its wire
constexpr double tiedFrom = 8;      // nearer than that a name needs no line to its wire
constexpr double nameToOthers = 3;  // from other wires at least
constexpr double tiedMost = 64;     // a name from its wire
constexpr double lookedAround = 90;

/// Pixels between a name and cards: the two that its wire joins, and others, whose name it is not.
struct Margins {
    double own = 0;
    double other = 0;
};

enum class Manner { Beside, On, Tied };

bool touch(const QRectF& a, const QRectF& b, double margin) {
    return a.left() - margin < b.right() && b.left() < a.right() + margin && a.top() - margin < b.bottom() &&
           b.top() < a.bottom() + margin;
}

double distanceTo(const QRectF& box, const QPointF& point) {
    const double x = std::max({box.left() - point.x(), 0.0, point.x() - box.right()});
    const double y = std::max({box.top() - point.y(), 0.0, point.y() - box.bottom()});
    return std::hypot(x, y);
}

double distanceTo(const QRectF& box, const Wire& wire) {
    double least = unbounded;
    for (const QPointF& point : wire.points) {
        const double x = std::max({box.left() - point.x(), 0.0, point.x() - box.right()});
        const double y = std::max({box.top() - point.y(), 0.0, point.y() - box.bottom()});
        least = std::min(least, x * x + y * y);
    }
    return std::sqrt(least);
}

/// From a point to the nearest one of a straight line.
double distanceTo(const QLineF& line, const QPointF& point) {
    const QPointF way = line.p2() - line.p1();
    const double length = QPointF::dotProduct(way, way);
    const double share = length > 0 ? std::clamp(QPointF::dotProduct(point - line.p1(), way) / length, 0.0, 1.0) : 0.0;
    const QPointF off = point - (line.p1() + way * share);
    return std::hypot(off.x(), off.y());
}

/// Looks for the place of one name.
class Placing {
public:
    Placing(const LabelGround& ground, const LabelWish& wish, const std::vector<QRectF>& taken)
        : m_ground(ground), m_wish(wish), m_wire(ground.wires[wish.wire]), m_pixel(ground.pixel) {
        double widest = 0;
        for (const QSizeF& size : wish.sizes) {
            widest = std::max(widest, size.width());
        }
        const double reach = widest + lookedAround * m_pixel;
        QRectF near = ground.reaches[wish.wire];
        if (wish.isOfFan) {
            near |= common();
        }
        for (std::size_t i = 0; i < ground.cards.size(); ++i) {
            if (touch(near, ground.cards[i], reach)) {
                m_cards.push_back(i);
            }
        }
        for (const std::vector<QRectF>* boxes : {&ground.kept, &taken}) {
            for (const QRectF& box : *boxes) {
                if (!box.isEmpty() && touch(near, box, reach)) {
                    m_boxes.push_back(boxes == &taken ? box.adjusted(-nameToWire * m_pixel, -3, nameToWire * m_pixel, 3)
                                                      : box);
                }
            }
        }
        for (std::size_t i = 0; i < ground.reaches.size(); ++i) {
            if (i != wish.wire && !ground.wires[i].isEmpty() && touch(near, ground.reaches[i], reach)) {
                const bool isAlike = wish.isAlike(i);
                if (!isAlike || !wish.isOfFan) {
                    m_others.push_back({&ground.wires[i], ground.reaches[i], isAlike});
                }
            }
        }
    }

    LabelPlace find() {
        struct Tier {
            Manner manner;
            Margins margins;
        };
        static constexpr Tier tiers[] = {{Manner::Beside, {5, 7}}, {Manner::On, {5, 7}},   {Manner::Beside, {3, 5}},
                                         {Manner::On, {2, 5}},     {Manner::Tied, {5, 7}}, {Manner::Tied, {3, 4}}};
        for (const Tier& tier : tiers) {
            if (m_wish.isOfFan && tier.manner == Manner::Tied) {
                continue;
            }
            m_manner = tier.manner;
            m_margins = tier.margins;
            for (std::size_t i = 0; i < m_wish.sizes.size(); ++i) {
                if (const QRectF box = placeFor(m_wish.sizes[i]); !box.isEmpty()) {
                    return {box, i};
                }
            }
        }
        return {};
    }

private:
    struct Other {
        const Wire* wire = nullptr;
        QRectF reach;
        bool isAlike = false;
    };

    QRectF common() const { return m_ground.cards[m_wish.isLeaving ? m_wish.from : m_wish.to]; }

    QRectF placeFor(const QSizeF& size) {
        m_size = size;
        if (!m_wish.isOfFan) {
            return within(m_ground.face);
        }
        // What a fan is of is told where its card is seen, as long as there is a place.
        const QRectF found = m_ground.seen.intersects(common()) ? within(m_ground.seen) : QRectF();
        return found.isEmpty() ? within(m_ground.face) : found;
    }

    QRectF within(const QRectF& face) {
        m_within = face;
        if (m_wish.isOfFan && m_manner == Manner::Beside) {
            if (const QRectF box = atCommonCard(); !box.isEmpty()) {
                return box;
            }
        }
        static constexpr double ofOne[] = {0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8};
        static constexpr double ofFan[] = {0.12, 0.2, 0.3, 0.8, 0.9, 0.5};
        for (const double share : m_wish.isOfFan ? std::span<const double>(ofFan) : std::span<const double>(ofOne)) {
            if (const QRectF box = nearPoint(share); !box.isEmpty()) {
                return box;
            }
        }
        return {};
    }

    /// A fan is named where its wires part or meet, above or below the card that they have in common.
    QRectF atCommonCard() const {
        const QRectF card = common();
        const double x = m_wish.isLeaving ? card.right() - m_size.width() : card.left();
        const double off = std::max(nameToWire, m_margins.own + 0.5) * m_pixel;
        for (const double y : {card.top() - off - m_size.height(), card.bottom() + off}) {
            if (const QRectF box(QPointF(x, y), m_size); isGood(box)) {
                return box;
            }
        }
        return {};
    }

    QRectF nearPoint(double share) const {
        const QPointF on = m_wire.at(share * m_wire.length);
        if (m_manner == Manner::On) {
            QRectF box(QPointF(), m_size);
            box.moveCenter(on);
            return isGood(box) ? box : QRectF();
        }
        const std::span<const QPointF> piece = pieceAround(share);
        if (m_manner == Manner::Tied) {
            for (const double off : {12.0, 22.0, 36.0, 52.0}) {
                if (const QRectF box = restingOn(piece, on, (nameToWire + off) * m_pixel); !box.isEmpty()) {
                    return box;
                }
            }
            return {};
        }
        const QRectF box = restingOn(piece, on, nameToWire * m_pixel);
        return box.isEmpty() ? leaningOn(piece, on, nameToWire * m_pixel) : box;
    }

    /// The part of the wire beside which a name near a point of it stands.
    std::span<const QPointF> pieceAround(double share) const {
        const auto count = static_cast<double>(m_wire.points.size());
        const double pitch = m_wire.length / std::max(1.0, count - 1);
        const double half = (m_size.width() + m_size.height()) / std::max(pitch, 0.1);
        const double first = std::max(0.0, std::floor(share * count - half));
        const double last = std::min(count, std::ceil(share * count + half));
        return std::span(m_wire.points)
            .subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
    }

    /// Above or below it, so near that it does not touch.
    QRectF restingOn(std::span<const QPointF> piece, const QPointF& on, double off) const {
        const bool falls = m_wire.points.back().y() > m_wire.points.front().y() + 4;
        for (const double aside : {0.0, -0.5, 0.5}) {
            const double left = on.x() + (aside - 0.5) * m_size.width();
            double top = unbounded;
            double bottom = -unbounded;
            for (const QPointF& point : piece) {
                if (point.x() >= left - nameToWire && point.x() <= left + m_size.width() + nameToWire) {
                    top = std::min(top, point.y());
                    bottom = std::max(bottom, point.y());
                }
            }
            const double above = top - off - m_size.height();
            const double below = bottom + off;
            for (const double y : {falls ? below : above, falls ? above : below}) {
                if (const QRectF box(QPointF(left, y), m_size); std::isfinite(y) && isGood(box)) {
                    return box;
                }
            }
        }
        return {};
    }

    /// At its right or left.
    QRectF leaningOn(std::span<const QPointF> piece, const QPointF& on, double off) const {
        const double top = on.y() - m_size.height() / 2;
        double left = unbounded;
        double right = -unbounded;
        for (const QPointF& point : piece) {
            if (point.y() >= top - nameToWire && point.y() <= top + m_size.height() + nameToWire) {
                left = std::min(left, point.x());
                right = std::max(right, point.x());
            }
        }
        for (const double x : {right + off, left - off - m_size.width()}) {
            if (const QRectF box(QPointF(x, top), m_size); std::isfinite(x) && isGood(box)) {
                return box;
            }
        }
        return {};
    }

    bool isGood(const QRectF& box) const {
        return m_within.contains(box) && !isOnCard(box) && !isOnBox(box) && isOfOwnWire(box);
    }

    bool isOnCard(const QRectF& box) const {
        return std::any_of(m_cards.begin(), m_cards.end(), [&](std::size_t i) {
            const bool isOwn = i == m_wish.from || i == m_wish.to;
            return touch(m_ground.cards[i], box, (isOwn ? m_margins.own : m_margins.other) * m_pixel);
        });
    }

    bool isOnBox(const QRectF& box) const {
        return std::any_of(m_boxes.begin(), m_boxes.end(), [&](const QRectF& each) { return touch(each, box, 0); });
    }

    /// On a wire, or nearer to another one than to its own, it would be read as the name of that.
    bool isOfOwnWire(const QRectF& box) const {
        const double own = distanceTo(box, m_wire);
        if (m_manner == Manner::On ? !isWireSeenBeside(box) : own < 1) {
            return false;
        }
        if (m_manner == Manner::Beside && !m_wish.isOfFan && own >= tiedFrom * m_pixel) {
            return false;
        }
        for (const Other& other : m_others) {
            if (!touch(other.reach, box, own + nameToOthers * m_pixel + 1)) {
                continue;
            }
            const double away = distanceTo(box, *other.wire);
            if (away < 1 || (!other.isAlike && away <= std::max(own, nameToOthers * m_pixel))) {
                return false;
            }
        }
        return m_manner != Manner::Tied || !tieOf(m_ground, m_wish.wire, box).isNull();
    }

    /// On a short wire nothing of it would be left.
    bool isWireSeenBeside(const QRectF& box) const {
        const double seenAtLeast = 15 * m_pixel;
        double before = unbounded;
        double after = unbounded;
        for (const QPointF& point : m_wire.points) {
            if (box.contains(point)) {
                before = std::min(before, QLineF(m_wire.points.front(), point).length());
                after = std::min(after, QLineF(m_wire.points.back(), point).length());
            }
        }
        return before >= seenAtLeast && after >= seenAtLeast;
    }

    const LabelGround& m_ground;
    const LabelWish& m_wish;
    const Wire& m_wire;
    double m_pixel = 1;
    std::vector<std::size_t> m_cards;  ///< that stand where it could stand, looked for once
    std::vector<QRectF> m_boxes;
    std::vector<Other> m_others;
    Manner m_manner = Manner::Beside;
    Margins m_margins;
    QSizeF m_size;
    QRectF m_within;
};

}  // namespace

QString labelOnTwoLines(const QString& label) {
    QString best = label;
    qsizetype least = label.size();
    for (qsizetype at = 1; at < label.size(); ++at) {
        const bool isGap = label[at] == u' ';
        if (isGap || label[at] == u'(') {
            const QString second = label.mid(isGap ? at + 1 : at);
            if (const qsizetype longer = std::max(at, second.size()); longer < least) {
                least = longer;
                best = label.left(at) + QLatin1Char('\n') + second;
            }
        }
    }
    return best;
}

LabelPlace placeLabel(const LabelGround& ground, const LabelWish& wish, const std::vector<QRectF>& taken) {
    return Placing(ground, wish, taken).find();
}

QLineF tieOf(const LabelGround& ground, std::size_t wire, const QRectF& label) {
    constexpr double inset = 4;
    constexpr double besideCard = 3;
    const Wire& own = ground.wires[wire];
    if (label.isEmpty() || own.isEmpty() || distanceTo(label, own) < tiedFrom * ground.pixel) {
        return {};
    }
    const QPointF middle = own.at(own.length / 2);
    QLineF best;
    double least = unbounded;
    for (const QPointF& point : own.points) {
        const QLineF tie(QPointF(std::clamp(point.x(), label.left() + inset, label.right() - inset),
                                 std::clamp(point.y(), label.top(), label.bottom())),
                         point);
        // Of those as near the one in the middle.
        const double aside = std::hypot(point.x() - middle.x(), point.y() - middle.y());
        const double worth = tie.length() + aside / 100;
        if (worth >= least || distanceTo(label, point) > tiedMost * ground.pixel) {
            continue;
        }
        const QRectF reach = QRectF(tie.p1(), tie.p2()).normalized();
        const bool isFree = std::none_of(ground.cards.begin(), ground.cards.end(),
                                         [&](const QRectF& card) { return touch(card, reach, besideCard); });
        if (isFree) {
            least = worth;
            best = tie;
        }
    }
    if (best.isNull()) {
        return {};
    }
    const QRectF reach = QRectF(best.p1(), best.p2()).normalized();
    for (std::size_t i = 0; i < ground.wires.size(); ++i) {
        if (i == wire || ground.wires[i].isEmpty() || !touch(ground.reaches[i], reach, 2)) {
            continue;
        }
        const auto& points = ground.wires[i].points;
        if (std::any_of(points.begin(), points.end(), [&](const QPointF& at) { return distanceTo(best, at) < 2; })) {
            return {};
        }
    }
    return best;
}

}  // namespace millrace::widgets
