#pragma once

#include <functional>
#include <string_view>

namespace CLI {
class App;
}

namespace millrace::cli {

/// The exit statuses of `millrace`; scripts rely on them.
enum class ExitStatus : int {
    Done = 0,     ///< and every invariant held
    Broken = 1,   ///< it ran, and an invariant broke, an expectation failed, or it got stuck
    Refused = 2,  ///< the input: every complaint is on standard error
    Machine = 3,  ///< disk full, port taken; or the program itself broke a rule of its own
    CutOff = 4    ///< a recording lacked its end: what there was has been replayed
};

/// What a command does once its options have been read.
using Action = std::function<ExitStatus()>;

/// Each adds one command; the chosen one sets the action.
void addCheckCommand(CLI::App& app, Action& action);
void addCompareCommand(CLI::App& app, Action& action);
void addListCommand(CLI::App& app, Action& action);
void addPreviewCommand(CLI::App& app, Action& action);
void addReplayCommand(CLI::App& app, Action& action);
void addRunCommand(CLI::App& app, Action& action);
void addServeCommand(CLI::App& app, Action& action);

}  // namespace millrace::cli
