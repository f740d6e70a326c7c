#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/sim/message.h"
#include "engine/spark/core/dag_scheduler.h"
#include "engine/spark/core/evaluate.h"
#include "engine/spark/core/task_scheduler.h"
#include "engine/spark/cost.h"
#include "engine/spark/presets.h"

namespace millrace::spark {

// What master, workers, drivers and executors tell each other. Sizes are those of Spark's RPC by order of magnitude.

struct SparkAddress {
    sim::HostId host = sim::noHost;
    sim::Port port{0};
    friend bool operator==(const SparkAddress&, const SparkAddress&) = default;
};

// --- master, workers, drivers ---------------------------------------------------------------------------------------

struct RegisterWorker final : sim::MessageBase<RegisterWorker> {
    static constexpr std::string_view Name = "spark.RegisterWorker";
    std::string worker;
    std::string host;
    std::int32_t cores = 0;
    ByteCount memory = 0;
    struct Running {
        std::string application;
        ExecutorId executor;
        std::int32_t cores = 0;
        ByteCount memory = 0;
    };
    std::vector<Running> executors;  ///< that run there already
    void digest(Digest& digest) const override {
        digest.add(std::string_view{worker});
        digest.add(cores);
        digest.add(static_cast<std::uint64_t>(executors.size()));
    }
};

struct WorkerHeartbeat final : sim::MessageBase<WorkerHeartbeat> {
    static constexpr std::string_view Name = "spark.WorkerHeartbeat";
    void digest(Digest&) const override {}
};

struct RegisterApplication final : sim::MessageBase<RegisterApplication> {
    static constexpr std::string_view Name = "spark.RegisterApplication";
    std::string application;
    std::uint32_t incarnation = 0;     ///< of its driver
    std::int32_t nextExecutor = 0;     ///< numbers below have been given
    std::int32_t coresMax = 0;         ///< spark.cores.max; 0: all there are
    std::int32_t executorCores = 0;    ///< spark.executor.cores; 0: all of a worker
    std::int32_t executorsMax = 0;     ///< 0: no limit
    std::int32_t executorsLimit = -1;  ///< by dynamic allocation; below 0: none
    ByteCount executorMemory = 0;
    SparkAddress driver;
    void digest(Digest& digest) const override {
        digest.add(std::string_view{application});
        digest.add(executorMemory);
    }
};

struct LaunchExecutor final : sim::MessageBase<LaunchExecutor> {
    static constexpr std::string_view Name = "spark.LaunchExecutor";
    std::string application;
    ExecutorId executor;
    std::int32_t cores = 1;
    ByteCount memory = 0;
    SparkAddress driver;
    void digest(Digest& digest) const override {
        digest.add(std::string_view{application});
        digest.add(executor.value);
        digest.add(cores);
    }
};

struct ExecutorStateChanged final : sim::MessageBase<ExecutorStateChanged> {
    static constexpr std::string_view Name = "spark.ExecutorStateChanged";
    std::string application;
    ExecutorId executor;
    bool isRunning = false;
    void digest(Digest& digest) const override {
        digest.add(executor.value);
        digest.add(isRunning);
    }
};

/// From a driver: so many executors in all from now on.
struct RequestExecutors final : sim::MessageBase<RequestExecutors> {
    static constexpr std::string_view Name = "spark.RequestExecutors";
    std::string application;
    std::int32_t total = 0;
    void digest(Digest& digest) const override {
        digest.add(std::string_view{application});
        digest.add(total);
    }
};

/// From a driver to the master, and from there to a worker: this one is given back.
struct KillExecutor final : sim::MessageBase<KillExecutor> {
    static constexpr std::string_view Name = "spark.KillExecutor";
    std::string application;
    ExecutorId executor;
    void digest(Digest& digest) const override {
        digest.add(std::string_view{application});
        digest.add(executor.value);
    }
};

/// To a worker: an application is gone.
struct KillExecutors final : sim::MessageBase<KillExecutors> {
    static constexpr std::string_view Name = "spark.KillExecutors";
    std::string application;
    void digest(Digest& digest) const override { digest.add(std::string_view{application}); }
};

// --- driver and executors -------------------------------------------------------------------------------------------

struct RegisterExecutor final : sim::MessageBase<RegisterExecutor> {
    static constexpr std::string_view Name = "spark.RegisterExecutor";
    ExecutorId executor;
    std::string host;
    std::int32_t cores = 1;
    ByteCount storage = 0;
    SparkAddress blocks;  ///< where its block manager listens
    void digest(Digest& digest) const override {
        digest.add(executor.value);
        digest.add(cores);
    }
};

struct Heartbeat final : sim::MessageBase<Heartbeat> {
    static constexpr std::string_view Name = "spark.Heartbeat";
    ByteCount memoryUsed = 0;
    ByteCount diskUsed = 0;
    [[nodiscard]] ByteCount wireSize() const override { return 500; }
    void digest(Digest& digest) const override { digest.add(memoryUsed); }
};

struct LaunchTask final : sim::MessageBase<LaunchTask> {
    static constexpr std::string_view Name = "spark.LaunchTask";
    Launch launch;
    std::vector<Need> needs;
    std::vector<std::pair<ExecutorId, SparkAddress>> peers;  ///< of those that the needs name
    bool bringsClosure = false;                              ///< the first task of its stage there
    [[nodiscard]] ByteCount wireSize() const override {
        return cost::taskBytes + (bringsClosure ? cost::closureBytes : 0);
    }
    void digest(Digest& digest) const override {
        digest.add(launch.task.value);
        digest.add(launch.partition);
        digest.add(launch.set->stage.value);
        digest.add(launch.attempt);
    }
};

struct KillTask final : sim::MessageBase<KillTask> {
    static constexpr std::string_view Name = "spark.KillTask";
    TaskId task;
    explicit KillTask(TaskId which) : task(which) {}
    void digest(Digest& digest) const override { digest.add(task.value); }
};

struct BlockUpdate {
    BlockId block;
    bool isThere = true;
    ByteCount bytes = 0;
};

/// When a task came to what it went through on its executor; what it did not come to is at the beginning of time.
struct TaskTimes {
    SimTime received;
    SimTime ready;     ///< everything that it needs is at hand
    SimTime began;     ///< a thread and a core have it
    SimTime computed;  ///< its rows are there
    SimTime stored;    ///< and where they belong
};

struct StatusUpdate final : sim::MessageBase<StatusUpdate> {
    static constexpr std::string_view Name = "spark.StatusUpdate";
    enum class End : std::uint8_t { Finished, Failed, FetchFailed, BlockMissing };
    TaskId task;
    End end = End::Finished;
    std::string reason;
    ShuffleId shuffle{-1};                                ///< of a failed fetch
    ExecutorId from = noExecutor;                         ///< of a failed fetch
    std::vector<std::pair<BlockId, ExecutorId>> missing;  ///< blocks that were not where they should be
    std::vector<BlockUpdate> blocks;                      ///< what was stored or put out meanwhile
    std::int64_t rowsRead = 0;
    std::int64_t rowsWritten = 0;
    ByteCount shuffleRead = 0;
    ByteCount shuffleWritten = 0;
    RowsRef result;   ///< of `print`: the first rows
    TaskTimes times;  ///< metrics for people: part of no digest
    [[nodiscard]] ByteCount wireSize() const override {
        return 1'200 + static_cast<ByteCount>(blocks.size()) * 60 + (result ? result->bytes() : 0);
    }
    void digest(Digest& digest) const override {
        digest.add(task.value);
        digest.add(static_cast<std::uint64_t>(end));
        digest.add(rowsRead);
        digest.add(rowsWritten);
        digest.add(static_cast<std::uint64_t>(blocks.size()));
    }
};

/// What an executor no longer has, outside of tasks.
struct UpdateBlocks final : sim::MessageBase<UpdateBlocks> {
    static constexpr std::string_view Name = "spark.UpdateBlocks";
    std::vector<BlockUpdate> blocks;
    [[nodiscard]] ByteCount wireSize() const override { return 100 + static_cast<ByteCount>(blocks.size()) * 60; }
    void digest(Digest& digest) const override {
        for (const BlockUpdate& each : blocks) {
            digest.add(each.block.owner);
            digest.add(each.block.number);
        }
    }
};

/// Forget these.
struct RemoveBlocks final : sim::MessageBase<RemoveBlocks> {
    static constexpr std::string_view Name = "spark.RemoveBlocks";
    std::vector<RddId> rdds;
    std::vector<ShuffleId> shuffles;
    std::vector<BlockId> inputs;
    [[nodiscard]] ByteCount wireSize() const override {
        return 100 + static_cast<ByteCount>(rdds.size() + shuffles.size() + inputs.size()) * 12;
    }
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint64_t>(rdds.size()));
        digest.add(static_cast<std::uint64_t>(shuffles.size()));
        digest.add(static_cast<std::uint64_t>(inputs.size()));
        digest.add(rdds.empty() ? -1 : rdds.front().value);
    }
};

