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
constexpr double framedGap = 32;  // between rows that have frames with a caption around them
constexpr double bandGap = 46;    // between two halves of a folded drawing: wires go back there
constexpr double turning = 30;    // and beside them
constexpr double besideGap = 10;
constexpr double rounding = 1.2;  // of places and widths to pixels
constexpr double wireMost = 150;
constexpr double partingWires = 40;  // so far beside each other where they leave a card together
constexpr double widestCard = 176;
constexpr double lowestCard = 44;
constexpr double ownNote = 78;       // what a card is has that much in a row of its own: "deduplicate"
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
double leastWidth(const DiagramNode& node, double noteRoom = 0) {
    const LeastWords says = leastWords(node);
    const double beside =
        std::max(widthOf(says.strong, textFont(TextRole::Strong)), widthOf(says.dim, textFont(TextRole::Caption)));
    const double name = widthOf({node.title}, smallTitleFont());
    const double note = std::min(widthOf({node.note}, textFont(TextRole::Caption)), noteRoom);
    return std::clamp(cardPadding + std::max(name, std::max(beside, note) + besidePort), narrowCard, widestCard);
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

/// `noteRoom`: what each card has at least for what it is.
std::vector<Column> columnsOf(const Diagram& diagram, double noteRoom) {
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
        column.least = std::max(column.least, leastWidth(*node, noteRoom));
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

/// `wire`: the shortest one, in pixels of the scene.
void findGaps(std::vector<Column>& columns, const Diagram& diagram, double wire) {
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
        columns[i].gap = columns[i].longGap = isBeside ? wire : std::min(apart, wire);
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
            columns[at].gap = std::max(columns[at].gap, wire);
        }
        columns[*from].longGap = std::max({columns[*from].longGap, columns[*from].gap, words});
    }
}

struct Widths {
    std::vector<double> cards;
    std::vector<double> gaps;
};

/// Of what goes beyond the room whole columns are seen: the wires between those take what is left of it.
void endBetweenColumns(Widths& widths, const std::vector<Column>& columns, double room) {
    double taken = 0;
    double free = 0;
    std::size_t whole = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        taken += columns[i].depth + widths.cards[i];
        if (taken > room) {
            break;
        }
        free = room - taken;
        whole = i + 1;
        taken += widths.gaps[i];
    }
    for (std::size_t i = 0; i + 1 < whole; ++i) {
        widths.gaps[i] += free / static_cast<double>(whole - 1);
    }
}

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
        endBetweenColumns(widths, columns, room);
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
    double top = 0;
    double height = 0;
    double least = std::numeric_limits<double>::infinity();
    double gap = rowGap;

    Rows(const std::vector<const DiagramNode*>& cards, bool areFramed) : gap(areFramed ? framedGap : rowGap) {
        top = std::numeric_limits<double>::infinity();
        double bottom = -top;
        for (std::size_t i = 0; i < cards.size(); ++i) {
            const QPointF& at = cards[i]->position;
            top = std::min(top, at.y());
            bottom = std::max(bottom, at.y());
            for (std::size_t j = 0; j < i; ++j) {
                const QPointF apart = at - cards[j]->position;
                if (std::abs(apart.x()) < oneColumn && std::abs(apart.y()) >= ownOverlap) {
                    least = std::min(least, std::abs(apart.y()));
                }
            }
        }
        height = cards.empty() ? 0 : bottom - top;
    }

    [[nodiscard]] double down(double card) const { return (card + gap) / least; }
};

Rows rowsOf(const Diagram& diagram) {
    std::vector<const DiagramNode*> cards;
    for (const DiagramNode& node : diagram.nodes) {
        cards.push_back(&node);
    }
    return {cards, !diagram.groups.empty()};
}

Rows rowsOf(const std::vector<Column>& columns, bool areFramed) {
    std::vector<const DiagramNode*> cards;
    for (const Column& column : columns) {
        cards.insert(cards.end(), column.cards.begin(), column.cards.end());
    }
    return {cards, areFramed};
}

struct Heights {
    double card = cardHeight;
    double down = 1;
    bool areWhole = true;  ///< all of them fit into the room
};

/// How far a drawing is pressed down at most: a step of the hand must stay a step.
constexpr double flattest = 0.25;

Heights heightsFor(const Rows& rows, double room) {
    for (double card = cardHeight; card >= lowestCard; card -= 2) {
        const double least = std::max(rows.down(card), flattest);
        const double most = rows.height > 0 ? (room - card) / rows.height : std::numeric_limits<double>::infinity();
        if (least <= most && card <= room) {
            return {card, std::clamp(1.0, least, std::max(least, most)), true};
        }
    }
    if (!std::isfinite(rows.least)) {
        return {std::clamp(room, lowestCard, cardHeight), 1.0, rows.height == 0 && room >= lowestCard};
    }
    // One scrolls in any case: whole rows fill the room.
    const double fitting = std::max(1.0, std::floor((room + rows.gap) / (scrolledCard + rows.gap)));
    const double pitch = std::max((room + rows.gap) / fitting, lowestCard + rows.gap);
    return {std::min(pitch - rows.gap, cardHeight), pitch / rows.least, false};
}

