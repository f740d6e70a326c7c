#include "engine/sim/network.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/check.h"

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
ConnectionId makeId(std::uint32_t slot, std::uint32_t generation, std::size_t end) {
    return ConnectionId{(static_cast<std::uint64_t>(generation) << 32U) | (end == 0 ? 0 : endBit) | slot};
}

SimDuration transferTime(ByteCount bytes, ByteCount rate) {
    return SimDuration{static_cast<std::int64_t>(static_cast<double>(bytes) * 1e9 / static_cast<double>(rate))};
}

}  // namespace

// --- paths ----------------------------------------------------------------------------------------------------------

std::uint32_t Network::pathIndex(HostId from, HostId to) {
    if (const std::uint32_t* known = m_pathIndex.find(std::pair{from, to})) {
        return *known;
    }
    const auto index = static_cast<std::uint32_t>(m_paths.size());
    m_paths.emplace_back().spec.latency = from == to ? loopbackLatency : m_latency;
    m_pathIndex.set(std::pair{from, to}, index);
    return index;
}

const Path* Network::findPath(HostId from, HostId to) const {
    const std::uint32_t* index = m_pathIndex.find(std::pair{from, to});
    return index == nullptr ? nullptr : &m_paths[*index];
}

SimDuration Network::latency(HostId from, HostId to) const {
    const Path* path = findPath(from, to);
    return path != nullptr ? path->latency() : from == to ? loopbackLatency : m_latency;
}

bool Network::isBlocked(const NetworkUser& user, HostId from, HostId to) const {
    const Path* path = findPath(from, to);
    return !user.hasPower(to) || (path != nullptr && path->cut);
}

void Network::setCut(NetworkUser& user, HostId from, HostId to, bool cut, JournalId entry) {
    Path& way = path(from, to);
    way.cut = cut;
    if (cut) {
        way.silencedBy = entry;
    } else {
        release(user, from, to);
    }
}

void Network::release(NetworkUser& user, HostId from, HostId to) const {
    for (std::uint32_t index = 0; index < m_connections.size(); ++index) {
        const Connection& connection = *m_connections[index];
        for (std::size_t end = 0; connection.used && end < 2; ++end) {
            const Flow& flow = connection.flows[end];
            if (flow.held.empty() || connection.ends[end].host != from || connection.ends[1 - end].host != to) {
                continue;
            }
            SimTime next = flow.heldSince;
            for (SimDuration wait = retransmitFirst; next < user.now(); wait = std::min(wait * 2, retransmitMost)) {
                next += wait;
            }
            user.schedule(std::max(next, user.now()), EventKind::Retransmit, index, connection.generation, end, nullptr,
                          noEntry);
        }
    }
}

// --- connections ----------------------------------------------------------------------------------------------------

ConnectionId Network::peerOf(ConnectionId id) {
    return id == noConnection ? id : ConnectionId{id.value ^ endBit};
}

std::size_t Network::endOf(ConnectionId id) {
    return (id.value & endBit) != 0 ? 1 : 0;
}

const Endpoint& Network::listen(const Endpoint& who, Port port) {
    return m_listeners.try_emplace({who.host, port}, who).first->second;
}

ConnectionId Network::reserve(NetworkUser& user, const Endpoint& from) {
    std::uint32_t index = 0;
    if (m_freeConnections.empty()) {
        index = static_cast<std::uint32_t>(m_connections.size());
        m_connections.push_back(makeRef<Connection>());
    } else {
        index = m_freeConnections.back();
        m_freeConnections.pop_back();
    }
    auto fresh = makeRef<Connection>();
    fresh->generation = m_connections[index]->generation + 1;
    fresh->used = true;
    fresh->ends[0] = Connection::End{from, true, false};
    const ConnectionId id = makeId(index, fresh->generation, 0);
    m_connections[index] = std::move(fresh);
    user.opened(from.process, id);
    return id;
}

