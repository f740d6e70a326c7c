#include "engine/hadoop/mapreduce/task_tracker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/hadoop/cost.h"
#include "engine/hadoop/mapreduce/tasks.h"
#include "engine/hadoop/metrics.h"

namespace millrace::hadoop {

namespace {

struct TrackerTimer final : sim::MessageBase<TrackerTimer> {
    static constexpr std::string_view Name = "hadoop.TrackerTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"heartbeat", "next try to reach the JobTracker",
                                                     "time-out of the JobTracker's answer"};
        return std::string{words[static_cast<std::size_t>(purpose)]};
    }
    enum class Purpose : std::uint8_t { Heartbeat, Reconnect, Silent };
    Purpose purpose;
    std::uint64_t argument;
    explicit TrackerTimer(Purpose what, std::uint64_t about = 0) : purpose(what), argument(about) {}
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint32_t>(purpose));
        digest.add(argument);
    }
};

constexpr SimDuration trackerAnswerPatience = std::chrono::seconds{60};

std::string childName(const std::string& tracker, bool isReduce, std::uint32_t slot) {
    return fmt::format("child/{}-{}{}", tracker, isReduce ? 'r' : 'm', slot);
}

/// A task's JVM: the process "child/<tracker>-m0", or r0 in a reduce slot.
class TaskBlueprint final : public sim::Blueprint {
public:
    TaskBlueprint(ClusterRef cluster, NodeIndex tracker, std::uint32_t slot, const AttemptId& id, JobRef job)
        : m_cluster(std::move(cluster)), m_tracker(tracker), m_id(id), m_job(std::move(job)) {
        m_name = childName(m_cluster->trackers[tracker].name, id.type == TaskType::Reduce, slot);
    }
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        const DaemonAddress& parent = m_cluster->trackers[m_tracker];
        addTask(context, m_cluster, {m_tracker, parent.host, parent.port, false}, m_id, m_job);
    }

private:
    ClusterRef m_cluster;
    NodeIndex m_tracker;
    AttemptId m_id;
    JobRef m_job;
    std::string m_name;
};

}  // namespace

TaskTracker::TaskTracker(ClusterRef cluster, NodeIndex self) : m_cluster(std::move(cluster)), m_self(self) {}

void TaskTracker::start(sim::Context& context) {
    m_shuffle.start(context, address().readRate);
    context.listen(address().port);
    connect(context);
}

void TaskTracker::connect(sim::Context& context) {
    const DaemonAddress& master = *m_cluster->jobTracker;
    m_jobTracker.open(context, master.host, master.port, trackerAnswerPatience);
}

std::uint32_t TaskTracker::running(bool isReduce) const {
    std::uint32_t count = 0;
    for (const auto& [id, attempt] : m_attempts) {
        count += (id.type == TaskType::Reduce) == isReduce && !attempt.isJvmGone ? 1U : 0U;
    }
    return count;
}

/// One that no attempt holds, and whose JVM of before is gone: after a start of the tracker it may take a moment to
/// end.
std::uint32_t TaskTracker::freeSlot(const sim::Context& context, bool isReduce) const {
    for (std::uint32_t slot = 0;; ++slot) {
        const bool isTaken = std::any_of(m_attempts.begin(), m_attempts.end(), [&](const auto& each) {
            return (each.first.type == TaskType::Reduce) == isReduce && each.second.slot == slot &&
                   !each.second.isJvmGone;
        });
        const sim::ProcessId before = context.findProcess(childName(address().name, isReduce, slot));
        const bool isAlive = before != sim::noProcess && (context.stateOf(before) == sim::ProcessState::Running ||
                                                          context.stateOf(before) == sim::ProcessState::Paused);
        if (!isTaken && !isAlive) {
            return slot;
        }
    }
}