/// A height that the cards of two halves can have below each other.
double foldedHeight(const Rows& upper, const Rows& lower, double room) {
    const auto taken = [](const Rows& rows, double card) {
        return card + rows.height * std::max(rows.down(card), flattest);
    };
    for (double card = cardHeight; card >= lowestCard; card -= 2) {
        if (taken(upper, card) + bandGap + taken(lower, card) <= room) {
            return card;
        }
    }
    return 0;
}

double leastRoom(const std::vector<Column>& columns) {
    double least = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        least += columns[i].depth + columns[i].least + (i + 1 < columns.size() ? columns[i].gap : 0);
    }
    return least;
}

/// A way to bring a drawing into a room, and how well it is read then.
struct Way {
    double scale = 1;
    double noteRoom = 0;
    std::size_t foldAt = 0;  ///< the first column of the lower half; 0: not folded
    double worth = -std::numeric_limits<double>::infinity();
    bool isWhole = false;
};

constexpr double figuresNeed = 72;  // so high a card has all its rows
constexpr double foldCosts = 45;
constexpr double wireBackCosts = 12;
constexpr double shortNoteCosts = 6;

/// Rather somewhat smaller letters than cards without their figures, and rather two halves than cards beyond the edge.
double worthOf(double scale, double card) {
    return -100 * (1 - scale) - 2.5 * std::max(0.0, figuresNeed - card) - 0.2 * (cardHeight - card);
}

int wiresAcross(const Diagram& diagram, const std::vector<Column>& columns, std::size_t at) {
    QHash<QString, bool> isLower;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (const DiagramNode* card : columns[i].cards) {
            isLower.insert(card->id, i >= at);
        }
    }
    return static_cast<int>(std::count_if(diagram.edges.begin(), diagram.edges.end(), [&](const DiagramEdge& edge) {
        return isLower.value(edge.from) != isLower.value(edge.to);
    }));
}

/// Of a drawing whose second half begins with a column, at a scale that is worth nothing by itself.
double worthOfFold(const Diagram& diagram, const std::vector<Column>& columns, std::size_t at, const QSizeF& room) {
    const std::vector<Column> upper(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(at));
    const std::vector<Column> lower(columns.begin() + static_cast<std::ptrdiff_t>(at), columns.end());
    const bool fits = std::max(leastRoom(upper), leastRoom(lower)) + turning <= room.width();
    const double card = fits ? foldedHeight(rowsOf(upper, false), rowsOf(lower, false), room.height()) : 0;
    if (card <= 0) {
        return -std::numeric_limits<double>::infinity();
    }
    const double uneven = std::abs(leastRoom(upper) - leastRoom(lower)) / room.width();
    return worthOf(1, card) - foldCosts - 10 * uneven - wireBackCosts * wiresAcross(diagram, columns, at);
}

Way bestWay(const Diagram& diagram, const QSizeF& room) {
    constexpr double scales[] = {1.0, 0.95, 0.9, 0.85, smallestScale};
    constexpr std::size_t foldedMost = 16;
    constexpr std::size_t foldedCards = 60;
    const Rows rows = rowsOf(diagram);
    const bool areFramed = !diagram.groups.empty();
    Way best;
    const bool mayBeWhole = std::any_of(std::begin(scales), std::end(scales),
                                        [&](double scale) { return heightsFor(rows, room.height() / scale).areWhole; });
    if (!mayBeWhole && diagram.nodes.size() > foldedCards) {
        return best;  // too high for any: widths need not be measured
    }
    for (const double noteRoom : {ownNote, 0.0}) {
        std::vector<Column> columns = columnsOf(diagram, noteRoom);
        const bool mayFold =
            !areFramed && columns.size() >= 4 && columns.size() <= foldedMost && diagram.nodes.size() <= foldedCards;
        const auto take = [&](double scale, std::size_t foldAt, double worth) {
            worth -= noteRoom > 0 ? 0 : shortNoteCosts;
            best = worth > best.worth ? Way{scale, noteRoom, foldAt, worth, true} : best;
        };
        for (const double scale : scales) {
            const QSizeF within = room / scale;
            const Heights heights = heightsFor(rows, within.height());
            if (!heights.areWhole && !mayFold) {
                continue;
            }
            findGaps(columns, diagram, shortestWire / scale + rounding);
            if (heights.areWhole && leastRoom(columns) <= within.width()) {
                take(scale, 0, worthOf(scale, heights.card));
            }
            for (std::size_t at = 2; mayFold && at + 1 < columns.size(); ++at) {
                if (const double worth = worthOfFold(diagram, columns, at, within); worth > best.worth) {
                    take(scale, at, worth - 100 * (1 - scale));
                }
            }
        }
    }
    return best;
}

}  // namespace

const CardSpread::Band& CardSpread::bandOf(double drawn) const {
    return m_bands.size() > 1 && drawn >= m_bands.back().drawn ? m_bands.back() : m_bands.front();
}

