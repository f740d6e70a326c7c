#pragma once

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

}  // namespace millrace::observe
