#include "engine/storm/past_counts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/storm/metrics.h"
#include "engine/storm/names.h"

namespace millrace::storm {

namespace {

using Place = std::int64_t PastCounts::*;
constexpr std::array<std::pair<std::string_view, Place>, 6> counters{
    {{metric::emitted.id, &PastCounts::emitted},
     {metric::transferred.id, &PastCounts::transferred},
     {metric::executed.id, &PastCounts::executed},
     {metric::acked.id, &PastCounts::acked},
     {metric::failed.id, &PastCounts::failed},
     {metric::replayed.id, &PastCounts::replayed}}};

}  // namespace

std::map<std::string, PastCounts, std::less<>> pastCounts(const sim::World& world, std::string_view topology) {
    std::map<std::string, PastCounts, std::less<>> past;
    const std::string prefix = workerProcessPrefix(topology);
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (!process.past || !process.name().starts_with(prefix)) {
            continue;
        }
        for (const sim::PastCounters::Counter& each : process.past->all) {
            const auto counter = std::find_if(counters.begin(), counters.end(),
                                              [&](const auto& known) { return known.first == each.name; });
            if (counter != counters.end() && each.label.empty()) {
                const std::string component = each.actor.substr(0, each.actor.rfind('-'));
                past[component].*counter->second += static_cast<std::int64_t>(each.sum);
            }
        }
    }
    return past;
}

}  // namespace millrace::storm