QPointF CardSpread::toFace(const QPointF& drawn) const {
    if (m_bands.empty()) {
        return {std::round(drawn.x()), std::round(drawn.y())};
    }
    const Band& band = bandOf(drawn.x());
    double x = drawn.x();
    if (!band.stops.empty()) {
        const auto after = std::upper_bound(band.stops.begin(), band.stops.end(), x,
                                            [](double at, const Stop& stop) { return at < stop.drawn; });
        const Stop& from = after == band.stops.begin() ? *after : *std::prev(after);
        const bool isInside = after != band.stops.begin() && after != band.stops.end();
        const double slope = isInside ? (after->onFace - from.onFace) / (after->drawn - from.drawn) : 1.0;
        x = from.onFace + (x - from.drawn) * slope;
    }
    return {std::round(x), std::round(band.faceTop + (drawn.y() - band.drawnTop) * band.down)};
}

QPointF CardSpread::toDrawing(const QPointF& onFace) const {
    if (m_bands.empty()) {
        return {std::round(onFace.x()), std::round(onFace.y())};
    }
    const bool isLower = m_bands.size() > 1 && onFace.y() >= m_bands.back().faceTop - (bandGap + m_height) / 2;
    const Band& band = isLower ? m_bands.back() : m_bands.front();
    double x = onFace.x();
    if (!band.stops.empty()) {
        const auto after = std::upper_bound(band.stops.begin(), band.stops.end(), x,
                                            [](double at, const Stop& stop) { return at < stop.onFace; });
        const Stop& from = after == band.stops.begin() ? *after : *std::prev(after);
        const bool isInside = after != band.stops.begin() && after != band.stops.end();
        const double slope = isInside ? (after->drawn - from.drawn) / (after->onFace - from.onFace) : 1.0;
        x = from.drawn + (x - from.onFace) * slope;
    }
    return {std::round(x), std::round(band.drawnTop + (onFace.y() - band.faceTop) / band.down)};
}

QSizeF CardSpread::sizeOf(const DiagramNode& node) const {
    const auto known = m_widths.constFind(node.id);
    return {known == m_widths.cend() ? leastWidth(node) : *known, m_height};
}

QSizeF CardSpread::usualSize() const {
    return {cardWidth, m_height};
}

/// Columns from a place on the face to the right.
CardSpread::Band CardSpread::lay(const std::vector<SpreadColumn>& columns, double x) {
    Band band;
    band.drawn = columns.empty() ? 0 : columns.front().left;
    for (const SpreadColumn& column : columns) {
        band.stops.push_back({column.left, x});
        for (const DiagramNode* card : *column.cards) {
            m_widths.insert(card->id, std::floor(column.width));
        }
        if (column.depth > 0) {
            band.stops.push_back({column.left + column.depth, x + column.depth});
        }
        // Never before where it begins: what stands to the right stays there.
        x += column.depth + std::max(column.width + column.gap, besideGap);
    }
    return band;
}

namespace {

std::vector<SpreadColumn> withWidths(const std::vector<Column>& columns, const Widths& widths) {
    std::vector<SpreadColumn> laid;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        laid.push_back({columns[i].left, columns[i].depth, widths.cards[i], widths.gaps[i], &columns[i].cards});
    }
    return laid;
}

}  // namespace

CardSpread spreadCards(const Diagram& diagram, const QSizeF& room) {
    const Way way = bestWay(diagram, room);
    CardSpread spread;
    spread.m_scale = way.scale;
    spread.m_isWhole = way.isWhole;
    std::vector<Column> columns = columnsOf(diagram, way.noteRoom);
    findGaps(columns, diagram, shortestWire / way.scale + rounding);
    const QSizeF within = room / way.scale;
    const double left = columns.empty() ? 0 : columns.front().left;
    if (way.foldAt == 0) {
        const Heights heights = heightsFor(rowsOf(diagram), within.height());
        spread.m_bands.push_back(spread.lay(withWidths(columns, shareOut(columns, within.width())), left));
        spread.m_bands.back().down = heights.down;
        spread.m_height = heights.card;
        return spread;
    }
    const auto fold = columns.begin() + static_cast<std::ptrdiff_t>(way.foldAt);
    const std::vector<Column> upper(columns.begin(), fold);
    const std::vector<Column> lower(fold, columns.end());
    const Rows above = rowsOf(upper, false);
    const Rows below = rowsOf(lower, false);
    spread.m_height = foldedHeight(above, below, within.height());
    const double width = within.width() - turning;
    spread.m_bands.push_back(spread.lay(withWidths(upper, shareOut(upper, width)), left));
    spread.m_bands.push_back(spread.lay(withWidths(lower, shareOut(lower, width)), left + turning));
    double y = 0;
    for (const auto& [band, rows] : {std::pair(&spread.m_bands[0], &above), std::pair(&spread.m_bands[1], &below)}) {
        band->drawnTop = rows->top;
        band->faceTop = y;
        band->down = std::max(rows->down(spread.m_height), flattest);
        y += spread.m_height + rows->height * band->down + bandGap;
    }
    return spread;
}

double heightOfCards(const Diagram& diagram, double each) {
    const Rows rows = rowsOf(diagram);
    return each + rows.height * (std::isfinite(rows.least) ? rows.down(each) : 1.0);
}

}  // namespace millrace::widgets
