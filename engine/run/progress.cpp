#include "engine/run/progress.h"

#include <algorithm>
#include <utility>

#include "engine/scenario/sections.h"

namespace millrace::run {

namespace {

constexpr SimDuration patienceMin = std::chrono::minutes{15};
constexpr int silencesOfPatience = 3;
constexpr SimDuration insideLookInterval = std::chrono::seconds{10};

SimDuration longestSilence(const scenario::Scenario& plan) {
    SimDuration longest{0};
    for (const scenario::Section* section : scenario::sections()) {
        longest = std::max(longest, section->longestSilence(plan));
    }
    return longest;
}

/// What is announced for later is no silence.
SimTime lastAnnouncedStart(const scenario::Scenario& plan) {
    SimDuration last{0};
    for (const scenario::Section* section : scenario::sections()) {
        last = std::max(last, section->lastStart(plan));
    }
    return SimTime{last};
}

bool hasFaultsOrRepairsToCome(const sim::World& world) {
    if (!world.faultsToCome().empty()) {
        return true;
    }
    return std::any_of(world.faults().begin(), world.faults().end(), [](const Ref<const sim::FaultRecord>& record) {
        return record->spec.duration && !record->ended && !record->resolved.empty();
    });
}

}  // namespace

ProgressWatch::ProgressWatch(const scenario::Scenario& scenario)
    : m_scenario(scenario),
      m_patience(std::max(patienceMin, silencesOfPatience * longestSilence(scenario))),
      m_lastProgress(lastAnnouncedStart(scenario)) {}

void ProgressWatch::look(const sim::World& world) {
    m_hasAdvanced = hasFaultsOrRepairsToCome(world);
    const scenario::ProgressMark noteMark = [this](std::string name, std::int64_t value) {
        mark(std::move(name), value);
    };
    for (const scenario::Section* section : scenario::sections()) {
        section->markEnds(m_scenario, world, noteMark);
    }
    if (!m_hasAdvanced && world.now() >= m_nextLookInside) {
        m_nextLookInside = world.now() + insideLookInterval;
        for (const scenario::Section* section : scenario::sections()) {
            section->markInside(m_scenario, world, noteMark);
        }
    }
    if (m_hasAdvanced) {
        m_lastProgress = std::max(m_lastProgress, world.now());
    }
}

void ProgressWatch::mark(std::string name, std::int64_t value) {
    const auto [at, isNew] = m_best.emplace(std::move(name), value);
    if (isNew || value > at->second) {
        at->second = value;
        m_hasAdvanced = true;
    }
}

}  // namespace millrace::run
