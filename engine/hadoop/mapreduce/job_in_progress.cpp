#include "engine/hadoop/mapreduce/job_in_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace millrace::hadoop {

namespace {

constexpr double speculativeGap = 0.2;
constexpr SimDuration speculativeLag = std::chrono::seconds{60};
constexpr std::uint32_t fetchReportsNeeded = 3;
constexpr double complainingReduces = 0.5;
constexpr double bannedMost = 0.25;  ///< of the trackers

}  // namespace

JobInProgress::JobInProgress(JobId id, JobRef spec, const ClusterConfig& cluster, SimTime submitted)
    : m_id(id),
      m_spec(std::move(spec)),
      m_isOnYarn(cluster.isYarn()),
      m_broken(cluster.broken),
      m_submitted(submitted) {
    auto index = makeRef<SplitIndex>();
    index->byTracker.resize(cluster.trackers.size());
    for (std::uint32_t map = 0; map < m_spec->splits.size(); ++map) {
        m_maps.append({});
        const std::vector<sim::HostId>& hosts = m_spec->splits[map].hosts;
        for (std::size_t i = 0; i < cluster.trackers.size(); ++i) {
            if (std::find(hosts.begin(), hosts.end(), cluster.trackers[i].host) != hosts.end()) {
                index->byTracker[i].push_back(map);
            }
        }
        std::set<std::string> racks;
        for (const sim::HostId host : hosts) {
            racks.insert(cluster.rackOf(host));
        }
        for (const std::string& rack : racks) {
            index->byRack[rack].push_back(map);
        }
    }
    for (std::uint32_t reduce = 0; reduce < m_spec->reduces; ++reduce) {
        m_reduces.append({});
        m_reducesPending.insert(reduce);
    }
    m_house.append({});
    m_house.append({});
    m_trackerCursors.resize(cluster.trackers.size());
    m_mapsPending = static_cast<std::uint32_t>(m_maps.size());
    m_index = std::move(index);
}

JobInProgress::Tasks& JobInProgress::tasksOf(TaskType type) {
    return type == TaskType::Map ? m_maps : type == TaskType::Reduce ? m_reduces : m_house;
}

namespace {

std::uint32_t placeOf(const AttemptId& id) {
    return id.type == TaskType::Setup ? 0 : id.type == TaskType::Cleanup ? 1 : id.task;
}

}  // namespace

JobInProgress::Task& JobInProgress::taskOf(const AttemptId& id) {
    return tasksOf(id.type).update(placeOf(id));
}

const JobInProgress::Task& JobInProgress::lookAt(const AttemptId& id) const {
    return const_cast<JobInProgress*>(this)->tasksOf(id.type).at(placeOf(id));
}

double JobInProgress::mapProgress() const {
    return m_maps.empty() ? (m_state == JobState::Prep ? 0 : 1)
                          : m_mapTotals.progress / static_cast<double>(m_maps.size());
}

double JobInProgress::reduceProgress() const {
    return m_reduces.empty() ? 1 : m_reduceTotals.progress / static_cast<double>(m_reduces.size());
}

/// When a quarter of the live trackers is banned, failures are counted no more and all trackers get tasks again: a job
/// does not ban the machines that it needs. Source: Hadoop 1.2, JobInProgress, shouldRunOnTaskTracker.
bool JobInProgress::bansTrackers() const {
    return static_cast<double>(m_banned) < bannedMost * static_cast<double>(m_liveTrackers);
}

/// After so many failures of a job's tasks on it a tracker gets no more of that job.
bool JobInProgress::isBannedFrom(NodeIndex tracker) const {
    const auto own = m_trackerFailures.find(tracker);
    return bansTrackers() && own != m_trackerFailures.end() && own->second >= m_spec->conf.trackerFailures;
}

void JobInProgress::countFailureOf(NodeIndex tracker) {
    if (bansTrackers()) {
        m_banned += ++m_trackerFailures[tracker] == m_spec->conf.trackerFailures ? 1U : 0U;
    }
}

// --- what a tracker may begin ---------------------------------------------------------------------------------------

