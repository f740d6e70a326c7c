#include "engine/storm/past_counts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/storm/names.h"

namespace millrace::storm {

namespace {

using Place = std::int64_t PastCounts::*;
constexpr std::array<std::pair<std::string_view, Place>, 5> counters{{{"emitted", &PastCounts::emitted},
                                                                      {"transferred", &PastCounts::transferred},
                                                                      {"executed", &PastCounts::executed},
                                                                      {"acked", &PastCounts::acked},
                                                                      {"failed", &PastCounts::failed}}};

PastCounts countsOf(const Executor& executor) {
    const EmitFigures emits = executor.emitFigures();
    const ExecutorFigures& figures = executor.figures();
    return {static_cast<std::int64_t>(emits.emitted), static_cast<std::int64_t>(emits.transferred),
            static_cast<std::int64_t>(figures.executed), static_cast<std::int64_t>(figures.acked),
            static_cast<std::int64_t>(figures.failed)};
}

/// Processes whose executors may have had predecessors of the same name, and those that do not run.
bool hasPast(const sim::ProcessSlot& process) {
    return process.incarnation > 1 || !process.isAlive();
}

bool anyWorkerHasGone(const sim::World& world, const std::string& prefix) {
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (process.name().starts_with(prefix) && hasPast(process)) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::map<std::string, PastCounts, std::less<>> pastCounts(const sim::World& world, std::string_view topology,
                                                          const std::vector<LiveExecutor>& live) {
    std::map<std::string, PastCounts, std::less<>> past;
    const std::string prefix = workerProcessPrefix(topology);
    if (!anyWorkerHasGone(world, prefix)) {
        return past;
    }
    std::map<std::string_view, PastCounts> present;  // by executor
    for (const LiveExecutor& each : live) {
        present.emplace(each.name, countsOf(*each.executor));
    }
    const auto& all = world.series().all();
    for (auto at = all.lowerBound(prefix); at != all.end() && at->first.starts_with(prefix); ++at) {
        const sim::Series& series = *at->second;
        const std::string_view owner = series.id->owner;
        const auto counter = std::find_if(counters.begin(), counters.end(),
                                          [&](const auto& each) { return each.first == series.id->name; });
        const std::size_t slash = owner.rfind('/');
        const sim::ProcessId process = world.findProcess(owner.substr(0, slash));
        if (counter == counters.end() || process == sim::noProcess || !hasPast(world.process(process))) {
            continue;
        }
        double sum = 0;
        for (std::uint64_t i = series.points.firstIndex(); i < series.points.endIndex(); ++i) {
            sum += series.points[i].sum;
        }
        // What the present executor has counted is told by itself.
        const auto now = present.find(owner);
        if (now != present.end() && static_cast<double>(now->second.*counter->second) >= series.lastCounter) {
            sum -= series.lastCounter;
        }
        const std::string_view executor = owner.substr(slash + 1);
        past[std::string{executor.substr(0, executor.rfind('-'))}].*counter->second += static_cast<std::int64_t>(sum);
    }
    return past;
}

}  // namespace millrace::storm
