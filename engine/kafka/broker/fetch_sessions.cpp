#include "engine/kafka/broker/fetch_sessions.h"

#include <algorithm>

namespace millrace::kafka {

FetchSession* FetchSessions::of(sim::ConnectionId connection) {
    const auto at =
        std::lower_bound(m_sessions.begin(), m_sessions.end(), connection,
                         [](const FetchSession& session, sim::ConnectionId id) { return session.connection < id; });
    return at == m_sessions.end() || at->connection != connection ? nullptr : &*at;
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
