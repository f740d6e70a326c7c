#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/thousands.h"
#include "engine/ingest/flaws.h"
#include "engine/ingest/metrics.h"
#include "engine/ingest/pipeline/pipeline.h"
#include "engine/ingest/sink.h"
#include "engine/ingest/sink_process.h"
#include "engine/observe/object_id.h"
#include "engine/observe/place.h"
#include "engine/scenario/run_judgement.h"
#include "engine/scenario/sections/ingest/ingest_section.h"

namespace millrace::scenario {

namespace {

void describePipeline(const IngestionPlan& plan, const sim::World& world, observe::SystemViews& views) {
    const ingest::PipelineState state = ingest::pipelineState(world, plan.name);
    const ingest::PipelineFigures& f = state.figures;
    observe::IngestionView view;
    view.id = observe::idOf(observe::ObjectKind::Ingestion, {}, plan.name);
    view.name = plan.name;
    view.way = plan.kind;
    view.isTransformedLater = !plan.values.text("land").empty();
    view.isBusy = state.isBusy;
    view.source = plan.values.text("source");
    view.sink = plan.values.text("to");
    view.read = f.read;
    view.gone = f.gone;
    view.rows = f.rows;
    view.rejected = f.rejected;
    view.dead = static_cast<std::int64_t>(state.dead);
    view.canBeMended = ingest::canMendReader(world, plan.name);
    view.dropped = f.dropped;
    view.drifted = f.drifted;
    view.alerts = f.alerts;
    view.batches = f.batches;
    view.overruns = f.overruns;
    view.retries = f.retries;
    view.waiting = static_cast<std::int64_t>(state.waiting + state.unsettled);
    view.landed = static_cast<std::int64_t>(state.landed);
    view.processor = f.processor;
    view.sinkProcessor = f.sinkProcessor;
    view.bytesIn = f.bytesIn;
    view.bytesOut = f.bytesOut;
    view.diskBytes = f.diskBytes;
    view.meanAge = f.rows > 0 ? f.ageSum / f.rows : SimDuration{0};
    view.oldestAge = std::max(f.ageMost, view.meanAge);  // what a crash takes of it comes to that at least
    view.freshness = state.isDone ? state.freshness : world.now() - state.newest;
    view.valueKept = f.rows > 0 ? f.valueKept / static_cast<double>(f.rows) : 0;
    for (const ingest::StepLook& look : state.looks) {
        view.steps.push_back({look.step, look.in, look.out, look.before, look.after});
    }
    observe::NodeView node;
    node.id = view.id;
    node.main = {&ingest::metric::pipelineRows, static_cast<double>(view.rows)};
    node.second = {&ingest::metric::pipelineFreshness, seconds(view.freshness)};
    for (const auto& [count, what] : {std::pair(view.gone, "gone"), std::pair(view.rejected, "rejected"),
                                      std::pair(view.overruns, "not in time")}) {
        if (count > 0 && node.trouble.empty()) {
            node.trouble = what;
            node.troubled = count;
        }
    }
    views.nodes.push_back(std::move(node));
    // Of now: a pipeline that loads every five minutes stands still between its loads.
    const std::string actor = ingest::pipelineProcessName(plan.name) + "/pipeline";
    views.wires.push_back(
        {observe::sourceId(view.source), view.id, world.ratePerSecond(actor, ingest::metric::pipelineRead), 0, 0});
    views.wires.push_back({view.id, observe::sinkId(view.sink),
                           world.ratePerSecond(actor, ingest::metric::pipelineRows), view.waiting, 0});
    views.ingestion.push_back(std::move(view));
}

}  // namespace

void IngestSection::describe(const Scenario& plan, const sim::World& world, observe::SystemViews& views) const {
    for (const SinkPlan& sink : plan.sinks) {
        const ingest::SinkFigures figures = ingest::sinkFigures(world, sink.name);
        observe::SinkView view;
        view.id = observe::sinkId(sink.name);
        view.name = sink.name;
        view.kind = sink.kind;
        view.written = static_cast<std::int64_t>(figures.written);
        view.repeated = static_cast<std::int64_t>(figures.repeated);
        view.rejected = static_cast<std::int64_t>(figures.leftOut);
        view.writesOnce = sink.writesOnce;
        view.unflushed = static_cast<std::int64_t>(figures.waiting);
        for (const TablePlan& table : sink.tables) {
            view.tables.push_back(table.name);
        }
        if (sink.kind == "sqlite" && sink.tables.empty()) {
            for (const ingest::SinkTable& table : ingest::webLogAuditTables()) {
                view.tables.push_back(table.name);
            }
        }
        views.sinks.push_back(std::move(view));
    }
    for (const ProducerPlan& sink : plan.topicSinks) {
        const std::string actor = ingest::sinkProcessName(sink.id) + "/database";
        views.wires.push_back({observe::sinkId(sink.id), observe::topicId(sink.topic),
                               world.ratePerSecond(actor, ingest::metric::written), 0, 0});
    }
    for (const IngestionPlan& pipeline : plan.ingestion) {
        describePipeline(pipeline, world, views);
    }
}

void IngestSection::findWorkInside(const Scenario& plan, const sim::World& world, OpenWork& work) const {
    for (const IngestionPlan& pipeline : plan.ingestion) {
        const ingest::PipelineState state = ingest::pipelineState(world, pipeline.name);
        if (!state.isAlive) {
            work.because("ingestion pipeline {}, which does not run", pipeline.name);
        } else if (!state.isDone) {
            work.because("ingestion pipeline {}, which has not loaded all that its source has", pipeline.name);
        }
    }
}

void IngestSection::markInside(const Scenario& plan, const sim::World& world, const ProgressMark& mark) const {
    for (const IngestionPlan& pipeline : plan.ingestion) {
        mark("ingestion/" + pipeline.name, ingest::pipelineState(world, pipeline.name).figures.read);
    }
}

std::vector<std::string> IngestSection::standIns(const Scenario& plan) const {
    if (plan.ingestion.empty()) {
        return {};
    }
    return {
        "ingestion: the network between a source and its pipeline (its bytes are counted), several workers for one "
        "pipeline, queries to destinations, PostgreSQL"};  // rows go into a real one; what it takes for them is no part
}

void IngestSection::findWorkAtEnds(const Scenario& plan, const sim::World& world, OpenWork& work) const {
    for (const SinkPlan& sink : plan.sinks) {
        const ingest::SinkFigures figures = ingest::sinkFigures(world, sink.name);
        if (figures.waiting > 0) {
            work.because("sink {}, which has {} requests to commit", sink.name, figures.waiting);
        }
    }
}

void IngestSection::addWaits(WaitStage stage, const sim::World& world, const observe::SystemViews& views,
                             std::vector<observe::WaitView>& waits) const {
    if (stage != WaitStage::Clients) {
        return;
    }
    for (const observe::IngestionView& pipeline : views.ingestion) {
        for (const ingest::AwaitedSink& each : ingest::awaitedSinks(world, pipeline.name)) {
            observe::WaitView& wait = waits.emplace_back();
            wait.object = pipeline.id;
            wait.on = observe::sinkId(each.sink);
            wait.since = world.process(world.findProcess(ingest::sinkProcessName(each.sink))).since;
            wait.brief = "waits for sink " + each.sink;
            const std::string writes = std::to_string(each.writes);
            wait.text =
                fmt::format("sink {} does not run: {} of the pipeline's writes wait{}, sent again until it answers",
                            each.sink, withThousands(writes, writes.size()), each.writes == 1 ? "s" : "");
        }
    }
}

SimDuration IngestSection::longestSilence(const Scenario& plan) const {
    SimDuration longest{0};
    for (const SourcePlan& source : plan.sources) {
        if (source.rate) {
            longest = std::max(longest, fromSeconds(std::min(1.0 / *source.rate, 1e9)));
        }
        if (source.kind == SourcePlan::Kind::Model && source.rate) {
            longest = std::max(longest, fromSeconds(std::min(100.0 / *source.rate, 3'600.0)));  // gaps are random
        } else if (source.kind == SourcePlan::Kind::Replay) {
            longest = std::max<SimDuration>(longest, std::chrono::hours{1});
        }
        // The last of those that are late come one by one, with many times the mean between them.
        constexpr int ofTheMean = 10;
        const ingest::FlawSpec flaws = ingest::flawsOf(source.flaws, !source.flaws.values.empty());
        longest = std::max({longest, flaws.late > 0 ? ofTheMean * flaws.lateBy : SimDuration{0},
                            flaws.duplicated > 0 ? ofTheMean * flaws.duplicateAfter : SimDuration{0}});
    }
    for (const IngestionPlan& pipeline : plan.ingestion) {
        for (const std::string_view key : {"every", "transform_every"}) {
            longest = std::max(longest, 2 * pipeline.values.duration(key).value_or(SimDuration{0}));
        }
    }
    return longest;
}

SimDuration IngestSection::lastStart(const Scenario& plan) const {
    SimDuration last{0};
    for (const SourcePlan& source : plan.sources) {
        last = std::max(last, source.startAt);
    }
    for (const IngestionPlan& pipeline : plan.ingestion) {
        last = std::max({last, pipeline.startAt, pipeline.values.duration("repair_at").value_or(SimDuration{0})});
    }
    return last;
}

void IngestSection::markEnds(const Scenario& plan, const sim::World& world, const ProgressMark& mark) const {
    for (const SinkPlan& sink : plan.sinks) {
        if (sink.isWrittenByTheClock) {
            continue;
        }
        const ingest::SinkFigures figures = ingest::sinkFigures(world, sink.name);
        const std::uint64_t repeated = sink.writesOnce ? 0 : figures.repeated;
        mark("sink/" + sink.name, static_cast<std::int64_t>(figures.written - repeated));
    }
}

std::span<const Metric* const> IngestSection::metrics() const {
    return ingest::metric::all;
}

}  // namespace millrace::scenario
