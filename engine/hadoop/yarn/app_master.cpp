#include "engine/hadoop/yarn/app_master.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/hadoop/cost.h"
#include "engine/hadoop/mapreduce/job_kinds.h"

namespace millrace::hadoop {

namespace {

struct MasterTimer final : sim::MessageBase<MasterTimer> {
    static constexpr std::string_view Name = "hadoop.MasterTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"heartbeat", "next try to reach the ResourceManager",
                                                     "time-out of the ResourceManager's answer", "check of tasks",
                                                     "leave"};
        return std::string{words[static_cast<std::size_t>(purpose)]};
    }
    enum class Purpose : std::uint8_t { Heartbeat, Reconnect, Silent, Tasks, Leave };
    Purpose purpose;
    std::uint64_t argument;
    explicit MasterTimer(Purpose what, std::uint64_t about = 0) : purpose(what), argument(about) {}
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint32_t>(purpose));
        digest.add(argument);
    }
};

/// A line of the job's history: a task that is done.
struct TaskDone final : Counted {
    TaskStatus status;
    JobInProgress::Attempt attempt;
};

constexpr SimDuration resourceManagerWait = std::chrono::minutes{6};  // yarn.app.mapreduce.am.scheduler...
constexpr SimDuration lookAfterTasks = std::chrono::seconds{30};
constexpr SimDuration leaveAfter = std::chrono::seconds{5};  // so that clients see the end

Ref<MasterTimer> masterTimer(MasterTimer::Purpose purpose, std::uint64_t argument = 0) {
    return makeRef<MasterTimer>(purpose, argument);
}

}  // namespace

AppMaster::AppMaster(ClusterRef cluster, StartContainerRef start, sim::Port port)
    : m_cluster(std::move(cluster)), m_start(std::move(start)), m_port(port) {}

std::string AppMaster::stagingFolder() const {
    return fmt::format("{}/{}", yarnStaging, m_start->job->name);
}

// --- the start ------------------------------------------------------------------------------------------------------

void AppMaster::start(sim::Context& context) {
    context.spend(cost::jvmStart);
    context.listen(m_port);
    m_dfs.start(context, m_cluster, fmt::format("appmaster-{}-{}", m_start->job->name, m_start->appAttempt));
    m_job = makeRef<JobInProgress>(m_start->app, m_start->job, *m_cluster, context.now());
    m_reachedAt = context.now();
    findHistory(context);
}

/// What the ApplicationMasters before have written down.
void AppMaster::findHistory(sim::Context& context) {
    if (m_start->appAttempt > 1 && m_start->job->conf.recovers) {
        for (std::uint32_t i = 1; i < m_start->appAttempt; ++i) {
            m_histories.push_back(fmt::format("{}/history-{}", stagingFolder(), i));
            (void)m_dfs.recoverLease(context, m_histories.back());
        }
    }
    m_step = Step::Reading;
    readHistory(context);
}

void AppMaster::readHistory(sim::Context& context) {
    if (m_histories.empty()) {
        begin(context);
        return;
    }
    m_token = m_dfs.read(context, m_histories.front());
    m_histories.erase(m_histories.begin());
}

void AppMaster::begin(sim::Context& context) {
    m_step = Step::Running;
    JobInProgress& job = writable(m_job);
    const JobConf& conf = m_start->job->conf;
    job.numberFrom((m_start->appAttempt - 1) * std::max(conf.mapAttempts, conf.reduceAttempts));
    if (m_recovered > 0) {
        context.journal(
            {"hadoop.job-recovered",
             sim::Severity::Notice,
             fmt::format("The ApplicationMaster of job {} goes on: {} tasks were done", job.spec().name, m_recovered),
             {{"job", job.spec().name}, {"tasks", std::to_string(m_recovered)}}});
    }
    m_history = m_dfs.create(context, fmt::format("{}/history-{}", stagingFolder(), m_start->appAttempt),
                             {m_cluster->hdfs.replication, 0, true});
    connect(context);
    keepHouse(context);
    context.arm(lookAfterTasks, masterTimer(MasterTimer::Purpose::Tasks));
}

