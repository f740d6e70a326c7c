#pragma once

#include <map>

#include "engine/base/sim_time.h"
#include "engine/sim/ids.h"
#include "engine/zookeeper/types.h"

namespace millrace::zookeeper {

/// The leader's account of which sessions live. A session expires at the first multiple of the tick after its time-out
/// has passed without a word (ExpiryQueue), so between one time-out and one time-out and a tick. Its owner is the
/// server its client was last admitted by; writes that reach the leader through another one are refused (SessionMoved).
class SessionTracker {
public:
    struct Tracked {
        SimDuration timeout{0};
        SimTime expires;
        SimTime heard;
        ServerId owner = noServer;
        sim::ProcessId client = sim::noProcess;
        bool isClosing = false;
    };

    explicit SessionTracker(SimDuration tick = std::chrono::seconds{2}) : m_tick(tick) {}

    Tracked& add(SessionId id, SimDuration timeout, sim::ProcessId client, SimTime now) {
        Tracked& tracked = m_sessions[id];
        tracked.timeout = timeout;
        tracked.client = client;
        tracked.expires = expiry(now, timeout);
        tracked.heard = now;
        return tracked;
    }
    [[nodiscard]] Tracked* find(SessionId id) {
        const auto at = m_sessions.find(id);
        return at == m_sessions.end() ? nullptr : &at->second;
    }
    /// False when there is no such session, or it is being closed.
    bool touch(SessionId id, SimTime now) {
        Tracked* tracked = find(id);
        if (tracked == nullptr || tracked->isClosing) {
            return false;
        }
        tracked->expires = std::max(tracked->expires, expiry(now, tracked->timeout));
        tracked->heard = now;
        return true;
    }
    void remove(SessionId id) { m_sessions.erase(id); }
    void clear() { m_sessions.clear(); }
    [[nodiscard]] const std::map<SessionId, Tracked>& all() const { return m_sessions; }

private:
    [[nodiscard]] SimTime expiry(SimTime now, SimDuration timeout) const {
        return SimTime{((now + timeout).time_since_epoch() / m_tick + 1) * m_tick};
    }

    SimDuration m_tick;
    std::map<SessionId, Tracked> m_sessions;
};

}  // namespace millrace::zookeeper