const Connection* Network::find(ConnectionId id) const {
    const std::uint32_t index = slotOf(id);
    if (index >= m_connections.size()) {
        return nullptr;
    }
    const Connection* connection = m_connections[index].get();
    return connection->used && connection->generation == generationOf(id) ? connection : nullptr;
}

Connection* Network::edit(ConnectionId id) {
    return find(id) == nullptr ? nullptr : &writable(m_connections[slotOf(id)]);
}

/// An end of the connection that the event is of; `noConnection` when that one is gone.
ConnectionId Network::idOf(const Event& event, std::size_t end) const {
    const Connection& known = connectionOf(event);
    const bool isThere = known.used && (known.generation & 0xFFFFU) == event.generation();
    return isThere ? makeId(event.target, known.generation, end) : noConnection;
}

void Network::forget(ConnectionId id) {
    const std::uint32_t index = slotOf(id);
    auto empty = makeRef<Connection>();
    empty->generation = m_connections[index]->generation;
    m_connections[index] = std::move(empty);
    m_freeConnections.push_back(index);
}

void Network::handle(NetworkUser& user, const Event& event, MessageRef message) {
    switch (event.kind()) {
        case EventKind::Arrival:
            return arrive(user, event, std::move(message));
        case EventKind::Retransmit:
            return retransmit(user, event);
        case EventKind::GiveUp:
            return giveUp(user, event);
        case EventKind::ConnectTry:
            return tryConnect(user, event);
        case EventKind::ConnectDone:
            return finishConnect(user, event, std::move(message));
        default:
            MILLRACE_CHECK(false, static_cast<int>(event.kind()));
    }
}

// --- opening --------------------------------------------------------------------------------------------------------

void Network::connect(NetworkUser& user, ConnectionId id, HostId to, Port port, SimDuration patience, JournalId cause) {
    Connection* connection = edit(id);
    if (connection == nullptr) {
        return;
    }
    connection->port = port;
    connection->connectDeadline = user.now() + patience;
    connection->ends[1].host = to;
    const SimTime at = user.now() + path(connection->ends[0].host, to).latency();
    user.schedule(at, EventKind::ConnectTry, slotOf(id), generationOf(id), 0, nullptr, cause);
}

void Network::tryConnect(NetworkUser& user, const Event& event) {
    const ConnectionId id = idOf(event, 0);
    Connection* connection = edit(id);
    if (connection == nullptr || !connection->ends[0].open) {
        return;
    }
    const HostId from = connection->ends[0].host;
    const HostId to = connection->ends[1].host;
    const auto answer = [&](SimTime at, MessageRef message) {
        user.schedule(at, EventKind::ConnectDone, event.target, connection->generation, 0, std::move(message),
                      event.cause);
    };
    if (isBlocked(user, from, to) || isBlocked(user, to, from)) {
        const SimTime next = user.now() + synFirst * (std::int64_t{1} << std::min<std::uint64_t>(event.token(), 16));
        if (next < connection->connectDeadline) {
            user.schedule(next, EventKind::ConnectTry, event.target, connection->generation, event.token() + 1, nullptr,
                          event.cause);
        } else {
            answer(std::max(user.now(), connection->connectDeadline),
                   makeRef<ConnectionFailed>(ConnectionFailed::Reason::TimedOut));
        }
        return;
    }
    const SimTime back = user.now() + path(to, from).latency();
    const auto listener = m_listeners.find({to, connection->port});
    if (listener == m_listeners.end()) {
        answer(back, makeRef<ConnectionFailed>(ConnectionFailed::Reason::Refused));
        return;
    }
    connection->ends[1] = Connection::End{listener->second, true, true};
    user.opened(listener->second.process, peerOf(id));
    mailTo(user, listener->second, peerOf(id),
           makeRef<ConnectionAccepted>(from, connection->ends[0].process, connection->port), event.cause);
    answer(back, makeRef<ConnectionOpened>());
}

