#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/hadoop/hdfs/dfs_client.h"
#include "engine/hadoop/mapreduce/house_work.h"
#include "engine/hadoop/mapreduce/job_in_progress.h"
#include "engine/hadoop/yarn/protocol.h"
#include "engine/sim/link.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// The master of one MapReduce job on YARN, itself in a container: asks the ResourceManager for places, starts tasks in
/// them, hears how they stand, says who may commit, and answers its client. It writes down in HDFS which tasks are
/// done, so that the next ApplicationMaster of the job goes on from there. Which task runs where is decided as a
/// JobTracker decides it (`JobInProgress`). Source: Hadoop 2.4, MRAppMaster, RMContainerAllocator,
/// TaskAttemptListenerImpl, JobHistoryEventHandler.
/// Left out: uber jobs, Hadoop 2's own rule of speculation.
class AppMaster final : public sim::ActorBase<AppMaster> {
public:
    struct Attempt {
        Container container;
        sim::ConnectionId umbilical = sim::noConnection;
        SimTime heard;
        std::uint64_t eventsTold = 0;
    };

    AppMaster(ClusterRef cluster, StartContainerRef start, sim::Port port);

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;

    // --- looking
    [[nodiscard]] const ClusterConfig& cluster() const { return *m_cluster; }
    [[nodiscard]] const JobInProgress& job() const { return *m_job; }
    [[nodiscard]] std::uint32_t attempt() const { return m_start->appAttempt; }
    [[nodiscard]] const std::map<AttemptId, Attempt>& attempts() const { return m_attempts; }
    [[nodiscard]] std::uint32_t recovered() const { return m_recovered; }

private:
    void onResourceManager(sim::Context& context, const sim::Message& message);
    void connect(sim::Context& context);
    void beat(sim::Context& context);
    void addWishes(sim::Context& context, AppHeartbeat& heartbeat);
    [[nodiscard]] ContainerWish backupWish(TaskType type, std::uint32_t task) const;
    [[nodiscard]] std::uint32_t roomForReduces() const;
    void makeRoom(sim::Context& context);
    void onOrders(sim::Context& context, const AppOrders& orders);
    void use(sim::Context& context, const Container& container);
    void endOf(sim::Context& context, const ContainerEnd& end);

    void onTask(sim::Context& context, const TaskReport& report);
    void apply(sim::Context& context, const TaskStatus& status, NodeIndex node);
    void stop(sim::Context& context, const AttemptId& id);
    void tellEvents(sim::Context& context);
    void killSilent(sim::Context& context);
    sim::Link& nodeLink(sim::Context& context, NodeIndex node);

    void onDfs(sim::Context& context, const DfsEvent& event);
    void findHistory(sim::Context& context);
    void readHistory(sim::Context& context);
    void begin(sim::Context& context);
    void keepHouse(sim::Context& context);
    void writeHistory(sim::Context& context, const TaskStatus& status, NodeIndex node);
    void end(sim::Context& context);
    [[nodiscard]] Ref<JobAnswer> answer() const;
    [[nodiscard]] std::string stagingFolder() const;

    ClusterRef m_cluster;
    StartContainerRef m_start;
    sim::Port m_port;
    Ref<JobInProgress> m_job;
    DfsClient m_dfs;

    sim::Link m_resourceManager{sim::LinkWatch::FirstOfConnection};
    SimTime m_reachedAt;
    std::uint64_t m_answered = 0;
    std::uint64_t m_round = 0;
    bool m_isWaiting = false;
    bool m_hasTold = false;  ///< the ResourceManager knows of the job's end
    std::vector<ContainerId> m_released;
    std::uint32_t m_wishesOfMaps = ~std::uint32_t{0};  ///< pending maps for which m_mapWish was made
    ContainerWish m_mapWish;
    std::optional<SimTime> m_stuckSince;  ///< maps wait, and reduces have all the room
    bool m_holdsReduces = false;          ///< until these maps run

    std::map<AttemptId, Attempt> m_attempts;
    std::map<ContainerId, AttemptId> m_byContainer;
    std::map<NodeIndex, sim::Link> m_nodes;

    HouseWork m_house;
    AttemptId m_houseAttempt;
    enum class Step : std::uint8_t { Finding, Reading, Running, Ended } m_step = Step::Finding;
    DfsClient::Token m_token = 0;
    DfsClient::Token m_history = 0;
    std::vector<std::string> m_histories;  ///< of earlier attempts, to be read
    std::uint32_t m_recovered = 0;         ///< tasks
};

}  // namespace millrace::hadoop
