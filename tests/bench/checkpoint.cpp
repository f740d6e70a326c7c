// Checkpoint (copying a world), the first write into large shared states after it, and going on from a fork.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/sim/world.h"

using namespace millrace;
using namespace millrace::sim;

namespace {

struct Beat final : MessageBase<Beat> {
    static constexpr std::string_view Name = "bench.Beat";
    void digest(Digest&) const override {}
};

/// An actor with a state of `entries` in a map and in a log; every beat changes one of each.
class Holder final : public ActorBase<Holder> {
public:
    explicit Holder(std::int64_t entries) {
        for (std::int64_t i = 0; i < entries; ++i) {
            m_map.set(i * 7, i);
            m_log.append(i);
        }
    }
    void start(Context& context) override { beatLater(context); }
    void handle(Context& context, const Message&) override {
        const auto key = static_cast<std::int64_t>(context.random().below(m_map.size())) * 7;
        ++m_map[key];
        m_log.append(key);
        beatLater(context);
    }

private:
    void beatLater(Context& context) {
        context.arm(SimDuration{static_cast<std::int64_t>(context.random().exponential(1e6))}, makeRef<Beat>());
    }
    SharedMap<std::int64_t, std::int64_t> m_map;
    SharedLog<std::int64_t> m_log;
};

class HolderBlueprint final : public Blueprint {
public:
    HolderBlueprint(int actors, std::int64_t entries) : m_actors(actors), m_entries(entries) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(Context& context) const override {
        for (int i = 0; i < m_actors; ++i) {
            context.addActor(fmt::format("a{}", i), makeRef<Holder>(m_entries));
        }
    }

private:
    std::string m_name = "holders";
    int m_actors;
    std::int64_t m_entries;
};

World makeWorld(int actors, std::int64_t entries) {
    World world(WorldSpec{.seed = 1, .sampleInterval = std::chrono::hours{24}});
    world.addProcess(world.addHost(HostSpec{.name = "h"}), makeRef<HolderBlueprint>(actors, entries));
    world.run(atNanoseconds(10'000'000));
    return world;
}

void checkpointOfAWorld(benchmark::State& state) {
    const World world = makeWorld(static_cast<int>(state.range(0)), 1'000);
    for (auto _ : state) {
        World copy = world;
        benchmark::DoNotOptimize(copy);
    }
    state.SetLabel("copy and drop, actors");
}
BENCHMARK(checkpointOfAWorld)->Arg(40)->Arg(1'000)->Arg(10'000);

void firstEventAfterACheckpoint(benchmark::State& state) {
    World world = makeWorld(1, state.range(0));
    for (auto _ : state) {
        state.PauseTiming();
        const World checkpoint = world;
        state.ResumeTiming();
        world.step();
        benchmark::DoNotOptimize(world);
    }
    state.SetLabel("an event that writes into a map and a log of so many entries");
}
BENCHMARK(firstEventAfterACheckpoint)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

void forkAndRunAThousandEvents(benchmark::State& state) {
    const World world = makeWorld(40, 10'000);
    for (auto _ : state) {
        World fork = world;
        benchmark::DoNotOptimize(fork.run(SimTime::max(), 1'000));
    }
}
BENCHMARK(forkAndRunAThousandEvents);

}  // namespace

BENCHMARK_MAIN();
