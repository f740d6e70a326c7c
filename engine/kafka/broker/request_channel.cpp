#include "engine/kafka/broker/request_channel.h"

#include <algorithm>

namespace millrace::kafka {

const RequestChannel::Client* RequestChannel::find(sim::ConnectionId connection) const {
    const std::size_t place =
        m_lastClient.find(m_connections, connection, [](const Client& client) { return client.id; });
    return place < m_connections.size() ? &m_connections[place] : nullptr;
}

RequestChannel::Client* RequestChannel::find(sim::ConnectionId connection) {
    return const_cast<Client*>(std::as_const(*this).find(connection));
}

void RequestChannel::accepted(sim::ConnectionId connection, sim::ProcessId peer) {
    closed(connection);
    const auto at = std::lower_bound(m_connections.begin(), m_connections.end(), connection,
                                     [](const Client& client, sim::ConnectionId id) { return client.id < id; });
    m_connections.insert(at, Client{connection, peer, false, {}});
}

void RequestChannel::closed(sim::ConnectionId connection) {
    std::erase_if(m_connections, [&](const Client& client) { return client.id == connection; });
    std::erase(m_ready, connection);
}

sim::ProcessId RequestChannel::peerOf(sim::ConnectionId connection) const {
    const Client* client = find(connection);
    return client == nullptr ? sim::noProcess : client->peer;
}

void RequestChannel::arrived(sim::ConnectionId connection, sim::MessageRef request) {
    Client* client = find(connection);
    if (client == nullptr) {
        return;
    }
    client->waiting.push_back(std::move(request));
    if (!client->isMuted && client->waiting.size() == 1) {
        m_ready.push_back(connection);
    }
}

std::optional<RequestChannel::Ready> RequestChannel::next() {
    if (m_ready.empty()) {
        return std::nullopt;
    }
    const sim::ConnectionId connection = m_ready.front();
    m_ready.erase(m_ready.begin());
    Client& client = *find(connection);
    client.isMuted = true;
    Ready ready{connection, std::move(client.waiting.front())};
    client.waiting.erase(client.waiting.begin());
    return ready;
}

void RequestChannel::answer(sim::Context& context, sim::ConnectionId connection, sim::MessageRef response) {
    Client* client = find(connection);
    if (client == nullptr) {
        return;
    }
    if (response) {
        context.transmit(connection, std::move(response));
    }
    client->isMuted = false;
    if (!client->waiting.empty()) {
        m_ready.push_back(connection);
    }
}

void RequestChannel::hangUp(sim::Context& context, sim::ConnectionId connection) {
    if (find(connection) != nullptr) {
        context.close(connection);
        closed(connection);
    }
}

}  // namespace millrace::kafka
