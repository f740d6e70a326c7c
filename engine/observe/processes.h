#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/observe/kinds.h"
#include "engine/observe/system_views.h"

namespace millrace::observe {

/// Hands over each process of all systems, whichever view it has: each has an id, a host and a state.
template <typename Use>
void forEachProcess(const SystemViews& views, const Use& use) {
    for (const BrokerView& each : views.cluster.brokers) {
        use(each);
    }
    for (const ServerView& each : views.cluster.servers) {
        use(each);
    }
    if (!views.storm.nimbus.id.empty()) {
        use(views.storm.nimbus);
    }
    for (const SupervisorView& each : views.storm.supervisors) {
        use(each);
    }
    for (const TopologyView& topology : views.storm.topologies) {
        for (const WorkerView& each : topology.workers) {
            use(each);
        }
    }
    for (const ProcessView& each : views.processes) {
        use(each);
    }
}

/// How a process is that stands on this host, as the host knows it: for those that have no view of their own.
[[nodiscard]] inline LifeState lifeOn(const HostView& host, std::string_view process) {
    const auto silent =
        std::find_if(host.silent.begin(), host.silent.end(), [&](const auto& each) { return each.first == process; });
    return isDown(host.state) ? host.state : silent != host.silent.end() ? silent->second : LifeState::Running;
}

/// The process that runs for an object: for a source the producer of its name, for all others they themselves.
[[nodiscard]] inline ObjectId processOf(const ObjectId& id) {
    const KindRow& row = rowOf(kindOf(id));
    return row.isHit && !row.target.empty() ? std::string(row.target) + ":" + std::string(nameOf(id)) : id;
}

}  // namespace millrace::observe
