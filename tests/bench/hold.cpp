// The event core under the hold model: N pending events, each schedules one at now + Exp(1 s). Millrace through the
// public World interface (copy-on-write handles, incarnations, causes, fingerprint, a new polymorphic message for every
// event), alternating in one run with ns-3's best scheduler. Prints JSON; `tests/bench/run` makes the table of ratios.

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/resident.h"
#include "engine/sim/world.h"
#ifdef MILLRACE_HAS_NS3
#include "tests/bench/hold_ns3.h"
#endif

using namespace millrace;
using namespace millrace::sim;

namespace {

constexpr int actors = 64;
constexpr int rounds = 5;

struct Hold final : MessageBase<Hold> {
    static constexpr std::string_view Name = "bench.Hold";
    std::int64_t number;
    explicit Hold(std::int64_t n) : number(n) {}
    void digest(Digest& digest) const override { digest.add(number); }
};

class Holder final : public ActorBase<Holder> {
public:
    std::int64_t pending = 0;
    std::int64_t handled = 0;

    void start(Context& context) override {
        for (std::int64_t i = 0; i < pending; ++i) {
            schedule(context);
        }
    }
    void handle(Context& context, const Message& message) override {
        handled += message.as<Hold>() != nullptr ? 1 : 0;
        schedule(context);
    }

private:
    void schedule(Context& context) {
        const auto delay = static_cast<std::int64_t>(context.random().exponential(1e9));
        context.arm(SimDuration{delay}, makeRef<Hold>(handled));
    }
};

class HolderBlueprint final : public Blueprint {
public:
    explicit HolderBlueprint(std::int64_t pending) : m_pending(pending) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(Context& context) const override {
        for (int i = 0; i < actors; ++i) {
            auto holder = makeRef<Holder>();
            holder->pending = m_pending / actors + (i < m_pending % actors ? 1 : 0);
            context.addActor(fmt::format("a{}", i), std::move(holder));
        }
    }

private:
    std::string m_name = "hold";
    std::int64_t m_pending;
};

World makeWorld(std::int64_t pending) {
    World world(WorldSpec{.seed = 1, .sampleInterval = std::chrono::hours{24}});
    world.addProcess(world.addHost(HostSpec{.name = "h", .cores = 1}), makeRef<HolderBlueprint>(pending));
    world.run(SimTime{});
    return world;
}

double wallSeconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

RandomStream ns3Random(1, "ns3");
[[maybe_unused]] std::int64_t drawDelay() {
    return static_cast<std::int64_t>(ns3Random.exponential(1e9));
}

/// Simulated time for about `events` events: N pending give N events a simulated second.
std::int64_t spanFor(std::int64_t events, std::int64_t pending) {
    return static_cast<std::int64_t>(static_cast<double>(events) / static_cast<double>(pending) * 1e9);
}

struct Measured {
    double events = 0;
    double peerEvents = 0;
    double ratio = 0;
};

Measured measure(std::int64_t pending, std::int64_t timed) {
    World world = makeWorld(pending);
    const std::int64_t warm = std::max<std::int64_t>(2 * pending, 100'000);
    world.run(world.now() + SimDuration{spanFor(warm, pending)});
#ifdef MILLRACE_HAS_NS3
    bench::prepareNs3(static_cast<std::uint64_t>(pending), &drawDelay);
    bench::runNs3(spanFor(warm, pending));
#endif
    std::vector<double> ours;
    std::vector<double> peer;
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round) {
        double at = wallSeconds();
        const std::uint64_t ran = world.run(world.now() + SimDuration{spanFor(timed, pending)});
        ours.push_back(static_cast<double>(ran) / (wallSeconds() - at));
#ifdef MILLRACE_HAS_NS3
        at = wallSeconds();
        const std::uint64_t peerRan = bench::runNs3(spanFor(timed, pending));
        peer.push_back(static_cast<double>(peerRan) / (wallSeconds() - at));
        ratios.push_back(ours.back() / peer.back());
#endif
    }
#ifdef MILLRACE_HAS_NS3
    bench::destroyNs3();
#endif
    return {median(ours), peer.empty() ? 0 : median(peer), ratios.empty() ? 0 : median(ratios)};
}

/// Resident-set growth per pending event, in a child of its own so that nothing freed before is reused.
double bytesPerPending(std::int64_t pending) {
    int pipeEnds[2];
    if (pipe(pipeEnds) != 0) {
        return 0;
    }
    if (const pid_t child = fork(); child == 0) {
        const auto before = static_cast<std::int64_t>(residentBytes());
        World world = makeWorld(pending);
        world.run(world.now() + SimDuration{spanFor(2 * pending, pending)});
        const double bytes = static_cast<double>(static_cast<std::int64_t>(residentBytes()) - before) /
                             static_cast<double>(world.pendingEvents());
        const bool told = write(pipeEnds[1], &bytes, sizeof bytes) == sizeof bytes;
        _exit(told ? 0 : 1);
    } else {
        double bytes = 0;
        const bool heard = read(pipeEnds[0], &bytes, sizeof bytes) == sizeof bytes;
        waitpid(child, nullptr, 0);
        close(pipeEnds[0]);
        close(pipeEnds[1]);
        return heard ? bytes : 0;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2) {
        // For a profiler: this many pending, Millrace alone.
        const std::int64_t pending = std::atoll(argv[1]);
        World world = makeWorld(pending);
        const double at = wallSeconds();
        const std::uint64_t ran = world.run(world.now() + SimDuration{spanFor(20'000'000, pending)});
        fmt::print("{:.2f} M events/s\n", static_cast<double>(ran) / (wallSeconds() - at) / 1e6);
        return 0;
    }
    std::string rows;
    for (const auto& [pending, timed] :
         {std::pair<std::int64_t, std::int64_t>{1'000, 2'000'000}, {100'000, 2'000'000}, {1'000'000, 2'000'000}}) {
        const double bytes = bytesPerPending(pending);
        const Measured measured = measure(pending, timed);
        rows += fmt::format(
            "{}  {{\"pending\": {}, \"events_per_s\": {:.0f}, \"ns3_events_per_s\": {:.0f}, \"ratio\": {:.3f}, "
            "\"bytes_per_pending\": {:.1f}}}",
            rows.empty() ? "" : ",\n", pending, measured.events, measured.peerEvents, measured.ratio, bytes);
    }
    fmt::print("{{\"benchmark\": \"hold\", \"rows\": [\n{}\n]}}\n", rows);
    return 0;
}
