#include "widgets/cluster/cluster_table.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "widgets/style/format.h"

namespace millrace::widgets {

namespace {

std::int32_t numberOf(const observe::BrokerView& broker) {
    const std::string_view name = observe::nameOf(broker.id);
    std::int32_t number = -1;
    std::from_chars(name.data(), name.data() + name.size(), number);
    return number;
}

class Table {
public:
    Table(const observe::Snapshot& snapshot, bool withInternal) : m_cluster(snapshot.cluster) {
        for (const observe::TopicView& topic : m_cluster.topics) {
            if (withInternal || !isInternalTopic(topic.name)) {
                addTopic(topic);
            }
        }
        addReplicas(withInternal);
        addReaders();
        scale();
    }

    std::vector<ClusterRow> take() { return std::move(m_rows); }

private:
    ClusterRow& rowOf(std::string_view topic, std::int32_t partition) {
        std::vector<std::size_t>& places = m_index[topic];
        const auto at = static_cast<std::size_t>(std::max(partition, 0));
        if (at >= places.size()) {
            places.resize(at + 1, nowhere);
        }
        if (places[at] == nowhere) {
            places[at] = m_rows.size();
            ClusterRow& row = m_rows.emplace_back();
            row.topic = topic;
            row.partition = partition;
            row.replicas.assign(m_cluster.brokers.size(), ClusterRow::absent);
        }
        return m_rows[places[at]];
    }

    void addTopic(const observe::TopicView& topic) {
        std::vector<std::int32_t> numbers;
        for (const observe::BrokerView& broker : m_cluster.brokers) {
            numbers.push_back(numberOf(broker));
        }
        for (const observe::PartitionView& partition : topic.partitions) {
            ClusterRow& row = rowOf(topic.name, partition.partition);
            row.leader = partition.leader;
            row.logEnd = partition.logEndOffset;
            row.highWatermark = partition.highWatermark;
            row.isThin = partition.leader < 0 || partition.inSync.size() < partition.replicas.size();
            for (const std::int32_t replica : partition.replicas) {
                const auto broker = std::find(numbers.begin(), numbers.end(), replica);
                if (broker != numbers.end()) {
                    row.replicas[static_cast<std::size_t>(broker - numbers.begin())] = ClusterRow::unknown;
                }
            }
        }
    }

    void addReplicas(bool withInternal) {
        for (std::size_t b = 0; b < m_cluster.brokers.size(); ++b) {
            const auto& replicas = m_cluster.brokers[b].replicas;
            for (std::size_t r = 0; r < replicas.size(); ++r) {
                const observe::ReplicaView& replica = replicas[r];
                if (!withInternal && isInternalTopic(replica.topic)) {
                    continue;
                }
                ClusterRow& row = rowOf(replica.topic, replica.partition);
                row.replicas[b] = static_cast<int>(r);
                row.logEnd = std::max(row.logEnd, replica.logEndOffset);
                row.isThin = row.isThin || !replica.isInSync || observe::isDown(m_cluster.brokers[b].state);
            }
        }
    }

    void addReaders() {
        for (const observe::GroupView& group : m_cluster.groups) {
            for (const observe::GroupOffsetView& offset : group.offsets) {
                const auto found = m_index.find(offset.topic);
                const auto at = static_cast<std::size_t>(std::max(offset.partition, 0));
                if (found == m_index.end() || at >= found->second.size() || found->second[at] == nowhere) {
                    continue;
                }
                ClusterRow& row = m_rows[found->second[at]];
                const std::int64_t position = offset.position >= 0 ? offset.position : offset.committed;
                if (position >= 0 && (row.position < 0 || position < row.position)) {
                    row.position = position;
                }
                row.unread = std::max(row.unread, offset.lag);
                row.isBeingRead = row.isBeingRead || offset.position >= 0;
            }
        }
    }

    void scale() {
        std::map<std::string_view, StripScale> scales;
        for (const ClusterRow& row : m_rows) {
            const auto [found, isNew] = scales.try_emplace(row.topic, StripScale{row.logEnd, row.logEnd});
            StripScale& scale = found->second;
            scale.last = std::max(scale.last, row.logEnd);
            for (std::size_t b = 0; b < row.replicas.size(); ++b) {
                if (row.replicas[b] >= 0) {
                    const auto at = static_cast<std::size_t>(row.replicas[b]);
                    scale.first = std::min(scale.first, m_cluster.brokers[b].replicas[at].logStartOffset);
                }
            }
        }
        for (ClusterRow& row : m_rows) {
            row.scale = scales.at(row.topic);
        }
    }

    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    const observe::ClusterView& m_cluster;
    std::vector<ClusterRow> m_rows;
    std::map<std::string_view, std::vector<std::size_t>> m_index;  ///< by topic and number of the partition
};

}  // namespace

QString ClusterRow::id() const {
    return format::text(observe::partitionId(topic, partition));
}

bool isInternalTopic(std::string_view name) {
    return name.substr(0, 2) == "__";
}

std::vector<ClusterRow> clusterRows(const observe::Snapshot& snapshot, bool withInternal) {
    std::vector<ClusterRow> rows = Table(snapshot, withInternal).take();
    // In the order of topics, and of those that only their replicas tell of by name.
    std::map<std::string_view, std::size_t> order;
    for (const observe::TopicView& topic : snapshot.cluster.topics) {
        order.try_emplace(topic.name, order.size());
    }
    using Place = std::tuple<bool, std::size_t, std::string_view, std::int32_t>;
    std::vector<std::pair<Place, std::size_t>> places;
    places.reserve(rows.size());
    for (const ClusterRow& row : rows) {
        const auto found = order.find(row.topic);
        places.emplace_back(Place(isInternalTopic(row.topic), found == order.end() ? order.size() : found->second,
                                  std::string_view(row.topic), row.partition),
                            places.size());
    }
    if (std::is_sorted(places.begin(), places.end())) {
        return rows;
    }
    std::sort(places.begin(), places.end());
    std::vector<ClusterRow> sorted;
    sorted.reserve(rows.size());
    for (const auto& [place, row] : places) {
        sorted.push_back(std::move(rows[row]));
    }
    return sorted;
}

std::size_t internalPartitions(const observe::ClusterView& cluster) {
    std::size_t count = 0;
    for (const observe::TopicView& topic : cluster.topics) {
        count += isInternalTopic(topic.name) ? topic.partitions.size() : 0;
    }
    return count;
}

double stripShare(std::int64_t offset, std::int64_t first, std::int64_t partitionEnd, std::int64_t last) {
    constexpr double longest = 0.96;  // room for what comes next
    constexpr double leastGap = 0.025;
    const auto span = static_cast<double>(last - first);
    if (span <= 0 || offset <= first) {
        return 0;
    }
    const double share = longest * static_cast<double>(offset - first) / span;
    return std::clamp(offset < partitionEnd ? share - leastGap : share, 0.0, 1.0);
}

}  // namespace millrace::widgets
