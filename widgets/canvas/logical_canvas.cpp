#include "widgets/canvas/logical_canvas.h"

#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QLineF>
#include <QMenu>
#include <QMimeData>
#include <QMouseEvent>
#include <QRegularExpression>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "widgets/canvas/card_painter.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"
#include "widgets/style/icons.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {
constexpr double portReach = 14;
constexpr double lowCard = 62;  // with its name, one number and a bar

}  // namespace

LogicalCanvas::LogicalCanvas(Selection& selection, ToolHand& hand, QWidget* parent)
    : ZoomCanvas(parent), m_selection(selection), m_hand(hand) {
    setAcceptDrops(true);
    setAccessibleName(tr("Logical face"));
    setAccessibleDescription(tr("The stream as a graph of sources, topics, spouts, bolts and sinks"));
    setFitMargins({8, 38, 8, 12});
    setLargestFit(1.0);
    setSmallestFit(1.0);  // cards take the shape of the room
    connect(&m_selection, &Selection::changed, this, [this] {
        if (!m_selection.ids().isEmpty()) {
            markEdge(std::nullopt);
        }
        update();
    });
}

void LogicalCanvas::setDiagram(Diagram diagram) {
    m_diagram = std::move(diagram);
    m_places.clear();
    for (std::size_t i = 0; i < m_diagram.nodes.size(); ++i) {
        m_places.insert(m_diagram.nodes[i].id, i);
    }
    m_moved = QPointF();
    m_fans.clear();
    m_edgesOfEnds.clear();
    m_flows.clear();
    m_figures.clear();
    forgetWires();
    if (m_selectedEdge) {
        // The wire that was looked at, whatever is written beside it now.
        const auto same = std::find_if(m_diagram.edges.begin(), m_diagram.edges.end(), [this](const DiagramEdge& each) {
            return each.from == m_selectedEdge->from && each.to == m_selectedEdge->to &&
                   each.stream == m_selectedEdge->stream;
        });
        markEdge(same == m_diagram.edges.end() ? std::nullopt : std::optional(*same));
    }
    contentChanged();
}

void LogicalCanvas::markEdge(const std::optional<DiagramEdge>& edge) {
    if (m_selectedEdge != edge) {
        m_selectedEdge = edge;
        update();
        emit edgeSelected(edge);
    }
}

void LogicalCanvas::moveTo(observe::SnapshotPtr snapshot) {
    m_snapshot = std::move(snapshot);
    advanceFlow();
    update();
}

void LogicalCanvas::setSnapshot(observe::SnapshotPtr snapshot) {
    m_snapshot = std::move(snapshot);
    ++m_version;
    m_flowIndex.reset();
    m_flows.clear();
    m_figures.clear();
    advanceFlow();
    update();
}

void LogicalCanvas::advanceFlow() {
    if (!m_snapshot || m_snapshot->run.now == m_flowAt) {
        return;
    }
    // The pattern moves at one speed to the eye while simulated time passes; how dense it is says how much flows.
    const double direction = m_snapshot->run.now > m_flowAt ? 1.0 : -1.0;
    m_flowAt = m_snapshot->run.now;
    m_flowPhase += 1.6 * direction;
}

/// Of nothing that runs while there is no run.
const LiveFlow& LogicalCanvas::flowOf(std::size_t edge) const {
    m_flows.resize(m_diagram.edges.size());
    std::optional<LiveFlow>& flow = m_flows[edge];
    if (!flow && m_snapshot) {
        if (!m_flowIndex) {
            m_flowIndex.emplace(m_snapshot);
        }
        flow = m_flowIndex->flowOf(m_diagram.edges[edge]);
    }
    return flow ? *flow : flow.emplace();
}

const LiveFigures& LogicalCanvas::figuresOf(const DiagramNode& node) const {
    m_figures.resize(m_diagram.nodes.size());
    std::optional<LiveFigures>& figures = m_figures[static_cast<std::size_t>(&node - m_diagram.nodes.data())];
    if (!figures) {
        figures = m_snapshot ? liveFigures(*m_snapshot, node) : LiveFigures();
    }
    return *figures;
}