AttemptId JobInProgress::begin(TaskType type, std::uint32_t number, NodeIndex tracker, SimTime now,
                               bool isSpeculative) {
    AttemptId id{m_id, type, number, 0};
    Task& task = taskOf(id);
    id.attempt = static_cast<std::uint32_t>(task.attempts.size());
    if (task.state == Task::State::Pending) {
        task.state = Task::State::Running;
        task.started = now;
        m_mapsPending -= type == TaskType::Map ? 1U : 0U;
        if (type == TaskType::Map) {
            m_returned.erase(number);
        } else if (type == TaskType::Reduce) {
            m_reducesPending.erase(number);
        }
    }
    Totals& totals = type == TaskType::Map || type == TaskType::Reduce ? totalsOf(type) : m_houseTotals;
    totals.running += task.running == 0 ? 1U : 0U;
    ++totals.attempts;
    ++task.running;
    Attempt attempt;
    attempt.tracker = tracker;
    attempt.started = now;
    attempt.isSpeculative = isSpeculative;
    m_speculated += isSpeculative ? 1U : 0U;
    task.attempts.push_back(attempt);
    if (type == TaskType::Map) {
        m_counters.add(Count::LaunchedMaps, 1);
    } else if (type == TaskType::Reduce) {
        m_counters.add(Count::LaunchedReduces, 1);
    }
    return id;
}

std::optional<AttemptId> JobInProgress::takeHouse(NodeIndex tracker, SimTime now) {
    if (hasEnded()) {
        return std::nullopt;
    }
    if (m_state == JobState::Prep && !m_isFailing && m_house[0].state == Task::State::Pending) {
        return begin(TaskType::Setup, 0, tracker, now, false);
    }
    const bool isThrough =
        m_state == JobState::Running && m_mapTotals.done == m_maps.size() && m_reduceTotals.done == m_reduces.size();
    if ((isThrough || m_isFailing) && m_house[1].state == Task::State::Pending) {
        return begin(TaskType::Cleanup, m_isFailing ? clearingUp : 0, tracker, now, false);
    }
    return std::nullopt;
}

std::optional<std::uint32_t> JobInProgress::nextOf(const std::vector<std::uint32_t>& list,
                                                   std::uint32_t& cursor) const {
    while (cursor < list.size()) {
        const std::uint32_t map = list[cursor++];
        if (isPending(map) && !m_returned.contains(map)) {
            return map;
        }
    }
    return std::nullopt;
}

/// On YARN a task may be tried again where it has failed: only nodes that its job has banned are left alone.
bool JobInProgress::failedOn(const Task& task, NodeIndex tracker) const {
    if (m_isOnYarn) {
        return false;
    }
    std::set<NodeIndex> failed;
    for (const Attempt& attempt : task.attempts) {
        if (attempt.state == TaskStatus::State::Failed) {
            failed.insert(attempt.tracker);
        }
    }
    return failed.contains(tracker) && failed.size() < m_liveTrackers;
}

int JobInProgress::distanceOf(std::uint32_t map, NodeIndex tracker, const ClusterConfig& cluster) const {
    const DaemonAddress& address = cluster.trackers[tracker];
    int nearest = 4;
    for (const sim::HostId host : m_spec->splits[map].hosts) {
        nearest = std::min(nearest, ClusterConfig::distance(address, host, cluster.rackOf(host)));
    }
    return nearest;
}

std::optional<AttemptId> JobInProgress::takeMap(NodeIndex tracker, SimTime now, Reach reach,
                                                const ClusterConfig& cluster) {
    if (m_state != JobState::Running || m_isFailing || isBannedFrom(tracker)) {
        return std::nullopt;
    }
    std::optional<std::uint32_t> map;
    bool isSpeculative = false;
    for (auto at = m_returned.begin(); at != m_returned.end() && !map; ++at) {
        if (!failedOn(m_maps[*at], tracker)) {
            map = *at;
        }
    }
    if (!map && m_mapsPending > m_returned.size()) {
        map = nextOf(m_index->byTracker[tracker], m_trackerCursors[tracker]);
        if (!map) {
            const std::string& rack = cluster.trackers[tracker].rack;
            const auto inRack = m_index->byRack.find(rack);
            if (inRack != m_index->byRack.end()) {
                map = nextOf(inRack->second, m_rackCursors[rack]);
            }
        }
        while (!map && reach == Reach::Anywhere && m_cursor < m_maps.size()) {
            const std::uint32_t candidate = m_cursor++;
            if (isPending(candidate) && !m_returned.contains(candidate)) {
                map = candidate;
            }
        }
    }
    if (!map && reach == Reach::Anywhere && m_mapsPending == 0 && m_spec->conf.speculativeMaps) {
        map = speculativeTask(TaskType::Map, tracker, now);
        isSpeculative = map.has_value();
    }
    if (!map) {
        return std::nullopt;
    }
    const int distance = distanceOf(*map, tracker, cluster);
    m_counters.add(distance == 0   ? Count::DataLocalMaps
                   : distance == 2 ? Count::RackLocalMaps
                                   : Count::OtherLocalMaps,
                   1);
    const AttemptId id = begin(TaskType::Map, *map, tracker, now, isSpeculative);
    m_maps.update(*map).attempts.back().distance = distance;
    return id;
}

