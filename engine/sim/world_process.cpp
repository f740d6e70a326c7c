#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/sim/journal_kinds.h"
#include "engine/sim/operations.h"
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

void World::reconfigure(ProcessId process, Ref<const Blueprint> blueprint) {
    ProcessSlot& slot = processAt(process);
    MILLRACE_CHECK(slot.name() == blueprint->name(), slot.name(), blueprint->name());
    slot.blueprint = std::move(blueprint);
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
    fresh->reporter = m_series.addReporter();
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
    m_series.removeReporter(m_actors[index]->reporter);
    m_actors[index] = makeRef<ActorSlot>();
    m_actors[index]->generation = generation;
    m_freeActors.push_back(index);
}

void World::bootProcess(ProcessId id, JournalId cause) {
    ProcessSlot& process = processAt(id);
    ++process.incarnation;
    // What its parent starts for one task after another is no news.
    const bool isRoutine = process.isChild && process.state == ProcessState::Stopped;
    process.state = ProcessState::Running;
    process.since = m_now;
    const bool isTry = std::exchange(process.startsAgainAt, SimTime::max()) == m_now && process.endedByItself;
    process.endedByItself = false;
    process.isToStop = false;
    process.startsWhenStopped = false;
    process.tries = isTry ? process.tries + 1 : 0;
    if (process.incarnation > 1) {
        JournalDraft draft{happened::processStarted,
                           isRoutine ? Severity::Detail : Severity::Notice,
                           fmt::format("{} starts again on {}", process.name(), m_hosts[process.host.value]->spec.name),
                           {{"incarnation", std::to_string(process.incarnation)}}};
        if (isTry) {
            draft.text += fmt::format(", try {}", process.tries);
            draft.fields.emplace_back("try", std::to_string(process.tries));
        }
        cause = writeJournal(process.name(), std::move(draft), cause);
    }
    closeFaults(FaultKind::Restart, 0, id);
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
        m_queue.push(m_now, EventKind::Mail, index, m_actors[index]->generation, 0, m_startMessage, cause);
    }
}

namespace {

class LastCounters final : public MetricSink {
public:
    LastCounters(PastCounters& past, std::string_view actor) : m_past(past), m_actor(actor) {}
    void add(const Metric& metric, double value, std::string_view label) override {
        if (metric.kind == MetricKind::Counter) {
            m_past.add(m_actor, metric.id, label, value);
        }
    }

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

/// Its own failure ends the process: whoever looks after it starts it again, or not, and says so.
void World::failProcess(ProcessId id, JournalId cause) {
    const bool hadSettled = m_now - m_processes[id.value]->since >= settledAfter;
    endProcess(id, ProcessState::Crashed, ProcessExited::Reason::Crashed, cause, true);
    ProcessSlot& process = processAt(id);
    process.endedByItself = true;
    if (!process.restart) {
        return;
    }
    if (hadSettled || process.tries == 0) {
        process.tries = 0;
        process.failingSince = m_now;
    }
    const RestartPolicy& policy = *process.restart;
    JournalDraft draft{happened::processEnded, Severity::Warning, {}, {{"process", process.name()}}};
    const bool isSpent = policy.limit && process.tries >= *policy.limit;
    if (!policy.isOn || isSpent) {
        draft.text = policy.isOn ? fmt::format("{} ended by itself and stays down: its limit of {} tries is used up",
                                               process.name(), *policy.limit)
                                 : fmt::format("{} ended by itself and stays down: it is not to be started again",
                                               process.name());
        process.silencedBy = writeJournal(process.name(), std::move(draft), cause);
        return;
    }
    process.startsAgainAt = m_now + policy.delay;
    draft.text =
        fmt::format("{} ended by itself; it starts again at {:.3f} s", process.name(), seconds(process.startsAgainAt));
    draft.fields.emplace_back("starts_again_ns", std::to_string(nanoseconds(process.startsAgainAt)));
    draft.fields.emplace_back("try", std::to_string(process.tries + 1));
    process.silencedBy = writeJournal(process.name(), std::move(draft), cause);
    m_queue.push(process.startsAgainAt, EventKind::ProcessStart, id.value, 0, startByManager, nullptr,
                 process.silencedBy);
}

/// A fault holds down what was about to start again: from now on its end is the fault's.
void World::abandonRestart(ProcessId id, ProcessState state, JournalId cause) {
    ProcessSlot& process = processAt(id);
    process.startsAgainAt = SimTime::max();
    process.endedByItself = false;
    process.state = state;
    process.since = m_now;
    process.silencedBy = cause;
}

void World::endProcess(ProcessId id, ProcessState state, ProcessExited::Reason reason, JournalId cause,
                       bool tellPeers) {
    closeFaults(FaultKind::Resume, 0, id);
    ProcessSlot& process = processAt(id);
    // One that dies while it is stopping has not stopped.
    process.isToStop = process.isToStop && state == ProcessState::Stopped;
    if (process.isToStop) {
        cause = writeJournal(
            process.name(),
            JournalDraft{happened::processStopped, Severity::Notice, fmt::format("{} has stopped", process.name()), {}},
            cause);
    }
    const bool isInOrder = process.isToStop;
    const bool startsAgain = std::exchange(process.startsWhenStopped, false) && process.isToStop;
    process.state = state;
    process.since = m_now;
    process.silencedBy = cause;
    keepCounters(process);
    const HostId hostId = process.host;
    for (const Port port : process.listeners) {
        m_network.stopListening(hostId, port);
    }
    process.listeners.clear();
    const std::vector<ConnectionId> connections = std::exchange(process.connections, {});
    const std::vector<std::uint32_t> actors = std::exchange(process.actors, {});
    const std::vector<ActorId> watchers = std::exchange(process.watchers, {});
    for (const ConnectionId connection : connections) {
        closeConnection(connection, isInOrder ? ConnectionClosed::Reason::Closed : ConnectionClosed::Reason::Reset,
                        tellPeers, cause);
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
            m_queue.push(m_now, EventKind::Mail, index, generation, 0, makeRef<ProcessExited>(id, reason), cause);
        }
    }
    if (startsAgain) {
        startAgain(id, cause);
    }
}

}  // namespace millrace::sim
