#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/cli.h"
#include "app/cli/report_output.h"
#include "app/cli/scenario_arguments.h"
#include "app/cli/source_previews.h"
#include "engine/scenario/shape/shape.h"
#include "engine/scenario/shipped.h"

namespace millrace::cli {

namespace {

struct CheckOptions {
    ScenarioArguments arguments;
    ReportFormat report = ReportFormat::Text;
    bool printsSchema = false;
};

/// For editors: each complaint with its place. Lines and columns count from 1; what has no place has none.
std::string complaintsJson(const scenario::ScenarioReading& reading, const std::string& file) {
    using Json = nlohmann::ordered_json;
    Json list = Json::array();
    for (const scenario::Complaint& complaint : reading.complaints.all()) {
        Json each = {{"file", file}, {"line", nullptr}, {"column", nullptr}};
        if (complaint.place.isKnown()) {
            each["line"] = complaint.place.line;
            each["column"] = complaint.place.column;
        }
        each["field"] = complaint.field;
        each["severity"] = complaint.severity == scenario::Complaint::Severity::Error ? "error" : "warning";
        each["message"] = complaint.message;
        list.push_back(std::move(each));
    }
    const Json json = {{"file", file}, {"accepted", reading.scenario.has_value()}, {"complaints", list}};
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string counted(std::size_t count, std::string_view stem, std::string_view one = "", std::string_view many = "s") {
    return fmt::format("{} {}{}", count, stem, count == 1 ? one : many);
}

ExitStatus check(const CheckOptions& options) {
    if (options.printsSchema) {
        say(scenario::scenarioSchemaText());
        return ExitStatus::Done;
    }
    scenario::ScenarioReading reading = options.arguments.read();
    SourcePreviews previews;
    if (reading.scenario) {
        previews = previewSources(*reading.scenario, reading.document);
        printComplaints(previews.refused, reading.scenario->file);
        reading.complaints.append(previews.refused);
        if (previews.refused.hasErrors()) {
            reading.scenario.reset();
        }
    }
    if (options.report == ReportFormat::Json) {
        sayJson(complaintsJson(reading, scenario::scenarioFileOf(options.arguments.file)));
        return reading.scenario ? ExitStatus::Done : refusedBy(reading.complaints);
    }
    if (!reading.scenario) {
        return refusedBy(reading.complaints);
    }
    const scenario::Scenario& plan = *reading.scenario;
    for (const std::string& line : previews.lines) {
        say(line + "\n");
    }
    say(fmt::format("{}: {}, {}, {}, {}, {}: nothing is wrong with it\n", plan.file, counted(plan.hosts.size(), "host"),
                    counted(plan.cluster.brokers.size(), "broker"), counted(plan.topics.size(), "topic"),
                    counted(plan.topologies.size(), "topolog", "y", "ies"), counted(plan.faults.size(), "fault")));
    return ExitStatus::Done;
}

}  // namespace

void addCheckCommand(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("check", "Read a scenario and say everything that is wrong with it");
    const auto options = std::make_shared<CheckOptions>();
    options->arguments.addTo(*command);
    CLI::Option* schema =
        command->add_flag("--schema", options->printsSchema, "Print the JSON Schema of scenario files and stop")
            ->disable_flag_override();
    addReportOption(*command, options->report);
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