void TaskTracker::handle(sim::Context& context, const sim::Message& message) {
    if (m_jobTracker.owns(context.connection())) {
        switch (m_jobTracker.read(context, message)) {
            case sim::Link::News::Opened:
                beat(context);
                break;
            case sim::Link::News::Lost:
                m_isWaiting = false;
                m_jobTracker.backOff(context, sim::Backoff::constant(std::chrono::seconds{1}), [](std::uint64_t round) {
                    return makeRef<TrackerTimer>(TrackerTimer::Purpose::Reconnect, round);
                });
                break;
            case sim::Link::News::Message:
                if (const auto* response = message.as<HeartbeatResponse>()) {
                    onResponse(context, *response);
                }
                break;
            case sim::Link::News::None:
                break;
        }
    } else if (const auto* report = message.as<TaskReport>()) {
        onReport(context, *report);
    } else if (const auto* fetch = message.as<FetchOutput>()) {
        m_shuffle.fetch(context, *fetch);
    } else if (m_shuffle.handle(context, message)) {
        return;
    } else if (const auto* exited = message.as<sim::ProcessExited>()) {
        onExited(context, *exited);
    } else if (const auto* timer = message.as<TrackerTimer>()) {
        switch (timer->purpose) {
            case TrackerTimer::Purpose::Heartbeat:
                killSilent(context);
                if (m_jobTracker.isOpen() && !m_isWaiting && timer->argument == m_round) {
                    beat(context);
                }
                break;
            case TrackerTimer::Purpose::Reconnect:
                if (m_jobTracker.due(timer->argument) == sim::Link::Due::Reconnect) {
                    connect(context);
                }
                break;
            case TrackerTimer::Purpose::Silent:
                if (m_jobTracker.isConnected() && m_jobTracker.isOverdue(context, [](std::uint64_t round) {
                        return makeRef<TrackerTimer>(TrackerTimer::Purpose::Silent, round);
                    })) {
                    m_isWaiting = false;
                    m_jobTracker.close(context);
                    connect(context);
                }
                break;
        }
    }
}

// --- the JobTracker -------------------------------------------------------------------------------------------------

void TaskTracker::beat(sim::Context& context) {
    auto heartbeat = makeRef<TrackerHeartbeat>();
    heartbeat->tracker = m_self;
    heartbeat->answered = m_answered;
    heartbeat->isFirst = m_isFirst;
    const auto free = [](std::uint32_t slots, std::uint32_t used) { return slots > used ? slots - used : 0; };
    heartbeat->freeMapSlots = free(address().mapSlots, running(false));
    heartbeat->freeReduceSlots = free(address().reduceSlots, running(true));
    m_sent.clear();
    for (auto& [id, attempt] : m_attempts) {
        heartbeat->statuses.push_back(attempt.status);
        attempt.failuresSent = attempt.status.fetchFailures.size();
        if (attempt.status.hasEnded() && attempt.isJvmGone) {
            m_sent.push_back(id);
        }
        if (id.type == TaskType::Reduce && attempt.status.phase <= TaskPhase::Shuffle) {
            const std::pair<JobId, std::uint64_t> wanted{id.job, m_events[id.job].size()};
            if (std::find(heartbeat->wantedEvents.begin(), heartbeat->wantedEvents.end(), wanted) ==
                heartbeat->wantedEvents.end()) {
                heartbeat->wantedEvents.push_back(wanted);
            }
        }
    }
    m_isWaiting = true;
    ++m_round;
    m_jobTracker.request(context, std::move(heartbeat), m_answered, trackerAnswerPatience, [](std::uint64_t round) {
        return makeRef<TrackerTimer>(TrackerTimer::Purpose::Silent, round);
    });
}

void TaskTracker::onResponse(sim::Context& context, const HeartbeatResponse& response) {
    m_jobTracker.answered();
    m_isWaiting = false;
    context.arm(response.interval, makeRef<TrackerTimer>(TrackerTimer::Purpose::Heartbeat, m_round));
    if (response.reinitialises) {
        startAnew(context);
        return;
    }
    m_isFirst = false;
    m_answered = response.number;
    for (const AttemptId& id : m_sent) {
        m_attempts.erase(id);
    }
    for (auto& [id, attempt] : m_attempts) {
        std::vector<std::uint32_t>& failures = attempt.status.fetchFailures;
        const std::size_t told = std::min(std::exchange(attempt.failuresSent, 0), failures.size());
        failures.erase(failures.begin(), failures.begin() + static_cast<std::ptrdiff_t>(told));
    }
    m_sent.clear();
    for (const JobId job : response.endedJobs) {
        forgetJob(context, job);
    }
    for (const AttemptId& id : response.kills) {
        if (const auto attempt = m_attempts.find(id); attempt != m_attempts.end()) {
            kill(context, attempt->second, TaskStatus::State::Killed, "it was not needed any more");
        }
    }
    for (const AttemptId& id : response.commits) {
        if (const auto attempt = m_attempts.find(id);
            attempt != m_attempts.end() && attempt->second.umbilical != sim::noConnection) {
            context.transmit(attempt->second.umbilical, makeRef<CommitTask>());
        }
    }
    for (const auto& [id, job] : response.launches) {
        launch(context, id, job);
    }
    for (const auto& [job, events] : response.events) {
        std::vector<MapEvent>& known = m_events[job];
        known.insert(known.end(), events.begin(), events.end());
        tellEvents(context, job);
    }
}

void TaskTracker::launch(sim::Context& context, const AttemptId& id, const JobRef& job) {
    if (m_attempts.contains(id)) {
        return;
    }
    const std::uint32_t slot = freeSlot(context, id.type == TaskType::Reduce);
    Attempt& attempt = m_attempts[id];
    attempt.job = job;
    attempt.status.id = id;
    attempt.slot = slot;
    attempt.heard = attempt.started = context.now();
    attempt.jvm = context.spawn(makeRef<TaskBlueprint>(m_cluster, m_self, slot, id, job));
}

