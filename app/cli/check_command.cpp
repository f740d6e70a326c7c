#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/cli/cli.h"
#include "app/cli/scenario_arguments.h"
#include "engine/scenario/shape/shape.h"

namespace millrace::cli {

namespace {

struct CheckOptions {
    ScenarioArguments arguments;
    bool printsSchema = false;
};

ExitStatus check(const CheckOptions& options) {
    if (options.printsSchema) {
        fmt::print("{}", scenario::scenarioSchemaText());
        return ExitStatus::Done;
    }
    const scenario::ScenarioReading reading = options.arguments.read();
    if (!reading.scenario) {
        return ExitStatus::Refused;
    }
    const scenario::Scenario& plan = *reading.scenario;
    fmt::print("{}: {} hosts, {} brokers, {} topics, {} topologies, {} faults: nothing is wrong with it\n", plan.file,
               plan.hosts.size(), plan.cluster.brokers.size(), plan.topics.size(), plan.topologies.size(),
               plan.faults.size());
    return ExitStatus::Done;
}

}  // namespace

void addCheckCommand(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("check", "Read a scenario and say everything that is wrong with it");
    const auto options = std::make_shared<CheckOptions>();
    options->arguments.addTo(*command);
    CLI::Option* schema =
        command->add_flag("--schema", options->printsSchema, "Print the JSON Schema of scenario files and stop");
    command->get_option("SCENARIO")->required(false);
    command->callback([options, schema, command, &action] {
        if (schema->count() == 0 && options->arguments.file.empty()) {
            throw CLI::RequiredError("SCENARIO");
        }
        action = [options] { return check(*options); };
        static_cast<void>(command);
    });
}

}  // namespace millrace::cli
