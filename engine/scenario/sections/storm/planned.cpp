#include <algorithm>

#include "engine/scenario/planned_views.h"
#include "engine/scenario/sections/storm/storm_section.h"

namespace millrace::scenario {

namespace {

constexpr std::int64_t slotsOfOne = 4;

}  // namespace

void StormSection::describePlan(const PlannedProcesses& planned) const {
    observe::StormView& storm = planned.views.storm;
    if (const Value* nimbus = planned.find("storm.nimbus")) {
        storm.nimbus = {observe::nimbusId(), PlannedProcesses::hostOf(*nimbus), observe::LifeState::Planned};
    }
    planned.forEach("storm.supervisors", [&](const std::string& name, const Value& object) {
        observe::SupervisorView& supervisor = storm.supervisors.emplace_back();
        supervisor.id = observe::supervisorId(name);
        supervisor.host = PlannedProcesses::hostOf(object);
        supervisor.state = observe::LifeState::Planned;
        constexpr std::int64_t slotsShown = 64;
        const std::int64_t count = PlannedProcesses::integerOf(object, "slots", slotsOfOne);
        supervisor.workerSlots.resize(static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, slotsShown)));
    });
}

Value StormSection::startOf(observe::ObjectKind kind, const Value& /*document*/) const {
    if (kind == observe::ObjectKind::Supervisor) {
        return Value::object({{"slots", Value::integer(slotsOfOne)}});
    }
    return Value::object({});
}

}  // namespace millrace::scenario
