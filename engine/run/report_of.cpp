#include "engine/run/report_of.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/observe/object_id.h"
#include "engine/run/figures.h"
#include "engine/run/story.h"
#include "engine/scenario/sections.h"

namespace millrace::run {

namespace {

Stop stopOf(StopReason reason) {
    switch (reason) {
        case StopReason::Drained:
            return Stop::Drained;
        case StopReason::Stuck:
            return Stop::Stuck;
        case StopReason::Invariant:
            return Stop::Invariant;
        case StopReason::Until:
            return Stop::Until;
        case StopReason::Cancelled:
            return Stop::Signal;
    }
    return Stop::Until;
}

std::vector<observe::FaultBar> happened(std::vector<observe::FaultBar> faults, SimTime now) {
    std::erase_if(faults, [&](const observe::FaultBar& each) { return each.at > now; });
    return faults;
}

/// When nothing is under way any more, what was handed to a receiver and is in no batch that is done was lost with it.
void noteUnprocessed(observe::OriginsView& origins, const StreamBook& streams) {
    constexpr std::size_t most = 20;
    for (const StreamFigures& figures : streams.figures()) {
        const std::string reader = figures.application + "/" + figures.input;
        const auto at = std::find_if(origins.sources.begin(), origins.sources.end(), [&](const auto& each) {
            return each.source == figures.source && each.producer == reader;
        });
        if (at == origins.sources.end()) {
            continue;
        }
        at->failed = figures.open();
        for (const auto& [from, to] : streams.missing(figures.application, figures.input, most)) {
            at->givenUp.push_back({"handed to a receiver of " + reader + ", and in no batch", to - from, from, to - 1});
        }
    }
}

/// With acks=0 nobody tells a producer that a record did not arrive, or is gone. When nothing is under way any more,
/// what stands in no log and was neither given up nor lost was such a one.
void noteVanished(observe::OriginsView& origins) {
    for (observe::OriginView& origin : origins.sources) {
        const std::int64_t known = origin.stored + (origin.failed - origin.failedPresent) + origin.lost;
        origin.vanished = std::max<std::int64_t>(0, origin.sent - known);
    }
}

}  // namespace

SystemViews describeSystems(const scenario::Scenario& scenario, const sim::World& world) {
    SystemViews views;
    views.cluster.hosts = describeHosts(world);
    for (const scenario::Section* section : scenario::sections()) {
        section->describe(scenario, world, views);
    }
    views.figures = describeFigures(world);
    return views;
}

void addOrigins(observe::ClusterView& cluster, const observe::OriginsView& origins) {
    for (observe::ProducerView& producer : cluster.producers) {
        const std::string name(observe::nameOf(producer.id));
        const auto append = [](std::string& to, std::string what) { to += (to.empty() ? "" : ", ") + std::move(what); };
        for (const observe::LossView& loss : origins.losses) {
            if (loss.producer == name) {
                producer.lost += loss.records;
                append(producer.losses,
                       fmt::format("{} of {}-{} ({})", loss.records, loss.topic, loss.partition, loss.cause));
            }
        }
        for (const observe::OriginView& origin : origins.sources) {
            for (const observe::GivenUpView& each : origin.givenUp) {
                if (origin.producer == name) {
                    append(producer.givenUp, fmt::format("{} by {}", each.records, each.reason));
                }
            }
        }
    }
}

Report reportOf(const Engine& engine, const Played& played) {
    const sim::World& world = engine.world();
    Report report;
    report.scenario = engine.scenario().name();
    report.seed = engine.scenario().run.seed;
    report.fingerprint = world.fingerprint();
    report.simulated = world.now();
    report.events = world.eventsProcessed();
    report.wallSeconds = played.wallSeconds;
    report.stopped = stopOf(played.reason);
    report.isIdle = played.isIdle;
    report.isToldToEnd = played.isToldToEnd;
    report.waitingFor = played.waitingFor;
    if (report.stopped == Stop::Stuck) {
        const auto& duration = engine.scenario().run.duration;
        report.isDurationOver = duration && world.now() >= SimTime{*duration};
    }
    report.standstills = played.standstills;
    report.notModelled = engine.scenario().notModelled;
    report.rejectedGroups = engine.session().ledger().rejected().groups();
    report.rejected = engine.session().ledger().rejected().count();
    static_cast<observe::SystemViews&>(report) = describeSystems(engine.scenario(), world);
    for (observe::GroupView& group : report.cluster.groups) {
        if (group.state.empty()) {
            group.state = "Dead";  // Kafka's word for a group that it does not know: no member came, none committed
        }
        std::erase_if(group.offsets, [](const observe::GroupOffsetView& offset) { return offset.committed < 0; });
    }
    report.origins = describeOrigins(engine.session().ledger());
    if (report.stopped == Stop::Drained) {
        noteUnprocessed(report.origins, engine.session().ledger().streams());
        noteVanished(report.origins);
    }
    report.faults = happened(describeFaults(world, Repairs::Listed), world.now());
    return report;
}

}  // namespace millrace::run
