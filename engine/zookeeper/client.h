#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/sim_time.h"
#include "engine/sim/link.h"
#include "engine/zookeeper/types.h"

namespace millrace::zookeeper {

struct ClientConnected;
struct ClientResponse;
enum class WatchKind : std::uint8_t;

/// What the caller knows its request by when the reply comes; both parts are the caller's own.
struct Tag {
    std::uint64_t token = 0;
    std::uint32_t kind = 0;
};

struct Reply {
    Tag tag;
    ErrorCode error = ErrorCode::Ok;
    std::string path;                      ///< as asked; for a create, the node made (with its sequence number)
    std::string data;                      ///< of getData
    Stat stat;                             ///< of create, setData, exists, getData, getChildren
    std::vector<std::string> children;     ///< names (not paths), in order
    std::vector<OperationResult> results;  ///< of multi
    Zxid zxid;                             ///< how far the answering server's tree had come
};
/// A watch fires once. After a reconnect the new server is told which watches are still wanted and fires what was
/// missed.
struct WatchFired {
    std::string path;
    WatchEvent event = WatchEvent::NodeDataChanged;
};
struct Connected {
    SessionId session;
    bool isNewSession = true;  ///< false: the same session goes on, ephemerals and watches are still there
};
/// The session may still live; nothing is answered until Connected or SessionExpired.
struct Disconnected {};
/// Ephemerals are gone, watches are forgotten. The client is closed; `start` makes a new session.
struct SessionExpired {
    SessionId session;
};
using Event = std::variant<Connected, Disconnected, SessionExpired, Reply, WatchFired>;

struct ClientConfig {
    std::string name;  ///< who it is, for the journal: "broker/1"
    std::vector<ServerAddress> servers;
    SimDuration sessionTimeout = std::chrono::milliseconds{18'000};  ///< asked for; servers clamp it to 2 to 20 ticks
};

/// A ZooKeeper client as a value inside an actor's state: one session, one connection at a time.
///
/// The host actor calls `handle` first with every message it gets, and afterwards looks at `takeEvents()`:
///
///     void handle(Context& context, const Message& message) override {
///         if (m_zk.handle(context, message)) { for (zookeeper::Event& e : m_zk.takeEvents()) ...; return; }
///
/// Rules, as in ZooKeeper's own client: servers are tried in a shuffled order; a heartbeat goes out when nothing was
/// sent for a third of the session's time-out (a second earlier when something that came in woke the client meanwhile,
/// and after ten seconds at the latest then); without a word from the server for two thirds, the next server is tried;
/// only a server can say that a session has expired, so a client that is cut off does not know. Requests are answered
/// in the order in which they were made. Requests made while there is no connection wait for it. When the connection
/// goes, reads under way are asked again, writes under way are answered ConnectionLoss. With the session's end all are
/// answered SessionExpired. Left out: authentication, access lists, quotas, containers, time-to-live nodes, persistent
/// watches, read-only mode. One actor may hold several clients when each is made with its own `instance`.
class ZkClient {
public:
    explicit ZkClient(std::uint32_t instance = 0) : m_instance(instance) {}

    /// Opens a new session. Also after SessionExpired or `close`.
    void start(sim::Context& context, ClientConfig config);
    /// Ends the session in order: its ephemerals go at once. No more events come.
    void close(sim::Context& context);

    /// True when the message was this client's own (its connection's, its timers).
    bool handle(sim::Context& context, const sim::Message& message);
    /// What has happened since the last call, in order.
    [[nodiscard]] std::vector<Event> takeEvents();
    [[nodiscard]] bool hasEvents() const { return !m_events.empty(); }

