#include "engine/scenario/world_builder.h"

#include <fmt/format.h>

#include <utility>

namespace millrace::scenario {

WorldBuilder::WorldBuilder(const Scenario& plan)
    : m_plan(plan),
      m_world({plan.run.seed, plan.run.startMillis, std::chrono::milliseconds(100), plan.defaultLatency}) {
    for (const sim::HostSpec& host : plan.hosts) {
        m_world.addHost(host);
    }
    for (const LinkPlan& link : plan.links) {
        m_world.setLink(m_world.findHost(link.a), m_world.findHost(link.b), link.spec);
    }
}

std::string WorldBuilder::hostOr(const std::string& host, const std::string& owner) {
    if (!host.empty()) {
        return host;
    }
    sim::HostSpec spec;
    spec.name = owner;
    for (int i = 2; m_world.findHost(spec.name) != sim::noHost; ++i) {
        spec.name = fmt::format("{}-{}", owner, i);
    }
    m_world.addHost(spec);
    return spec.name;
}

sim::ProcessId WorldBuilder::add(const std::string& host, Ref<const sim::Blueprint> blueprint, SimDuration at,
                                 std::optional<sim::RestartPolicy> restart) {
    return m_world.addProcess(m_world.findHost(host), std::move(blueprint), SimTime{at}, restart);
}

}  // namespace millrace::scenario
