#include <QPainter>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "widgets/canvas/card_painter.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

// How the logical face looks; logical_canvas.cpp holds how it behaves.
namespace millrace::widgets {

namespace {

constexpr std::size_t tokensPerEdgeMax = 600;  // as many as are told of a pair
constexpr double nearToPort = 14;

QColor blend(const QColor& from, const QColor& to, double share) {
    const double s = std::clamp(share, 0.0, 1.0);
    const auto mix = [s](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * s)); };
    return {mix(from.red(), to.red()), mix(from.green(), to.green()), mix(from.blue(), to.blue())};
}

QColor flowColor(double pressure) {
    const Palette& colors = theme();
    if (pressure < 0.5) {
        return blend(colors.dim, colors.warning, pressure * 2);
    }
    return blend(colors.warning, colors.bad, pressure * 2 - 1);
}

/// More flow, denser dots: one every 80 px at 1/s, one every 12 px from 10,000/s on.
double dotPitch(double perSecond) {
    const double decades = std::clamp(std::log10(std::max(perSecond, 1.0)), 0.0, 4.0);
    return 80 - decades * 17;
}

/// Labels keep their size on the screen when the picture gets smaller.
QFont labelFont(double zoom) {
    QFont font = textFont(TextRole::Caption);
    font.setPixelSize(static_cast<int>(std::lround(font.pixelSize() * letterUnit(zoom))));
    return font;
}

/// A pill's size in the scene.
QSizeF pillSize(const QString& text, double zoom) {
    const double scale = letterUnit(zoom);
    const QFontMetricsF metrics(labelFont(zoom));
    double width = 0;
    const QStringList lines = text.split(QLatin1Char('\n'));
    for (const QString& line : lines) {
        width = std::max(width, metrics.horizontalAdvance(line));
    }
    return {width + 11 * scale, (4 + 13 * static_cast<double>(lines.size())) * scale};
}

/// Whether a wire comes into view; one that goes straight over has a box without height.
bool comesIntoView(const QRectF& reach, const QRectF& seen) {
    return reach.left() <= seen.right() && reach.right() >= seen.left() && reach.top() <= seen.bottom() &&
           reach.bottom() >= seen.top();
}

/// "fields(status)" on two lines, for a short wire.
QString broken(const QString& label) {
    const qsizetype at = label.indexOf(QLatin1Char('('));
    return at <= 0 ? label : label.left(at) + QLatin1Char('\n') + label.mid(at);
}

void paintPill(QPainter& painter, const QRectF& box, const QString& text, const QColor& border, double zoom) {
    painter.setFont(labelFont(zoom));
    paintSurface(painter, box, std::min(box.height() / 2, 9 * letterUnit(zoom)), theme().surface, border);
    painter.setPen(theme().dim);
    painter.drawText(box, static_cast<int>(Qt::AlignCenter) | Qt::TextDontClip, text);
}

}  // namespace

QString LogicalCanvas::nearPort() const {
    const auto found = std::find_if(m_diagram.nodes.begin(), m_diagram.nodes.end(), [&](const DiagramNode& node) {
        const QPointF away = outputPort(node) - m_mouse;
        return node.hasOutput() && std::hypot(away.x(), away.y()) < nearToPort;
    });
    return found == m_diagram.nodes.end() ? QString() : found->id;
}

QVariantList LogicalCanvas::stillState() const {
    if (m_gesture != Gesture::None || m_dropAt) {
        return {};  // everything may move
    }
    const auto nameOf = [](const std::optional<DiagramEdge>& edge) {
        return edge ? edge->from + QLatin1Char('>') + edge->to + QLatin1Char(' ') + edge->label : QString();
    };
    return {m_hovered, nearPort(), nameOf(m_hoveredEdge), nameOf(m_selectedEdge), m_selection.ids(), m_version};
}

void LogicalCanvas::paintBelow(QPainter& painter) {
    paintGroups(painter);
    paintEdges(painter);
}

QRectF LogicalCanvas::frameOf(const DiagramGroup& group) const {
    QRectF frame;
    for (const QString& id : group.nodes) {
        // A drawing may have thousands of cards: each is looked for where it stood when the drawing came.
        const auto place = m_places.constFind(id);
        const bool isThere =
            place != m_places.cend() && *place < m_diagram.nodes.size() && m_diagram.nodes[*place].id == id;
        if (isThere) {
            frame |= cards()[*place];
        } else if (const DiagramNode* node = m_diagram.find(id)) {
            frame |= boxOf(*node);
        }
    }
    return frame.isNull() ? frame : frame.marginsAdded(frameMargins);
}

