#include "widgets/cluster/cluster_layout.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include "widgets/cluster/cluster_content.h"
#include "widgets/style/format.h"

namespace millrace::widgets {

using observe::LifeState;
using observe::ObjectKind;

namespace {

// Heights.
constexpr double headHeight = 18;
constexpr double laneHeight = 16;
constexpr double cardsTop = headHeight + laneHeight;
constexpr double topUnderTitle = 30 + headHeight;  // of cards whose headings stand below the name of the face
constexpr double cardHeader = 30;
constexpr double hostLine = 18;
constexpr double moreHostLine = 14;  // a further one under it
constexpr double offsetLine = 18;
constexpr double narrowButton = 52;
constexpr double roomForBoth = 170;  // a name and a button beside each other
constexpr double rowMost = 26;
constexpr double rowLeast = 8;
constexpr double worstRow = 14;
constexpr std::size_t worstShown = 3;  // beside the map of all
constexpr double mapLeast = 56;
constexpr double mapCellMost = 12;
constexpr double mapCellLeast = 4;

// Widths.
/// The least widths of columns, and what stands in them.
struct Measures {
    double broker;
    double side;
    double slot;    ///< how high it is
    double unread;  ///< of the numbers beside the brokers
    double saved;   ///< between the two lines of a card
    double cardGap;
    double groupGap;
};
constexpr Measures comfortable{120, 116, 36, 70, 0, 8, 14};
constexpr Measures squeezed{120, 108, 31, 62,
                            0,   8,   14};  // two slots of a supervisor side by side, three rows of executors, no more
constexpr Measures dense{120, 108, 31, 62, 6, 5, 9};
constexpr double brokerMost = 420;
constexpr double scrolledBroker = 128;  // where most are beyond the edge in any case: who controls beside what comes in
constexpr std::size_t fewBrokers = 4;
constexpr double sideMost = 250;
constexpr double tellingBroker = 150;  // its machine, rack and load beside each other
constexpr double brokerGap = 8;
constexpr double edge = 19;  // between the room and the edge of the face, at the smallest scale
constexpr double slotWidth = 44;
constexpr double slotGap = 4;
constexpr double aroundWords = 22;    // margins of a card, and between the ends of a line
constexpr double captionPixels = 11;  // px on the screen, at any scale

double slotsPerLine(double width) {
    return std::max(1.0, std::floor((width - 16 + slotGap) / (slotWidth + slotGap)));
}

/// Whether what stands under a heading may share columns with others, and may be broken over two of them.
enum class Fold {
    Apart,     ///< each heading begins a column
    Together,  ///< columns are shared; cards of a heading stay together as long as a column has room for them
    Broken,    ///< the next column goes on with what had no room, under the same heading
    Filled,    ///< what would begin a column beyond the edge fills the room that columns before it leave
};

/// The same content in one room at one scale.
class Arrangement {
public:
    /// In a room of the face, which is shown at that scale.
    Arrangement(const ClusterContent& content, const QSizeF& room, double scale, Fold fold,
                const Measures& least = comfortable)
        : m_content(content),
          m_room(room / scale),
          m_scale(scale),
          m_fold(fold),
          m_least(least),
          m_top(content.brokers.empty() ? topUnderTitle : cardsTop),
          m_unread(content.hasUnread ? least.unread : 0) {
        arrangeRows();
        const double brokers = static_cast<double>(content.brokers.size());
        if (m_fold == Fold::Filled) {
            const double beside = m_room.width() - content.names - m_unread - brokers * (m_least.broker + brokerGap);
            m_columnsMost =
                static_cast<std::size_t>(std::max(1.0, std::floor(beside / (m_least.side + m_least.groupGap))));
        }
        m_columns = flow(m_least.side);
        const double fixed = content.names + m_unread + gapsOf(m_columns);
        m_side = m_least.side;
        m_broker = brokers > 0 ? (m_room.width() - fixed - static_cast<double>(m_columns) * m_side) / brokers : 0;
        m_isNarrow = brokers > 0 && m_broker < m_least.broker;
        const bool goesOn = m_isNarrow && content.brokers.size() > fewBrokers;
        // Without brokers the cards share what there is.
        if (const double columns = static_cast<double>(m_columns); brokers == 0 && m_columns > 0) {
            widenSide(std::clamp((m_room.width() - gapsOf(m_columns)) / columns, m_side, sideMost));
        }
        // What was squeezed gets back what brokers can spare.
        if (m_side < comfortable.side && m_columns > 0 && m_broker > m_least.broker) {
            const double spare = (m_broker - m_least.broker) * brokers / static_cast<double>(m_columns);
            widenSide(std::min(comfortable.side, m_side + spare));
        }
        // Names are read whole, where brokers can spare the room or where one scrolls in any case.
        if (const double named = std::clamp(content.widest, m_side, sideMost); named > m_side && m_columns > 0) {
            const double spare = std::max(0.0, m_broker - m_least.broker) * brokers / static_cast<double>(m_columns);
            widenSide(goesOn ? named : std::min(named, m_side + spare));
        }
        // So is what they are.
        if (const double told = std::clamp(content.wordiest, m_side, sideMost);
            told > m_side && m_columns > 0 && !goesOn && m_broker > tellingBroker) {
            const double spare = (m_broker - tellingBroker) * brokers / static_cast<double>(m_columns);
            widenSide(std::min(told, m_side + spare));
        }
        if (m_broker > 190) {
            // There is room for both.
            const double shared = (m_room.width() - fixed) / (brokers * 1.7 + static_cast<double>(m_columns));
            widenSide(std::clamp(shared, m_side, sideMost));
        }
        if (goesOn) {
            m_broker = wholeColumn();
        }
        m_broker = std::clamp(m_broker, goesOn ? scrolledBroker : m_least.broker, brokerMost);
        if (!goesOn && widthOfAll() > m_room.width() + 0.5) {
            showWholeColumns();
        }
        giveBrokersMoreLines();
        giveCardsMoreLines();
        m_size = {widthOfAll(), std::max(m_top + brokerHeight(), m_bottom)};
    }

