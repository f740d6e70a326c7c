#pragma once

#include <cstdint>
#include <optional>
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
#include "engine/sim/fact.h"
#include "engine/sim/fault.h"
#include "engine/sim/host.h"
#include "engine/sim/ids.h"
#include "engine/sim/journal.h"
#include "engine/sim/message.h"
#include "engine/sim/network.h"
#include "engine/sim/process.h"
#include "engine/sim/series_store.h"
#include "engine/sim/slots.h"

namespace millrace::sim {

struct WorldSpec {
    std::uint64_t seed = 1;
    std::int64_t startMillis = 1'767'225'600'000;  ///< the date of time 0: 2026-01-01T00:00:00Z
    SimDuration sampleInterval = std::chrono::milliseconds{100};
    SimDuration defaultLatency =
        std::chrono::microseconds{250};  ///< one way between two hosts without a link of their own
};

/// Something from outside that enters the world between two events, recorded by `run` with its place in the order.
class Input : public Counted {
public:
    virtual void apply(World& world) const = 0;
    virtual void digest(Digest& digest) const = 0;
    [[nodiscard]] virtual std::string summary() const = 0;
};

/// A message that has left one process and not yet reached another.
struct MessageInFlight {
    std::uint64_t id = 0;  ///< stable while it is under way
    ProcessId from;
    ProcessId to;
    SimTime departs;  ///< from the path's latency: queueing in the card counts as departed
    SimTime arrives;
    std::string_view kind;
    ByteCount bytes = 0;
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
    /// Makes a process slot; it boots at `startAt`. Without a policy nobody starts it again when it ends by itself.
    ProcessId addProcess(HostId host, Ref<const Blueprint> blueprint, SimTime startAt = SimTime{},
                         std::optional<RestartPolicy> restart = std::nullopt);
    /// From its next start on the process boots by this blueprint, which has the same name: an operator has changed its
    /// configuration. What runs goes on as it was started.
    void reconfigure(ProcessId process, Ref<const Blueprint> blueprint);
    void setResolver(Ref<const TargetResolver> resolver) { m_resolver = std::move(resolver); }
    void setSurvey(Ref<const Survey> survey) { m_survey = std::move(survey); }
    void scheduleFault(SimTime at, FaultSpec fault);
    /// Takes a planned fault back that has not happened yet: the first of this kind for this target at that time. False
    /// when there is none.
    bool withdrawFault(SimTime at, FaultKind kind, std::string_view target);

    // --- running
    [[nodiscard]] SimTime now() const { return m_now; }
    [[nodiscard]] std::uint64_t eventsProcessed() const { return m_events; }
    /// Time of the next event; SimTime::max() when there is none.
    [[nodiscard]] SimTime nextEventTime() const;
    /// Processes one event. False when there is none.
    bool step();
    /// Processes events up to and with time `until`, at most `eventsMax`; then, unless the limit was hit, `now()` is
    /// `until`. Gives the number processed.
    std::uint64_t run(SimTime until, std::uint64_t eventsMax = ~std::uint64_t{0});
    /// Lets time pass to `time` without an event; none may be due before it. Recorded inputs are placed with it.
    void passTo(SimTime time);
    /// Enters an input here and now.
    void apply(const Input& input);
    /// Injects a fault here and now (what a click on "crash" does, through an Input).
    void injectFault(const FaultSpec& fault);
    /// Delivers a message to an actor from outside (through an Input).
    void deliver(ActorId actor, MessageRef message);

    // --- what leaves
    [[nodiscard]] std::vector<NumberedEffect> takeEffects();
    [[nodiscard]] EffectNumber nextEffect() const { return m_nextEffect; }
    /// From now on facts are kept until they are taken, in the order in which they came about; outside of the
    /// fingerprint. Without it they are dropped.
    void listenToFacts() { m_isListenedTo = true; }
    /// Moves the facts since the last call into `into`, whose content goes.
    void takeFacts(std::vector<ToldFact>& into);

