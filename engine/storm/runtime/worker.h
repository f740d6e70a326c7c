#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/sim/link.h"
#include "engine/storm/config.h"
#include "engine/storm/messages.h"
#include "engine/storm/runtime/load.h"
#include "engine/storm/runtime/routes.h"
#include "engine/zookeeper/client.h"

namespace millrace::storm {

struct WorkerConfig {
    ClusterConfig cluster;
    std::string supervisor;  ///< its node
    std::string topologyId;
    TopologyRef topology;
    sim::Port port;
    std::vector<ExecutorRange> executors;
};

/// A worker process: executors of one topology, each an actor of its own, and this actor around them. It reads the
/// assignment from ZooKeeper every `task.refresh.poll.secs`, keeps a connection to each other worker of the topology
/// (reconnecting after 100 ms, doubling to 1 s), hands arriving batches to its executors, tells them their routes, and
/// says every second that it lives: to its supervisor or, when that one does not answer, to Nimbus.
///
/// Spouts start when all connections have stood once. What is sent to a worker without an open connection is lost, as
/// in Storm's Netty client: the tree times out and is replayed.
///
/// Loads for the shuffle grouping: every second (and up to half a second more) it looks at the queues of its tasks and
/// tells its executors of them and of what other workers have said; every 5 s it tells the workers that send to it.
/// Executors are not told while nothing changes and every ring has long settled, which makes no difference to them.
///
/// Back-pressure from afar (Storm 2): when a task's queue is over its limit, the worker tells all workers that are
/// connected to it, and again when it is not; between, they send nothing to that task. Looked at every
/// `topology.backpressure.check.millis`.
class Worker final : public sim::ActorBase<Worker> {
public:
    explicit Worker(WorkerConfig config) : m_config(std::move(config)) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    [[nodiscard]] bool takesStops() const override { return true; }

    [[nodiscard]] const WorkerConfig& config() const { return m_config; }
    [[nodiscard]] bool isLaunched() const { return m_isLaunched; }
    [[nodiscard]] bool isActivated() const { return m_isActivated; }

private:
    enum class Timer : std::uint32_t { Launched, Beat, Refresh, Reconnect, PressureCheck, Load };
    enum class Ask : std::uint32_t { Assignment };
    struct Peer {
        Slot slot;
        std::string host;
        sim::Link link;
        std::vector<TaskId> pressed;
        std::vector<LoadReport::Entry> loads;  // as it has said last
    };

    void arm(sim::Context& context, Timer timer, SimDuration delay, std::uint64_t value = 0);
    void launch(sim::Context& context);
    void onTimer(sim::Context& context, const DaemonTimer& timer);
    void onConnectionNews(sim::Context& context, const sim::Message& message);
    void onPeerLink(sim::Context& context, Peer& peer, sim::Link::News news);
    void refresh(sim::Context& context);
    void takeAssignment(sim::Context& context, const Assignment& assignment);
    void connectPeer(sim::Context& context, Peer& peer);
    void beat(sim::Context& context);
    void deliver(sim::Context& context, const Transfer& transfer);
    [[nodiscard]] bool relay(const sim::Context& context, const sim::Message& message,
                             std::vector<std::pair<sim::ActorId, sim::MessageRef>>& parts) const override;
    void checkPressure(sim::Context& context);
    void refreshLoad(sim::Context& context);
    void armLoad(sim::Context& context);
    [[nodiscard]] std::vector<LoadReport::Entry> ownLoads(const sim::Context& context) const;
    [[nodiscard]] bool hasShuffle(const ExecutorRange& range) const;
    void tellRoutes(sim::Context& context);
    [[nodiscard]] sim::ActorId executorOf(TaskId task) const;

    WorkerConfig m_config;
    zookeeper::ZkClient m_zk;
    bool m_isLaunched = false;
    bool m_isActivated = false;
    bool m_hasAssignment = false;
    bool m_hasBeaten = false;
    Assignment m_assignment;
    std::vector<Peer> m_peers;
    std::vector<sim::ActorId> m_executors;       // as in the configuration
    std::vector<sim::ActorId> m_executorByTask;  // by task id
    sim::Link m_supervisor;
    sim::Link m_nimbus;
    std::vector<sim::ConnectionId> m_accepted;  // workers that send to us
    std::vector<TaskId> m_pressed;              // our tasks with full queues
    SimTime m_lastDelivery = SimTime::min();    // by a handler of this actor
    RandomStream m_loadJitter;
    SimTime m_nextLoadReport;
    std::vector<float> m_lastLoads;  // told to the executors
    std::uint32_t m_quietLoads = 0;  // refreshes since they last changed
};

[[nodiscard]] Ref<const sim::Blueprint> makeWorkerBlueprint(WorkerConfig config, std::string_view host);

/// What a worker's process was launched with; null for any other blueprint.
[[nodiscard]] const WorkerConfig* workerConfig(const sim::Blueprint& blueprint);

/// "count-3": the actor that runs a range, within its worker.
[[nodiscard]] std::string executorName(const Topology& topology, const ExecutorRange& range);

}  // namespace millrace::storm
