#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/scenario/run_judgement.h"
#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::run {

/// Notices what a run without an end would pass over: a partition that nobody leads for long, an ensemble without a
/// leader. Looks once a simulated second from outside, so what lasts shorter than a session and an election is not
/// told.
class StandstillWatch {
public:
    explicit StandstillWatch(const scenario::Scenario& scenario);

    void look(const sim::World& world);
    /// System by system.
    [[nodiscard]] std::vector<std::string> sentences(const sim::World& world) const;

private:
    SimTime m_nextLook;
    std::vector<std::unique_ptr<scenario::Standstill>> m_systems;
};

}  // namespace millrace::run
