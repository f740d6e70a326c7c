#pragma once

#include <chrono>

#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::cli {

/// One line on standard error that tells how far a run is, a few times a second.
class ProgressLine {
public:
    explicit ProgressLine(const scenario::Scenario& plan) : m_plan(plan) {}

    void show(const sim::World& world);
    void clear();

private:
    using Clock = std::chrono::steady_clock;

    const scenario::Scenario& m_plan;
    Clock::time_point m_started = Clock::now();
    Clock::time_point m_shown;
    bool m_isShown = false;
};

}  // namespace millrace::cli