    [[nodiscard]] bool isNarrow() const { return m_isNarrow; }
    [[nodiscard]] bool fitsHeight() const { return m_size.height() <= m_room.height() + 0.5; }
    [[nodiscard]] bool fits() const { return !m_isNarrow && fitsHeight() && m_size.width() <= m_room.width() + 0.5; }
    [[nodiscard]] double side() const { return m_side; }
    /// Whether cards beside the brokers have room for their names and for what they are.
    [[nodiscard]] bool isTelling() const {
        return m_columns == 0 || m_side + 0.5 >= std::min(m_content.wordiest, sideMost);
    }

    [[nodiscard]] ClusterLayout layout() && {
        m_layout.lane = m_content.brokers.empty() ? headHeight / 2 : headHeight + laneHeight / 2;
        m_layout.map = m_map;
        m_layout.offsets = cardsTop + cardHeader + m_rowsHeight + 4;
        double x = m_content.names;
        const double right = x + static_cast<double>(m_content.brokers.size()) * (m_broker + brokerGap);
        if (m_content.names > 0) {
            m_layout.names = QRectF(0, cardsTop, m_content.names, brokerHeight());
            m_layout.unread = QRectF(right, cardsTop, m_unread, brokerHeight());
        }
        addLines();
        for (const std::size_t broker : m_content.brokers) {
            addBroker(broker, x);
            x += m_broker + brokerGap;
        }
        m_sideLeft = right + m_unread + besideBrokers();
        m_isPlacing = true;
        flow(m_side);
        m_layout.bounds = QRectF(QPointF(), m_size) | QRectF(QPointF(), m_room);
        return std::move(m_layout);
    }

private:
    [[nodiscard]] double brokerHeight() const {
        if (m_content.brokers.empty()) {
            return 0;
        }
        return cardHeader + (m_content.rows.empty() ? 0 : m_rowsHeight + 4 + offsetLine) + m_brokerLine + 2;
    }

    [[nodiscard]] double besideBrokers() const { return m_content.brokers.empty() ? 0 : m_least.groupGap - brokerGap; }

    [[nodiscard]] double widthOfAll() const {
        return fixedWidth() + static_cast<double>(m_content.brokers.size()) * m_broker +
               static_cast<double>(m_columns) * m_side;
    }

