#include "engine/hadoop/mapreduce/job_tracker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/hadoop/cost.h"
#include "engine/hadoop/metrics.h"

namespace millrace::hadoop {

namespace {

struct JobTrackerTimer final : sim::MessageBase<JobTrackerTimer> {
    static constexpr std::string_view Name = "hadoop.JobTrackerTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"check for silent TaskTrackers", "start"};
        return std::string{words[static_cast<std::size_t>(purpose)]};
    }
    enum class Purpose : std::uint8_t { Expire, Begin };
    Purpose purpose;
    explicit JobTrackerTimer(Purpose what) : purpose(what) {}
    void digest(Digest& digest) const override { digest.add(static_cast<std::uint32_t>(purpose)); }
};

}  // namespace

// --- life -----------------------------------------------------------------------------------------------------------

void JobTracker::start(sim::Context& context) {
    context.listen(m_cluster->jobTracker->port);
    m_trackers.resize(m_cluster->trackers.size());
    m_nextJob = (std::uint64_t{context.incarnation()} << 32U) + 1;
    m_dfs.start(context, m_cluster, "jobtracker");
    m_waiting = m_dfs.remove(context, std::string{systemFolder});
    context.arm(m_cluster->mapreduce.trackerExpiry / 3, makeRef<JobTrackerTimer>(JobTrackerTimer::Purpose::Expire));
}

void JobTracker::handle(sim::Context& context, const sim::Message& message) {
    std::vector<DfsEvent> events;
    if (m_dfs.handle(context, message, events)) {
        for (const DfsEvent& event : events) {
            if (event.token != m_waiting) {
                continue;
            }
            if (event.kind == DfsEvent::Kind::Failed) {
                constexpr SimDuration pause = std::chrono::seconds{10};
                context.arm(pause, makeRef<JobTrackerTimer>(JobTrackerTimer::Purpose::Begin));
            } else if (!m_hasCleared) {
                m_hasCleared = true;
                m_waiting = m_dfs.makeFolder(context, std::string{systemFolder});
            } else {
                m_isReady = true;
                context.journal({"hadoop.jobtracker-running", sim::Severity::Notice, "The JobTracker takes jobs", {}});
            }
        }
    } else if (const auto* heartbeat = message.as<TrackerHeartbeat>()) {
        onHeartbeat(context, *heartbeat);
    } else if (const auto* submit = message.as<SubmitJob>()) {
        onSubmit(context, *submit);
    } else if (const auto* ask = message.as<JobAsk>()) {
        onAsk(context, *ask);
    } else if (const auto* timer = message.as<JobTrackerTimer>()) {
        if (timer->purpose == JobTrackerTimer::Purpose::Begin) {
            m_hasCleared = false;
            m_waiting = m_dfs.remove(context, std::string{systemFolder});
        } else {
            expireTrackers(context);
            context.arm(m_cluster->mapreduce.trackerExpiry / 3,
                        makeRef<JobTrackerTimer>(JobTrackerTimer::Purpose::Expire));
        }
    }
}

std::uint32_t JobTracker::liveTrackers() const {
    return static_cast<std::uint32_t>(
        std::count_if(m_trackers.begin(), m_trackers.end(), [](const Tracker& each) { return each.isAlive; }));
}

// --- trackers -------------------------------------------------------------------------------------------------------