std::vector<QRectF> LogicalCanvas::framesInView() const {
    std::vector<QRectF> frames;
    for (const DiagramGroup& group : m_diagram.groups) {
        frames.push_back(toView(frameOf(group)));
    }
    return frames;
}

/// By its title one takes hold of a group: the frame itself lies over what others may own.
const DiagramGroup* LogicalCanvas::groupTitledAt(const QPointF& scene) const {
    const auto found = std::find_if(m_diagram.groups.begin(), m_diagram.groups.end(),
                                    [&](const DiagramGroup& group) { return captionOf(group).contains(scene); });
    return found == m_diagram.groups.end() ? nullptr : &*found;
}

QRectF LogicalCanvas::captionOf(const DiagramGroup& group) const {
    const QFontMetricsF metrics(textFont(TextRole::Caption));
    return {frameOf(group).topLeft(), QSizeF(metrics.horizontalAdvance(group.title) + 16, groupTitle + 3)};
}

void LogicalCanvas::paintGroups(QPainter& painter) const {
    const Palette& colors = theme();
    painter.setFont(textFont(TextRole::Caption));
    for (const DiagramGroup& group : m_diagram.groups) {
        const QRectF frame = frameOf(group);
        const bool isSelected = m_selection.contains(group.id);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(isSelected ? colors.accent : colors.line, 1, Qt::DashLine));
        painter.drawRoundedRect(frame, 10, 10);
        painter.setPen(isSelected ? colors.accent : colors.dim);
        painter.drawText(QRectF(frame.left() + 8, frame.top() + 1, frame.width() - 16, groupTitle), Qt::AlignVCenter,
                         group.title);
    }
}

void LogicalCanvas::paintMoving(QPainter& painter) {
    paintTokens(painter);
}

void LogicalCanvas::paintAbove(QPainter& painter) {
    paintLabels(painter);
    paintCards(painter);
    paintFanRests(painter);
    paintGesture(painter);
}

/// What of the scene is seen below the heading.
QRectF LogicalCanvas::seenContent() const {
    return {toScene(contentClip().topLeft()), contentClip().size() / zoom()};
}

/// A bundle that goes to cards out of view says no more than how many there are.
std::vector<LogicalCanvas::FanRest> LogicalCanvas::fanRests(std::vector<bool>* areFolded) const {
    const QRectF seen = seenContent();
    std::vector<FanRest> rests;
    std::vector<double> away;
    if (areFolded != nullptr) {
        areFolded->assign(m_diagram.edges.size(), false);
    }
    for (std::size_t i = 0; i < m_diagram.edges.size(); ++i) {
        const Fan& fan = fans()[i];
        if (fan.size == 1 || wires()[i].points.empty()) {
            continue;
        }
        const QPointF common = fan.isLeaving ? wires()[i].points.front() : wires()[i].points.back();
        const QPointF other = fan.isLeaving ? wires()[i].points.back() : wires()[i].points.front();
        const bool isAbove = other.y() < seen.top();
        if (!seen.contains(common) || (!isAbove && other.y() <= seen.bottom())) {
            continue;
        }
        const double distance = std::abs(other.y() - common.y());
        const auto found = std::find_if(rests.begin(), rests.end(), [&](const FanRest& rest) {
            return rest.isAbove == isAbove && rest.key == fan.key;
        });
        if (found == rests.end()) {
            rests.push_back({i, 1, isAbove, fan.key});
            away.push_back(distance);
            continue;
        }
        ++found->size;
        double& nearest = away[static_cast<std::size_t>(found - rests.begin())];
        const std::size_t folded = distance < nearest ? std::exchange(found->drawn, i) : i;
        nearest = std::min(nearest, distance);
        if (areFolded != nullptr) {
            (*areFolded)[folded] = true;
        }
    }
    return rests;
}

/// On the wire that is drawn for all of them, near the edge of the view.
QPointF LogicalCanvas::placeOf(const FanRest& rest) const {
    const double inset = 14 / zoom();
    const QRectF inner = seenContent().adjusted(0, inset, 0, -inset);
    const std::vector<QPointF>& points = wires()[rest.drawn].points;
    QPointF place = points.front();
    double best = std::numeric_limits<double>::infinity();
    for (const QPointF& point : points) {
        const double distance = rest.isAbove ? point.y() - inner.top() : inner.bottom() - point.y();
        if (distance >= 0 && distance < best) {
            best = distance;
            place = point;
        }
    }
    return place;
}