void Network::finishConnect(NetworkUser& user, const Event& event, MessageRef message) {
    const ConnectionId id = idOf(event, 0);
    const Connection* known = find(id);
    if (known == nullptr || !known->ends[0].open) {
        return;
    }
    const bool opened = message->as<ConnectionOpened>() != nullptr;
    if (opened && !known->ends[1].open) {
        // The acceptor is gone already: its reset is under way and tells the story.
        message = makeRef<ConnectionFailed>(ConnectionFailed::Reason::Refused);
    }
    const bool works = opened && known->ends[1].open;
    const Endpoint asker = known->ends[0];
    user.told(asker, Mail{std::move(message), event.cause, id});
    Connection* connection = edit(id);
    if (connection == nullptr) {
        return;
    }
    if (works) {
        connection->ends[0].ready = true;
        drainWaiting(user, id, *connection);
    } else {
        user.closed(connection->ends[0].process, id);
        forget(id);
    }
}

// --- sending --------------------------------------------------------------------------------------------------------

void Network::transmit(NetworkUser& user, ConnectionId id, MessageRef message, JournalId cause) {
    Connection* connection = edit(id);
    if (connection == nullptr) {
        return;
    }
    const std::size_t end = endOf(id);
    if (!connection->ends[end].open) {
        return;
    }
    Flow& flow = connection->flows[end];
    const ByteCount size = message->wireSize();
    Mail mail{std::move(message), cause, peerOf(id), static_cast<std::uint32_t>(size)};
    const bool fits = flow.inFlight == 0 || flow.inFlight + size <= connectionWindow;
    if (!connection->ends[end].ready || !flow.waiting.empty() || !fits) {
        flow.waitingBytes += size;
        flow.waiting.push(std::move(mail));
        return;
    }
    sendOnWire(user, id, *connection, std::move(mail));
}

/// When the last of its bytes has left, after all that was given to the card and to the path before. What is lost is
/// sent again, and what is sent twice takes its room.
SimTime Network::timeOnWire(SimTime now, HostId from, Path& path, ByteCount size) {
    const ByteCount packets = size / packetBytes + 1;
    ByteCount onWire = size;
    SimDuration late{0};
    if (path.duplicate > 0) {
        onWire += static_cast<ByteCount>(static_cast<double>(size) * path.duplicate);
    }
    if (path.loss > 0) {
        double anyLost = 1.0 - std::pow(1.0 - path.loss, static_cast<double>(packets));
        SimDuration wait = retransmitFirst;
        for (int round = 0; round < 15 && m_random.chance(anyLost); ++round) {
            late += wait;
            wait = std::min(wait * 2, retransmitMost);
            onWire += packetBytes;
            anyLost = path.loss;
        }
    }
    NetworkCard& card = m_cards[from.value];
    SimTime sent = std::max(now, card.freeAt) + transferTime(onWire, card.rate);
    card.freeAt = sent;
    card.bytesSent += onWire;
    if (path.spec.rate > 0) {
        sent = std::max(sent, std::max(now, path.freeAt) + transferTime(onWire, path.spec.rate));
        path.freeAt = sent;
    }
    path.bytes += onWire;
    return sent + late;
}

/// From the end that `id` names to the other.
void Network::sendOnWire(NetworkUser& user, ConnectionId id, Connection& connection, Mail mail) {
    const std::size_t e = endOf(id);
    Flow& flow = connection.flows[e];
    const HostId from = connection.ends[e].host;
    const HostId to = connection.ends[1 - e].host;
    const auto size = static_cast<ByteCount>(mail.takes);
    flow.inFlight += size;
    if (connection.paths[e] == Connection::noPath) {
        connection.paths[e] = pathIndex(from, to);
    }
    Path& way = m_paths[connection.paths[e]];
    const SimTime sent = from != to ? timeOnWire(user.now(), from, way, size) : user.now();
    flow.lastArrival = std::max(flow.lastArrival, sent + way.spec.latency + way.extraDelay);
    const std::uint64_t token = (static_cast<std::uint64_t>(mail.takes) << 1U) | e;
    user.schedule(flow.lastArrival, EventKind::Arrival, slotOf(id), connection.generation, token,
                  std::move(mail.message), mail.cause);
}

