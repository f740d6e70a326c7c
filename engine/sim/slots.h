#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/ref.h"
#include "engine/base/shared_map.h"
#include "engine/base/shared_queue.h"
#include "engine/sim/ids.h"
#include "engine/sim/mail.h"
#include "engine/sim/metrics.h"
#include "engine/sim/process.h"
#include "engine/sim/series_store.h"

namespace millrace::sim {

/// Whom a timer waits for: when it fires, its cause is what silenced that party or the way to it.
using WaitedFor = std::variant<ProcessId, HostId, ConnectionId>;

/// What can crash: a blueprint, its incarnation, the actors and children of that incarnation.
struct ProcessSlot final : Counted {
    ProcessId id;
    HostId host;
    Ref<const Blueprint> blueprint;
    std::uint32_t incarnation = 0;  ///< 0: never started
    ProcessState state = ProcessState::NotStarted;
    SimTime since;                          ///< time of the last change of state
    JournalId silencedBy = noEntry;         ///< newest entry that crashed, paused or stopped it
    std::vector<std::uint32_t> actors;      ///< slots, in order of creation
    std::vector<ConnectionId> connections;  ///< open ends
    std::vector<Port> listeners;
    bool isChild = false;                    ///< spawned by another process; a return of power does not boot it
    std::optional<RestartPolicy> restart;    ///< who looks after it; absent: nobody, or the process that spawned it
    bool endedByItself = false;              ///< its own failure ended it, not a fault and nobody's order
    bool isToStop = false;                   ///< was asked to end in order: it is ending, or it has
    bool startsWhenStopped = false;          ///< was to start again before it had ended
    std::uint32_t tries = 0;                 ///< starts by its service manager in a row
    SimTime failingSince;                    ///< when the first of these tries became necessary
    SimTime startsAgainAt = SimTime::max();  ///< by its service manager
    std::vector<ActorId> watchers;           ///< told when it ends
    Ref<const PastCounters> past;            ///< of the incarnations that have ended; null before the first end

    [[nodiscard]] const std::string& name() const { return blueprint->name(); }
    [[nodiscard]] bool isAlive() const { return state == ProcessState::Running || state == ProcessState::Paused; }
    [[nodiscard]] bool willStartAgain() const { return startsAgainAt != SimTime::max(); }
};

/// What the world executes when a handler's processor time has passed.
enum class OpKind : std::uint8_t {
    Send,
    Arm,
    WaitFor,
    Cancel,
    Listen,
    Connect,
    Transmit,
    Close,
    Append,
    Replace,
    Truncate,
    DropFront,
    Remove,
    Flush,
    Spawn,
    Kill,
    Watch,
    Journal,
    Effect,
    Tell
};
struct Op {
    OpKind kind{};
    std::uint32_t extra = 0;
    std::uint64_t a = 0;
    std::int64_t b = 0;
    Ref<const Counted> object;
    Ref<const Counted> object2;
};

/// A timer that waits for somebody.
struct Wait {
    WaitedFor party;
    JournalId armedAfter = noEntry;  ///< newest entry when it was armed
};

enum class ActorPhase : std::uint8_t { Free, Idle, Waiting, Busy };

/// One actor of a running process, its mailbox and what its running handler has prepared.
struct ActorSlot final : Counted {
    std::uint32_t generation = 0;  ///< of the slot: tells stale ids and events
    ActorPhase phase = ActorPhase::Free;
    bool paused = false;
    bool queued = false;           ///< stands in the host's run queue
    bool doneWhilePaused = false;  ///< the handler's time passed while the process was paused
    ProcessId process;
    HostId host;
    std::uint32_t incarnation = 0;  ///< of the process
    std::uint64_t nameHash = 0;
    std::string name;  ///< "<process>/<actor>"
    Ref<Actor> actor;
    SharedQueue<Mail> mailbox;
    std::vector<Op> prepared;
    JournalId preparedCause = noEntry;
    RandomStream random;
    SharedMap<std::uint64_t, std::uint32_t> cancelledTimers;  ///< token, second in which it was due
    SharedMap<std::uint64_t, Wait> waits;                     ///< armed timers that wait for somebody
    std::uint64_t handled = 0;                                ///< messages, `start` included, which is the first
    SimTime handledAt;                                        ///< the last of them
    ReporterId reporter;                                      ///< of its figures
    SimDuration cpuTime{0};

    [[nodiscard]] bool hasStarted() const { return handled > 0; }
};

}  // namespace millrace::sim
