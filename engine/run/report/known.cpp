#include <algorithm>

#include "engine/observe/object_id.h"
#include "engine/run/report/report.h"

namespace millrace::run {

bool isOffline(const observe::ClusterView& cluster, const observe::PartitionView& partition) {
    return std::none_of(cluster.brokers.begin(), cluster.brokers.end(), [&](const observe::BrokerView& broker) {
        return broker.id == observe::brokerId(partition.leader) && !observe::isDown(broker.state);
    });
}

}  // namespace millrace::run
