#pragma once

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/ref.h"
#include "engine/base/shared_map.h"
#include "engine/base/shared_queue.h"
#include "engine/sim/event_queue.h"
#include "engine/sim/ids.h"
#include "engine/sim/mail.h"
#include "engine/sim/message.h"

namespace millrace::sim {

struct LinkSpec {
    SimDuration latency = std::chrono::microseconds{250};  ///< one way
    ByteCount rate = 0;                                    ///< bytes/s of the path; 0: only the sender's card limits it
};

/// One direction between two hosts.
struct Path {
    LinkSpec spec;
    bool cut = false;
    SimDuration extraDelay{0};
    double loss = 0;       ///< share of packets
    double duplicate = 0;  ///< share of packets
    SimTime freeAt;        ///< when a path of limited rate has carried what was given to it
    JournalId silencedBy = noEntry;
    ByteCount bytes = 0;

    [[nodiscard]] SimDuration latency() const { return spec.latency + extraDelay; }
};

/// A host's network card.
struct NetworkCard {
    ByteCount rate = 0;  ///< bytes/s out of it
    SimTime freeAt;      ///< when it has sent what was given to it
    ByteCount bytesSent = 0;
    ByteCount bytesReceived = 0;
};

/// Who talks: an actor of a process on a host.
struct Endpoint {
    HostId host = noHost;
    ProcessId process = noProcess;
    std::uint32_t actor = 0;  ///< slot
    std::uint32_t actorGeneration = 0;
    bool operator==(const Endpoint&) const = default;
};

/// One direction of a connection: what waits for the window, what is under way, what is held up.
struct Flow {
    SharedQueue<Mail> waiting;  ///< beyond the window, or before the opening, on the sender's side
    ByteCount waitingBytes = 0;
    ByteCount inFlight = 0;  ///< sent and not yet taken by the peer's handler
    SimTime lastArrival;     ///< first in, first out
    SharedQueue<Mail> held;  ///< arrived at a cut or a dead host: retransmitted with TCP's back-off
    SimTime heldSince;
    bool wantsWritable = false;
};

/// A connection with TCP's contract. End 0 connected, end 1 accepted.
struct Connection final : Counted {
    struct End : Endpoint {
        bool open = false;   ///< this side has not closed, died or been told of the other's end
        bool ready = false;  ///< this side knows that the connection is established
    };
    std::uint32_t generation = 0;
    bool used = false;
    Port port;
    SimTime connectDeadline;
    std::array<End, 2> ends;
    std::array<Flow, 2> flows;  ///< flows[i] leaves from end i
    static constexpr std::uint32_t noPath = 0xFFFFFFFFU;
    std::array<std::uint32_t, 2> paths{noPath, noPath};  ///< what flows[i] takes, once something was sent
};

/// Whom a network serves: who moves time through a queue of events, knows which hosts have power, and takes what
/// arrives. Made for one event at a time.
class NetworkUser {
public:
    NetworkUser(EventQueue& events, SimTime time) : m_events(events), m_now(time) {}
    virtual ~NetworkUser() = default;
    NetworkUser(const NetworkUser&) = delete;
    NetworkUser& operator=(const NetworkUser&) = delete;

    [[nodiscard]] SimTime now() const { return m_now; }
    void schedule(SimTime at, EventKind kind, std::uint32_t target, std::uint32_t generation, std::uint64_t token,
                  MessageRef message, JournalId cause) {
        m_events.push(at, kind, target, generation, token, std::move(message), cause);
    }

    [[nodiscard]] virtual bool hasPower(HostId host) const = 0;
    /// What came over the wire, for the actor at `to`.
    virtual void arrived(const Endpoint& to, Mail mail) = 0;
    /// What an end learns of its connection.
    virtual void told(const Endpoint& to, Mail mail) = 0;
    virtual void opened(ProcessId process, ConnectionId end) = 0;
    virtual void closed(ProcessId process, ConnectionId end) = 0;

private:
    EventQueue& m_events;
    SimTime m_now;
};

/// Cards, the paths between hosts, and the connections over them: latency, the queues of bandwidth, loss, duplication,
/// cuts, and TCP's contract (in order, a window, retransmission with back-off, time-outs, resets). A value that knows
/// neither actors nor faults; it runs by the events that it has put into its user's queue.
///
/// Source: RFC 9293 for the contract; Linux for its times (`tcp_retries2`, `tcp_syn_retries`).
class Network {
public:
    Network() = default;
    Network(SimDuration latency, RandomStream chance) : m_latency(latency), m_random(chance) {}

