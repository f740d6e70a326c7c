#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/hadoop/cluster.h"
#include "engine/hadoop/mapreduce/counters.h"
#include "engine/hadoop/mapreduce/job.h"
#include "engine/hadoop/mapreduce/run.h"
#include "engine/sim/message.h"

/// What the processes of MapReduce tell each other: InterTrackerProtocol, JobSubmissionProtocol, the umbilical of a
/// task and the map output that trackers serve over HTTP.
namespace millrace::hadoop {

/// A map's output: a sorted run for each reduce.
struct MapOutput final : Counted {
    std::vector<RunRef> runs;
    ByteCount bytes = 0;
};

/// How many bytes of a map's output each reduce is to copy, for people.
struct OutputSizes final : Counted {
    std::vector<ByteCount> bytes;
};

enum class TaskPhase : std::uint8_t { Starting, Map, Shuffle, Sort, Reduce, Commit };

/// How an attempt stands, as its tracker tells it.
struct TaskStatus {
    enum class State : std::uint8_t { Running, CommitPending, Succeeded, Failed, Killed };
    AttemptId id;
    State state = State::Running;
    TaskPhase phase = TaskPhase::Starting;
    double progress = 0;
    Counters counters;
    std::vector<std::uint32_t> fetchFailures;  ///< maps whose output it could not get, since the last time
    std::string why;
    Ref<const OutputSizes> sizes;  ///< of a map that has succeeded; part of no digest

    [[nodiscard]] bool hasEnded() const {
        return state == State::Succeeded || state == State::Failed || state == State::Killed;
    }
    void digest(Digest& digest) const {
        id.digest(digest);
        digest.add(static_cast<std::uint32_t>(state));
        digest.add(static_cast<std::uint32_t>(phase));
        digest.add(progress);
        digest.add(why);
        for (const std::int64_t count : counters.values) {
            digest.add(count);
        }
        for (const std::uint32_t map : fetchFailures) {
            digest.add(map);
        }
    }
};

/// Where a map's output lies, or that it is there no more.
struct MapEvent {
    std::uint32_t map = 0;
    std::uint32_t attempt = 0;
    NodeIndex tracker = noNode;
    bool isObsolete = false;

