#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>

#include "app/cli/cli.h"
#include "app/cli/internal_error.h"
#include "app/cli/report_output.h"
#include "app/cli/scenario_arguments.h"
#include "engine/base/check.h"
#include "engine/gateway/client_input.h"
#include "engine/lab/checker.h"
#include "engine/run/recording.h"
#include "engine/run/report_of.h"

namespace millrace::cli {

namespace {

struct ReplayArguments {
    std::string file;
    ReportFormat report = ReportFormat::Text;
};

scenario::ScenarioReading readScenarioOf(const run::RecordingHeader& header) {
    scenario::ScenarioSource source{header.file, {}, header.seed};
    for (const auto& [path, value] : header.settings) {
        source.settings.push_back({path, value});
    }
    scenario::ScenarioReading reading = scenario::readScenario(header.text, source);
    printComplaints(reading.complaints, header.file);
    return reading;
}

ExitStatus replay(const ReplayArguments& arguments) {
    const auto recording = run::readRecording(arguments.file, gateway::inputCodec());
    if (!recording) {
        return refuse(recording.error().where.empty() ? arguments.file : recording.error().where,
                      Error{recording.error().message, {}, recording.error().kind});
    }
    scenario::ScenarioReading reading = readScenarioOf(recording->header);
    if (!reading.scenario) {
        return refusedBy(reading.complaints);
    }
    reading.scenario->run.startMillis = recording->header.startMillis;

    lab::Checker checker;
    run::EngineOptions options;
    options.carryOut = false;  // what left the world has been carried out by the run that was recorded
    options.session.checkpointEventsMin = std::numeric_limits<std::uint64_t>::max();  // nobody goes back
    options.onEffects = [&](const sim::World& world, const std::vector<sim::NumberedEffect>& effects) {
        checker.observeEffects(world, effects);
    };
    auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
    if (!engine) {
        return refuse(recording->header.file, engine.error());
    }
    checker.follow((*engine)->session().ledger());
    const auto startedAt = std::chrono::steady_clock::now();
    Keepers keepers;
    keepers.engine = engine->get();
    keepers.report = arguments.report;
    const std::optional<SimTime> planted = plantedCheck();
    Result<void> replayed;
    const ExitStatus done = guarded(keepers, [&] {
        replayed = run::replay((*engine)->session(), *recording, [&](const sim::World& world) {
            MILLRACE_CHECK(!planted || world.now() < *planted, toText(world.now()));
            checker.observe(world);
        });
        return ExitStatus::Done;
    });
    if (done != ExitStatus::Done) {
        return done;
    }
    if (!replayed) {
        const std::string& where = replayed.error().where;
        return refuse(where.empty() ? arguments.file : where, Error{replayed.error().message, {}});
    }
    run::Played played;
    played.events = (*engine)->world().eventsProcessed();
    played.wallSeconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - startedAt).count();
    played.reason = checker.holds() ? run::StopReason::Until : run::StopReason::Invariant;
    run::Report report = run::reportOf(**engine, played);
    report.invariants = viewsOf(checker);
    printReport(report, arguments.report);
    if (!recording->end) {
        fmt::print(stderr,
                   "{}:{}: the recording has no end, as when the program that wrote it was killed or the file was cut: "
                   "what there is has been replayed, up to {}\n",
                   arguments.file, recording->lines, toText((*engine)->world().now()));
    }
    return recording->end || statusOf(report) != ExitStatus::Done ? statusOf(report) : ExitStatus::CutOff;
}

}  // namespace

void addReplayCommand(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("replay", "Run a recording of millrace serve again, without clients");
    const auto arguments = std::make_shared<ReplayArguments>();
    command->add_option("RECORDING", arguments->file, "What millrace serve --record has written")->required();
    addReportOption(*command, arguments->report);
    command->callback([arguments, &action] { action = [arguments] { return replay(*arguments); }; });
}

}  // namespace millrace::cli
