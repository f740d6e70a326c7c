#pragma once

#include <string_view>

#include "app/cli/report_output.h"

namespace millrace::cli {

/// Whether `millrace list WHAT` shows one of the program's tables instead of a folder: "operators", "settings",
/// "faults", "metrics".
[[nodiscard]] bool isTable(std::string_view what);
/// Says everything that the table says of its rows.
void sayTable(std::string_view what, ReportFormat format);

}  // namespace millrace::cli
