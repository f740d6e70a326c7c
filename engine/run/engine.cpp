#include "engine/run/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/run/progress.h"
#include "engine/run/standstill.h"
#include "engine/run/waiting_for.h"
#include "engine/scenario/build.h"

namespace millrace::run {

namespace {

constexpr std::uint64_t eventsBetweenLooks = 50'000;
// Of simulated time, for "drained" and for who watches the run, invariants with them. A run that waits for hours would
// spend nearly all of its processor time on looking.
constexpr SimDuration lookInterval = std::chrono::milliseconds{100};
constexpr SimDuration lookIntervalInSilence = std::chrono::seconds{1};
constexpr SimDuration silenceMin = std::chrono::minutes{5};

double wallClockSeconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// File, cause and remedy, at the field that names the file; a database has told its remedy itself.
Error sinkError(const ingest::SinkSpec& sink, const Error& error) {
    if (!sink.connection.empty()) {
        return {error.where.empty() ? error.message : fmt::format("{}: {}", error.where, error.message),
                fmt::format("sinks.{}.connection", sink.id), error.kind};
    }
    return {fmt::format("{}: {}; name a file that can be written here", error.where, error.message),
            fmt::format("sinks.{}.path", sink.id), error.kind};
}

}  // namespace

std::string_view toText(StopReason reason) {
    switch (reason) {
        case StopReason::Until:
            return "until";
        case StopReason::Drained:
            return "drained";
        case StopReason::Stuck:
            return "stuck";
        case StopReason::Invariant:
            return "invariant";
        case StopReason::Cancelled:
            return "cancelled";
    }
    return "?";
}

Engine::Engine(scenario::Scenario scenario, EngineOptions options)
    : m_scenario(std::move(scenario)), m_options(std::move(options)) {}

Engine::~Engine() {
    m_pump.reset();  // Before the sinks it writes to.
}

Result<std::unique_ptr<Engine>> Engine::open(scenario::Scenario scenario, EngineOptions options) {
    std::unique_ptr<Engine> engine(new Engine(std::move(scenario), std::move(options)));
    auto built = scenario::buildWorld(engine->m_scenario);
    if (!built) {
        return tl::unexpected(built.error());
    }
    if (engine->m_options.carryOut) {
        // All are looked at before the first is touched: a run that cannot be leaves every file as it was.
        for (const auto& sink : built->sinks) {
            if (auto possible = ingest::SinkExecutor::check(sink); !possible) {
                return tl::unexpected(sinkError(*sink, possible.error()));
            }
        }
        for (const auto& sink : built->sinks) {
            if (auto opened = engine->m_sinks.open(sink); !opened) {
                Error error = sinkError(*sink, opened.error());
                for (const std::string& each : engine->keptAside()) {
                    error.message += "; " + each;
                }
                return tl::unexpected(std::move(error));
            }
        }
    }
    engine->startWith(std::move(built->world));
    return engine;
}

void Engine::startWith(sim::World world) {
    if (m_options.carryOut) {
        m_pump = std::make_unique<EffectPump>(
            [this](std::span<const Ref<const sim::Effect>> effects) { return m_sinks.carryOut(effects); });
    }
    m_session = std::make_unique<Session>(
        std::move(world), [this](std::vector<sim::NumberedEffect> effects) { return handOver(std::move(effects)); },
        m_options.session);
}

Result<void> Engine::handOver(std::vector<sim::NumberedEffect> effects) {
    if (m_options.onEffects) {
        m_options.onEffects(world(), effects);
    }
    return m_pump ? m_pump->push(std::move(effects)) : Result<void>();
}

Result<Played> Engine::play(const PlayLimit& limit) {
    StandstillWatch standstills(m_scenario);
    auto played = playTo(limit, standstills);
    if (played) {
        played->standstills = standstills.sentences(world());
    }
    return played;
}

Result<Played> Engine::playTo(const PlayLimit& limit, StandstillWatch& standstills) {
    Played played;
    const double startedAt = wallClockSeconds();
    const SimTime end =
        limit.until.value_or(m_scenario.run.duration ? SimTime{*m_scenario.run.duration} : SimTime::max());
    ProgressWatch progress(m_scenario);
    const auto lookAfter = [&](SimTime time) {
        const bool isSilent = limit.untilDrained && progress.silence(time) >= silenceMin;
        return std::min(end, time + (isSilent ? lookIntervalInSilence : lookInterval));
    };
    SimTime nextLook = lookAfter(world().now());
    while (true) {
        auto ran = m_session->advance(nextLook, eventsBetweenLooks);
        if (!ran) {
            return tl::unexpected(ran.error());
        }
        played.events += *ran;
        played.wallSeconds = wallClockSeconds() - startedAt;
        if (limit.keepGoing && !limit.keepGoing(world())) {
            played.reason = StopReason::Cancelled;
            return played;
        }
        if (world().nextEventTime() <= nextLook) {
            continue;
        }
        nextLook = lookAfter(world().now());
        standstills.look(world());
        if (limit.untilDrained) {
            if (waitingFor(m_scenario, world()).empty()) {
                played.reason = StopReason::Drained;
                return played;
            }
            progress.look(world());
            if (world().now() >= end || progress.isStuck(world()) || world().nextEventTime() == SimTime::max()) {
                played.reason = StopReason::Stuck;
                played.waitingFor = waitingFor(m_scenario, world(), Thoroughness::Everything);
                return played;
            }
            continue;
        }
        if (world().now() >= end || world().nextEventTime() == SimTime::max()) {
            played.reason = StopReason::Until;
            played.isIdle = world().now() < end;
            played.waitingFor = waitingFor(m_scenario, world(), Thoroughness::Everything);
            return played;
        }
    }
}

void Engine::leaveMemory() {
    if (pool::isUsed) {  // a sanitizer would miss what is left
        static_cast<void>(m_session.release());
    }
}

Result<void> Engine::finish() {
    if (m_pump) {
        if (auto drained = m_pump->drain(); !drained) {
            return drained;
        }
    }
    return m_sinks.close();
}

}  // namespace millrace::run