void AppMaster::handle(sim::Context& context, const sim::Message& message) {
    std::vector<DfsEvent> events;
    if (m_resourceManager.owns(context.connection())) {
        onResourceManager(context, message);
        return;
    }
    if (m_dfs.handle(context, message, events)) {
        for (const DfsEvent& event : events) {
            onDfs(context, event);
        }
        return;
    }
    for (auto& [node, link] : m_nodes) {
        if (link.owns(context.connection())) {
            if (link.read(context, message) == sim::Link::News::Lost) {
                link.close(context);  // the ResourceManager will say what became of its containers
            }
            return;
        }
    }
    if (const auto* report = message.as<TaskReport>()) {
        onTask(context, *report);
    } else if (message.as<JobAsk>() != nullptr) {
        context.spend(cost::statusReport);
        context.transmit(context.connection(), answer());
    } else if (const auto* timer = message.as<MasterTimer>()) {
        const auto silent = [](std::uint64_t round) { return masterTimer(MasterTimer::Purpose::Silent, round); };
        switch (timer->purpose) {
            case MasterTimer::Purpose::Heartbeat:
                if (m_resourceManager.isOpen() && !m_isWaiting && timer->argument == m_round) {
                    beat(context);
                }
                break;
            case MasterTimer::Purpose::Reconnect:
                if (m_resourceManager.due(timer->argument) == sim::Link::Due::Reconnect) {
                    connect(context);
                }
                break;
            case MasterTimer::Purpose::Silent:
                if (m_resourceManager.isConnected() && m_resourceManager.isOverdue(context, silent)) {
                    m_isWaiting = false;
                    m_resourceManager.close(context);
                    connect(context);
                }
                break;
            case MasterTimer::Purpose::Tasks:
                killSilent(context);
                context.arm(lookAfterTasks, masterTimer(MasterTimer::Purpose::Tasks));
                break;
            case MasterTimer::Purpose::Leave:
                context.kill(context.process(), sim::ProcessExited::Reason::Finished);
                break;
        }
    }
}

// --- the ResourceManager --------------------------------------------------------------------------------------------

void AppMaster::connect(sim::Context& context) {
    const DaemonAddress& master = *m_cluster->resourceManager;
    m_resourceManager.open(context, master.host, master.port, answerPatience);
}

void AppMaster::onResourceManager(sim::Context& context, const sim::Message& message) {
    switch (m_resourceManager.read(context, message)) {
        case sim::Link::News::Opened:
            beat(context);
            break;
        case sim::Link::News::Lost:
            m_isWaiting = false;
            if (m_step == Step::Ended) {
                m_resourceManager.close(context);
                context.arm(leaveAfter, masterTimer(MasterTimer::Purpose::Leave));
            } else if (context.now() - m_reachedAt > resourceManagerWait) {
                m_resourceManager.close(context);
                writable(m_job).fail(fmt::format("the ResourceManager could not be contacted for {}",
                                                 millrace::toText(resourceManagerWait)));
                context.journal(
                    {"hadoop.job-failed",
                     sim::Severity::Error,
                     fmt::format("The ApplicationMaster of job {} gives up: {}", m_job->spec().name, m_job->why()),
                     {{"job", m_job->spec().name}}});
                context.arm(leaveAfter, masterTimer(MasterTimer::Purpose::Leave));
            } else {
                m_resourceManager.backOff(
                    context, sim::Backoff::constant(std::chrono::seconds{1}),
                    [](std::uint64_t round) { return masterTimer(MasterTimer::Purpose::Reconnect, round); });
            }
            break;
        case sim::Link::News::Message:
            if (const auto* orders = message.as<AppOrders>()) {
                m_resourceManager.answered();
                m_isWaiting = false;
                m_reachedAt = context.now();
                onOrders(context, *orders);
            }
            break;
        case sim::Link::News::None:
            break;
    }
}