QSizeF LogicalCanvas::cardSize() const {
    return m_spread.usualSize();
}

void LogicalCanvas::arrangeFor(const QSizeF& room) {
    m_spread = spreadCards(m_diagram, room - roomOfFrames());
    setLargestFit(m_spread.scale());
    setSmallestFit(m_spread.isWhole() ? std::min(m_spread.scale(), 0.99) - 0.02 : 1.0);
    forgetWires();
}

/// Cards that are scrolled go behind the heading, and not through its words.
QRectF LogicalCanvas::contentClip() const {
    return QRectF(rect()).adjusted(0, headingHeight, 0, 0);
}

QRectF LogicalCanvas::boxOf(const DiagramNode& node) const {
    QPointF position = m_spread.toFace(node.position);
    if (m_gesture == Gesture::Moving && m_selection.contains(node.id)) {
        position += m_moved;
    }
    return {position, m_spread.sizeOf(node)};
}

QPointF LogicalCanvas::outputPort(const DiagramNode& node) const {
    const QRectF box = boxOf(node);
    return {box.right(), box.center().y()};
}

QPointF LogicalCanvas::inputPort(const DiagramNode& node) const {
    const QRectF box = boxOf(node);
    return {box.left(), box.center().y()};
}

QRectF LogicalCanvas::cardInView(const QString& id) const {
    const DiagramNode* node = m_diagram.find(id);
    return node == nullptr ? QRectF() : toView(boxOf(*node));
}

QPointF LogicalCanvas::outputPortInView(const QString& id) const {
    const DiagramNode* node = m_diagram.find(id);
    return node == nullptr ? QPointF() : toView(outputPort(*node));
}

QPointF LogicalCanvas::inputPortInView(const QString& id) const {
    const DiagramNode* node = m_diagram.find(id);
    return node == nullptr ? QPointF() : toView(inputPort(*node));
}

void LogicalCanvas::forgetWires() {
    ++m_version;
    m_wires.clear();
    m_cards.clear();
    m_labelsZoom = 0;
}

const std::vector<QRectF>& LogicalCanvas::cards() const {
    if (m_cards.size() != m_diagram.nodes.size()) {
        m_cards.clear();
        for (const DiagramNode& node : m_diagram.nodes) {
            m_cards.push_back(boxOf(node));
        }
    }
    return m_cards;
}

const std::vector<Wire>& LogicalCanvas::wires() const {
    if (m_wires.size() != m_diagram.edges.size()) {
        QHash<QString, std::size_t> places;
        for (std::size_t i = 0; i < m_diagram.nodes.size(); ++i) {
            places.insert(m_diagram.nodes[i].id, i);
        }
        m_ends.clear();
        for (const DiagramEdge& edge : m_diagram.edges) {
            const auto from = places.constFind(edge.from);
            const auto to = places.constFind(edge.to);
            const bool isWhole = from != places.cend() && to != places.cend();
            m_ends.emplace_back(isWhole ? std::pair(*from, *to) : std::pair(std::size_t{0}, std::size_t{0}));
        }
        routeAll();
    }
    return m_wires;
}

/// Cards, and in a drawing of two halves the captions between them.
std::vector<QRectF> LogicalCanvas::inTheWay() const {
    std::vector<QRectF> boxes = cards();
    for (const DiagramGroup& group : m_diagram.groups) {
        if (m_spread.isFolded()) {
            const QRectF frame = frameOf(group);
            boxes.emplace_back(frame.topLeft(), QSizeF(frame.width(), frameMargins.top()));
        }
    }
    return boxes;
}