/// On its wire, or so far aside that it covers no card.
QRectF LogicalCanvas::pillOf(const FanRest& rest, const QString& words) const {
    QRectF box(QPointF(), pillSize(words, zoom()));
    const QPointF on = placeOf(rest);
    box.moveCenter(on);
    constexpr double space = 3;
    for (int pass = 0; pass < 2; ++pass) {
        for (const QRectF& each : cards()) {
            const QRectF card = each.adjusted(-space, -space, space, space);
            if (!card.intersects(box)) {
                continue;
            }
            if (on.x() < card.center().x()) {
                box.moveRight(card.left());
            } else {
                box.moveLeft(card.right());
            }
        }
    }
    return box;
}

std::vector<std::pair<QRectF, QString>> LogicalCanvas::fansBeyondTheView() const {
    std::vector<std::pair<QRectF, QString>> told;
    for (const FanRest& rest : fanRests(nullptr)) {
        const QString words = (rest.isAbove ? tr("↑ %1") : tr("↓ %1")).arg(rest.size);
        told.emplace_back(toView(pillOf(rest, words)), words);
    }
    return told;
}

void LogicalCanvas::paintFanRests(QPainter& painter) const {
    for (const auto& [pill, words] : fansBeyondTheView()) {
        paintPill(painter, QRectF(toScene(pill.topLeft()), pill.size() / zoom()), words, theme().line, zoom());
    }
}

void LogicalCanvas::paintEdges(QPainter& painter) {
    const Palette& colors = theme();
    painter.setBrush(Qt::NoBrush);
    std::vector<bool> areFolded;
    (void)fanRests(&areFolded);
    const QRectF seen = visibleScene().adjusted(-3, -3, 3, 3);
    for (std::size_t i = 0; i < m_diagram.edges.size(); ++i) {
        const DiagramEdge& edge = m_diagram.edges[i];
        const Wire& wire = wires()[i];
        if (wire.isEmpty() || areFolded[i] || !comesIntoView(m_reaches[i], seen)) {
            continue;
        }
        const bool isMarked = (m_selectedEdge && *m_selectedEdge == edge) || (m_hoveredEdge && *m_hoveredEdge == edge);
        painter.setPen(QPen(isMarked ? colors.accent : flowColor(flowOf(i).pressure), isMarked ? 2.5 : 1.5));
        painter.drawPath(wire.path);
    }
}

void LogicalCanvas::paintLabels(QPainter& painter) {
    const std::vector<QRectF>& boxes = labelBoxes();
    const QRectF seen = seenContent();
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        if (!boxes[i].isEmpty() && seen.contains(boxes[i])) {  // a half of one at the edge could not be read
            const QString label = foldedLabel(i);
            if (const QLineF tie = tieOf(i); !tie.isNull()) {
                painter.setPen(QPen(theme().dim, 1 / std::min(zoom(), 1.0), Qt::DotLine));
                painter.drawLine(tie);
            }
            paintPill(painter, boxes[i], m_isBroken[i] ? broken(label) : label, theme().line, zoom());
        }
    }
}

/// From a name that stands off its wire to the nearest point of it, as far as no card lies between.
QLineF LogicalCanvas::tieOf(std::size_t edge) const {
    return tieTo(edge, labelBoxes()[edge]);
}

QLineF LogicalCanvas::tieTo(std::size_t edge, const QRectF& box) const {
    const double close = 8 / std::min(zoom(), 1.0);
    const Wire& wire = wires()[edge];
    if (box.isEmpty() || wire.isEmpty() || fans()[edge].size > 1) {
        return {};
    }
    const QPointF middle = wire.at(wire.length / 2);
    QLineF best;
    double least = std::numeric_limits<double>::infinity();
    for (const QPointF& point : wire.points) {
        const QPointF nearest(std::clamp(point.x(), box.left() + 4, box.right() - 4),
                              std::clamp(point.y(), box.top(), box.bottom()));
        const double length = std::hypot(point.x() - nearest.x(), point.y() - nearest.y());
        if (length < close) {
            return {};
        }
        const QRectF reach = QRectF(nearest, point).normalized();
        const bool isFree = std::none_of(cards().begin(), cards().end(), [&](const QRectF& card) {
            return card.left() < reach.right() && reach.left() < card.right() && card.top() < reach.bottom() &&
                   reach.top() < card.bottom();
        });
        const double aside = std::hypot(point.x() - middle.x(), point.y() - middle.y());
        if (isFree && length + aside / 100 < least) {  // of those as near the one in the middle
            least = length + aside / 100;
            best = QLineF(nearest, point);
        }
    }
    return best;
}

QString LogicalCanvas::labelOf(std::size_t edge) const {
    const QString& name = m_diagram.edges[edge].label;
    return name.isEmpty() ? flowOf(edge).text : name;
}