// --- block managers among each other --------------------------------------------------------------------------------

struct FetchBlocks final : sim::MessageBase<FetchBlocks> {
    static constexpr std::string_view Name = "spark.FetchBlocks";
    std::uint64_t request = 0;
    std::vector<BlockId> blocks;
    /// Of a shuffle: what of each of these map outputs is this reducer's.
    ShuffleId shuffle{-1};
    Partition reduce = 0;
    std::vector<Partition> maps;
    [[nodiscard]] ByteCount wireSize() const override {
        return 100 + static_cast<ByteCount>(blocks.size() + maps.size()) * 24;
    }
    void digest(Digest& digest) const override {
        digest.add(request);
        digest.add(shuffle.value);
        digest.add(reduce);
        digest.add(static_cast<std::uint64_t>(blocks.size() + maps.size()));
    }
};

struct BlocksFetched final : sim::MessageBase<BlocksFetched> {
    static constexpr std::string_view Name = "spark.BlocksFetched";
    std::uint64_t request = 0;
    bool isComplete = true;       ///< false: something is not there
    std::vector<RowsRef> pieces;  ///< in the order of the request; null: empty
    [[nodiscard]] ByteCount wireSize() const override {
        ByteCount sum = 100;
        for (const RowsRef& piece : pieces) {
            sum += piece ? piece->bytes() : 0;
        }
        return sum;
    }
    void digest(Digest& digest) const override {
        digest.add(request);
        digest.add(isComplete);
        for (const RowsRef& piece : pieces) {
            digest.add(piece ? piece->digest() : 0);
        }
    }
};