/// Wires that go back come last, those of the shortest way first: they keep beside each other.
void LogicalCanvas::routeAll() const {
    m_wires.assign(m_diagram.edges.size(), Wire());
    m_reaches.assign(m_diagram.edges.size(), QRectF());
    const std::vector<QRectF> boxes = inTheWay();
    std::vector<QLineF> taken;
    const auto route = [&](std::size_t i) {
        const auto& [from, to] = m_ends[i];
        m_wires[i] = routeWire(outputPort(m_diagram.nodes[from]), inputPort(m_diagram.nodes[to]), boxes, taken);
        m_reaches[i] = m_wires[i].path.controlPointRect();
        taken.insert(taken.end(), m_wires[i].runs.begin(), m_wires[i].runs.end());
    };
    std::vector<std::pair<double, std::size_t>> back;
    for (std::size_t i = 0; i < m_ends.size(); ++i) {
        const auto& [from, to] = m_ends[i];
        const DiagramEdge& edge = m_diagram.edges[i];
        if (m_diagram.nodes.empty() || m_diagram.nodes[from].id != edge.from || m_diagram.nodes[to].id != edge.to) {
            continue;  // one of its cards is not there
        }
        const QPointF start = outputPort(m_diagram.nodes[from]);
        const QPointF end = inputPort(m_diagram.nodes[to]);
        if (goesBack(start, end)) {
            back.emplace_back(std::abs(end.y() - start.y()), i);
        } else {
            route(i);
        }
    }
    std::sort(back.begin(), back.end());
    for (const auto& [way, i] : back) {
        route(i);
    }
}

QPainterPath LogicalCanvas::wireInView(const QString& from, const QString& to) const {
    for (std::size_t i = 0; i < m_diagram.edges.size(); ++i) {
        if (m_diagram.edges[i].from == from && m_diagram.edges[i].to == to) {
            QTransform view;
            view.scale(zoom(), zoom());
            view.translate(toScene(QPointF()).x() * -1, toScene(QPointF()).y() * -1);
            return view.map(wires()[i].path);
        }
    }
    return {};
}

/// What hangs on the mouse and what is selected lies above the others, and is hit first.
std::vector<const DiagramNode*> LogicalCanvas::inPaintOrder() const {
    std::vector<const DiagramNode*> order;
    for (const DiagramNode& node : m_diagram.nodes) {
        order.push_back(&node);
    }
    std::stable_partition(order.begin(), order.end(),
                          [this](const DiagramNode* node) { return !m_selection.contains(node->id); });
    return order;
}

const DiagramNode* LogicalCanvas::nodeAt(const QPointF& scene) const {
    const std::vector<const DiagramNode*> order = inPaintOrder();
    const auto hit = std::find_if(order.rbegin(), order.rend(),
                                  [&](const DiagramNode* node) { return boxOf(*node).contains(scene); });
    return hit == order.rend() ? nullptr : *hit;
}

const DiagramNode* LogicalCanvas::portAt(const QPointF& scene, bool output) const {
    for (const DiagramNode& node : m_diagram.nodes) {
        if (!(output ? node.hasOutput() : node.hasInput())) {
            continue;
        }
        const QPointF port = output ? outputPort(node) : inputPort(node);
        if (std::hypot(port.x() - scene.x(), port.y() - scene.y()) <= portReach) {
            return &node;
        }
    }
    return nullptr;
}

const DiagramEdge* LogicalCanvas::edgeAt(const QPointF& scene) const {
    constexpr double reach = 6;
    const std::vector<Wire>& all = wires();
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Wire& wire = all[i];
        if (wire.isEmpty() || !m_reaches[i].adjusted(-reach, -reach, reach, reach).contains(scene)) {
            continue;
        }
        const bool isNear = std::any_of(wire.points.begin(), wire.points.end(), [&](const QPointF& point) {
            return std::hypot(point.x() - scene.x(), point.y() - scene.y()) <= reach;
        });
        if (isNear) {
            return &m_diagram.edges[i];
        }
    }
    return nullptr;
}

/// The sources, or else whatever lies farthest to the left: a flow is read from where it begins.
QRectF LogicalCanvas::startPiece() const {
    const DiagramNode* first = nullptr;
    for (const DiagramNode& node : m_diagram.nodes) {
        const auto rank = [](const DiagramNode& each) {
            return std::tuple(each.hasInput(), each.position.x(), each.position.y());
        };
        if (first == nullptr || rank(node) < rank(*first)) {
            first = &node;
        }
    }
    return first == nullptr ? QRectF() : boxOf(*first);
}

