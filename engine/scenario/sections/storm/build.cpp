#include "engine/scenario/sections/storm/storm_config.h"
#include "engine/scenario/sections/storm/storm_section.h"
#include "engine/scenario/sections/storm/topology_spec.h"
#include "engine/scenario/world_builder.h"
#include "engine/storm/cluster/nimbus.h"
#include "engine/storm/cluster/submitter.h"
#include "engine/storm/cluster/supervisor.h"

namespace millrace::scenario {

Result<void> StormSection::build(WorldBuilder& builder) const {
    if (!builder.plan().storm) {
        return {};
    }
    const StormPlan& plan = *builder.plan().storm;
    const std::vector<zookeeper::ServerAddress>& servers = builder.surroundings().servers;
    storm::ClusterConfig cluster = stormConfig(plan, plan.config, servers);
    cluster.nimbusPort = builder.ports().portOn(plan.nimbusHost, cluster.nimbusPort);
    builder.add(plan.nimbusHost, storm::makeNimbusBlueprint(cluster), plan.nimbusRestart);
    std::vector<sim::Port> own;
    for (const SupervisorPlan& each : plan.supervisors) {
        own.push_back(builder.ports().portOn(each.host, cluster.supervisorPort));
    }
    for (std::size_t i = 0; i < plan.supervisors.size(); ++i) {
        const SupervisorPlan& each = plan.supervisors[i];
        storm::SupervisorConfig config;
        config.cluster = stormConfig(plan, each.config, servers);
        config.cluster.nimbusPort = cluster.nimbusPort;
        config.cluster.supervisorPort = own[i];
        config.id = each.name;
        config.ports.clear();
        for (std::int32_t slot = 0; slot < each.slotCount; ++slot) {
            constexpr sim::Port firstSlot{6700};
            config.ports.push_back(builder.ports().portOn(each.host, firstSlot));
        }
        builder.add(each.host, storm::makeSupervisorBlueprint(std::move(config)), each.restart);
    }
    for (const TopologyPlan& each : builder.plan().topologies) {
        auto topology = compiledTopology(each, builder.surroundings());
        if (!topology) {
            return tl::unexpected(topology.error().front());
        }
        builder.add(plan.nimbusHost, storm::makeSubmitterBlueprint(cluster, std::move(*topology)), each.submitAt);
    }
    return {};
}

}  // namespace millrace::scenario
