#include "engine/run/standstill.h"

#include <utility>

#include "engine/scenario/sections.h"

namespace millrace::run {

namespace {

constexpr SimDuration leaderLookInterval = std::chrono::seconds{1};

}  // namespace

StandstillWatch::StandstillWatch(const scenario::Scenario& scenario) {
    for (const scenario::Section* section : scenario::sections()) {
        if (auto system = section->watchLeaders(scenario)) {
            m_systems.push_back(std::move(system));
        }
    }
}

void StandstillWatch::look(const sim::World& world) {
    if (world.now() < m_nextLook) {
        return;
    }
    m_nextLook = world.now() + leaderLookInterval;
    for (const auto& system : m_systems) {
        system->look(world);
    }
}

std::vector<std::string> StandstillWatch::sentences(const sim::World& world) const {
    std::vector<std::string> all;
    for (const auto& system : m_systems) {
        const std::vector<std::string> more = system->sentences(world);
        all.insert(all.end(), more.begin(), more.end());
    }
    return all;
}

}  // namespace millrace::run