double LogicalCanvas::wholeFrom(double level) const {
    double nearest = level;
    double least = std::numeric_limits<double>::infinity();
    for (const DiagramNode& node : m_diagram.nodes) {
        const double top = boxOf(node).top() - (m_diagram.groups.empty() ? 0 : frameMargins.top());
        if (std::abs(top - level) < least) {
            least = std::abs(top - level);
            nearest = top;
        }
    }
    return nearest;
}

QRectF LogicalCanvas::contentRect() const {
    QRectF rect;
    for (const QRectF& card : cards()) {
        rect |= card;
    }
    for (const DiagramGroup& group : m_diagram.groups) {
        rect |= frameOf(group);
    }
    return rect;
}

/// Frames stand around the cards of groups, beside those of other columns only where such a card is the outermost one.
QSizeF LogicalCanvas::roomOfFrames() const {
    constexpr double near = 100;
    if (m_diagram.groups.empty()) {
        return {0, 0};
    }
    double first = std::numeric_limits<double>::infinity();
    double last = -first;
    for (const DiagramNode& node : m_diagram.nodes) {
        first = std::min(first, node.position.x());
        last = std::max(last, node.position.x());
    }
    QSizeF room(0, frameMargins.top() + frameMargins.bottom());
    bool isFirst = false;
    bool isLast = false;
    for (const DiagramGroup& group : m_diagram.groups) {
        for (const QString& id : group.nodes) {
            const DiagramNode* node = m_diagram.find(id);
            isFirst = isFirst || (node != nullptr && node->position.x() < first + near);
            isLast = isLast || (node != nullptr && node->position.x() > last - near);
        }
    }
    room.rwidth() += (isFirst ? frameMargins.left() : 0) + (isLast ? frameMargins.right() : 0);
    return room;
}

/// Of the height what no card has.
double LogicalCanvas::roundContent() const {
    const double frames = m_diagram.groups.empty() ? 0 : frameMargins.top() + frameMargins.bottom();
    return fitMargins().top() + fitMargins().bottom() + frames;
}

int LogicalCanvas::leastHeight() const {
    return static_cast<int>(std::ceil(heightOfCards(m_diagram, lowCard) + roundContent()));
}

int LogicalCanvas::wantedHeight() const {
    return static_cast<int>(std::ceil(heightOfCards(m_diagram, cardHeight) + roundContent()));
}

bool LogicalCanvas::isInHand() const {
    return m_gesture != Gesture::None || m_dropAt || ZoomCanvas::isInHand();
}

QRectF LogicalCanvas::nearestPiece(const QPointF& scene) const {
    QRectF nearest;
    double least = std::numeric_limits<double>::infinity();
    for (const DiagramNode& node : m_diagram.nodes) {
        const QRectF box = boxOf(node);
        const double away = QLineF(box.center(), scene).length();
        if (away < least) {
            least = away;
            nearest = box;
        }
    }
    return nearest;
}

QPointF LogicalCanvas::freePlace(const QPointF& wanted) const {
    const QPointF onFace = m_spread.toFace(wanted);
    const QPointF found = freeOnFace(onFace);
    return found == onFace ? wanted : m_spread.toDrawing(found);
}

QPointF LogicalCanvas::freeOnFace(const QPointF& wanted) const {
    constexpr double step = 24;
    constexpr int reach = 40;
    constexpr double apart = 12;
    const QSizeF size = cardSize();
    const QRectF view = visibleScene().marginsRemoved({8 / zoom(), 36 / zoom(), 8 / zoom(), 8 / zoom()});
    const auto isFree = [&](const QRectF& box) {
        return std::none_of(m_diagram.nodes.begin(), m_diagram.nodes.end(), [&](const DiagramNode& node) {
            return boxOf(node).intersects(box.adjusted(-apart, -apart, apart, apart));
        });
    };
    if (const QRectF box(wanted, size); view.contains(box) && isFree(box)) {
        return wanted;
    }
    std::vector<QPointF> ways;
    for (int x = -reach; x <= reach; ++x) {
        for (int y = -reach; y <= reach; ++y) {
            ways.emplace_back(x * step, y * step);
        }
    }
    std::stable_sort(ways.begin(), ways.end(), [](const QPointF& a, const QPointF& b) {
        return QPointF::dotProduct(a, a) < QPointF::dotProduct(b, b);
    });
    // One that was asked for just beyond the edge is taken in first.
    QPointF inside = wanted;
    if (view.width() > size.width() && view.height() > size.height()) {
        inside = {std::clamp(wanted.x(), view.left(), view.right() - size.width()),
                  std::clamp(wanted.y(), view.top(), view.bottom() - size.height())};
    }
    for (const QPointF& way : ways) {
        if (const QRectF box(inside + way, size); view.contains(box) && isFree(box)) {
            return box.topLeft();
        }
    }
    const auto anywhere =
        std::find_if(ways.begin(), ways.end(), [&](const QPointF& way) { return isFree(QRectF(wanted + way, size)); });
    return anywhere == ways.end() ? wanted : wanted + *anywhere;
}

