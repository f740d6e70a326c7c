#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/kafka/broker/coordinator.h"
#include "engine/kafka/last_place.h"
#include "engine/sim/context.h"

namespace millrace::kafka {

/// The connections that others have opened to this broker. One request of a connection is worked on at a time and the
/// next waits until its answer is out, as Kafka mutes a channel; a parked request so holds up only its own connection.
/// Owned by the broker's actor. Kafka's limit of queued requests is left out: the connection's window bounds them.
class RequestChannel {
public:
    struct Ready {
        sim::ConnectionId connection;
        sim::MessageRef request;
    };

    void accepted(sim::ConnectionId connection, sim::ProcessId peer);
    void closed(sim::ConnectionId connection);
    [[nodiscard]] bool owns(sim::ConnectionId connection) const { return find(connection) != nullptr; }
    [[nodiscard]] sim::ProcessId peerOf(sim::ConnectionId connection) const;

    void arrived(sim::ConnectionId connection, sim::MessageRef request);
    /// The next request that may be worked on; its connection is muted until `answer`.
    [[nodiscard]] std::optional<Ready> next();
    /// Sends the answer (none for acks = 0) and unmutes. Dropped when the connection has gone.
    void answer(sim::Context& context, sim::ConnectionId connection, sim::MessageRef response);
    void hangUp(sim::Context& context, sim::ConnectionId connection);

    [[nodiscard]] std::size_t size() const { return m_connections.size(); }

private:
    struct Client {
        sim::ConnectionId id;
        sim::ProcessId peer;
        bool isMuted = false;
        std::vector<sim::MessageRef> waiting;
    };
    [[nodiscard]] const Client* find(sim::ConnectionId connection) const;
    [[nodiscard]] Client* find(sim::ConnectionId connection);

    std::vector<Client> m_connections;       ///< by id
    LastPlace m_lastClient;                  ///< among them
    std::vector<sim::ConnectionId> m_ready;  ///< unmuted with something waiting, in order of arrival
};

}  // namespace millrace::kafka