std::optional<AttemptId> JobInProgress::takeReduce(NodeIndex tracker, SimTime now) {
    const auto wanted =
        static_cast<std::uint32_t>(std::ceil(m_spec->conf.slowStart * static_cast<double>(m_maps.size())));
    if (m_state != JobState::Running || m_isFailing || isBannedFrom(tracker) || m_mapTotals.done < wanted) {
        return std::nullopt;
    }
    for (const std::uint32_t reduce : m_reducesPending) {
        if (!failedOn(m_reduces[reduce], tracker)) {
            return begin(TaskType::Reduce, reduce, tracker, now, false);
        }
    }
    if (m_reducesPending.empty() && m_spec->conf.speculativeReduces) {
        if (const auto reduce = speculativeTask(TaskType::Reduce, tracker, now)) {
            return begin(TaskType::Reduce, *reduce, tracker, now, true);
        }
    }
    return std::nullopt;
}

/// One that has run for a minute and is a fifth behind the mean gets a second attempt, on another machine.
std::optional<std::uint32_t> JobInProgress::speculativeTask(TaskType type, NodeIndex tracker, SimTime now) const {
    const Tasks& tasks = type == TaskType::Map ? m_maps : m_reduces;
    const Totals& totals = type == TaskType::Map ? m_mapTotals : m_reduceTotals;
    if (totals.running == 0) {
        return std::nullopt;
    }
    const double mean = totals.progress / static_cast<double>(tasks.size());
    for (std::uint32_t i = 0; i < tasks.size(); ++i) {
        const Task& task = tasks[i];
        const bool isBehind = (now - task.started >= speculativeLag && mean - task.progress >= speculativeGap) ||
                              m_broken.backsUpEverything;
        if (task.state != Task::State::Running || task.running != 1 || !isBehind || task.committer) {
            continue;
        }
        const bool runsHere = std::any_of(task.attempts.begin(), task.attempts.end(), [&](const Attempt& attempt) {
            return attempt.tracker == tracker &&
                   (attempt.state == TaskStatus::State::Running || attempt.state == TaskStatus::State::Failed);
        });
        if (!runsHere) {
            return i;
        }
    }
    return std::nullopt;
}

// --- what trackers say ----------------------------------------------------------------------------------------------

void JobInProgress::setProgress(const AttemptId& id, Task& task, double progress) {
    if (id.type == TaskType::Map || id.type == TaskType::Reduce) {
        totalsOf(id.type).progress += progress - task.progress;
    }
    task.progress = progress;
}

void JobInProgress::makePending(TaskType type, std::uint32_t number) {
    const AttemptId id{m_id, type, number, 0};
    Task& task = taskOf(id);
    task.state = Task::State::Pending;
    task.committer.reset();
    setProgress(id, task, 0);
    if (type == TaskType::Map) {
        ++m_mapsPending;
        m_returned.insert(number);
    } else if (type == TaskType::Reduce) {
        m_reducesPending.insert(number);
    }
}

void JobInProgress::endAttempt(const AttemptId& id, TaskStatus::State state, SimTime now) {
    Task& task = taskOf(id);
    Attempt& attempt = task.attempts[id.attempt];
    attempt.state = state;
    attempt.ended = now;
    --task.running;
    Totals& totals = id.type == TaskType::Map || id.type == TaskType::Reduce ? totalsOf(id.type) : m_houseTotals;
    --totals.attempts;
    totals.running -= task.running == 0 ? 1U : 0U;
    if (state != TaskStatus::State::Succeeded && task.committer == id.attempt) {
        task.committer.reset();
    }
    const bool isMap = id.type == TaskType::Map;
    if (id.type == TaskType::Setup || id.type == TaskType::Cleanup) {
        return;
    }
    if (state == TaskStatus::State::Failed) {
        m_counters.add(isMap ? Count::FailedMaps : Count::FailedReduces, 1);
    } else if (state == TaskStatus::State::Killed) {
        m_counters.add(isMap ? Count::KilledMaps : Count::KilledReduces, 1);
    }
}