void Network::drainWaiting(NetworkUser& user, ConnectionId id, Connection& connection) {
    const std::size_t end = endOf(id);
    Flow& flow = connection.flows[end];
    while (!flow.waiting.empty()) {
        const auto size = static_cast<ByteCount>(flow.waiting.front().takes);
        if (flow.inFlight > 0 && flow.inFlight + size > connectionWindow) {
            break;
        }
        flow.waitingBytes -= size;
        sendOnWire(user, id, connection, flow.waiting.pop());
    }
    if (flow.wantsWritable && flow.waitingBytes == 0 && flow.inFlight <= connectionWindow / 2) {
        flow.wantsWritable = false;
        if (connection.ends[end].open) {
            mailTo(user, connection.ends[end], id, makeRef<ConnectionWritable>(), noEntry);
        }
    }
}

ByteCount Network::unsent(ConnectionId id) {
    const Connection* open = find(id);
    if (open == nullptr) {
        return 0;
    }
    const Flow& flow = open->flows[endOf(id)];
    const ByteCount bytes = flow.waitingBytes + flow.inFlight;
    if (flow.waitingBytes > 0 && !flow.wantsWritable) {
        edit(id)->flows[endOf(id)].wantsWritable = true;
    }
    return bytes;
}

void Network::taken(NetworkUser& user, const Mail& mail) {
    const ConnectionId sender = peerOf(mail.connection);
    Connection* connection = edit(sender);
    if (connection == nullptr) {
        return;
    }
    connection->flows[endOf(sender)].inFlight -= static_cast<ByteCount>(mail.takes);
    drainWaiting(user, sender, *connection);
}

/// A message for an actor that comes along with a connection's id, as an event of its own.
void Network::mailTo(NetworkUser& user, const Endpoint& to, ConnectionId id, MessageRef message,
                     JournalId cause) const {
    const std::uint64_t token = (id.value & 0xFFFFFFFFU) + 1;
    user.schedule(user.now(), EventKind::Mail, to.actor, to.actorGeneration, token, std::move(message), cause);
}

ConnectionId Network::connectionOfMail(std::uint64_t token) const {
    if (token == 0) {
        return noConnection;
    }
    const std::uint64_t low = token - 1;
    const auto slotIndex = static_cast<std::uint32_t>(low & (endBit - 1));
    return ConnectionId{(static_cast<std::uint64_t>(m_connections[slotIndex]->generation) << 32U) | low};
}

// --- arriving -------------------------------------------------------------------------------------------------------

void Network::arrive(NetworkUser& user, const Event& event, MessageRef message) {
    const auto sender = static_cast<std::size_t>(event.token() & 1U);
    const ConnectionId receiver = idOf(event, 1 - sender);
    if (receiver == noConnection) {
        return;
    }
    const Connection& known = connectionOf(event);
    Mail mail{std::move(message), event.cause, receiver, static_cast<std::uint32_t>(event.token() >> 1U)};
    const HostId from = known.ends[sender].host;
    const HostId to = known.ends[1 - sender].host;
    const bool blocked = from != to && (known.paths[sender] == Connection::noPath
                                            ? isBlocked(user, from, to)
                                            : m_paths[known.paths[sender]].cut || !user.hasPower(to));
    if (blocked || !known.flows[sender].held.empty()) {
        hold(user, std::move(mail));
        return;
    }
    deliver(user, std::move(mail));
}