/// Wires of one name that leave one card, or arrive at one, are named together, at the first of them.
const std::vector<LogicalCanvas::Fan>& LogicalCanvas::fans() const {
    constexpr int least = 3;
    if (m_fans.size() == m_diagram.edges.size()) {
        return m_fans;
    }
    const auto leaving = [](const DiagramEdge& edge) { return edge.from + QLatin1String("> ") + edge.label; };
    const auto arriving = [](const DiagramEdge& edge) { return QLatin1String(" >") + edge.to + edge.label; };
    QHash<QString, int> counts;
    for (const DiagramEdge& edge : m_diagram.edges) {
        ++counts[leaving(edge)];
        ++counts[arriving(edge)];
    }
    m_fans.clear();
    for (const DiagramEdge& edge : m_diagram.edges) {
        const bool isOut = counts.value(leaving(edge)) >= least;
        const QString key = isOut ? leaving(edge) : arriving(edge);
        const int size = edge.label.isEmpty() ? 1 : counts.value(key);
        const bool isFan = size >= least;
        const bool isFirst = !isFan || std::none_of(m_fans.begin(), m_fans.end(),
                                                    [&](const Fan& fan) { return fan.size > 1 && fan.key == key; });
        m_fans.push_back({isFan ? size : 1, isFirst, isOut, key, edge.label.isEmpty() && tellsRate(edge)});
    }
    return m_fans;
}

/// "23 × shuffle" where it stands for all wires of a fan; empty for the others of it.
QString LogicalCanvas::foldedLabel(std::size_t edge) const {
    const Fan& fan = fans()[edge];
    return fan.size == 1 ? labelOf(edge) : fan.isNamed ? tr("%1 × %2").arg(fan.size).arg(labelOf(edge)) : QString();
}

/// Whether something would stand beside it, without making the words.
bool LogicalCanvas::isNamed(std::size_t edge) const {
    const Fan& fan = fans()[edge];
    const bool isToldElsewhere = fan.size > 1 && !fan.isNamed;
    const bool mayTell = fan.tellsRate || (m_snapshot && !m_snapshot->wires.empty());
    return !isToldElsewhere && (!m_diagram.edges[edge].label.isEmpty() || (mayTell && !flowOf(edge).text.isEmpty()));
}

/// A rate has the room of the longest, so that no pill moves because a number does.
QString LogicalCanvas::longestLabel(std::size_t edge) const {
    const QString label = foldedLabel(edge);
    return m_diagram.edges[edge].label.isEmpty() && !label.isEmpty() ? QStringLiteral("88.8 k/s") : label;
}

