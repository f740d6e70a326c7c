#include "engine/storm/runtime/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/storm/cost.h"
#include "engine/storm/journal_kinds.h"
#include "engine/storm/names.h"
#include "engine/storm/runtime/executor.h"

namespace millrace::storm {

namespace {

constexpr sim::Backoff reconnect{std::chrono::milliseconds{100}, std::chrono::milliseconds{1'000}};

class WorkerBlueprint final : public sim::Blueprint {
public:
    WorkerBlueprint(WorkerConfig config, std::string_view host)
        : m_config(std::move(config)), m_name(workerProcessName(m_config.topology->name, m_config.port, host)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("main", makeRef<Worker>(m_config)); }
    [[nodiscard]] const WorkerConfig& config() const { return m_config; }

private:
    WorkerConfig m_config;
    std::string m_name;
};

}  // namespace

std::string executorName(const Topology& topology, const ExecutorRange& range) {
    return fmt::format("{}-{}", topology.componentOf(range.first).id, range.first.value);
}

Ref<const sim::Blueprint> makeWorkerBlueprint(WorkerConfig config, std::string_view host) {
    return makeRef<WorkerBlueprint>(std::move(config), host);
}

const WorkerConfig* workerConfig(const sim::Blueprint& blueprint) {
    const auto* worker = dynamic_cast<const WorkerBlueprint*>(&blueprint);
    return worker != nullptr ? &worker->config() : nullptr;
}

void Worker::arm(sim::Context& context, Timer timer, SimDuration delay, std::uint64_t value) {
    context.arm(delay, makeRef<DaemonTimer>(static_cast<std::uint32_t>(timer), value));
}

void Worker::start(sim::Context& context) {
    arm(context, Timer::Launched, cost::workerLaunch);
}

/// The process is up: executors start, the port opens, the first beat goes out.
void Worker::launch(sim::Context& context) {
    context.spend(cost::workerStart);
    m_isLaunched = true;
    m_executorByTask.assign(static_cast<std::size_t>(m_config.topology->taskCount()) + 1, sim::noActor);
    for (const ExecutorRange& range : m_config.executors) {
        const sim::ActorId actor =
            context.spawnActor(executorName(*m_config.topology, range), makeExecutor(m_config.topology, range));
        m_executors.push_back(actor);
        for (std::int32_t task = range.first.value; task <= range.last.value; ++task) {
            m_executorByTask[static_cast<std::size_t>(task)] = actor;
        }
    }
    context.journal({happened::workerStarted,
                     sim::Severity::Notice,
                     fmt::format("A worker of {} runs {} executors on {}:{}", m_config.topology->name,
                                 m_config.executors.size(), m_config.supervisor, m_config.port.value),
                     {field::topology(m_config.topology->name),
                      {"node", m_config.supervisor},
                      {"port", std::to_string(m_config.port.value)},
                      {"executors", toText(m_config.executors)}}});
    context.listen(m_config.port);
    m_zk.start(context, {workerProcessName(m_config.topology->name, m_config.port, context.hostName()),
                         m_config.cluster.zookeeper, m_config.cluster.zookeeperSessionTimeout});
    beat(context);
    arm(context, Timer::Refresh, m_config.cluster.taskRefresh);
    if (!m_config.topology->config.disableLoadAware) {
        m_loadJitter = context.makeStream("load");
        m_nextLoadReport = context.now();
        armLoad(context);
    }
}

void Worker::handle(sim::Context& context, const sim::Message& message) {
    if (const auto* transfer = message.as<Transfer>()) {
        deliver(context, *transfer);
        return;
    }
    if (message.as<sim::StopRequested>() != nullptr) {
        m_zk.close(context);
        context.kill(context.process(), sim::ProcessExited::Reason::Finished);
        return;
    }
    if (m_zk.handle(context, message)) {
        for (zookeeper::Event& event : m_zk.takeEvents()) {
            if (const auto* connected = std::get_if<zookeeper::Connected>(&event)) {
                if (!m_hasAssignment && connected->isNewSession) {
                    refresh(context);
                }
            } else if (std::holds_alternative<zookeeper::SessionExpired>(event)) {
                m_zk.start(context, {workerProcessName(m_config.topology->name, m_config.port, context.hostName()),
                                     m_config.cluster.zookeeper, m_config.cluster.zookeeperSessionTimeout});
            } else if (const auto* reply = std::get_if<zookeeper::Reply>(&event)) {
                if (auto assignment = Assignment::decode(reply->data);
                    reply->error == zookeeper::ErrorCode::Ok && assignment) {
                    takeAssignment(context, *assignment);
                }
            }
        }
        return;
    }
    if (const auto* timer = message.as<DaemonTimer>()) {
        onTimer(context, *timer);
    } else if (const auto* pressed = message.as<PressedTasks>()) {
        for (Peer& peer : m_peers) {
            if (peer.link.owns(context.connection())) {
                peer.pressed = pressed->tasks;
                tellRoutes(context);
            }
        }
    } else if (const auto* report = message.as<LoadReport>()) {
        for (Peer& peer : m_peers) {
            if (peer.link.owns(context.connection())) {
                peer.loads = report->entries;
            }
        }
    } else if (message.as<sim::ConnectionAccepted>() != nullptr) {
        m_accepted.push_back(context.connection());
        if (!m_pressed.empty()) {
            auto note = makeRef<PressedTasks>();
            note->tasks = m_pressed;
            context.transmit(context.connection(), std::move(note));
        }
    } else {
        onConnectionNews(context, message);
    }
}

void Worker::onTimer(sim::Context& context, const DaemonTimer& timer) {
    switch (static_cast<Timer>(timer.purpose)) {
        case Timer::Launched:
            launch(context);
            break;
        case Timer::Beat:
            beat(context);
            break;
        case Timer::Refresh:
            arm(context, Timer::Refresh, m_config.cluster.taskRefresh);
            refresh(context);
            break;
        case Timer::Reconnect:
            for (Peer& peer : m_peers) {
                if (peer.slot.port.value == (timer.value & 0xFFFFU) && !peer.link.isConnected() &&
                    (timer.value >> 16U) == (nameHash64(peer.slot.node) >> 16U)) {
                    connectPeer(context, peer);
                }
            }
            break;
        case Timer::PressureCheck:
            checkPressure(context);
            break;
        case Timer::Load:
            armLoad(context);
            refreshLoad(context);
            break;
    }
}

void Worker::onConnectionNews(sim::Context& context, const sim::Message& message) {
    const sim::ConnectionId connection = context.connection();
    for (sim::Link* daemon : {&m_supervisor, &m_nimbus}) {
        if (daemon->owns(connection)) {
            (void)daemon->read(context, message);
            return;
        }
    }
    for (Peer& peer : m_peers) {
        if (peer.link.owns(connection)) {
            onPeerLink(context, peer, peer.link.read(context, message));
            return;
        }
    }
    if (message.as<sim::ConnectionClosed>() != nullptr) {
        std::erase(m_accepted, connection);
    }
}

void Worker::onPeerLink(sim::Context& context, Peer& peer, sim::Link::News news) {
    if (news == sim::Link::News::Lost) {
        peer.pressed.clear();
        peer.link.backOff(context, reconnect, [&](std::uint64_t) {
            return makeRef<DaemonTimer>(static_cast<std::uint32_t>(Timer::Reconnect),
                                        (nameHash64(peer.slot.node) >> 16U << 16U) | peer.slot.port.value);
        });
    }
    if (news == sim::Link::News::Lost || news == sim::Link::News::Opened) {
        tellRoutes(context);
    }
}

void Worker::refresh(sim::Context& context) {
    if (m_zk.isConnected()) {
        m_zk.getData(context, {0, static_cast<std::uint32_t>(Ask::Assignment)},
                     paths::under(paths::assignments, m_config.topologyId));
    }
}

void Worker::takeAssignment(sim::Context& context, const Assignment& assignment) {
    if (m_hasAssignment && assignment == m_assignment) {
        return;
    }
    m_hasAssignment = true;
    m_assignment = assignment;
    const Slot self{m_config.supervisor, m_config.port};
    std::vector<Peer> peers;
    for (const auto& [slot, executors] : assignment.bySlot()) {
        if (slot == self) {
            continue;
        }
        const auto known =
            std::find_if(m_peers.begin(), m_peers.end(), [&](const Peer& peer) { return peer.slot == slot; });
        if (known != m_peers.end()) {
            peers.push_back(std::move(*known));
            known->link = sim::Link();
            continue;
        }
        Peer peer;
        peer.slot = slot;
        const auto host = assignment.hosts.find(slot.node);
        peer.host = host != assignment.hosts.end() ? host->second : std::string{};
        peers.push_back(std::move(peer));
        connectPeer(context, peers.back());
    }
    for (Peer& gone : m_peers) {
        gone.link.close(context);
    }
    m_peers = std::move(peers);
    tellRoutes(context);
}

void Worker::connectPeer(sim::Context& context, Peer& peer) {
    const sim::HostId host = context.findHost(peer.host);
    if (host == sim::noHost) {
        return;
    }
    peer.link.open(context, host, peer.slot.port);
}

/// Says that this worker lives. Its supervisor is tried again at each beat while it does not answer.
void Worker::beat(sim::Context& context) {
    context.spend(cost::daemonMessage);
    arm(context, Timer::Beat, m_config.cluster.workerHeartbeat);
    const auto connect = [&](sim::Link& daemon, sim::HostId host, sim::Port port) {
        if (daemon.isClosed()) {
            daemon.open(context, host, port);
        }
    };
    WorkerBeat beat{m_config.topologyId, {m_config.supervisor, m_config.port}, m_config.executors, context.now()};
    const auto message = makeRef<WorkerBeats>(m_config.supervisor, std::vector<WorkerBeat>{std::move(beat)}, false);
    const bool isFirst = !std::exchange(m_hasBeaten, true);
    connect(m_supervisor, context.host(), m_config.cluster.supervisorPort);
    if (m_supervisor.isOpen() || isFirst) {
        m_supervisor.transmit(context, message);  // The first one waits for the opening.
        return;
    }
    connect(m_nimbus, context.findHost(m_config.cluster.nimbusHost), m_config.cluster.nimbusPort);
    m_nimbus.transmit(context, message);
}

sim::ActorId Worker::executorOf(TaskId task) const {
    const auto at = static_cast<std::size_t>(task.value);
    return at < m_executorByTask.size() ? m_executorByTask[at] : sim::noActor;
}

/// As Storm's receiving threads do it, tuples of other workers go straight into the queues of the executors; only when
/// one of these is full this worker has something to say. Source: DeserializingConnectionCallback.recv.
bool Worker::relay(const sim::Context& context, const sim::Message& message,
                   std::vector<std::pair<sim::ActorId, sim::MessageRef>>& parts) const {
    const auto* transfer = message.as<Transfer>();
    if (transfer == nullptr || context.now() == m_lastDelivery) {
        return false;  // what this actor delivered at the same instant is still on its way, and goes first
    }
    const std::uint64_t limit = m_config.topology->config.receiveBufferSize;
    for (const Transfer::Part& part : transfer->parts) {
        const sim::ActorId executor = executorOf(part.target);
        if (executor == sim::noActor) {
            continue;  // Sent by an older assignment.
        }
        if (Executor::queuedTuples(context, executor) > limit) {
            parts.clear();
            return false;
        }
        parts.emplace_back(executor, part.message);
    }
    return true;
}

/// Queues what another worker has sent. Costs nothing here: reading and deserialising is charged to the executors.
void Worker::deliver(sim::Context& context, const Transfer& transfer) {
    m_lastDelivery = context.now();
    const std::uint64_t limit = m_config.topology->config.receiveBufferSize;
    bool isNew = false;
    for (const Transfer::Part& part : transfer.parts) {
        const sim::ActorId executor = executorOf(part.target);
        if (executor == sim::noActor) {
            continue;  // Sent by an older assignment.
        }
        if (Executor::queuedTuples(context, executor) > limit &&
            std::find(m_pressed.begin(), m_pressed.end(), part.target) == m_pressed.end()) {
            m_pressed.push_back(part.target);
            isNew = true;
        }
        context.send(executor, part.message);
    }
    if (isNew) {
        auto note = makeRef<PressedTasks>();
        note->tasks = m_pressed;
        for (const sim::ConnectionId peer : m_accepted) {
            context.transmit(peer, note);
        }
        arm(context, Timer::PressureCheck, m_config.topology->config.backpressureCheck);
    }
}

void Worker::checkPressure(sim::Context& context) {
    const std::uint64_t limit = m_config.topology->config.receiveBufferSize;
    const std::size_t before = m_pressed.size();
    std::erase_if(m_pressed, [&](TaskId task) { return Executor::queuedTuples(context, executorOf(task)) <= limit; });
    if (m_pressed.size() != before) {
        auto note = makeRef<PressedTasks>();
        note->tasks = m_pressed;
        for (const sim::ConnectionId peer : m_accepted) {
            context.transmit(peer, note);
        }
    }
    if (!m_pressed.empty()) {
        arm(context, Timer::PressureCheck, m_config.topology->config.backpressureCheck);
    }
}

void Worker::armLoad(sim::Context& context) {
    constexpr SimDuration every = std::chrono::seconds{1};
    constexpr std::uint64_t jitterMillis = 500;
    const auto jitter = static_cast<std::int64_t>(m_loadJitter.below(jitterMillis));
    arm(context, Timer::Load, every + std::chrono::milliseconds{jitter});
}

std::vector<LoadReport::Entry> Worker::ownLoads(const sim::Context& context) const {
    const double room = std::max(1.0, static_cast<double>(m_config.topology->config.receiveBufferSize));
    std::vector<LoadReport::Entry> loads;
    for (std::size_t i = 0; i < m_executors.size(); ++i) {
        const double fill = static_cast<double>(Executor::queuedTuples(context, m_executors[i])) / room;
        const ExecutorRange& range = m_config.executors[i];
        for (std::int32_t task = range.first.value; task <= range.last.value; ++task) {
            loads.push_back({TaskId{task}, static_cast<float>(std::min(1.0, fill))});
        }
    }
    return loads;
}

/// Whether the executor has a choice that loads have a say in.
bool Worker::hasShuffle(const ExecutorRange& range) const {
    const Topology& topology = *m_config.topology;
    for (const OutputStream& stream : topology.componentOf(range.first).outputs) {
        for (const Subscription& subscription : stream.subscriptions) {
            if ((subscription.grouping == GroupingKind::Shuffle ||
                 subscription.grouping == GroupingKind::LocalOrShuffle) &&
                topology.component(subscription.consumer).tasks > 1) {
                return true;
            }
        }
    }
    return false;
}

void Worker::refreshLoad(sim::Context& context) {
    constexpr SimDuration reportEvery = std::chrono::seconds{5};
    constexpr std::uint32_t refreshesToSettle = 110;  // weights come back by 1 from 0 to 100, scopes in three steps
    const std::vector<LoadReport::Entry> own = ownLoads(context);
    if (context.now() >= m_nextLoadReport && !m_accepted.empty()) {
        m_nextLoadReport = context.now() + reportEvery;
        auto report = makeRef<LoadReport>();
        report->entries = own;
        for (const sim::ConnectionId peer : m_accepted) {
            context.transmit(peer, report);
        }
    }
    if (!m_hasAssignment) {
        return;
    }
    const auto map = makeRef<LoadMap>();
    map->loads.assign(static_cast<std::size_t>(m_config.topology->taskCount()) + 1, LoadMap::unknown);
    const auto enter = [&](const std::vector<LoadReport::Entry>& entries) {
        for (const LoadReport::Entry& entry : entries) {
            if (const auto at = static_cast<std::size_t>(entry.task.value); at < map->loads.size()) {
                map->loads[at] = entry.load;
            }
        }
    };
    for (const Peer& peer : m_peers) {
        enter(peer.loads);
    }
    enter(own);
    m_quietLoads = map->loads == m_lastLoads ? m_quietLoads + 1 : 0;
    if (m_quietLoads > refreshesToSettle) {
        return;
    }
    m_lastLoads = map->loads;
    const auto message = makeRef<LoadChanged>(map);
    for (std::size_t i = 0; i < m_executors.size(); ++i) {
        if (hasShuffle(m_config.executors[i])) {
            context.send(m_executors[i], message);
        }
    }
}

void Worker::tellRoutes(sim::Context& context) {
    m_quietLoads = 0;
    const auto table = makeRef<RouteTable>();
    table->routes.resize(static_cast<std::size_t>(m_config.topology->taskCount()) + 1);
    for (const Peer& peer : m_peers) {
        table->peers.push_back({peer.link.lastConnection(), peer.link.isOpen()});
    }
    for (const auto& [range, place] : m_assignment.executors) {
        for (std::int32_t task = range.first.value; task <= range.last.value; ++task) {
            RouteTable::Route& route = table->routes[static_cast<std::size_t>(task)];
            for (std::size_t i = 0; i < m_peers.size(); ++i) {
                if (m_peers[i].slot == place.slot) {
                    route.kind = RouteTable::Kind::Remote;
                    route.peer = static_cast<std::uint16_t>(i);
                    route.scope = place.slot.node == m_config.supervisor ? Scope::HostLocal : Scope::RackLocal;
                }
            }
        }
    }
    for (std::size_t task = 1; task < m_executorByTask.size(); ++task) {
        if (m_executorByTask[task] != sim::noActor) {
            table->routes[task] = {RouteTable::Kind::Local, false, Scope::WorkerLocal, 0, m_executorByTask[task]};
        }
    }
    for (const Peer& peer : m_peers) {
        for (const TaskId task : peer.pressed) {
            table->routes[static_cast<std::size_t>(task.value)].isPressed = true;
        }
    }
    const bool allOpen =
        std::all_of(m_peers.begin(), m_peers.end(), [](const Peer& peer) { return peer.link.isOpen(); });
    m_isActivated = m_isActivated || (m_hasAssignment && allOpen);
    table->isActive = m_isActivated;
    table->isAssigned = m_hasAssignment;
    const auto message = makeRef<RoutesChanged>(table);
    for (const sim::ActorId executor : m_executors) {
        context.send(executor, message);
    }
}

}  // namespace millrace::storm
