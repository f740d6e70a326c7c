#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/shared_log.h"
#include "engine/hadoop/cluster.h"
#include "engine/hadoop/mapreduce/counters.h"
#include "engine/hadoop/mapreduce/job.h"
#include "engine/hadoop/mapreduce/protocol.h"

namespace millrace::hadoop {

/// Which maps have their split on a tracker's machine or in its rack. Made once for each job.
struct SplitIndex final : Counted {
    std::vector<std::vector<std::uint32_t>> byTracker;
    std::map<std::string, std::vector<std::uint32_t>> byRack;
};

/// A job as the JobTracker drives it: its tasks, their attempts, which of them comes next on which tracker. A value;
/// it knows no messages but what trackers say. Source: Hadoop 1.2, JobInProgress, TaskInProgress.
class JobInProgress final : public Counted {
public:
    struct Attempt {
        NodeIndex tracker = noNode;
        SimTime started;
        SimTime ended;
        SimTime copied;  ///< a reduce had all map output; it has not yet at the beginning of time
        SimTime sorted;  ///< and had it in order
        double progress = 0;
        TaskPhase phase = TaskPhase::Starting;
        TaskStatus::State state = TaskStatus::State::Running;
        bool isSpeculative = false;
        std::optional<SimTime> mayCommitAt;  ///< since then it has the leave to commit
        int distance = 0;
    };
    struct Task {
        enum class State : std::uint8_t { Pending, Running, Done };
        State state = State::Pending;
        std::vector<Attempt> attempts;
        std::uint32_t failures = 0;
        std::uint32_t running = 0;  ///< attempts
        std::uint32_t winner = 0;   ///< of a task that is done
        std::optional<std::uint32_t> committer;
        std::uint32_t fetchReports = 0;
        double progress = 0;
        SimTime started;
        Counters counters;
        Ref<const OutputSizes> sizes;  ///< of a map that is done
    };
    using Tasks = SharedLog<Task, 16>;
    struct Totals {
        std::uint32_t done = 0;
        std::uint32_t running = 0;   ///< tasks with an attempt that runs
        std::uint32_t attempts = 0;  ///< that run
        double progress = 0;         ///< summed over tasks
    };

    JobInProgress(JobId id, JobRef spec, const ClusterConfig& cluster, SimTime submitted);

    [[nodiscard]] JobId id() const { return m_id; }
    [[nodiscard]] const JobSpec& spec() const { return *m_spec; }
    [[nodiscard]] const JobRef& specRef() const { return m_spec; }
    [[nodiscard]] JobState state() const { return m_state; }
    [[nodiscard]] bool hasEnded() const { return m_state >= JobState::Succeeded; }
    [[nodiscard]] const Tasks& maps() const { return m_maps; }
    [[nodiscard]] const Tasks& reduces() const { return m_reduces; }
    [[nodiscard]] const Totals& mapTotals() const { return m_mapTotals; }
    [[nodiscard]] const Totals& reduceTotals() const { return m_reduceTotals; }
    [[nodiscard]] const SharedLog<MapEvent, 64>& events() const { return m_events; }
    [[nodiscard]] const Counters& counters() const { return m_counters; }
    [[nodiscard]] const std::string& why() const { return m_why; }
    [[nodiscard]] double mapProgress() const;
    [[nodiscard]] double reduceProgress() const;
    [[nodiscard]] SimTime submitted() const { return m_submitted; }
    [[nodiscard]] SimTime ended() const { return m_ended; }
    [[nodiscard]] bool bansTrackers() const;
    [[nodiscard]] bool isBannedFrom(NodeIndex tracker) const;
    [[nodiscard]] std::uint32_t speculated() const { return m_speculated; }

    void setLiveTrackers(std::uint32_t count) { m_liveTrackers = count; }

    // --- what a tracker may begin; the attempt is entered
    std::optional<AttemptId> takeHouse(NodeIndex tracker, SimTime now);
    enum class Reach : std::uint8_t { NodeOrRack, Anywhere };
    std::optional<AttemptId> takeMap(NodeIndex tracker, SimTime now, Reach reach, const ClusterConfig& cluster);
    std::optional<AttemptId> takeReduce(NodeIndex tracker, SimTime now);

    // --- what trackers say; gives attempts that are to be killed
    std::vector<std::pair<NodeIndex, AttemptId>> update(const TaskStatus& status, NodeIndex tracker, SimTime now,
                                                        const ClusterConfig& cluster);
    [[nodiscard]] bool mayCommit(const AttemptId& id, SimTime now);
    /// What ran on a tracker that is gone runs again, and maps that had finished there, as long as reduces want them.
    /// Gives how many of each.
    std::pair<std::uint32_t, std::uint32_t> loseTracker(NodeIndex tracker, SimTime now, const ClusterConfig& cluster);
    void fail(std::string why);

