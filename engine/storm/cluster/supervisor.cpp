#include "engine/storm/cluster/supervisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

#include "engine/sim/metrics.h"
#include "engine/storm/cost.h"
#include "engine/storm/journal_kinds.h"
#include "engine/storm/metrics.h"
#include "engine/storm/names.h"
#include "engine/storm/runtime/worker.h"

namespace millrace::storm {

namespace {

constexpr std::string_view localState = "local-assignments";
constexpr SimDuration syncPeriod = std::chrono::seconds{10};
constexpr SimDuration reportPeriod = std::chrono::seconds{1};

std::string codeFile(std::string_view topologyId) {
    return "stormdist/" + std::string{topologyId};
}

class SupervisorBlueprint final : public sim::Blueprint {
public:
    explicit SupervisorBlueprint(SupervisorConfig config)
        : m_config(std::move(config)), m_name(supervisorProcessName(m_config.id)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("daemon", makeRef<Supervisor>(m_config)); }
    [[nodiscard]] const SupervisorConfig& config() const { return m_config; }

private:
    SupervisorConfig m_config;
    std::string m_name;
};

}  // namespace

void Supervisor::start(sim::Context& context) {
    for (const sim::Port port : m_config.ports) {
        m_slots[port] = {};
    }
    adopt(context);
    context.listen(m_config.cluster.supervisorPort);
    m_zk.start(context, {supervisorProcessName(m_config.id), m_config.cluster.zookeeper,
                         m_config.cluster.zookeeperSessionTimeout});
    connectToNimbus(context);
    arm(context, Timer::Monitor, m_config.cluster.supervisorMonitor);
    arm(context, Timer::Heartbeat, m_config.cluster.supervisorHeartbeat);
    arm(context, Timer::Sync, syncPeriod);
    arm(context, Timer::Report, reportPeriod);
}

void Supervisor::arm(sim::Context& context, Timer timer, SimDuration delay) {
    context.arm(delay, makeRef<DaemonTimer>(static_cast<std::uint32_t>(timer)));
}

/// Takes back the workers that a previous incarnation launched and that still run.
void Supervisor::adopt(sim::Context& context) {
    const sim::File* file = context.disk().find(localState);
    if (file == nullptr || file->last() == nullptr) {
        return;
    }
    const auto* chunk = dynamic_cast<const sim::TextChunk*>(file->last());
    std::istringstream lines(std::string{chunk != nullptr ? chunk->text() : std::string_view{}});
    std::string topologyId;
    std::uint16_t number = 0;
    std::size_t count = 0;
    while (lines >> number >> topologyId >> count) {
        SlotEntry slot;
        slot.topologyId = fromWord(topologyId);
        for (std::size_t i = 0; i < count; ++i) {
            ExecutorRange range;
            lines >> range.first.value >> range.last.value;
            slot.executors.push_back(range);
        }
        const sim::Port port{number};
        const TopologyRef code = readTopology(context.disk(), codeFile(slot.topologyId));
        if (!code || !m_slots.contains(port)) {
            continue;
        }
        slot.worker = context.findProcess(workerProcessName(code->name, port, context.hostName()));
        const auto state = slot.worker == sim::noProcess ? sim::ProcessState::Stopped : context.stateOf(slot.worker);
        if (state != sim::ProcessState::Running && state != sim::ProcessState::Paused) {
            continue;
        }
        slot.state = SlotState::Running;
        slot.since = slot.lastBeat = context.now();
        slot.hasBeat = true;
        context.watch(slot.worker);
        m_slots[port] = std::move(slot);
    }
}

void Supervisor::remember(sim::Context& context) const {
    std::string text;
    for (const auto& [port, slot] : m_slots) {
        if (slot.worker == sim::noProcess) {
            continue;
        }
        text += fmt::format("{} {} {}", port.value, asWord(slot.topologyId), slot.executors.size());
        for (const ExecutorRange& range : slot.executors) {
            text += fmt::format(" {} {}", range.first.value, range.last.value);
        }
        text += '\n';
    }
    (void)context.replace(std::string{localState}, makeRef<sim::TextChunk>(std::move(text)));
}

void Supervisor::handle(sim::Context& context, const sim::Message& message) {
    if (m_zk.handle(context, message)) {
        for (zookeeper::Event& event : m_zk.takeEvents()) {
            onZookeeper(context, event);
        }
        return;
    }
    if (message.as<sim::StopRequested>() != nullptr) {
        m_zk.close(context);
        context.kill(context.process(), sim::ProcessExited::Reason::Finished);
    } else if (const auto* timer = message.as<DaemonTimer>()) {
        onTimer(context, static_cast<Timer>(timer->purpose));
    } else if (const auto* beats = message.as<WorkerBeats>()) {
        onWorkerBeat(context, *beats);
    } else if (const auto* exited = message.as<sim::ProcessExited>()) {
        onExit(context, *exited);
    } else if (message.as<AssignmentsChanged>() != nullptr) {
        synchronise(context);
    } else if (const auto* code = message.as<TopologyCode>()) {
        context.spend(cost::daemonMessage);
        if (context.replace(codeFile(code->topologyId), makeRef<TopologyChunk>(code->topology))) {
            arm(context, Timer::Look, SimDuration{0});
        }
    } else if (m_nimbus.owns(context.connection())) {
        onNimbusLink(context, m_nimbus.read(context, message));
    }
}

void Supervisor::onNimbusLink(sim::Context& context, sim::Link::News news) {
    if (news == sim::Link::News::Opened) {
        report(context);
        look(context);
    } else if (news == sim::Link::News::Lost) {
        m_nimbus.backOff(context, sim::Backoff::constant(std::chrono::seconds{1}), [](std::uint64_t) {
            return makeRef<DaemonTimer>(static_cast<std::uint32_t>(Timer::Reconnect));
        });
    }
}

void Supervisor::connectToNimbus(sim::Context& context) {
    m_nimbus.open(context, context.findHost(m_config.cluster.nimbusHost), m_config.cluster.nimbusPort);
}

void Supervisor::onTimer(sim::Context& context, Timer timer) {
    switch (timer) {
        case Timer::Monitor:
            arm(context, Timer::Monitor, m_config.cluster.supervisorMonitor);
            look(context);
            break;
        case Timer::Look:
            look(context);
            break;
        case Timer::Heartbeat:
            arm(context, Timer::Heartbeat, m_config.cluster.supervisorHeartbeat);
            if (m_zk.isConnected()) {
                m_zk.setData(context, tag(Ask::Refresh), znode(), info(context).encode());
            }
            break;
        case Timer::Sync:
            arm(context, Timer::Sync, syncPeriod);
            synchronise(context);
            break;
        case Timer::Report:
            arm(context, Timer::Report, reportPeriod);
            report(context);
            break;
        case Timer::Reconnect:
            connectToNimbus(context);
            break;
    }
}

SupervisorInfo Supervisor::info(sim::Context& context) const {
    SupervisorInfo info{context.hostName(), m_config.ports, {}};
    for (const auto& [port, slot] : m_slots) {
        if (slot.state != SlotState::Empty) {
            info.usedPorts.push_back(port);
        }
    }
    return info;
}

void Supervisor::onZookeeper(sim::Context& context, zookeeper::Event& event) {
    if (const auto* connected = std::get_if<zookeeper::Connected>(&event)) {
        if (connected->isNewSession) {
            registerNode(context);
            synchronise(context);
        }
    } else if (std::holds_alternative<zookeeper::SessionExpired>(event)) {
        m_isReading = false;
        m_zk.start(context, {supervisorProcessName(m_config.id), m_config.cluster.zookeeper,
                             m_config.cluster.zookeeperSessionTimeout});
    } else if (auto* reply = std::get_if<zookeeper::Reply>(&event)) {
        onReply(context, *reply);
    }
}

void Supervisor::registerNode(sim::Context& context) {
    for (const std::string_view parent : {paths::root, paths::supervisors}) {
        m_zk.create(context, tag(Ask::Parent), std::string{parent}, {});
    }
    m_zk.create(context, tag(Ask::Register), znode(), info(context).encode(), zookeeper::CreateMode::Ephemeral);
}

void Supervisor::onReply(sim::Context& context, zookeeper::Reply& reply) {
    using zookeeper::ErrorCode;
    if (reply.error == ErrorCode::SessionExpired) {
        return;
    }
    const bool isOk = reply.error == ErrorCode::Ok;
    switch (static_cast<Ask>(reply.tag.kind)) {
        case Ask::Parent:
            break;
        case Ask::Register:
            // A node of our old session goes with it; the next heartbeat tries again.
            if (reply.error == ErrorCode::ConnectionLoss || reply.error == ErrorCode::NoNode) {
                registerNode(context);  // The connection was lost, and with it perhaps the parents (NoNode).
            }
            break;
        case Ask::Refresh:
            if (reply.error == ErrorCode::NoNode) {
                registerNode(context);
            }
            break;
        case Ask::Assignments:
            if (!isOk) {
                m_isReading = false;
                break;
            }
            m_read.clear();
            m_outstanding = static_cast<std::uint32_t>(reply.children.size());
            for (const std::string& id : reply.children) {
                m_zk.getData(context, tag(Ask::Assignment), paths::under(paths::assignments, id));
            }
            if (m_outstanding == 0) {
                takeAssignments(context);
            }
            break;
        case Ask::Assignment:
            if (auto assignment = Assignment::decode(reply.data); isOk && assignment) {
                m_read[reply.path.substr(reply.path.rfind('/') + 1)] = std::move(*assignment);
            }
            if (--m_outstanding == 0) {
                takeAssignments(context);
            }
            break;
    }
}

/// Reads all assignments. A change that is announced while a reading is under way is read afterwards.
void Supervisor::synchronise(sim::Context& context) {
    if (m_isReading) {
        m_readAgain = true;
        return;
    }
    if (!m_zk.isConnected()) {
        return;
    }
    m_isReading = true;
    m_zk.getChildren(context, tag(Ask::Assignments), std::string{paths::assignments});
}

void Supervisor::takeAssignments(sim::Context& context) {
    m_isReading = false;
    m_hasAssignments = true;
    m_wanted.clear();
    for (const auto& [id, assignment] : m_read) {
        for (const auto& [slot, executors] : assignment.bySlot()) {
            if (slot.node == m_config.id) {
                m_wanted[slot.port] = {id, executors};
            }
        }
    }
    look(context);
    if (std::exchange(m_readAgain, false)) {
        synchronise(context);
    }
}

void Supervisor::look(sim::Context& context) {
    for (auto& [port, slot] : m_slots) {
        step(context, port, slot);
    }
}

/// One look at a slot: Storm's slot state machine.
void Supervisor::step(sim::Context& context, sim::Port port, SlotEntry& slot) {
    const auto found = m_wanted.find(port);
    const Wanted* wanted = found != m_wanted.end() ? &found->second : nullptr;
    const bool isAsWanted =
        wanted != nullptr && wanted->topologyId == slot.topologyId && wanted->executors == slot.executors;
    const SimTime now = context.now();
    switch (slot.state) {
        case SlotState::Empty:
            if (wanted != nullptr) {
                begin(context, port, slot, *wanted);
            }
            break;
        case SlotState::WaitingForBlob:
            if (!isAsWanted) {
                slot = {};
            } else if (readTopology(context.disk(), codeFile(slot.topologyId))) {
                launch(context, port, slot);
            } else if (m_nimbus.isOpen()) {
                m_nimbus.transmit(context, makeRef<FetchTopology>(slot.topologyId));
            }
            break;
        case SlotState::WaitingForWorkerStart:
        case SlotState::Running: {
            const TopologyRef code = readTopology(context.disk(), codeFile(slot.topologyId));
            const SimDuration patience = code
                                             ? timeoutOf(code->config, m_config.cluster, m_config.cluster.workerTimeout)
                                             : m_config.cluster.workerTimeout;
            const SimDuration limit = slot.hasBeat ? patience : m_config.cluster.workerStartTimeout;
            const bool isSilent = now - slot.lastBeat > limit;
            if ((!isAsWanted && m_hasAssignments) || isSilent) {
                if (isSilent) {
                    context.journal({happened::workerSilent,
                                     sim::Severity::Warning,
                                     fmt::format("Worker on port {} has not beaten for {}: it is killed", port.value,
                                                 millrace::toText(limit)),
                                     {{"node", m_config.id}, {"port", std::to_string(port.value)}}});
                }
                slot.state = SlotState::Killing;
                context.kill(slot.worker);
            }
            break;
        }
        case SlotState::Killing:
            break;
    }
}

void Supervisor::begin(sim::Context& context, sim::Port port, SlotEntry& slot, const Wanted& wanted) {
    slot = {};
    slot.topologyId = wanted.topologyId;
    slot.executors = wanted.executors;
    slot.state = SlotState::WaitingForBlob;
    step(context, port, slot);
}

namespace {

bool isAlive(const sim::Context& context, sim::ProcessId process) {
    const sim::ProcessState state = context.stateOf(process);
    return state == sim::ProcessState::Running || state == sim::ProcessState::Paused;
}

}  // namespace

void Supervisor::launch(sim::Context& context, sim::Port port, SlotEntry& slot) {
    WorkerConfig worker;
    worker.cluster = m_config.cluster;
    worker.supervisor = m_config.id;
    worker.topologyId = slot.topologyId;
    worker.topology = readTopology(context.disk(), codeFile(slot.topologyId));
    worker.port = port;
    worker.executors = slot.executors;
    context.spend(cost::daemonMessage);
    const std::string name = workerProcessName(worker.topology->name, port, context.hostName());
    if (const sim::ProcessId revived = context.findProcess(name);
        revived != sim::noProcess && isAlive(context, revived)) {
        // A hand, or the end of a fault, was quicker. What it runs may be assigned no more, so it makes room for the
        // one that is launched at the next look.
        context.kill(revived);
        slot = {};
        return;
    }
    slot.state = SlotState::WaitingForWorkerStart;
    slot.since = slot.lastBeat = context.now();
    slot.hasBeat = false;
    slot.worker = context.spawn(makeWorkerBlueprint(std::move(worker), context.hostName()));
    remember(context);
}

void Supervisor::onExit(sim::Context& context, const sim::ProcessExited& exited) {
    for (auto& [port, slot] : m_slots) {
        if (slot.worker != exited.exited || slot.state == SlotState::Empty) {
            continue;
        }
        const bool wasKilled = slot.state == SlotState::Killing;
        context.journal({happened::workerExited,
                         wasKilled ? sim::Severity::Notice : sim::Severity::Warning,
                         fmt::format("The worker of topology {} on {}:{} has {}", slot.topologyId, m_config.id,
                                     port.value, wasKilled ? "been ended by its supervisor" : "exited"),
                         {{"topology_id", slot.topologyId},
                          {"node", m_config.id},
                          {"port", std::to_string(port.value)},
                          {"reason", wasKilled ? "killed" : "exit"}}});
        m_beats.erase(port);
        slot = {};
        remember(context);
        // The machine looks at its next tick; what is still assigned starts on the same port.
        return;
    }
}

void Supervisor::onWorkerBeat(sim::Context& context, const WorkerBeats& beats) {
    context.spend(cost::daemonMessage);
    for (const WorkerBeat& beat : beats.beats) {
        const auto found = m_slots.find(beat.slot.port);
        if (found == m_slots.end() || found->second.topologyId != beat.topologyId) {
            continue;
        }
        SlotEntry& slot = found->second;
        slot.lastBeat = context.now();
        slot.hasBeat = true;
        if (slot.state == SlotState::WaitingForWorkerStart) {
            slot.state = SlotState::Running;
        }
        m_beats[beat.slot.port] = beat;
    }
}

void Supervisor::report(sim::Context& context) {
    if (!m_nimbus.isOpen()) {
        return;
    }
    std::vector<WorkerBeat> beats;
    for (const auto& [port, beat] : m_beats) {
        beats.push_back(beat);
    }
    m_nimbus.transmit(context, makeRef<WorkerBeats>(m_config.id, std::move(beats), true));
}

void Supervisor::sample(sim::MetricSink& sink) const {
    const auto used = std::count_if(m_slots.begin(), m_slots.end(),
                                    [](const auto& each) { return each.second.state != SlotState::Empty; });
    sink.add(metric::slotsUsed, static_cast<double>(used));
    sink.add(metric::slots, static_cast<double>(m_slots.size()));
}

Ref<const sim::Blueprint> makeSupervisorBlueprint(SupervisorConfig config) {
    return makeRef<SupervisorBlueprint>(std::move(config));
}

std::vector<sim::Port> supervisorPorts(const sim::Blueprint& blueprint) {
    const auto* supervisor = dynamic_cast<const SupervisorBlueprint*>(&blueprint);
    return supervisor != nullptr ? supervisor->config().ports : std::vector<sim::Port>{};
}

}  // namespace millrace::storm