void JobInProgress::failAttempt(const AttemptId& id, const TaskStatus& status, NodeIndex tracker,
                                const ClusterConfig& /*cluster*/) {
    Task& task = taskOf(id);
    ++task.failures;
    countFailureOf(tracker);
    if (task.state == Task::State::Running && task.running == 0) {
        makePending(id.type, id.type == TaskType::Map || id.type == TaskType::Reduce ? id.task : 0);
    }
    const std::uint32_t most = id.type == TaskType::Reduce ? m_spec->conf.reduceAttempts : m_spec->conf.mapAttempts;
    if (task.failures >= most && !m_broken.failsForEver && task.state != Task::State::Done) {
        const bool isTheEnd = id.type == TaskType::Setup || id.type == TaskType::Cleanup;
        fail(fmt::format("{} failed {} times, the last time because {}", toText(id), task.failures, status.why));
        if (isTheEnd) {
            m_state = JobState::Failed;
            m_ended = task.attempts[id.attempt].ended;
        }
    }
}

void JobInProgress::fail(std::string why) {
    if (!m_isFailing && !hasEnded()) {
        m_why = std::move(why);
        m_isFailing = true;
        if (m_house[1].state != Task::State::Pending) {
            m_house.update(1) = {};
        }
    }
}

void JobInProgress::succeedAttempt(const TaskStatus& status, NodeIndex tracker, SimTime now,
                                   std::vector<std::pair<NodeIndex, AttemptId>>& kills) {
    const AttemptId& id = status.id;
    Task& task = taskOf(id);
    if (task.state == Task::State::Pending && id.type == TaskType::Map) {  // its output was lost while this one ran
        m_returned.erase(id.task);
        --m_mapsPending;
    } else if (task.state == Task::State::Pending && id.type == TaskType::Reduce) {
        m_reducesPending.erase(id.task);
    }
    task.state = Task::State::Done;
    task.winner = id.attempt;
    task.counters = status.counters;
    task.sizes = status.sizes;
    task.fetchReports = 0;
    setProgress(id, task, 1);
    for (std::uint32_t i = 0; i < task.attempts.size(); ++i) {
        if (task.attempts[i].state == TaskStatus::State::Running && i != id.attempt) {
            kills.emplace_back(task.attempts[i].tracker, AttemptId{id.job, id.type, id.task, i});
        }
    }
    if (id.type == TaskType::Setup) {
        m_state = JobState::Running;
    } else if (id.type == TaskType::Cleanup) {
        m_state = m_isFailing ? JobState::Failed : JobState::Succeeded;
        m_ended = now;
    } else {
        m_counters.add(status.counters);
        ++totalsOf(id.type).done;
        if (id.type == TaskType::Map) {
            m_events.append({id.task, id.attempt, tracker, false});
        }
    }
}

void JobInProgress::notePhase(Attempt& attempt, SimTime now) {
    if (attempt.phase >= TaskPhase::Sort && attempt.copied == SimTime{}) {
        attempt.copied = now;
    }
    if (attempt.phase >= TaskPhase::Reduce && attempt.sorted == SimTime{}) {
        attempt.sorted = now;
    }
}