    // --- for a master that asks for places before it fills them
    [[nodiscard]] std::optional<TaskStatus::State> stateOf(const AttemptId& id) const;
    [[nodiscard]] bool isMapPending(std::uint32_t map) const { return isPending(map); }
    [[nodiscard]] std::uint32_t pendingMaps() const { return m_state == JobState::Running ? m_mapsPending : 0; }
    /// Of them, those that have run before.
    [[nodiscard]] std::uint32_t returnedMaps() const { return static_cast<std::uint32_t>(m_returned.size()); }
    /// 0 until enough maps are done.
    [[nodiscard]] std::uint32_t pendingReduces() const;
    /// A task that is far enough behind to get a second attempt.
    [[nodiscard]] std::optional<std::uint32_t> wantsBackup(TaskType type, SimTime now) const;
    [[nodiscard]] std::optional<Attempt> attemptOf(const AttemptId& id) const;
    /// An attempt of an earlier master that had succeeded: its task is done.
    void recover(const TaskStatus& status, const Attempt& done);
    /// Attempts of an earlier master have had the numbers up to this one.
    void numberFrom(std::uint32_t attempt);
    [[nodiscard]] std::vector<std::pair<NodeIndex, AttemptId>> runningAttempts() const;

private:
    [[nodiscard]] Tasks& tasksOf(TaskType type);
    [[nodiscard]] Totals& totalsOf(TaskType type) { return type == TaskType::Reduce ? m_reduceTotals : m_mapTotals; }
    [[nodiscard]] Task& taskOf(const AttemptId& id);
    [[nodiscard]] const Task& lookAt(const AttemptId& id) const;
    AttemptId begin(TaskType type, std::uint32_t task, NodeIndex tracker, SimTime now, bool isSpeculative);
    void setProgress(const AttemptId& id, Task& task, double progress);
    static void notePhase(Attempt& attempt, SimTime now);
    void endAttempt(const AttemptId& id, TaskStatus::State state, SimTime now);
    void makePending(TaskType type, std::uint32_t task);
    void failAttempt(const AttemptId& id, const TaskStatus& status, NodeIndex tracker, const ClusterConfig& cluster);
    void succeedAttempt(const TaskStatus& status, NodeIndex tracker, SimTime now,
                        std::vector<std::pair<NodeIndex, AttemptId>>& kills);
    void countFailureOf(NodeIndex tracker);
    void loseOutput(std::uint32_t map, SimTime now);
    void onFetchFailures(const TaskStatus& status, SimTime now, const ClusterConfig& cluster);
    [[nodiscard]] bool isPending(std::uint32_t map) const { return m_maps[map].state == Task::State::Pending; }
    [[nodiscard]] bool failedOn(const Task& task, NodeIndex tracker) const;
    std::optional<std::uint32_t> nextOf(const std::vector<std::uint32_t>& list, std::uint32_t& cursor) const;
    std::optional<std::uint32_t> speculativeTask(TaskType type, NodeIndex tracker, SimTime now) const;
    [[nodiscard]] int distanceOf(std::uint32_t map, NodeIndex tracker, const ClusterConfig& cluster) const;

    JobId m_id;
    JobRef m_spec;
    bool m_isOnYarn = false;
    BrokenRules m_broken;
    Ref<const SplitIndex> m_index;
    JobState m_state = JobState::Prep;
    bool m_isFailing = false;
    std::string m_why;
    SimTime m_submitted;
    SimTime m_ended;
    Tasks m_maps;
    Tasks m_reduces;
    Tasks m_house;  ///< setup, cleanup
    Totals m_mapTotals;
    Totals m_reduceTotals;
    Totals m_houseTotals;
    std::set<std::uint32_t> m_returned;  ///< maps that are to run again
    std::set<std::uint32_t> m_reducesPending;
    std::vector<std::uint32_t> m_trackerCursors;
    std::map<std::string, std::uint32_t> m_rackCursors;
    std::uint32_t m_cursor = 0;
    std::uint32_t m_mapsPending = 0;
    SharedLog<MapEvent, 64> m_events;
    std::map<NodeIndex, std::uint32_t> m_trackerFailures;
    std::uint32_t m_banned = 0;  ///< trackers
    std::uint32_t m_liveTrackers = 1;
    Counters m_counters;
    std::uint32_t m_speculated = 0;
};

}  // namespace millrace::hadoop
