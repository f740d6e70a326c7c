#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/check.h"
#include "engine/sim/world.h"

namespace millrace::sim {

namespace {

constexpr SimDuration loopbackLatency = std::chrono::microseconds{20};
constexpr ByteCount packetBytes = 1460;
/// Linux: the first retransmission after 200 ms, doubling to 120 s, given up after 15 tries (924.6 s in all).
constexpr SimDuration retransmitFirst = std::chrono::milliseconds{200};
constexpr SimDuration retransmitMost = std::chrono::seconds{120};
constexpr SimDuration retransmitGiveUp = std::chrono::milliseconds{924'600};
/// SYN is repeated after 1, 2, 4 ... s.
constexpr SimDuration synFirst = std::chrono::seconds{1};
/// What of the time a GiveUp event can carry to recognise the hold it belongs to.
constexpr std::uint64_t heldSinceMask = (std::uint64_t{1} << 42U) - 1;

// A connection's id names one end of it: generation, end (bit 31), slot.
constexpr std::uint64_t endBit = std::uint64_t{1} << 31U;
std::uint32_t slotOf(ConnectionId id) {
    return static_cast<std::uint32_t>(id.value & (endBit - 1));
}
std::uint32_t generationOf(ConnectionId id) {
    return static_cast<std::uint32_t>(id.value >> 32U);
}
std::size_t endOf(ConnectionId id) {
    return (id.value & endBit) != 0 ? 1 : 0;
}
ConnectionId makeId(std::uint32_t slot, std::uint32_t generation, std::size_t end) {
    return ConnectionId{(static_cast<std::uint64_t>(generation) << 32U) | (end == 0 ? 0 : endBit) | slot};
}
ConnectionId peerOf(ConnectionId id) {
    return ConnectionId{id.value ^ endBit};
}

SimDuration transferTime(ByteCount bytes, ByteCount rate) {
    return SimDuration{static_cast<std::int64_t>(static_cast<double>(bytes) * 1e9 / static_cast<double>(rate))};
}

}  // namespace

std::uint32_t World::pathIndex(HostId from, HostId to) {
    if (const std::uint32_t* known = m_network.pathIndex.find(std::pair{from, to})) {
        return *known;
    }
    const auto index = static_cast<std::uint32_t>(m_network.paths.size());
    m_network.paths.emplace_back().spec.latency = from == to ? loopbackLatency : m_spec.defaultLatency;
    m_network.pathIndex.set(std::pair{from, to}, index);
    return index;
}

const Path* World::knownPath(HostId from, HostId to) const {
    const std::uint32_t* index = m_network.pathIndex.find(std::pair{from, to});
    return index == nullptr ? nullptr : &m_network.paths[*index];
}

SimDuration World::latency(HostId from, HostId to) {
    const Path& path = pathBetween(from, to);
    return path.spec.latency + path.extraDelay;
}

bool World::isBlocked(HostId from, HostId to) const {
    const Path* path = knownPath(from, to);
    return !m_hosts[to.value]->poweredOn || (path != nullptr && path->cut);
}

ConnectionId World::reserveConnection(HostId host, ProcessId process, std::uint32_t actor) {
    std::uint32_t index = 0;
    if (m_network.freeConnections.empty()) {
        index = static_cast<std::uint32_t>(m_network.connections.size());
        m_network.connections.push_back(makeRef<Connection>());
    } else {
        index = m_network.freeConnections.back();
        m_network.freeConnections.pop_back();
    }
    auto fresh = makeRef<Connection>();
    fresh->generation = m_network.connections[index]->generation + 1;
    fresh->used = true;
    fresh->ends[0] = Connection::End{host, process, actor, m_actors[actor]->generation, true, false};
    const ConnectionId id = makeId(index, fresh->generation, 0);
    m_network.connections[index] = std::move(fresh);
    processAt(process).connections.push_back(id);
    return id;
}

Connection* World::connectionAt(ConnectionId id) {
    if (std::as_const(*this).connectionAt(id) == nullptr) {
        return nullptr;
    }
    return &writable(m_network.connections[slotOf(id)]);
}

const Connection* World::connectionAt(ConnectionId id) const {
    const std::uint32_t index = slotOf(id);
    if (index >= m_network.connections.size()) {
        return nullptr;
    }
    const Connection* connection = m_network.connections[index].get();
    return connection->used && connection->generation == generationOf(id) ? connection : nullptr;
}

std::size_t World::endOf(ConnectionId id) {
    return sim::endOf(id);
}

void World::freeConnection(ConnectionId id) {
    const std::uint32_t index = slotOf(id);
    auto empty = makeRef<Connection>();
    empty->generation = m_network.connections[index]->generation;
    m_network.connections[index] = std::move(empty);
    m_network.freeConnections.push_back(index);
}

// --- opening --------------------------------------------------------------------------------------------------------

/// A port of a host belongs to the first that listens on it. Whoever comes later ends: that is what brokers, ZooKeeper
/// servers, Storm's daemons and databases make of EADDRINUSE.
void World::listenAt(std::uint32_t index, Port port, JournalId cause) {
    const ActorSlot& actor = *m_actors[index];
    const auto [at, isNew] = m_network.listeners.try_emplace({actor.host, port}, std::pair{index, actor.generation});
    if (isNew) {
        processAt(actor.process).listeners.push_back(port);
        return;
    }
    if (at->second == std::pair{index, actor.generation}) {
        return;
    }
    const std::string& name = m_processes[actor.process.value]->name();
    const std::string& holder = m_processes[m_actors[at->second.first]->process.value]->name();
    const std::string& host = m_hosts[actor.host.value]->spec.name;
    const JournalId entry = writeJournal(
        name,
        JournalDraft{
            "sim.address-in-use",
            Severity::Error,
            fmt::format("{} ends: address in use, {} listens on port {} of {}", name, holder, port.value, host),
            {{"host", host}, {"port", std::to_string(port.value)}, {"holder", holder}}},
        cause);
    failProcess(actor.process, entry);
}

void World::startConnect(ConnectionId id, HostId to, Port port, SimDuration timeout, JournalId cause) {
    Connection* connection = connectionAt(id);
    if (connection == nullptr) {
        return;
    }
    connection->port = port;
    connection->connectDeadline = m_now + timeout;
    connection->ends[1].host = to;
    const SimTime at = m_now + latency(connection->ends[0].host, to);
    pushEvent(at, EventKind::ConnectTry, slotOf(id), generationOf(id), 0, nullptr, cause);
}

void World::tryConnect(const Event& event) {
    const std::uint32_t generation = m_network.connections[event.target]->generation;
    const ConnectionId id = makeId(event.target, generation, 0);
    Connection* connection = connectionAt(id);
    if (connection == nullptr || (generation & 0xFFFFU) != event.generation() || !connection->ends[0].open) {
        return;
    }
    const HostId from = connection->ends[0].host;
    const HostId to = connection->ends[1].host;
    const auto answer = [&](SimTime at, MessageRef message) {
        pushEvent(at, EventKind::ConnectDone, event.target, generation, 0, std::move(message), event.cause);
    };
    if (isBlocked(from, to) || isBlocked(to, from)) {
        const SimTime next = m_now + synFirst * (std::int64_t{1} << std::min<std::uint64_t>(event.token(), 16));
        if (next < connection->connectDeadline) {
            pushEvent(next, EventKind::ConnectTry, event.target, generation, event.token() + 1, nullptr, event.cause);
        } else {
            answer(std::max(m_now, connection->connectDeadline),
                   makeRef<ConnectionFailed>(ConnectionFailed::Reason::TimedOut));
        }
        return;
    }
    const SimTime back = m_now + latency(to, from);
    const auto listener = m_network.listeners.find({to, connection->port});
    if (listener == m_network.listeners.end()) {
        answer(back, makeRef<ConnectionFailed>(ConnectionFailed::Reason::Refused));
        return;
    }
    const auto [actor, actorGeneration] = listener->second;
    const ProcessId process = m_actors[actor]->process;
    connection->ends[1] = Connection::End{to, process, actor, actorGeneration, true, true};
    processAt(process).connections.push_back(peerOf(id));
    pushMail(actor, actorGeneration, peerOf(id),
             makeRef<ConnectionAccepted>(from, connection->ends[0].process, connection->port), event.cause);
    answer(back, makeRef<ConnectionOpened>());
}

void World::finishConnect(const Event& event, MessageRef message) {
    const std::uint32_t generation = m_network.connections[event.target]->generation;
    const ConnectionId id = makeId(event.target, generation, 0);
    Connection* connection = connectionAt(id);
    if (connection == nullptr || (generation & 0xFFFFU) != event.generation() || !connection->ends[0].open) {
        return;
    }
    Connection::End& end = connection->ends[0];
    const bool opened = message->as<ConnectionOpened>() != nullptr;
    if (opened && !connection->ends[1].open) {
        // The acceptor is gone already: its reset is under way and tells the story.
        message = makeRef<ConnectionFailed>(ConnectionFailed::Reason::Refused);
    }
    const bool works = opened && connection->ends[1].open;
    post(end.actor, Mail{std::move(message), event.cause, id});
    connection = connectionAt(id);
    if (connection == nullptr) {
        return;
    }
    if (works) {
        connection->ends[0].ready = true;
        drainWaiting(id, *connection);
    } else {
        auto& known = processAt(connection->ends[0].process).connections;
        std::erase(known, id);
        freeConnection(id);
    }
}

// --- sending --------------------------------------------------------------------------------------------------------

void World::transmit(ConnectionId id, MessageRef message, JournalId cause) {
    Connection* connection = connectionAt(id);
    if (connection == nullptr) {
        return;
    }
    const std::size_t end = sim::endOf(id);
    if (!connection->ends[end].open) {
        return;
    }
    Flow& flow = connection->flows[end];
    const ByteCount size = message->wireSize();
    Mail mail{std::move(message), cause, peerOf(id), static_cast<std::uint32_t>(size)};
    const bool fits = flow.inFlight == 0 || flow.inFlight + size <= Context::connectionWindow;
    if (!connection->ends[end].ready || !flow.waiting.empty() || !fits) {
        flow.waitingBytes += size;
        flow.waiting.push(std::move(mail));
        return;
    }
    sendOnWire(id, *connection, std::move(mail));
}

/// From the end that `id` names to the other.
void World::sendOnWire(ConnectionId id, Connection& connection, Mail mail) {
    const std::size_t e = sim::endOf(id);
    Flow& flow = connection.flows[e];
    const HostId from = connection.ends[e].host;
    const HostId to = connection.ends[1 - e].host;
    const auto size = static_cast<ByteCount>(mail.takes);
    flow.inFlight += size;
    if (connection.paths[e] == Connection::noPath) {
        connection.paths[e] = pathIndex(from, to);
    }
    Path& path = m_network.paths[connection.paths[e]];
    SimTime sent = m_now;
    if (from != to) {
        const ByteCount packets = size / packetBytes + 1;
        ByteCount onWire = size;
        SimDuration late{0};
        if (path.duplicate > 0) {
            onWire += static_cast<ByteCount>(static_cast<double>(size) * path.duplicate);
        }
        if (path.loss > 0) {
            double anyLost = 1.0 - std::pow(1.0 - path.loss, static_cast<double>(packets));
            SimDuration wait = retransmitFirst;
            for (int round = 0; round < 15 && m_network.random.chance(anyLost); ++round) {
                late += wait;
                wait = std::min(wait * 2, retransmitMost);
                onWire += packetBytes;
                anyLost = path.loss;
            }
        }
        Host& host = hostAt(from);
        sent = std::max(m_now, host.cardFreeAt) + transferTime(onWire, host.spec.cardRate);
        host.cardFreeAt = sent;
        host.bytesSent += onWire;
        if (path.spec.rate > 0) {
            sent = std::max(sent, path.freeAt + transferTime(onWire, path.spec.rate));
            path.freeAt = sent;
        }
        path.bytes += onWire;
        sent += late;
    }
    flow.lastArrival = std::max(flow.lastArrival, sent + path.spec.latency + path.extraDelay);
    const std::uint64_t token = (static_cast<std::uint64_t>(mail.takes) << 1U) | e;
    pushEvent(flow.lastArrival, EventKind::Arrival, slotOf(id), connection.generation, token, std::move(mail.message),
              mail.cause);
}

void World::drainWaiting(ConnectionId id, Connection& connection) {
    const std::size_t end = sim::endOf(id);
    Flow& flow = connection.flows[end];
    while (!flow.waiting.empty()) {
        const auto size = static_cast<ByteCount>(flow.waiting.front().takes);
        if (flow.inFlight > 0 && flow.inFlight + size > Context::connectionWindow) {
            break;
        }
        flow.waitingBytes -= size;
        sendOnWire(id, connection, flow.waiting.pop());
    }
    if (flow.wantsWritable && flow.waitingBytes == 0 && flow.inFlight <= Context::connectionWindow / 2) {
        flow.wantsWritable = false;
        const Connection::End& sender = connection.ends[end];
        if (sender.open) {
            pushMail(sender.actor, sender.actorGeneration, id, makeRef<ConnectionWritable>(), noEntry);
        }
    }
}

void World::releaseWindow(const Mail& mail) {
    const ConnectionId sender = peerOf(mail.connection);
    Connection* connection = connectionAt(sender);
    if (connection == nullptr) {
        return;
    }
    connection->flows[sim::endOf(sender)].inFlight -= static_cast<ByteCount>(mail.takes);
    drainWaiting(sender, *connection);
}

/// A message for an actor that comes along with a connection's id, as an event of its own.
void World::pushMail(std::uint32_t actor, std::uint32_t actorGeneration, ConnectionId id, MessageRef message,
                     JournalId cause) {
    const std::uint64_t token = (id.value & 0xFFFFFFFFU) + 1;
    pushEvent(m_now, EventKind::Mail, actor, actorGeneration, token, std::move(message), cause);
}

/// The connection whose id was packed into the token of a Mail event.
ConnectionId World::connectionOfMail(std::uint64_t token) const {
    if (token == 0) {
        return noConnection;
    }
    const std::uint64_t low = token - 1;
    const auto slotIndex = static_cast<std::uint32_t>(low & (endBit - 1));
    return ConnectionId{(static_cast<std::uint64_t>(m_network.connections[slotIndex]->generation) << 32U) | low};
}

// --- arriving -------------------------------------------------------------------------------------------------------

void World::arrive(const Event& event, MessageRef message) {
    const Ref<Connection>& known = m_network.connections[event.target];
    if (!known->used || (known->generation & 0xFFFFU) != event.generation()) {
        return;
    }
    const auto sender = static_cast<std::size_t>(event.token() & 1U);
    const ConnectionId receiver = makeId(event.target, known->generation, 1 - sender);
    Mail mail{std::move(message), event.cause, receiver, static_cast<std::uint32_t>(event.token() >> 1U)};
    const bool blocked =
        known->ends[0].host != known->ends[1].host &&
        (known->paths[sender] == Connection::noPath
             ? isBlocked(known->ends[sender].host, known->ends[1 - sender].host)
             : m_network.paths[known->paths[sender]].cut || !m_hosts[known->ends[1 - sender].host.value]->poweredOn);
    if (blocked || !known->flows[sender].held.empty()) {
        hold(std::move(mail));
        return;
    }
    deliverTo(std::move(mail));
}

/// Hands a message to the end that its `connection` names.
void World::deliverTo(Mail mail) {
    const ConnectionId id = mail.connection;
    Connection* connection = connectionAt(id);
    if (connection == nullptr) {
        return;
    }
    const std::size_t end = sim::endOf(id);
    Connection::End& receiver = connection->ends[end];
    hostAt(receiver.host).bytesReceived += mail.takes;
    const bool closing = mail.message->as<ConnectionClosed>() != nullptr;
    if (!receiver.open) {
        // Nobody there any more: what comes in is answered with a reset.
        if (!closing && connection->ends[1 - end].open) {
            const SimDuration back = latency(receiver.host, connection->ends[1 - end].host);
            pushEvent(m_now + back, EventKind::Arrival, slotOf(id), connection->generation, end,
                      makeRef<ConnectionClosed>(ConnectionClosed::Reason::Reset), mail.cause);
        }
        return;
    }
    const std::uint32_t actor = receiver.actor;
    const std::uint32_t generation = receiver.actorGeneration;
    if (closing) {
        receiver.open = false;
        std::erase(processAt(receiver.process).connections, id);
        mail.takes = 0;
        freeConnection(id);  // The other end closed before it sent this.
    }
    if (m_actors[actor]->generation == generation && !relay(actor, mail)) {
        post(actor, std::move(mail));
    }
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
        releaseWindow(mail);
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

void World::hold(Mail mail) {
    const ConnectionId sender = peerOf(mail.connection);
    Connection* connection = connectionAt(sender);
    Flow& flow = connection->flows[sim::endOf(sender)];
    if (flow.held.empty()) {
        flow.heldSince = m_now;
        const std::uint64_t since = static_cast<std::uint64_t>(nanoseconds(m_now)) & heldSinceMask;
        pushEvent(m_now + retransmitGiveUp, EventKind::GiveUp, slotOf(sender), connection->generation,
                  (since << 1U) | sim::endOf(sender), nullptr, mail.cause);
    }
    flow.held.push(std::move(mail));
}

/// The way is open again: what was held goes out at TCP's next retransmission.
void World::releaseHeld(HostId from, HostId to) {
    for (std::uint32_t index = 0; index < m_network.connections.size(); ++index) {
        const Connection& connection = *m_network.connections[index];
        for (std::size_t end = 0; connection.used && end < 2; ++end) {
            const Flow& flow = connection.flows[end];
            if (flow.held.empty() || connection.ends[end].host != from || connection.ends[1 - end].host != to) {
                continue;
            }
            SimTime next = flow.heldSince;
            for (SimDuration wait = retransmitFirst; next < m_now; wait = std::min(wait * 2, retransmitMost)) {
                next += wait;
            }
            pushEvent(std::max(next, m_now), EventKind::Retransmit, index, connection.generation, end, nullptr,
                      noEntry);
        }
    }
}

void World::retransmit(const Event& event) {
    const Ref<Connection>& known = m_network.connections[event.target];
    if (!known->used || (known->generation & 0xFFFFU) != event.generation()) {
        return;
    }
    const auto end = static_cast<std::size_t>(event.token());
    const ConnectionId id = makeId(event.target, known->generation, end);
    while (true) {
        Connection* connection = connectionAt(id);
        if (connection == nullptr || connection->flows[end].held.empty() ||
            isBlocked(connection->ends[end].host, connection->ends[1 - end].host)) {
            return;
        }
        deliverTo(connection->flows[end].held.pop());
    }
}

void World::giveUp(const Event& event) {
    const Ref<Connection>& known = m_network.connections[event.target];
    if (!known->used || (known->generation & 0xFFFFU) != event.generation()) {
        return;
    }
    const auto end = static_cast<std::size_t>(event.token() & 1U);
    const ConnectionId id = makeId(event.target, known->generation, end);
    const Flow& flow = known->flows[end];
    const std::uint64_t since = static_cast<std::uint64_t>(nanoseconds(flow.heldSince)) & heldSinceMask;
    if (flow.held.empty() || since != event.token() >> 1U || !known->ends[end].open) {
        return;
    }
    const Connection::End sender = known->ends[end];
    closeEnd(id, ConnectionClosed::Reason::TimedOut, false, event.cause);
    if (m_actors[sender.actor]->generation == sender.actorGeneration) {
        post(sender.actor, Mail{makeRef<ConnectionClosed>(ConnectionClosed::Reason::TimedOut), event.cause, id});
    }
}

std::vector<MessageInFlight> World::messagesInFlight(std::size_t max) const {
    std::map<std::pair<ProcessId, ProcessId>, std::vector<MessageInFlight>> byPair;
    m_queue.forEach([&](const Event& event) {
        const Ref<Connection>* known =
            event.kind() == EventKind::Arrival ? &m_network.connections[event.target] : nullptr;
        if (known == nullptr || !(*known)->used || ((*known)->generation & 0xFFFFU) != event.generation()) {
            return;
        }
        const auto sender = static_cast<std::size_t>(event.token() & 1U);
        const Connection::End& from = (*known)->ends[sender];
        const Connection::End& to = (*known)->ends[1 - sender];
        const Path* path = knownPath(from.host, to.host);
        const SimDuration way = path == nullptr ? m_spec.defaultLatency : path->spec.latency + path->extraDelay;
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

// --- closing --------------------------------------------------------------------------------------------------------

void World::closeEnd(ConnectionId id, ConnectionClosed::Reason reason, bool tellPeer, JournalId cause) {
    Connection* connection = connectionAt(id);
    if (connection == nullptr) {
        return;
    }
    const std::size_t end = sim::endOf(id);
    Connection::End& own = connection->ends[end];
    if (!own.open) {
        return;
    }
    Flow& flow = connection->flows[end];
    if (tellPeer && connection->ends[1 - end].open) {
        while (reason == ConnectionClosed::Reason::Closed && !flow.waiting.empty()) {
            sendOnWire(id, *connection, flow.waiting.pop());  // In order: what waits for the window goes first.
        }
        sendOnWire(id, *connection, Mail{makeRef<ConnectionClosed>(reason), cause, peerOf(id)});
    }
    own.open = false;
    flow.waiting.clear();
    flow.waitingBytes = 0;
    std::erase(processAt(own.process).connections, id);
    if (!connection->ends[1 - end].open) {
        freeConnection(id);
    }
}

}  // namespace millrace::sim
