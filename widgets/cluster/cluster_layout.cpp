#include "widgets/cluster/cluster_layout.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "widgets/controls/format.h"

namespace millrace::widgets {

using observe::ObjectKind;

namespace {

constexpr double frameWidth = 228;
constexpr double framePadding = 8;
constexpr double frameHeader = 26;
constexpr double gap = 14;
constexpr double cardGap = 8;
constexpr double cardHeader = 32;
constexpr double smallCard = 36;
constexpr std::size_t stripsMax = 32;  // more could not be told apart
constexpr std::size_t worstShown = 3;  // beside the map of all
constexpr double heatHeight = 58;
constexpr double slotWidth = 48;
constexpr double slotHeight = 38;

/// Many partitions get thinner rows before a broker grows out of proportion.
double rowHeight(std::size_t replicas) {
    return replicas <= 8 ? 19 : replicas <= 16 ? 14 : 9;
}

QRectF reviveBoxOf(const QRectF& card) {
    return {card.right() - 76, card.top() + 5, 70, 22};
}

class Builder {
public:
    Builder(const observe::Snapshot& snapshot, ClusterSeats& seats) : m_snapshot(snapshot), m_seats(seats) {}

    /// Fills one frame at the origin and gives its items.
    std::vector<ClusterItem> frame(std::size_t hostIndex) {
        const observe::HostView& host = m_snapshot.cluster.hosts[hostIndex];
        m_items.clear();
        m_isAlone = cardsOn(host) == 1;
        m_y = m_isAlone ? 0 : frameHeader;
        m_left = m_isAlone ? 0 : framePadding;
        m_width = frameWidth - 2 * m_left;
        ClusterItem& frame = m_items.emplace_back();
        frame.id = format::text(host.id);
        frame.kind = ObjectKind::Host;
        frame.state = host.state;
        frame.index = static_cast<int>(hostIndex);
        addBrokers(host.id);
        addServers(host.id);
        if (!m_snapshot.storm.nimbus.id.empty() && m_snapshot.storm.nimbus.host == host.id) {
            addCard(m_snapshot.storm.nimbus.id, ObjectKind::Nimbus, m_snapshot.storm.nimbus.state, smallCard, 0);
        }
        addSupervisors(host.id);
        addOthers(host);
        ClusterItem& whole = m_items.front();
        if (m_isAlone) {
            whole.captionBox = QRectF(0, m_y - cardGap, frameWidth, frameHeader - 2);
            whole.box = QRectF(0, 0, frameWidth, whole.captionBox.bottom());
        } else {
            whole.captionBox = QRectF(0, 0, frameWidth, frameHeader);
            whole.box = QRectF(0, 0, frameWidth, std::max(m_y + framePadding - cardGap, 56.0));
        }
        if (observe::isDown(host.state)) {
            whole.reviveBox = QRectF(frameWidth - 82, whole.captionBox.center().y() - 10, 74, 20);
        }
        return m_items;
    }

private:
    /// How many processes of the host are drawn as cards.
    [[nodiscard]] std::size_t cardsOn(const observe::HostView& host) const {
        const auto onHost = [&](const auto& each) { return each.host == host.id; };
        const auto& storm = m_snapshot.storm;
        auto count = std::count_if(m_snapshot.cluster.brokers.begin(), m_snapshot.cluster.brokers.end(), onHost) +
                     std::count_if(m_snapshot.cluster.servers.begin(), m_snapshot.cluster.servers.end(), onHost) +
                     std::count_if(storm.supervisors.begin(), storm.supervisors.end(), onHost) +
                     std::count_if(host.processes.begin(), host.processes.end(),
                                   [](const observe::ObjectId& id) { return isOther(observe::kindOf(id)); });
        count += !storm.nimbus.id.empty() && onHost(storm.nimbus) ? 1 : 0;
        return static_cast<std::size_t>(count);
    }

    static bool isOther(ObjectKind kind) {
        return kind == ObjectKind::Producer || kind == ObjectKind::Sink || kind == ObjectKind::Group;
    }

    ClusterItem& addCard(const std::string& id, ObjectKind kind, observe::LifeState state, double height,
                         std::size_t index) {
        ClusterItem& item = m_items.emplace_back();
        item.id = format::text(id);
        item.kind = kind;
        item.state = state;
        item.index = static_cast<int>(index);
        item.box = QRectF(m_left, m_y, m_width, height);
        if (observe::isDown(state)) {
            item.reviveBox = reviveBoxOf(item.box);
        }
        m_y += height + cardGap;
        return item;
    }

