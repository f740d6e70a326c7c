#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/gateway/gateway_process.h"

namespace millrace::gateway {

/// The outside of the gateway: a listening socket on 127.0.0.1 for each broker, connections that are read frame by
/// frame, and the signals that end serving. Runs on its caller's thread only inside of `poll` and `waitUntil`. Clients
/// of a broker that is closed are refused by the system, as they are by a machine where nothing listens.
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

    /// Opens or closes a broker's port; fails when the port is taken.
    Result<void> setOpen(kafka::BrokerId broker, std::uint16_t port, bool open);
    void poll();
    /// Returns when something has arrived, at a signal or at the time.
    void waitUntil(Clock::time_point time);
    [[nodiscard]] std::vector<Arrival> takeArrivals();
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
