#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/base/sim_time.h"
#include "engine/spark/core/dag_scheduler.h"
#include "engine/spark/core/lineage.h"
#include "engine/spark/core/messages.h"
#include "engine/spark/core/task_scheduler.h"

namespace millrace::spark {

/// What the driver remembers of jobs and tasks for people to look at, as the status listeners of Spark's pages do: the
/// last jobs with their stages, the last attempts of tasks with what each went through. It decides nothing, costs no
/// processor time of the driver's, and is gone with the driver.
class TaskBook {
public:
    static constexpr std::uint64_t jobsMax = 500;
    static constexpr std::uint64_t tasksMax = 20'000;

    enum class End : std::uint8_t { Running, Succeeded, Failed, Killed, Lost };

    /// An attempt of a task.
    struct Task {
        TaskId id;
        StageId stage;
        JobId job;
        std::int64_t batchMillis = 0;
        std::int32_t stageAttempt = 0;
        Partition partition = 0;
        std::int32_t attempt = 0;
        ExecutorId executor = noExecutor;
        Locality locality = Locality::Any;
        End end = End::Running;
        bool isSpeculative = false;
        bool isRecomputation = false;
        SimTime launched;
        SimTime ended;  ///< as the driver heard of it
        TaskTimes times;
        std::int64_t rowsRead = 0;
        std::int64_t rowsWritten = 0;
        ByteCount shuffleRead = 0;
        ByteCount shuffleWritten = 0;
        std::string reason;  ///< of a failure
    };
    /// An RDD within a stage.
    struct RddNote {
        RddId id;
        std::string_view name;
        std::int64_t batchMillis = 0;
        std::int32_t partitions = 0;
        bool isPersisted = false;
        bool isCheckpointed = false;
        std::vector<RddId> parents;  ///< narrow and wide
    };
    struct StageNote {
        StageInfo info;
        std::vector<RddNote> rdds;  ///< what it computes last stands first
    };
    struct Job {
        JobId id;
        std::int64_t batchMillis = 0;
        std::int32_t output = -1;
        bool isCheckpointing = false;
        bool succeeded = false;
        std::string name;
        SimTime submitted;
        std::optional<SimTime> ended;
        std::string reason;             ///< of a failure
        std::vector<StageNote> stages;  ///< parents first; while it runs, `notesOf` has them
    };

    void submitted(const JobRequest& request, SimTime now);
    void ended(const DagScheduler::JobEnd& end, const Lineage& lineage, SimTime now);
    void launched(const Launch& launch, SimTime now);
    void ended(TaskId task, End end, SimTime now);
    void ended(const StatusUpdate& update, SimTime now);

    [[nodiscard]] const SharedMap<JobId, Job>& jobs() const { return m_jobs; }
    /// In the order in which they were launched; their numbers are those of the tasks.
    [[nodiscard]] const SharedLog<Task, 64>& tasks() const { return m_tasks; }
    /// The stages of a job that runs, with their RDDs.
    [[nodiscard]] static std::vector<StageNote> notesOf(const std::vector<StageInfo>& stages, const Lineage& lineage);

private:
    [[nodiscard]] Task* find(TaskId id);

    SharedMap<JobId, Job> m_jobs;
    SharedLog<Task, 64> m_tasks;
};

}  // namespace millrace::spark