    /// Where cards go on beyond the edge, none of them is cut by it: what is left over makes columns wider.
    void showWholeColumns() {
        const double brokers = static_cast<double>(m_content.brokers.size());
        const double left = m_content.names + brokers * (m_broker + brokerGap) + m_unread + besideBrokers();
        const double seen = m_room.width() + edge - left;
        const double fitting = std::floor(seen / (m_side + m_least.groupGap));
        if (fitting >= 1) {
            m_side = seen / fitting - m_least.groupGap;
            m_columns = flow(m_side);
        }
    }

    /// Where a broker is too narrow to tell of its machine in one line or in few, and has the height for more.
    void giveBrokersMoreLines() {
        constexpr double lowest = 16;  // rows stay comfortable
        for (const double needed : {m_content.brokerLine, m_content.brokerPair * growth() + aroundWords,
                                    m_content.brokerRates * growth() + aroundWords}) {
            if (m_content.brokers.empty() || m_broker >= needed) {
                return;
            }
            const ClusterMap map = m_map;
            const double row = m_row;
            const double rowsHeight = m_rowsHeight;
            m_brokerLine += moreHostLine;
            arrangeRows();
            const bool isSameKind = m_map.isEmpty() == map.isEmpty() && m_map.perCell == map.perCell;
            if (!isSameKind || m_row < std::min(lowest, worstRow) || (m_map.isEmpty() && m_row < lowest) ||
                m_top + brokerHeight() > m_room.height()) {
                m_map = map;
                m_row = row;
                m_rowsHeight = rowsHeight;
                m_brokerLine -= moreHostLine;
                return;
            }
        }
    }

    /// Like cards that are too narrow to tell what they are and of their machines, where all keep their columns.
    void giveCardsMoreLines() {
        constexpr std::size_t most = 3;
        const auto widths = widthsByLines();
        for (std::size_t lines = 1; lines < most; ++lines) {
            for (const auto& [likeness, needed] : widths) {
                const std::size_t before = m_lines[likeness];
                if (before + 1 != lines || m_side >= needed[lines - 1]) {
                    continue;
                }
                m_lines[likeness] = lines;
                if (flow(m_side) != m_columns || m_bottom > m_room.height() + 0.5) {
                    m_lines[likeness] = before;
                }
            }
        }
        m_columns = flow(m_side);
    }

    /// How wide like cards are that tell all in one line below their names, and in two: what they are stands beside
    /// their names or before their machines, and the load where it has room.
    [[nodiscard]] std::map<int, std::array<double, 2>> widthsByLines() const {
        constexpr double apart = 7;
        std::map<int, std::array<double, 5>> widths;
        for (const ClusterCardWords& card : m_content.told) {
            const double note = card.note * growth();
            const double place = card.place * growth();
            const double load = card.load * growth();
            const double beside = card.name + apart + note;
            const double both = place + load + aroundWords;
            const std::array<double, 5> own{std::max(beside, both),
                                            std::max(card.name, both + (note > 0 ? note + 2 * apart : 0)),
                                            std::max({beside, place + aroundWords, load + aroundWords}),
                                            std::max({card.name, note + aroundWords, both}),
                                            std::max({card.name, note + load + aroundWords, place + aroundWords})};
            std::array<double, 5>& all = widths[card.likeness];
            std::transform(own.begin(), own.end(), all.begin(), all.begin(),
                           [](double one, double other) { return std::max(one, other); });
        }
        std::map<int, std::array<double, 2>> needed;
        for (const auto& [likeness, width] : widths) {
            needed[likeness] = {std::min(width[0], width[1]), std::min({width[2], width[3], width[4]})};
        }
        return needed;
    }

    /// Letters stay as large on the screen at every scale.
    [[nodiscard]] double growth() const { return std::round(captionPixels / m_scale) / captionPixels; }

    [[nodiscard]] double hostLineOf(ObjectKind kind) const {
        const auto more = m_lines.find(likenessOf(kind));
        return hostLine + (more == m_lines.end() ? 0 : static_cast<double>(more->second) * moreHostLine);
    }

