#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/scenario/document/value.h"

namespace millrace::studio {

/// One entry of the document's `faults`.
struct PlannedFault {
    std::string kind;
    std::string target;
    SimDuration at{};
    std::optional<SimDuration> duration;  ///< `for`; absent: it stays
    double value = 0;                     ///< how strong, as its kind counts it; durations in seconds

    friend bool operator==(const PlannedFault&, const PlannedFault&) = default;
};

/// All of them, in the order of the document; what cannot be read stands at 0 s, so that places agree.
[[nodiscard]] std::vector<PlannedFault> plannedFaults(const scenario::Value& root);

[[nodiscard]] scenario::Value withPlannedFault(const scenario::Value& root, const PlannedFault& fault);
/// At another time or of another length; nothing else of the entry changes.
[[nodiscard]] scenario::Value withMovedFault(const scenario::Value& root, std::size_t index, SimDuration at,
                                             std::optional<SimDuration> duration);
/// Of another kind, as strong as a tool of that kind strikes.
[[nodiscard]] scenario::Value withFaultKind(const scenario::Value& root, std::size_t index, const std::string& kind);
[[nodiscard]] scenario::Value withoutPlannedFault(const scenario::Value& root, std::size_t index);

}  // namespace millrace::studio
