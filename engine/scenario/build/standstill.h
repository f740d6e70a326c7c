#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::scenario {

/// Notices what a run without an end would pass over: a partition that nobody leads for long, an ensemble without a
/// leader. Looks once a simulated second from outside, so what lasts shorter than `lasting` is not told.
class StandstillWatch {
public:
    /// Longer than a session's time-out and an election take.
    static constexpr SimDuration lasting = std::chrono::seconds{30};

    explicit StandstillWatch(const Scenario& scenario) : m_scenario(scenario) {}

    void look(const sim::World& world);
    /// One sentence for all that stood still for the same time, in the order in which it began.
    [[nodiscard]] std::vector<std::string> sentences(const sim::World& world) const;

private:
    /// Since when something has no leader, and the longest time that it had none before.
    struct Gap {
        std::optional<SimTime> since = SimTime{};
        std::pair<SimTime, SimTime> longest{};
        void look(bool isLed, SimTime now);
        [[nodiscard]] std::pair<SimTime, SimTime> longestUpTo(SimTime now) const;
    };
    using Partition = std::pair<std::string, std::int32_t>;

    void lookAtPartitions(const sim::World& world);
    void lookAtEnsemble(const sim::World& world);

    const Scenario& m_scenario;
    SimTime m_nextLook;
    Gap m_ensemble;
    std::map<Partition, Gap> m_partitions;
};

}  // namespace millrace::scenario
