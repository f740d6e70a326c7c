#include <fmt/format.h>

#include <utility>

#include "engine/storm/cluster/nimbus.h"
#include "engine/storm/journal_kinds.h"

// Who runs where: what is assigned after a round, and what the journal says of it.

namespace millrace::storm {

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
            {happened::tasksDead,
             sim::Severity::Warning,
             fmt::format("Executors {} of {} on {}:{} are dead: no heartbeat for {}", toText(executors),
                         topology.base.name, slot.node, slot.port.value, millrace::toText(taskTimeoutOf(topology))),
             {field::topology(topology.base.name),
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
    context.journal({isFirst ? happened::assigned : happened::reassigned,
                     sim::Severity::Notice,
                     isFirst ? fmt::format("Topology {} is assigned to {} {}", topology.base.name,
                                           topology.assignment.bySlot().size(),
                                           topology.assignment.bySlot().size() == 1 ? "worker" : "workers")
                             : fmt::format("{} of {}'s executors move", moved.size(), topology.base.name),
                     {field::topology(topology.base.name),
                      {"moved", toText(moved)},
                      {"count", std::to_string(moved.size())},
                      {"without_slot", std::to_string(missing)},
                      {"slots", slots}}});
}

}  // namespace millrace::storm
