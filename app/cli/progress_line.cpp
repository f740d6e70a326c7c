#include "app/cli/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "engine/scenario/sections/kafka/views.h"

namespace millrace::cli {

namespace {

std::string remainingText(const scenario::Scenario& plan, SimTime now, double speed) {
    if (!plan.run.duration || speed <= 0) {
        return {};
    }
    const double left = seconds(*plan.run.duration) - seconds(now);
    return left > 0 ? fmt::format(", {:.0f} s to go", left / speed) : std::string();
}

}  // namespace

void ProgressLine::show(const sim::World& world) {
    const Clock::time_point now = Clock::now();
    constexpr auto interval = std::chrono::milliseconds(200);
    if (m_isShown && now - m_shown < interval) {
        return;
    }
    std::int64_t records = 0;
    for (const observe::SourceView& source : scenario::describeSources(m_plan, world)) {
        records += source.produced;
    }
    const double elapsed = std::chrono::duration<double>(now - m_started).count();
    const double speed = elapsed > 0 ? seconds(world.now()) / elapsed : 0;
    const bool isTerminal = ::isatty(STDERR_FILENO) != 0;
    fmt::print(stderr, "{}{:9.3f} s simulated, {:.1f} times as fast, {} records{}{}", isTerminal ? "\r\033[K" : "",
               seconds(world.now()), speed, records, remainingText(m_plan, world.now(), speed), isTerminal ? "" : "\n");
    std::fflush(stderr);
    m_shown = now;
    m_isShown = true;
}

void ProgressLine::clear() {
    if (m_isShown && ::isatty(STDERR_FILENO) != 0) {
        fmt::print(stderr, "\r\033[K");
        std::fflush(stderr);
    }
}

}  // namespace millrace::cli
