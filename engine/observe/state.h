#pragma once

#include <string_view>

namespace millrace::observe {

/// In what condition a process or a host is, in the words a person would use.
enum class LifeState {
    Running,
    Starting,    ///< boots, or waits for an old session to go
    Paused,      ///< alive, its connections open, but it handles nothing
    Crashed,     ///< the process died; its host is up
    PoweredOff,  ///< the host has no power
    Stopped,     ///< ended as asked
    Planned,     ///< drawn, and not part of a run yet
};

enum class Severity { Debug, Info, Notice, Warning, Error };

[[nodiscard]] std::string_view toText(LifeState state);
[[nodiscard]] std::string_view toText(Severity severity);

/// Whether the object needs a "Revive" before it does anything again.
[[nodiscard]] constexpr bool isDown(LifeState state) {
    return state == LifeState::Crashed || state == LifeState::PoweredOff || state == LifeState::Stopped;
}

}  // namespace millrace::observe
