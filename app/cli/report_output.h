#pragma once

#include "app/cli/cli.h"
#include "engine/scenario/report/report.h"

namespace CLI {
class App;
}

namespace millrace::cli {

enum class ReportFormat { Text, Json };

void addReportOption(CLI::App& command, ReportFormat& format);
/// The only thing that a run prints on standard output.
void printReport(const scenario::Report& report, ReportFormat format);
[[nodiscard]] ExitStatus statusOf(const scenario::Report& report);

}  // namespace millrace::cli
