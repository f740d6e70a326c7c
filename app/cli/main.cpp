#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/cli.h"
#include "app/cli/internal_error.h"
#include "app/cli/report_output.h"
#include "app/streams/standard_streams.h"
#include "engine/scenario/document/complaint.h"
#include "engine/scenario/nearest.h"

namespace {

using millrace::cli::ExitStatus;
using millrace::scenario::shown;

int statusOf(ExitStatus status) {
    return static_cast<int>(status);
}

/// CLI11 has statuses of its own; a script sees ours: help and version are done, everything else is refused input.
ExitStatus statusOf(const CLI::App& app, const CLI::ParseError& error, std::string_view first) {
    if (app.get_subcommands().empty() && !first.empty() && !first.starts_with('-')) {
        std::vector<std::string> commands;
        for (const CLI::App* each : app.get_subcommands(nullptr)) {
            commands.push_back(each->get_name());
        }
        const std::vector<std::string_view> known(commands.begin(), commands.end());
        fmt::print(stderr, "millrace: there is no command \"{}\"{}; the commands are {}\n", shown(first),
                   millrace::scenario::suggestion(first, known), fmt::join(known, ", "));
        return ExitStatus::Refused;
    }
    return app.exit(error) == 0 ? ExitStatus::Done : ExitStatus::Refused;
}

}  // namespace

int main(int argc, char** argv) {
    millrace::streams::keepStandardStreams();
    CLI::App app{
        "Millrace runs streaming systems inside a simulation: Kafka, ZooKeeper and Storm, repeatable to the bit"};
    app.name("millrace");
    app.set_version_flag("--version", "millrace " MILLRACE_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Reference: millrace list operators|settings|faults|metrics says what a scenario can be made of, break and "
        "measure; --report json says it to programs\n"
        "Exit status: 0 done; 1 an invariant broke, or the run got stuck or "
        "was not drained within its duration, or was told to end; 2 the input was refused; 3 the machine "
        "failed, or the program itself; 4 a recording lacked its end");
    millrace::cli::Action action;
    millrace::cli::addRunCommand(app, action);
    millrace::cli::addCheckCommand(app, action);
    millrace::cli::addCompareCommand(app, action);
    millrace::cli::addListCommand(app, action);
    millrace::cli::addPreviewCommand(app, action);
    millrace::cli::addServeCommand(app, action);
    millrace::cli::addReplayCommand(app, action);
    millrace::cli::rememberCommand(argc, argv);
    std::signal(SIGPIPE, SIG_IGN);  // Who reads no further has had enough: the run goes on, and its files are whole.
    // Whatever is thrown where nobody can catch it: never an abort.
    std::set_terminate([] {
        std::fputs("millrace: internal error: the program cannot go on\n", stderr);
        std::_Exit(statusOf(ExitStatus::Machine));
    });
    try {
        app.parse(argc, argv);
        return statusOf(millrace::cli::afterOutput(millrace::cli::guarded({}, action)));
    } catch (const CLI::ParseError& error) {
        return statusOf(millrace::cli::afterOutput(statusOf(app, error, argc > 1 ? argv[1] : "")));
    }
}
