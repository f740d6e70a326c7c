#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/spark/ids.h"

namespace millrace::spark {

/// A batch as the page of a streaming application shows it.
struct Batch {
    struct Job {
        JobId id;
        std::int32_t output = 0;
        RddId rdd;
        std::optional<SimTime> started;
        std::optional<SimTime> ended;
    };
    std::int64_t millis = 0;  ///< its time: the end of its interval, since 1970
    SimTime time;             ///< the same, in the run
    SimTime submitted;
    std::optional<SimTime> started;  ///< of its first job
    std::optional<SimTime> ended;    ///< of its last job
    std::int64_t records = 0;
    std::vector<std::pair<StreamId, std::int64_t>> inputs;  ///< records by input stream
    std::vector<Job> jobs;
    std::int32_t tasks = 0;  ///< that have succeeded
    std::int32_t failedTasks = 0;
    std::int32_t lostTasks = 0;   ///< that ran on an executor that was lost; they are run again
    std::string lostReason;       ///< how the last of these executors was missed
    std::int32_t recomputed = 0;  ///< of the tasks, those that brought back what was lost
    std::int32_t skippedStages = 0;
    std::int32_t stages = 0;
    SimDuration taskTime{0};  ///< of all tasks
    SimDuration slowestTask{0};
    std::string slowestHost;
    SimDuration waitedForLocality{0};
    bool isRecovered = false;  ///< made again by a driver that was started again
    std::string late;          ///< why it took longer than the batch interval; empty where it did not

    [[nodiscard]] bool isDone() const { return ended.has_value(); }
    [[nodiscard]] SimDuration schedulingDelay() const { return started ? *started - submitted : SimDuration{0}; }
    [[nodiscard]] SimDuration processingTime() const { return ended && started ? *ended - *started : SimDuration{0}; }
    /// Of one that a driver made again the time counts that the driver was away.
    [[nodiscard]] SimDuration totalDelay() const {
        return schedulingDelay() + processingTime() + (isRecovered ? submitted - time : SimDuration{0});
    }
};

/// What delays came to over the batches of a run.
struct BatchTotals {
    std::int64_t batches = 0;
    std::int64_t records = 0;
    std::int64_t late = 0;
    SimDuration scheduling{0};
    SimDuration processing{0};
    SimDuration worstTotal{0};
    std::int64_t tasks = 0;
    std::int64_t failedTasks = 0;
    std::int64_t recomputed = 0;
    std::int64_t skippedStages = 0;
    std::int64_t recovered = 0;
};

/// Why a batch took longer than its interval, as one sentence; empty where it did not. `before`: the batch that was
/// worked on when it was made, if one was.
[[nodiscard]] std::string whyLate(const Batch& batch, SimDuration interval, const Batch* before);

}  // namespace millrace::spark