    void addBrokers(const std::string& host) {
        const auto& brokers = m_snapshot.cluster.brokers;
        for (std::size_t i = 0; i < brokers.size(); ++i) {
            const observe::BrokerView& broker = brokers[i];
            if (broker.host != host) {
                continue;
            }
            std::vector<std::size_t> strips;
            for (std::size_t r = 0; r < broker.replicas.size(); ++r) {
                if (!isInternalTopic(broker.replicas[r].topic)) {
                    strips.push_back(r);
                }
            }
            std::size_t& most = m_seats.strips[broker.id];
            most = std::max(most, strips.size());
            const bool hasHeat = most > stripsMax;
            if (hasHeat && strips.size() > worstShown) {
                keepWorst(broker, strips);
            }
            const std::size_t seats = hasHeat ? worstShown : most;
            const double row = rowHeight(seats);
            const double heat = hasHeat ? heatHeight : 0;
            const double rows = static_cast<double>(seats) * row + heat;
            const double top = m_y + cardHeader;
            addCard(broker.id, ObjectKind::Broker, broker.state, cardHeader + rows + (rows > 0 ? 8 : 4), i);
            if (hasHeat && !strips.empty()) {
                addStrip(broker, i, -1, QRectF(m_left, top, m_width, heat));
            }
            for (std::size_t line = 0; line < strips.size(); ++line) {
                addStrip(broker, i, static_cast<int>(strips[line]),
                         QRectF(m_left, top + heat + static_cast<double>(line) * row, m_width, row));
            }
        }
    }

    /// Those that lack something, then the longest; always as many, so that the card keeps its size.
    static void keepWorst(const observe::BrokerView& broker, std::vector<std::size_t>& strips) {
        const auto end = strips.begin() + static_cast<std::ptrdiff_t>(worstShown);
        std::partial_sort(strips.begin(), end, strips.end(), [&](std::size_t a, std::size_t b) {
            const observe::ReplicaView& first = broker.replicas[a];
            const observe::ReplicaView& second = broker.replicas[b];
            return std::tuple(first.isInSync, -first.logEndOffset, a) <
                   std::tuple(second.isInSync, -second.logEndOffset, b);
        });
        strips.resize(worstShown);
        std::sort(strips.begin(), strips.end());
    }

    void addStrip(const observe::BrokerView& broker, std::size_t index, int replica, const QRectF& box) {
        ClusterItem& strip = m_items.emplace_back();
        if (replica >= 0) {
            const observe::ReplicaView& view = broker.replicas[static_cast<std::size_t>(replica)];
            strip.id = format::text(observe::partitionId(view.topic, view.partition));
        }
        strip.kind = ObjectKind::Partition;
        strip.state = broker.state;
        strip.owner = format::text(broker.id);
        strip.index = static_cast<int>(index);
        strip.childIndex = replica;
        strip.box = box;
    }

    void addServers(const std::string& host) {
        const auto& servers = m_snapshot.cluster.servers;
        for (std::size_t i = 0; i < servers.size(); ++i) {
            if (servers[i].host == host) {
                addCard(servers[i].id, ObjectKind::Server, servers[i].state, smallCard, i);
            }
        }
    }

    void addSupervisors(const std::string& host) {
        const auto& supervisors = m_snapshot.storm.supervisors;
        for (std::size_t i = 0; i < supervisors.size(); ++i) {
            const observe::SupervisorView& supervisor = supervisors[i];
            if (supervisor.host != host) {
                continue;
            }
            const auto perRow = static_cast<std::size_t>((m_width - 8) / (slotWidth + 3));
            const auto rows = static_cast<double>((supervisor.workerSlots.size() + perRow - 1) / perRow);
            const double top = m_y + cardHeader;
            addCard(supervisor.id, ObjectKind::Supervisor, supervisor.state, cardHeader + rows * (slotHeight + 4) + 6,
                    i);
            for (std::size_t s = 0; s < supervisor.workerSlots.size(); ++s) {
                addSlot(supervisor, i, s,
                        QPointF(m_left + 8 + static_cast<double>(s % perRow) * (slotWidth + 3),
                                top + static_cast<double>(s / perRow) * (slotHeight + 4)));
            }
        }
    }

    /// Producers, sinks and whatever else runs there.
    void addOthers(const observe::HostView& host) {
        for (const observe::ObjectId& id : host.processes) {
            const QString text = format::text(id);
            const bool isShown =
                std::any_of(m_items.begin(), m_items.end(), [&](const ClusterItem& item) { return item.id == text; });
            const ObjectKind kind = observe::kindOf(id);
            if (!isShown && isOther(kind)) {
                addCard(id, kind, observe::isDown(host.state) ? host.state : observe::LifeState::Running, smallCard, 0)
                    .reviveBox = QRectF();
            }
        }
    }

