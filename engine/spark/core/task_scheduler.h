#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/base/sim_time.h"
#include "engine/spark/broken_rules.h"
#include "engine/spark/core/dag_scheduler.h"

namespace millrace::spark {

/// How near a task is to what it reads, in the order in which a set of tasks gives up waiting for better.
enum class Locality : std::uint8_t { ProcessLocal, NodeLocal, NoPreference, RackLocal, Any };
[[nodiscard]] std::string_view nameOf(Locality locality);

struct SchedulingSettings {
    std::int32_t maxFailures = 4;                       ///< spark.task.maxFailures
    SimDuration waitProcess = std::chrono::seconds{3};  ///< spark.locality.wait.process
    SimDuration waitNode = std::chrono::seconds{3};     ///< spark.locality.wait.node
    SimDuration waitRack = std::chrono::seconds{3};     ///< spark.locality.wait.rack
    bool speculation = false;                           ///< spark.speculation
    double speculationMultiplier = 1.5;                 ///< spark.speculation.multiplier
    double speculationQuantile = 0.75;                  ///< spark.speculation.quantile
};

/// Where executors stand.
struct ExecutorPlace {
    ExecutorId id = noExecutor;
    std::string host;
    std::string rack;
    std::int32_t freeCores = 0;
};

/// A task that was given to an executor.
struct Launch {
    TaskId task;
    TaskSetRef set;
    Partition partition = 0;
    std::int32_t attempt = 0;  ///< of this task, from 0
    ExecutorId executor = noExecutor;
    Locality locality = Locality::Any;
    bool isSpeculative = false;
};

/// Gives tasks to free cores: sets of tasks first come first served (FIFO by job and stage), in each the nearest task
/// first, by delay scheduling; failed tasks again up to a limit; copies of the slowest when speculation is on. A value:
/// time and executors are handed in. Source: TaskSchedulerImpl and TaskSetManager of Spark 3.
class TaskScheduler {
public:
    struct Ended {
        TaskSetRef set;
        Partition partition = 0;
        bool isNews = false;                                     ///< the first attempt that brings this partition
        std::vector<std::pair<TaskId, ExecutorId>> superfluous;  ///< other attempts that still run, and where
        std::optional<std::string> aborts;                       ///< the set has failed with it: why
        SimTime began;
        ExecutorId executor = noExecutor;
        bool isRecomputation = false;
        SimDuration waitedForLocality{0};  ///< by its set so far
    };

    TaskScheduler() = default;
    explicit TaskScheduler(SchedulingSettings settings, BrokenRules broken = {})
        : m_settings(settings), m_broken(broken) {}

    void submit(TaskSetRef set, const Lineage& lineage, SimTime now);
    /// Gives what runs of it, and where.
    std::vector<std::pair<TaskId, ExecutorId>> cancel(StageId stage);
    /// What is launched now on these; their free cores shrink.
    [[nodiscard]] std::vector<Launch> offer(std::vector<ExecutorPlace>& executors, SimTime now);
    /// Nothing when the task is not known (any more).
    [[nodiscard]] std::optional<Ended> succeeded(TaskId task, SimTime now);
    /// `counts`: towards spark.task.maxFailures.
    [[nodiscard]] std::optional<Ended> failed(TaskId task, bool counts, const std::string& reason);
    /// Its tasks are to be run elsewhere; `counts`: the application itself ended it. Gives those that make a set fail.
    [[nodiscard]] std::vector<Ended> executorLost(ExecutorId executor, const std::string& reason, bool counts);
    /// Looks for tasks that take longer than others of their set.
    void speculate(SimTime now);

    /// Something waits for a better place: offers are to be repeated.
    [[nodiscard]] bool isWaiting() const;
    [[nodiscard]] std::int32_t running() const { return static_cast<std::int32_t>(m_running.size()); }
    [[nodiscard]] std::int32_t runningOn(ExecutorId executor) const;
    [[nodiscard]] std::vector<TaskId> tasksOn(ExecutorId executor) const;
    [[nodiscard]] std::int32_t pending() const;

private:
    struct Task {
        Partition partition = 0;
        std::vector<ExecutorId> preferred;
        std::int32_t failures = 0;
        std::int32_t attempts = 0;
        std::int32_t running = 0;
        bool isDone = false;
        bool isPending = true;
        bool isSpeculatable = false;
    };
    struct Set {
        TaskSetRef set;
        std::vector<Task> tasks;
        std::int32_t pending = 0;
        // Stacks of indices, the lowest on top; what is not pending any more is dropped when it comes up.
        std::map<ExecutorId, std::vector<std::size_t>> pendingAt;  ///< those that prefer an executor
        std::vector<std::size_t> pendingAnywhere;                  ///< those that prefer no place
        std::vector<std::size_t> pendingAll;
        std::vector<std::size_t> speculatable;
        std::int32_t done = 0;
        Locality level = Locality::ProcessLocal;
        SimTime lastLaunch;
        bool hasPreferences = false;
        SimDuration waited{0};
        std::vector<SimDuration> durations;  ///< of those that have succeeded
    };
    struct Running {
        StageId stage;
        std::size_t index = 0;
        ExecutorId executor = noExecutor;
        SimTime began;
        bool isSpeculative = false;
    };

    static void push(Set& set, std::size_t index);
    /// The next pending one of a stack.
    [[nodiscard]] static std::optional<std::size_t> top(const Set& set, std::vector<std::size_t>& stack);
    [[nodiscard]] static std::optional<std::size_t> topAt(Set& set, ExecutorId executor);
    [[nodiscard]] Locality allowed(Set& set, const std::vector<ExecutorPlace>& executors, SimTime now) const;
    [[nodiscard]] SimDuration waitAt(Locality level) const;
    [[nodiscard]] static Locality localityOf(const Task& task, const ExecutorPlace& executor,
                                             const std::vector<ExecutorPlace>& executors);
    [[nodiscard]] static std::optional<std::size_t> pick(Set& set, const ExecutorPlace& executor,
                                                         const std::vector<ExecutorPlace>& executors, Locality most,
                                                         Locality& got);
    [[nodiscard]] std::optional<std::size_t> pickSpeculative(Set& set, const ExecutorPlace& executor,
                                                             const std::vector<ExecutorPlace>& executors) const;
    Launch launch(Set& set, std::size_t index, ExecutorPlace& executor, Locality got, bool speculative, SimTime now);
    [[nodiscard]] std::vector<std::pair<TaskId, ExecutorId>> othersOf(StageId stage, std::size_t index,
                                                                      TaskId task) const;
    [[nodiscard]] std::optional<Ended> end(TaskId task, bool success, bool counts, const std::string& reason,
                                           SimTime now);

    SchedulingSettings m_settings;
    BrokenRules m_broken;
    std::map<StageId, Set> m_sets;  ///< by stage, which rise with jobs
    SharedMap<TaskId, Running> m_running;
    TaskId m_nextTask{0};
    std::uint64_t m_turn = 0;  ///< offers begin at another executor each time
};

}  // namespace millrace::spark
