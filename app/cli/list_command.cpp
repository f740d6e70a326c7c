#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "app/cli/cli.h"
#include "app/cli/list_tables.h"
#include "app/cli/report_output.h"
#include "app/cli/scenario_arguments.h"
#include "engine/scenario/document/value.h"
#include "engine/scenario/shipped.h"

namespace millrace::cli {

namespace {

namespace fs = std::filesystem;

std::string textAt(const scenario::Value& document, std::string_view key) {
    const scenario::Value* value = document.find(key);
    return value != nullptr ? value->asText() : std::string();
}

ExitStatus list(const std::string& folder) {
    std::error_code trouble;
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, trouble)) {
        if (entry.path().extension() == ".json") {
            files.push_back(entry.path());
        }
    }
    if (trouble) {
        const bool isThere = trouble != std::errc::no_such_file_or_directory && trouble != std::errc::not_a_directory;
        const std::string looked =
            folder == scenario::shippedScenarios()
                ? fmt::format("; shipped scenarios were looked for in {}", scenario::placesOfShippedScenarios())
                : std::string();
        return refuse(folder, Error{fmt::format("the folder cannot be read: {}{}", trouble.message(), looked),
                                    {},
                                    isThere ? ErrorKind::Machine : ErrorKind::Input});
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
        const scenario::ScenarioReading reading = scenario::readScenarioFile({file.string(), {}, {}});
        const std::string title =
            reading.scenario ? textAt(reading.document, "title") : "(millrace check says what is wrong)";
        say(fmt::format("{:<20} {}\n", file.stem().string(), title));
    }
    return ExitStatus::Done;
}

}  // namespace

void addListCommand(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "list", "List the scenarios of a folder with their titles, or what a scenario can be made of");
    const auto what = std::make_shared<std::string>(scenario::shippedScenarios());
    const auto format = std::make_shared<ReportFormat>(ReportFormat::Text);
    command->add_option(
        "WHAT", *what,
        "A folder (without one: the shipped scenarios), or \"operators\": sources, spouts, bolts and sinks with "
        "their parameters, \"settings\" by the real systems' names, \"faults\", or \"metrics\" with "
        "units and meanings");
    addReportOption(*command, *format);
    command->callback([what, format, &action] {
        action = [what, format] {
            if (!isTable(*what) || fs::is_directory(*what)) {
                return list(*what);
            }
            sayTable(*what, *format);
            return ExitStatus::Done;
        };
    });
}

}  // namespace millrace::cli
