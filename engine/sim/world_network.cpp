#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/sim/journal_kinds.h"
#include "engine/sim/world_wires.h"

namespace millrace::sim {

void World::Wires::arrived(const Endpoint& to, Mail mail) {
    if (m_world.m_actors[to.actor]->generation == to.actorGeneration && !m_world.relay(to.actor, mail)) {
        m_world.post(to.actor, std::move(mail));
    }
}

void World::Wires::told(const Endpoint& to, Mail mail) {
    if (m_world.m_actors[to.actor]->generation == to.actorGeneration) {
        m_world.post(to.actor, std::move(mail));
    }
}

void World::Wires::opened(ProcessId process, ConnectionId end) {
    m_world.processAt(process).connections.push_back(end);
}

void World::Wires::closed(ProcessId process, ConnectionId end) {
    std::erase(m_world.processAt(process).connections, end);
}

ConnectionId World::reserveConnection() {
    const std::uint32_t index = m_running.actor;
    Wires wires(*this);
    return m_network.reserve(wires, Endpoint{m_running.host, m_running.process, index, m_actors[index]->generation});
}

void World::closeConnection(ConnectionId end, ConnectionClosed::Reason reason, bool tellPeer, JournalId cause) {
    Wires wires(*this);
    m_network.close(wires, end, reason, tellPeer, cause);
}

/// A port of a host belongs to the first that listens on it. Whoever comes later ends: that is what brokers, ZooKeeper
/// servers, Storm's daemons and databases make of EADDRINUSE.
void World::listenAt(std::uint32_t index, Port port, JournalId cause) {
    const ActorSlot& actor = *m_actors[index];
    const Endpoint self{actor.host, actor.process, index, actor.generation};
    const Endpoint& listener = m_network.listen(self, port);
    if (listener == self) {
        std::vector<Port>& ports = processAt(actor.process).listeners;
        if (std::find(ports.begin(), ports.end(), port) == ports.end()) {
            ports.push_back(port);
        }
        return;
    }
    const std::string& name = m_processes[actor.process.value]->name();
    const std::string& holder = m_processes[listener.process.value]->name();
    const std::string& host = m_hosts[actor.host.value]->spec.name;
    const JournalId entry = writeJournal(
        name,
        JournalDraft{
            happened::addressInUse,
            Severity::Error,
            fmt::format("{} ends: address in use, {} listens on port {} of {}", name, holder, port.value, host),
            {{"host", host}, {"port", std::to_string(port.value)}, {"holder", holder}}},
        cause);
    failProcess(actor.process, entry);
}

/// What an actor only passes on reaches those whom it is for at once, when nothing that came before waits for the
/// actor.
bool World::relay(std::uint32_t index, Mail& mail) {
    const ActorSlot& actor = *m_actors[index];
    if (actor.phase != ActorPhase::Idle || actor.paused || !actor.mailbox.empty() || !actor.hasStarted()) {
        return false;
    }
    m_running.actor = index;
    m_running.process = actor.process;
    m_running.host = actor.host;
    m_running.connection = mail.connection;
    std::vector<std::pair<ActorId, MessageRef>> parts = std::move(m_running.parts);
    const bool isPassed = actor.actor->relay(Context(*this), *mail.message, parts);
    if (isPassed) {
        Wires wires(*this);
        m_network.taken(wires, mail);
        for (auto& [to, part] : parts) {
            const auto target = static_cast<std::uint32_t>(to.value & 0xFFFFFFFFU);
            if (m_actors[target]->generation == static_cast<std::uint32_t>(to.value >> 32U)) {
                post(target, Mail{std::move(part), mail.cause});
            }
        }
    }
    parts.clear();
    m_running.parts = std::move(parts);
    return isPassed;
}

std::vector<MessageInFlight> World::messagesInFlight(std::size_t max) const {
    std::map<std::pair<ProcessId, ProcessId>, std::vector<MessageInFlight>> byPair;
    m_queue.forEach([&](const Event& event) {
        const Connection* known = event.kind() == EventKind::Arrival ? &m_network.connectionOf(event) : nullptr;
        if (known == nullptr || !known->used || (known->generation & 0xFFFFU) != event.generation()) {
            return;
        }
        const auto sender = static_cast<std::size_t>(event.token() & 1U);
        const Connection::End& from = known->ends[sender];
        const Connection::End& to = known->ends[1 - sender];
        const SimDuration way = m_network.latency(from.host, to.host);
        Digest id;
        id.add(event.time);
        id.add(event.word);
        id.add(event.target);
        const SimTime arrives = atNanoseconds(event.time);
        byPair[{from.process, to.process}].push_back(
            {id.value(), from.process, to.process, std::min(m_now, arrives - way), arrives, event.message->kindName(),
             static_cast<ByteCount>(event.token() >> 1U)});
    });
    std::vector<MessageInFlight> flights;
    for (auto& [pair, messages] : byPair) {
        std::sort(messages.begin(), messages.end(),
                  [](const MessageInFlight& a, const MessageInFlight& b) { return a.id < b.id; });
        messages.resize(std::min(messages.size(), max));
        flights.insert(flights.end(), messages.begin(), messages.end());
    }
    return flights;
}

}  // namespace millrace::sim
