#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/sim/context.h"
#include "engine/storm/cluster/scheduler.h"
#include "engine/storm/config.h"
#include "engine/storm/messages.h"
#include "engine/storm/state.h"
#include "engine/zookeeper/client.h"

namespace millrace::storm {

inline constexpr std::string_view nimbusProcess = "nimbus";

/// The master. It takes submissions, and every monitor round looks for dead executors and for topologies without enough
/// workers, and assigns. Tuples never pass through it: when it is dead, topologies run on and only decisions are
/// missing.
///
/// State is in ZooKeeper (bases and assignments) and in blobs on its disk (the topologies' code); a restart reads them
/// back when it has become the leader, which the old session's lock may delay by the session time-out. A new leader
/// knows no heartbeats: it decides nothing before all assigned nodes have reported or
/// `supervisor.worker.heartbeats.max.timeout.secs` have passed.
///
/// An executor is alive while its launch grace lasts (`nimbus.task.launch.secs` from its assignment) or its last new
/// beat is younger than the task time-out, by Nimbus's clock. Slots of dead executors are hidden for the round.
/// Executors that stay keep their start time.
///
/// Files: nimbus.cpp (leadership, submissions), nimbus_heartbeats.cpp (who is alive), nimbus_assignment.cpp (who runs
/// where).
///
/// Left out: several Nimbuses, blobs on other nodes, kill, rebalance and deactivation, the isolation, resource-aware
/// and blacklist schedulers.
class Nimbus final : public sim::ActorBase<Nimbus> {
public:
    struct Known {
        StormBase base;
        TopologyRef code;
        Assignment assignment;
        bool isWritten = false;  ///< the assignment's node exists
    };

    explicit Nimbus(ClusterConfig config) : m_config(std::move(config)) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;
    /// Leaves its session, and with it the leadership.
    [[nodiscard]] bool takesStops() const override { return true; }

    [[nodiscard]] bool isLeader() const { return m_phase == Phase::Leading; }
    /// By topology id.
    [[nodiscard]] const std::map<std::string, Known>& topologies() const { return m_topologies; }
    [[nodiscard]] const std::map<std::string, SupervisorInfo>& supervisors() const { return m_supervisors; }
    [[nodiscard]] std::uint64_t rounds() const { return m_rounds; }
    [[nodiscard]] const ClusterConfig& config() const { return m_config; }
    /// When it next looks for what is to be assigned; max() while it does not lead.
    [[nodiscard]] SimTime nextRound() const { return isLeader() ? m_nextRound : SimTime::max(); }
    /// Up to when an assigned executor counts as alive if no further beat comes: the end of its launch grace or of the
    /// task time-out after its last beat, whichever is later.
    [[nodiscard]] SimTime aliveUntil(const std::string& id, const Known& topology, const ExecutorRange& executor,
                                     const Assignment::Place& place) const;

private:
    enum class Phase : std::uint8_t { Connecting, Contending, Recovering, Leading };
    enum class Ask : std::uint32_t {
        Parent,
        Presence,
        Lock,
        Contenders,
        Storms,
        Base,
        RecoveredAssignment,
        Supervisors,
        Supervisor,
        NewBase,
        NewAssignment
    };
    enum class Timer : std::uint32_t { Round, Decide };
    struct BlobStored final : sim::MessageBase<BlobStored> {
        static constexpr std::string_view Name = "storm.BlobStored";
        std::string topologyId;
        explicit BlobStored(std::string id) : topologyId(std::move(id)) {}
        void digest(Digest& digest) const override { digest.add(std::string_view{topologyId}); }
    };
    struct Beat {
        SimTime said;
        SimTime heard;
    };
    struct Submission {
        sim::ConnectionId client;
        Known topology;
    };

    static zookeeper::Tag tag(Ask ask) { return {0, static_cast<std::uint32_t>(ask)}; }

    void onZookeeper(sim::Context& context, zookeeper::Event& event);
    void onReply(sim::Context& context, zookeeper::Reply& reply);
    void contend(sim::Context& context);
    void recover(sim::Context& context);
    void lead(sim::Context& context);
    void submit(sim::Context& context, const SubmitTopology& submission);
    void finishSubmission(sim::Context& context, const zookeeper::Reply& reply);
    void onBeats(sim::Context& context, const WorkerBeats& beats);
    void beginRound(sim::Context& context);
    void decide(sim::Context& context);
    void assignAll(sim::Context& context);
    void assign(sim::Context& context, const std::string& id, Known& topology, const std::set<Slot>& used,
                const std::set<Slot>& hidden);
    [[nodiscard]] bool beatsAreReady(sim::Context& context);
    [[nodiscard]] SimDuration taskTimeoutOf(const Known& topology) const;
    [[nodiscard]] ExecutorSlots aliveExecutors(const std::string& id, const Known& topology, SimTime now) const;
    void journalDead(sim::Context& context, const std::string& id, const Known& topology) const;
    void journalAssignment(sim::Context& context, const Known& topology, const Assignment& before) const;

    ClusterConfig m_config;
    zookeeper::ZkClient m_zk;
    Phase m_phase = Phase::Connecting;
    std::map<std::string, Known> m_topologies;  // by id
    std::map<std::string, SupervisorInfo> m_supervisors;
    std::map<std::string, SupervisorInfo> m_seen;  // of the round under way
    std::map<std::string, std::map<ExecutorRange, Beat>> m_beats;
    std::map<std::string, Submission> m_submissions;   // by id, being stored
    std::map<std::string, sim::ConnectionId> m_nodes;  // supervisors that are connected
    std::set<std::string> m_reported;                  // nodes heard of since we lead
    SimTime m_leaderSince;
    std::uint64_t m_leadership = 0;  // counts: a timer of an earlier one is stale
    bool m_beatsReady = false;
    std::uint32_t m_outstanding = 0;  // replies that the present step waits for
    std::uint64_t m_rounds = 0;
    SimTime m_nextRound;
    std::uint64_t m_submitCount = 0;
};

[[nodiscard]] Ref<const sim::Blueprint> makeNimbusBlueprint(ClusterConfig config);

}  // namespace millrace::storm
