#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/observe/object_id.h"
#include "engine/observe/streaming_view.h"

namespace millrace::observe {

/// A batch with when it came to what. An instant that is not there yet is max().
struct BatchRow : BatchView {
    SimTime submitted{};
    SimTime started = SimTime::max();  ///< its first job
    SimTime ended = SimTime::max();    ///< its last job
    std::int32_t outputs = 0;          ///< output operations, each a job
    std::int32_t outputsDone = 0;
    std::int32_t tasks = 0;  ///< that have succeeded
    std::int32_t failedTasks = 0;
    std::int32_t lostTasks = 0;  ///< that ran on an executor that was lost
    std::int32_t recomputedTasks = 0;
    std::int32_t skippedStages = 0;
    bool isRecovered = false;  ///< made again by a driver that was started again
};

/// What an attempt of a task went through, in this order.
enum class TaskPhase : std::uint8_t {
    SchedulerDelay,  ///< on its way to the executor and back
    Fetch,           ///< blocks, shuffle files, records of a topic are brought
    Queue,           ///< everything is at hand, and no core is free
    Compute,
    Store  ///< results go where they belong
};
inline constexpr std::size_t taskPhases = 5;

enum class TaskEnd : std::uint8_t { Running, Succeeded, Failed, Killed, Lost };

/// An attempt of a task.
struct TaskView {
    std::int64_t number = 0;
    std::int32_t job = 0;
    std::int32_t stage = 0;
    std::int32_t stageAttempt = 0;
    std::int32_t partition = 0;
    std::int32_t attempt = 0;  ///< from 0
    std::int32_t executor = 0;
    TaskEnd end = TaskEnd::Running;
    bool isSpeculative = false;
    bool isRecomputation = false;  ///< what it makes had been there and was lost
    std::string locality;          ///< as Spark calls it: "PROCESS_LOCAL"
    SimTime launched{};
    SimTime ended{};  ///< of one that runs: now
    std::array<SimDuration, taskPhases> phases{};
    std::int64_t rowsRead = 0;
    std::int64_t rowsWritten = 0;
    std::int64_t shuffleRead = 0;     ///< bytes
    std::int64_t shuffleWritten = 0;  ///< bytes
    std::string reason;               ///< of a failure

    [[nodiscard]] SimDuration duration() const { return ended - launched; }
};

/// An RDD within a stage.
struct RddView {
    std::int32_t number = 0;
    std::string name;  ///< the operation: "flatMap"
    std::int32_t partitions = 0;
    SimTime batch{};  ///< for which batch it was made
    bool isPersisted = false;
    bool isCheckpointed = false;
    std::vector<std::int32_t> parents;
};

struct StageView {
    std::int32_t number = 0;
    std::string name;
    std::int32_t tasks = 0;
    std::int32_t succeeded = 0;
    std::int32_t running = 0;
    std::int32_t failed = 0;
    std::int32_t recomputed = 0;  ///< tasks that were done before and were lost
    std::int32_t attempts = 0;
    bool isSkipped = false;  ///< its shuffle files were all there
    bool isDone = false;
    bool writesShuffle = false;
    SimTime began = SimTime::max();  ///< its first task
    SimTime ended = SimTime::max();  ///< its last task, so far
    std::vector<std::int32_t> parents;
    std::vector<RddView> rdds;  ///< what is computed last stands first
};

struct JobView {
    std::int32_t number = 0;
    ObjectId output;          ///< empty: of a checkpoint
    std::string description;  ///< "foreachRDD at counts"
    bool isDone = false;
    bool hasFailed = false;
    std::string reason;  ///< of a failure
    SimTime submitted = SimTime::max();
    SimTime ended = SimTime::max();
    std::vector<StageView> stages;  ///< parents first
};

/// What a batch is made of, by input stream.
struct BatchInputView {
    ObjectId stream;
    std::int64_t records = 0;
    std::vector<std::string> metadata;  ///< ranges of offsets or blocks, while the driver remembers them
};

/// The chosen batch.
struct BatchDetail {
    BatchRow batch;
    std::vector<BatchInputView> inputs;
    std::vector<JobView> jobs;
    std::vector<TaskView> tasks;  ///< in the order of their launch
    bool hasForgotten = false;    ///< the driver remembers no tasks of it any more
};

struct ReceiverView {
    ObjectId stream;
    std::int32_t executor = -1;  ///< below 0: it has no place
    bool isActive = false;
    double limit = 0;  ///< records/s that back-pressure allows; 0: no limit
};

struct BlockHolderView {
    ObjectId id;
    std::int32_t number = 0;
    ObjectId host;
    std::int32_t cores = 0;
    std::int32_t running = 0;  ///< tasks
    std::int64_t tasksDone = 0;
    std::int64_t tasksFailed = 0;
    std::int64_t memory = 0;  ///< bytes for blocks
    std::int64_t inMemory = 0;
    std::int64_t onDisk = 0;
    std::int64_t shuffleRead = 0;
    std::int64_t shuffleWritten = 0;
    bool hasReceiver = false;
};

/// A block that executors keep: a row of the block map.
struct BlockView {
    std::string name;  ///< "rdd_12_3", "input-0-17"
    std::int64_t bytes = 0;
    struct Copy {
        std::int32_t executor = 0;
        bool inMemory = false;
        bool onDisk = false;
    };
    std::vector<Copy> copies;
};

/// The page of a streaming application.
struct StreamingPage {
    ObjectId id;
    std::string name;
    SimDuration interval{0};
    SimTime now{};
    SimTime since{};  ///< the driver runs since then
    bool isDriverThere = false;
    std::vector<BatchRow> batches;  ///< those that the driver remembers, oldest first
    std::vector<ReceiverView> receivers;
    std::vector<BlockHolderView> executors;
    std::vector<BlockHolderView> lostExecutors;  ///< that the application had before; what they kept is gone
    std::vector<BlockView> blocks;
    std::int64_t copiesInAll = 0;  ///< of blocks; `blocks` has the newest
    BatchDetail chosen;
};

}  // namespace millrace::observe
