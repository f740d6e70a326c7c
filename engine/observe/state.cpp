#include "engine/observe/state.h"

namespace millrace::observe {

std::string_view toText(LifeState state) {
    switch (state) {
        case LifeState::Running:
            return "running";
        case LifeState::Starting:
            return "starting";
        case LifeState::Paused:
            return "paused";
        case LifeState::Crashed:
            return "crashed";
        case LifeState::PoweredOff:
            return "no power";
        case LifeState::Stopped:
            return "stopped";
        case LifeState::Planned:
            return "not started";
    }
    return {};
}

std::string_view toText(Severity severity) {
    switch (severity) {
        case Severity::Debug:
            return "debug";
        case Severity::Info:
            return "info";
        case Severity::Notice:
            return "notice";
        case Severity::Warning:
            return "warning";
        case Severity::Error:
            return "error";
    }
    return {};
}

}  // namespace millrace::observe
