#include <algorithm>

#include "engine/observe/object_id.h"
#include "engine/scenario/report/report.h"

namespace millrace::scenario {

bool isOffline(const observe::ClusterView& cluster, const observe::PartitionView& partition) {
    return std::none_of(cluster.brokers.begin(), cluster.brokers.end(), [&](const observe::BrokerView& broker) {
        return broker.id == observe::brokerId(partition.leader) && !observe::isDown(broker.state);
    });
}

std::optional<std::int64_t> knownLag(const observe::ClusterView& cluster, const observe::GroupOffsetView& offset) {
    for (const observe::TopicView& topic : cluster.topics) {
        for (const observe::PartitionView& partition : topic.partitions) {
            if (topic.name == offset.topic && partition.partition == offset.partition) {
                return isOffline(cluster, partition) ? std::nullopt : std::optional(offset.lag);
            }
        }
    }
    return std::nullopt;
}

std::optional<std::int64_t> knownLag(const observe::ClusterView& cluster, const observe::GroupView& group) {
    std::int64_t lag = 0;
    for (const observe::GroupOffsetView& offset : group.offsets) {
        const std::optional<std::int64_t> known = knownLag(cluster, offset);
        if (!known) {
            return std::nullopt;
        }
        lag += *known;
    }
    return lag;
}

}  // namespace millrace::scenario