/// Beside its wire, where it covers no card, no other wire and no other name, and nearer to its own wire than to any
/// other; else on it; one that may stand farther off is above or below the cards, and a line ties it to its wire.
QRectF LogicalCanvas::placeLabel(std::size_t edge, const QSizeF& size, const LabelRoom& around, Label how) const {
    const bool isNear = how != Label::Tied;
    const Wire& wire = wires()[edge];
    const double space = 4 / std::min(zoom(), 1.0);
    const double close = 8 / std::min(zoom(), 1.0);
    // A name that two wires have may stand beside either, a rate is that of one; on the line itself it stands of none.
    const auto isOwn = [&](std::size_t other) {
        const DiagramEdge& a = m_diagram.edges[edge];
        const DiagramEdge& b = m_diagram.edges[other];
        return other == edge || (!a.label.isEmpty() && a.label == b.label && (a.from == b.from || a.to == b.to));
    };
    const bool isOfFan = fans()[edge].size > 1;
    const auto distance = [](const Wire& of, const QRectF& box) {
        double least = std::numeric_limits<double>::infinity();
        for (const QPointF& point : of.points) {
            const double x = std::max({box.left() - point.x(), 0.0, point.x() - box.right()});
            const double y = std::max({box.top() - point.y(), 0.0, point.y() - box.bottom()});
            least = std::min(least, x * x + y * y);
        }
        return std::sqrt(least);
    };
    // What stands where it could stand: looked for once, and not again for each place.
    std::vector<QRectF> obstacles;
    std::vector<std::size_t> nearWires;
    // None of them is turned around, so that edges are compared and nothing else.
    const auto touches = [](const QRectF& a, const QRectF& b, double x, double y) {
        return a.left() - x < b.right() && b.left() < a.right() + x && a.top() - y < b.bottom() &&
               b.top() < a.bottom() + y;
    };
    const auto isOnCard = [&](const QRectF& box) {
        return std::any_of(obstacles.begin(), obstacles.end(),
                           [&](const QRectF& each) { return touches(each, box, 0, 0); });
    };
    // Neither on a wire nor nearer to another one than to its own.
    const auto isOfAnother = [&](const QRectF& box) {
        const double own = distance(wire, box);
        for (const std::size_t i : nearWires) {
            if (i == edge || !touches(m_reaches[i], box, own + 1, own + 1)) {
                continue;
            }
            const bool isNamedAlike = isOwn(i);
            if (isNamedAlike && isOfFan) {
                continue;
            }
            const double away = distance(wires()[i], box);
            if (away < 1 || (!isNamedAlike && away <= own)) {
                return true;
            }
        }
        // What is read as the name of a card that it stands at is worse than none.
        return how == Label::On ? own >= 1 : own < 1 || (!isOfFan && own >= close && tieTo(edge, box).isNull());
    };
    const double beside = size.height() / 2 + space;
    const double aside = size.width() / 2 + space;
    const QRectF& seen = around.seen;
    const auto& [from, to] = m_ends[edge];
    std::vector<QPointF> places;
    // A fan is named where its wires part or meet, above or below the card that they have in common; one wire in its
    // middle.
    const Fan& fan = fans()[edge];
    const bool isFan = fan.size > 1;
    if (isFan) {
        const QRectF common = cards()[fan.isLeaving ? from : to];
        const double x = fan.isLeaving ? common.right() - size.width() / 2 : common.left() + size.width() / 2;
        places = {{x, common.top() - beside}, {x, common.bottom() + beside}};
        const double room = size.height() / 2;
        std::stable_partition(places.begin(), places.end(), [&](const QPointF& place) {
            return place.y() - room >= seen.top() && place.y() + room <= seen.bottom();
        });
    }
    const std::vector<double> shares = isFan ? std::vector<double>{0.12, 0.2, 0.3, 0.8, 0.9, 0.5}
                                             : std::vector<double>{0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8};
    for (const double share : shares) {
        const QPointF on = wire.at(share * wire.length);
        if (how == Label::On) {
            places.push_back(on);
            continue;
        }
        for (const QPointF& way : {QPointF(0, -beside), QPointF(0, beside), QPointF(-aside, -beside),
                                   QPointF(aside, -beside), QPointF(aside, beside), QPointF(-aside, beside)}) {
            places.push_back(on + way);
        }
    }
    const QPointF middle = wire.at(wire.length / 2);
    if (!isNear) {
        for (const std::size_t card : {to, from}) {
            places.emplace_back(middle.x(), cards()[card].top() - beside);
            places.emplace_back(middle.x(), cards()[card].bottom() + beside);
        }
    }
    const QRectF& face = around.face;
    const QRectF beyond = face.adjusted(-200, 0, 200, 200);
    QRectF reached = cards()[to].adjusted(-size.width(), -2 * size.height(), size.width(), 2 * size.height());
    double farthest = 0;
    for (const QPointF& place : places) {
        QRectF box(QPointF(), size);
        box.moveCenter(place);
        reached |= box;
        farthest = std::max(farthest, distance(wire, box));
    }
    for (std::size_t i = 0; i < cards().size(); ++i) {
        const QRectF& card = cards()[i];
        const double margin = i == from || i == to ? 1 : space;  // it is not the name of a card that it passes
        if (touches(card, reached, margin, margin)) {
            obstacles.push_back(card.adjusted(-margin, -margin, margin, margin));
        }
    }
    obstacles.insert(obstacles.end(), around.captions.begin(), around.captions.end());
    for (const QRectF& label : around.taken) {
        if (!label.isEmpty() && touches(label, reached, space, 1)) {
            obstacles.push_back(label.adjusted(-space, -1, space, 1));
        }
    }
    const double reach = std::max(farthest, space) + 1;
    for (std::size_t i = 0; i < m_reaches.size(); ++i) {
        if (touches(m_reaches[i], reached, reach, reach)) {
            nearWires.push_back(i);
        }
    }
    const auto find = [&](const std::vector<QPointF>& centres, const QRectF& within, const auto& isRefused) {
        for (const QPointF& centre : centres) {
            QRectF box(QPointF(), size);
            box.moveCenter(centre);
            if (within.contains(box) && !isOnCard(box) && !isRefused(box)) {
                return box;
            }
        }
        return QRectF();
    };
    // What a fan is of is told where its card is seen, as long as there is a place.
    const bool isCommonSeen = isFan && seen.intersects(cards()[fan.isLeaving ? from : to]);
    QRectF found = isCommonSeen ? find(places, seen, isOfAnother) : QRectF();
    found = found.isEmpty() ? find(places, face, isOfAnother) : found;
    found = found.isEmpty() ? find(places, beyond, isOfAnother) : found;
    if (isNear || !found.isEmpty()) {
        return found;  // rather on two lines, or above the cards
    }
    // Where a wire is short and others leave beside it: above or below the card that it enters, first over the wire's
    // end and then at the corner; a thin line ties it to its wire.
    const QRectF& entered = cards()[to];
    std::vector<QPointF> atCard;
    const double over = size.height() / 2 + 3 / std::min(zoom(), 1.0);
    for (const double x : {entered.left() - size.width() / 4, entered.left() + size.width() / 2, entered.center().x(),
                           entered.right() - size.width() / 2}) {
        atCard.emplace_back(x, entered.top() - over);
        atCard.emplace_back(x, entered.bottom() + over);
    }
    const auto touchesWire = [&](const QRectF& box) {
        for (const std::size_t i : nearWires) {
            if (m_reaches[i].adjusted(-space, -space, space, space).intersects(box) &&
                distance(wires()[i], box) < space) {
                return true;
            }
        }
        return !isOfFan && tieTo(edge, box).isNull() && distance(wire, box) >= close;
    };
    found = find(atCard, face, touchesWire);
    found = found.isEmpty() ? find(places, beyond, touchesWire) : found;
    // Rather nowhere than over another wire, whose name it would seem to be: what a wire is called is said at it too.
    return found;
}

