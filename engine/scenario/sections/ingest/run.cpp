#include <algorithm>
#include <utility>

#include "engine/ingest/metrics.h"
#include "engine/ingest/sink.h"
#include "engine/ingest/sink_process.h"
#include "engine/observe/object_id.h"
#include "engine/scenario/sections/ingest/ingest_section.h"

namespace millrace::scenario {

void IngestSection::describe(const Scenario& plan, const sim::World& world, observe::SystemViews& views) const {
    for (const SinkPlan& sink : plan.sinks) {
        const ingest::SinkFigures figures = ingest::sinkFigures(world, sink.name);
        observe::SinkView view;
        view.id = observe::sinkId(sink.name);
        view.name = sink.name;
        view.kind = sink.kind;
        view.written = static_cast<std::int64_t>(figures.written);
        view.repeated = static_cast<std::int64_t>(figures.repeated);
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
}

void IngestSection::findWorkAtEnds(const Scenario& plan, const sim::World& world, OpenWork& work) const {
    for (const SinkPlan& sink : plan.sinks) {
        const ingest::SinkFigures figures = ingest::sinkFigures(world, sink.name);
        if (figures.waiting > 0) {
            work.because("sink {}, which has {} requests to commit", sink.name, figures.waiting);
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
    }
    return longest;
}

SimDuration IngestSection::lastStart(const Scenario& plan) const {
    SimDuration last{0};
    for (const SourcePlan& source : plan.sources) {
        last = std::max(last, source.startAt);
    }
    return last;
}

void IngestSection::markEnds(const Scenario& plan, const sim::World& world, const ProgressMark& mark) const {
    for (const SinkPlan& sink : plan.sinks) {
        const ingest::SinkFigures figures = ingest::sinkFigures(world, sink.name);
        const std::uint64_t repeated = sink.writesOnce ? 0 : figures.repeated;
        mark("sink/" + sink.name, static_cast<std::int64_t>(figures.written - repeated));
    }
}

std::span<const Metric* const> IngestSection::metrics() const {
    return ingest::metric::all;
}

}  // namespace millrace::scenario