    [[nodiscard]] double heightOf(const ClusterCard& card, double width) const {
        const double lines = std::ceil(static_cast<double>(card.places) / slotsPerLine(width));
        return cardHeader + lines * (m_least.slot + slotGap) + hostLineOf(card.kind) - (lines > 0 ? 0 : m_least.saved);
    }

    /// What the cards beside the brokers get is taken from these.
    void widenSide(double width) {
        m_side = width;
        m_columns = flow(m_side);
        const double taken = m_content.names + m_unread + gapsOf(m_columns);
        const double brokers = static_cast<double>(m_content.brokers.size());
        m_broker =
            brokers > 0 ? (m_room.width() - taken - static_cast<double>(m_columns) * m_side) / brokers : m_broker;
    }

    /// As wide as lets the next column begin where the view ends.
    [[nodiscard]] double wholeColumn() const {
        const double seen = m_room.width() + edge - m_content.names;
        const double fitting = std::floor(seen / (scrolledBroker + brokerGap));
        return fitting < 1 ? scrolledBroker : seen / fitting - brokerGap;
    }

    [[nodiscard]] double gapsOf(std::size_t columns) const {
        const double brokers = static_cast<double>(m_content.brokers.size());
        return brokers * brokerGap + static_cast<double>(columns) * m_least.groupGap;
    }

    [[nodiscard]] double fixedWidth() const { return m_content.names + m_unread + gapsOf(m_columns); }

    void arrangeRows() {
        const auto count = static_cast<double>(m_content.rows.size());
        if (m_content.rows.empty() || m_content.brokers.empty()) {
            return;
        }
        const double room = m_room.height() - cardsTop - cardHeader - 4 - offsetLine - m_brokerLine - 2;
        m_map = ClusterMap();
        m_row = std::clamp(std::floor(room / count), rowLeast, rowMost);
        m_rowsHeight = m_row * count;
        constexpr double fewRows = 6;  // they are strips wherever they are
        if (m_rowsHeight > std::max(room, fewRows * rowLeast)) {
            arrangeMap(room);
        }
    }

    void arrangeMap(double room) {
        const auto count = static_cast<double>(m_content.rows.size());
        const double inner = m_least.broker - 20;
        const double worst = static_cast<double>(worstShown) * worstRow;
        const double height = std::max(mapLeast, room - worst - 6);
        const double cellsMost = std::floor(inner / mapCellLeast) * std::floor(height / mapCellLeast);
        m_map.perCell = static_cast<std::size_t>(std::ceil(count / cellsMost));
        const double cells = std::ceil(count / static_cast<double>(m_map.perCell));
        m_map.columns = static_cast<int>(
            std::clamp(std::ceil(std::sqrt(cells * inner / height)), 1.0, std::floor(inner / mapCellLeast)));
        m_map.rows = static_cast<int>(std::ceil(cells / m_map.columns));
        m_map.left = 10;
        m_map.top = cardsTop + cardHeader;
        m_map.cell.setHeight(std::min(mapCellMost, height / m_map.rows));
        m_rowsHeight = m_map.rows * m_map.cell.height() + 6 + worst;
        m_row = worstRow;
    }

    void addLines() {
        m_layout.map.cell.setWidth(m_map.isEmpty() ? 0 : (m_broker - 20) / m_map.columns);
        const double top = cardsTop + cardHeader;
        if (m_map.isEmpty()) {
            for (std::size_t row = 0; row < m_content.rows.size(); ++row) {
                m_layout.lines.push_back({row, top + static_cast<double>(row) * m_row, m_row});
            }
            return;
        }
        const double below = top + m_map.rows * m_map.cell.height() + 6;
        const std::vector<std::size_t> worst = worstRows();
        for (std::size_t i = 0; i < worst.size(); ++i) {
            m_layout.lines.push_back({worst[i], below + static_cast<double>(i) * m_row, m_row});
        }
    }