const std::vector<QRectF>& LogicalCanvas::labelBoxes() const {
    constexpr double smallestZoom = 0.35;
    const bool isShown = zoom() >= smallestZoom;
    if (m_labelsZoom == zoom() && m_labels.size() == m_diagram.edges.size()) {
        // Which edges have a name changes when a run begins or ends.
        bool isSame = true;
        for (std::size_t i = 0; i < m_labels.size() && isShown; ++i) {
            isSame = isSame && m_isLabelled[i] == isNamed(i);
        }
        if (isSame) {
            return m_labels;
        }
    }
    m_labels.assign(m_diagram.edges.size(), QRectF());
    m_isLabelled.assign(m_diagram.edges.size(), false);
    m_isBroken.assign(m_diagram.edges.size(), false);
    m_labelsZoom = zoom();
    LabelRoom around{seenContent(), {}, m_labels, {}};
    for (const DiagramGroup& group : m_diagram.groups) {
        around.captions.push_back(captionOf(group));
    }
    // Rather beyond the cards than nowhere, and rather over a wire than that; under the heading it could not be seen.
    const QRectF all = contentRect();
    const QMarginsF room = (fitMargins() - QMarginsF(0, headingHeight, 0, 0)) / zoom();
    around.face = around.seen.contains(all) ? around.seen : all.marginsAdded(room);
    for (std::size_t i = 0; i < m_labels.size() && isShown; ++i) {
        const QString label = longestLabel(i);
        const QSizeF size = label.isEmpty() ? QSizeF() : pillSize(label, zoom());
        m_isLabelled[i] = !size.isEmpty();
        if (!m_isLabelled[i] || wires()[i].isEmpty()) {
            continue;
        }
        const bool isLong = broken(label) != label;
        const QSizeF onTwoLines = isLong ? pillSize(broken(label), zoom()) : size;
        for (const Label how : {Label::Beside, Label::On, Label::Tied}) {
            m_labels[i] = placeLabel(i, size, around, how);
            if (m_labels[i].isEmpty() && isLong && how != Label::Tied) {
                m_labels[i] = placeLabel(i, onTwoLines, around, how);
                m_isBroken[i] = !m_labels[i].isEmpty();
            }
            if (!m_labels[i].isEmpty()) {
                break;
            }
        }
    }
    return m_labels;
}

QRectF LogicalCanvas::labelInView(const QString& from, const QString& to) const {
    const std::vector<QRectF>& boxes = labelBoxes();
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        if (m_diagram.edges[i].from == from && m_diagram.edges[i].to == to) {
            return boxes[i].isEmpty() || !seenContent().contains(boxes[i]) ? QRectF() : toView(boxes[i]);
        }
    }
    return {};
}