std::vector<std::pair<NodeIndex, AttemptId>> JobInProgress::update(const TaskStatus& status, NodeIndex tracker,
                                                                   SimTime now, const ClusterConfig& cluster) {
    std::vector<std::pair<NodeIndex, AttemptId>> kills;
    const AttemptId& id = status.id;
    if (placeOf(id) >= tasksOf(id.type).size() || id.attempt >= lookAt(id).attempts.size()) {
        return kills;
    }
    const Attempt& known = lookAt(id).attempts[id.attempt];
    if (known.tracker != tracker || known.state != TaskStatus::State::Running) {
        return kills;
    }
    if (!status.fetchFailures.empty()) {
        onFetchFailures(status, now, cluster);
    }
    Task& task = taskOf(id);
    Attempt& attempt = task.attempts[id.attempt];
    attempt.progress = status.progress;
    attempt.phase = status.phase;
    notePhase(attempt, now);
    if (task.state == Task::State::Running) {
        setProgress(id, task, std::max(task.progress, std::min(status.progress, 1.0)));
    }
    switch (status.state) {
        case TaskStatus::State::Running:
        case TaskStatus::State::CommitPending:
            break;
        case TaskStatus::State::Succeeded: {
            const bool isLate = task.state == Task::State::Done;
            endAttempt(id, isLate ? TaskStatus::State::Killed : TaskStatus::State::Succeeded, now);
            if (!isLate) {
                succeedAttempt(status, tracker, now, kills);
            }
            break;
        }
        case TaskStatus::State::Failed:
            endAttempt(id, TaskStatus::State::Failed, now);
            failAttempt(id, status, tracker, cluster);
            break;
        case TaskStatus::State::Killed:
            endAttempt(id, TaskStatus::State::Killed, now);
            if (task.state == Task::State::Running && task.running == 0) {
                makePending(id.type, id.type == TaskType::Map || id.type == TaskType::Reduce ? id.task : 0);
            }
            break;
    }
    return kills;
}

bool JobInProgress::mayCommit(const AttemptId& id, SimTime now) {
    if (placeOf(id) >= tasksOf(id.type).size() || id.attempt >= lookAt(id).attempts.size()) {
        return false;
    }
    const Task& task = lookAt(id);
    if (task.state != Task::State::Running || task.attempts[id.attempt].state != TaskStatus::State::Running) {
        return false;
    }
    if (!task.committer || m_broken.everyoneCommits) {
        taskOf(id).committer = id.attempt;
    }
    const bool may = lookAt(id).committer == id.attempt;
    if (may && !lookAt(id).attempts[id.attempt].mayCommitAt) {
        taskOf(id).attempts[id.attempt].mayCommitAt = now;
    }
    return may;
}

void JobInProgress::loseOutput(std::uint32_t map, SimTime /*now*/) {
    Task& task = m_maps.update(map);
    const std::uint32_t winner = task.winner;
    m_events.append({map, winner, task.attempts[winner].tracker, true});
    m_counters.subtract(task.counters);
    task.counters = {};
    task.fetchReports = 0;
    --m_mapTotals.done;
    makePending(TaskType::Map, map);
}

/// The output of a map is lost when enough reduces say so; it counts as a failure of its tracker.
void JobInProgress::onFetchFailures(const TaskStatus& status, SimTime now, const ClusterConfig& /*cluster*/) {
    for (const std::uint32_t map : status.fetchFailures) {
        if (map >= m_maps.size() || m_maps[map].state != Task::State::Done) {
            continue;
        }
        Task& task = m_maps.update(map);
        ++task.fetchReports;
        const double reduces = std::max<double>(1, m_reduceTotals.running);
        if (task.fetchReports >= fetchReportsNeeded &&
            static_cast<double>(task.fetchReports) >= complainingReduces * reduces) {
            countFailureOf(task.attempts[task.winner].tracker);
            m_counters.add(Count::FailedMaps, 1);
            task.attempts[task.winner].state = TaskStatus::State::Failed;
            loseOutput(map, now);
        }
    }
}

std::pair<std::uint32_t, std::uint32_t> JobInProgress::loseTracker(NodeIndex tracker, SimTime now,
                                                                   const ClusterConfig& /*cluster*/) {
    std::pair<std::uint32_t, std::uint32_t> lost{0, 0};
    if (hasEnded()) {
        return lost;
    }
    for (const TaskType type : {TaskType::Setup, TaskType::Map, TaskType::Reduce, TaskType::Cleanup}) {
        const std::uint32_t count =
            type == TaskType::Setup || type == TaskType::Cleanup ? 1 : static_cast<std::uint32_t>(tasksOf(type).size());
        for (std::uint32_t number = 0; number < count; ++number) {
            const AttemptId first{m_id, type, number, 0};
            for (std::uint32_t i = 0; i < lookAt(first).attempts.size(); ++i) {
                const Attempt& attempt = lookAt(first).attempts[i];
                if (attempt.tracker == tracker && attempt.state == TaskStatus::State::Running) {
                    endAttempt({m_id, type, number, i}, TaskStatus::State::Killed, now);
                    ++lost.first;
                    if (lookAt(first).state == Task::State::Running && lookAt(first).running == 0) {
                        makePending(type, number);
                    }
                }
            }
            const Task& task = lookAt(first);
            if (type == TaskType::Map && task.state == Task::State::Done &&
                task.attempts[task.winner].tracker == tracker && m_reduceTotals.done < m_reduces.size()) {
                loseOutput(number, now);
                ++lost.second;
            }
        }
    }
    return lost;
}

