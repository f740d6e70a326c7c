#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/cli/cli.h"
#include "engine/base/result.h"
#include "engine/lab/checker.h"
#include "engine/run/report/report.h"
#include "engine/scenario/document/value.h"

namespace CLI {
class App;
}

namespace millrace::cli {

enum class ReportFormat { Text, Json };

/// To standard output. Whether it could be written is asked once, when the command is over.
void say(const std::string& text);
/// The same for JSON, in whose texts a control character has a form of its own.
void sayJson(const std::string& json);
/// The status of a command whose output is complete; one whose output could not be written says so and has failed.
[[nodiscard]] ExitStatus afterOutput(ExitStatus status);

void addReportOption(CLI::App& command, ReportFormat& format);
/// The only thing that a run prints on standard output.
void printReport(const run::Report& report, ReportFormat format);
/// What a checker has found, as the report says it.
[[nodiscard]] std::vector<observe::InvariantView> viewsOf(const lab::Checker& checker);
/// Says on standard error why the input is refused, or what went wrong with the machine.
[[nodiscard]] ExitStatus refuse(const std::string& file, const Error& error);
/// The same for an error whose place is a field of a document: with line and column.
[[nodiscard]] ExitStatus refuse(const std::string& file, const Error& error, const scenario::Value& document);
[[nodiscard]] ExitStatus machineFailed(const Error& error);
/// A file that an option names cannot be written: the option's fault, or the machine's, with what helps.
[[nodiscard]] ExitStatus outputRefused(const Error& error, std::string_view option);
[[nodiscard]] ExitStatus statusOf(const run::Report& report);

}  // namespace millrace::cli
