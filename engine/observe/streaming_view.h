#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/observe/object_id.h"
#include "engine/observe/state.h"

namespace millrace::observe {

/// A batch of a streaming application that is made of what came in within one interval.
struct BatchView {
    SimTime time{};  ///< end of its interval
    std::int64_t records = 0;
    bool isDone = false;
    SimDuration schedulingDelay{0};  ///< from its making to its first job's start
    SimDuration processingTime{0};   ///< from its first job's start to its last job's end
    std::string late;                ///< why it took longer than an interval; empty where it did not

    [[nodiscard]] SimDuration totalDelay() const { return schedulingDelay + processingTime; }
};

/// A streaming application: its batches, and what they came to over the run.
struct StreamingView {
    ObjectId id;
    std::string name;
    LifeState state = LifeState::Running;
    SimDuration interval{0};
    std::int32_t executors = 0;
    std::int32_t cores = 0;
    std::int64_t batches = 0;
    std::int64_t waiting = 0;
    std::int64_t records = 0;
    std::int64_t lateBatches = 0;
    double recordsPerSecond = 0;
    SimDuration meanScheduling{0};
    SimDuration meanProcessing{0};
    SimDuration worstTotal{0};
    std::int64_t tasks = 0;
    std::int64_t failedTasks = 0;
    std::int64_t recomputedTasks = 0;
    std::int64_t skippedStages = 0;
    std::int64_t recoveredBatches = 0;
    double rateLimit = 0;           ///< records/s that back-pressure allows; 0: no limit
    std::string late;               ///< of the last batch that was late: when and why
    std::vector<BatchView> recent;  ///< the last ones, oldest first
};

}  // namespace millrace::observe
