#include "engine/zookeeper/client.h"

#include "engine/zookeeper/cost.h"
#include "engine/zookeeper/facts.h"
#include "engine/zookeeper/protocol.h"

namespace millrace::zookeeper {

namespace {

struct ClientTimer final : sim::MessageBase<ClientTimer> {
    static constexpr std::string_view Name = "zookeeper.ClientTimer";
    [[nodiscard]] std::string summary() const override {
        static constexpr std::string_view words[] = {"ping to ZooKeeper", "time-out of ZooKeeper's answer",
                                                     "next try to reach ZooKeeper"};
        return std::string{words[static_cast<std::size_t>(purpose)]};
    }
    enum class Purpose : std::uint8_t { Ping, Read, Retry };
    std::uint32_t instance;
    Purpose purpose;
    std::uint64_t round;
    ClientTimer(std::uint32_t client, Purpose what, std::uint64_t connection)
        : instance(client), purpose(what), round(connection) {}
    void digest(Digest& digest) const override {
        digest.add(instance);
        digest.add(static_cast<std::uint32_t>(purpose));
        digest.add(round);
    }
};

bool isRead(const std::vector<Operation>& operations, bool isMulti) {
    if (isMulti) {
        return false;
    }
    const OpCode code = operations.front().code;
    return code == OpCode::Exists || code == OpCode::GetData || code == OpCode::GetChildren || code == OpCode::Sync;
}

}  // namespace

void ZkClient::start(sim::Context& context, ClientConfig config) {
    MILLRACE_CHECK(m_phase == Phase::Closed);
    MILLRACE_CHECK(!config.servers.empty());
    m_config = std::move(config);
    if (!m_hasRandom) {
        m_random = context.makeStream("zookeeper-client-" + std::to_string(m_instance));
        m_hasRandom = true;
    }
    std::vector<ServerAddress>& servers = m_config.servers;
    for (std::size_t left = servers.size(); left > 1; --left) {
        std::swap(servers[left - 1], servers[static_cast<std::size_t>(m_random.below(left))]);
    }
    m_timeout = m_config.sessionTimeout;
    m_session = noSession;
    m_lastZxid = Zxid{};
    m_nextServer = 0;
    m_phase = Phase::Connecting;
    connectNext(context);
}

void ZkClient::close(sim::Context& context) {
    if (m_phase == Phase::Connected) {
        auto request = makeRef<ClientRequest>();
        request->xid = m_nextXid++;
        request->code = OpCode::CloseSession;
        m_link.transmit(context, std::move(request));
    }
    m_link.close(context);
    context.tell(makeRef<SessionLeft>(m_session));
    m_phase = Phase::Closed;
    m_session = noSession;
    m_link.beginRound();
    m_waiting.clear();
    m_pending.clear();
    m_watches.clear();
    m_events.clear();
}

bool ZkClient::handle(sim::Context& context, const sim::Message& message) {
    if (const auto* timer = message.as<ClientTimer>()) {
        if (timer->instance != m_instance) {
            return false;
        }
        if (timer->round == m_link.round() && m_phase != Phase::Closed) {
            switch (timer->purpose) {
                case ClientTimer::Purpose::Ping:
                    onPingTimer(context);
                    break;
                case ClientTimer::Purpose::Read:
                    onReadTimer(context);
                    break;
                case ClientTimer::Purpose::Retry:
                    m_link.endRest();
                    connectNext(context);
                    break;
            }
        }
        return true;
    }
    const sim::ConnectionId from = context.connection();
    if (from == sim::noConnection) {
        return false;
    }
    if (m_link.owns(from)) {
        context.spend(cost::client);
        onConnectionMessage(context, message);
        return true;
    }
    return m_link.hasLeft(from);
}

std::vector<Event> ZkClient::takeEvents() {
    return std::exchange(m_events, {});
}

// --- requests -------------------------------------------------------------------------------------------------------

void ZkClient::create(sim::Context& context, Tag tag, std::string path, std::string data, CreateMode mode) {
    ask(context, tag, Operation::create(std::move(path), std::move(data), mode));
}

void ZkClient::createSequential(sim::Context& context, Tag tag, std::string path, std::string data, bool ephemeral) {
    create(context, tag, std::move(path), std::move(data),
           ephemeral ? CreateMode::EphemeralSequential : CreateMode::PersistentSequential);
}

void ZkClient::remove(sim::Context& context, Tag tag, std::string path, std::int32_t version) {
    ask(context, tag, Operation::remove(std::move(path), version));
}

void ZkClient::setData(sim::Context& context, Tag tag, std::string path, std::string data, std::int32_t version) {
    ask(context, tag, Operation::setData(std::move(path), std::move(data), version));
}

void ZkClient::exists(sim::Context& context, Tag tag, std::string path, bool watch) {
    Operation operation;
    operation.code = OpCode::Exists;
    operation.path = std::move(path);
    operation.watch = watch;
    ask(context, tag, std::move(operation));
}

void ZkClient::getData(sim::Context& context, Tag tag, std::string path, bool watch) {
    Operation operation;
    operation.code = OpCode::GetData;
    operation.path = std::move(path);
    operation.watch = watch;
    ask(context, tag, std::move(operation));
}

void ZkClient::getChildren(sim::Context& context, Tag tag, std::string path, bool watch) {
    Operation operation;
    operation.code = OpCode::GetChildren;
    operation.path = std::move(path);
    operation.watch = watch;
    ask(context, tag, std::move(operation));
}

void ZkClient::multi(sim::Context& context, Tag tag, std::vector<Operation> operations) {
    enqueue(context, Asked{tag, std::move(operations), true, 0, context.now()});
}

void ZkClient::sync(sim::Context& context, Tag tag, std::string path) {
    Operation operation;
    operation.code = OpCode::Sync;
    operation.path = std::move(path);
    ask(context, tag, std::move(operation));
}

void ZkClient::ask(sim::Context& context, Tag tag, Operation operation) {
    enqueue(context, Asked{tag, {std::move(operation)}, false, 0, context.now()});
}

void ZkClient::enqueue(sim::Context& context, Asked asked) {
    MILLRACE_CHECK(m_phase != Phase::Closed);
    if (m_phase == Phase::Connected) {
        transmit(context, std::move(asked));
    } else {
        m_waiting.push_back(std::move(asked));
    }
}

void ZkClient::transmit(sim::Context& context, Asked asked) {
    auto request = makeRef<ClientRequest>();
    asked.xid = m_nextXid++;
    request->xid = asked.xid;
    request->code = asked.isMulti ? OpCode::Multi : asked.operations.front().code;
    request->operations = asked.operations;
    context.spend(cost::client);
    m_link.transmit(context, std::move(request));
    m_lastSent = context.now();
    m_pending.push_back(std::move(asked));
}

// --- the connection -------------------------------------------------------------------------------------------------

void ZkClient::connectNext(sim::Context& context) {
    const ServerAddress server = m_config.servers[m_nextServer];
    m_nextServer = (m_nextServer + 1) % m_config.servers.size();
    m_serverHost = server.host;
    m_link.open(context, server.host, server.port, silenceMax());
    auto hello = makeRef<ClientConnect>();
    hello->name = m_config.name;
    hello->session = m_session;
    hello->timeout = m_config.sessionTimeout;
    hello->lastZxid = m_lastZxid;
    m_link.transmit(context, std::move(hello));
    m_lastSent = context.now();
    armRead(context);
}

void ZkClient::retryLater(sim::Context& context) {
    // ZooKeeper's client waits up to a second before every attempt but its first, so that a herd spreads out.
    constexpr sim::Backoff herd{SimDuration{0}, SimDuration{0}, 0, std::chrono::seconds{1}};
    m_link.backOff(context, herd, m_random, [&](std::uint64_t round) {
        return makeRef<ClientTimer>(m_instance, ClientTimer::Purpose::Retry, round);
    });
}

SimDuration ZkClient::silenceMax() const {
    return m_phase == Phase::Connected ? m_timeout * 2 / 3
                                       : m_timeout / static_cast<std::int64_t>(m_config.servers.size());
}

/// As the client's thread sees it whenever it wakes. After a second
/// without a word it allows for a second of its own delay, and nothing stays unsaid for longer than ten.
SimDuration ZkClient::timeToPing(SimTime now) const {
    constexpr SimDuration silentMax = std::chrono::seconds{10};
    const SimDuration idle = now - m_lastSent;
    const SimDuration left = m_timeout / 3 - idle - (idle > pingAllowance ? pingAllowance : SimDuration{0});
    return idle > silentMax ? SimDuration{0} : std::max(left, SimDuration{0});
}

void ZkClient::armPing(sim::Context& context) {
    if (m_pingTimer != sim::noTimer) {
        context.cancel(m_pingTimer);
    }
    m_pingTimer = context.arm(timeToPing(context.now()),
                              makeRef<ClientTimer>(m_instance, ClientTimer::Purpose::Ping, m_link.round()));
}

void ZkClient::armRead(sim::Context& context) {
    const SimDuration silent = context.now() - m_link.heardAt();
    m_link.watchSilence(context, silenceMax() - silent,
                        makeRef<ClientTimer>(m_instance, ClientTimer::Purpose::Read, m_link.round()));
}

void ZkClient::onPingTimer(sim::Context& context) {
    m_pingTimer = sim::noTimer;
    pingIfDue(context);
}

void ZkClient::pingIfDue(sim::Context& context) {
    if (timeToPing(context.now()) == SimDuration{0}) {
        context.spend(cost::heartbeat);
        m_link.transmit(context, makeRef<ClientPing>());
        m_lastSent = context.now();
    }
    armPing(context);
}

void ZkClient::onReadTimer(sim::Context& context) {
    if (context.now() - m_link.heardAt() < silenceMax()) {
        armRead(context);
        return;
    }
    m_link.close(context);
    onConnectionLost(context);
}

void ZkClient::onConnectionMessage(sim::Context& context, const sim::Message& message) {
    if (m_link.read(context, message) == sim::Link::News::Lost) {
        onConnectionLost(context);
    } else if (const auto* response = message.as<ClientResponse>()) {
        onResponse(context, *response);
    } else if (const auto* fired = message.as<WatchNotification>()) {
        tellWatch(context, fired->path, fired->event);
        forgetWatches(fired->path, fired->event);
        m_events.emplace_back(WatchFired{fired->path, fired->event});
    } else if (const auto* connected = message.as<ClientConnected>()) {
        onConnected(context, *connected);
    }
    if (m_phase == Phase::Connected && context.now() - m_lastSent > pingAllowance) {
        pingIfDue(context);  // What comes in wakes the client's thread, which then looks at its next heartbeat.
    }
}

void ZkClient::onConnected(sim::Context& context, const ClientConnected& message) {
    if (message.session == noSession) {
        m_link.close(context);
        expire(context);
        return;
    }
    const bool isNew = m_session == noSession;
    m_session = message.session;
    m_timeout = message.timeout;
    m_phase = Phase::Connected;
    m_link.beginRound();
    m_lastSent = context.now();
    armPing(context);
    armRead(context);
    context.tell(makeRef<SessionHeld>(m_session, isNew));
    m_events.emplace_back(Connected{m_session, isNew});
    if (!m_watches.empty()) {
        auto wanted = makeRef<SetWatches>();
        wanted->lastZxid = m_lastZxid;
        wanted->watches.assign(m_watches.begin(), m_watches.end());
        m_link.transmit(context, std::move(wanted));
    }
    for (Asked& asked : std::exchange(m_waiting, {})) {
        transmit(context, std::move(asked));
    }
}

void ZkClient::onConnectionLost(sim::Context& context) {
    if (m_phase == Phase::Connected) {
        m_phase = Phase::Connecting;
        m_events.emplace_back(Disconnected{});
        std::deque<Asked> again;
        for (Asked& asked : std::exchange(m_pending, {})) {
            if (isRead(asked.operations, asked.isMulti)) {
                again.push_back(std::move(asked));
                continue;
            }
            Reply reply;
            reply.tag = asked.tag;
            reply.error = ErrorCode::ConnectionLoss;
            reply.path = asked.operations.empty() ? std::string{} : asked.operations.front().path;
            m_events.emplace_back(std::move(reply));
        }
        m_waiting.insert(m_waiting.begin(), std::make_move_iterator(again.begin()),
                         std::make_move_iterator(again.end()));
    }
    retryLater(context);
}

void ZkClient::tellAnswer(sim::Context& context, const Asked& asked, const ClientResponse& response) const {
    if (!context.isListenedTo()) {
        return;
    }
    auto fact = makeRef<ClientAnswered>();
    fact->session = m_session;
    fact->xid = response.xid;
    fact->code = asked.isMulti || asked.operations.empty() ? OpCode::Multi : asked.operations.front().code;
    fact->error = response.error;
    fact->zxid = response.zxid;
    fact->asked = asked.at;
    if (!asked.isMulti && !asked.operations.empty()) {
        const Operation& operation = asked.operations.front();
        const bool isThere = response.error == ErrorCode::Ok;
        fact->path = response.path.empty() ? operation.path : response.path;
        fact->stat = response.stat;
        fact->leavesWatch =
            operation.watch && (isThere || (response.error == ErrorCode::NoNode && operation.code == OpCode::Exists));
    }
    context.tell(std::move(fact));
}

void ZkClient::tellWatch(sim::Context& context, const std::string& path, WatchEvent event) const {
    if (context.isListenedTo()) {
        const bool isOfChildren = event == WatchEvent::NodeChildrenChanged || event == WatchEvent::NodeDeleted;
        const bool isOfNode = event != WatchEvent::NodeChildrenChanged;
        const bool isAwaited = (isOfChildren && m_watches.contains({path, WatchKind::Children})) ||
                               (isOfNode && (m_watches.contains({path, WatchKind::Data}) ||
                                             m_watches.contains({path, WatchKind::Exists})));
        context.tell(makeRef<WatchTold>(m_session, path, event, isAwaited));
    }
}

void ZkClient::onResponse(sim::Context& context, const ClientResponse& response) {
    MILLRACE_CHECK(!m_pending.empty());
    MILLRACE_CHECK(m_pending.front().xid == response.xid, m_pending.front().xid, response.xid);
    Asked asked = std::move(m_pending.front());
    m_pending.pop_front();
    m_lastZxid = std::max(m_lastZxid, response.zxid);
    tellAnswer(context, asked, response);
    if (!asked.isMulti) {
        leaveWatch(asked.operations.front(), response.error);
    }
    Reply reply;
    reply.tag = asked.tag;
    reply.error = response.error;
    if (!response.path.empty()) {
        reply.path = response.path;
    } else if (!asked.operations.empty()) {
        reply.path = asked.operations.front().path;
    }
    reply.data = response.data;
    reply.stat = response.stat;
    reply.children = response.children;
    reply.results = response.results;
    reply.zxid = response.zxid;
    m_events.emplace_back(std::move(reply));
}

void ZkClient::leaveWatch(const Operation& operation, ErrorCode error) {
    if (!operation.watch) {
        return;
    }
    if (error == ErrorCode::Ok) {
        const WatchKind kind = operation.code == OpCode::GetChildren ? WatchKind::Children : WatchKind::Data;
        m_watches.insert({operation.path, kind});
    } else if (error == ErrorCode::NoNode && operation.code == OpCode::Exists) {
        m_watches.insert({operation.path, WatchKind::Exists});
    }
}

void ZkClient::forgetWatches(const std::string& path, WatchEvent event) {
    if (event != WatchEvent::NodeChildrenChanged) {
        m_watches.erase({path, WatchKind::Data});
        m_watches.erase({path, WatchKind::Exists});
    }
    if (event == WatchEvent::NodeChildrenChanged || event == WatchEvent::NodeDeleted) {
        m_watches.erase({path, WatchKind::Children});
    }
}

void ZkClient::expire(sim::Context& context) {
    const SessionId session = std::exchange(m_session, noSession);
    context.tell(makeRef<SessionLeft>(session));
    m_phase = Phase::Closed;
    m_link.beginRound();
    m_watches.clear();
    for (std::deque<Asked>* queue : {&m_pending, &m_waiting}) {
        for (Asked& asked : *queue) {
            Reply reply;
            reply.tag = asked.tag;
            reply.error = ErrorCode::SessionExpired;
            reply.path = asked.operations.empty() ? std::string{} : asked.operations.front().path;
            m_events.emplace_back(std::move(reply));
        }
        queue->clear();
    }
    m_events.emplace_back(SessionExpired{session});
}

}  // namespace millrace::zookeeper
