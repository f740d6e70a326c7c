#include "engine/storm/cluster/nimbus.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/sim/metrics.h"
#include "engine/storm/cost.h"
#include "engine/storm/names.h"

namespace millrace::storm {

namespace {

constexpr std::string_view blobFolder = "nimbus/blobs/";

std::string blobFile(std::string_view topologyId) {
    return std::string{blobFolder} + std::string{topologyId};
}

std::string_view lastName(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

/// Places in the line for leadership carry the session, so that one whose answer was lost is known again (as Curator
/// protects its sequential nodes).
std::string placePrefix(zookeeper::SessionId session) {
    return fmt::format("latch-{}-", zookeeper::toText(session));
}

/// ZooKeeper's number, ten digits at the end, is the order of the line.
bool standsBefore(const std::string& a, const std::string& b) {
    constexpr std::size_t digits = 10;
    return std::string_view{a}.substr(a.size() - std::min(a.size(), digits)) <
           std::string_view{b}.substr(b.size() - std::min(b.size(), digits));
}

class NimbusBlueprint final : public sim::Blueprint {
public:
    explicit NimbusBlueprint(ClusterConfig config) : m_config(std::move(config)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("daemon", makeRef<Nimbus>(m_config)); }

private:
    ClusterConfig m_config;
    std::string m_name{nimbusProcess};
};

}  // namespace

void Nimbus::start(sim::Context& context) {
    context.listen(m_config.nimbusPort);
    m_zk.start(context, {std::string{nimbusProcess}, m_config.zookeeper, m_config.zookeeperSessionTimeout});
}

void Nimbus::handle(sim::Context& context, const sim::Message& message) {
    if (m_zk.handle(context, message)) {
        for (zookeeper::Event& event : m_zk.takeEvents()) {
            onZookeeper(context, event);
        }
        return;
    }
    if (const auto* beats = message.as<WorkerBeats>()) {
        onBeats(context, *beats);
    } else if (const auto* timer = message.as<DaemonTimer>()) {
        if (timer->purpose == static_cast<std::uint32_t>(Timer::Round)) {
            if (timer->value == m_leadership) {
                beginRound(context);
            }
        } else {
            assignAll(context);
        }
    } else if (const auto* submission = message.as<SubmitTopology>()) {
        submit(context, *submission);
    } else if (const auto* stored = message.as<BlobStored>()) {
        if (const auto found = m_submissions.find(stored->topologyId); found != m_submissions.end()) {
            m_zk.create(context, tag(Ask::NewBase), paths::under(paths::storms, stored->topologyId),
                        found->second.topology.base.encode());
        }
    } else if (const auto* fetch = message.as<FetchTopology>()) {
        context.spend(cost::daemonMessage);
        if (TopologyRef code = readTopology(context.disk(), blobFile(fetch->topologyId))) {
            context.transmit(context.connection(), makeRef<TopologyCode>(fetch->topologyId, std::move(code)));
        }
    } else if (message.as<sim::ConnectionClosed>() != nullptr) {
        std::erase_if(m_nodes, [&](const auto& each) { return each.second == context.connection(); });
    }
}

void Nimbus::onZookeeper(sim::Context& context, zookeeper::Event& event) {
    if (const auto* connected = std::get_if<zookeeper::Connected>(&event)) {
        if (connected->isNewSession) {
            contend(context);
        }
    } else if (std::holds_alternative<zookeeper::SessionExpired>(event)) {
        m_phase = Phase::Connecting;
        m_zk.start(context, {std::string{nimbusProcess}, m_config.zookeeper, m_config.zookeeperSessionTimeout});
    } else if (const auto* fired = std::get_if<zookeeper::WatchFired>(&event)) {
        if (m_phase == Phase::Contending && fired->path == paths::leaderLock) {
            m_zk.getChildren(context, tag(Ask::Contenders), std::string{paths::leaderLock}, true);
        }
    } else if (auto* reply = std::get_if<zookeeper::Reply>(&event)) {
        onReply(context, *reply);
    }
}

/// Takes a place in the line for leadership: the lowest sequence number leads.
void Nimbus::contend(sim::Context& context) {
    m_phase = Phase::Contending;
    for (const std::string_view parent : {paths::root, paths::storms, paths::assignments, paths::supervisors,
                                          paths::nimbuses, paths::leaderLock, paths::blobstore}) {
        m_zk.create(context, tag(Ask::Parent), std::string{parent}, {});
    }
    m_zk.create(context, tag(Ask::Presence),
                paths::under(paths::nimbuses, fmt::format("{}:{}", context.hostName(), m_config.nimbusPort.value)), {},
                zookeeper::CreateMode::Ephemeral);
    m_zk.createSequential(context, tag(Ask::Lock), paths::under(paths::leaderLock, placePrefix(m_zk.session())),
                          context.hostName(), true);
}

void Nimbus::onReply(sim::Context& context, zookeeper::Reply& reply) {
    if (reply.error == zookeeper::ErrorCode::SessionExpired) {
        return;
    }
    const bool isOk = reply.error == zookeeper::ErrorCode::Ok;
    const std::string name{lastName(reply.path)};
    switch (static_cast<Ask>(reply.tag.kind)) {
        case Ask::Parent:
        case Ask::Presence:
            break;
        case Ask::Lock:
            if (isOk) {
                m_zk.getChildren(context, tag(Ask::Contenders), std::string{paths::leaderLock}, true);
            } else if (m_phase == Phase::Contending) {
                contend(context);  // The connection was lost, and with it perhaps the parents (NoNode).
            }
            break;
        case Ask::Contenders:
            if (isOk && m_phase == Phase::Contending && !reply.children.empty() &&
                std::min_element(reply.children.begin(), reply.children.end(), standsBefore)
                    ->starts_with(placePrefix(m_zk.session()))) {
                recover(context);
            }
            break;
        case Ask::Storms:
            m_topologies.clear();
            m_outstanding = static_cast<std::uint32_t>(reply.children.size()) * 2;
            for (const std::string& id : reply.children) {
                m_zk.getData(context, tag(Ask::Base), paths::under(paths::storms, id));
                m_zk.getData(context, tag(Ask::RecoveredAssignment), paths::under(paths::assignments, id));
            }
            if (m_outstanding == 0) {
                lead(context);
            }
            break;
        case Ask::Base:
            if (auto base = StormBase::decode(reply.data); isOk && base) {
                m_topologies[name].base = std::move(*base);
                m_topologies[name].code = readTopology(context.disk(), blobFile(name));
            }
            if (--m_outstanding == 0) {
                lead(context);
            }
            break;
        case Ask::RecoveredAssignment:
            if (auto assignment = Assignment::decode(reply.data); isOk && assignment) {
                m_topologies[name].assignment = std::move(*assignment);
                m_topologies[name].isWritten = true;
            }
            if (--m_outstanding == 0) {
                lead(context);
            }
            break;
        case Ask::Supervisors:
            m_seen.clear();
            m_outstanding = static_cast<std::uint32_t>(reply.children.size());
            for (const std::string& node : reply.children) {
                m_zk.getData(context, tag(Ask::Supervisor), paths::under(paths::supervisors, node));
            }
            if (m_outstanding == 0) {
                m_supervisors.clear();
                decide(context);
            }
            break;
        case Ask::Supervisor:
            if (auto info = SupervisorInfo::decode(reply.data); isOk && info) {
                m_seen[name] = std::move(*info);
            }
            if (--m_outstanding == 0) {
                m_supervisors = m_seen;
                decide(context);
            }
            break;
        case Ask::NewBase:
            finishSubmission(context, reply);
            break;
        case Ask::NewAssignment: {
            Known* known = m_topologies.contains(name) ? &m_topologies[name] : nullptr;
            if (isOk && known != nullptr) {
                known->isWritten = true;
                for (const auto& [node, connection] : m_nodes) {
                    context.transmit(connection, makeRef<AssignmentsChanged>());
                }
            } else if (known != nullptr && reply.error == zookeeper::ErrorCode::NodeExists) {
                m_zk.setData(context, tag(Ask::NewAssignment), reply.path, known->assignment.encode());
            } else if (known != nullptr && reply.error == zookeeper::ErrorCode::ConnectionLoss) {
                m_zk.create(context, tag(Ask::NewAssignment), reply.path, known->assignment.encode());
            }
            break;
        }
    }
}

void Nimbus::recover(sim::Context& context) {
    m_phase = Phase::Recovering;
    m_zk.getChildren(context, tag(Ask::Storms), std::string{paths::storms});
}

void Nimbus::lead(sim::Context& context) {
    m_phase = Phase::Leading;
    ++m_leadership;
    m_leaderSince = context.now();
    m_reported.clear();
    m_beats.clear();
    m_beatsReady = false;
    std::erase_if(m_topologies, [](const auto& each) { return !each.second.code; });
    for (const auto& [id, topology] : m_topologies) {
        // Ids end in <counter>-<seconds>.
        ++m_submitCount;
        context.journal({"storm.nimbus-recovered",
                         sim::Severity::Notice,
                         fmt::format("Nimbus leads and goes on with {} where it stopped", topology.base.name),
                         {{"topology", topology.base.name},
                          {"id", id},
                          {"executors", std::to_string(topology.assignment.executors.size())}}});
    }
    context.arm(m_config.monitorFrequency,
                makeRef<DaemonTimer>(static_cast<std::uint32_t>(Timer::Round), m_leadership));
}

void Nimbus::submit(sim::Context& context, const SubmitTopology& submission) {
    context.spend(cost::daemonMessage);
    const std::string& name = submission.topology->name;
    const auto answer = [&](SubmitAnswer::Outcome outcome, const std::string& id) {
        context.transmit(context.connection(), makeRef<SubmitAnswer>(outcome, id));
    };
    if (m_phase != Phase::Leading) {
        answer(SubmitAnswer::Outcome::NotLeader, {});
        return;
    }
    for (const auto& [id, known] : m_topologies) {
        if (known.base.name == name) {
            answer(SubmitAnswer::Outcome::AlreadyAlive, id);
            return;
        }
    }
    const std::string id = fmt::format("{}-{}-{}", name, ++m_submitCount, context.clockMillis() / 1000);
    Known known;
    known.base = {name, TopologyStatus::Active, submission.topology->config.workers, context.clockMillis()};
    known.code = submission.topology;
    if (!context.replace(blobFile(id), makeRef<TopologyChunk>(submission.topology))) {
        answer(SubmitAnswer::Outcome::Refused, {});
        return;
    }
    m_submissions[id] = {context.connection(), std::move(known)};
    context.flush(blobFile(id), makeRef<BlobStored>(id));
}

void Nimbus::finishSubmission(sim::Context& context, const zookeeper::Reply& reply) {
    const std::string id{lastName(reply.path)};
    const auto found = m_submissions.find(id);
    if (found == m_submissions.end()) {
        return;
    }
    if (reply.error == zookeeper::ErrorCode::ConnectionLoss) {
        m_zk.create(context, tag(Ask::NewBase), reply.path, found->second.topology.base.encode());
        return;
    }
    const TopologyRef& code = found->second.topology.code;
    context.journal({"storm.topology-submitted",
                     sim::Severity::Notice,
                     fmt::format("Topology {} is submitted: {} components, {} tasks", code->name,
                                 code->components.size(), code->taskCount()),
                     {{"topology", code->name}, {"id", id}, {"workers", std::to_string(code->config.workers)}}});
    context.transmit(found->second.client, makeRef<SubmitAnswer>(SubmitAnswer::Outcome::Accepted, id));
    m_topologies[id] = std::move(found->second.topology);
    m_submissions.erase(found);
}

void Nimbus::onBeats(sim::Context& context, const WorkerBeats& beats) {
    context.spend(cost::daemonMessage);
    if (beats.isReport) {
        m_nodes[beats.node] = context.connection();
    }
    if (m_phase != Phase::Leading) {
        return;
    }
    m_reported.insert(beats.node);
    for (const WorkerBeat& beat : beats.beats) {
        auto& known = m_beats[beat.topologyId];
        for (const ExecutorRange& executor : beat.executors) {
            const auto [place, isNew] = known.try_emplace(executor, Beat{beat.time, context.now()});
            if (!isNew && place->second.said != beat.time) {
                place->second = {beat.time, context.now()};
            }
        }
    }
}

void Nimbus::beginRound(sim::Context& context) {
    if (m_phase != Phase::Leading) {
        return;  // The next leadership begins its own rounds.
    }
    ++m_rounds;
    context.spend(cost::schedulingRound);
    context.arm(m_config.monitorFrequency,
                makeRef<DaemonTimer>(static_cast<std::uint32_t>(Timer::Round), m_leadership));
    m_zk.getChildren(context, tag(Ask::Supervisors), std::string{paths::supervisors});
}

bool Nimbus::beatsAreReady(sim::Context& context) {
    if (m_beatsReady) {
        return true;
    }
    std::vector<std::string> missing;
    for (const auto& [id, topology] : m_topologies) {
        for (const auto& [node, host] : topology.assignment.hosts) {
            if (!m_reported.contains(node) && std::find(missing.begin(), missing.end(), node) == missing.end()) {
                missing.push_back(node);
            }
        }
    }
    if (!missing.empty() && context.now() - m_leaderSince <= m_config.heartbeatsMaxTimeout) {
        return false;
    }
    m_beatsReady = true;
    if (!missing.empty()) {
        context.journal({"storm.heartbeats-missing",
                         sim::Severity::Warning,
                         fmt::format("Nimbus no longer waits for heartbeats of {}", fmt::join(missing, ", ")),
                         {{"nodes", fmt::format("{}", fmt::join(missing, ","))}}});
    }
    return true;
}

SimDuration Nimbus::taskTimeoutOf(const Known& known) const {
    const auto& own = known.code->config.workerTimeout;
    return own ? std::min(*own, m_config.workerMaxTimeout) : m_config.taskTimeout;
}

SimTime Nimbus::aliveUntil(const std::string& id, const Known& known, const ExecutorRange& executor,
                           const Assignment::Place& place) const {
    const SimTime launched = place.since + m_config.taskLaunch;
    const auto topology = m_beats.find(id);
    if (topology == m_beats.end()) {
        return launched;
    }
    const auto beat = topology->second.find(executor);
    return beat == topology->second.end() ? launched : std::max(launched, beat->second.heard + taskTimeoutOf(known));
}

ExecutorSlots Nimbus::aliveExecutors(const std::string& id, const Known& topology, SimTime now) const {
    ExecutorSlots alive;
    for (const auto& [executor, place] : topology.assignment.executors) {
        if (now < aliveUntil(id, topology, executor, place)) {
            alive[executor] = place.slot;
        }
    }
    return alive;
}

/// Decides only what can be decided; the verdict on silent executors falls a moment later, with what silenced them as
/// its cause.
void Nimbus::decide(sim::Context& context) {
    if (m_phase != Phase::Leading || !beatsAreReady(context)) {
        return;
    }
    context.spend(cost::schedulingRound);
    const auto verdict = makeRef<DaemonTimer>(static_cast<std::uint32_t>(Timer::Decide));
    for (const auto& [id, topology] : m_topologies) {
        const ExecutorSlots alive = aliveExecutors(id, topology, context.now());
        for (const auto& [executor, place] : topology.assignment.executors) {
            if (alive.contains(executor)) {
                continue;
            }
            const auto host = topology.assignment.hosts.find(place.slot.node);
            const sim::ProcessId worker =
                host == topology.assignment.hosts.end()
                    ? sim::noProcess
                    : context.findProcess(workerProcessName(topology.base.name, place.slot.port, host->second));
            if (worker != sim::noProcess) {
                context.waitFor(worker, SimDuration{0}, verdict);
                return;
            }
        }
    }
    assignAll(context);
}

void Nimbus::assignAll(sim::Context& context) {
    if (m_phase != Phase::Leading) {
        return;
    }
    std::set<Slot> hidden;
    std::set<Slot> used;
    for (const auto& [id, topology] : m_topologies) {
        const ExecutorSlots alive = aliveExecutors(id, topology, context.now());
        for (const auto& [executor, place] : topology.assignment.executors) {
            (alive.contains(executor) ? used : hidden).insert(place.slot);
        }
        if (alive.size() < topology.assignment.executors.size()) {
            journalDead(context, id, topology);
        }
    }
    for (auto& [id, topology] : m_topologies) {
        assign(context, id, topology, used, hidden);
        for (const auto& [executor, place] : topology.assignment.executors) {
            used.insert(place.slot);
        }
    }
}

void Nimbus::assign(sim::Context& context, const std::string& id, Known& topology, const std::set<Slot>& used,
                    const std::set<Slot>& hidden) {
    SchedulingRequest request;
    request.workers = topology.base.workers;
    request.executors = topology.code->executors();
    request.alive = aliveExecutors(id, topology, context.now());
    for (const auto& [node, info] : m_supervisors) {
        for (const sim::Port port : info.ports) {
            const Slot slot{node, port};
            request.knownSlots.push_back(slot);
            if (!used.contains(slot) && !hidden.contains(slot)) {
                request.freeSlots.push_back(slot);
            }
        }
    }
    Assignment next;
    for (const auto& [executor, slot] : schedule(request)) {
        const auto before = topology.assignment.executors.find(executor);
        const bool stays = before != topology.assignment.executors.end() && before->second.slot == slot &&
                           request.alive.contains(executor);
        next.executors[executor] = {slot, stays ? before->second.since : context.now()};
        const auto info = m_supervisors.find(slot.node);
        next.hosts[slot.node] = info != m_supervisors.end() ? info->second.host : topology.assignment.hosts[slot.node];
    }
    if (next == topology.assignment) {
        return;
    }
    journalAssignment(context, topology, std::exchange(topology.assignment, next));
    for (const auto& [executor, place] : next.executors) {
        if (!request.alive.contains(executor)) {
            m_beats[id].erase(executor);
        }
    }
    const std::string path = paths::under(paths::assignments, id);
    if (topology.isWritten) {
        m_zk.setData(context, tag(Ask::NewAssignment), path, next.encode());
    } else {
        m_zk.create(context, tag(Ask::NewAssignment), path, next.encode());
    }
}

void Nimbus::journalDead(sim::Context& context, const std::string& id, const Known& topology) const {
    const ExecutorSlots alive = aliveExecutors(id, topology, context.now());
    std::map<Slot, std::vector<ExecutorRange>> dead;
    for (const auto& [executor, place] : topology.assignment.executors) {
        if (!alive.contains(executor)) {
            dead[place.slot].push_back(executor);
        }
    }
    for (const auto& [slot, executors] : dead) {
        context.journal(
            {"storm.tasks-dead",
             sim::Severity::Warning,
             fmt::format("Executors {} of {} on {}:{} are dead: no heartbeat for {}", toText(executors),
                         topology.base.name, slot.node, slot.port.value, millrace::toText(taskTimeoutOf(topology))),
             {{"topology", topology.base.name},
              {"node", slot.node},
              {"port", std::to_string(slot.port.value)},
              {"executors", toText(executors)},
              {"count", std::to_string(executors.size())}}});
    }
}

void Nimbus::journalAssignment(sim::Context& context, const Known& topology, const Assignment& before) const {
    const bool isFirst = before.executors.empty();
    std::vector<ExecutorRange> moved;
    for (const auto& [executor, place] : topology.assignment.executors) {
        const auto old = before.executors.find(executor);
        if (old == before.executors.end() || !(old->second.slot == place.slot)) {
            moved.push_back(executor);
        }
    }
    std::string slots;
    for (const auto& [slot, executors] : topology.assignment.bySlot()) {
        slots += fmt::format("{}{}:{}={}", slots.empty() ? "" : "; ", slot.node, slot.port.value, toText(executors));
    }
    const std::size_t missing = topology.code->executors().size() - topology.assignment.executors.size();
    context.journal(
        {isFirst ? "storm.assigned" : "storm.reassigned",
         sim::Severity::Notice,
         isFirst ? fmt::format("{} is assigned to {} {}", topology.base.name, topology.assignment.bySlot().size(),
                               topology.assignment.bySlot().size() == 1 ? "worker" : "workers")
                 : fmt::format("{} of {}'s executors move", moved.size(), topology.base.name),
         {{"topology", topology.base.name},
          {"moved", toText(moved)},
          {"count", std::to_string(moved.size())},
          {"without_slot", std::to_string(missing)},
          {"slots", slots}}});
}

void Nimbus::sample(sim::MetricSink& sink) const {
    sink.gauge("topologies", static_cast<double>(m_topologies.size()));
    sink.gauge("supervisors", static_cast<double>(m_supervisors.size()));
}

Ref<const sim::Blueprint> makeNimbusBlueprint(ClusterConfig config) {
    return makeRef<NimbusBlueprint>(std::move(config));
}

namespace {

/// Connects, submits, waits for the answer; begins again after a second when anything goes wrong.
class Submitter final : public sim::ActorBase<Submitter> {
public:
    Submitter(ClusterConfig config, TopologyRef topology)
        : m_config(std::move(config)), m_topology(std::move(topology)) {}