void AppMaster::beat(sim::Context& context) {
    auto heartbeat = makeRef<AppHeartbeat>();
    heartbeat->app = m_start->app;
    heartbeat->appAttempt = m_start->appAttempt;
    heartbeat->answered = m_answered;
    heartbeat->host = m_cluster->trackers[m_start->container.node].host;
    heartbeat->port = m_port;
    heartbeat->isLast = m_hasTold = m_step == Step::Ended;
    heartbeat->report = answer();
    if (heartbeat->isLast) {
        heartbeat->history = m_job;
    }
    heartbeat->released = m_released;
    if (!heartbeat->isLast) {
        addWishes(context, *heartbeat);
    }
    context.spend(cost::statusReport);
    m_isWaiting = true;
    ++m_round;
    m_resourceManager.request(context, std::move(heartbeat), m_answered, answerPatience,
                              [](std::uint64_t round) { return masterTimer(MasterTimer::Purpose::Silent, round); });
}

/// Maps by where their splits lie, reduces anywhere; and a place for a backup when a task is far behind.
void AppMaster::addWishes(sim::Context& context, AppHeartbeat& heartbeat) {
    const JobSpec& spec = m_job->spec();
    if (m_job->pendingMaps() != m_wishesOfMaps) {
        m_wishesOfMaps = m_job->pendingMaps();
        m_mapWish = {};
        m_mapWish.use = ContainerUse::Map;
        m_mapWish.memory = spec.conf.mapMemory;
        m_mapWish.count = m_wishesOfMaps;
        for (std::uint32_t map = 0; map < spec.splits.size() && m_wishesOfMaps > 0; ++map) {
            if (!m_job->isMapPending(map)) {
                continue;
            }
            std::map<std::string, bool> racks;
            for (const sim::HostId host : spec.splits[map].hosts) {
                ++m_mapWish.byHost[host];
                racks[m_cluster->rackOf(host)] = true;
            }
            for (const auto& [rack, is] : racks) {
                ++m_mapWish.byRack[rack];
            }
        }
    }
    ContainerWish maps = m_mapWish;
    if (const auto behind = m_job->wantsBackup(TaskType::Map, context.now())) {
        maps = backupWish(TaskType::Map, *behind);
    } else if (m_job->returnedMaps() > 0) {
        maps.use = ContainerUse::FailedMap;  // reduces wait for them
    }
    ContainerWish reduces;
    reduces.use = ContainerUse::Reduce;
    reduces.memory = spec.conf.reduceMemory;
    reduces.count = std::min(m_job->pendingReduces(), roomForReduces());
    if (const auto behind = m_job->wantsBackup(TaskType::Reduce, context.now())) {
        reduces = backupWish(TaskType::Reduce, *behind);
    }
    heartbeat.wishes = {std::move(reduces), std::move(maps)};
    for (NodeIndex node = 0; node < m_cluster->trackers.size(); ++node) {
        if (m_job->isBannedFrom(node)) {
            heartbeat.banned.push_back(node);
        }
    }
}

/// A place for a second attempt, on another machine than the first.
ContainerWish AppMaster::backupWish(TaskType type, std::uint32_t task) const {
    const JobConf& conf = m_job->spec().conf;
    ContainerWish wish;
    wish.use = type == TaskType::Map ? ContainerUse::Map : ContainerUse::Reduce;
    wish.memory = type == TaskType::Map ? conf.mapMemory : conf.reduceMemory;
    wish.count = 1;
    for (NodeIndex node = 0; node < m_cluster->trackers.size(); ++node) {
        const bool runsThere = std::any_of(m_attempts.begin(), m_attempts.end(), [&](const auto& each) {
            return each.first.type == type && each.first.task == task && each.second.container.node == node;
        });
        if (!runsThere) {
            wish.byHost[m_cluster->trackers[node].host] = 1;
        }
    }
    return wish;
}

