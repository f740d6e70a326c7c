#include <QPainter>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
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

void paintPill(QPainter& painter, const QRectF& box, const QString& text, const QColor& border, double zoom) {
    constexpr double sides = 4;
    QFont font = labelFont(zoom);
    const double wanted = QFontMetricsF(font).horizontalAdvance(text);
    if (const double room = box.width() - sides; !text.contains(QLatin1Char('\n')) && wanted > room) {
        font.setPixelSize(std::max(1, static_cast<int>(font.pixelSize() * room / wanted)));
    }
    painter.setFont(font);
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
        if (wire.points.back().x() < wire.points.front().x()) {
            paintArrow(painter, i);
        }
    }
}

/// A wire is read from left to right: one that goes back says so.
void LogicalCanvas::paintArrow(QPainter& painter, std::size_t edge) const {
    constexpr double length = 7;
    constexpr double half = 4;
    const Wire& wire = wires()[edge];
    const std::vector<QRectF>& labels = labelBoxes();
    for (const double share : {0.5, 0.4, 0.6, 0.3, 0.7}) {
        const QPointF tip = wire.at(share * wire.length);
        const QPointF way = tip - wire.at(share * wire.length - length);
        const double moved = std::hypot(way.x(), way.y());
        const QRectF reach = QRectF(tip, QSizeF()).adjusted(-length, -half, length, half);
        const bool isCovered =
            std::any_of(labels.begin(), labels.end(), [&](const QRectF& label) { return label.intersects(reach); });
        if (isCovered || moved < 1) {
            continue;
        }
        const QPointF along = way / moved;
        const QPointF across(-along.y(), along.x());
        const QPointF end = tip - along * length;
        painter.save();
        painter.setBrush(painter.pen().color());
        painter.setPen(Qt::NoPen);
        painter.drawPolygon(QPolygonF({tip, end + across * half, end - across * half}));
        painter.restore();
        return;
    }
}

void LogicalCanvas::paintLabels(QPainter& painter) {
    constexpr double endOfTie = 2;
    const std::vector<QRectF>& boxes = labelBoxes();
    const LabelGround ground = labelGround();
    const QRectF seen = seenContent();
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        if (boxes[i].isEmpty() || !seen.contains(boxes[i])) {
            continue;  // a half of one at the edge could not be read
        }
        const QString label = foldedLabel(i);
        const QRectF pill = pillOf(i);
        if (const QLineF tie = fans()[i].size > 1 ? QLineF() : tieOf(ground, i, pill); !tie.isNull()) {
            painter.setPen(QPen(theme().dim, 1 / std::min(zoom(), 1.0)));
            painter.drawLine(tie);
            painter.setBrush(theme().dim);
            painter.drawEllipse(tie.p2(), endOfTie, endOfTie);
        }
        paintPill(painter, pill, m_isBroken[i] ? labelOnTwoLines(label) : label, theme().line, zoom());
    }
}

/// Around what it says now, in the middle of the room that it has.
QRectF LogicalCanvas::pillOf(std::size_t edge) const {
    constexpr double widening = 8;  // so rarely it gets another width
    QRectF pill = labelBoxes()[edge];
    if (m_diagram.edges[edge].label.isEmpty()) {
        const double wanted = std::ceil(pillSize(foldedLabel(edge), zoom()).width() / widening) * widening;
        const QPointF centre = pill.center();
        pill.setWidth(std::min(pill.width(), wanted));
        pill.moveCenter(centre);
    }
    return pill;
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

LabelGround LogicalCanvas::labelGround() const {
    constexpr double besideFrame = 3;
    LabelGround ground{wires(), m_reaches, cards(), {}, seenContent(), {}, 1 / std::min(zoom(), 1.0)};
    for (const DiagramGroup& group : m_diagram.groups) {
        ground.kept.push_back(captionOf(group));
        const QRectF frame = frameOf(group);
        for (const auto& [from, to] :
             {std::pair(frame.topLeft(), frame.topRight()), std::pair(frame.bottomLeft(), frame.bottomRight()),
              std::pair(frame.topLeft(), frame.bottomLeft()), std::pair(frame.topRight(), frame.bottomRight())}) {
            ground.kept.push_back(QRectF(from, to).adjusted(-besideFrame, -besideFrame, besideFrame, besideFrame));
        }
    }
    // Rather beyond the cards than nowhere; under the heading a name could not be seen.
    const QRectF all = contentRect();
    const QMarginsF room = (fitMargins() - QMarginsF(0, headingHeight, 0, 0)) / zoom();
    ground.face = ground.seen.contains(all) ? ground.seen : all.marginsAdded(room);
    return ground;
}

/// Those of short wires first: they have the least choice.
std::vector<std::size_t> LogicalCanvas::inOrderOfRoom() const {
    std::vector<std::size_t> order(m_diagram.edges.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
        const auto rank = [this](std::size_t edge) { return std::pair(fans()[edge].size > 1, wires()[edge].length); };
        return rank(a) < rank(b);
    });
    return order;
}

LabelWish LogicalCanvas::wishOf(std::size_t edge) const {
    const Fan& fan = fans()[edge];
    LabelWish wish;
    wish.wire = edge;
    wish.from = m_ends[edge].first;
    wish.to = m_ends[edge].second;
    wish.isOfFan = fan.size > 1;
    wish.isLeaving = fan.isLeaving;
    // A name that two wires have may stand beside either, a rate is that of one.
    wish.isAlike = [this, edge](std::size_t other) {
        const DiagramEdge& a = m_diagram.edges[edge];
        const DiagramEdge& b = m_diagram.edges[other];
        return !a.label.isEmpty() && a.label == b.label && (a.from == b.from || a.to == b.to);
    };
    const QString label = longestLabel(edge);
    if (label.isEmpty()) {
        return wish;
    }
    wish.sizes = {pillSize(label, zoom())};
    if (m_diagram.edges[edge].label.isEmpty()) {
        wish.sizes.push_back(pillSize(QStringLiteral("888/s"), zoom()));
    } else if (const QString two = labelOnTwoLines(label); two != label) {
        wish.sizes.push_back(pillSize(two, zoom()));
    }
    return wish;
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
    if (!isShown) {
        return m_labels;
    }
    const LabelGround ground = labelGround();
    for (const std::size_t i : inOrderOfRoom()) {
        m_isLabelled[i] = isNamed(i);
        if (!m_isLabelled[i] || wires()[i].isEmpty()) {
            continue;
        }
        const LabelPlace place = placeLabel(ground, wishOf(i), m_labels);
        m_labels[i] = place.box;
        m_isBroken[i] = place.size > 0 && !m_diagram.edges[i].label.isEmpty();
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

QLineF LogicalCanvas::tieInView(const QString& from, const QString& to) const {
    for (std::size_t i = 0; i < m_diagram.edges.size(); ++i) {
        if (m_diagram.edges[i].from == from && m_diagram.edges[i].to == to && fans()[i].size == 1) {
            const QLineF tie = labelBoxes()[i].isEmpty() ? QLineF() : tieOf(labelGround(), i, pillOf(i));
            return tie.isNull() ? tie : QLineF(toView(tie.p1()), toView(tie.p2()));
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
    look.titleMost = m_spread.titlePixels();
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
