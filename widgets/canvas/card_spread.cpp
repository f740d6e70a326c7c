#include "widgets/canvas/card_spread.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "widgets/canvas/card_painter.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

constexpr double oneColumn = 100;  // cards of a drawing that are less far apart stand above each other
constexpr double oneRow = 92;
constexpr double ownOverlap = 30;  // who puts one card on another like that wants it so
constexpr double rowGap = 14;
constexpr double besideGap = 10;
constexpr double tightWire = 24;
constexpr double wireMost = 150;
constexpr double partingWires = 40;  // so far beside each other where they leave a card together
constexpr double widestCard = 176;
constexpr double lowestCard = 44;
constexpr double scrolledCard = 62;  // where one has to scroll in any case

/// A drawing is spread with every edit, and its words are the same ones nearly always: they are measured once.
double widthOf(const QStringList& words, const QFont& font) {
    constexpr qsizetype knownMost = 20'000;
    static QHash<QFont, QHash<QString, double>> known;
    QHash<QString, double>& ofFont = known[font];
    if (ofFont.size() > knownMost) {
        ofFont.clear();
    }
    double widest = 0;
    for (const QString& each : words) {
        auto width = ofFont.constFind(each);
        if (width == ofFont.constEnd()) {
            width = ofFont.insert(each, std::ceil(QFontMetricsF(font).horizontalAdvance(each)));
        }
        widest = std::max(widest, *width);
    }
    return widest;
}

QFont smallTitleFont() {
    QFont font = textFont(TextRole::CardTitle);
    font.setPixelSize(std::min(font.pixelSize(), static_cast<int>(smallTitle)));
    return font;
}

/// For its name and the shortest wordings of what it says.
double leastWidth(const DiagramNode& node) {
    const LeastWords says = leastWords(node);
    const double beside =
        std::max(widthOf(says.strong, textFont(TextRole::Strong)), widthOf(says.dim, textFont(TextRole::Caption)));
    const double name = widthOf({node.title}, smallTitleFont());
    return std::clamp(cardPadding + std::max(name, beside + besidePort), narrowCard, widestCard);
}

/// With what it is beside its name or beside its number, whichever is shorter.
double notedWidth(const DiagramNode& node) {
    if (node.note.isEmpty()) {
        return leastWidth(node);
    }
    const double name = widthOf({node.title}, smallTitleFont());
    const double number = widthOf(leastWords(node).strong, textFont(TextRole::Strong)) + besidePort + 2;
    const double note = widthOf({node.note}, textFont(TextRole::Caption)) + besideNote;
    return std::max(leastWidth(node), std::clamp(std::min(name, number) + note + cardPadding, narrowCard, widestCard));
}

/// With what it is beside its name.
double wholeWidth(const DiagramNode& node) {
    const double name = widthOf({node.title}, textFont(TextRole::CardTitle));
    const double beside = node.note.isEmpty() ? 0 : widthOf({node.note}, textFont(TextRole::Caption)) + 8;
    return std::max(leastWidth(node), std::clamp(name + beside + cardPadding, cardWidth, widestCard));
}

/// Cards that stand above each other in the drawing.
struct Column {
    double left = 0;
    double depth = 0;  ///< how far to the right its last card begins
    double least = narrowCard;
    double noted = narrowCard;
    double whole = cardWidth;
    double gap = 0;      ///< least distance to the next column
    double longGap = 0;  ///< with the names of wires beside them
    std::vector<const DiagramNode*> cards;
};

std::vector<Column> columnsOf(const Diagram& diagram) {
    std::vector<const DiagramNode*> order;
    for (const DiagramNode& node : diagram.nodes) {
        order.push_back(&node);
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const DiagramNode* a, const DiagramNode* b) { return a->position.x() < b->position.x(); });
    std::vector<Column> columns;
    for (const DiagramNode* node : order) {
        if (columns.empty() || node->position.x() - columns.back().left >= oneColumn) {
            columns.push_back(Column());
            columns.back().left = node->position.x();
        }
        Column& column = columns.back();
        column.depth = node->position.x() - column.left;
        column.least = std::max(column.least, leastWidth(*node));
        column.noted = std::max(column.noted, notedWidth(*node));
        column.whole = std::max(column.whole, wholeWidth(*node));
        column.cards.push_back(node);
    }
    return columns;
}

