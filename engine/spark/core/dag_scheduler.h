#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/spark/core/lineage.h"

namespace millrace::spark {

/// An action: what is asked of an RDD. The result tasks of a stream's output operation do its work.
struct JobRequest {
    JobId id;
    RddId rdd;
    std::int32_t output = -1;      ///< which output operation of the program; -1: what is computed is only kept
    bool isCheckpointing = false;  ///< its tasks write their partitions into the checkpoint folder
    std::int64_t batchMillis = 0;
    std::string name;  ///< "foreachRDD at counts"
};

/// Tasks of one stage that are to run now. Immutable, sent with each task.
struct TaskSet final : Counted {
    StageId stage;
    std::int32_t attempt = 0;
    JobId job;
    RddId rdd;
    ShuffleRef shuffle;  ///< of a stage that writes map outputs; null: result tasks
    std::int32_t output = -1;
    bool isCheckpointing = false;
    std::vector<Partition> again;  ///< of the partitions, those that had been there and were lost
    std::int64_t batchMillis = 0;
    std::vector<Partition> partitions;
    std::vector<RddRef> stageRdds;
};
using TaskSetRef = Ref<const TaskSet>;

/// A stage as people see it: on the page of its job.
struct StageInfo {
    StageId id;
    JobId job;
    RddId rdd;
    std::string_view name;
    std::optional<ShuffleId> shuffle;
    std::vector<StageId> parents;
    std::int32_t tasks = 0;
    std::int32_t attempts = 0;    ///< how often tasks of it were submitted
    std::int32_t recomputed = 0;  ///< tasks that were done before and were lost
    bool isSkipped = false;       ///< its shuffle files were all there
    bool isDone = false;
};

/// Jobs into stages at the borders of shuffles, stages into sets of tasks, parents first; stages whose shuffle files
/// are there are skipped; where a fetch fails, the parents' lost tasks and this stage are submitted once more. A value:
/// what follows of an event is in the outcome. Source: DAGScheduler of Spark 3.
class DagScheduler {
public:
    struct Settings {
        std::int32_t maxConsecutiveAttempts = 4;  ///< spark.stage.maxConsecutiveAttempts
    };
    struct JobEnd {
        JobId job;
        bool succeeded = true;
        std::string reason;
        std::vector<StageInfo> stages;  ///< parents first
    };
    struct Outcome {
        std::vector<TaskSetRef> submitted;
        std::vector<StageId> cancelled;  ///< task sets that nobody needs any more
        std::vector<JobEnd> ended;
        bool resubmitSoon = false;  ///< `resubmit` after 200 ms
    };

    DagScheduler() = default;
    explicit DagScheduler(Settings settings) : m_settings(settings) {}

    void submit(Lineage& lineage, JobRequest request, Outcome& outcome);
    /// A task of that stage has succeeded there.
    void taskSucceeded(Lineage& lineage, StageId stage, std::int32_t attempt, Partition partition, ExecutorId executor,
                       Outcome& outcome);
    /// A task could not fetch what a map task had written there.
    void fetchFailed(Lineage& lineage, StageId stage, std::int32_t attempt, ShuffleId shuffle, ExecutorId from,
                     Outcome& outcome);
    /// A task of it has failed for the last time.
    void abort(StageId stage, const std::string& reason, Outcome& outcome);
    /// Its files and blocks are gone already from the lineage.
    void executorLost(Lineage& lineage, ExecutorId executor, Outcome& outcome);
    void resubmit(Lineage& lineage, Outcome& outcome);

    [[nodiscard]] bool isIdle() const { return m_jobs.empty(); }
    [[nodiscard]] const JobRequest* job(JobId id) const;
    /// The stages of a job, parents first.
    [[nodiscard]] std::vector<StageInfo> stagesOf(JobId job) const;

private:
    struct Stage {
        StageInfo info;
        std::vector<bool> done;  ///< of a result stage, by partition
        std::int32_t doneCount = 0;
        bool isRunning = false;
        bool isWaiting = false;     ///< for its parents
        bool hasFailed = false;     ///< is to be submitted once more
        std::int32_t failures = 0;  ///< of fetches, in a row
        std::int32_t attempt = 0;
        std::vector<Partition> running;
        std::vector<bool> ever;  ///< map tasks that were done once
    };
    struct Job {
        JobRequest request;
        StageId final;
        std::vector<StageId> stages;
    };

    StageId stageFor(Lineage& lineage, Job& job, RddId rdd, std::optional<ShuffleId> shuffle);
    void findParents(Lineage& lineage, StageId id);
    void submitStage(Lineage& lineage, StageId id, Outcome& outcome);
    void submitTasks(Lineage& lineage, Stage& stage, Outcome& outcome);
    void finishStage(Lineage& lineage, Stage& stage, Outcome& outcome);
    void endJob(JobId job, bool succeeded, const std::string& reason, Outcome& outcome);
    [[nodiscard]] std::vector<Partition> missing(const Lineage& lineage, const Stage& stage) const;

    Settings m_settings;
    SharedMap<JobId, Job> m_jobs;
    SharedMap<StageId, Stage> m_stages;
    StageId m_nextStage{0};
};

}  // namespace millrace::spark
