#include "engine/describe/life.h"

namespace millrace::describe {

observe::LifeState lifeOf(sim::ProcessState state) {
    switch (state) {
        case sim::ProcessState::NotStarted:
            return observe::LifeState::Starting;
        case sim::ProcessState::Running:
            return observe::LifeState::Running;
        case sim::ProcessState::Paused:
            return observe::LifeState::Paused;
        case sim::ProcessState::Crashed:
            return observe::LifeState::Crashed;
        case sim::ProcessState::Stopped:
            return observe::LifeState::Stopped;
        case sim::ProcessState::HostOff:
            return observe::LifeState::PoweredOff;
    }
    return observe::LifeState::Crashed;
}

}  // namespace millrace::describe