    void start(sim::Context& context) override { connect(context); }

    void handle(sim::Context& context, const sim::Message& message) override {
        if (message.as<sim::ConnectionOpened>() != nullptr) {
            context.transmit(m_connection, makeRef<SubmitTopology>(m_topology));
        } else if (const auto* answer = message.as<SubmitAnswer>()) {
            if (answer->outcome == SubmitAnswer::Outcome::NotLeader) {
                context.close(m_connection);
                retry(context);
                return;
            }
            if (answer->outcome == SubmitAnswer::Outcome::Refused) {
                context.journal({"storm.submission-refused",
                                 sim::Severity::Error,
                                 fmt::format("Nimbus cannot store {}: its disk is full", m_topology->name),
                                 {{"topology", m_topology->name}}});
            }
            context.kill(context.process(), sim::ProcessExited::Reason::Finished);
        } else if (message.as<DaemonTimer>() != nullptr) {
            connect(context);
        } else if ((message.as<sim::ConnectionFailed>() != nullptr || message.as<sim::ConnectionClosed>() != nullptr) &&
                   context.connection() == m_connection) {
            retry(context);
        }
    }

private:
    void connect(sim::Context& context) {
        m_connection = context.connect(context.findHost(m_config.nimbusHost), m_config.nimbusPort);
    }
    void retry(sim::Context& context) {
        m_connection = sim::noConnection;
        context.arm(std::chrono::seconds{1}, makeRef<DaemonTimer>(0U));
    }

    ClusterConfig m_config;
    TopologyRef m_topology;
    sim::ConnectionId m_connection = sim::noConnection;
};

class SubmitterBlueprint final : public sim::Blueprint {
public:
    SubmitterBlueprint(ClusterConfig config, TopologyRef topology)
        : m_config(std::move(config)), m_topology(std::move(topology)), m_name("submit/" + m_topology->name) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        context.addActor("client", makeRef<Submitter>(m_config, m_topology));
    }
    [[nodiscard]] const TopologyRef& topology() const { return m_topology; }

private:
    ClusterConfig m_config;
    TopologyRef m_topology;
    std::string m_name;
};

}  // namespace

Ref<const sim::Blueprint> makeSubmitterBlueprint(ClusterConfig config, TopologyRef topology) {
    return makeRef<SubmitterBlueprint>(std::move(config), std::move(topology));
}

TopologyRef submittedTopology(const sim::Blueprint& blueprint) {
    const auto* submitter = dynamic_cast<const SubmitterBlueprint*>(&blueprint);
    return submitter != nullptr ? submitter->topology() : TopologyRef{};
}

}  // namespace millrace::storm
