#include "app/cli/scenario_arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <limits>

#include "engine/scenario/shipped.h"

namespace millrace::cli {

namespace {

/// A seed is a whole number of the document too, and those have a sign.
std::string troubleWithSeed(const std::string& text) {
    std::int64_t seed = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (error == std::errc() && end == text.data() + text.size() && seed >= 0) {
        return {};
    }
    return fmt::format("\"{}\" is not a whole number from 0 to {}", text, std::numeric_limits<std::int64_t>::max());
}

}  // namespace

std::string troubleWithEmpty(const std::string& value) {
    return value.empty() ? "it is given and says nothing" : "";
}

void ScenarioArguments::addTo(CLI::App& command) {
    command.add_option("SCENARIO", file, "A scenario file, or the name of a shipped one")->required();
    command
        .add_option("--set", settings, "Override one field: PATH=VALUE, as in topics.access.partitions=12; repeatable")
        ->take_all()
        ->allow_extra_args(false);
    command.add_option("--seed", seed, "Override the scenario's seed")->check(&troubleWithSeed)->type_name("N");
}

scenario::ScenarioReading ScenarioArguments::read() const {
    scenario::ScenarioSource source{scenario::scenarioFileOf(file), {}, seed};
    source.isShipped = source.file != file;
    scenario::Complaints malformed;
    for (const std::string& setting : settings) {
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos) {
            malformed.error({}, setting, "--set: PATH=VALUE is expected");
            continue;
        }
        source.settings.push_back({setting.substr(0, equals), setting.substr(equals + 1)});
    }
    scenario::ScenarioReading reading = scenario::readScenarioFile(source);
    std::error_code trouble;
    if (!source.isShipped && file.find_first_of("/.") == std::string::npos && !std::filesystem::exists(file, trouble)) {
        malformed.error({}, {},
                        fmt::format("no scenario of this name is shipped either: {} was looked into",
                                    scenario::placesOfShippedScenarios()));
    }
    reading.complaints.append(malformed);
    if (malformed.hasErrors()) {
        reading.scenario.reset();
    }
    printComplaints(reading.complaints, source.file);
    return reading;
}

void printComplaints(const scenario::Complaints& complaints, const std::string& file) {
    for (const scenario::Complaint& complaint : complaints.all()) {
        fmt::print(stderr, "{}\n", toText(complaint, file));
    }
}

ExitStatus refusedBy(const scenario::Complaints& complaints) {
    return complaints.areOfTheMachine() ? ExitStatus::Machine : ExitStatus::Refused;
}

}  // namespace millrace::cli