void JobTracker::onHeartbeat(sim::Context& context, const TrackerHeartbeat& heartbeat) {
    context.spend(cost::trackerHeartbeat);
    Tracker& tracker = m_trackers[heartbeat.tracker];
    auto response = makeRef<HeartbeatResponse>();
    response->interval = m_cluster->mapreduce.heartbeatOf(std::max<std::size_t>(liveTrackers(), 1));
    if (heartbeat.isFirst) {
        if (tracker.isAlive) {
            loseTracker(context, heartbeat.tracker, "has started again and serves no map output of before");
        }
        tracker.isAlive = true;
        tracker.number = 0;
        tracker.last = nullptr;
        context.journal({"hadoop.tasktracker-registered",
                         sim::Severity::Detail,
                         fmt::format("TaskTracker {} is registered", m_cluster->trackers[heartbeat.tracker].name),
                         {{"tasktracker", m_cluster->trackers[heartbeat.tracker].name}}});
    } else if (!tracker.isAlive) {
        response->reinitialises = true;
        context.transmit(context.connection(), std::move(response));
        return;
    } else if (heartbeat.answered != tracker.number && tracker.last) {
        tracker.heard = context.now();
        HeartbeatResponse unused;  // the answer was lost: it is given again, and what the tracker tells is taken
        takeStatuses(context, heartbeat, unused);
        context.transmit(context.connection(), tracker.last);
        return;
    }
    tracker.heard = context.now();
    tracker.freeMapSlots = heartbeat.freeMapSlots;
    tracker.freeReduceSlots = heartbeat.freeReduceSlots;
    takeStatuses(context, heartbeat, *response);
    if (m_isReady) {
        assign(context, heartbeat, *response);
    }
    response->kills = std::exchange(tracker.kills, {});
    response->endedJobs = std::exchange(tracker.endedJobs, {});
    for (const auto& [job, from] : heartbeat.wantedEvents) {
        if (const Ref<JobInProgress>* known = m_jobs.find(job)) {
            const auto& events = (*known)->events();
            std::vector<MapEvent> fresh;
            for (std::uint64_t i = from; i < events.endIndex(); ++i) {
                fresh.push_back(events[i]);
            }
            if (!fresh.empty()) {
                response->events.emplace_back(job, std::move(fresh));
            }
        }
    }
    response->number = ++tracker.number;
    tracker.last = response;
    context.transmit(context.connection(), std::move(response));
}

void JobTracker::takeStatuses(sim::Context& context, const TrackerHeartbeat& heartbeat, HeartbeatResponse& response) {
    for (const TaskStatus& status : heartbeat.statuses) {
        const Ref<JobInProgress>* known = m_jobs.find(status.id.job);
        if (known == nullptr) {
            if (!status.hasEnded()) {
                m_trackers[heartbeat.tracker].kills.push_back(status.id);
            }
            continue;
        }
        context.spend(cost::statusReport);
        const bool hadEnded = (*known)->hasEnded();
        JobInProgress& job = edit(status.id.job);
        for (const auto& [tracker, id] : job.update(status, heartbeat.tracker, context.now(), *m_cluster)) {
            m_trackers[tracker].kills.push_back(id);
        }
        if (status.state == TaskStatus::State::CommitPending && job.mayCommit(status.id, context.now())) {
            response.commits.push_back(status.id);
        }
        if (status.state == TaskStatus::State::Failed && !hadEnded) {
            context.journal(
                {"hadoop.attempt-failed",
                 sim::Severity::Warning,
                 fmt::format("{} failed on TaskTracker {}: {}", toText(status.id),
                             m_cluster->trackers[heartbeat.tracker].name, status.why),
                 {{"attempt", toText(status.id)}, {"tasktracker", m_cluster->trackers[heartbeat.tracker].name}},
                 job.spec().name});
            if (!job.why().empty()) {
                for (const auto& [tracker, id] : job.runningAttempts()) {
                    m_trackers[tracker].kills.push_back(id);
                }
            }
        }
        if (job.hasEnded() && !hadEnded) {
            endJob(context, job);
        }
    }
}

void JobTracker::endJob(sim::Context& context, const JobInProgress& job) {
    for (Tracker& tracker : m_trackers) {
        tracker.endedJobs.push_back(job.id());
    }
    (void)m_dfs.remove(context, fmt::format("{}/{}", systemFolder, job.spec().name));
    const bool isGood = job.state() == JobState::Succeeded;
    context.journal({isGood ? "hadoop.job-succeeded" : "hadoop.job-failed",
                     isGood ? sim::Severity::Notice : sim::Severity::Error,
                     isGood ? fmt::format("Job {} is done after {}", job.spec().name,
                                          millrace::toText(job.ended() - job.submitted()))
                            : fmt::format("Job {} has failed: {}", job.spec().name, job.why()),
                     {{"job", job.spec().name}, {"id", jobText(job.id())}}});
}

/// Jobs by priority, then in the order in which they came.
std::vector<JobId> JobTracker::jobOrder() const {
    std::vector<JobId> order;
    for (const auto& [id, job] : m_jobs) {
        if (!job->hasEnded()) {
            order.push_back(id);
        }
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](JobId a, JobId b) { return m_jobs.at(a)->spec().priority < m_jobs.at(b)->spec().priority; });
    return order;
}