    /// Those that lack something, then those that are read last; always as many, so that cards keep their size.
    [[nodiscard]] std::vector<std::size_t> worstRows() const {
        std::vector<std::size_t> order(m_content.rows.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(worstShown, order.size()));
        std::partial_sort(order.begin(), end, order.end(), [&](std::size_t a, std::size_t b) {
            const ClusterRow& first = m_content.rows[a];
            const ClusterRow& second = m_content.rows[b];
            return std::tuple(first.leader >= 0, !first.isThin, a) < std::tuple(second.leader >= 0, !second.isThin, b);
        });
        order.erase(end, order.end());
        std::sort(order.begin(), order.end());
        return order;
    }

    ClusterItem& addItem(const QString& id, ObjectKind kind, LifeState state, std::size_t index, const QRectF& box) {
        ClusterItem& item = m_layout.items.emplace_back();
        item.id = id;
        item.kind = kind;
        item.stand = observe::rowOf(kind).stand;
        item.state = state;
        item.index = static_cast<int>(index);
        item.box = box;
        return item;
    }

    /// The last line of a card says on which machine it runs, and is that machine.
    void addHostLine(const std::string& host, const QString& card, const QRectF& box, double height) {
        const auto& hosts = m_content.snapshot.cluster.hosts;
        for (std::size_t i = 0; i < hosts.size(); ++i) {
            if (hosts[i].id == host) {
                ClusterItem& item = addItem(format::text(host), ObjectKind::Host, hosts[i].state, i,
                                            QRectF(box.left(), box.bottom() - height - 1, box.width(), height + 1));
                item.owner = card;
                // Without power, slow or cut off by itself: it can be helped here.
                const bool ails = !hosts[i].ailments.empty() || hosts[i].cutFrom.size() > 1;
                if (observe::isDown(hosts[i].state) || ails) {
                    const double width = box.width() >= roomForBoth ? 68 : narrowButton;
                    item.reviveBox = lineButton(box, width);
                }
                return;
            }
        }
    }

    /// In the last line of a card, and nowhere above it: slots and offsets are there.
    static QRectF lineButton(const QRectF& card, double width) {
        return {card.right() - width - 8, card.bottom() - hostLine + 1, width, hostLine - 5};
    }

    /// Beside the name where both have room, else in the last line.
    static QRectF reviveBoxOf(const QRectF& card) {
        return card.width() >= roomForBoth ? QRectF(card.right() - 62, card.top() + 4, 56, 21)
                                           : lineButton(card, narrowButton);
    }

    /// What runs on a machine without power comes back with it: one button, on the machine.
    [[nodiscard]] bool canRevive(LifeState state, const std::string& host) const {
        const auto& hosts = m_content.snapshot.cluster.hosts;
        return observe::isDown(state) && std::none_of(hosts.begin(), hosts.end(), [&](const observe::HostView& each) {
                   return each.id == host && observe::isDown(each.state);
               });
    }

    void addBroker(std::size_t index, double x) {
        const observe::BrokerView& broker = m_content.snapshot.cluster.brokers[index];
        const QString id = format::text(broker.id);
        const QRectF box(x, cardsTop, m_broker, brokerHeight());
        ClusterItem& card = addItem(id, ObjectKind::Broker, broker.state, index, box);
        if (canRevive(broker.state, broker.host)) {
            card.reviveBox = reviveBoxOf(box);
        }
        for (const ClusterLine& line : m_layout.lines) {
            const ClusterRow& row = m_content.rows[line.row];
            const int replica = row.replicas[index];
            if (replica == ClusterRow::absent) {
                continue;
            }
            ClusterItem& strip = addItem(row.id(), ObjectKind::Partition, broker.state, index,
                                         QRectF(x + 1, line.top, m_broker - 2, line.height));
            strip.owner = id;
            strip.childIndex = replica;
            strip.row = static_cast<int>(line.row);
        }
        addHostLine(broker.host, id, box, m_brokerLine);
    }

    /// Who ran in a slot last: on a machine without power it lies there still, else until another one is launched.
    [[nodiscard]] const observe::WorkerView* deadIn(const observe::SupervisorView& supervisor,
                                                    const observe::SlotView& slot) const {
        for (const observe::TopologyView& topology : m_content.snapshot.storm.topologies) {
            for (auto worker = topology.workers.rbegin(); worker != topology.workers.rend(); ++worker) {
                if (!observe::isDown(worker->state) && !observe::isDown(supervisor.state)) {
                    break;  // launched after those before it: it has taken their place
                }
                if (worker->host == supervisor.host && worker->port == slot.port && observe::isDown(worker->state)) {
                    return &*worker;
                }
            }
        }
        return nullptr;
    }

