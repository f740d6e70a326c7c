#include "engine/hadoop/yarn/node_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/hadoop/cost.h"
#include "engine/hadoop/mapreduce/tasks.h"
#include "engine/hadoop/metrics.h"
#include "engine/hadoop/yarn/app_master.h"

namespace millrace::hadoop {

namespace {

struct NodeTimer final : sim::MessageBase<NodeTimer> {
    static constexpr std::string_view Name = "hadoop.NodeTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"heartbeat", "next try to reach the ResourceManager",
                                                     "time-out of the ResourceManager's answer"};
        return std::string{words[static_cast<std::size_t>(purpose)]};
    }
    enum class Purpose : std::uint8_t { Heartbeat, Reconnect, Silent };
    Purpose purpose;
    std::uint64_t argument;
    explicit NodeTimer(Purpose what, std::uint64_t about = 0) : purpose(what), argument(about) {}
    void digest(Digest& digest) const override {
        digest.add(static_cast<std::uint32_t>(purpose));
        digest.add(argument);
    }
};

constexpr std::uint16_t firstAppMasterPort = 45000;

std::string containerProcess(const std::string& node, std::uint32_t place) {
    return fmt::format("container/{}-{}", node, place);
}

/// The process of a container: "container/nm1-3", one for each place, started anew for whatever runs there.
class ContainerBlueprint final : public sim::Blueprint {
public:
    ContainerBlueprint(ClusterRef cluster, StartContainerRef start, std::uint32_t place)
        : m_cluster(std::move(cluster)), m_start(std::move(start)), m_place(place) {
        m_name = containerProcess(m_cluster->trackers[m_start->container.node].name, place);
    }
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        if (m_start->isAppMaster) {
            context.addActor("appmaster", makeRef<AppMaster>(m_cluster, m_start, appMasterPort(m_place)));
        } else {
            addTask(context, m_cluster, {m_start->container.node, m_start->masterHost, m_start->masterPort, true},
                    m_start->attempt, m_start->job);
        }
    }

private:
    ClusterRef m_cluster;
    StartContainerRef m_start;
    std::uint32_t m_place;
    std::string m_name;
};

}  // namespace

sim::Port appMasterPort(std::uint32_t place) {
    return sim::Port{static_cast<std::uint16_t>(firstAppMasterPort + place)};
}

void NodeManager::start(sim::Context& context) {
    m_shuffle.start(context, address().readRate);
    context.listen(address().port);
    m_reachedAt = context.now();
    connect(context);
}

void NodeManager::connect(sim::Context& context) {
    const DaemonAddress& master = *m_cluster->resourceManager;
    m_resourceManager.open(context, master.host, master.port, answerPatience);
}

std::uint32_t NodeManager::usedMemory() const {
    std::uint32_t used = 0;
    for (const auto& [id, each] : m_containers) {
        used += each.start->container.memory;
    }
    return used;
}

void NodeManager::handle(sim::Context& context, const sim::Message& message) {
    if (m_resourceManager.owns(context.connection())) {
        onResourceManager(context, message);
    } else if (m_shuffle.handle(context, message)) {
        return;
    } else if (const auto* fetch = message.as<FetchOutput>()) {
        m_shuffle.fetch(context, *fetch);
    } else if (const auto* keep = message.as<KeepOutput>()) {
        context.spend(cost::statusReport);
        const bool isKept = m_shuffle.keep(context, keep->map, keep->output);
        context.transmit(context.connection(), makeRef<OutputKept>(isKept));
    } else if (const auto* start = message.as<StartContainer>()) {
        begin(context, StartContainerRef(start));
    } else if (const auto* end = message.as<StopContainer>()) {
        stop(context, end->container, "it was not needed any more");
    } else if (const auto* exited = message.as<sim::ProcessExited>()) {
        onExited(context, *exited);
    } else if (const auto* timer = message.as<NodeTimer>()) {
        const auto silent = [](std::uint64_t round) { return makeRef<NodeTimer>(NodeTimer::Purpose::Silent, round); };
        if (timer->purpose == NodeTimer::Purpose::Heartbeat) {
            if (m_resourceManager.isOpen() && !m_isWaiting && timer->argument == m_round) {
                beat(context);
            }
        } else if (timer->purpose == NodeTimer::Purpose::Reconnect) {
            if (m_resourceManager.due(timer->argument) == sim::Link::Due::Reconnect) {
                connect(context);
            }
        } else if (m_resourceManager.isConnected() && m_resourceManager.isOverdue(context, silent)) {
            m_isWaiting = false;
            m_resourceManager.close(context);
            connect(context);
        }
    }
}

// --- the ResourceManager --------------------------------------------------------------------------------------------

/// Without it a node goes on with what runs there, tries every half minute, and ends after a quarter of an hour.
void NodeManager::onResourceManager(sim::Context& context, const sim::Message& message) {
    switch (m_resourceManager.read(context, message)) {
        case sim::Link::News::Opened:
            m_reachedAt = context.now();
            beat(context);
            break;
        case sim::Link::News::Lost:
            m_isWaiting = false;
            if (context.now() - m_reachedAt > m_cluster->yarn.connectMaxWait) {
                context.journal({"hadoop.nodemanager-ends",
                                 sim::Severity::Error,
                                 fmt::format("NodeManager {} ends: it has not reached the ResourceManager for {}",
                                             address().name, millrace::toText(m_cluster->yarn.connectMaxWait)),
                                 {{"nodemanager", address().name}}});
                context.kill(context.process(), sim::ProcessExited::Reason::Crashed);
                return;
            }
            m_resourceManager.backOff(
                context, sim::Backoff::constant(m_cluster->yarn.connectRetry),
                [](std::uint64_t round) { return makeRef<NodeTimer>(NodeTimer::Purpose::Reconnect, round); });
            break;
        case sim::Link::News::Message:
            if (const auto* orders = message.as<NodeOrders>()) {
                onOrders(context, *orders);
            }
            break;
        case sim::Link::News::None:
            break;
    }
}

