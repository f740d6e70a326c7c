#include "engine/scenario/build.h"

#include "engine/scenario/sections.h"
#include "engine/scenario/target_resolver.h"
#include "engine/scenario/world_builder.h"

namespace millrace::scenario {

Result<BuiltScenario> buildWorld(const Scenario& scenario) {
    WorldBuilder builder(scenario);
    builder.world().setResolver(makeTargetResolver());
    for (const Section* section : sections()) {
        if (auto built = section->build(builder); !built) {
            return tl::unexpected(built.error());
        }
    }
    for (const FaultPlan& fault : scenario.faults) {
        builder.world().scheduleFault(SimTime{fault.at}, fault.spec);
    }
    std::vector<Ref<const ingest::SinkSpec>> sinks;
    for (const SinkPlan& plan : scenario.sinks) {
        sinks.push_back(builder.surroundings().sinks.at(plan.name).spec);
    }
    return BuiltScenario{std::move(builder.world()), std::move(sinks)};
}

}  // namespace millrace::scenario
