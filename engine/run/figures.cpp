#include "engine/run/figures.h"

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "engine/run/story.h"
#include "engine/scenario/sections.h"
#include "engine/sim/host_metrics.h"

namespace millrace::run {

namespace {

/// What the present incarnation of its owner says; nothing when that has ended or not been sampled yet.
std::optional<double> presentValue(const sim::World& world, const sim::Series& series) {
    const std::string& owner = series.id().owner;
    const sim::ProcessId process = world.findProcess(owner.substr(0, owner.rfind('/')));
    if (series.points().empty()) {
        return std::nullopt;
    }
    if (process != sim::noProcess) {
        const sim::ProcessSlot& slot = world.process(process);
        if (!slot.isAlive() || series.lastTime() < slot.since) {
            return std::nullopt;
        }
    }
    return series.last();
}

double pastValue(const sim::World& world, const sim::Series& series) {
    const auto* past = world.pastCounter(series.id().owner, series.id().name, series.id().label);
    return past != nullptr ? past->sum : 0;
}

}  // namespace

std::vector<observe::FigureView> describeFigures(const sim::World& world) {
    const ObjectNames names(world);
    std::map<std::tuple<std::string, std::string_view, std::string>, observe::FigureView> figures;
    world.series().forEachShown([&](const sim::Series& series) {
        const std::optional<double> present = presentValue(world, series);
        const bool isCounter = series.kind() == MetricKind::Counter;
        if (!present && !isCounter) {
            return;
        }
        const observe::ObjectId object = names.of(series.id().owner);
        observe::FigureView& figure = figures[{object, series.metric().id, series.id().label}];
        figure.object = object;
        figure.metric = &series.metric();
        figure.label = series.id().label;
        figure.value += present.value_or(0) + (isCounter ? pastValue(world, series) : 0);
    });
    std::vector<observe::FigureView> all;
    all.reserve(figures.size());
    for (auto& [key, figure] : figures) {
        all.push_back(std::move(figure));
    }
    return all;
}

std::vector<const Metric*> allMetrics() {
    std::vector<const Metric*> all(sim::metric::all.begin(), sim::metric::all.end());
    for (const scenario::Section* section : scenario::sections()) {
        for (const Metric* metric : section->metrics()) {
            all.push_back(metric);
        }
    }
    return all;
}

}  // namespace millrace::run
