#include "engine/kafka/broker/fetch_sessions.h"

#include <algorithm>

namespace millrace::kafka {

FetchSession* FetchSessions::of(sim::ConnectionId connection) {
    const std::size_t place =
        m_lastSession.find(m_sessions, connection, [](const FetchSession& session) { return session.connection; });
    return place < m_sessions.size() ? &m_sessions[place] : nullptr;
}

FetchSession& FetchSessions::open(sim::ConnectionId connection, BrokerId follower) {
    FetchSession opened(connection, m_nextSession++, follower);
    if (FetchSession* before = of(connection)) {
        *before = std::move(opened);
        return *before;
    }
    const auto at = std::find_if(m_sessions.begin(), m_sessions.end(),
                                 [&](const FetchSession& other) { return other.connection > connection; });
    return *m_sessions.insert(at, std::move(opened));
}

}  // namespace millrace::kafka