/// Of each wire how far along the messages are that are on it now.
const std::vector<std::vector<double>>& LogicalCanvas::flightsOnWires() {
    std::vector<std::vector<double>>& onWires = m_flights;
    onWires.resize(m_diagram.edges.size());
    for (std::vector<double>& each : onWires) {
        each.clear();
    }
    const std::hash<std::string_view> hash;
    if (m_edgesOfEnds.empty()) {
        for (std::size_t i = 0; i < m_diagram.edges.size(); ++i) {
            Joined joined{format::utf8(m_diagram.edges[i].from), format::utf8(m_diagram.edges[i].to), i};
            m_edgesOfEnds.emplace(hash(joined.from) * 31 + hash(joined.to), std::move(joined));
        }
    }
    for (const observe::Flight& flight : m_snapshot->flights.flights) {
        if (flight.arrives <= flight.departs) {
            continue;
        }
        const double share = seconds(m_snapshot->run.now - flight.departs) / seconds(flight.arrives - flight.departs);
        if (share < 0 || share > 1) {
            continue;
        }
        // A message does not tell its stream: where a component takes two of another it is drawn on both.
        const auto [first, last] = m_edgesOfEnds.equal_range(hash(flight.from) * 31 + hash(flight.to));
        for (auto joined = first; joined != last; ++joined) {
            std::vector<double>& onWire = onWires[joined->second.edge];
            const bool isIts = joined->second.from == flight.from && joined->second.to == flight.to;
            if (isIts && onWire.size() < tokensPerEdgeMax) {
                onWire.push_back(share);
            }
        }
    }
    return onWires;
}

void LogicalCanvas::paintTokens(QPainter& painter) {
    if (!m_snapshot || zoom() < 0.25) {
        return;
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().accent);
    const std::vector<std::vector<double>>& onWires = flightsOnWires();
    const QRectF seen = visibleScene().adjusted(-4, -4, 4, 4);
    const auto dot = [&](const QPointF& at, double radius) {
        if (seen.contains(at)) {
            painter.drawEllipse(at, radius, radius);
        }
    };
    std::vector<bool> areFolded;
    (void)fanRests(&areFolded);
    for (std::size_t i = 0; i < m_diagram.edges.size(); ++i) {
        const Wire& wire = wires()[i];
        if (wire.isEmpty() || areFolded[i] || !comesIntoView(m_reaches[i], seen)) {
            continue;
        }
        for (const double share : onWires[i]) {
            dot(wire.at(share * wire.length), 3.5);
        }
        const double rate = flowOf(i).perSecond;
        if (onWires[i].empty() && rate > 0) {
            // On a short wire too one of them is seen between the ports, which cover its ends.
            const double pitch = std::min(dotPitch(rate), std::max(wire.length / 2 - portRadius, 2 * portRadius));
            for (double at = std::fmod(std::fmod(m_flowPhase, pitch) + pitch, pitch); at < wire.length; at += pitch) {
                dot(wire.at(at), 2.8);
            }
        }
    }
}

CardLook LogicalCanvas::lookOf(const DiagramNode& node) const {
    const LiveFigures& figures = figuresOf(node);
    CardLook look;
    look.box = boxOf(node);
    look.edge = theme().kind(node.kind);
    look.title = node.title;
    look.note = node.note;
    look.strong = figures.isKnown ? figures.strong : node.summary;
    look.isExcerpt = !figures.isKnown;
    look.brief = figures.brief;
    look.leastStrong = figures.isKnown ? leastWords(node).strong.value(0) : QString();
    look.dim = figures.isKnown ? figures.dim : QString();
    look.dimBrief = figures.dimBrief;
    look.dots = figures.executors > 0 ? figures.executors : node.executors;
    look.hollowDots = figures.idle;
    look.bar = figures.bar;
    look.barText = figures.barText;
    look.barColor = figures.isProgress ? look.edge : QColor();
    look.alert = figures.alert;
    look.alertBrief = figures.alertBrief;
    look.cells = node.partitions;
    look.troubledCells = figures.troubled;
    look.isSelected = m_selection.contains(node.id);
    look.isHovered = m_hovered == node.id;
    look.isTroubled = figures.isTroubled;
    look.hasProblems = !node.problems.isEmpty();
    return look;
}

void LogicalCanvas::paintCards(QPainter& painter) {
    const QRectF visible = visibleScene().adjusted(-20, -20, 20, 20);
    // Where a wire ends there is a port, whether one may draw another one there or not.
    std::vector<bool> isEntered(m_diagram.nodes.size());
    std::vector<bool> isLeft(m_diagram.nodes.size());
    for (std::size_t i = 0; i < wires().size(); ++i) {
        if (!wires()[i].isEmpty()) {
            isLeft[m_ends[i].first] = true;
            isEntered[m_ends[i].second] = true;
        }
    }
    for (const DiagramNode* each : inPaintOrder()) {
        const DiagramNode& node = *each;
        if (!cards()[static_cast<std::size_t>(each - m_diagram.nodes.data())].intersects(visible)) {
            continue;
        }
        paintCard(painter, lookOf(node), zoom());
        if (zoom() >= 0.4) {
            const bool connecting = m_gesture == Gesture::Connecting;
            const DiagramNode* source = connecting ? m_diagram.find(m_connectFrom) : nullptr;
            const auto place = static_cast<std::size_t>(each - m_diagram.nodes.data());
            if (node.hasInput() || isEntered[place]) {
                paintPort(painter, inputPort(node), source != nullptr && canConnect(source->kind, node.kind));
            }
            if (node.hasOutput() || isLeft[place]) {
                const QPointF port = outputPort(node);
                const bool isNear = node.hasOutput() && !connecting &&
                                    std::hypot(port.x() - m_mouse.x(), port.y() - m_mouse.y()) < nearToPort;
                paintPort(painter, port, isNear);
            }
        }
    }
}