    void addHost(ByteCount cardRate) { m_cards.emplace_back().rate = cardRate; }  ///< in the order of their ids
    [[nodiscard]] const NetworkCard& card(HostId host) const { return m_cards[host.value]; }
    /// What the card was given and has not sent is gone.
    void emptyCard(HostId host, SimTime now) { m_cards[host.value].freeAt = now; }

    // --- paths
    /// Good until the next path is asked for.
    [[nodiscard]] Path& path(HostId from, HostId to) { return m_paths[pathIndex(from, to)]; }
    /// Null when nothing was ever said of the way, nor sent over it.
    [[nodiscard]] const Path* findPath(HostId from, HostId to) const;
    [[nodiscard]] SimDuration latency(HostId from, HostId to) const;
    template <class Visit>
    void forEachPath(Visit visit) const {
        for (const auto& [ends, index] : m_pathIndex) {
            visit(ends.first, ends.second, m_paths[index]);
        }
    }
    void setCut(NetworkUser& user, HostId from, HostId to, bool cut, JournalId entry);
    /// The way is open again: what was held goes out at TCP's next retransmission.
    void release(NetworkUser& user, HostId from, HostId to) const;

    // --- connections
    /// Whoever listens there from now on: `who`, or the one who has done so before.
    const Endpoint& listen(const Endpoint& who, Port port);
    void stopListening(HostId host, Port port) { m_listeners.erase({host, port}); }
    ConnectionId reserve(NetworkUser& user, const Endpoint& from);
    void connect(NetworkUser& user, ConnectionId id, HostId to, Port port, SimDuration patience, JournalId cause);
    void transmit(NetworkUser& user, ConnectionId id, MessageRef message, JournalId cause);
    /// The receiver has taken it: its bytes are free for the next.
    void taken(NetworkUser& user, const Mail& mail);
    void close(NetworkUser& user, ConnectionId end, ConnectionClosed::Reason reason, bool tellPeer, JournalId cause);
    /// Bytes accepted from this end that the peer has not taken; an end that asks and has to wait is told later.
    [[nodiscard]] ByteCount unsent(ConnectionId end);
    [[nodiscard]] const Connection* find(ConnectionId id) const;
    [[nodiscard]] static std::size_t endOf(ConnectionId id);
    /// What the other side calls the same connection.
    [[nodiscard]] static ConnectionId peerOf(ConnectionId id);

    // --- events
    /// Of those kinds that are of connections.
    void handle(NetworkUser& user, const Event& event, MessageRef message);
    /// Of a connection's event, whether or not it is stale.
    [[nodiscard]] const Connection& connectionOf(const Event& event) const { return *m_connections[event.target]; }
    /// The connection whose id was packed into the token of a Mail event.
    [[nodiscard]] ConnectionId connectionOfMail(std::uint64_t token) const;

private:
    [[nodiscard]] std::uint32_t pathIndex(HostId from, HostId to);
    [[nodiscard]] bool isBlocked(const NetworkUser& user, HostId from, HostId to) const;
    [[nodiscard]] Connection* edit(ConnectionId id);
    [[nodiscard]] ConnectionId idOf(const Event& event, std::size_t end) const;
    void forget(ConnectionId id);
    void tryConnect(NetworkUser& user, const Event& event);
    void finishConnect(NetworkUser& user, const Event& event, MessageRef message);
    void sendOnWire(NetworkUser& user, ConnectionId id, Connection& connection, Mail mail);
    [[nodiscard]] SimTime timeOnWire(SimTime now, HostId from, Path& path, ByteCount size);
    void drainWaiting(NetworkUser& user, ConnectionId id, Connection& connection);
    void mailTo(NetworkUser& user, const Endpoint& to, ConnectionId id, MessageRef message, JournalId cause) const;
    void arrive(NetworkUser& user, const Event& event, MessageRef message);
    void deliver(NetworkUser& user, Mail mail);
    void hold(NetworkUser& user, Mail mail);
    void retransmit(NetworkUser& user, const Event& event);
    void giveUp(NetworkUser& user, const Event& event);

    SimDuration m_latency{0};  ///< of a path of which nothing was said
    RandomStream m_random;
    std::vector<NetworkCard> m_cards;  ///< by host
    std::vector<Path> m_paths;         ///< only those that differ from the default or have been used
    SharedMap<std::pair<HostId, HostId>, std::uint32_t> m_pathIndex;
    std::vector<Ref<Connection>> m_connections;
    std::vector<std::uint32_t> m_freeConnections;
    std::map<std::pair<HostId, Port>, Endpoint> m_listeners;
};

}  // namespace millrace::sim
