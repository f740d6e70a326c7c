#include "engine/scenario/sections/zookeeper/server_config.h"
#include "engine/scenario/sections/zookeeper/zookeeper_section.h"
#include "engine/scenario/world_builder.h"
#include "engine/zookeeper/server.h"

namespace millrace::scenario {

Result<void> ZooKeeperSection::build(WorldBuilder& builder) const {
    const std::vector<ServerPlan>& plans = builder.plan().cluster.servers;
    zookeeper::EnsembleConfig ensemble;
    for (const ServerPlan& plan : plans) {
        zookeeper::EnsembleMember member;
        member.id = zookeeper::ServerId{static_cast<zookeeper::ServerId::Representation>(ensemble.members.size() + 1)};
        member.name = plan.name;
        member.host = builder.world().findHost(plan.host);
        member.clientPort = builder.ports().portOn(plan.host, member.clientPort);
        member.quorumPort = builder.ports().portOn(plan.host, member.quorumPort);
        member.electionPort = builder.ports().portOn(plan.host, member.electionPort);
        ensemble.members.push_back(std::move(member));
    }
    for (std::size_t i = 0; i < plans.size(); ++i) {
        applyOwnSettings(ensemble, plans[i].config);
        builder.add(plans[i].host, zookeeper::makeServerBlueprint(ensemble, ensemble.members[i].id), plans[i].restart);
    }
    builder.surroundings().servers = ensemble.clientAddresses();
    return {};
}

}  // namespace millrace::scenario
