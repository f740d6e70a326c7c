#include "widgets/canvas/card_spread.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/observe/kinds.h"
#include "widgets/canvas/card_painter.h"
#include "widgets/canvas/wire_labels.h"
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
constexpr double shortNote = 78;     // what a card is, so long it stays on one line: "deduplicate"
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

/// How cards say what they are: in a row of its own, in two of them where it is long, beside their names or numbers, or
/// where it happens to fit.
enum class Notes { Whole, Broken, Beside, AsMayBe };

double noteWidth(const DiagramNode& node, Notes notes) {
    if (node.note.isEmpty() || notes == Notes::Beside || notes == Notes::AsMayBe) {
        return 0;
    }
    const double whole = widthOf({node.note}, textFont(TextRole::Caption));
    return notes == Notes::Whole || whole <= shortNote
               ? whole
               : std::max(widthOf(noteOnTwoLines(node.note), textFont(TextRole::Caption)), shortNote);
}

/// For its name and the shortest wordings of what it says.
double leastWidth(const DiagramNode& node, Notes notes = Notes::AsMayBe, const QStringList& readers = {}) {
    const LeastWords says = leastWords(node, readers);
    const double beside =
        std::max(widthOf(says.strong, textFont(TextRole::Strong)), widthOf(says.dim, textFont(TextRole::Caption)));
    const double name = widthOf({node.title}, smallTitleFont());
    return std::clamp(cardPadding + std::max(name, std::max(beside, noteWidth(node, notes)) + besidePort), narrowCard,
                      widestCard);
}

/// With its name as large as names are.
double titledWidth(const DiagramNode& node) {
    return std::clamp(cardPadding + widthOf({node.title}, textFont(TextRole::CardTitle)), narrowCard, widestCard);
}

/// With what it is beside its name or beside its number, whichever is shorter.
double notedWidth(const DiagramNode& node) {
    if (node.note.isEmpty()) {
        return leastWidth(node);
    }
    const double name = widthOf({node.title}, smallTitleFont()) + besidePort + 2;
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
    double titled = narrowCard;
    double noted = narrowCard;
    double whole = cardWidth;
    double gap = 0;      ///< least distance to the next column
    double longGap = 0;  ///< with the names of wires beside them on one line
    std::vector<const DiagramNode*> cards;
};

/// Of those that take records from a log: who makes rows of batches, and is known by no group's name.
bool readsInBatches(const DiagramNode& node) {
    const observe::KindRow& row = observe::rowOf(node.kind);
    return row.tone == observe::Tone::Reader && row.gives == "rows";
}

/// By topic, who reads it under no group's name.
QHash<QString, QStringList> ungroupedReaders(const Diagram& diagram) {
    QHash<QString, QStringList> readers;
    for (const DiagramNode& node : diagram.nodes) {
        const bool isOne = readsInBatches(node);
        for (std::size_t i = 0; i < diagram.edges.size() && isOne; ++i) {
            if (diagram.edges[i].to == node.id) {
                readers[diagram.edges[i].from] << node.title;
            }
        }
    }
    return readers;
}