QRectF LogicalCanvas::minimapInView() const {
    const QRectF content = contentRect();
    if (content.isEmpty() || visibleScene().contains(content)) {
        return {};  // everything is in view: a map of it would only take room
    }
    // In the shape of what it shows.
    const QRectF world = content | visibleScene();
    const double scale = std::min(120 / world.width(), 60 / world.height());
    const QSizeF size(std::max(world.width() * scale, 40.0), std::max(world.height() * scale, 24.0));
    const QPointF corners[] = {{width() - size.width() - 12, height() - size.height() - 12},
                               {width() - size.width() - 12, 12.0},
                               {12.0, height() - size.height() - 12}};
    const std::vector<QRectF>& labels = labelBoxes();
    for (const QPointF& corner : corners) {
        const QRectF frame(corner, size);
        const QRectF onFace = QRectF(toScene(frame.topLeft()), frame.size() / zoom())
                                  .adjusted(-4 / zoom(), -4 / zoom(), 4 / zoom(), 4 / zoom());
        const bool isFree =
            std::none_of(cards().begin(), cards().end(), [&](const QRectF& card) { return card.intersects(onFace); });
        const bool isOnLabel = std::any_of(labels.begin(), labels.end(), [&](const QRectF& label) {
            return !label.isEmpty() && toView(label).intersects(frame);
        });
        if (isFree && !isOnLabel) {
            return frame;
        }
    }
    return {};
}

QStringList LogicalCanvas::wordsCut() const {
    QStringList cut;
    for (const DiagramNode& node : m_diagram.nodes) {
        if (boxOf(node).intersects(visibleScene())) {
            cut += wordsCutOn(lookOf(node));
        }
    }
    return cut;
}

QStringList LogicalCanvas::wordsOn(const QString& id) const {
    const DiagramNode* node = m_diagram.find(id);
    return node == nullptr ? QStringList() : wordsOnCard(lookOf(*node));
}

bool LogicalCanvas::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        showToolTip(help->globalPos(), toScene(help->pos()));
        return true;
    }
    return ZoomCanvas::event(event);
}

void LogicalCanvas::showToolTip(const QPoint& global, const QPointF& scene) {
    if (const DiagramNode* node = nodeAt(scene)) {
        QStringList lines{node->note.isEmpty() ? node->title : tr("%1, %2").arg(node->title, node->note)};
        lines += node->problems;
        if (m_snapshot) {
            const LiveFigures& figures = figuresOf(*node);
            lines += QStringList{figures.strong, figures.dim, figures.isProgress ? figures.barText : QString(),
                                 figures.alert}
                         .filter(QRegularExpression(QStringLiteral(".")));
            lines += figures.toolTip.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        }
        QToolTip::showText(global, lines.join(QLatin1Char('\n')), this);
    } else if (const DiagramEdge* edge = edgeAt(scene)) {
        QString text = edge->label;
        if (m_snapshot) {
            const LiveFlow flow = liveFlow(*m_snapshot, *edge);
            text += (text.isEmpty() ? QString() : QStringLiteral("\n")) + flow.toolTip;
        }
        QToolTip::showText(global, text, this);
    } else {
        QToolTip::hideText();
    }
}

}  // namespace millrace::widgets