void JobTracker::launch(sim::Context& context, const JobInProgress& job, const AttemptId& id,
                        HeartbeatResponse& response) {
    context.spend(cost::scheduledTask);
    response.launches.emplace_back(id, job.specRef());
}

/// Setup and cleanup come first, alone; then maps, as many as the load of all slots leaves; then one reduce.
void JobTracker::assign(sim::Context& context, const TrackerHeartbeat& heartbeat, HeartbeatResponse& response) {
    const std::vector<JobId> order = jobOrder();
    for (const JobId id : order) {
        edit(id).setLiveTrackers(liveTrackers());
    }
    if (heartbeat.freeMapSlots > 0) {
        for (const JobId id : order) {
            if (const auto attempt = edit(id).takeHouse(heartbeat.tracker, context.now())) {
                launch(context, *m_jobs.at(id), *attempt, response);
                return;
            }
        }
    }
    std::uint32_t mapSlots = 0;
    std::uint32_t reduceSlots = 0;
    for (NodeIndex i = 0; i < m_trackers.size(); ++i) {
        mapSlots += m_trackers[i].isAlive ? m_cluster->trackers[i].mapSlots : 0;
        reduceSlots += m_trackers[i].isAlive ? m_cluster->trackers[i].reduceSlots : 0;
    }
    double mapLoad = 0;
    double reduceLoad = 0;
    for (const JobId id : order) {
        const JobInProgress& job = *m_jobs.at(id);
        if (job.state() == JobState::Running) {
            mapLoad += static_cast<double>(job.maps().size()) - job.mapTotals().done;
            reduceLoad += static_cast<double>(job.reduces().size()) - job.reduceTotals().done;
        }
    }
    const auto allowed = [](double load, std::uint32_t all, std::uint32_t own, std::uint32_t free) {
        const double factor = all == 0 ? 0 : load / all;
        const auto most = std::min(own, static_cast<std::uint32_t>(std::ceil(std::min(factor, 1.0) * own)));
        const std::uint32_t used = own - std::min(free, own);
        return most > used ? most - used : 0;
    };
    const DaemonAddress& address = m_cluster->trackers[heartbeat.tracker];
    const std::uint32_t maps = allowed(mapLoad, mapSlots, address.mapSlots, heartbeat.freeMapSlots);
    assignMaps(context, heartbeat.tracker, maps, response);
    if (allowed(reduceLoad, reduceSlots, address.reduceSlots, heartbeat.freeReduceSlots) > 0) {
        assignReduce(context, heartbeat.tracker, response);
    }
}

void JobTracker::assignMaps(sim::Context& context, NodeIndex tracker, std::uint32_t slots,
                            HeartbeatResponse& response) {
    const std::vector<JobId> order = jobOrder();
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        bool isTaken = false;
        for (const JobId id : order) {
            if (const auto near =
                    edit(id).takeMap(tracker, context.now(), JobInProgress::Reach::NodeOrRack, *m_cluster)) {
                launch(context, *m_jobs.at(id), *near, response);
                isTaken = true;
                break;
            }
            if (const auto far = edit(id).takeMap(tracker, context.now(), JobInProgress::Reach::Anywhere, *m_cluster)) {
                launch(context, *m_jobs.at(id), *far, response);
                return;  // one that is not local at a heartbeat
            }
        }
        if (!isTaken) {
            return;
        }
    }
}

void JobTracker::assignReduce(sim::Context& context, NodeIndex tracker, HeartbeatResponse& response) {
    for (const JobId id : jobOrder()) {
        if (const auto reduce = edit(id).takeReduce(tracker, context.now())) {
            launch(context, *m_jobs.at(id), *reduce, response);
            return;
        }
    }
}

/// Looked after every third of the time of silence that is allowed: it takes that, and up to a third more.
void JobTracker::expireTrackers(sim::Context& context) {
    for (NodeIndex i = 0; i < m_trackers.size(); ++i) {
        if (m_trackers[i].isAlive && context.now() - m_trackers[i].heard > m_cluster->mapreduce.trackerExpiry) {
            loseTracker(context, i,
                        fmt::format("has been silent for {}, more than {}",
                                    millrace::toText(context.now() - m_trackers[i].heard),
                                    millrace::toText(m_cluster->mapreduce.trackerExpiry)));
            m_trackers[i].isAlive = false;
            m_trackers[i].last = nullptr;
        }
    }
}