/// Hands a message to the end that its `connection` names.
void Network::deliver(NetworkUser& user, Mail mail) {
    const ConnectionId id = mail.connection;
    Connection* connection = edit(id);
    if (connection == nullptr) {
        return;
    }
    const std::size_t end = endOf(id);
    Connection::End& receiver = connection->ends[end];
    m_cards[receiver.host.value].bytesReceived += mail.takes;
    const bool closing = mail.message->as<ConnectionClosed>() != nullptr;
    if (!receiver.open) {
        // Nobody there any more: what comes in is answered with a reset.
        if (!closing && connection->ends[1 - end].open) {
            const SimDuration back = path(receiver.host, connection->ends[1 - end].host).latency();
            user.schedule(user.now() + back, EventKind::Arrival, slotOf(id), connection->generation, end,
                          makeRef<ConnectionClosed>(ConnectionClosed::Reason::Reset), mail.cause);
        }
        return;
    }
    const Endpoint to = static_cast<const Endpoint&>(receiver);  // as it is before it is closed
    if (closing) {
        receiver.open = false;
        user.closed(to.process, id);
        mail.takes = 0;
        forget(id);  // The other end closed before it sent this.
    }
    user.arrived(to, std::move(mail));
}

void Network::hold(NetworkUser& user, Mail mail) {
    const ConnectionId sender = peerOf(mail.connection);
    Connection* connection = edit(sender);
    Flow& flow = connection->flows[endOf(sender)];
    if (flow.held.empty()) {
        flow.heldSince = user.now();
        const std::uint64_t since = static_cast<std::uint64_t>(nanoseconds(user.now())) & heldSinceMask;
        user.schedule(user.now() + retransmitGiveUp, EventKind::GiveUp, slotOf(sender), connection->generation,
                      (since << 1U) | endOf(sender), nullptr, mail.cause);
    }
    flow.held.push(std::move(mail));
}

void Network::retransmit(NetworkUser& user, const Event& event) {
    const auto end = static_cast<std::size_t>(event.token());
    const ConnectionId id = idOf(event, end);
    while (true) {
        Connection* connection = edit(id);
        if (connection == nullptr || connection->flows[end].held.empty() ||
            isBlocked(user, connection->ends[end].host, connection->ends[1 - end].host)) {
            return;
        }
        deliver(user, connection->flows[end].held.pop());
    }
}

void Network::giveUp(NetworkUser& user, const Event& event) {
    const auto end = static_cast<std::size_t>(event.token() & 1U);
    const ConnectionId id = idOf(event, end);
    const Connection* known = find(id);
    if (known == nullptr) {
        return;
    }
    const Flow& flow = known->flows[end];
    const std::uint64_t since = static_cast<std::uint64_t>(nanoseconds(flow.heldSince)) & heldSinceMask;
    if (flow.held.empty() || since != event.token() >> 1U || !known->ends[end].open) {
        return;
    }
    const Endpoint sender = known->ends[end];
    close(user, id, ConnectionClosed::Reason::TimedOut, false, event.cause);
    user.told(sender, Mail{makeRef<ConnectionClosed>(ConnectionClosed::Reason::TimedOut), event.cause, id});
}

// --- closing --------------------------------------------------------------------------------------------------------

void Network::close(NetworkUser& user, ConnectionId id, ConnectionClosed::Reason reason, bool tellPeer,
                    JournalId cause) {
    Connection* connection = edit(id);
    if (connection == nullptr) {
        return;
    }
    const std::size_t end = endOf(id);
    Connection::End& own = connection->ends[end];
    if (!own.open) {
        return;
    }
    Flow& flow = connection->flows[end];
    if (tellPeer && connection->ends[1 - end].open) {
        while (reason == ConnectionClosed::Reason::Closed && !flow.waiting.empty()) {
            sendOnWire(user, id, *connection, flow.waiting.pop());  // In order: what waits for the window goes first.
        }
        sendOnWire(user, id, *connection, Mail{makeRef<ConnectionClosed>(reason), cause, peerOf(id)});
    }
    own.open = false;
    flow.waiting.clear();
    flow.waitingBytes = 0;
    user.closed(own.process, id);
    if (!connection->ends[1 - end].open) {
        forget(id);
    }
}

}  // namespace millrace::sim
