#include "engine/storm/cluster/nimbus.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/sim/metrics.h"
#include "engine/storm/cost.h"
#include "engine/storm/journal_kinds.h"
#include "engine/storm/metrics.h"
#include "engine/storm/names.h"

namespace millrace::storm {

namespace {

constexpr std::string_view blobFolder = "blobs/";

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
    if (message.as<sim::StopRequested>() != nullptr) {
        m_zk.close(context);
        context.kill(context.process(), sim::ProcessExited::Reason::Finished);
    } else if (const auto* beats = message.as<WorkerBeats>()) {
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
        // Whether they were written is not known any more. Whoever submits again is told when they were.
        for (const auto& [id, submission] : std::exchange(m_submissions, {})) {
            context.transmit(submission.client, makeRef<SubmitAnswer>(SubmitAnswer::Outcome::NotLeader, id));
        }
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
        context.journal({happened::nimbusRecovered,
                         sim::Severity::Notice,
                         fmt::format("Nimbus leads and goes on with {} where it stopped", topology.base.name),
                         {field::topology(topology.base.name),
                          {"id", id},
                          {"executors", std::to_string(topology.assignment.executors.size())}}});
    }
    m_nextRound = context.now() + m_config.monitorFrequency;
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
    context.journal({happened::topologySubmitted,
                     sim::Severity::Notice,
                     fmt::format("Topology {} is submitted: {} components, {} tasks", code->name,
                                 code->components.size(), code->taskCount()),
                     {field::topology(code->name), {"id", id}, {"workers", std::to_string(code->config.workers)}}});
    context.transmit(found->second.client, makeRef<SubmitAnswer>(SubmitAnswer::Outcome::Accepted, id));
    m_topologies[id] = std::move(found->second.topology);
    m_submissions.erase(found);
}

void Nimbus::sample(sim::MetricSink& sink) const {
    sink.add(metric::topologies, static_cast<double>(m_topologies.size()));
    sink.add(metric::supervisors, static_cast<double>(m_supervisors.size()));
}

Ref<const sim::Blueprint> makeNimbusBlueprint(ClusterConfig config) {
    return makeRef<NimbusBlueprint>(std::move(config));
}

}  // namespace millrace::storm