    // --- looking (nothing here changes the world)
    [[nodiscard]] const WorldSpec& spec() const { return m_spec; }
    [[nodiscard]] std::uint64_t fingerprint() const { return m_fingerprint; }
    /// The fingerprint at the end of each whole simulated second so far, from second 1: tells where two runs part.
    [[nodiscard]] const SharedLog<std::uint64_t>& fingerprintsBySecond() const { return m_fingerprintsBySecond; }
    [[nodiscard]] const Journal& journal() const { return m_journal; }
    [[nodiscard]] const SeriesStore& series() const { return m_series; }
    /// How fast a counter grows, a second: the mean of its samples of the last two seconds, which a person can read,
    /// where those of a tenth of a second flicker. 0 when there is none that young.
    [[nodiscard]] double ratePerSecond(std::string_view owner, const Metric& metric, std::string_view label = {}) const;
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
    /// What a process sees of its host's disk, whether it runs or not.
    [[nodiscard]] ProcessDisk diskOf(ProcessId id) const { return {host(process(id).host).disk, process(id).name()}; }
    /// The actor "<process>/<name>" of a live process, or null, also as long as its `start` has not run: there is
    /// nothing to be seen in it yet. The template checks the type.
    [[nodiscard]] const Actor* findActor(std::string_view fullName) const;
    [[nodiscard]] ActorId findActorId(std::string_view fullName) const;
    template <class T>
    [[nodiscard]] const T* findActor(std::string_view fullName) const {
        return dynamic_cast<const T*>(findActor(fullName));
    }
    /// What a counter of the actor "<process>/<name>" had come to in the incarnations that have ended; null: none had
    /// it.
    [[nodiscard]] const PastCounters::Counter* pastCounter(std::string_view actor, std::string_view name,
                                                           std::string_view label = {}) const;
    /// Messages waiting for the actor (mailbox), 0 when there is no such actor.
    [[nodiscard]] std::uint64_t mailboxSize(std::string_view fullName) const;
    [[nodiscard]] const Network& network() const { return m_network; }
    /// Messages on their way between processes right now, at most `max` of each pair of processes, chosen by a hash of
    /// the message so that the same ones are shown from frame to frame. O(pending events).
    [[nodiscard]] std::vector<MessageInFlight> messagesInFlight(std::size_t max) const;
    /// What comes next: its time and what it is ("timer of broker/1/replica-manager"); empty when nothing does.
    [[nodiscard]] std::string nextEventText() const;

private:
    friend class Context;

    struct PlannedFault {
        SimTime at;
        FaultSpec spec;
        bool done = false;
    };
    /// The handler that runs right now. Empty between events, so it costs a copy nothing.
    struct Running {
        std::uint32_t actor = 0;
        ProcessId process;
        HostId host;
        bool booting = false;
        JournalId cause = noEntry;
        ConnectionId connection = noConnection;
        CpuTime cost{0};
        ByteCount diskReserved = 0;
        std::vector<Op> ops;
        std::vector<std::pair<ActorId, MessageRef>> parts;
    };

    // Dispatch (world_dispatch.cpp)
    [[nodiscard]] ActorSlot& slot(std::uint32_t index) { return writable(m_actors[index]); }
    [[nodiscard]] Host& hostAt(HostId id) { return writable(m_hosts[id.value]); }
    [[nodiscard]] ProcessSlot& processAt(ProcessId id) { return writable(m_processes[id.value]); }
    void fetchAhead() const;
    void post(std::uint32_t actor, Mail mail);
    void runHandler(std::uint32_t index, Mail mail);
    void finishHandler(std::uint32_t index);
    [[nodiscard]] bool isNextOnItsHost(std::uint32_t index) const;
    void commit(std::uint32_t index, std::vector<Op>& ops, JournalId eventCause);
    void execute(std::uint32_t index, Op& op, JournalId cause);
    void afterHandler(std::uint32_t index, std::uint32_t generation);
    void enqueueForCore(std::uint32_t index);
    void wantDispatch(HostId host);
    void dispatchHosts();
    void fireTimer(const Event& event, MessageRef message);
    void cancelTimer(std::uint32_t index, TimerId timer);
    void listenAt(std::uint32_t index, Port port, JournalId cause);
    [[nodiscard]] WaitedFor lastingParty(const WaitedFor& party) const;
    [[nodiscard]] JournalId reasonOf(const JournalDraft& draft, HostId host, JournalId otherwise) const;
    [[nodiscard]] JournalId causeOfSilence(const Wait& wait, HostId waiter, JournalId otherwise) const;
    void closeSamples(SimTime before);
    void sampleAll(SimTime at);
    JournalId writeJournal(const std::string& place, JournalDraft draft, JournalId cause);
    void emitEffect(Ref<const Effect> effect);