    void addSlots(const ClusterCard& card, const QRectF& box) {
        const auto perLine = static_cast<std::size_t>(slotsPerLine(box.width()));
        const observe::SupervisorView& supervisor = m_content.snapshot.storm.supervisors[card.index];
        for (std::size_t i = 0; i < supervisor.workerSlots.size(); ++i) {
            const QPointF at(box.left() + 8 + static_cast<double>(i % perLine) * (slotWidth + slotGap),
                             box.top() + cardHeader + static_cast<double>(i / perLine) * (m_least.slot + slotGap));
            const observe::SlotView& view = supervisor.workerSlots[i];
            LifeState state = LifeState::Running;
            for (const observe::TopologyView& topology : m_content.snapshot.storm.topologies) {
                for (const observe::WorkerView& worker : topology.workers) {
                    state = worker.id == view.worker ? worker.state : state;
                }
            }
            std::string worker = view.worker;
            if (const observe::WorkerView* dead = worker.empty() ? deadIn(supervisor, view) : nullptr) {
                worker = dead->id;
                state = dead->state;
            }
            ClusterItem& item = addItem(format::text(worker), ObjectKind::Worker, state, card.index,
                                        QRectF(at, QSizeF(slotWidth, m_least.slot)));
            item.owner = card.id;
            item.childIndex = static_cast<int>(i);
            if (!worker.empty() && canRevive(state, supervisor.host)) {
                item.reviveBox = item.box;
            }
        }
    }

    void addCard(const ClusterCard& card, const QRectF& box) {
        ClusterItem& item = addItem(card.id, card.kind, card.state, card.index, box);
        item.places = card.places;
        if (card.kind == ObjectKind::Host ? observe::isDown(card.state) : canRevive(card.state, card.host)) {
            item.reviveBox = reviveBoxOf(box);
        }
        if (card.places > 0) {
            addSlots(card, box);
        }
        if (card.kind != ObjectKind::Host) {
            addHostLine(card.host, card.id, box, hostLineOf(card.kind));
        }
    }

    [[nodiscard]] double columnLeft(std::size_t column, double width) const {
        return m_sideLeft + static_cast<double>(column - 1) * (width + m_least.groupGap);
    }

    [[nodiscard]] double heightOfAll(const ClusterSection& section, double width) const {
        double height = -m_least.cardGap;
        for (const ClusterCard& card : section.cards) {
            height += heightOf(card, width) + m_least.cardGap;
        }
        return height;
    }

    /// In the first line; without brokers the name of the face stands there, and headings below it.
    void addHeadAtTop(const ClusterSection& section, std::size_t column, double width, bool isAgain) {
        if (m_isPlacing) {
            const double top = m_content.brokers.empty() ? m_top - headHeight - 2 : 0;
            m_layout.heads.push_back(
                {section.kind, QRectF(columnLeft(column, width), top, width, headHeight), isAgain});
        }
    }

    void addHead(const ClusterSection& section, std::size_t column, double y, double width, bool isAgain) {
        if (m_isPlacing) {
            m_layout.heads.push_back({section.kind, QRectF(columnLeft(column, width), y, width, headHeight), isAgain});
        }
    }

    /// The nearest column before the last one with room for a heading and a card of that height; 0: there is none.
    [[nodiscard]] static std::size_t columnWithRoom(const std::vector<double>& ends, double height, double limit) {
        for (std::size_t column = ends.size(); column > 0; --column) {
            if (ends[column - 1] + headHeight + 2 + height <= limit) {
                return column;
            }
        }
        return 0;
    }

