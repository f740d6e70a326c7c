#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/hadoop/yarn/capacity_scheduler.h"
#include "engine/hadoop/yarn/protocol.h"
#include "engine/sim/metrics.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// The master of YARN: knows the nodes and gives places on them to applications; of jobs and tasks it knows nothing.
/// It has an ApplicationMaster started for each application, and once more when that dies. Its state is in memory alone
/// (`yarn.resourcemanager.recovery.enabled` is false): when it starts again it knows no application, nodes that it does
/// not know end their containers, and ApplicationMasters that it does not know end themselves.
/// Source: Hadoop 2.4, ResourceManager, RMAppImpl, RMAppAttemptImpl, ResourceTrackerService.
/// Left out: several queues, its own recovery and high availability, tokens, the history server: the last that an
/// ApplicationMaster said of its job, and how its tasks went, is kept here.
class ResourceManager final : public sim::ActorBase<ResourceManager> {
public:
    struct Node {
        bool isAlive = false;
        SimTime heard;
        std::uint64_t number = 0;
        Ref<const NodeOrders> last;
        std::vector<ContainerId> cleanups;
        std::vector<JobId> endedApps;
    };
    struct Placed {
        Container container;
        JobId app = 0;
        bool hasBegun = false;  ///< its node has said that something runs in it
        SimTime allocated;
    };
    struct App {
        JobRef job;
        SimTime submitted;
        AppReport::State state = AppReport::State::Accepted;
        std::uint32_t attempt = 0;  ///< of its ApplicationMaster
        ContainerId master = 0;
        bool isRegistered = false;
        SimTime heard;
        sim::HostId host = sim::noHost;
        sim::Port port{0};
        std::uint64_t number = 0;
        Ref<const AppOrders> last;
        std::vector<Container> allocated;  ///< not told yet
        std::vector<ContainerEnd> ended;
        std::vector<NodeIndex> lostNodes;
        Ref<const JobAnswer> report;
        Ref<const JobInProgress> history;  ///< how its tasks went, once it has ended in order
        std::string why;
        [[nodiscard]] bool hasEnded() const { return state >= AppReport::State::Finished; }
    };

    explicit ResourceManager(ClusterRef cluster) : m_cluster(std::move(cluster)) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;

    // --- looking
    [[nodiscard]] const ClusterConfig& cluster() const { return *m_cluster; }
    [[nodiscard]] const std::vector<Node>& nodes() const { return m_nodes; }
    [[nodiscard]] const std::map<JobId, App>& apps() const { return m_apps; }
    [[nodiscard]] const std::map<ContainerId, Placed>& containers() const { return m_containers; }
    [[nodiscard]] const CapacityScheduler& scheduler() const { return m_scheduler; }
    [[nodiscard]] std::uint32_t liveNodes() const;

private:
    void onNode(sim::Context& context, const NodeHeartbeat& heartbeat);
    void takeContainers(sim::Context& context, const NodeHeartbeat& heartbeat);
    void assign(sim::Context& context, NodeIndex node, NodeOrders& orders);
    void loseNode(sim::Context& context, NodeIndex node, const std::string& why);
    void onSubmit(sim::Context& context, const SubmitJob& submit);
    void onAsk(sim::Context& context, const AppAsk& ask);
    void onApp(sim::Context& context, const AppHeartbeat& heartbeat);
    void endContainer(sim::Context& context, const ContainerEnd& end);
    void endAttempt(sim::Context& context, JobId id, const std::string& why);
    void endApp(sim::Context& context, JobId id, AppReport::State state, std::string why);
    void wishMaster(JobId id);
    void stopContainersOf(JobId id);
    void lookAfter(sim::Context& context);
    [[nodiscard]] Ref<AppReport> reportOf(JobId id) const;

    ClusterRef m_cluster;
    CapacityScheduler m_scheduler;
    std::vector<Node> m_nodes;
    std::map<JobId, App> m_apps;
    std::map<ContainerId, Placed> m_containers;
    JobId m_nextApp = 1;
    ContainerId m_nextContainer = 1;
};

}  // namespace millrace::hadoop