std::optional<JobInProgress::Attempt> JobInProgress::attemptOf(const AttemptId& id) const {
    if (id.type != TaskType::Map && id.type != TaskType::Reduce) {
        return std::nullopt;
    }
    const Tasks& tasks = id.type == TaskType::Map ? m_maps : m_reduces;
    const bool isThere = id.task < tasks.size() && id.attempt < lookAt(id).attempts.size();
    return isThere ? std::optional(lookAt(id).attempts[id.attempt]) : std::nullopt;
}

std::optional<TaskStatus::State> JobInProgress::stateOf(const AttemptId& id) const {
    const Task& task = lookAt(id);
    return id.attempt < task.attempts.size() ? std::optional(task.attempts[id.attempt].state) : std::nullopt;
}

std::uint32_t JobInProgress::pendingReduces() const {
    const auto wanted =
        static_cast<std::uint32_t>(std::ceil(m_spec->conf.slowStart * static_cast<double>(m_maps.size())));
    const bool mayBegin = m_state == JobState::Running && !m_isFailing && m_mapTotals.done >= wanted;
    return mayBegin ? static_cast<std::uint32_t>(m_reducesPending.size()) : 0;
}

std::optional<std::uint32_t> JobInProgress::wantsBackup(TaskType type, SimTime now) const {
    const bool isMap = type == TaskType::Map;
    const bool isOn = isMap ? m_spec->conf.speculativeMaps : m_spec->conf.speculativeReduces;
    const bool hasPending = isMap ? m_mapsPending > 0 : !m_reducesPending.empty();
    const bool may = isOn && !hasPending && m_state == JobState::Running && !m_isFailing;
    return may ? speculativeTask(type, noNode, now) : std::nullopt;
}

void JobInProgress::recover(const TaskStatus& status, const Attempt& done) {
    const AttemptId& id = status.id;
    if (placeOf(id) >= tasksOf(id.type).size() || lookAt(id).state == Task::State::Done) {
        return;
    }
    Task& task = taskOf(id);
    Attempt attempt;
    attempt.state = TaskStatus::State::Killed;
    task.attempts.resize(id.attempt, attempt);
    task.attempts.push_back(done);
    task.attempts.back().state = TaskStatus::State::Succeeded;
    task.attempts.back().progress = 1;
    task.state = Task::State::Done;
    task.winner = id.attempt;
    task.counters = status.counters;
    setProgress(id, task, 1);
    m_counters.add(status.counters);
    ++totalsOf(id.type).done;
    if (id.type == TaskType::Map) {
        --m_mapsPending;
        m_events.append({id.task, id.attempt, done.tracker, false});
    } else {
        m_reducesPending.erase(id.task);
    }
}

void JobInProgress::numberFrom(std::uint32_t attempt) {
    Attempt before;
    before.state = TaskStatus::State::Killed;
    for (const TaskType type : {TaskType::Map, TaskType::Reduce}) {
        Tasks& tasks = tasksOf(type);
        for (std::uint32_t i = 0; i < tasks.size(); ++i) {
            if (tasks[i].attempts.size() < attempt) {
                tasks.update(i).attempts.resize(attempt, before);
            }
        }
    }
}

std::vector<std::pair<NodeIndex, AttemptId>> JobInProgress::runningAttempts() const {
    std::vector<std::pair<NodeIndex, AttemptId>> running;
    for (const TaskType type : {TaskType::Map, TaskType::Reduce}) {
        const Tasks& tasks = type == TaskType::Map ? m_maps : m_reduces;
        for (std::uint32_t number = 0; number < tasks.size(); ++number) {
            for (std::uint32_t i = 0; i < tasks[number].attempts.size(); ++i) {
                if (tasks[number].attempts[i].state == TaskStatus::State::Running) {
                    running.emplace_back(tasks[number].attempts[i].tracker, AttemptId{m_id, type, number, i});
                }
            }
        }
    }
    return running;
}

}  // namespace millrace::hadoop