/// Whether cards of two columns stand side by side: then there is room for a wire between them.
bool standBeside(const Column& a, const Column& b) {
    return std::any_of(a.cards.begin(), a.cards.end(), [&](const DiagramNode* first) {
        return std::any_of(b.cards.begin(), b.cards.end(), [&](const DiagramNode* second) {
            return std::abs(first->position.y() - second->position.y()) < oneRow;
        });
    });
}

void findGaps(std::vector<Column>& columns, const Diagram& diagram) {
    const QFontMetricsF caption(textFont(TextRole::Caption));
    QHash<QString, std::size_t> columnOf;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (const DiagramNode* card : columns[i].cards) {
            columnOf.insert(card->id, i);
        }
    }
    for (std::size_t i = 0; i + 1 < columns.size(); ++i) {
        const bool isBeside = standBeside(columns[i], columns[i + 1]);
        const double apart = columns[i + 1].left - columns[i].left - columns[i].depth - columns[i].least;
        columns[i].gap = columns[i].longGap = isBeside ? shortestWire : std::min(apart, shortestWire);
    }
    QHash<QString, int> leaving;
    for (const DiagramEdge& edge : diagram.edges) {
        ++leaving[edge.from];
    }
    for (const DiagramEdge& edge : diagram.edges) {
        const auto from = columnOf.constFind(edge.from);
        const auto to = columnOf.constFind(edge.to);
        if (from == columnOf.cend() || to == columnOf.cend() || *from >= *to) {
            continue;
        }
        const std::size_t before = *to - 1;  // a wire turns where it arrives
        const QString label = edge.label.isEmpty() ? QStringLiteral("88.8 k/s") : edge.label;  // a rate
        const double parting = leaving.value(edge.from) > 1 ? partingWires : 0;
        const double words = std::min(std::ceil(caption.horizontalAdvance(label)) + 22, 110.0) + parting;
        for (const std::size_t at : {*from, before}) {
            columns[at].gap = std::max(columns[at].gap, shortestWire);
        }
        columns[*from].longGap = std::max({columns[*from].longGap, columns[*from].gap, words});
    }
}

struct Widths {
    std::vector<double> cards;
    std::vector<double> gaps;
};

/// Names first, then wires that can be seen, then the names of wires, then what the cards are, then longer wires.
Widths shareOut(const std::vector<Column>& columns, double room) {
    Widths widths;
    double least = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        widths.cards.push_back(columns[i].least);
        widths.gaps.push_back(i + 1 < columns.size() ? columns[i].gap : 0);
        least += columns[i].depth + widths.cards.back() + widths.gaps.back();
    }
    double free = room - least;
    if (free < 0) {
        double wires = 0;
        for (const double gap : widths.gaps) {
            wires += std::max(0.0, gap - tightWire);
        }
        if (wires + free >= 0 && wires > 0) {
            for (double& gap : widths.gaps) {
                gap -= std::max(0.0, gap - tightWire) * -free / wires;
            }
        }
        return widths;  // what goes beyond the room keeps its wires
    }
    const auto grow = [&](std::vector<double>& what, const auto& wanted) {
        double missing = 0;
        for (std::size_t i = 0; i < what.size(); ++i) {
            missing += std::max(0.0, wanted(i) - what[i]);
        }
        const double share = missing > 0 ? std::min(1.0, free / missing) : 0;
        for (std::size_t i = 0; i < what.size(); ++i) {
            what[i] += std::max(0.0, wanted(i) - what[i]) * share;
        }
        free -= missing * share;
    };
    grow(widths.gaps, [&](std::size_t i) { return i + 1 < columns.size() ? columns[i].longGap : 0; });
    grow(widths.cards, [&](std::size_t i) { return columns[i].noted; });
    grow(widths.cards, [&](std::size_t i) { return columns[i].whole; });
    grow(widths.gaps, [&](std::size_t i) { return i + 1 < columns.size() && columns[i].gap > 0 ? wireMost : 0; });
    return widths;
}

/// From the first card's top to the last one's, and the least distance of two that stand above each other.
struct Rows {
    double height = 0;
    double least = std::numeric_limits<double>::infinity();

    explicit Rows(const Diagram& diagram) {
        double top = std::numeric_limits<double>::infinity();
        double bottom = -top;
        for (std::size_t i = 0; i < diagram.nodes.size(); ++i) {
            const QPointF& at = diagram.nodes[i].position;
            top = std::min(top, at.y());
            bottom = std::max(bottom, at.y());
            for (std::size_t j = 0; j < i; ++j) {
                const QPointF apart = at - diagram.nodes[j].position;
                if (std::abs(apart.x()) < oneColumn && std::abs(apart.y()) >= ownOverlap) {
                    least = std::min(least, std::abs(apart.y()));
                }
            }
        }
        height = diagram.nodes.empty() ? 0 : bottom - top;
    }