    void addSlot(const observe::SupervisorView& supervisor, std::size_t index, std::size_t slot, const QPointF& at) {
        ClusterItem& item = m_items.emplace_back();
        const observe::SlotView& view = supervisor.workerSlots[slot];
        item.id = format::text(view.worker);
        item.kind = ObjectKind::Worker;
        item.owner = format::text(supervisor.id);
        item.index = static_cast<int>(index);
        item.childIndex = static_cast<int>(slot);
        item.box = QRectF(at, QSizeF(slotWidth, slotHeight));
        for (const observe::TopologyView& topology : m_snapshot.storm.topologies) {
            for (const observe::WorkerView& worker : topology.workers) {
                if (worker.id == view.worker) {
                    item.state = worker.state;
                }
            }
        }
        if (!view.worker.empty() && observe::isDown(item.state)) {
            item.reviveBox = item.box;
        }
    }

    const observe::Snapshot& m_snapshot;
    ClusterSeats& m_seats;
    std::vector<ClusterItem> m_items;
    bool m_isAlone = false;  ///< one card fills the frame, and the host's caption stands below it
    double m_y = 0;
    double m_left = 0;
    double m_width = 0;
};

/// Frames in columns, each put where the column is shortest; in order as far as that goes.
ClusterLayout pack(const std::vector<std::vector<ClusterItem>>& frames, std::size_t columns) {
    ClusterLayout layout;
    std::vector<double> bottoms(columns, 0);
    for (const std::vector<ClusterItem>& frame : frames) {
        const auto column = std::min_element(bottoms.begin(), bottoms.end());
        const QPointF corner(static_cast<double>(column - bottoms.begin()) * (frameWidth + gap), *column);
        for (ClusterItem item : frame) {
            item.box.translate(corner);
            if (!item.reviveBox.isNull()) {
                item.reviveBox.translate(corner);
            }
            item.captionBox.translate(corner);
            layout.bounds |= item.box;
            layout.items.push_back(std::move(item));
        }
        *column += frame.front().box.height() + gap;
    }
    return layout;
}

}  // namespace

bool isInternalTopic(std::string_view name) {
    return name.substr(0, 2) == "__";
}

bool hasOneTopic(const observe::ClusterView& cluster) {
    return std::count_if(cluster.topics.begin(), cluster.topics.end(),
                         [](const observe::TopicView& topic) { return !isInternalTopic(topic.name); }) == 1;
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

ClusterLayout layoutCluster(const observe::Snapshot& snapshot, double aspectRatio, ClusterSeats& seats) {
    constexpr double worthMoving = 1.25;  // so much larger must everything become before it is arranged anew
    Builder builder(snapshot, seats);
    std::vector<std::vector<ClusterItem>> frames;
    for (std::size_t i = 0; i < snapshot.cluster.hosts.size(); ++i) {
        frames.push_back(builder.frame(i));
    }
    const auto scaleOf = [aspectRatio](const ClusterLayout& layout) {
        return std::min(aspectRatio / layout.bounds.width(), 1.0 / layout.bounds.height());
    };
    ClusterLayout best;
    double bestScale = 0;
    std::size_t bestColumns = 0;
    for (std::size_t columns = 1; columns <= frames.size(); ++columns) {
        ClusterLayout layout = pack(frames, columns);
        if (const double scale = scaleOf(layout); scale > bestScale) {
            bestScale = scale;
            bestColumns = columns;
            best = std::move(layout);
        }
    }
    if (seats.columns > 0 && seats.columns <= frames.size()) {
        ClusterLayout same = pack(frames, seats.columns);
        if (scaleOf(same) * worthMoving >= bestScale) {
            return same;
        }
    }
    seats.columns = bestColumns;
    return best;
}

ClusterLayout layoutCluster(const observe::Snapshot& snapshot, double aspectRatio) {
    ClusterSeats seats;
    return layoutCluster(snapshot, aspectRatio, seats);
}

double stripShare(std::int64_t offset, std::int64_t logStart, std::int64_t partitionEnd, std::int64_t topicEnd) {
    const auto span = static_cast<double>(partitionEnd - logStart);
    if (span <= 0 || topicEnd <= 0 || offset <= logStart) {
        return 0;
    }
    const double length = 0.3 + 0.66 * static_cast<double>(partitionEnd) / static_cast<double>(topicEnd);
    const auto behind = static_cast<double>(std::max<std::int64_t>(partitionEnd - offset, 0));
    const double gap = std::log1p(behind) / std::log1p(span);
    return std::clamp(length * (1 - 0.85 * std::min(gap, 1.0)), 0.0, 1.0);
}

}  // namespace millrace::widgets
