#include "engine/ingest/sink_process.h"
#include "engine/scenario/sections/ingest/ingest_section.h"
#include "engine/scenario/sections/ingest/sinks_and_sources.h"
#include "engine/scenario/world_builder.h"

namespace millrace::scenario {

Result<void> IngestSection::build(WorldBuilder& builder) const {
    Surroundings& around = builder.surroundings();
    for (const SinkPlan& plan : builder.plan().sinks) {
        const std::string host = builder.hostOr(plan.host, plan.name);
        const sim::Port port = builder.ports().portOn(host, ingest::sinkPort);
        const Ref<const ingest::SinkSpec> spec = sinkSpec(plan);
        around.sinks[plan.name] = {spec, host, port};
        builder.add(host, ingest::makeSinkBlueprint(spec, port));
    }
    for (const SourcePlan& plan : builder.plan().sources) {
        auto spec = sourceSpec(plan, builder.plan().run);
        if (!spec) {
            return tl::unexpected(spec.error());
        }
        around.sources[plan.name] = *spec;
        around.sourceFiles[plan.name] = plan.path;
    }
    return {};
}

}  // namespace millrace::scenario
