#include "engine/scenario/planned_views.h"
#include "engine/scenario/sections/zookeeper/zookeeper_section.h"

namespace millrace::scenario {

void ZooKeeperSection::describePlan(const PlannedProcesses& planned) const {
    planned.forEach("cluster.servers", [&](const std::string& name, const Value& object) {
        observe::ServerView& server = planned.views.cluster.servers.emplace_back();
        server.id = observe::serverId(name);
        server.host = PlannedProcesses::hostOf(object);
        server.state = observe::LifeState::Planned;
    });
}

}  // namespace millrace::scenario
