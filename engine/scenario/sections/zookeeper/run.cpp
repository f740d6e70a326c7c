#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/scenario/sections/zookeeper/zookeeper_section.h"
#include "engine/zookeeper/describe.h"
#include "engine/zookeeper/server_actor.h"

namespace millrace::scenario {

namespace {

class EnsembleStandstill final : public Standstill {
public:
    explicit EnsembleStandstill(const std::vector<ServerPlan>& servers) : m_servers(servers) {}

    void look(const sim::World& world) override {
        const bool isLed = std::any_of(m_servers.begin(), m_servers.end(), [&](const ServerPlan& plan) {
            const std::string process = "zookeeper/" + plan.name;
            const auto* server = runningActor<zookeeper::Server>(world, process, process + "/server");
            return server != nullptr && server->isServing() && server->state() == zookeeper::ServerState::Leading;
        });
        m_gap.look(isLed || m_servers.empty(), world.now());
    }

    [[nodiscard]] std::vector<std::string> sentences(const sim::World& world) const override {
        const auto gap = m_gap.longestUpTo(world.now());
        return isLasting(gap)
                   ? std::vector{fmt::format("the ZooKeeper ensemble had no leader {}", timeText(gap, world.now()))}
                   : std::vector<std::string>();
    }

private:
    const std::vector<ServerPlan>& m_servers;
    LeaderlessGap m_gap;
};

}  // namespace

void ZooKeeperSection::describe(const Scenario& /*plan*/, const sim::World& world, observe::SystemViews& views) const {
    zookeeper::describe(world, views.cluster);
}

std::unique_ptr<Standstill> ZooKeeperSection::watchLeaders(const Scenario& plan) const {
    return std::make_unique<EnsembleStandstill>(plan.cluster.servers);
}

void ZooKeeperSection::addWaits(WaitStage stage, const sim::World& world, const observe::SystemViews& views,
                                std::vector<observe::WaitView>& waits) const {
    if (stage == WaitStage::Consequences) {
        auto more = zookeeper::describeWaits(world, views.cluster);
        waits.insert(waits.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
}

}  // namespace millrace::scenario
