#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/sink_executor.h"
#include "engine/run/effect_pump.h"
#include "engine/run/page_watch.h"
#include "engine/run/session.h"
#include "engine/scenario/scenario.h"

namespace millrace::run {

class StandstillWatch;

enum class StopReason : std::uint8_t { Until, Drained, Stuck, Invariant, Cancelled };
[[nodiscard]] std::string_view toText(StopReason reason);

struct EngineOptions {
    bool carryOut = true;  ///< write to the real sinks
    /// Sees the effects of each step as they are handed over (invariants), carried out or not.
    std::function<void(const sim::World&, const std::vector<sim::NumberedEffect>&)> onEffects;
    SessionOptions session;
};

/// How far `Engine::play` goes.
struct PlayLimit {
    std::optional<SimTime> until;  ///< stops after all events up to and with it
    bool untilDrained = false;     ///< stops when nothing is left to do
    /// Asked every few thousand events with the world as it is; false stops (progress, invariants, cancellation).
    std::function<bool(const sim::World&)> keepGoing;
};

struct Played {
    StopReason reason = StopReason::Until;
    bool isIdle = false;                   ///< ended before its time: nothing would happen any more
    bool isToldToEnd = false;              ///< it had no time of its own, and somebody ended it
    std::vector<std::string> waitingFor;   ///< when stuck
    std::vector<std::string> standstills;  ///< what nobody led for long, in words
    std::uint64_t events = 0;
    double wallSeconds = 0;
};

/// A scenario opened: its world behind a session, its real sinks behind an I/O thread. One per run; stays on one
/// thread.
class Engine {
public:
    [[nodiscard]] static Result<std::unique_ptr<Engine>> open(scenario::Scenario scenario, EngineOptions options = {});
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    [[nodiscard]] const scenario::Scenario& scenario() const { return m_scenario; }
    [[nodiscard]] Session& session() { return *m_session; }
    [[nodiscard]] const Session& session() const { return *m_session; }
    [[nodiscard]] const sim::World& world() const { return m_session->world(); }

    /// Plays to the limit. "Stuck" is when nothing has come nearer to its end for at least 15 simulated minutes (see
    /// ProgressWatch), or `run.duration` ends first, while something is waited for.
    Result<Played> play(const PlayLimit& limit);
    /// What stood in the place of sinks' files before and lies elsewhere now, a sentence each.
    [[nodiscard]] std::vector<std::string> keptAside() const { return m_sinks.keptAside(); }
    /// Everything carried out is in the real sinks, and they are closed.
    Result<void> finish();
    /// For a program that ends now: the world is left to the system, which takes back at once what letting go object by
    /// object would give back. Nothing may be asked of the engine any more.
    void leaveMemory();

private:
    Engine(scenario::Scenario scenario, EngineOptions options);
    Result<Played> playTo(const PlayLimit& limit, StandstillWatch& standstills);
    void startWith(sim::World world);
    Result<void> handOver(std::vector<sim::NumberedEffect> effects);

    scenario::Scenario m_scenario;
    EngineOptions m_options;
    ingest::SinkExecutor m_sinks;
    std::unique_ptr<EffectPump> m_pump;
    PageWatch m_pages;  // outlives the session: letting go of a past touches pages
    std::unique_ptr<Session> m_session;
};

}  // namespace millrace::run
