#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "app/cli/cli.h"
#include "engine/base/check.h"

namespace {

using millrace::cli::ExitStatus;

int statusOf(ExitStatus status) {
    return static_cast<int>(status);
}

/// CLI11 has statuses of its own; a script sees ours: help and version are done, everything else is refused input.
int statusOf(const CLI::App& app, const CLI::ParseError& error) {
    return app.exit(error) == 0 ? statusOf(ExitStatus::Done) : statusOf(ExitStatus::Refused);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "Millrace runs streaming systems inside a simulation: Kafka, ZooKeeper and Storm, repeatable to the bit"};
    app.name("millrace");
    app.set_version_flag("--version", "millrace " MILLRACE_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Exit status: 0 done; 1 an invariant broke or the run got stuck; 2 the input was refused; 3 the machine "
        "failed");
    millrace::cli::Action action;
    millrace::cli::addRunCommand(app, action);
    millrace::cli::addCheckCommand(app, action);
    millrace::cli::addListCommand(app, action);
    millrace::cli::addServeCommand(app, action);
    millrace::cli::addReplayCommand(app, action);
    try {
        app.parse(argc, argv);
        return statusOf(action());
    } catch (const CLI::ParseError& error) {
        return statusOf(app, error);
    } catch (const millrace::CheckFailed& failed) {
        fmt::print(stderr, "millrace: a rule of the program itself was broken: {}\n", failed.what());
        return statusOf(ExitStatus::Broken);
    } catch (const std::exception& trouble) {
        fmt::print(stderr, "millrace: {}\n", trouble.what());
        return statusOf(ExitStatus::Machine);
    }
}
