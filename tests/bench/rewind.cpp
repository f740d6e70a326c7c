// Rewinding in a scenario: plays it to its end with checkpoints as in the window, then visits instants at every
// distance; and what it takes to describe its end as for a frame of the window.
// usage: bench_rewind SCENARIO SECONDS. Prints JSON.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/resident.h"
#include "engine/run/engine.h"
#include "engine/run/report_of.h"
#include "engine/run/story.h"
#include "engine/run/waits.h"
#include "engine/scenario/scenario_reader.h"

using namespace millrace;

namespace {

double wallSeconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Milliseconds in the middle of 21 tries.
template <class Work>
double millisecondsOf(Work work) {
    std::vector<double> took;
    for (int i = 0; i < 21; ++i) {
        const double at = wallSeconds();
        work();
        took.push_back((wallSeconds() - at) * 1e3);
    }
    std::nth_element(took.begin(), took.begin() + 10, took.end());
    return took[10];
}

int refuse(const std::string& why) {
    fmt::print(stderr, "bench_rewind: {}\n", why);
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        return refuse("usage: bench_rewind SCENARIO SECONDS");
    }
    scenario::ScenarioReading reading = scenario::readScenarioFile({argv[1], {}, {}});
    if (!reading.scenario) {
        return refuse("the scenario is refused");
    }
    auto engine = run::Engine::open(std::move(*reading.scenario), {.carryOut = false, .session = {}});
    if (!engine) {
        return refuse(engine.error().message);
    }
    run::Session& session = (*engine)->session();
    const double end = std::atof(argv[2]);
    const double startedAt = wallSeconds();
    constexpr double looksEvery = 60;
    for (double at = std::min(looksEvery, end);; at = std::min(at + looksEvery, end)) {
        if (const auto played = session.advance(SimTime{fromSeconds(at)}); !played) {
            return refuse(played.error().message);
        }
        fmt::print(stderr, "{:.0f} s: {:.1f} s played, {} MB resident, {} checkpoints\n", at, wallSeconds() - startedAt,
                   residentBytes() >> 20U, session.checkpointTimes().size());
        if (at == end) {
            break;
        }
    }
    const double played = wallSeconds() - startedAt;
    const std::uint64_t pending = session.world().pendingEvents();
    const std::size_t resident = residentBytes();
    constexpr std::size_t flights = 600;
    constexpr std::size_t points = 200;
    std::size_t seen = 0;
    const double describing = millisecondsOf([&] {
        const run::SystemViews views = run::describeSystems((*engine)->scenario(), session.world());
        seen += run::describeWaits(session.world(), views).size() + run::describeRun(session).branches.size() +
                run::describeFlights(session.world(), flights).flights.size();
    });
    const double series = millisecondsOf([&] { seen += run::describeSeries(session.world(), points).size(); });
    if (seen == 0) {
        return refuse("there is nothing to be seen");
    }

    RandomStream random(1, "bench/rewind");
    std::vector<double> took;
    for (int i = 0; i < 100; ++i) {
        // The near past and the far one alike, and back to now in between, as a person drags.
        const double back = end * (i % 2 == 0 ? random.uniform() : random.uniform() * random.uniform() * 0.1);
        if (const auto there = session.seekToFurthest(); !there) {
            return refuse(there.error().message);
        }
        const double at = wallSeconds();
        if (const auto sought = session.seek(SimTime{fromSeconds(end - back)}); !sought) {
            return refuse(sought.error().message);
        }
        took.push_back(wallSeconds() - at);
    }
    std::sort(took.begin(), took.end());
    fmt::print(
        "{{\"benchmark\": \"rewind\", \"simulated_s\": {}, \"played_s\": {:.3f}, \"checkpoints\": {}, "
        "\"pending_events\": {}, "
        "\"resident_mb\": {}, \"resident_after_visits_mb\": {}, "
        "\"describe_ms\": {:.2f}, \"series_ms\": {:.2f}, "
        "\"median_ms\": {:.1f}, \"p90_ms\": {:.1f}, \"max_ms\": {:.1f}}}\n",
        end, played, session.checkpointTimes().size(), pending, resident >> 20U, residentBytes() >> 20U, describing,
        series, took[took.size() / 2] * 1e3, took[took.size() * 9 / 10] * 1e3, took.back() * 1e3);
    return 0;
}