struct ReplicateBlock final : sim::MessageBase<ReplicateBlock> {
    static constexpr std::string_view Name = "spark.ReplicateBlock";
    std::uint64_t request = 0;
    BlockId block;
    StorageLevel level;
    RowsRef rows;
    [[nodiscard]] ByteCount wireSize() const override { return 100 + rows->bytes(); }
    void digest(Digest& digest) const override {
        digest.add(request);
        digest.add(rows->digest());
    }
};

struct BlockReplicated final : sim::MessageBase<BlockReplicated> {
    static constexpr std::string_view Name = "spark.BlockReplicated";
    std::uint64_t request = 0;
    bool isKept = true;
    BlockReplicated(std::uint64_t number, bool kept) : request(number), isKept(kept) {}
    void digest(Digest& digest) const override {
        digest.add(request);
        digest.add(isKept);
    }
};

// --- within an executor ---------------------------------------------------------------------------------------------

/// To a thread of the executor: everything is at hand.
struct RunTask final : sim::MessageBase<RunTask> {
    static constexpr std::string_view Name = "spark.RunTask";
    sim::ActorId executor = sim::noActor;  ///< who is told
    Launch launch;
    std::vector<Found> found;
    Costs costs;
    bool mixesRecomputed = false;  ///< a planted fault: see BrokenRules
    void digest(Digest& digest) const override {
        digest.add(launch.task.value);
        for (const Found& each : found) {
            for (const RowsRef& piece : each.pieces) {
                digest.add(piece ? piece->digest() : 0);
            }
        }
    }
};

struct TaskComputed final : sim::MessageBase<TaskComputed> {
    static constexpr std::string_view Name = "spark.TaskComputed";
    Launch launch;
    RowsRef rows;                ///< of a result task
    std::vector<RowsRef> parts;  ///< of a map task, by reducer
    std::vector<Kept> kept;
    std::int64_t rowsRead = 0;
    std::int64_t rowsWritten = 0;
    SimTime began;  ///< for people: part of no digest
    void digest(Digest& digest) const override {
        digest.add(launch.task.value);
        digest.add(rowsRead);
        digest.add(rowsWritten);
    }
};

}  // namespace millrace::spark
