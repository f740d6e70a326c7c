#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>

#include "app/cli/cli.h"
#include "app/cli/end_on_signal.h"
#include "app/cli/internal_error.h"
#include "app/cli/journal_file.h"
#include "app/cli/output_files.h"
#include "app/cli/progress_line.h"
#include "app/cli/report_output.h"
#include "app/cli/scenario_arguments.h"
#include "app/cli/source_previews.h"
#include "engine/base/check.h"
#include "engine/lab/checker.h"
#include "engine/lab/compare/variants.h"
#include "engine/run/engine.h"
#include "engine/run/report_of.h"
#include "engine/scenario/document/writer.h"
#include "engine/scenario/units.h"
#include "engine/store/archive.h"

namespace millrace::cli {

namespace {

struct RunOptions {
    ScenarioArguments arguments;
    std::string until;
    ReportFormat report = ReportFormat::Text;
    std::string archive;
    std::string journal;
    bool isQuiet = false;
    bool showsProgress = false;
};

/// How far the run goes, or why that makes no sense for this scenario.
Result<run::PlayLimit> limitOf(const RunOptions& options, const scenario::Scenario& plan) {
    run::PlayLimit limit;
    const std::string endless = lab::endlessSource(plan);
    if (options.until == "drained" || options.until.empty()) {
        limit.untilDrained = options.until == "drained" || !plan.run.duration;
        if (limit.untilDrained && !endless.empty()) {
            return failure(options.until.empty()
                               ? "it has no end and the scenario no run.duration: say --until and a time, as in 60s"
                               : "it has no end and the scenario no run.duration: this run can never be drained",
                           "sources." + endless);
        }
        return limit;
    }
    const auto duration = scenario::parseDuration(options.until);
    if (!duration) {
        return failure(duration.error() + ", or say drained", "--until");
    }
    limit.until = SimTime{*duration};
    return limit;
}

/// Writes the archive, if one is wanted.
Result<void> keep(const RunOptions& options, const run::Engine& engine, const run::Report& report) {
    if (options.archive.empty()) {
        return {};
    }
    const store::ArchiveHead head{
        engine.scenario().file, scenario::writeDocument(engine.scenario().document), run::reportJson(report), {}};
    return store::writeArchive(options.archive, head, engine.world());
}

/// What goes on while a run plays: invariants are checked, progress goes to the terminal, the journal into its file.
class Attendant {
public:
    Attendant(const RunOptions& options, const scenario::Scenario& plan) : m_options(options), m_progress(plan) {}

    Result<void> open() {
        if (m_options.journal.empty()) {
            return {};
        }
        auto file = JournalFile::create(m_options.journal);
        if (!file) {
            return tl::unexpected(file.error());
        }
        m_journal = std::move(*file);
        return {};
    }

    bool look(const sim::World& world) {
        MILLRACE_CHECK(!m_planted || world.now() < *m_planted, toText(world.now()));
        m_checker.observe(world);
        if (m_journal && m_trouble.has_value()) {
            m_trouble = m_journal->writeNew(world);
        }
        if (showsProgress()) {
            m_progress.show(world);
        }
        return m_trouble.has_value() && m_checker.holds();
    }

    [[nodiscard]] lab::Checker& checker() { return m_checker; }

    Result<void> finish(const sim::World& world) {
        if (showsProgress()) {
            m_progress.clear();
        }
        return m_journal && m_trouble ? m_journal->close(world) : m_trouble;
    }

private:
    [[nodiscard]] bool showsProgress() const {
        return !m_options.isQuiet && (m_options.showsProgress || ::isatty(STDERR_FILENO) != 0);
    }