void NodeManager::beat(sim::Context& context) {
    auto heartbeat = makeRef<NodeHeartbeat>();
    heartbeat->node = m_self;
    heartbeat->answered = m_answered;
    heartbeat->isFirst = m_isFirst;
    for (const auto& [id, each] : m_containers) {
        heartbeat->running.push_back(id);
    }
    heartbeat->ended = m_ended;
    m_endsTold = m_ended.size();
    m_isWaiting = true;
    ++m_round;
    m_resourceManager.request(context, std::move(heartbeat), m_answered, answerPatience, [](std::uint64_t round) {
        return makeRef<NodeTimer>(NodeTimer::Purpose::Silent, round);
    });
}

void NodeManager::armBeat(sim::Context& context, SimTime at) {
    m_nextBeat = at;
    m_beatTimer = context.arm(std::max(at - context.now(), SimDuration{0}),
                              makeRef<NodeTimer>(NodeTimer::Purpose::Heartbeat, m_round));
}

void NodeManager::onOrders(sim::Context& context, const NodeOrders& orders) {
    m_resourceManager.answered();
    m_isWaiting = false;
    m_reachedAt = context.now();
    m_ended.erase(m_ended.begin(), m_ended.begin() + static_cast<std::ptrdiff_t>(std::min(m_endsTold, m_ended.size())));
    m_endsTold = 0;
    if (orders.resyncs) {
        context.journal({"hadoop.nodemanager-resyncs",
                         sim::Severity::Notice,
                         fmt::format("The ResourceManager does not know NodeManager {}: its {} containers end",
                                     address().name, m_containers.size()),
                         {{"nodemanager", address().name}}});
        for (const auto& [id, each] : m_containers) {
            stop(context, id, "its NodeManager began anew");
        }
        m_shuffle.forgetAll(context);
        m_isFirst = true;
        m_answered = 0;
        armBeat(context, context.now() + m_cluster->yarn.nodeHeartbeat);
        return;
    }
    armBeat(context, context.now() + m_cluster->yarn.nodeHeartbeat);
    m_isFirst = false;
    m_answered = orders.number;
    for (const ContainerId id : orders.cleanups) {
        stop(context, id, "the ResourceManager had it end");
    }
    for (const StartContainerRef& start : orders.starts) {
        begin(context, start);
    }
    for (const JobId app : orders.endedApps) {
        m_shuffle.forgetJob(context, app);
    }
}

// --- containers -----------------------------------------------------------------------------------------------------

/// One whose process of before is gone: after a start of the NodeManager it may take a moment to end.
std::uint32_t NodeManager::freePlace(const sim::Context& context) const {
    for (std::uint32_t place = 0;; ++place) {
        const bool isTaken = std::any_of(m_containers.begin(), m_containers.end(),
                                         [&](const auto& each) { return each.second.place == place; });
        const sim::ProcessId before = context.findProcess(containerProcess(address().name, place));
        const bool isAlive = before != sim::noProcess && (context.stateOf(before) == sim::ProcessState::Running ||
                                                          context.stateOf(before) == sim::ProcessState::Paused);
        if (!isTaken && !isAlive) {
            return place;
        }
    }
}

void NodeManager::begin(sim::Context& context, StartContainerRef start) {
    context.spend(cost::scheduledTask);
    const ContainerId id = start->container.id;
    if (m_containers.contains(id)) {
        return;
    }
    Running& running = m_containers[id];
    running.place = ~std::uint32_t{0};
    running.place = freePlace(context);
    running.start = std::move(start);
    running.process = context.spawn(makeRef<ContainerBlueprint>(m_cluster, running.start, running.place));
}

void NodeManager::stop(sim::Context& context, ContainerId container, std::string why) {
    const auto at = m_containers.find(container);
    if (at == m_containers.end() || at->second.isStopped) {
        return;
    }
    at->second.isStopped = true;
    at->second.why = std::move(why);
    context.kill(at->second.process);
}

void NodeManager::onExited(sim::Context& context, const sim::ProcessExited& exited) {
    const auto at = std::find_if(m_containers.begin(), m_containers.end(),
                                 [&](const auto& each) { return each.second.process == exited.exited; });
    if (at == m_containers.end()) {
        return;
    }
    const Running& running = at->second;
    const bool isBad = !running.isStopped && exited.reason != sim::ProcessExited::Reason::Finished;
    if (isBad) {
        context.journal(
            {"hadoop.child-died",
             sim::Severity::Notice,
             fmt::format("{} on NodeManager {} has died",
                         running.start->isAppMaster ? "The ApplicationMaster of job " + running.start->job->name
                                                    : "The JVM of " + toText(running.start->attempt),
                         address().name),
             {{"container", containerText(at->first)}}});
        if (m_resourceManager.isOpen() && !m_isWaiting) {
            // At the same time as before: what the ResourceManager makes of it has this death as its cause.
            context.cancel(m_beatTimer);
            armBeat(context, m_nextBeat);
        }
    }
    m_ended.push_back({at->first, false,
                       running.isStopped ? running.why
                       : isBad           ? "its JVM has died"
                                         : "it has ended"});
    m_containers.erase(at);
}

void NodeManager::sample(sim::MetricSink& sink) const {
    sink.add(metric::runningContainers, static_cast<double>(m_containers.size()));
    sink.add(metric::containerMemory, usedMemory());
    sink.add(metric::nodeShuffleBytes, static_cast<double>(m_shuffle.bytesServed()));
}

}  // namespace millrace::hadoop
