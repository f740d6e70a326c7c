#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/kafka/broker/fetch_session.h"
#include "engine/kafka/last_place.h"

namespace millrace::kafka {

/// The fetch sessions of a broker's followers (KIP-227), one for each connection, and in how many of them a partition
/// sleeps. Source: FetchManager and FetchSessionCache of Kafka 3.9, where sessions are found by number and consumers
/// have some too.
///
/// `Learn` is told, before a partition wakes, what the fetches since it fell asleep would have told:
/// `learn(session, item)`.
class FetchSessions {
public:
    [[nodiscard]] FetchSession* of(sim::ConnectionId connection);
    void addPartition() { m_sleepers.push_back(0); }  ///< in the order of slots
    [[nodiscard]] bool isAsleepSomewhere(Slot slot) const { return m_sleepers[slot] > 0; }
    [[nodiscard]] std::size_t size() const { return m_sessions.size(); }

    /// Opens or updates the connection's session as the request says. `slotOf(partition)` may find none.
    template <class SlotOf, class Learn>
    [[nodiscard]] ErrorCode update(sim::ConnectionId connection, const FetchRequest& request, const SlotOf& slotOf,
                                   const Learn& learn) {
        FetchSession* session = of(connection);
        if (request.sessionEpoch == 0) {
            if (session != nullptr) {
                wakeAll(*session, learn);
            }
            session = &open(connection, request.replica);
        } else if (session == nullptr || session->id != request.sessionId) {
            return ErrorCode::FetchSessionIdNotFound;
        } else if (request.sessionEpoch != session->epoch + 1) {
            return ErrorCode::InvalidFetchSessionEpoch;
        } else {
            session->epoch = request.sessionEpoch;
            for (const TopicPartition& gone : request.forgotten) {
                if (FetchItem* item = session->find(slotOf(gone), gone)) {
                    wake(*session, *item, learn);
                    session->remove(*item);
                }
            }
        }
        for (const FetchRequest::Partition& asked : request.partitions) {
            const Slot slot = slotOf(asked.partition);
            if (FetchItem* known = session->find(slot, asked.partition)) {
                wake(*session, *known, learn);
                known->asked = asked;
            } else {
                session->add(slot, asked);
            }
        }
        return ErrorCode::None;
    }
    /// The partition is about to change: what sleeps in sessions wakes.
    template <class Learn>
    void wake(Slot slot, const Learn& learn) {
        for (FetchSession& session : m_sessions) {
            if (FetchItem* item = session.findAsleep(slot)) {
                wake(session, *item, learn);
            }
        }
        MILLRACE_CHECK(m_sleepers[slot] == 0, slot);
    }
    /// A fetch was taken in: what `isQuiet` may sleep until something changes.
    template <class IsQuiet>
    void settle(FetchSession& session, const IsQuiet& isQuiet) {
        session.settle(isQuiet, [&](const FetchItem& item) { ++m_sleepers[item.slot]; });
    }
    /// The connection is gone, and its session with it.
    template <class Learn>
    void end(sim::ConnectionId connection, const Learn& learn) {
        if (FetchSession* session = of(connection)) {
            wakeAll(*session, learn);
            m_sessions.erase(m_sessions.begin() + (session - m_sessions.data()));
        }
    }

private:
    FetchSession& open(sim::ConnectionId connection, BrokerId follower);
    template <class Learn>
    void wake(FetchSession& session, FetchItem& item, const Learn& learn) {
        if (!item.isAwake) {
            session.wake(item);
            --m_sleepers[item.slot];
            learn(std::as_const(session), std::as_const(item));
        }
    }
    template <class Learn>
    void wakeAll(FetchSession& session, const Learn& learn) {
        for (FetchItem* const item : session.all()) {
            wake(session, *item, learn);
        }
    }

    std::vector<FetchSession> m_sessions;   ///< by connection
    LastPlace m_lastSession;                ///< among them
    std::vector<std::uint16_t> m_sleepers;  ///< by slot: sessions in which it sleeps
    std::int32_t m_nextSession = 1;
};

}  // namespace millrace::kafka
