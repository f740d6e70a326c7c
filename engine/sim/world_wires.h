#pragma once

#include "engine/sim/world.h"

namespace millrace::sim {

/// The world as its network sees it, for one event. Internal to engine/sim.
class World::Wires final : public NetworkUser {
public:
    explicit Wires(World& world) : NetworkUser(world.m_queue, world.m_now), m_world(world) {}

    [[nodiscard]] bool hasPower(HostId host) const override { return m_world.m_hosts[host.value]->poweredOn; }
    void arrived(const Endpoint& to, Mail mail) override;
    void told(const Endpoint& to, Mail mail) override;
    void opened(ProcessId process, ConnectionId end) override;
    void closed(ProcessId process, ConnectionId end) override;

private:
    World& m_world;
};

}  // namespace millrace::sim