    [[nodiscard]] double down(double card) const { return (card + rowGap) / least; }
};

struct Heights {
    double card = cardHeight;
    double down = 1;
};

/// How far a drawing is pressed down at most: a step of the hand must stay a step.
constexpr double flattest = 0.25;

Heights heightsFor(const Rows& rows, double room) {
    for (double card = cardHeight; card >= lowestCard; card -= 2) {
        const double least = std::max(rows.down(card), flattest);
        const double most = rows.height > 0 ? (room - card) / rows.height : std::numeric_limits<double>::infinity();
        if (least <= most && card <= room) {
            return {card, std::clamp(1.0, least, std::max(least, most))};
        }
    }
    if (!std::isfinite(rows.least)) {
        return {std::clamp(room, lowestCard, cardHeight), 1.0};
    }
    // One scrolls in any case: whole rows fill the room.
    const double fitting = std::max(1.0, std::floor((room + rowGap) / (scrolledCard + rowGap)));
    const double pitch = std::max((room + rowGap) / fitting, lowestCard + rowGap);
    return {std::min(pitch - rowGap, cardHeight), pitch / rows.least};
}

}  // namespace

QPointF CardSpread::toFace(const QPointF& drawn) const {
    double x = drawn.x();
    if (!m_stops.empty()) {
        const auto after = std::upper_bound(m_stops.begin(), m_stops.end(), x,
                                            [](double at, const Stop& stop) { return at < stop.drawn; });
        const Stop& from = after == m_stops.begin() ? *after : *std::prev(after);
        const bool isInside = after != m_stops.begin() && after != m_stops.end();
        const double slope = isInside ? (after->onFace - from.onFace) / (after->drawn - from.drawn) : 1.0;
        x = from.onFace + (x - from.drawn) * slope;
    }
    return {std::round(x), std::round(drawn.y() * m_down)};
}

QPointF CardSpread::toDrawing(const QPointF& onFace) const {
    double x = onFace.x();
    if (!m_stops.empty()) {
        const auto after = std::upper_bound(m_stops.begin(), m_stops.end(), x,
                                            [](double at, const Stop& stop) { return at < stop.onFace; });
        const Stop& from = after == m_stops.begin() ? *after : *std::prev(after);
        const bool isInside = after != m_stops.begin() && after != m_stops.end();
        const double slope = isInside ? (after->drawn - from.drawn) / (after->onFace - from.onFace) : 1.0;
        x = from.drawn + (x - from.onFace) * slope;
    }
    return {std::round(x), std::round(onFace.y() / m_down)};
}

QSizeF CardSpread::sizeOf(const DiagramNode& node) const {
    const auto known = m_widths.constFind(node.id);
    return {known == m_widths.cend() ? leastWidth(node) : *known, m_height};
}

QSizeF CardSpread::usualSize() const {
    return {cardWidth, m_height};
}

CardSpread spreadCards(const Diagram& diagram, const QSizeF& room) {
    CardSpread spread;
    std::vector<Column> columns = columnsOf(diagram);
    findGaps(columns, diagram);
    const Widths widths = shareOut(columns, room.width());
    double x = columns.empty() ? 0 : columns.front().left;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        spread.m_stops.push_back({columns[i].left, x});
        for (const DiagramNode* card : columns[i].cards) {
            spread.m_widths.insert(card->id, std::floor(widths.cards[i]));
        }
        if (columns[i].depth > 0) {
            spread.m_stops.push_back({columns[i].left + columns[i].depth, x + columns[i].depth});
        }
        // Never before where it begins: what stands to the right stays there.
        x += columns[i].depth + std::max(widths.cards[i] + widths.gaps[i], besideGap);
    }
    const Heights heights = heightsFor(Rows(diagram), room.height());
    spread.m_height = heights.card;
    spread.m_down = heights.down;
    return spread;
}

double heightOfCards(const Diagram& diagram, double each) {
    const Rows rows(diagram);
    return each + rows.height * (std::isfinite(rows.least) ? rows.down(each) : 1.0);
}

}  // namespace millrace::widgets
