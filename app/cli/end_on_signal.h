#pragma once

namespace millrace::cli {

/// From here on Ctrl+C, a hang-up and `kill` are noted, so that what runs can end in order: files whole, a report
/// written. One that comes a second or more after the first ends the program as it usually does; sooner they are the
/// same wish, told twice (a shell and the system both send a hang-up), also while the program is about to end.
void endOnSignals();

[[nodiscard]] bool isToldToEnd();

}  // namespace millrace::cli
