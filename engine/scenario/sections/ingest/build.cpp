#include "engine/ingest/pipeline/pipeline.h"
#include "engine/ingest/sink_process.h"
#include "engine/scenario/sections/ingest/ingest_section.h"
#include "engine/scenario/sections/ingest/pipelines.h"
#include "engine/scenario/sections/ingest/sinks_and_sources.h"
#include "engine/scenario/world_builder.h"

namespace millrace::scenario {

namespace {

/// The columns of what is loaded into a lake of CSV.
std::string headerOf(const Scenario& scenario, const std::string& sink) {
    for (const IngestionPlan& each : scenario.ingestion) {
        if (each.values.text("to") == sink) {
            const auto spec = pipelineSpec(each, scenario, nullptr);
            return spec ? (*spec)->to.destination.header() : std::string();
        }
    }
    return {};
}

/// What a dashboard shows of the pipeline that feeds it; null where none does.
Ref<const ingest::BoardSpec> boardOf(const Scenario& scenario, const SinkPlan& sink) {
    for (const IngestionPlan& each : scenario.ingestion) {
        if (each.values.text("to") == sink.name) {
            const auto spec = pipelineSpec(each, scenario, nullptr);
            if (!spec) {
                return nullptr;
            }
            const ingest::Destination& to = (*spec)->to.destination;
            std::vector<std::size_t> told = to.key();
            const std::string time = each.values.text("time");
            for (std::size_t i = 0; i < to.columns().size(); ++i) {
                if (to.columns()[i].name == (time.empty() ? "time" : time)) {
                    told.push_back(i);
                }
            }
            auto board = ingest::BoardSpec::make(to.columns(), std::move(told), sink.values.text("chart"),
                                                 sink.values.list("alerts"));
            return board ? std::move(*board) : nullptr;
        }
    }
    return nullptr;
}

}  // namespace

Result<void> IngestSection::build(WorldBuilder& builder) const {
    Surroundings& around = builder.surroundings();
    for (const SinkPlan& plan : builder.plan().sinks) {
        const std::string host = builder.hostOr(plan.host, plan.name);
        const sim::Port port = builder.ports().portOn(host, ingest::sinkPort);
        const Ref<ingest::SinkSpec> spec = sinkSpec(plan);
        spec->lake.header = headerOf(builder.plan(), plan.name);
        if (spec->kind == ingest::SinkKind::Dashboard) {
            spec->board = boardOf(builder.plan(), plan);
        }
        around.sinks[plan.name] = {spec, host, port};
        if (spec->kind != ingest::SinkKind::Topic) {  // whose process is a client of the brokers
            builder.add(host, ingest::makeSinkBlueprint(spec, port));
        }
    }
    for (const SourcePlan& plan : builder.plan().sources) {
        auto spec = sourceSpec(plan, builder.plan().run, ingests(builder.plan(), plan.name));
        if (!spec) {
            return tl::unexpected(spec.error());
        }
        around.sources[plan.name] = *spec;
        around.sourceFiles[plan.name] = plan.path;
    }
    for (const IngestionPlan& plan : builder.plan().ingestion) {
        auto spec = pipelineSpec(plan, builder.plan(), &around);
        if (!spec) {
            return tl::unexpected(spec.error().front());
        }
        builder.add(builder.hostOr(plan.host, plan.name), ingest::makePipelineBlueprint(*spec), plan.restart);
    }
    return {};
}

}  // namespace millrace::scenario