std::vector<Column> columnsOf(const Diagram& diagram, Notes notes) {
    const QHash<QString, QStringList> readers = ungroupedReaders(diagram);
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
        column.least = std::max(column.least, leastWidth(*node, notes, readers.value(node->id)));
        column.noted = std::max(column.noted, notedWidth(*node));
        column.least = notes == Notes::Beside ? std::max(column.least, column.noted) : column.least;
        column.titled = std::max(column.titled, titledWidth(*node));
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

/// The room that the names of wires need between columns that stand side by side.
class NamesBetween {
public:
    explicit NamesBetween(const Diagram& diagram) {
        for (const DiagramGroup& group : diagram.groups) {
            for (const QString& id : group.nodes) {
                m_groups.insert(id, group.id);
            }
        }
        for (const DiagramEdge& edge : diagram.edges) {
            ++m_ends[leaving(edge)];
            ++m_ends[arriving(edge)];
            ++m_alike[leaving(edge) + edge.label];
            ++m_alike[arriving(edge) + edge.label];
        }
    }

    /// On two lines where it has two.
    double least(const DiagramEdge& edge, const DiagramNode& from, const DiagramNode& to) const {
        constexpr double besideCards = 10;
        constexpr double ofFrame = 14;  // whose line stands there too
        constexpr int fan = 3;
        const bool isTold = !edge.label.isEmpty() || readsInBatches(from) || tellsRate(edge);
        if (!isTold || (!edge.label.isEmpty() && std::max(m_alike.value(leaving(edge) + edge.label),
                                                          m_alike.value(arriving(edge) + edge.label)) >= fan)) {
            return 0;  // those of a fan are named at its card
        }
        const QString two = edge.label.isEmpty() ? rate() : labelOnTwoLines(edge.label);
        const double pill = widthOf(two.split(QLatin1Char('\n')), textFont(TextRole::Caption)) + besidePill;
        const bool isLevel = std::abs(from.position.y() - to.position.y()) < oneRow / 4;
        const bool parts =
            isLevel && !edge.label.isEmpty() && std::max(m_ends.value(leaving(edge)), m_ends.value(arriving(edge))) > 1;
        const bool entersFrame = m_groups.value(edge.from) != m_groups.value(edge.to);
        return pill + besideCards + (parts ? partingWires : 0) + (entersFrame ? ofFrame : 0);
    }

    /// On one line.
    double whole(const DiagramEdge& edge) const {
        const QString label = edge.label.isEmpty() ? rate() : edge.label;
        const double parting = m_ends.value(leaving(edge)) > 1 ? partingWires : 0;
        return std::min(widthOf({label}, textFont(TextRole::Caption)) + 2 * besidePill, longestName) + parting;
    }

private:
    static constexpr double besidePill = 11;
    static constexpr double longestName = 110;

    static QString rate() { return QStringLiteral("88.8 k/s"); }
    static QString leaving(const DiagramEdge& edge) { return edge.from + QLatin1String("> "); }
    static QString arriving(const DiagramEdge& edge) { return QLatin1String(" >") + edge.to; }

    QHash<QString, QString> m_groups;
    QHash<QString, int> m_ends;
    QHash<QString, int> m_alike;
};

/// `wire`: the shortest one, in pixels of the scene.
void findGaps(std::vector<Column>& columns, const Diagram& diagram, const NamesBetween* names, double wire) {
    QHash<QString, std::pair<std::size_t, const DiagramNode*>> places;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (const DiagramNode* card : columns[i].cards) {
            places.insert(card->id, {i, card});
        }
    }
    for (std::size_t i = 0; i + 1 < columns.size(); ++i) {
        const bool isBeside = standBeside(columns[i], columns[i + 1]);
        const double apart = columns[i + 1].left - columns[i].left - columns[i].depth - columns[i].least;
        columns[i].gap = columns[i].longGap = isBeside ? wire : std::min(apart, wire);
    }
    for (const DiagramEdge& edge : diagram.edges) {
        const auto from = places.constFind(edge.from);
        const auto to = places.constFind(edge.to);
        if (from == places.cend() || to == places.cend() || from->first >= to->first) {
            continue;
        }
        const std::size_t before = to->first - 1;  // a wire turns where it arrives
        for (const std::size_t at : {from->first, before}) {
            columns[at].gap = std::max(columns[at].gap, wire);
        }
        Column& left = columns[from->first];
        if (names != nullptr && from->first == before) {
            left.gap = std::max(left.gap, names->least(edge, *from->second, *to->second));
        }
        left.longGap = std::max({left.longGap, left.gap, names != nullptr ? names->whole(edge) : 0.0});
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

/// Names first, then wires that can be seen, then the names of wires, then what the cards are, then longer wires. Names
/// of cards are as large as names are in all of them or in none.
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
    const auto grow = [&](std::vector<double>& what, const auto& wanted, bool mayBePart = true) {
        double missing = 0;
        for (std::size_t i = 0; i < what.size(); ++i) {
            missing += std::max(0.0, wanted(i) - what[i]);
        }
        const double share = missing > 0 && (missing <= free || mayBePart) ? std::min(1.0, free / missing) : 0;
        for (std::size_t i = 0; i < what.size(); ++i) {
            what[i] += std::max(0.0, wanted(i) - what[i]) * share;
        }
        free -= missing * share;
    };
    grow(
        widths.cards, [&](std::size_t i) { return columns[i].titled; }, false);
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
double foldedHeight(const Rows& upper, const Rows& lower, double between, double room) {
    const auto taken = [](const Rows& rows, double card) {
        return card + rows.height * std::max(rows.down(card), flattest);
    };
    for (double card = cardHeight; card >= lowestCard; card -= 2) {
        if (taken(upper, card) + between + taken(lower, card) <= room) {
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
    Notes notes = Notes::AsMayBe;
    bool areNamed = true;    ///< wires are so long that their names stand at them
    std::size_t foldAt = 0;  ///< the first column of the lower half; 0: not folded
    double worth = -std::numeric_limits<double>::infinity();
    bool isWhole = false;
};

constexpr double figuresNeed = 71;    // so high a card has all its rows
constexpr double longNotesNeed = 84;  // and that with what it is on two lines
constexpr double foldCosts = 10;
constexpr double wireBackCosts = 6;
constexpr double lostNamesCost = 16;
constexpr double lostNotesCost = 24;
constexpr double besideCosts = 4;

/// Somewhat smaller letters cost less than figures and names that are left out; below ten pixels they cost more.
double costOfLetters(double scale) {
    constexpr double tenPixels = 0.905;
    return 100 * (1 - scale) + (scale < tenPixels ? 5 + 50 * (tenPixels - scale) : 0);
}

/// What a card says, as high as that.
double worthOf(double card, Notes notes, bool areBroken) {
    const bool isLow = card < (areBroken && notes == Notes::Broken ? longNotesNeed : figuresNeed);
    const double ofNotes = notes == Notes::Beside    ? besideCosts
                           : isLow                   ? lostNotesCost
                           : notes == Notes::AsMayBe ? lostNotesCost / 2
                           : notes == Notes::Broken  ? 1
                                                     : 0;
    return -2.5 * std::max(0.0, figuresNeed - card) - 0.2 * (cardHeight - card) - ofNotes;
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

/// Frames stand around cards that are together: on one side of the fold, or it tears them.
bool tearsFrames(const Diagram& diagram, const std::vector<Column>& columns, std::size_t at) {
    QHash<QString, bool> isLower;
    for (std::size_t i = 0; i < columns.size() && !diagram.groups.empty(); ++i) {
        for (const DiagramNode* card : columns[i].cards) {
            isLower.insert(card->id, i >= at);
        }
    }
    return std::any_of(diagram.groups.begin(), diagram.groups.end(), [&](const DiagramGroup& group) {
        return std::any_of(group.nodes.begin(), group.nodes.end(),
                           [&](const QString& id) { return isLower.value(id) != isLower.value(group.nodes.front()); });
    });
}

double betweenBands(const Diagram& diagram) {
    constexpr double caption = 20;
    return bandGap + (diagram.groups.empty() ? 0 : caption);
}

/// Looks for the best way.
class WayFinder {
public:
    WayFinder(const Diagram& diagram, const QSizeF& room)
        : m_diagram(diagram), m_room(room), m_rows(rowsOf(diagram)), m_names(diagram) {}

    Way find() {
        for (const Notes notes : {Notes::Whole, Notes::Broken, Notes::Beside, Notes::AsMayBe}) {
            m_columns = columnsOf(m_diagram, notes);
            m_areBroken = std::any_of(m_diagram.nodes.begin(), m_diagram.nodes.end(), [](const DiagramNode& node) {
                return widthOf({node.note}, textFont(TextRole::Caption)) > shortNote;
            });
            for (const bool areNamed : {true, false}) {
                for (const double scale : scales) {
                    m_way = {scale, notes, areNamed, 0, 0, true};
                    tryScale();
                }
            }
        }
        return m_best;
    }

    static constexpr double scales[] = {1.0, 0.95, 0.91, 0.88, 0.85, smallestScale};

private:
    static constexpr std::size_t foldedMost = 16;
    static constexpr std::size_t foldedCards = 60;

    void tryScale() {
        const QSizeF within = m_room / m_way.scale;
        const Heights heights = heightsFor(m_rows, within.height());
        const bool mayFold =
            m_columns.size() >= 4 && m_columns.size() <= foldedMost && m_diagram.nodes.size() <= foldedCards;
        if (!heights.areWhole && !mayFold) {
            return;
        }
        findGaps(m_columns, m_diagram, m_way.areNamed ? &m_names : nullptr, shortestWire / m_way.scale + rounding);
        if (heights.areWhole && leastRoom(m_columns) <= within.width()) {
            take(0, heights.card, 0);
        }
        for (std::size_t at = 2; mayFold && at + 1 < m_columns.size(); ++at) {
            tryFold(at, within);
        }
    }

    void tryFold(std::size_t at, const QSizeF& within) {
        if (worth(cardHeight, foldCosts) <= m_best.worth || tearsFrames(m_diagram, m_columns, at)) {
            return;
        }
        const std::vector<Column> upper(m_columns.begin(), m_columns.begin() + static_cast<std::ptrdiff_t>(at));
        const std::vector<Column> lower(m_columns.begin() + static_cast<std::ptrdiff_t>(at), m_columns.end());
        if (std::max(leastRoom(upper), leastRoom(lower)) + turning > within.width()) {
            return;
        }
        const bool areFramed = !m_diagram.groups.empty();
        const double card =
            foldedHeight(rowsOf(upper, areFramed), rowsOf(lower, areFramed), betweenBands(m_diagram), within.height());
        const double uneven = std::abs(leastRoom(upper) - leastRoom(lower)) / within.width();
        if (card > 0) {
            take(at, card, foldCosts + 10 * uneven + wireBackCosts * wiresAcross(m_diagram, m_columns, at));
        }
    }

    double worth(double card, double costs) const {
        return worthOf(card, m_way.notes, m_areBroken) - costOfLetters(m_way.scale) - costs -
               (m_way.areNamed ? 0 : lostNamesCost);
    }

    void take(std::size_t foldAt, double card, double costs) {
        m_way.foldAt = foldAt;
        m_way.worth = worth(card, costs);
        m_best = m_way.worth > m_best.worth ? m_way : m_best;
    }

    const Diagram& m_diagram;
    QSizeF m_room;
    Rows m_rows;
    NamesBetween m_names;
    std::vector<Column> m_columns;
    bool m_areBroken = false;  ///< somewhere what a card is needs two lines
    Way m_way;
    Way m_best;
};

Way bestWay(const Diagram& diagram, const QSizeF& room) {
    constexpr std::size_t measured = 60;
    const Rows rows = rowsOf(diagram);
    const bool mayBeWhole = std::any_of(std::begin(WayFinder::scales), std::end(WayFinder::scales),
                                        [&](double scale) { return heightsFor(rows, room.height() / scale).areWhole; });
    if (!mayBeWhole && diagram.nodes.size() > measured) {
        return {};  // too high for any: widths need not be measured
    }
    return WayFinder(diagram, room).find();
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

/// Where not all names have the size of names, those of their neighbours are no larger.
void CardSpread::findTitles(const Diagram& diagram, bool areCrowded) {
    const bool areSmall =
        areCrowded || std::any_of(diagram.nodes.begin(), diagram.nodes.end(), [&](const DiagramNode& node) {
            const double room = sizeOf(node).width() + 1 - cardPadding;
            return widthOf({node.title}, textFont(TextRole::CardTitle)) > room &&
                   widthOf({node.title}, smallTitleFont()) <= room;
        });
    m_titlePixels = areSmall ? smallTitle : textFont(TextRole::CardTitle).pixelSize();
}

CardSpread spreadCards(const Diagram& diagram, const QSizeF& room) {
    const Way way = bestWay(diagram, room);
    const NamesBetween names(diagram);
    CardSpread spread;
    spread.m_scale = way.scale;
    spread.m_isWhole = way.isWhole;
    std::vector<Column> columns = columnsOf(diagram, way.notes);
    findGaps(columns, diagram, way.areNamed ? &names : nullptr, shortestWire / way.scale + rounding);
    const QSizeF within = room / way.scale;
    const double left = columns.empty() ? 0 : columns.front().left;
    if (way.foldAt == 0) {
        const Heights heights = heightsFor(rowsOf(diagram), within.height());
        spread.m_bands.push_back(spread.lay(withWidths(columns, shareOut(columns, within.width())), left));
        spread.m_bands.back().down = heights.down;
        spread.m_height = heights.card;
        spread.findTitles(diagram, way.notes == Notes::Beside && heights.card < figuresNeed);
        return spread;
    }
    const bool areFramed = !diagram.groups.empty();
    const auto fold = columns.begin() + static_cast<std::ptrdiff_t>(way.foldAt);
    const std::vector<Column> upper(columns.begin(), fold);
    const std::vector<Column> lower(fold, columns.end());
    const Rows above = rowsOf(upper, areFramed);
    const Rows below = rowsOf(lower, areFramed);
    const double between = betweenBands(diagram);
    spread.m_height = foldedHeight(above, below, between, within.height());
    const double width = within.width() - turning;
    spread.m_bands.push_back(spread.lay(withWidths(upper, shareOut(upper, width)), left));
    spread.m_bands.push_back(spread.lay(withWidths(lower, shareOut(lower, width)), left + turning));
    double y = 0;
    for (const auto& [band, rows] : {std::pair(&spread.m_bands[0], &above), std::pair(&spread.m_bands[1], &below)}) {
        band->drawnTop = rows->top;
        band->faceTop = y;
        band->down = std::max(rows->down(spread.m_height), flattest);
        y += spread.m_height + rows->height * band->down + between;
    }
    spread.findTitles(diagram, way.notes == Notes::Beside && spread.m_height < figuresNeed);
    return spread;
}

double heightOfCards(const Diagram& diagram, double each) {
    const Rows rows = rowsOf(diagram);
    return each + rows.height * (std::isfinite(rows.least) ? rows.down(each) : 1.0);
}

}  // namespace millrace::widgets