void JobTracker::loseTracker(sim::Context& context, NodeIndex tracker, const std::string& why) {
    m_trackers[tracker].kills.clear();
    m_trackers[tracker].endedJobs.clear();
    std::pair<std::uint32_t, std::uint32_t> lost{0, 0};
    for (const JobId id : jobOrder()) {
        const auto ofJob = edit(id).loseTracker(tracker, context.now(), *m_cluster);
        lost.first += ofJob.first;
        lost.second += ofJob.second;
    }
    const std::string& name = m_cluster->trackers[tracker].name;
    sim::JournalDraft draft;
    draft.kind = "hadoop.tasktracker-lost";
    draft.severity = sim::Severity::Warning;
    draft.text =
        fmt::format("TaskTracker {} {}: {} attempts that ran there and {} maps that had finished there run again", name,
                    why, lost.first, lost.second);
    draft.fields = {
        {"tasktracker", name}, {"running", std::to_string(lost.first)}, {"finished_maps", std::to_string(lost.second)}};
    if (context.now() - m_trackers[tracker].heard > m_cluster->mapreduce.trackerExpiry) {
        draft.silent = "tasktracker/" + name;
    }
    context.journal(std::move(draft));
}

// --- clients --------------------------------------------------------------------------------------------------------

void JobTracker::onSubmit(sim::Context& context, const SubmitJob& submit) {
    if (!m_isReady) {
        auto answer = makeRef<JobAnswer>();
        answer->isInitialising = true;
        context.transmit(context.connection(), std::move(answer));
        return;
    }
    for (const auto& [known, job] : m_jobs) {
        if (job->specRef() == submit.job) {  // submitted again, for the answer was lost
            context.transmit(context.connection(), answerFor(known));
            return;
        }
    }
    const JobId id = m_nextJob++;
    context.spend(cost::initialisedTask * static_cast<std::int64_t>(submit.job->splits.size() + submit.job->reduces));
    m_jobs.set(id, makeRef<JobInProgress>(id, submit.job, *m_cluster, context.now()));
    context.journal({"hadoop.job-submitted",
                     sim::Severity::Notice,
                     fmt::format("Job {} is submitted: {} {} and {} {}", submit.job->name, submit.job->splits.size(),
                                 submit.job->splits.size() == 1 ? "map" : "maps", submit.job->reduces,
                                 submit.job->reduces == 1 ? "reduce" : "reduces"),
                     {{"job", submit.job->name}, {"id", jobText(id)}}});
    context.transmit(context.connection(), answerFor(id));
}

Ref<JobAnswer> JobTracker::answerFor(JobId id) const {
    auto answer = makeRef<JobAnswer>();
    answer->job = id;
    const Ref<JobInProgress>* job = m_jobs.find(id);
    answer->isKnown = job != nullptr;
    if (job != nullptr) {
        answer->state = (*job)->state();
        answer->mapProgress = (*job)->mapProgress();
        answer->reduceProgress = (*job)->reduceProgress();
        answer->counters = (*job)->counters();
        answer->why = (*job)->why();
    }
    return answer;
}

void JobTracker::onAsk(sim::Context& context, const JobAsk& ask) {
    context.spend(cost::statusReport);
    context.transmit(context.connection(), answerFor(ask.job));
}

void JobTracker::sample(sim::MetricSink& sink) const {
    std::uint32_t running = 0;
    std::uint32_t maps = 0;
    std::uint32_t reduces = 0;
    for (const auto& [id, job] : m_jobs) {
        if (!job->hasEnded()) {
            ++running;
            maps += job->mapTotals().attempts;
            reduces += job->reduceTotals().attempts;
        }
    }
    sink.add(metric::liveTrackers, liveTrackers());
    sink.add(metric::runningJobs, running);
    sink.add(metric::occupiedMapSlots, maps);
    sink.add(metric::occupiedReduceSlots, reduces);
}

}  // namespace millrace::hadoop
