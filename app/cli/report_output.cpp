#include "app/cli/report_output.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/edit.h"

namespace millrace::cli {

void addReportOption(CLI::App& command, ReportFormat& format) {
    static const std::map<std::string, ReportFormat> formats = {{"text", ReportFormat::Text},
                                                                {"json", ReportFormat::Json}};
    command.add_option("--report", format, "What is printed at the end: text or json")
        ->transform(CLI::CheckedTransformer(formats).description(""))
        ->type_name("text|json");
}

void printReport(const scenario::Report& report, ReportFormat format) {
    fmt::print("{}", format == ReportFormat::Json ? scenario::reportJson(report) : scenario::reportText(report));
}

std::vector<observe::InvariantView> viewsOf(const lab::Checker& checker) {
    std::vector<observe::InvariantView> views;
    for (const lab::InvariantStatus& status : checker.status()) {
        const std::string violation =
            status.first ? fmt::format("at {}: {}", toText(status.first->time), status.first->text) : std::string();
        views.push_back({status.name, static_cast<std::int64_t>(status.checked), status.holds(), violation});
    }
    return views;
}

ExitStatus refuse(const std::string& file, const Error& error) {
    fmt::print(stderr, "{}{}{}: {}\n", file, error.where.empty() ? "" : ": ", error.where, error.message);
    return ExitStatus::Refused;
}

ExitStatus refuse(const std::string& file, const Error& error, const scenario::Value& document) {
    const scenario::Value* value = scenario::valueAt(document, scenario::Path::parse(error.where, document));
    const scenario::Place place = value != nullptr && !error.where.empty() ? value->place() : scenario::Place{};
    const scenario::Complaint complaint{scenario::Complaint::Severity::Error, place, error.where, error.message};
    fmt::print(stderr, "{}\n", toText(complaint, file));
    return ExitStatus::Refused;
}

ExitStatus machineFailed(const Error& error) {
    fmt::print(stderr, "millrace: {}{}{}\n", error.where, error.where.empty() ? "" : ": ", error.message);
    return ExitStatus::Machine;
}

ExitStatus statusOf(const scenario::Report& report) {
    const bool holds = std::all_of(report.invariants.begin(), report.invariants.end(),
                                   [](const observe::InvariantView& each) { return each.holds; });
    const bool ended = report.stopped == scenario::Stop::Drained || report.stopped == scenario::Stop::Until;
    return holds && ended ? ExitStatus::Done : ExitStatus::Broken;
}

}  // namespace millrace::cli