void TaskTracker::kill(sim::Context& context, Attempt& attempt, TaskStatus::State state, std::string why) {
    if (!attempt.status.hasEnded()) {
        attempt.status.state = state;
        attempt.status.why = std::move(why);
    }
    if (!attempt.isJvmGone) {
        context.kill(attempt.jvm);
    }
}

void TaskTracker::forgetJob(sim::Context& context, JobId job) {
    for (auto& [id, attempt] : m_attempts) {
        if (id.job == job) {
            kill(context, attempt, TaskStatus::State::Killed, "its job has ended");
        }
    }
    m_shuffle.forgetJob(context, job);
    m_events.erase(job);
}

/// The JobTracker does not know it: all that runs here is of no use to anybody.
void TaskTracker::startAnew(sim::Context& context) {
    std::vector<JobId> jobs;
    for (auto& [id, attempt] : m_attempts) {
        jobs.push_back(id.job);
    }
    for (const auto& [id, output] : m_shuffle.outputs()) {
        jobs.push_back(id.job);
    }
    for (const JobId job : jobs) {
        forgetJob(context, job);
    }
    std::erase_if(m_attempts, [](const auto& each) { return each.second.isJvmGone; });
    m_isFirst = true;
    m_answered = 0;
}

void TaskTracker::killSilent(sim::Context& context) {
    for (auto& [id, attempt] : m_attempts) {
        if (!attempt.status.hasEnded() && context.now() - attempt.heard > attempt.job->conf.taskTimeout) {
            kill(context, attempt, TaskStatus::State::Failed,
                 fmt::format("it failed to report status for {}", millrace::toText(attempt.job->conf.taskTimeout)));
        }
    }
}

// --- tasks ----------------------------------------------------------------------------------------------------------

void TaskTracker::onReport(sim::Context& context, const TaskReport& report) {
    context.spend(cost::statusReport);
    const auto found = m_attempts.find(report.status.id);
    if (found == m_attempts.end() || found->second.status.hasEnded()) {
        return;
    }
    Attempt& attempt = found->second;
    attempt.umbilical = context.connection();
    attempt.heard = context.now();
    std::vector<std::uint32_t> failures = std::move(attempt.status.fetchFailures);
    attempt.status = report.status;
    attempt.status.fetchFailures.insert(attempt.status.fetchFailures.begin(), failures.begin(), failures.end());
    if (report.output && !m_shuffle.keep(context, report.status.id, report.output)) {
        attempt.status.state = TaskStatus::State::Failed;
        attempt.status.why = "the tracker's disk takes no more map output";
    }
    if (attempt.status.hasEnded()) {
        context.kill(attempt.jvm, sim::ProcessExited::Reason::Finished);
    }
    tellEvents(context, report.status.id.job);
}

void TaskTracker::onExited(sim::Context& context, const sim::ProcessExited& exited) {
    for (auto& [id, attempt] : m_attempts) {
        if (attempt.jvm != exited.exited || attempt.isJvmGone) {
            continue;
        }
        attempt.isJvmGone = true;
        attempt.umbilical = sim::noConnection;
        if (!attempt.status.hasEnded()) {
            attempt.status.state = TaskStatus::State::Failed;
            attempt.status.why = "its JVM has died";
            context.journal({"hadoop.child-died",
                             sim::Severity::Notice,
                             fmt::format("The JVM of {} on TaskTracker {} has died", toText(id), address().name),
                             {{"attempt", toText(id)}}});
        }
        return;
    }
}

void TaskTracker::tellEvents(sim::Context& context, JobId job) {
    const auto events = m_events.find(job);
    if (events == m_events.end()) {
        return;
    }
    for (auto& [id, attempt] : m_attempts) {
        if (id.job != job || id.type != TaskType::Reduce || attempt.umbilical == sim::noConnection ||
            attempt.eventsTold >= events->second.size() || attempt.status.hasEnded()) {
            continue;
        }
        auto told = makeRef<MapEvents>();
        told->events.assign(events->second.begin() + static_cast<std::ptrdiff_t>(attempt.eventsTold),
                            events->second.end());
        attempt.eventsTold = events->second.size();
        context.transmit(attempt.umbilical, std::move(told));
    }
}

void TaskTracker::sample(sim::MetricSink& sink) const {
    sink.add(metric::runningMaps, running(false));
    sink.add(metric::runningReduces, running(true));
    sink.add(metric::shuffleBytesServed, static_cast<double>(m_shuffle.bytesServed()));
}

}  // namespace millrace::hadoop
