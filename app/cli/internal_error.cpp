#include "app/cli/internal_error.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

#include "engine/run/failure_bundle.h"
#include "engine/run/report_of.h"
#include "engine/scenario/units.h"

namespace millrace::cli {

namespace {

std::string& command() {
    static std::string text;
    return text;
}

std::string quoted(std::string_view argument) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+[]";
    if (!argument.empty() && argument.find_first_not_of(plain) == std::string_view::npos) {
        return std::string(argument);
    }
    std::string text = "'";
    for (const char c : argument) {
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return text + "'";
}

void attempt(const std::function<void()>& step) {
    try {
        step();
    } catch (const std::exception&) {
        // The first failure is the one that is told.
    }
}

}  // namespace

void printReportSoFar(const run::Engine& engine, std::vector<observe::InvariantView> invariants, ReportFormat format) {
    run::Played played;
    played.events = engine.world().eventsProcessed();
    run::Report report = run::reportOf(engine, played);
    report.stopped = run::Stop::Failed;
    report.invariants = std::move(invariants);
    printReport(report, format);
    std::fflush(stdout);
}

void rememberCommand(int argc, const char* const* argv) {
    for (int i = 0; i < argc; ++i) {
        command() += (i == 0 ? "" : " ") + quoted(argv[i]);
    }
}

ExitStatus guarded(const Keepers& keepers, const std::function<ExitStatus()>& work) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        for (const auto& step : keepers.steps) {
            attempt(step);
        }
        return machineFailed(Error{"the memory that it may take is used up", {}});
    } catch (const std::exception& failed) {
        return internalError(failed.what(), keepers);
    }
}

ExitStatus internalError(const std::string& what, const Keepers& keepers) {
    fmt::print(stderr, "millrace: internal error: {}\n", what);
    for (const auto& step : keepers.steps) {
        attempt(step);
    }
    run::FailureScene scene;
    if (keepers.engine != nullptr) {
        attempt([&] { static_cast<void>(keepers.engine->finish()); });
        attempt([&] { printReportSoFar(*keepers.engine, {}, keepers.report); });
        scene = {&keepers.engine->scenario(), &keepers.engine->world(), &keepers.engine->session().inputs()};
    }
    attempt([&] {
        const auto bundle = run::writeFailureBundle(".", {what, command(), MILLRACE_VERSION}, scene);
        if (bundle) {
            fmt::print(stderr,
                       "millrace: this is a fault of the program itself. What had been written is kept; all that is "
                       "needed to repeat it is in {}: please attach that folder to a report\n",
                       *bundle);
        }
    });
    return ExitStatus::Machine;
}

std::optional<SimTime> plantedCheck() {
    const char* text = std::getenv("MILLRACE_TEST_FAILED_CHECK_AT");
    const auto time = text != nullptr ? scenario::parseDuration(text) : scenario::parseDuration("");
    return time ? std::optional(SimTime{*time}) : std::nullopt;
}

}  // namespace millrace::cli