/// As long as maps wait reduces get a share of the memory that grows with the maps that are done, half of it at most:
/// else they would wait for maps that have no room. Source: RMContainerAllocator.scheduleReduces.
std::uint32_t AppMaster::roomForReduces() const {
    if (m_job->pendingMaps() == 0) {
        return ~std::uint32_t{0};
    }
    if (m_holdsReduces) {
        return 0;
    }
    constexpr double most = 0.5;  // yarn.app.mapreduce.am.job.reduce.rampup.limit
    double memory = 0;
    for (const DaemonAddress& node : m_cluster->trackers) {
        memory += node.memory;
    }
    const double done = m_job->mapTotals().done / static_cast<double>(m_job->maps().size());
    const auto room = static_cast<std::uint32_t>(memory * std::min(done, most) /
                                                 m_cluster->yarn.roundedUp(m_job->spec().conf.reduceMemory));
    return room > m_job->reduceTotals().attempts ? room - m_job->reduceTotals().attempts : 0;
}

/// Maps that are to run again and find no room get that of a reduce. Source:
/// RMContainerAllocator.preemptReducesIfNeeded.
void AppMaster::makeRoom(sim::Context& context) {
    constexpr SimDuration patience = std::chrono::seconds{10};
    const bool isStuck =
        m_job->pendingMaps() > 0 && m_job->mapTotals().attempts == 0 && m_job->reduceTotals().attempts > 0;
    m_holdsReduces = m_holdsReduces && m_job->pendingMaps() > 0;
    if (!isStuck) {
        m_stuckSince.reset();
        return;
    }
    m_stuckSince = m_stuckSince.value_or(context.now());
    if (context.now() - *m_stuckSince < patience) {
        return;
    }
    m_stuckSince.reset();
    m_holdsReduces = true;
    const auto reduce = std::find_if(m_attempts.rbegin(), m_attempts.rend(),
                                     [](const auto& each) { return each.first.type == TaskType::Reduce; });
    if (reduce != m_attempts.rend()) {
        const AttemptId id = reduce->first;
        stop(context, id);
    }
}

void AppMaster::onOrders(sim::Context& context, const AppOrders& orders) {
    if (orders.isUnknown) {
        context.journal({"hadoop.appmaster-ends",
                         sim::Severity::Warning,
                         fmt::format("The ApplicationMaster of job {} ends: the ResourceManager does not know it",
                                     m_job->spec().name),
                         {{"job", m_job->spec().name}}});
        context.kill(context.process(), sim::ProcessExited::Reason::Finished);
        return;
    }
    m_answered = orders.number;
    m_released.clear();
    if (m_step == Step::Ended && !m_hasTold) {
        beat(context);
        return;
    }
    if (m_step == Step::Ended) {
        m_resourceManager.close(context);
        context.arm(leaveAfter, masterTimer(MasterTimer::Purpose::Leave));
        return;
    }
    writable(m_job).setLiveTrackers(static_cast<std::uint32_t>(m_cluster->trackers.size()));
    for (const NodeIndex node : orders.lostNodes) {
        std::erase_if(m_attempts, [&](const auto& each) { return each.second.container.node == node; });
        std::erase_if(m_byContainer, [&](const auto& each) { return !m_attempts.contains(each.second); });
        (void)writable(m_job).loseTracker(node, context.now(), *m_cluster);
    }
    for (const ContainerEnd& end : orders.ended) {
        endOf(context, end);
    }
    for (const Container& container : orders.allocated) {
        use(context, container);
    }
    tellEvents(context);
    makeRoom(context);
    keepHouse(context);
    context.arm(m_job->spec().conf.allocateEvery, masterTimer(MasterTimer::Purpose::Heartbeat, m_round));
}

sim::Link& AppMaster::nodeLink(sim::Context& context, NodeIndex node) {
    sim::Link& link = m_nodes.try_emplace(node, sim::LinkWatch::FirstOfConnection).first->second;
    if (!link.isConnected()) {
        const DaemonAddress& address = m_cluster->trackers[node];
        link.open(context, address.host, address.port, answerPatience);
    }
    return link;
}

