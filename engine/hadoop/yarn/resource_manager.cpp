#include "engine/hadoop/yarn/resource_manager.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/hadoop/cost.h"
#include "engine/hadoop/metrics.h"
#include "engine/sim/context.h"

namespace millrace::hadoop {

namespace {

/// Time to look after whoever is silent.
struct LookAfter final : sim::MessageBase<LookAfter> {
    static constexpr std::string_view Name = "hadoop.LookAfter";
    void digest(Digest& /*digest*/) const override {}
};

std::string appText(JobId app) {
    return "application" + jobText(app).substr(3);
}

}  // namespace

void ResourceManager::start(sim::Context& context) {
    context.listen(m_cluster->resourceManager->port);
    m_nodes.resize(m_cluster->trackers.size());
    m_scheduler = CapacityScheduler(m_cluster);
    m_nextApp = (std::uint64_t{context.incarnation()} << 32U) + 1;
    m_nextContainer = m_nextApp;
    context.journal({"hadoop.resourcemanager-running", sim::Severity::Notice, "The ResourceManager takes jobs", {}});
    context.arm(m_cluster->yarn.nodeExpiry / 3, makeRef<LookAfter>());
}

void ResourceManager::handle(sim::Context& context, const sim::Message& message) {
    if (const auto* node = message.as<NodeHeartbeat>()) {
        onNode(context, *node);
    } else if (const auto* app = message.as<AppHeartbeat>()) {
        onApp(context, *app);
    } else if (const auto* submit = message.as<SubmitJob>()) {
        onSubmit(context, *submit);
    } else if (const auto* ask = message.as<AppAsk>()) {
        onAsk(context, *ask);
    } else if (message.as<LookAfter>() != nullptr) {
        lookAfter(context);
        context.arm(m_cluster->yarn.nodeExpiry / 3, makeRef<LookAfter>());
    }
}

std::uint32_t ResourceManager::liveNodes() const {
    return static_cast<std::uint32_t>(
        std::count_if(m_nodes.begin(), m_nodes.end(), [](const Node& each) { return each.isAlive; }));
}

// --- nodes ----------------------------------------------------------------------------------------------------------

void ResourceManager::onNode(sim::Context& context, const NodeHeartbeat& heartbeat) {
    context.spend(cost::trackerHeartbeat);
    Node& node = m_nodes[heartbeat.node];
    auto orders = makeRef<NodeOrders>();
    if (heartbeat.isFirst) {
        if (node.isAlive) {
            loseNode(context, heartbeat.node, "has started again");
        }
        node = {};
        node.isAlive = true;
        m_scheduler.addNode(heartbeat.node);
        context.journal(
            {"hadoop.nodemanager-registered",
             sim::Severity::Detail,
             fmt::format("NodeManager {} is registered with {} MB", m_cluster->trackers[heartbeat.node].name,
                         m_cluster->trackers[heartbeat.node].memory),
             {{"nodemanager", m_cluster->trackers[heartbeat.node].name}}});
    } else if (!node.isAlive) {
        orders->resyncs = true;
        context.transmit(context.connection(), std::move(orders));
        return;
    } else if (heartbeat.answered != node.number && node.last) {
        node.heard = context.now();
        takeContainers(context, heartbeat);
        context.transmit(context.connection(), node.last);  // the answer was lost
        return;
    }
    node.heard = context.now();
    takeContainers(context, heartbeat);
    assign(context, heartbeat.node, *orders);
    orders->cleanups = std::exchange(node.cleanups, {});
    orders->endedApps = std::exchange(node.endedApps, {});
    orders->number = ++node.number;
    node.last = orders;
    context.transmit(context.connection(), std::move(orders));
}

void ResourceManager::takeContainers(sim::Context& context, const NodeHeartbeat& heartbeat) {
    for (const ContainerId id : heartbeat.running) {
        if (const auto placed = m_containers.find(id); placed != m_containers.end()) {
            placed->second.hasBegun = true;
        } else {
            m_nodes[heartbeat.node].cleanups.push_back(id);
        }
    }
    for (const ContainerEnd& end : heartbeat.ended) {
        endContainer(context, end);
    }
}

void ResourceManager::endContainer(sim::Context& context, const ContainerEnd& end) {
    const auto at = m_containers.find(end.id);
    if (at == m_containers.end()) {
        return;
    }
    const Placed placed = at->second;
    m_containers.erase(at);
    m_scheduler.release(placed.container.node, placed.container.memory);
    const auto app = m_apps.find(placed.app);
    if (app == m_apps.end() || app->second.hasEnded()) {
        return;
    }
    if (app->second.master == end.id) {
        endAttempt(context, placed.app, end.why);
    } else {
        app->second.ended.push_back(end);
    }
}

void ResourceManager::assign(sim::Context& context, NodeIndex node, NodeOrders& orders) {
    const auto grant = m_scheduler.assign(node);
    if (!grant) {
        return;
    }
    context.spend(cost::scheduledTask);
    const Container container{m_nextContainer++, node, grant->memory, grant->use};
    m_containers[container.id] = {container, grant->app, false, context.now()};
    App& app = m_apps.at(grant->app);
    if (grant->use != ContainerUse::AppMaster) {
        app.allocated.push_back(container);
        return;
    }
    app.master = container.id;
    app.heard = context.now();
    ++app.attempt;
    auto start = makeRef<StartContainer>();
    start->container = container;
    start->app = grant->app;
    start->job = app.job;
    start->appAttempt = app.attempt;
    start->isAppMaster = true;
    orders.starts.push_back(std::move(start));
    context.journal({"hadoop.appmaster-starts",
                     sim::Severity::Notice,
                     fmt::format("The ApplicationMaster of job {} starts on NodeManager {}{}", app.job->name,
                                 m_cluster->trackers[node].name,
                                 app.attempt > 1 ? fmt::format(", attempt {}", app.attempt) : std::string()),
                     {{"job", app.job->name}, {"id", appText(grant->app)}}});
}

void ResourceManager::loseNode(sim::Context& context, NodeIndex node, const std::string& why) {
    std::vector<ContainerId> gone;
    for (const auto& [id, placed] : m_containers) {
        if (placed.container.node == node) {
            gone.push_back(id);
        }
    }
    const std::string& name = m_cluster->trackers[node].name;
    sim::JournalDraft draft;
    draft.kind = "hadoop.nodemanager-lost";
    draft.severity = sim::Severity::Warning;
    draft.text = fmt::format("NodeManager {} {}: {} are lost with it", name, why,
                             gone.size() == 1 ? "1 container" : fmt::format("{} containers", gone.size()));
    draft.fields = {{"nodemanager", name}, {"containers", std::to_string(gone.size())}};
    if (context.now() - m_nodes[node].heard > m_cluster->yarn.nodeExpiry) {
        draft.silent = "nodemanager/" + name;
    }
    context.journal(std::move(draft));
    m_nodes[node].isAlive = false;
    m_nodes[node].last = nullptr;
    m_nodes[node].cleanups.clear();
    m_nodes[node].endedApps.clear();
    for (auto& [id, app] : m_apps) {
        if (!app.hasEnded()) {
            app.lostNodes.push_back(node);
        }
    }
    for (const ContainerId id : gone) {
        endContainer(context, {id, true, fmt::format("NodeManager {} {}", m_cluster->trackers[node].name, why)});
    }
    m_scheduler.removeNode(node);
}

// --- applications ---------------------------------------------------------------------------------------------------

void ResourceManager::onSubmit(sim::Context& context, const SubmitJob& submit) {
    context.spend(cost::scheduledTask);
    for (const auto& [id, app] : m_apps) {
        if (app.job == submit.job) {  // submitted again, for the answer was lost
            context.transmit(context.connection(), reportOf(id));
            return;
        }
    }
    const JobId id = m_nextApp++;
    App& app = m_apps[id];
    app.job = submit.job;
    app.submitted = context.now();
    wishMaster(id);
    context.journal({"hadoop.job-submitted",
                     sim::Severity::Notice,
                     fmt::format("Job {} is submitted: {} maps and {} reduces", submit.job->name,
                                 submit.job->splits.size(), submit.job->reduces),
                     {{"job", submit.job->name}, {"id", appText(id)}}});
    context.transmit(context.connection(), reportOf(id));
}

void ResourceManager::wishMaster(JobId id) {
    ContainerWish wish;
    wish.use = ContainerUse::AppMaster;
    wish.memory = m_apps.at(id).job->conf.appMasterMemory;
    wish.count = 1;
    m_scheduler.setWishes(id, {wish});
}

Ref<AppReport> ResourceManager::reportOf(JobId id) const {
    auto report = makeRef<AppReport>();
    report->app = id;
    if (const auto found = m_apps.find(id); found != m_apps.end()) {
        const App& app = found->second;
        report->state = app.state;
        report->appAttempt = app.attempt;
        report->host = app.host;
        report->port = app.port;
        report->report = app.report;
        report->why = app.why;
    }
    return report;
}

void ResourceManager::onAsk(sim::Context& context, const AppAsk& ask) {
    context.spend(cost::statusReport);
    context.transmit(context.connection(), reportOf(ask.app));
}

void ResourceManager::onApp(sim::Context& context, const AppHeartbeat& heartbeat) {
    context.spend(cost::statusReport);
    auto orders = makeRef<AppOrders>();
    const auto found = m_apps.find(heartbeat.app);
    if (found == m_apps.end() || found->second.attempt != heartbeat.appAttempt || found->second.hasEnded()) {
        orders->isUnknown = true;
        context.transmit(context.connection(), std::move(orders));
        return;
    }
    App& app = found->second;
    app.heard = context.now();
    app.report = heartbeat.report;
    app.history = heartbeat.history;
    if (heartbeat.answered != app.number && app.last) {
        context.transmit(context.connection(), app.last);
        return;
    }
    app.isRegistered = true;
    app.state = AppReport::State::Running;
    app.host = heartbeat.host;
    app.port = heartbeat.port;
    for (const ContainerId id : heartbeat.released) {
        if (const auto placed = m_containers.find(id); placed != m_containers.end()) {
            m_nodes[placed->second.container.node].cleanups.push_back(id);
            endContainer(context, {id, true, "it was released"});
        }
    }
    if (heartbeat.isLast) {
        const bool isGood = heartbeat.report && heartbeat.report->state == JobState::Succeeded;
        endApp(context, heartbeat.app, isGood ? AppReport::State::Finished : AppReport::State::Failed,
               heartbeat.report ? heartbeat.report->why : std::string());
    } else {
        std::vector<ContainerWish> wishes = heartbeat.wishes;
        for (ContainerWish& wish : wishes) {
            for (const Container& each : app.allocated) {  // that it does not know of yet
                wish.count -= each.use == wish.use && wish.count > 0 ? 1U : 0U;
            }
        }
        m_scheduler.setWishes(heartbeat.app, std::move(wishes), heartbeat.banned);
    }
    orders->allocated = std::exchange(app.allocated, {});
    orders->ended = std::exchange(app.ended, {});
    orders->lostNodes = std::exchange(app.lostNodes, {});
    orders->number = ++app.number;
    app.last = orders;
    context.transmit(context.connection(), std::move(orders));
}

void ResourceManager::stopContainersOf(JobId id) {
    for (auto at = m_containers.begin(); at != m_containers.end();) {
        if (at->second.app != id) {
            ++at;
            continue;
        }
        const Container& container = at->second.container;
        m_nodes[container.node].cleanups.push_back(container.id);
        m_scheduler.release(container.node, container.memory);
        at = m_containers.erase(at);
    }
}

/// An ApplicationMaster is gone. Everything that ran for it ends; another one begins, if it is not the last.
void ResourceManager::endAttempt(sim::Context& context, JobId id, const std::string& why) {
    App& app = m_apps.at(id);
    const std::uint32_t most = std::min(m_cluster->yarn.appMasterAttempts, app.job->conf.appMasterAttempts);
    context.journal({"hadoop.appmaster-lost",
                     sim::Severity::Warning,
                     fmt::format("The ApplicationMaster of job {} is gone: {}", app.job->name, why),
                     {{"job", app.job->name}, {"attempt", std::to_string(app.attempt)}}});
    if (app.attempt >= most) {
        endApp(context, id, AppReport::State::Failed,
               fmt::format("its ApplicationMaster failed {} times, the last time because {}", app.attempt, why));
        return;
    }
    stopContainersOf(id);
    app.state = AppReport::State::Accepted;
    app.isRegistered = false;
    app.host = sim::noHost;
    app.number = 0;
    app.last = nullptr;
    app.allocated.clear();
    app.ended.clear();
    app.lostNodes.clear();
    wishMaster(id);
}

void ResourceManager::endApp(sim::Context& context, JobId id, AppReport::State state, std::string why) {
    App& app = m_apps.at(id);
    const bool isGood = state == AppReport::State::Finished;
    app.state = state;
    app.why = std::move(why);
    m_scheduler.removeApp(id);
    const ContainerId master = app.master;
    const auto placed = m_containers.find(master);
    const bool isThere = placed != m_containers.end();
    const Placed kept = isThere ? placed->second : Placed{};
    if (isThere) {
        m_containers.erase(placed);  // it ends by itself, when its clients have seen the end
    }
    stopContainersOf(id);
    if (isThere) {
        m_containers[master] = kept;
    }
    for (Node& node : m_nodes) {
        if (node.isAlive) {
            node.endedApps.push_back(id);
        }
    }
    context.journal({isGood ? "hadoop.job-succeeded" : "hadoop.job-failed",
                     isGood ? sim::Severity::Notice : sim::Severity::Error,
                     isGood ? fmt::format("Job {} is done", app.job->name)
                            : fmt::format("Job {} has failed: {}", app.job->name, app.why),
                     {{"job", app.job->name}, {"id", appText(id)}}});
}

/// Every third of the time of silence that is allowed: nodes, ApplicationMasters, and containers that nobody began.
void ResourceManager::lookAfter(sim::Context& context) {
    const YarnConfig& yarn = m_cluster->yarn;
    for (NodeIndex i = 0; i < m_nodes.size(); ++i) {
        if (m_nodes[i].isAlive && context.now() - m_nodes[i].heard > yarn.nodeExpiry) {
            loseNode(
                context, i,
                fmt::format("has been silent for {}, more than {}", millrace::toText(context.now() - m_nodes[i].heard),
                            millrace::toText(yarn.nodeExpiry)));
        }
    }
    std::vector<JobId> silent;
    for (const auto& [id, app] : m_apps) {
        if (!app.hasEnded() && m_containers.contains(app.master) && context.now() - app.heard > yarn.appMasterExpiry) {
            silent.push_back(id);
        }
    }
    for (const JobId id : silent) {
        const ContainerId master = m_apps.at(id).master;
        m_nodes[m_containers.at(master).container.node].cleanups.push_back(master);
        endContainer(context,
                     {master, false, fmt::format("it has been silent for {}", millrace::toText(yarn.appMasterExpiry))});
    }
    constexpr SimDuration allocationExpiry = std::chrono::minutes{10};
    std::vector<ContainerId> unused;
    for (const auto& [id, placed] : m_containers) {
        if (!placed.hasBegun && context.now() - placed.allocated > allocationExpiry) {
            unused.push_back(id);
        }
    }
    for (const ContainerId id : unused) {
        m_nodes[m_containers.at(id).container.node].cleanups.push_back(id);
        endContainer(context, {id, true, "nothing was started in it for 10 minutes"});
    }
}

void ResourceManager::sample(sim::MetricSink& sink) const {
    const auto running =
        std::count_if(m_apps.begin(), m_apps.end(), [](const auto& each) { return !each.second.hasEnded(); });
    sink.add(metric::liveNodeManagers, liveNodes());
    sink.add(metric::runningApps, static_cast<double>(running));
    sink.add(metric::allocatedMemory, m_scheduler.usedMemory());
    sink.add(metric::pendingContainers, m_scheduler.pending());
}

}  // namespace millrace::hadoop
