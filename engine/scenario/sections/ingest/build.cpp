#include <algorithm>
#include <utility>

#include "engine/ingest/pipeline/pipeline.h"
#include "engine/ingest/sink_process.h"
#include "engine/scenario/sections/ingest/ingest_section.h"
#include "engine/scenario/sections/ingest/pipelines.h"
#include "engine/scenario/sections/ingest/sinks_and_sources.h"
#include "engine/scenario/world_builder.h"

namespace millrace::scenario {

namespace {

/// The first pipeline that loads into this sink; null where none does.
const IngestionPlan* feederOf(const Scenario& scenario, const std::string& sink) {
    const auto found = std::find_if(scenario.ingestion.begin(), scenario.ingestion.end(),
                                    [&](const IngestionPlan& each) { return each.values.text("to") == sink; });
    return found != scenario.ingestion.end() ? &*found : nullptr;
}

/// What a sink has to know of the rows that come: a lake of CSV their columns, a dashboard these, what tells its tiles
/// apart, and when a row was measured.
void bindRows(const Scenario& scenario, const SinkPlan& plan, ingest::SinkSpec& sink) {
    const bool isBoard = sink.kind == ingest::SinkKind::Dashboard;
    const IngestionPlan* feeder = isBoard || sink.lake.isCsv ? feederOf(scenario, plan.name) : nullptr;
    const auto spec = feeder != nullptr ? pipelineSpec(*feeder, scenario, nullptr)
                                        : Result<Ref<ingest::PipelineSpec>, std::vector<Error>>();
    if (!spec || !*spec) {
        return;
    }
    const ingest::Destination& to = (*spec)->to.destination;
    if (!isBoard) {
        sink.lake.header = to.header();
        return;
    }
    std::vector<std::size_t> told = to.key();
    const std::string time = feeder->values.text("time");
    if (const auto at = ingest::columnIn(to.columns(), time.empty() ? "time" : time)) {
        told.push_back(*at);
    }
    auto board =
        ingest::BoardSpec::make(to.columns(), std::move(told), plan.values.text("chart"), plan.values.list("alerts"));
    if (board) {
        sink.board = std::move(*board);
    }
}

}  // namespace

Result<void> IngestSection::build(WorldBuilder& builder) const {
    Surroundings& around = builder.surroundings();
    for (const SinkPlan& plan : builder.plan().sinks) {
        const std::string host = builder.hostOr(plan.host, plan.name);
        const sim::Port port = builder.ports().portOn(host, ingest::sinkPort);
        const Ref<ingest::SinkSpec> spec = sinkSpec(plan);
        bindRows(builder.plan(), plan, *spec);
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
