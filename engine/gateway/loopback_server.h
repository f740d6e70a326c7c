#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/gateway/gateway_process.h"

namespace millrace::gateway {

/// What a broker takes from outside; comments give Kafka's own keys.
struct DoorLimits {
    std::int64_t connectionsMax = std::numeric_limits<std::int32_t>::max();       ///< max.connections
    std::int64_t connectionsPerIpMax = std::numeric_limits<std::int32_t>::max();  ///< max.connections.per.ip
    std::int64_t requestBytesMax = 100 << 20;                                     ///< socket.request.max.bytes
    std::int64_t queuedBytesMax = -1;  ///< queued.max.request.bytes; not positive: without limit
};

/// The outside of the gateway: a listening socket on 127.0.0.1 for each broker, connections that are read frame by
/// frame, and the signals that end serving. Runs on its caller's thread only inside of `poll` and `waitUntil`. Clients
/// of a broker that is closed are refused by the system, as they are by a machine where nothing listens.
///
/// What clients can make it hold is bounded. A frame's buffer grows with what arrives. A connection's next request is
/// read when the answer to the one before has left, as Kafka does it; only Produce requests may be a few ahead, since
/// their answers are small and the simulated network lies between. When the frames of all connections together, or the
/// answers that clients do not read, go beyond the process's share, the connection that wants more, or reads nothing,
/// is hung up on. Some of the files that the process may open are kept from connections.
class LoopbackServer {
public:
    using Clock = std::chrono::steady_clock;

    /// What came from outside since the last `takeArrivals`, in order.
    struct Arrival {
        Ref<const ClientDid> did;
        Clock::time_point at;
    };

    LoopbackServer();
    ~LoopbackServer();
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    /// Bytes that frames may take together, and as many that answers may.
    void setBudget(std::size_t bytes);
    /// Opens or closes a broker's port; fails when the port is taken. When the files of the process are used up, a port
    /// that has been open before stays closed: ask again.
    Result<void> setOpen(kafka::BrokerId broker, std::uint16_t port, bool open, const DoorLimits& limits = {});
    /// While it is held, no request is read that has not been begun.
    void setHeld(bool held);
    void poll();
    /// Returns when something has arrived, at a signal or at the time.
    void waitUntil(Clock::time_point time);
    [[nodiscard]] std::vector<Arrival> takeArrivals();
    [[nodiscard]] bool hasArrivals() const;
    void send(const ClientEffect& effect);
    /// SIGINT or SIGTERM has come.
    [[nodiscard]] bool isStopped() const;
    /// Bytes given to `send` that clients have not taken yet.
    [[nodiscard]] std::size_t unsent() const;

private:
    struct Private;
    std::unique_ptr<Private> m_private;
};

}  // namespace millrace::gateway
