#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/scenario/sections/zookeeper/zookeeper_section.h"
#include "engine/zookeeper/describe.h"
#include "engine/zookeeper/journal_kinds.h"
#include "engine/zookeeper/metrics.h"
#include "engine/zookeeper/server_actor.h"

namespace millrace::scenario {

namespace {

/// Leaders that lead for less than the time between two looks are seen by nobody but the journal. Those that are only
/// counted there are taken as a whole with the newest of them.
std::uint64_t electionsIn(const sim::Journal& journal, std::pair<SimTime, SimTime> gap) {
    std::uint64_t elections = 0;
    for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
        const sim::JournalEntry* entry = journal.find(sim::JournalId{id});
        if (entry != nullptr && entry->kind == zookeeper::happened::leaderElected && entry->time > gap.first &&
            entry->time <= gap.second) {
            const sim::Repeats* repeats = journal.repeatsOf(*entry);
            const bool isNewest = repeats != nullptr && repeats->newest == entry->id;
            elections += isNewest && repeats->count > sim::Journal::keptOfAlike
                             ? repeats->count - sim::Journal::keptOfAlike + 1
                             : 1;
        }
    }
    return elections;
}

/// The last election of a gap that is over is the one that ended it.
std::uint64_t lostElectionsIn(const sim::Journal& journal, std::pair<SimTime, SimTime> gap, bool isOver) {
    const std::uint64_t elections = electionsIn(journal, gap);
    return isOver && elections > 0 ? elections - 1 : elections;
}

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
        const SimTime end = world.now();
        const auto gap = m_gap.longestUpTo(end);
        if (!isLasting(gap)) {
            return {};
        }
        const bool isOver = gap.second < end || !m_gap.isOpen();
        const std::uint64_t elections = lostElectionsIn(world.journal(), gap, isOver);
        return {elections == 0
                    ? fmt::format("the ZooKeeper ensemble had no leader {}", timeText(gap, end))
                    : fmt::format("the ZooKeeper ensemble elected a leader {} and kept none {}",
                                  elections == 1 ? "once" : fmt::format("{} times", elections), timeText(gap, end))};
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

std::span<const Metric* const> ZooKeeperSection::metrics() const {
    return zookeeper::metric::all;
}

}  // namespace millrace::scenario