    void digest(Digest& digest) const {
        digest.add(map);
        digest.add(attempt);
        digest.add(tracker);
        digest.add(isObsolete);
    }
};

// --- trackers and the JobTracker ------------------------------------------------------------------------------------

struct TrackerHeartbeat final : sim::MessageBase<TrackerHeartbeat> {
    static constexpr std::string_view Name = "hadoop.TrackerHeartbeat";
    NodeIndex tracker = 0;
    std::uint64_t answered = 0;  ///< number of the last response
    bool isFirst = false;
    std::uint32_t freeMapSlots = 0;
    std::uint32_t freeReduceSlots = 0;
    std::vector<TaskStatus> statuses;
    std::vector<std::pair<JobId, std::uint64_t>> wantedEvents;  ///< of jobs whose reduces run there: from which on
    [[nodiscard]] ByteCount wireSize() const override { return static_cast<ByteCount>(300 + 400 * statuses.size()); }
    void digest(Digest& digest) const override {
        digest.add(tracker);
        digest.add(answered);
        digest.add(isFirst);
        digest.add(freeMapSlots);
        digest.add(freeReduceSlots);
        for (const TaskStatus& each : statuses) {
            each.digest(digest);
        }
    }
};

struct HeartbeatResponse final : sim::MessageBase<HeartbeatResponse> {
    static constexpr std::string_view Name = "hadoop.HeartbeatResponse";
    std::uint64_t number = 0;
    bool reinitialises = false;
    SimDuration interval{0};
    std::vector<std::pair<AttemptId, JobRef>> launches;
    std::vector<AttemptId> kills;
    std::vector<AttemptId> commits;
    std::vector<JobId> endedJobs;
    std::vector<std::pair<JobId, std::vector<MapEvent>>> events;
    [[nodiscard]] ByteCount wireSize() const override {
        std::size_t count = 0;
        for (const auto& [job, each] : events) {
            count += each.size();
        }
        return static_cast<ByteCount>(150 + 500 * launches.size() + 60 * (kills.size() + commits.size()) + 90 * count);
    }
    void digest(Digest& digest) const override {
        digest.add(number);
        digest.add(reinitialises);
        digest.add(interval.count());
        for (const JobId job : endedJobs) {
            digest.add(job);
        }
        for (const auto& [id, job] : launches) {
            id.digest(digest);
        }
        for (const AttemptId& id : kills) {
            id.digest(digest);
        }
        for (const AttemptId& id : commits) {
            id.digest(digest);
        }
        for (const auto& [job, each] : events) {
            digest.add(job);
            for (const MapEvent& event : each) {
                event.digest(digest);
            }
        }
    }
};

// --- clients and the JobTracker -------------------------------------------------------------------------------------

struct SubmitJob final : sim::MessageBase<SubmitJob> {
    static constexpr std::string_view Name = "hadoop.SubmitJob";
    JobRef job;
    explicit SubmitJob(JobRef spec) : job(std::move(spec)) {}
    [[nodiscard]] ByteCount wireSize() const override { return 400; }
    void digest(Digest& digest) const override {
        digest.add(job->name);
        digest.add(static_cast<std::uint64_t>(job->splits.size()));
    }
};

struct JobAsk final : sim::MessageBase<JobAsk> {
    static constexpr std::string_view Name = "hadoop.JobAsk";
    JobId job;
    explicit JobAsk(JobId which) : job(which) {}
    [[nodiscard]] ByteCount wireSize() const override { return 120; }
    void digest(Digest& digest) const override { digest.add(job); }
};

struct JobAnswer final : sim::MessageBase<JobAnswer> {
    static constexpr std::string_view Name = "hadoop.JobAnswer";
    JobId job = 0;
    bool isKnown = true;
    bool isInitialising = false;  ///< the JobTracker has just started: ask again
    JobState state = JobState::Prep;
    double mapProgress = 0;
    double reduceProgress = 0;
    Counters counters;
    std::string why;
    [[nodiscard]] ByteCount wireSize() const override { return 220; }
    void digest(Digest& digest) const override {
        digest.add(job);
        digest.add(isKnown);
        digest.add(isInitialising);
        digest.add(static_cast<std::uint32_t>(state));
        digest.add(mapProgress);
        digest.add(reduceProgress);
    }
};

// --- clients and the ResourceManager ---------------------------------------------------------------------------------

struct AppAsk final : sim::MessageBase<AppAsk> {
    static constexpr std::string_view Name = "hadoop.AppAsk";
    JobId app;
    explicit AppAsk(JobId which) : app(which) {}
    [[nodiscard]] ByteCount wireSize() const override { return 120; }
    void digest(Digest& digest) const override { digest.add(app); }
};

struct AppReport final : sim::MessageBase<AppReport> {
    static constexpr std::string_view Name = "hadoop.AppReport";
    enum class State : std::uint8_t { Unknown, Accepted, Running, Finished, Failed };
    JobId app = 0;
    State state = State::Unknown;
    std::uint32_t appAttempt = 1;
    sim::HostId host = sim::noHost;  ///< of its ApplicationMaster
    sim::Port port{0};
    Ref<const JobAnswer> report;  ///< what its ApplicationMaster said last
    std::string why;
    [[nodiscard]] ByteCount wireSize() const override { return 350; }
    void digest(Digest& digest) const override {
        digest.add(app);
        digest.add(static_cast<std::uint32_t>(state));
        digest.add(appAttempt);
    }
};

// --- a task and its tracker -----------------------------------------------------------------------------------------

struct TaskReport final : sim::MessageBase<TaskReport> {
    static constexpr std::string_view Name = "hadoop.TaskReport";
    TaskStatus status;
    Ref<const MapOutput> output;  ///< of a map that has succeeded: its file changes hands
    [[nodiscard]] ByteCount wireSize() const override { return 500; }
    void digest(Digest& digest) const override {
        status.digest(digest);
        digest.add(output ? output->bytes : 0);
    }
};

struct CommitTask final : sim::MessageBase<CommitTask> {
    static constexpr std::string_view Name = "hadoop.CommitTask";
    void digest(Digest&) const override {}
};

struct MapEvents final : sim::MessageBase<MapEvents> {
    static constexpr std::string_view Name = "hadoop.MapEvents";
    std::vector<MapEvent> events;
    [[nodiscard]] ByteCount wireSize() const override { return static_cast<ByteCount>(60 + 90 * events.size()); }
    void digest(Digest& digest) const override {
        for (const MapEvent& event : events) {
            event.digest(digest);
        }
    }
};

/// On YARN: a map's output stands in the folder that the NodeManager of its machine serves.
struct KeepOutput final : sim::MessageBase<KeepOutput> {
    static constexpr std::string_view Name = "hadoop.KeepOutput";
    AttemptId map;
    Ref<const MapOutput> output;
    void digest(Digest& digest) const override {
        map.digest(digest);
        digest.add(output->bytes);
    }
};

struct OutputKept final : sim::MessageBase<OutputKept> {
    static constexpr std::string_view Name = "hadoop.OutputKept";
    bool isKept;
    explicit OutputKept(bool is) : isKept(is) {}
    void digest(Digest& digest) const override { digest.add(isKept); }
};

// --- the shuffle ----------------------------------------------------------------------------------------------------

struct FetchOutput final : sim::MessageBase<FetchOutput> {
    static constexpr std::string_view Name = "hadoop.FetchOutput";
    AttemptId map;
    std::uint32_t reduce = 0;
    [[nodiscard]] ByteCount wireSize() const override { return 250; }
    void digest(Digest& digest) const override {
        map.digest(digest);
        digest.add(reduce);
    }
};

struct FetchedOutput final : sim::MessageBase<FetchedOutput> {
    static constexpr std::string_view Name = "hadoop.FetchedOutput";
    AttemptId map;
    RunRef run;  ///< null: it is not there
    [[nodiscard]] ByteCount wireSize() const override { return 200 + (run ? run->size() : 0); }
    void digest(Digest& digest) const override {
        map.digest(digest);
        digest.add(run ? run->digest() : 0);
    }
};

}  // namespace millrace::hadoop