    const RunOptions& m_options;
    lab::Checker m_checker;
    ProgressLine m_progress;
    std::optional<JournalFile> m_journal;
    Result<void> m_trouble;
    std::optional<SimTime> m_planted = plantedCheck();
};

ExitStatus play(const RunOptions& options, Attendant& attendant, run::Engine& engine, run::PlayLimit limit) {
    attendant.checker().follow(engine.session().ledger());
    endOnSignals();
    limit.keepGoing = [&](const sim::World& world) { return attendant.look(world) && !isToldToEnd(); };
    auto played = engine.play(limit);
    if (played) {
        attendant.checker().finish(engine.world(), played->reason == run::StopReason::Drained);
    }
    const Result<void> attended = attendant.finish(engine.world());
    const Result<void> finished = engine.finish();
    const Error* failed = nullptr;
    for (const Result<void>* each : {&attended, &finished}) {
        failed = failed == nullptr && !*each ? &each->error() : failed;
    }
    if (!played || failed != nullptr) {
        printReportSoFar(engine, viewsOf(attendant.checker()), options.report);
        return machineFailed(!played ? played.error() : *failed);
    }
    if (!attendant.checker().holds()) {
        played->reason = run::StopReason::Invariant;
    }
    run::Report report = run::reportOf(engine, *played);
    report.invariants = viewsOf(attendant.checker());
    const Result<void> kept = keep(options, engine, report);
    printReport(report, options.report);
    if (!kept) {
        return machineFailed(kept.error());
    }
    return report.stopped == run::Stop::Signal ? ExitStatus::Broken : statusOf(report);
}

ExitStatus runScenario(const RunOptions& options) {
    scenario::ScenarioReading reading = options.arguments.read();
    if (!reading.scenario) {
        return refusedBy(reading.complaints);
    }
    const std::string file = reading.scenario->file;
    const auto limit = limitOf(options, *reading.scenario);
    if (!limit) {
        return refuse(file, limit.error(), reading.document);
    }
    if (const auto checked =
            checkOutputFiles({{"--journal", options.journal}, {"--archive", options.archive}}, *reading.scenario);
        !checked) {
        return refuse(file, checked.error());
    }
    // Everything is looked at before anything is touched: a refused run leaves every file as it was.
    if (const auto possible = store::checkArchivePath(options.archive); !options.archive.empty() && !possible) {
        return outputRefused(possible.error(), "--archive");
    }
    if (const auto possible = JournalFile::check(options.journal); !options.journal.empty() && !possible) {
        return outputRefused(possible.error(), "--journal");
    }
    Attendant attendant(options, *reading.scenario);
    run::EngineOptions engineOptions;
    engineOptions.session.checkpointEventsMin = std::numeric_limits<std::uint64_t>::max();  // nobody goes back
    engineOptions.onEffects = [&](const sim::World& world, const std::vector<sim::NumberedEffect>& effects) {
        attendant.checker().observeEffects(world, effects);
    };
    auto engine = run::Engine::open(*reading.scenario, std::move(engineOptions));
    if (!engine) {
        return refuse(file, engine.error(), reading.document);
    }
    sayKeptAside(**engine);
    if (const auto opened = attendant.open(); !opened) {
        return machineFailed(opened.error());
    }
    Keepers keepers;
    keepers.engine = engine->get();
    keepers.report = options.report;
    keepers.steps = {[&] { static_cast<void>(attendant.finish((*engine)->world())); }};
    const ExitStatus status = guarded(keepers, [&] { return play(options, attendant, **engine, *limit); });
    (*engine)->leaveMemory();
    return status;
}

}  // namespace

void addRunCommand(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("run", "Run a scenario and report what became of it");
    const auto options = std::make_shared<RunOptions>();
    options->arguments.addTo(*command);
    command
        ->add_option(
            "--until", options->until,
            "Stop at a simulated time, as in 60s, or when everything is done: drained (or, with status 1, when "
            "the scenario's duration is over before). Without it: at the scenario's duration, or drained")
        ->check(&troubleWithEmpty);
    addReportOption(*command, options->report);
    command->add_option("--archive", options->archive, "Write the run into this SQLite file")->check(&troubleWithEmpty);
    command->add_option("--journal", options->journal, "Write the journal into this file, one event a line")
        ->check(&troubleWithEmpty);
    command->add_flag("--quiet", options->isQuiet, "No progress")->disable_flag_override();
    command->add_flag("--progress", options->showsProgress, "Progress on standard error even if it is no terminal")
        ->disable_flag_override();
    command->callback([options, &action] { action = [options] { return runScenario(*options); }; });
}

}  // namespace millrace::cli
