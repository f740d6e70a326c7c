#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/sim/ids.h"

namespace millrace::sim {

class World;

enum class FaultKind : std::uint8_t {
    Crash,      ///< process: killed at once, page cache kept. `for`: restarts after it
    Restart,    ///< process: boots again when it is not running
    Power,      ///< host: power lost, unflushed data gone. `for`: comes back after it, with the processes it ran
    PowerOn,    ///< host
    Pause,      ///< process: handles nothing (garbage collection, SIGSTOP)
    Resume,     ///< process
    SlowCpu,    ///< host: value = how many times slower, > 0
    SlowDisk,   ///< host: value = how many times slower, > 0
    FullDisk,   ///< host: every write fails
    FreeDisk,   ///< host
    Cut,        ///< link, one or both directions: nothing passes
    Heal,       ///< link
    Delay,      ///< link: value = extra seconds
    Loss,       ///< link: value = share of packets lost, 0 to 1
    Duplicate,  ///< link: value = share of packets sent twice, 0 to 1
    Skew,       ///< host: value = seconds its clock is ahead
    Revive      ///< process, host or "all": what is down starts, what is paused goes on, what ails is as specified
};

[[nodiscard]] std::string_view toText(FaultKind kind);  ///< "crash", "slow-cpu": the names of the scenario document
[[nodiscard]] std::optional<FaultKind> faultKindFromText(std::string_view text);
[[nodiscard]] std::vector<std::string_view> faultKindNames();

struct FaultSpec {
    FaultKind kind = FaultKind::Crash;
    std::string target;  ///< as in the contract: "broker:2", "leader:access-0", "host:h4", "link:h1-h2", "link:h1>h2"
    double value = 0;    ///< see FaultKind
    std::optional<SimDuration> duration;  ///< undone after this; absent: stays
};

/// The kind of fault that one of this kind and strength takes back; nothing for what does harm.
[[nodiscard]] std::optional<FaultKind> repairedBy(const FaultSpec& fault);

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
