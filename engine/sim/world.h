#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/sim/context.h"
#include "engine/sim/disk.h"
#include "engine/sim/effect.h"
#include "engine/sim/event_queue.h"
#include "engine/sim/fault.h"
#include "engine/sim/host.h"
#include "engine/sim/ids.h"
#include "engine/sim/journal.h"
#include "engine/sim/message.h"
#include "engine/sim/metrics.h"
#include "engine/sim/network.h"
#include "engine/sim/process.h"
#include "engine/sim/slots.h"

namespace millrace::sim {

struct WorldSpec {
    std::uint64_t seed = 1;
    std::int64_t startMillis = 1'767'225'600'000;  ///< the date of time 0: 2026-01-01T00:00:00Z
    SimDuration sampleInterval = std::chrono::milliseconds{100};
    SimDuration defaultLatency = std::chrono::microseconds{250};  ///< one way between two hosts without a link of their own
};

/// Something from outside that enters the world between two events, recorded by `run` with its place in the order.
class Input : public Counted {
public:
    virtual void apply(World& world) const = 0;
    virtual void digest(Digest& digest) const = 0;
    [[nodiscard]] virtual std::string summary() const = 0;
};

/// A whole simulated installation as a value. Copying it is a checkpoint: copies share everything and diverge on write.
/// A world stays on one thread. Same spec, same construction, same inputs: same fingerprint.
class World {
public:
    explicit World(WorldSpec spec = {});
    World(const World& other);
    World& operator=(const World& other);
    World(World&&) noexcept = default;
    World& operator=(World&&) noexcept = default;
    ~World() = default;

    // --- construction
    HostId addHost(HostSpec spec);
    /// Sets the link between two hosts (both directions).
    void setLink(HostId a, HostId b, LinkSpec spec);
    /// Makes a process slot; it boots at `startAt`.
    ProcessId addProcess(HostId host, Ref<const Blueprint> blueprint, SimTime startAt = SimTime{});
    void setResolver(Ref<const TargetResolver> resolver) { m_resolver = std::move(resolver); }
    void scheduleFault(SimTime at, FaultSpec fault);

    // --- running
    [[nodiscard]] SimTime now() const { return m_now; }
    [[nodiscard]] std::uint64_t eventsProcessed() const { return m_events; }
    /// Time of the next event; SimTime::max() when there is none.
    [[nodiscard]] SimTime nextEventTime() const;
    /// Processes one event. False when there is none.
    bool step();
    /// Processes events up to and with time `until`, at most `eventsMax`; then, unless the limit was hit, `now()` is `until`.
    /// Gives the number processed.
    std::uint64_t run(SimTime until, std::uint64_t eventsMax = ~std::uint64_t{0});
    /// Enters an input here and now.
    void apply(const Input& input);
    /// Injects a fault here and now (what a click on "crash" does, through an Input).
    void injectFault(const FaultSpec& fault);
    /// Delivers a message to an actor from outside (through an Input).
    void deliver(ActorId actor, MessageRef message);

    // --- what leaves
    [[nodiscard]] std::vector<NumberedEffect> takeEffects();
    [[nodiscard]] EffectNumber nextEffect() const { return m_nextEffect; }

    // --- looking (nothing here changes the world)
    [[nodiscard]] const WorldSpec& spec() const { return m_spec; }
    [[nodiscard]] std::uint64_t fingerprint() const { return m_fingerprint; }
    [[nodiscard]] const Journal& journal() const { return m_journal; }
    [[nodiscard]] const SeriesStore& series() const { return m_series; }
    [[nodiscard]] const SharedLog<Ref<const FaultRecord>>& faults() const { return m_faults; }
    /// Faults of the scenario that are still to come, by time.
    [[nodiscard]] std::vector<std::pair<SimTime, FaultSpec>> faultsToCome() const;
    [[nodiscard]] std::uint64_t pendingEvents() const { return m_queue.size(); }

    [[nodiscard]] std::uint32_t hostCount() const { return static_cast<std::uint32_t>(m_hosts.size()); }
    [[nodiscard]] const Host& host(HostId id) const { return *m_hosts.at(id.value); }
    [[nodiscard]] HostId findHost(std::string_view name) const;
    [[nodiscard]] std::uint32_t processCount() const { return static_cast<std::uint32_t>(m_processes.size()); }
    [[nodiscard]] const ProcessSlot& process(ProcessId id) const { return *m_processes.at(id.value); }
    [[nodiscard]] ProcessId findProcess(std::string_view name) const;
    /// The actor "<process>/<name>" of a live process, or null. `as<T>` checks the type.
    [[nodiscard]] const Actor* findActor(std::string_view fullName) const;
    [[nodiscard]] ActorId findActorId(std::string_view fullName) const;
    template <class T>
    [[nodiscard]] const T* findActor(std::string_view fullName) const {
        return dynamic_cast<const T*>(findActor(fullName));
    }
    /// Messages waiting for the actor (mailbox), 0 when there is no such actor.
    [[nodiscard]] std::uint64_t mailboxSize(std::string_view fullName) const;
    [[nodiscard]] const Network& network() const { return m_network; }

private:
    friend class Context;
    struct Op;
};

}  // namespace millrace::sim