    // --- requests; each is answered by one Reply with its tag
    void create(sim::Context& context, Tag tag, std::string path, std::string data,
                CreateMode mode = CreateMode::Persistent);
    /// The node's name gets ten digits: the reply's path tells.
    void createSequential(sim::Context& context, Tag tag, std::string path, std::string data, bool ephemeral = false);
    void remove(sim::Context& context, Tag tag, std::string path, std::int32_t version = anyVersion);
    void setData(sim::Context& context, Tag tag, std::string path, std::string data, std::int32_t version = anyVersion);
    /// NoNode when it does not; the watch is left in both cases.
    void exists(sim::Context& context, Tag tag, std::string path, bool watch = false);
    void getData(sim::Context& context, Tag tag, std::string path, bool watch = false);
    void getChildren(sim::Context& context, Tag tag, std::string path, bool watch = false);
    /// All or nothing: Create, Delete, SetData and Check operations.
    void multi(sim::Context& context, Tag tag, std::vector<Operation> operations);
    /// Answered when the server has seen everything that was committed before: reads after it are not stale.
    void sync(sim::Context& context, Tag tag, std::string path = "/");

    // --- looking
    [[nodiscard]] bool isStarted() const { return m_phase != Phase::Closed; }
    [[nodiscard]] bool isConnected() const { return m_phase == Phase::Connected; }
    /// The host of the server that it is, or tries to be, connected to.
    [[nodiscard]] sim::HostId serverHost() const { return m_serverHost; }
    [[nodiscard]] SessionId session() const { return m_session; }
    /// As the server granted it; what was asked for before that.
    [[nodiscard]] SimDuration sessionTimeout() const { return m_timeout; }
    /// When the next heartbeat is due, seen from then.
    [[nodiscard]] SimDuration timeToPing(SimTime now) const;
    /// Requests that wait for their answer.
    [[nodiscard]] std::size_t pending() const { return m_pending.size() + m_waiting.size(); }

private:
    enum class Phase : std::uint8_t { Closed, Connecting, Connected };
    struct Asked {
        Tag tag;
        std::vector<Operation> operations;  ///< one, or those of a multi
        bool isMulti = false;
        std::uint64_t xid = 0;
        SimTime at{};  ///< when it was asked for the first time
    };

    void ask(sim::Context& context, Tag tag, Operation operation);
    void enqueue(sim::Context& context, Asked asked);
    void transmit(sim::Context& context, Asked asked);
    void retryLater(sim::Context& context);
    void connectNext(sim::Context& context);
    void onConnectionMessage(sim::Context& context, const sim::Message& message);
    void onConnected(sim::Context& context, const ClientConnected& message);
    void onResponse(sim::Context& context, const ClientResponse& response);
    void tellAnswer(sim::Context& context, const Asked& asked, const ClientResponse& response) const;
    void tellWatch(sim::Context& context, const std::string& path, WatchEvent event) const;
    void onConnectionLost(sim::Context& context);
    void onPingTimer(sim::Context& context);
    void pingIfDue(sim::Context& context);
    void onReadTimer(sim::Context& context);
    void leaveWatch(const Operation& operation, ErrorCode error);
    void forgetWatches(const std::string& path, WatchEvent event);
    void expire(sim::Context& context);
    void armPing(sim::Context& context);
    void armRead(sim::Context& context);
    [[nodiscard]] SimDuration silenceMax() const;

    /// MAX_SEND_PING_INTERVAL's companion in ClientCnxn: a thread that wakes late must still be in time.
    static constexpr SimDuration pingAllowance = std::chrono::seconds{1};

    std::uint32_t m_instance;
    ClientConfig m_config;
    RandomStream m_random;
    bool m_hasRandom = false;
    Phase m_phase = Phase::Closed;
    SimDuration m_timeout{0};
    SessionId m_session;
    Zxid m_lastZxid;                         ///< newest seen: a server that is behind it is not accepted
    sim::Link m_link{sim::LinkWatch::Each};  ///< to one server at a time
    std::size_t m_nextServer = 0;
    sim::HostId m_serverHost = sim::noHost;
    std::uint64_t m_nextXid = 1;
    sim::TimerId m_pingTimer = sim::noTimer;
    SimTime m_lastSent;
    std::deque<Asked> m_waiting;  ///< for a connection
    std::deque<Asked> m_pending;  ///< sent, answers come in this order
    std::set<std::pair<std::string, WatchKind>> m_watches;
    std::vector<Event> m_events;
};

}  // namespace millrace::zookeeper
