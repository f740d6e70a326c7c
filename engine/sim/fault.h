#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/faults.h"
#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/sim/ids.h"

namespace millrace::sim {

class World;

using millrace::FaultKind;

[[nodiscard]] constexpr std::string_view toText(FaultKind kind) {
    return rowOf(kind).name;
}
[[nodiscard]] constexpr std::optional<FaultKind> faultKindFromText(std::string_view text) {
    const FaultRow* row = findFault(text);
    return row != nullptr ? std::optional(row->kind) : std::nullopt;
}

struct FaultSpec {
    FaultKind kind = FaultKind::Crash;
    std::string target;  ///< as in the contract: "broker:2", "leader:access-0", "host:h4", "link:h1-h2", "link:h1>h2"
    double value = 0;    ///< see FaultKind
    std::optional<SimDuration> duration;  ///< undone after this; absent: stays
};

/// What a fault does to whom, for the journal: "broker/1 crashed", "the disk of host/h1 is 20 times slower".
[[nodiscard]] std::string sentenceOf(const FaultSpec& fault, std::string_view hit);

struct LinkTarget {
    HostId a;
    HostId b;
    bool bothWays = true;  ///< false: only from a to b
};
struct Everything {};  ///< "all": every host, every way between them, every process that somebody started
using FaultTarget = std::variant<ProcessId, HostId, LinkTarget, Everything>;

/// Turns a target's text into what it names right now ("leader:access-0" moves). The systems supply it; sim itself
/// resolves "all", "process:NAME", "host:NAME", "disk:NAME" and "link:A-B" and asks the resolver about everything else.
class TargetResolver : public Counted {
public:
    [[nodiscard]] virtual std::optional<FaultTarget> resolve(const World& world, std::string_view target) const = 0;
};

struct FaultRecord final : Counted {
    SimTime time;
    FaultSpec spec;
    std::string resolved;  ///< what it hit: "process broker/1"; empty when the target named nothing at that time
    JournalId entry;
    std::optional<SimTime> ended;  ///< by its own time, by a repair, or because what had crashed was started
};

}  // namespace millrace::sim