    /// Cards of each heading downwards, in as many columns as they need, each column under the heading that its first
    /// card belongs to. Gives how many those are.
    std::size_t flow(double width) {
        const double limit = std::max(m_room.height(), m_top + brokerHeight());
        std::vector<double> ends;  // of the columns: where the next card would begin
        std::size_t at = 0;        // the column that is filled now
        m_bottom = 0;
        const auto begin = [&](const ClusterSection& section, double height, bool isAgain) {
            const bool isFull = m_fold == Fold::Filled && ends.size() >= m_columnsMost && !section.hasSlots();
            if (const std::size_t free = isFull ? columnWithRoom(ends, height, limit) : 0; free > 0) {
                at = free;
                addHead(section, at, ends[at - 1], width, isAgain);
                ends[at - 1] += headHeight + 2;
                return;
            }
            ends.push_back(m_top);
            at = ends.size();
            addHeadAtTop(section, at, width, isAgain);
        };
        for (const ClusterSection& section : m_content.sections) {
            const double first = heightOf(section.cards.front(), width);
            const double least = m_fold == Fold::Broken || m_fold == Fold::Filled ? first : heightOfAll(section, width);
            if (m_fold != Fold::Apart && at > 0 && !section.hasSlots() &&
                ends[at - 1] + headHeight + 2 + least <= limit) {
                addHead(section, at, ends[at - 1], width, false);
                ends[at - 1] += headHeight + 2;
            } else {
                begin(section, first, false);
            }
            bool isFirst = true;
            for (const ClusterCard& card : section.cards) {
                const double height = heightOf(card, width);
                if (!isFirst && ends[at - 1] + height > limit) {
                    begin(section, height, true);
                }
                isFirst = false;
                const double y = ends[at - 1];
                if (m_isPlacing) {
                    addCard(card, QRectF(columnLeft(at, width), y, width, height));
                }
                ends[at - 1] = y + height + m_least.cardGap;
                m_bottom = std::max(m_bottom, y + height);
            }
        }
        return ends.size();
    }

    const ClusterContent& m_content;
    QSizeF m_room;
    double m_scale = 1;
    Fold m_fold = Fold::Apart;
    Measures m_least;
    double m_top = cardsTop;  ///< of the cards
    double m_brokerLine = hostLine;
    double m_unread = 0;  ///< width of its column
    ClusterLayout m_layout;
    ClusterMap m_map;
    double m_row = rowMost;
    double m_rowsHeight = 0;
    std::size_t m_columns = 0;
    std::size_t m_columnsMost = 0;       ///< that are in view, where others are to be filled first
    std::map<int, std::size_t> m_lines;  ///< of like cards, about their machines, beyond the first
    double m_side = 0;
    double m_broker = 0;
    bool m_isNarrow = false;
    bool m_isPlacing = false;
    double m_sideLeft = 0;
    double m_bottom = 0;
    QSizeF m_size;
};

/// Of those that fit the one with the fewest shared columns in which cards have room for what they say, else the one
/// whose cards are widest.
std::optional<Arrangement> mostTelling(const ClusterContent& content, const QSizeF& room, double scale,
                                       const Measures& measures) {
    std::optional<Arrangement> best;
    for (const Fold fold : {Fold::Apart, Fold::Together, Fold::Broken}) {
        Arrangement arrangement(content, room, scale, fold, measures);
        if (arrangement.fits() && (!best || arrangement.side() > best->side() + 1)) {
            best.emplace(std::move(arrangement));
            if (best->isTelling()) {
                break;
            }
        }
    }
    return best;
}

}  // namespace

QRectF ClusterMap::cellBox(const QRectF& broker, std::size_t at) const {
    const auto column = static_cast<double>(at % static_cast<std::size_t>(columns));
    const auto row = static_cast<double>(at / static_cast<std::size_t>(columns));
    return {broker.left() + left + column * cell.width(), top + row * cell.height(), cell.width(), cell.height()};
}

const ClusterItem* ClusterLayout::find(const QString& id) const {
    const auto it = std::find_if(items.begin(), items.end(), [&](const ClusterItem& item) { return item.id == id; });
    return it == items.end() ? nullptr : &*it;
}

const ClusterItem* ClusterLayout::at(const QPointF& scene) const {
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
        if (!item->id.isEmpty() && item->box.contains(scene)) {
            return &*item;
        }
    }
    return nullptr;
}

