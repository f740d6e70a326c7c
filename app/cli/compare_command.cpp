#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "app/cli/report_output.h"
#include "app/cli/scenario_arguments.h"
#include "engine/lab/compare/comparison.h"

namespace millrace::cli {

namespace {

enum class CompareFormat { Text, Json, Html };

struct CompareOptions {
    std::vector<std::string> files;
    std::vector<std::string> settings;
    std::optional<std::uint64_t> seed;
    std::size_t repetitions = 1;
    CompareFormat report = CompareFormat::Text;
    bool isQuiet = false;
};

/// A line on standard error, a few times a second, where it is a terminal.
class CompareProgress {
public:
    explicit CompareProgress(bool isQuiet) : m_shows(!isQuiet && ::isatty(STDERR_FILENO) != 0) {}

    bool show(const lab::ComparisonProgress& progress) {
        const auto now = std::chrono::steady_clock::now();
        if (m_shows && now - m_shown > std::chrono::milliseconds{200}) {
            m_shown = now;
            fmt::print(stderr, "\r\x1b[Krun {} of {}: {}, {:.1f} s simulated", progress.run + 1, progress.runs,
                       progress.variant, seconds(progress.now - SimTime{}));
            std::fflush(stderr);
        }
        return true;
    }
    void clear() const {
        if (m_shows) {
            fmt::print(stderr, "\r\x1b[K");
        }
    }

private:
    bool m_shows;
    std::chrono::steady_clock::time_point m_shown;
};

/// The variants of all files; nothing where one is refused, which has been said.
std::optional<std::vector<lab::Variant>> variantsOf(const CompareOptions& options, ExitStatus& refused) {
    std::vector<lab::Variant> variants;
    for (const std::string& file : options.files) {
        ScenarioArguments arguments;
        arguments.file = file;
        arguments.settings = options.settings;
        arguments.seed = options.seed;
        const scenario::ScenarioReading reading = arguments.read();
        if (!reading.scenario) {
            refused = refusedBy(reading.complaints);
            return std::nullopt;
        }
        if (const auto trouble = lab::troubleWithEnd(*reading.scenario)) {
            refused = refuse(reading.scenario->file, *trouble, reading.document);
            return std::nullopt;
        }
        scenario::ScenarioSource source;
        source.file = reading.scenario->file;
        source.isShipped = source.file != file;
        lab::addVariants(variants, lab::variantsOf(reading.document, source));
    }
    return variants;
}

ExitStatus compareScenarios(const CompareOptions& options) {
    ExitStatus refused = ExitStatus::Refused;
    const auto variants = variantsOf(options, refused);
    if (!variants) {
        return refused;
    }
    CompareProgress progress(options.isQuiet);
    lab::ComparisonOptions how;
    how.repetitions = options.repetitions;
    how.onProgress = [&](const lab::ComparisonProgress& now) { return progress.show(now); };
    const auto comparison = lab::compare(*variants, how);
    progress.clear();
    if (!comparison) {
        return comparison.error().kind == ErrorKind::Machine ? machineFailed(comparison.error())
                                                             : refuse(options.files.front(), comparison.error());
    }
    say(options.report == CompareFormat::Json   ? lab::comparisonJson(*comparison)
        : options.report == CompareFormat::Html ? lab::comparisonHtml(*comparison)
                                                : lab::comparisonText(*comparison));
    return comparison->troubles.empty() ? ExitStatus::Done : ExitStatus::Broken;
}

}  // namespace

void addCompareCommand(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "compare",
        "Run variants side by side: the pipelines of a scenario on each of their engines, or several "
        "scenarios, on the same records, machines, faults and random numbers");
    const auto options = std::make_shared<CompareOptions>();
    command->add_option("SCENARIO", options->files, "Scenario files, or names of shipped ones")
        ->required()
        ->check(&troubleWithEmpty);
    command->add_option("--set", options->settings, "Override a field in all of them, PATH=VALUE; repeatable")
        ->allow_extra_args(false);
    command->add_option("--seed", options->seed, "Instead of the scenario's seed");
    constexpr std::size_t repetitionsMax = 1000;
    command
        ->add_option("--repeat", options->repetitions,
                     "How often each runs, with the seed, the one after it, ...: then each figure is a mean with its "
                     "95 % interval")
        ->check(CLI::Range(std::size_t{1}, repetitionsMax));
    const std::map<std::string, CompareFormat> formats{
        {"text", CompareFormat::Text}, {"json", CompareFormat::Json}, {"html", CompareFormat::Html}};
    command->add_option("--report", options->report, "text, json or html: what is printed, and nothing else is")
        ->transform(CLI::CheckedTransformer(formats).description("{text,json,html}"));
    command->add_flag("--quiet", options->isQuiet, "No progress")->disable_flag_override();
    command->callback([options, &action] { action = [options] { return compareScenarios(*options); }; });
}

}  // namespace millrace::cli
