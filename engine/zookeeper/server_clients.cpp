#include <fmt/format.h>

#include <algorithm>

#include "engine/zookeeper/cost.h"
#include "engine/zookeeper/journal_kinds.h"
#include "engine/zookeeper/server_actor.h"

namespace millrace::zookeeper {

bool Server::onClientMessage(sim::Context& context, const sim::Message& message) {
    const auto at = m_desks.find(context.connection());
    if (at == m_desks.end()) {
        return false;
    }
    if (!m_isServing) {
        closeDesk(context, context.connection(), true);
    } else if (const auto* hello = message.as<ClientConnect>()) {
        onClientConnect(context, *hello);
    } else if (!at->second.isAdmitted) {
        closeDesk(context, context.connection(), true);
    } else if (const auto* request = message.as<ClientRequest>()) {
        onClientRequest(context, Ref<const ClientRequest>(request));
    } else if (message.as<ClientPing>() != nullptr) {
        context.spend(cost::heartbeat);
        touch(context, at->second);
        context.transmit(context.connection(), makeRef<ClientPing>());
    } else if (const auto* wanted = message.as<SetWatches>()) {
        onSetWatches(context, *wanted);
    }
    return true;
}

// --- sessions
// ---------------------------------------------------------------------------------------------------------

SessionId Server::newSessionId() {
    return SessionId{++m_nextSession};
}

void Server::onClientConnect(sim::Context& context, const ClientConnect& hello) {
    context.spend(cost::connect);
    const sim::ConnectionId connection = context.connection();
    if (hello.lastZxid > m_tree.lastZxid()) {
        closeDesk(context, connection, true);  // The client has seen more than this server knows.
        return;
    }
    Desk& desk = m_desks[connection];
    const SimDuration least =
        m_config.minSessionTimeout == SimDuration{0} ? m_config.tickTime * 2 : m_config.minSessionTimeout;
    const SimDuration most =
        m_config.maxSessionTimeout == SimDuration{0} ? m_config.tickTime * 20 : m_config.maxSessionTimeout;
    desk.timeout = std::clamp(hello.timeout, least, std::max(least, most));  // the least wins where the two contradict
    if (hello.session == noSession) {
        desk.session = newSessionId();
        m_sessionDesk[desk.session] = connection;
        WriteRequest request;
        request.session = desk.session;
        request.code = OpCode::CreateSession;
        request.sessionTimeout = desk.timeout;
        request.client = desk.client;
        request.clientName = hello.name;
        passOn(context, request);
        return;
    }
    if (const auto other = m_sessionDesk.find(hello.session); other != m_sessionDesk.end()) {
        closeDesk(context, other->second, true);
    }
    desk.session = hello.session;
    m_sessionDesk[desk.session] = connection;
    if (m_state == ServerState::Leading) {
        onAdmission(context, desk.session, admit(context, desk.session, m_self));
        return;
    }
    auto ask = makeRef<Revalidate>();
    ask->session = desk.session;
    m_leaderLink.transmit(context, std::move(ask));
}

Server::Desk* Server::deskOf(SessionId session, sim::ConnectionId& connection) {
    const auto at = m_sessionDesk.find(session);
    if (at == m_sessionDesk.end()) {
        return nullptr;
    }
    connection = at->second;
    return &m_desks.at(connection);
}

void Server::onAdmission(sim::Context& context, SessionId session, bool isValid) {
    sim::ConnectionId connection;
    Desk* desk = deskOf(session, connection);
    if (desk == nullptr || desk->isAdmitted) {
        return;
    }
    if (!isValid) {
        context.transmit(connection, makeRef<ClientConnected>());
        closeDesk(context, connection, true);
        return;
    }
    if (const Session* known = m_tree.findSession(session)) {
        desk->timeout = known->timeout;
    }
    welcome(context, connection, *desk);
}

void Server::welcome(sim::Context& context, sim::ConnectionId connection, Desk& desk) {
    desk.isAdmitted = true;
    auto connected = makeRef<ClientConnected>();
    connected->session = desk.session;
    connected->timeout = desk.timeout;
    context.transmit(connection, std::move(connected));
}

void Server::touch(sim::Context& context, const Desk& desk) {
    if (m_state == ServerState::Leading) {
        m_tracker.touch(desk.session, context.now());
    } else {
        m_touched.insert(desk.session);
    }
}

void Server::closeDesk(sim::Context& context, sim::ConnectionId connection, bool tellPeer) {
    const auto at = m_desks.find(connection);
    if (at == m_desks.end()) {
        return;
    }
    if (const auto session = m_sessionDesk.find(at->second.session);
        session != m_sessionDesk.end() && session->second == connection) {
        m_sessionDesk.erase(session);
    }
    m_desks.erase(at);
    if (tellPeer) {
        context.close(connection);
    }
    for (Watches* watches : {&m_dataWatches, &m_childWatches}) {
        std::vector<std::string> paths;
        for (const auto& [path, watchers] : *watches) {
            if (std::find(watchers.begin(), watchers.end(), connection) != watchers.end()) {
                paths.push_back(path);
            }
        }
        for (const std::string& path : paths) {
            std::vector<sim::ConnectionId>& watchers = *watches->update(path);
            std::erase(watchers, connection);
            if (watchers.empty()) {
                watches->erase(path);
            }
        }
    }
}

// --- requests
// ---------------------------------------------------------------------------------------------------------

void Server::onClientRequest(sim::Context& context, Ref<const ClientRequest> request) {
    ++m_requests;
    Desk& desk = m_desks.at(context.connection());
    touch(context, desk);
    if (!request->isWrite()) {
        if (desk.queue.empty()) {
            answerRead(context, context.connection(), *request);
        } else {
            desk.queue.push_back({std::move(request), false});
        }
        return;
    }
    WriteRequest write;
    write.session = desk.session;
    write.xid = request->xid;
    write.code = request->code;
    write.operations = request->operations;
    desk.queue.push_back({std::move(request), true});
    if (m_config.broken.syncsAlone && write.code == OpCode::Sync && m_state != ServerState::Leading) {
        answerSync(context, write.session, write.xid);
        return;
    }
    passOn(context, write);
}

void Server::passOn(sim::Context& context, const WriteRequest& request) {
    if (m_state == ServerState::Leading) {
        submit(context, request, m_self);
        return;
    }
    auto forwarded = makeRef<ForwardedWrite>();
    forwarded->request = request;
    context.spend(cost::forward);
    m_leaderLink.transmit(context, std::move(forwarded));
}

void Server::answerRead(sim::Context& context, sim::ConnectionId connection, const ClientRequest& request) {
    context.spend(cost::read);
    ++m_reads;
    const Operation& operation = request.operations.front();
    auto response = makeRef<ClientResponse>();
    response->xid = request.xid;
    const Tree& tree = m_config.broken.servesOldReads ? m_oldTree : m_tree;
    response->zxid = tree.lastZxid();
    const std::optional<Stat> stat = tree.statOf(operation.path);
    response->error = stat ? ErrorCode::Ok : ErrorCode::NoNode;
    if (stat) {
        response->stat = *stat;
        if (request.code == OpCode::GetData) {
            response->data = tree.find(operation.path)->data;
        } else if (request.code == OpCode::GetChildren) {
            response->children = tree.childrenOf(operation.path);
        }
    }
    if (operation.watch && (stat || request.code == OpCode::Exists)) {
        Watches& watches = request.code == OpCode::GetChildren ? m_childWatches : m_dataWatches;
        std::vector<sim::ConnectionId>& watchers = watches[operation.path];
        if (std::find(watchers.begin(), watchers.end(), connection) == watchers.end()) {
            watchers.push_back(connection);
        }
    }
    context.transmit(connection, std::move(response));
}

void Server::answerReadsAtHead(sim::Context& context, sim::ConnectionId connection, Desk& desk) {
    while (!desk.queue.empty() && !desk.queue.front().isWrite) {
        answerRead(context, connection, *desk.queue.front().request);
        desk.queue.pop_front();
    }
}

void Server::answerWrite(sim::Context& context, const Transaction& transaction, const Applied& applied) {
    sim::ConnectionId connection;
    Desk* desk = deskOf(transaction.session, connection);
    if (desk == nullptr) {
        return;
    }
    if (transaction.code == OpCode::CreateSession) {
        if (!desk->isAdmitted) {
            const std::string& name = transaction.clientName;
            context.journal({happened::sessionCreated,
                             sim::Severity::Detail,
                             fmt::format("{} has a session at {}", name.empty() ? "A client" : name, m_member.name),
                             {{"session", toText(transaction.session)},
                              {"client", name},
                              {"server", m_member.name},
                              {"timeout_ms", std::to_string(desk->timeout / std::chrono::milliseconds{1})}}});
            welcome(context, connection, *desk);
        }
        return;
    }
    const bool isAnswer =
        !desk->queue.empty() && desk->queue.front().isWrite && desk->queue.front().request->xid == transaction.xid;
    if (isAnswer) {
        auto response = makeRef<ClientResponse>();
        response->xid = transaction.xid;
        response->zxid = transaction.zxid;
        response->error = transaction.error;
        if (transaction.code == OpCode::Multi) {
            response->results = applied.results;
        } else if (transaction.error == ErrorCode::Ok && !applied.results.empty()) {
            response->path = applied.results.front().path;
            response->stat = applied.results.front().stat;
        }
        context.spend(cost::respond);
        context.transmit(connection, std::move(response));
        desk->queue.pop_front();
    }
    if (transaction.code == OpCode::CloseSession || transaction.error == ErrorCode::SessionMoved) {
        closeDesk(context, connection, true);
    } else {
        answerReadsAtHead(context, connection, *desk);
    }
}

void Server::answerSync(sim::Context& context, SessionId session, std::uint64_t xid) {
    sim::ConnectionId connection;
    Desk* desk = deskOf(session, connection);
    if (desk == nullptr || desk->queue.empty() || desk->queue.front().request->xid != xid) {
        return;
    }
    auto response = makeRef<ClientResponse>();
    response->xid = xid;
    response->zxid = m_tree.lastZxid();
    response->path = desk->queue.front().request->operations.front().path;
    context.transmit(connection, std::move(response));
    desk->queue.pop_front();
    answerReadsAtHead(context, connection, *desk);
}

// --- watches
// ----------------------------------------------------------------------------------------------------------

void Server::onSetWatches(sim::Context& context, const SetWatches& wanted) {
    const sim::ConnectionId connection = context.connection();
    for (const auto& [path, kind] : wanted.watches) {
        context.spend(cost::heartbeat);
        const Node* node = m_tree.find(path);
        std::optional<WatchEvent> missed;
        if (kind == WatchKind::Exists) {
            if (node != nullptr) {
                missed = WatchEvent::NodeCreated;
            }
        } else if (node == nullptr) {
            missed = WatchEvent::NodeDeleted;
        } else if (kind == WatchKind::Data && node->stat.mzxid > wanted.lastZxid) {
            missed = WatchEvent::NodeDataChanged;
        } else if (kind == WatchKind::Children && node->stat.pzxid > wanted.lastZxid) {
            missed = WatchEvent::NodeChildrenChanged;
        }
        if (!missed || m_config.broken.losesWatches) {
            Watches& watches = kind == WatchKind::Children ? m_childWatches : m_dataWatches;
            watches[path].push_back(connection);
            continue;
        }
        auto notification = makeRef<WatchNotification>();
        notification->path = path;
        notification->event = *missed;
        context.transmit(connection, std::move(notification));
    }
}

void Server::fireWatches(sim::Context& context, const std::vector<Touched>& touched) {
    for (const Touched& touch : touched) {
        std::vector<sim::ConnectionId> watchers;
        const auto take = [this, &watchers, &touch](Watches& watches) {
            const std::vector<sim::ConnectionId>* found = watches.find(touch.path);
            if (found == nullptr) {
                return;
            }
            for (const sim::ConnectionId watcher : *found) {
                if (std::find(watchers.begin(), watchers.end(), watcher) == watchers.end()) {
                    watchers.push_back(watcher);
                }
            }
            if (!m_config.broken.doublesWatches) {
                watches.erase(touch.path);
            }
        };
        if (touch.event != WatchEvent::NodeChildrenChanged) {
            take(m_dataWatches);
        }
        if (touch.event == WatchEvent::NodeDeleted || touch.event == WatchEvent::NodeChildrenChanged) {
            take(m_childWatches);
        }
        for (const sim::ConnectionId watcher : watchers) {
            auto notification = makeRef<WatchNotification>();
            notification->path = touch.path;
            notification->event = touch.event;
            context.spend(cost::respond);
            context.transmit(watcher, std::move(notification));
        }
    }
}

std::size_t Server::watchCount() const {
    std::size_t count = 0;
    for (const Watches* watches : {&m_dataWatches, &m_childWatches}) {
        for (const auto& [path, watchers] : *watches) {
            count += watchers.size();
        }
    }
    return count;
}

}  // namespace millrace::zookeeper
