#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/hadoop/cluster.h"
#include "engine/hadoop/hdfs/dfs_client.h"
#include "engine/hadoop/mapreduce/job_in_progress.h"
#include "engine/hadoop/mapreduce/protocol.h"
#include "engine/sim/metrics.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// The master of MapReduce: takes jobs, and answers each heartbeat of a tracker with what it is to begin, kill and
/// commit. Jobs stand in its memory alone: when it dies they are lost (`mapred.jobtracker.restart.recover` is false),
/// while HDFS keeps what they have written. It begins when HDFS has left safe mode and its system folder is made anew.
/// Source: Hadoop 1.2, JobTracker, JobQueueTaskScheduler.
/// Left out: other schedulers, queues, recovery, the health of nodes, grey-listing across jobs, the history.
class JobTracker final : public sim::ActorBase<JobTracker> {
public:
    static constexpr std::string_view systemFolder = "/tmp/hadoop/mapred/system";

    /// What it knows of a tracker.
    struct Tracker {
        bool isAlive = false;
        SimTime heard;
        std::uint64_t number = 0;  ///< of the last response
        Ref<const HeartbeatResponse> last;
        std::uint32_t freeMapSlots = 0;
        std::uint32_t freeReduceSlots = 0;
        std::vector<AttemptId> kills;
        std::vector<JobId> endedJobs;
    };

    explicit JobTracker(ClusterRef cluster) : m_cluster(std::move(cluster)) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;

    // --- looking
    [[nodiscard]] const ClusterConfig& cluster() const { return *m_cluster; }
    [[nodiscard]] bool isReady() const { return m_isReady; }
    [[nodiscard]] const SharedMap<JobId, Ref<JobInProgress>>& jobs() const { return m_jobs; }
    [[nodiscard]] const std::vector<Tracker>& trackers() const { return m_trackers; }
    [[nodiscard]] std::uint32_t liveTrackers() const;

private:
    void onHeartbeat(sim::Context& context, const TrackerHeartbeat& heartbeat);
    void takeStatuses(sim::Context& context, const TrackerHeartbeat& heartbeat, HeartbeatResponse& response);
    void assign(sim::Context& context, const TrackerHeartbeat& heartbeat, HeartbeatResponse& response);
    void assignMaps(sim::Context& context, NodeIndex tracker, std::uint32_t slots, HeartbeatResponse& response);
    void assignReduce(sim::Context& context, NodeIndex tracker, HeartbeatResponse& response);
    void launch(sim::Context& context, const JobInProgress& job, const AttemptId& id, HeartbeatResponse& response);
    void onSubmit(sim::Context& context, const SubmitJob& submit);
    void onAsk(sim::Context& context, const JobAsk& ask);
    void expireTrackers(sim::Context& context);
    void loseTracker(sim::Context& context, NodeIndex tracker, const std::string& why);
    void endJob(sim::Context& context, const JobInProgress& job);
    [[nodiscard]] Ref<JobAnswer> answerFor(JobId id) const;
    [[nodiscard]] std::vector<JobId> jobOrder() const;
    [[nodiscard]] JobInProgress& edit(JobId job) { return writable(*m_jobs.update(job)); }

    ClusterRef m_cluster;
    DfsClient m_dfs;
    DfsClient::Token m_waiting = 0;
    bool m_isReady = false;
    bool m_hasCleared = false;
    SharedMap<JobId, Ref<JobInProgress>> m_jobs;
    std::vector<Tracker> m_trackers;
    std::uint64_t m_nextJob = 1;
};

}  // namespace millrace::hadoop
