#include "engine/storm/cluster/nimbus.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/storm/cost.h"
#include "engine/storm/journal_kinds.h"
#include "engine/storm/names.h"

// Who is alive: heartbeats, and the rounds in which they are judged.

namespace millrace::storm {

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
    m_nextRound = context.now() + m_config.monitorFrequency;
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
        context.journal({happened::heartbeatsMissing,
                         sim::Severity::Warning,
                         fmt::format("Nimbus no longer waits for heartbeats of {}", fmt::join(missing, ", ")),
                         {{"nodes", fmt::format("{}", fmt::join(missing, ","))}}});
    }
    return true;
}

SimDuration Nimbus::taskTimeoutOf(const Known& known) const {
    return timeoutOf(known.code->config, m_config, m_config.taskTimeout);
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

}  // namespace millrace::storm