int ClusterLayout::rowAt(const QPointF& scene) const {
    if (names.isNull() || scene.x() < names.left() || scene.x() > unread.right()) {
        return -1;
    }
    for (const ClusterLine& line : lines) {
        if (scene.y() >= line.top && scene.y() < line.top + line.height) {
            return static_cast<int>(line.row);
        }
    }
    if (map.isEmpty()) {
        return -1;
    }
    for (const ClusterItem& item : items) {
        if (item.stand != observe::Stand::Column || !item.box.contains(scene)) {
            continue;
        }
        const auto column = static_cast<int>(std::floor((scene.x() - item.box.left() - map.left) / map.cell.width()));
        const auto row = static_cast<int>(std::floor((scene.y() - map.top) / map.cell.height()));
        if (column < 0 || column >= map.columns || row < 0 || row >= map.rows) {
            return -1;
        }
        const auto cell =
            static_cast<std::size_t>(row) * static_cast<std::size_t>(map.columns) + static_cast<std::size_t>(column);
        const std::size_t first = cell * map.perCell;
        return first < rows.size() ? static_cast<int>(first) : -1;
    }
    return -1;
}

int ClusterLayout::rowOf(const QString& partition) const {
    const std::string id = format::utf8(partition);
    const std::string_view name = observe::nameOf(id);
    const std::size_t dash = name.rfind('-');
    if (!observe::rowOf(observe::kindOf(id)).isNumbered() || dash == std::string_view::npos) {
        return -1;
    }
    std::int32_t number = -1;
    std::from_chars(name.data() + dash + 1, name.data() + name.size(), number);
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const ClusterRow& row) {
        return row.partition == number && row.topic == name.substr(0, dash);
    });
    return found == rows.end() ? -1 : static_cast<int>(found - rows.begin());
}

const ClusterLine* ClusterLayout::lineOf(int row) const {
    const auto found = std::find_if(lines.begin(), lines.end(),
                                    [row](const ClusterLine& line) { return static_cast<int>(line.row) == row; });
    return found == lines.end() ? nullptr : &*found;
}

ClusterLayout layoutCluster(const observe::Snapshot& snapshot, std::vector<ClusterRow> rows, const QSizeF& room) {
    constexpr double largest = 1.0;  // one size of letters on both faces and beside them
    constexpr double smallest = 0.85;
    constexpr double step = 0.05;
    const ClusterContent content(snapshot, rows);
    const QSizeF within = room.expandedTo(QSizeF(1, 1));
    const auto finish = [&rows](Arrangement&& arrangement, double scale) {
        ClusterLayout layout = std::move(arrangement).layout();
        layout.scale = scale;
        layout.rows = std::move(rows);
        return layout;
    };
    // As large as it fits with rows of a comfortable height; below the natural size any height will do.
    for (double scale = largest; scale >= smallest - step / 2; scale -= step) {
        if (auto arrangement = mostTelling(content, within, scale, comfortable)) {
            return finish(std::move(*arrangement), scale);
        }
    }
    // What almost fits is squeezed before anything goes beyond the edge.
    for (const Measures& measures : {squeezed, dense}) {
        if (auto arrangement = mostTelling(content, within, smallest, measures)) {
            return finish(std::move(*arrangement), smallest);
        }
    }
    // And headings stand twice, each over a part of its cards.
    for (const Measures& measures : {comfortable, squeezed, dense}) {
        Arrangement arrangement(content, within, smallest, Fold::Filled, measures);
        if (arrangement.fits()) {
            return finish(std::move(arrangement), smallest);
        }
    }
    // More columns than fit go on beyond the edge: many brokers at the natural size when their height allows it, few of
    // them as small as can be read, so that as much as possible is in view.
    if (content.brokers.size() > fewBrokers) {
        Arrangement arrangement(content, within, 1, Fold::Broken);
        if (arrangement.fitsHeight()) {
            return finish(std::move(arrangement), 1);
        }
    }
    return finish(Arrangement(content, within, smallest, Fold::Filled, dense), smallest);
}

ClusterLayout layoutCluster(const observe::Snapshot& snapshot, const QSizeF& room) {
    return layoutCluster(snapshot, clusterRows(snapshot, false), room);
}

}  // namespace millrace::widgets