    // Processes (world_process.cpp)
    void bootProcess(ProcessId id, JournalId cause);
    void failProcess(ProcessId id, JournalId cause);
    void abandonRestart(ProcessId id, ProcessState state, JournalId cause);
    void endProcess(ProcessId id, ProcessState state, ProcessExited::Reason reason, JournalId cause, bool tellPeers);
    std::uint32_t makeActor(ProcessId process, std::string name, Ref<Actor> actor);
    void freeActor(std::uint32_t index);
    void keepCounters(ProcessSlot& process) const;
    ProcessId makeProcess(HostId host, Ref<const Blueprint> blueprint, bool isChild);

    // Network (world_network.cpp)
    class Wires;
    ConnectionId reserveConnection();
    void closeConnection(ConnectionId end, ConnectionClosed::Reason reason, bool tellPeer, JournalId cause);
    [[nodiscard]] bool relay(std::uint32_t actor, Mail& mail);

    // Faults (world_faults.cpp)
    struct Hit;
    JournalId applyFault(const FaultSpec& fault, JournalId cause);
    [[nodiscard]] std::optional<FaultTarget> resolveTarget(std::string_view target) const;
    void setFault(const FaultSpec& fault, const FaultTarget& target, JournalId entry, bool ending);
    void reviveProcess(ProcessId id, JournalId entry, bool isNamed);
    void reviveHost(HostId id, JournalId entry);
    void setPaused(ProcessId id, bool paused, JournalId entry);
    void losePower(HostId id, JournalId entry);
    void returnPower(HostId id, JournalId entry);
    void setCut(const LinkTarget& link, bool cut, JournalId entry);
    void endFault(std::uint32_t record);
    void closeFault(std::uint32_t record);
    void closeFaults(FaultKind repair, double value, const FaultTarget& target);
    [[nodiscard]] const FaultRecord* stillHolding(FaultKind kind, const FaultTarget& target) const;
    [[nodiscard]] bool covers(const FaultTarget& outer, const FaultTarget& inner) const;
    [[nodiscard]] std::optional<FaultTarget> hitBy(const FaultSpec& fault) const;
    [[nodiscard]] std::vector<FaultTarget> piecesOf(FaultKind kind, const FaultTarget& target) const;
    void startAgain(ProcessId id, JournalId entry);
    void requestStop(ProcessId id, JournalId entry);

    WorldSpec m_spec;
    SimTime m_now;
    std::uint64_t m_events = 0;
    std::uint64_t m_fingerprint = 0;
    EventQueue m_queue;
    std::vector<Ref<Host>> m_hosts;
    std::vector<Ref<ProcessSlot>> m_processes;
    std::vector<Ref<ActorSlot>> m_actors;
    std::vector<std::uint32_t> m_freeActors;
    SharedMap<std::string, std::uint32_t> m_hostByName;
    SharedMap<std::string, std::uint32_t> m_processByName;
    SharedMap<std::string, std::uint32_t> m_actorByName;
    Network m_network;
    Journal m_journal;
    SeriesStore m_series;
    SharedLog<PlannedFault> m_planned;
    SharedLog<Ref<const FaultRecord>> m_faults;
    SharedMap<std::uint32_t, bool> m_openFaults;  ///< indices of those that have not ended
    Ref<const TargetResolver> m_resolver;
    Ref<const Survey> m_survey;
    ReporterId m_surveyReporter;
    SharedLog<NumberedEffect> m_effects;
    EffectNumber m_nextEffect{1};
    std::vector<ToldFact> m_facts;  // empty between two steps of who listens, so it costs a copy nothing
    bool m_isListenedTo = false;
    std::uint64_t m_nextTimer = 1;
    SimTime m_nextSample;
    SimTime m_nextLook;  // the earlier of the next sample and the next whole second
    SharedLog<std::uint64_t> m_fingerprintsBySecond;
    MessageRef m_startMessage;
    std::vector<HostId> m_hostsToDispatch;
    Running m_running;
};

}  // namespace millrace::sim
