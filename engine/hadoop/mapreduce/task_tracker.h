#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/hadoop/cluster.h"
#include "engine/hadoop/mapreduce/protocol.h"
#include "engine/hadoop/mapreduce/shuffle_server.h"
#include "engine/sim/context.h"
#include "engine/sim/link.h"
#include "engine/sim/metrics.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// The slave of MapReduce on a machine: starts a JVM for each task that the JobTracker gives it in the answer to a
/// heartbeat, as many at a time as it has slots, tells how they stand, kills those that are silent, and serves the
/// output of finished maps from its disk. What it served is gone when it starts again: it begins with an empty folder.
/// Source: Hadoop 1.2, TaskTracker, JvmManager, MapOutputServlet.
class TaskTracker final : public sim::ActorBase<TaskTracker> {
public:
    struct Attempt {
        JobRef job;
        TaskStatus status;
        sim::ProcessId jvm = sim::noProcess;
        std::uint32_t slot = 0;
        sim::ConnectionId umbilical = sim::noConnection;
        SimTime heard;
        SimTime started;
        std::uint64_t eventsTold = 0;
        std::size_t failuresSent = 0;  ///< fetch failures in the heartbeat that is not answered yet
        bool isJvmGone = false;
    };
    TaskTracker(ClusterRef cluster, NodeIndex self);

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;

    // --- looking
    [[nodiscard]] const std::map<AttemptId, Attempt>& attempts() const { return m_attempts; }
    [[nodiscard]] const SharedMap<AttemptId, ShuffleServer::Output>& outputs() const { return m_shuffle.outputs(); }
    [[nodiscard]] std::uint32_t running(bool isReduce) const;

private:
    void connect(sim::Context& context);
    void beat(sim::Context& context);
    void onResponse(sim::Context& context, const HeartbeatResponse& response);
    void launch(sim::Context& context, const AttemptId& id, const JobRef& job);
    void kill(sim::Context& context, Attempt& attempt, TaskStatus::State state, std::string why);
    void forgetJob(sim::Context& context, JobId job);
    void startAnew(sim::Context& context);
    void killSilent(sim::Context& context);
    void onReport(sim::Context& context, const TaskReport& report);
    void onExited(sim::Context& context, const sim::ProcessExited& exited);
    void tellEvents(sim::Context& context, JobId job);
    [[nodiscard]] std::uint32_t freeSlot(const sim::Context& context, bool isReduce) const;
    [[nodiscard]] const DaemonAddress& address() const { return m_cluster->trackers[m_self]; }

    ClusterRef m_cluster;
    NodeIndex m_self;
    sim::Link m_jobTracker{sim::LinkWatch::FirstOfConnection};
    bool m_isFirst = true;
    std::uint64_t m_answered = 0;
    bool m_isWaiting = false;       ///< for the answer to a heartbeat
    std::uint64_t m_round = 0;      ///< of heartbeats: an older alarm is stale
    std::vector<AttemptId> m_sent;  ///< in that heartbeat
    std::map<AttemptId, Attempt> m_attempts;
    ShuffleServer m_shuffle;
    std::map<JobId, std::vector<MapEvent>> m_events;  ///< of jobs whose reduces run here
};

}  // namespace millrace::hadoop
