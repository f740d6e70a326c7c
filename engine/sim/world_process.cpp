#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/sim/world.h"

namespace millrace::sim {

ProcessId World::makeProcess(HostId host, Ref<const Blueprint> blueprint, bool isChild) {
    const std::string& name = blueprint->name();
    MILLRACE_CHECK(!m_processByName.contains(name), name);
    const ProcessId id{static_cast<std::uint32_t>(m_processes.size())};
    m_processByName.set(name, id.value);
    auto process = makeRef<ProcessSlot>();
    process->id = id;
    process->host = host;
    process->blueprint = std::move(blueprint);
    process->isChild = isChild;
    m_processes.push_back(std::move(process));
    return id;
}

std::uint32_t World::makeActor(ProcessId processId, std::string name, Ref<Actor> actor) {
    std::uint32_t index = 0;
    if (m_freeActors.empty()) {
        index = static_cast<std::uint32_t>(m_actors.size());
        m_actors.push_back(makeRef<ActorSlot>());
    } else {
        index = m_freeActors.back();
        m_freeActors.pop_back();
    }
    ProcessSlot& process = processAt(processId);
    const std::uint32_t generation = m_actors[index]->generation + 1;
    auto fresh = makeRef<ActorSlot>();
    fresh->generation = generation;
    fresh->phase = ActorPhase::Idle;
    fresh->process = processId;
    fresh->host = process.host;
    fresh->incarnation = process.incarnation;
    fresh->name = process.name() + "/" + name;
    fresh->nameHash = nameHash64(fresh->name);
    fresh->actor = std::move(actor);
    fresh->random = RandomStream(m_spec.seed, fmt::format("{}#{}", fresh->name, process.incarnation));
    m_actorByName.set(fresh->name, index);
    m_actors[index] = std::move(fresh);
    process.actors.push_back(index);
    return index;
}

void World::freeActor(std::uint32_t index) {
    const std::uint32_t generation = m_actors[index]->generation + 1;
    const std::string name = m_actors[index]->name;
    if (const std::uint32_t* known = m_actorByName.find(name); known != nullptr && *known == index) {
        m_actorByName.erase(name);
    }
    m_actors[index] = makeRef<ActorSlot>();
    m_actors[index]->generation = generation;
    m_freeActors.push_back(index);
}

void World::bootProcess(ProcessId id, JournalId cause) {
    ProcessSlot& process = processAt(id);
    ++process.incarnation;
    process.state = ProcessState::Running;
    process.since = m_now;
    process.endedByFault = false;
    if (process.incarnation > 1) {
        cause = writeJournal(
            process.name(),
            JournalDraft{"sim.process-started",
                         Severity::Notice,
                         fmt::format("{} starts again on {}", process.name(), m_hosts[process.host.value]->spec.name),
                         {{"incarnation", std::to_string(process.incarnation)}}},
            cause);
    }
    m_running.booting = true;
    m_running.process = id;
    m_running.host = process.host;
    m_running.cause = cause;
    m_running.connection = noConnection;
    m_running.ops.clear();
    {
        Context context(*this);
        const Ref<const Blueprint> blueprint = process.blueprint;
        blueprint->boot(context);
    }
    m_running.booting = false;
    MILLRACE_CHECK(m_running.ops.empty(), m_processes[id.value]->name());
    const std::vector<std::uint32_t> actors = m_processes[id.value]->actors;
    for (const std::uint32_t index : actors) {
        pushEvent(m_now, EventKind::Mail, index, m_actors[index]->generation, 0, m_startMessage, cause);
    }
}

namespace {

class LastCounters final : public MetricSink {
public:
    LastCounters(PastCounters& past, std::string_view actor) : m_past(past), m_actor(actor) {}
    void counter(std::string_view name, double value, std::string_view label) override {
        m_past.add(m_actor, name, label, value);
    }
    void gauge(std::string_view, double, std::string_view) override {}

private:
    PastCounters& m_past;
    std::string_view m_actor;
};

}  // namespace

/// An incarnation takes its actors along; what they counted stays with the slot.
void World::keepCounters(ProcessSlot& process) const {
    auto past = process.past ? makeRef<PastCounters>(*process.past) : makeRef<PastCounters>();
    for (const std::uint32_t index : process.actors) {
        const ActorSlot& slot = *m_actors[index];
        if (!slot.hasStarted()) {
            continue;
        }
        LastCounters sink(*past, std::string_view{slot.name}.substr(process.name().size() + 1));
        slot.actor->sample(sink);
    }
    process.past = std::move(past);
}

const PastCounters::Counter* World::pastCounter(std::string_view actor, std::string_view name,
                                                std::string_view label) const {
    const std::size_t slash = actor.rfind('/');
    const ProcessId id = slash == std::string_view::npos ? noProcess : findProcess(actor.substr(0, slash));
    if (id == noProcess || !process(id).past) {
        return nullptr;
    }
    return process(id).past->find(actor.substr(slash + 1), name, label);
}

void World::endProcess(ProcessId id, ProcessState state, ProcessExited::Reason reason, JournalId cause,
                       bool tellPeers) {
    ProcessSlot& process = processAt(id);
    process.state = state;
    process.since = m_now;
    process.silencedBy = cause;
    keepCounters(process);
    const HostId hostId = process.host;
    for (const Port port : process.listeners) {
        m_network.listeners.erase({hostId, port});
    }
    process.listeners.clear();
    const std::vector<ConnectionId> connections = std::exchange(process.connections, {});
    const std::vector<std::uint32_t> actors = std::exchange(process.actors, {});
    const std::vector<ActorId> watchers = std::exchange(process.watchers, {});
    for (const ConnectionId connection : connections) {
        closeEnd(connection, ConnectionClosed::Reason::Reset, tellPeers, cause);
    }
    for (const std::uint32_t index : actors) {
        if (m_actors[index]->phase == ActorPhase::Busy && !m_actors[index]->doneWhilePaused) {
            --hostAt(hostId).coresBusy;
        }
        freeActor(index);
    }
    wantDispatch(hostId);
    for (const ActorId watcher : watchers) {
        const auto index = static_cast<std::uint32_t>(watcher.value & 0xFFFFFFFFU);
        const auto generation = static_cast<std::uint32_t>(watcher.value >> 32U);
        if (m_actors[index]->generation == generation) {
            pushEvent(m_now, EventKind::Mail, index, generation, 0, makeRef<ProcessExited>(id, reason), cause);
        }
    }
}

}  // namespace millrace::sim
