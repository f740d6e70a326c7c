#pragma once

#include <string>
#include <string_view>

#include "engine/sim/ids.h"

namespace millrace::storm {

/// Stable names of Storm's processes.
[[nodiscard]] inline std::string supervisorProcessName(std::string_view id) {
    return "supervisor/" + std::string{id};
}
/// "worker/audit/6700@h4"
[[nodiscard]] inline std::string workerProcessName(std::string_view topology, sim::Port port, std::string_view host) {
    return "worker/" + std::string{topology} + "/" + std::to_string(port.value) + "@" + std::string{host};
}
[[nodiscard]] inline std::string workerProcessPrefix(std::string_view topology) {
    return "worker/" + std::string{topology} + "/";
}

}  // namespace millrace::storm