void AppMaster::use(sim::Context& context, const Container& container) {
    JobInProgress& job = writable(m_job);
    const auto id = container.use == ContainerUse::Reduce
                        ? job.takeReduce(container.node, context.now())
                        : job.takeMap(container.node, context.now(), JobInProgress::Reach::Anywhere, *m_cluster);
    if (!id) {
        m_released.push_back(container.id);
        return;
    }
    context.spend(cost::scheduledTask);
    m_attempts[*id] = {container, sim::noConnection, context.now(), 0};
    m_byContainer[container.id] = *id;
    auto start = makeRef<StartContainer>();
    start->container = container;
    start->app = m_start->app;
    start->job = m_start->job;
    start->appAttempt = m_start->appAttempt;
    start->attempt = *id;
    start->masterHost = m_cluster->trackers[m_start->container.node].host;
    start->masterPort = m_port;
    nodeLink(context, container.node).transmit(context, std::move(start));
}

/// Whatever ran in it and has not said that it is done has failed.
void AppMaster::endOf(sim::Context& context, const ContainerEnd& end) {
    const auto at = m_byContainer.find(end.id);
    if (at == m_byContainer.end()) {
        return;
    }
    const AttemptId id = at->second;
    m_byContainer.erase(at);
    const auto attempt = m_attempts.find(id);
    if (attempt == m_attempts.end()) {
        return;
    }
    TaskStatus status;
    status.id = id;
    status.state = end.isLost ? TaskStatus::State::Killed : TaskStatus::State::Failed;
    status.why = end.why;
    const NodeIndex node = attempt->second.container.node;
    m_attempts.erase(attempt);
    apply(context, status, node);
}

// --- tasks ----------------------------------------------------------------------------------------------------------

void AppMaster::onTask(sim::Context& context, const TaskReport& report) {
    context.spend(cost::statusReport);
    const auto at = m_attempts.find(report.status.id);
    if (at == m_attempts.end()) {
        context.close(context.connection());  // it has no parent any more, and ends
        return;
    }
    Attempt& attempt = at->second;
    attempt.umbilical = context.connection();
    attempt.heard = context.now();
    const NodeIndex node = attempt.container.node;
    const AttemptId id = report.status.id;
    if (report.status.state == TaskStatus::State::CommitPending && writable(m_job).mayCommit(id, context.now())) {
        context.transmit(attempt.umbilical, makeRef<CommitTask>());
    }
    apply(context, report.status, node);
    if (report.status.hasEnded()) {
        stop(context, id);
    }
    tellEvents(context);
    keepHouse(context);
}

void AppMaster::apply(sim::Context& context, const TaskStatus& status, NodeIndex node) {
    JobInProgress& job = writable(m_job);
    for (const auto& [where, id] : job.update(status, node, context.now(), *m_cluster)) {
        stop(context, id);
    }
    if (status.state == TaskStatus::State::Succeeded) {
        writeHistory(context, status, node);
    }
    if (status.state != TaskStatus::State::Failed) {
        return;
    }
    context.journal(
        {"hadoop.attempt-failed",
         sim::Severity::Warning,
         fmt::format("{} failed on NodeManager {}: {}", toText(status.id), m_cluster->trackers[node].name, status.why),
         {{"attempt", toText(status.id)}, {"nodemanager", m_cluster->trackers[node].name}},
         job.spec().name});
    if (!job.why().empty()) {
        for (const auto& [where, id] : job.runningAttempts()) {
            stop(context, id);
        }
    }
}

/// Its container ends, and what it says from now on is not heard.
void AppMaster::stop(sim::Context& context, const AttemptId& id) {
    const auto at = m_attempts.find(id);
    if (at == m_attempts.end()) {
        return;
    }
    const Container container = at->second.container;
    nodeLink(context, container.node).transmit(context, makeRef<StopContainer>(container.id));
    m_byContainer.erase(container.id);
    m_attempts.erase(at);
    if (m_job->stateOf(id) == TaskStatus::State::Running) {
        TaskStatus status;
        status.id = id;
        status.state = TaskStatus::State::Killed;
        (void)writable(m_job).update(status, container.node, context.now(), *m_cluster);
    }
}

