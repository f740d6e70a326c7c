#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/sim/link.h"
#include "engine/storm/config.h"
#include "engine/storm/messages.h"
#include "engine/storm/state.h"
#include "engine/zookeeper/client.h"

namespace millrace::storm {

struct SupervisorConfig {
    ClusterConfig cluster;
    std::string id;
    std::vector<sim::Port> ports = {sim::Port{6700}, sim::Port{6701}, sim::Port{6702}, sim::Port{6703}};
};

/// The daemon of a node. It registers its slots in ZooKeeper (ephemeral), reads the assignments (every 10 s, and when
/// Nimbus says that they changed), and keeps in each slot the worker that is assigned to it: fetches the topology's
/// code, launches the worker as a child process, watches it, relaunches it on the same port when it exits or its local
/// heartbeat is older than `supervisor.worker.timeout.secs` (`supervisor.worker.start.timeout.secs` before the first),
/// and ends it when its assignment goes. Slots are looked at every `supervisor.monitor.frequency.secs`, and at once
/// when an assignment comes or a worker has ended.
///
/// Workers are processes of their own: when only the supervisor dies they go on, and a restarted supervisor takes them
/// back from what it wrote to its disk. A returned power starts the supervisor, not the workers.
///
/// A worker's local heartbeat is the message that it sends each second; Storm also writes it to a local file.
///
/// Left out: health checks, the polite wait of 3 s before a worker is killed, memory limits, blob updates.
class Supervisor final : public sim::ActorBase<Supervisor> {
public:
    enum class SlotState : std::uint8_t { Empty, WaitingForBlob, WaitingForWorkerStart, Running, Killing };
    struct SlotEntry {
        SlotState state = SlotState::Empty;
        std::string topologyId;  ///< what runs or is being started
        std::vector<ExecutorRange> executors;
        sim::ProcessId worker = sim::noProcess;
        SimTime since;  ///< of the launch
        SimTime lastBeat;
        bool hasBeat = false;
    };

    explicit Supervisor(SupervisorConfig config) : m_config(std::move(config)) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;
    /// Leaves its session; its workers go on.
    [[nodiscard]] bool takesStops() const override { return true; }

    [[nodiscard]] const SupervisorConfig& config() const { return m_config; }
    [[nodiscard]] const std::map<sim::Port, SlotEntry>& slotEntries() const { return m_slots; }

private:
    enum class Ask : std::uint32_t { Parent, Register, Refresh, Assignments, Assignment };
    enum class Timer : std::uint32_t { Monitor, Look, Heartbeat, Sync, Report, Reconnect };
    struct Wanted {
        std::string topologyId;
        std::vector<ExecutorRange> executors;
        friend bool operator==(const Wanted&, const Wanted&) = default;
    };

    static zookeeper::Tag tag(Ask ask) { return {0, static_cast<std::uint32_t>(ask)}; }
    void arm(sim::Context& context, Timer timer, SimDuration delay);

    void adopt(sim::Context& context);
    void onZookeeper(sim::Context& context, zookeeper::Event& event);
    void onReply(sim::Context& context, zookeeper::Reply& reply);
    void registerNode(sim::Context& context);
    void onTimer(sim::Context& context, Timer timer);
    void synchronise(sim::Context& context);
    void takeAssignments(sim::Context& context);
    void look(sim::Context& context);
    void step(sim::Context& context, sim::Port port, SlotEntry& slot);
    void begin(sim::Context& context, sim::Port port, SlotEntry& slot, const Wanted& wanted);
    void launch(sim::Context& context, sim::Port port, SlotEntry& slot);
    void onExit(sim::Context& context, const sim::ProcessExited& exited);
    void onWorkerBeat(sim::Context& context, const WorkerBeats& beats);
    void report(sim::Context& context);
    void connectToNimbus(sim::Context& context);
    void onNimbusLink(sim::Context& context, sim::Link::News news);
    void remember(sim::Context& context) const;
    [[nodiscard]] SupervisorInfo info(sim::Context& context) const;
    [[nodiscard]] std::string znode() const { return paths::under(paths::supervisors, m_config.id); }

    SupervisorConfig m_config;
    zookeeper::ZkClient m_zk;
    std::map<sim::Port, SlotEntry> m_slots;
    std::map<sim::Port, Wanted> m_wanted;
    bool m_hasAssignments = false;             // ZooKeeper has been read since the start
    std::map<std::string, Assignment> m_read;  // of the reading under way
    std::uint32_t m_outstanding = 0;
    bool m_isReading = false;
    bool m_readAgain = false;
    std::map<sim::Port, WorkerBeat> m_beats;
    sim::Link m_nimbus;
};

[[nodiscard]] Ref<const sim::Blueprint> makeSupervisorBlueprint(SupervisorConfig config);
/// The slots of a supervisor's blueprint; none for any other blueprint.
[[nodiscard]] std::vector<sim::Port> supervisorPorts(const sim::Blueprint& blueprint);

}  // namespace millrace::storm