void LogicalCanvas::paintGesture(QPainter& painter) {
    const Palette& colors = theme();
    if (m_gesture == Gesture::Marquee) {
        QColor fill = colors.accent;
        fill.setAlpha(30);
        paintSurface(painter, QRectF(m_pressedAt, m_mouse).normalized(), 2, fill, colors.accent);
    } else if (m_gesture == Gesture::Connecting) {
        if (const DiagramNode* from = m_diagram.find(m_connectFrom)) {
            const QPointF start = outputPort(*from);
            QPainterPath path(start);
            const double bend = std::max(24.0, std::abs(m_mouse.x() - start.x()) / 2);
            path.cubicTo(start + QPointF(bend, 0), m_mouse - QPointF(bend, 0), m_mouse);
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(colors.accent, 2, Qt::DashLine));
            painter.drawPath(path);
        }
    }
    if (m_dropAt) {
        const QRectF box(*m_dropAt, cardSize());
        painter.setBrush(colors.soft);
        painter.setPen(QPen(colors.accent, 1.5, Qt::DashLine));
        painter.drawRoundedRect(box, 8, 8);
    }
}

QString LogicalCanvas::headingWords() const {
    const QRectF seen = seenContent();
    const auto shown = std::count_if(cards().begin(), cards().end(),
                                     [&](const QRectF& card) { return seen.adjusted(-1, -1, 1, 1).contains(card); });
    const QString words = tr("what flows where");
    return shown == static_cast<std::ptrdiff_t>(m_diagram.nodes.size())
               ? words
               : tr("%1; %2 of %3 cards in view: drag with the middle button, or zoom with the wheel")
                     .arg(words)
                     .arg(shown)
                     .arg(m_diagram.nodes.size());
}

void LogicalCanvas::paintOver(QPainter& painter) {
    const Palette& colors = theme();
    painter.setFont(textFont(TextRole::CardTitle));
    const int after = painter.fontMetrics().horizontalAdvance(tr("Logical")) + 28;
    painter.setPen(colors.text);
    painter.drawText(QPointF(16, 24), tr("Logical"));
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(colors.dim);
    painter.drawText(QPointF(after, 24), headingWords());
    if (m_diagram.nodes.empty()) {
        paintEmptyHint(painter);
    } else {
        paintMinimap(painter);
    }
}

void LogicalCanvas::paintEmptyHint(QPainter& painter) const {
    const Palette& colors = theme();
    const QRectF box(width() / 2.0 - 210, height() / 2.0 - 56, 420, 112);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colors.off, 1.5, Qt::DashLine));
    painter.drawRoundedRect(box, 8, 8);
    painter.setFont(textFont(TextRole::Title));
    painter.setPen(colors.text);
    painter.drawText(box.adjusted(0, 16, 0, -60), Qt::AlignCenter, tr("Drag a source here first"));
    painter.setFont(textFont(TextRole::Body));
    painter.setPen(colors.dim);
    painter.drawText(box.adjusted(20, 48, -20, -12), Qt::AlignCenter | Qt::TextWordWrap,
                     tr("Then a topic, a Kafka spout, bolts and a sink. Drag from the circle at a card's right to the "
                        "next card, and press Space to play."));
}

void LogicalCanvas::paintMinimap(QPainter& painter) const {
    const QRectF frame = minimapInView();
    if (frame.isEmpty()) {
        return;
    }
    const QRectF content = contentRect();
    const QRectF seen = visibleScene();
    paintSurface(painter, frame, 6, theme().surface, theme().line);
    const QRectF world = (content | seen).adjusted(-20, -20, 20, 20);
    const double scale = std::min((frame.width() - 8) / world.width(), (frame.height() - 8) / world.height());
    const auto map = [&](const QRectF& r) {
        return QRectF(frame.center() + (r.topLeft() - world.center()) * scale, r.size() * scale);
    };
    painter.save();
    painter.setClipRect(frame);
    for (std::size_t i = 0; i < m_diagram.nodes.size(); ++i) {
        painter.fillRect(map(cards()[i]), theme().kind(m_diagram.nodes[i].kind));
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().accent, 1));
    painter.drawRect(map(seen));
    painter.restore();
}

}  // namespace millrace::widgets
