#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/sim/ids.h"

namespace millrace::sim {

class Context;
class Message;
class MetricSink;
using MessageRef = Ref<const Message>;

/// What runs. One message at a time; all state is in the object, which copies with the world (copy-on-write), so large
/// state stands in SharedMap and SharedLog. No pointer to anything outside of the state, no clock, no thread.
class Actor : public Counted {
public:
    /// First call in each incarnation, after the process has booted all its actors.
    virtual void start(Context&) {}
    virtual void handle(Context& context, const Message& message) = 0;
    /// What came in by a connection of this actor and is for others of its process, whom it names: they get the parts
    /// at once, without a handler of this actor and without a core for it (a thread of the network reads the frame, and
    /// reading it is charged to whoever works on it). False: it is handled as usual.
    [[nodiscard]] virtual bool relay(const Context&, const Message&,
                                     std::vector<std::pair<ActorId, MessageRef>>& /*parts*/) const {
        return false;
    }
    /// Writes the actor's figures; called at every sample's end, must not depend on who watches.
    virtual void sample(MetricSink&) const {}

    /// Whether it sees to the end of its process when that is asked to stop (SIGTERM): it then gets StopRequested and
    /// ends the process when all is in order. A process with no such actor ends at once.
    [[nodiscard]] virtual bool takesStops() const { return false; }

    [[nodiscard]] virtual Ref<Actor> clone() const = 0;
};

/// `class Acker final : public ActorBase<Acker>`: copyable, and cloned by copying.
template <class Derived>
class ActorBase : public Actor {
public:
    [[nodiscard]] Ref<Actor> clone() const final { return makeRef<Derived>(static_cast<const Derived&>(*this)); }
};

/// How a process starts: its configuration and what it does at boot. Immutable and shared by all incarnations.
class Blueprint : public Counted {
public:
    /// Stable, unique in the world: "broker/1", "zookeeper/zk2", "worker/audit/6700@h4".
    [[nodiscard]] virtual const std::string& name() const = 0;
    /// Adds the process's actors (`context.addActor`); may read the disk. Runs as the process, at its start.
    virtual void boot(Context& context) const = 0;
};

enum class ProcessState : std::uint8_t { NotStarted, Running, Paused, Crashed, Stopped, HostOff };

/// What a service manager does when a process ends by itself, as systemd's Restart=on-failure, RestartSec and a limit
/// of tries. What a fault ends is the fault's: its end starts the process again, or nothing does.
struct RestartPolicy {
    bool isOn = true;
    SimDuration delay = std::chrono::seconds{5};
    std::optional<std::uint32_t> limit;  ///< tries in a row; absent: without limit
};

/// A process that has run for this long has recovered: its tries are counted anew.
inline constexpr SimDuration settledAfter = std::chrono::minutes{1};

}  // namespace millrace::sim
