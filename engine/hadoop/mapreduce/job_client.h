#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/hadoop/cluster.h"
#include "engine/hadoop/hdfs/dfs_client.h"
#include "engine/hadoop/mapreduce/job.h"
#include "engine/hadoop/mapreduce/protocol.h"
#include "engine/sim/link.h"
#include "engine/sim/metrics.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// When a job is submitted, and what becomes of it when it is lost.
struct JobOrder {
    /// Files in HDFS that have to be there first, complete: the _SUCCESS of other jobs, what clients put there.
    std::vector<std::string> after;
    bool resubmits = false;  ///< once more when the JobTracker has lost it
};

/// The program that submits a job and waits for it: looks up the input's blocks, makes splits of them, writes the job's
/// files to HDFS with their high replication, submits, and asks every second how far it is. When the JobTracker dies or
/// does not know the job any more, the job is lost. On YARN it submits to the ResourceManager and asks the job's
/// ApplicationMaster, and the ResourceManager when that is not there. Source: Hadoop 1.2, JobClient; 2.4, YARNRunner,
/// ClientServiceDelegate.
class JobClient final : public sim::ActorBase<JobClient> {
public:
    enum class State : std::uint8_t {
        Waiting,  ///< for other jobs
        Planning,
        Submitting,
        Running,
        Succeeded,
        Failed,
        Lost
    };

    JobClient(ClusterRef cluster, JobRef job, JobOrder order)
        : m_cluster(std::move(cluster)), m_plan(std::move(job)), m_order(std::move(order)) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;

    // --- looking
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool hasEnded() const { return m_state >= State::Succeeded; }
    [[nodiscard]] const JobSpec& job() const { return *m_plan; }
    /// The same with its splits; null before it has them.
    [[nodiscard]] const JobRef& submitted() const { return m_job; }
    /// What the JobTracker said last; null before.
    [[nodiscard]] const JobAnswer* answer() const { return m_answer.get(); }
    [[nodiscard]] SimTime began() const { return m_began; }
    [[nodiscard]] SimTime ended() const { return m_ended; }
    [[nodiscard]] std::uint64_t maps() const { return m_job ? m_job->splits.size() : 0; }
    [[nodiscard]] const std::string& why() const { return m_why; }

private:
    void begin(sim::Context& context);
    void await(sim::Context& context);
    void onDfs(sim::Context& context, const DfsEvent& event);
    void locateNext(sim::Context& context);
    void makeSplits();
    void writeJobFiles(sim::Context& context);
    void submit(sim::Context& context);
    void onJobTracker(sim::Context& context, const sim::Message& message);
    void onAnswer(sim::Context& context, const JobAnswer& answer);
    void lose(sim::Context& context, std::string why);
    void end(sim::Context& context, State state, std::string why);
    void connect(sim::Context& context);
    void askNext(sim::Context& context, SimDuration after);
    void ask(sim::Context& context);
    void onReport(sim::Context& context, const AppReport& report);
    void onAppMaster(sim::Context& context, const sim::Message& message);

    ClusterRef m_cluster;
    JobRef m_plan;  ///< without splits
    JobOrder m_order;
    std::size_t m_awaited = 0;
    bool m_isAgain = false;  ///< submitted once more
    State m_state = State::Waiting;
    DfsClient m_dfs;
    DfsClient::Token m_waiting = 0;
    enum class Step : std::uint8_t { Await, Output, Remove, List, Locations, Write } m_step = Step::Output;
    struct Input {
        FileStatus file;
        std::vector<LocatedBlock> blocks;
    };
    std::vector<Input> m_inputs;
    std::size_t m_located = 0;
    JobRef m_job;
    sim::Link m_jobTracker{sim::LinkWatch::FirstOfConnection};
    sim::Link m_appMaster{sim::LinkWatch::FirstOfConnection};  ///< on YARN
    bool m_isAskArmed = false;
    std::uint32_t m_attempts = 0;
    JobId m_id = 0;
    Ref<const JobAnswer> m_answer;
    SimTime m_began;
    SimTime m_ended;
    std::string m_why;
};

/// The process "jobclient/<job>".
[[nodiscard]] Ref<const sim::Blueprint> makeJobBlueprint(ClusterRef cluster, JobRef job, JobOrder order);

}  // namespace millrace::hadoop