void AppMaster::tellEvents(sim::Context& context) {
    const auto& events = m_job->events();
    for (auto& [id, attempt] : m_attempts) {
        if (id.type != TaskType::Reduce || attempt.umbilical == sim::noConnection ||
            attempt.eventsTold >= events.endIndex()) {
            continue;
        }
        auto told = makeRef<MapEvents>();
        for (std::uint64_t i = attempt.eventsTold; i < events.endIndex(); ++i) {
            told->events.push_back(events[i]);
        }
        attempt.eventsTold = events.endIndex();
        context.transmit(attempt.umbilical, std::move(told));
    }
}

void AppMaster::killSilent(sim::Context& context) {
    std::vector<AttemptId> silent;
    for (const auto& [id, attempt] : m_attempts) {
        if (context.now() - attempt.heard > m_job->spec().conf.taskTimeout) {
            silent.push_back(id);
        }
    }
    for (const AttemptId& id : silent) {
        const Container container = m_attempts.at(id).container;
        nodeLink(context, container.node).transmit(context, makeRef<StopContainer>(container.id));
        endOf(context,
              {container.id, false,
               fmt::format("it failed to report status for {}", millrace::toText(m_job->spec().conf.taskTimeout))});
    }
    if (!silent.empty()) {
        keepHouse(context);
    }
}

// --- the job --------------------------------------------------------------------------------------------------------

/// Setup before the first task, cleanup behind the last one.
void AppMaster::keepHouse(sim::Context& context) {
    if (m_house.isUnderWay() || m_step != Step::Running) {
        return;
    }
    if (const auto id = writable(m_job).takeHouse(m_start->container.node, context.now())) {
        m_houseAttempt = *id;
        m_house.begin(context, m_dfs, m_job->spec(), id->type, id->task);
    }
}

void AppMaster::onDfs(sim::Context& context, const DfsEvent& event) {
    if (m_step == Step::Reading) {
        if (event.token != m_token) {
            return;
        }
        if (event.kind == DfsEvent::Kind::Data) {
            if (const auto* done = dynamic_cast<const TaskDone*>(event.data.value.get())) {
                writable(m_job).recover(done->status, done->attempt);
                ++m_recovered;
            }
        } else {
            readHistory(context);
        }
        return;
    }
    const HouseWork::News news = m_house.take(context, m_dfs, m_job->spec(), event);
    if (news == HouseWork::News::None) {
        return;
    }
    TaskStatus status;
    status.id = m_houseAttempt;
    status.state = news == HouseWork::News::Done ? TaskStatus::State::Succeeded : TaskStatus::State::Failed;
    status.why = std::string(reasonOf(event.error));
    (void)writable(m_job).update(status, m_start->container.node, context.now(), *m_cluster);
    if (m_job->hasEnded()) {
        end(context);
    } else {
        keepHouse(context);
    }
}

void AppMaster::writeHistory(sim::Context& context, const TaskStatus& status, NodeIndex node) {
    auto done = makeRef<TaskDone>();
    done->status = status;
    done->attempt = m_job->attemptOf(status.id).value_or(JobInProgress::Attempt{});
    done->attempt.tracker = node;
    Slice line(makeRef<Bytes>(fmt::format("TASK_FINISHED {} {}\n", toText(status.id), m_cluster->trackers[node].name)));
    line.value = std::move(done);
    m_dfs.append(context, m_history, std::move(line));
    m_dfs.flush(context, m_history);
}

void AppMaster::end(sim::Context& context) {
    m_step = Step::Ended;
    m_dfs.close(context, m_history);
    (void)m_dfs.remove(context, stagingFolder());
    if (m_resourceManager.isOpen() && !m_isWaiting) {
        beat(context);
    }
}

Ref<JobAnswer> AppMaster::answer() const {
    auto answer = makeRef<JobAnswer>();
    answer->job = m_start->app;
    answer->state = m_job->state();
    answer->mapProgress = m_job->mapProgress();
    answer->reduceProgress = m_job->reduceProgress();
    answer->counters = m_job->counters();
    answer->why = m_job->why();
    return answer;
}

}  // namespace millrace::hadoop
