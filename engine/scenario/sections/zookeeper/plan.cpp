#include "engine/scenario/plan_reader.h"
#include "engine/scenario/sections/zookeeper/collections.h"
#include "engine/scenario/sections/zookeeper/zookeeper_section.h"

namespace millrace::scenario {

void ZooKeeperSection::read(const PlanReader& root, const std::map<std::string, std::string>& /*paths*/,
                            Scenario& scenario) const {
    const PlanReader cluster = root.object("cluster");
    const Profile profile = cluster.profile();
    scenario.cluster.profile = profile;
    const Settings ensemble = cluster.object("zookeeper").settings(zooKeeperScope, profile);
    for (const Member& member : cluster.members("servers")) {
        const PlanReader server(&member.value);
        ServerPlan plan{member.key, server.text("host"), ensemble, server.restart()};
        plan.config.overlay(server.settings(zooKeeperScope, profile));
        scenario.cluster.servers.push_back(std::move(plan));
    }
}

}  // namespace millrace::scenario
