#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/pool_allocator.h"
#include "engine/base/sim_time.h"
#include "engine/kafka/broker/slot_set.h"
#include "engine/kafka/protocol/fetch.h"
#include "engine/sim/ids.h"

namespace millrace::kafka {

/// A partition that is fetched, and what its fetcher was told last.
struct FetchItem {
    Slot slot = noSlot;
    FetchRequest::Partition asked;
    Offset sentHighWatermark = noOffset;
    Offset sentLogStart = noOffset;
    bool isAwake = true;     ///< of a session; see there
    std::uint64_t turn = 0;  ///< of a session: the order in which partitions are read
};
using FetchItems = PooledVector<FetchItem*>;  // made anew for each fetch

/// What a leader remembers of one follower's fetches (KIP-227), so that requests and answers name only what changed.
///
/// A partition in it is *awake* or *asleep*. Asleep is one of which the next fetch has nothing to say and nothing to
/// learn but that the follower was there: it has asked for the end of the log and been told what there is to tell. So a
/// fetch goes through those that are awake. Whoever is about to change the partition wakes it first, and takes in then
/// what the fetches since would have told: the follower had all there was until `fetchedAt`.
/// Owned by ReplicaManager, which knows the logs; goes with its connection.
class FetchSession {
public:
    FetchSession(sim::ConnectionId of, std::int32_t number, BrokerId follower)
        : connection(of), id(number), replica(follower) {}

    sim::ConnectionId connection;
    std::int32_t id = 0;
    std::int32_t epoch = 0;
    BrokerId replica;
    SimTime fetchedAt;  ///< the last fetch that was taken in

    [[nodiscard]] bool empty() const { return m_items.empty(); }
    /// At the end of the order, awake.
    void add(Slot slot, const FetchRequest::Partition& asked);
    /// Null when it is not in here. By name, for a partition may have been unknown when it came in.
    [[nodiscard]] FetchItem* find(Slot slot, const TopicPartition& partition);
    [[nodiscard]] bool contains(Slot slot) const { return placeOf(slot) != nowhere; }
    [[nodiscard]] FetchItem* findAsleep(Slot slot);
    void remove(const FetchItem& item);

    void wake(FetchItem& item);
    /// Puts those to sleep of which `isQuiet` says that they may.
    template <class IsQuiet, class Slept>
    void settle(const IsQuiet& isQuiet, const Slept& slept) {
        std::erase_if(m_awake, [&](std::uint32_t place) {
            FetchItem& item = m_items[place];
            item.isAwake = !isQuiet(item);
            if (!item.isAwake) {
                slept(item);
            }
            return !item.isAwake;
        });
    }

    /// In their order. Pointers hold until partitions come or go.
    [[nodiscard]] FetchItems awake();
    [[nodiscard]] FetchItems all();
    [[nodiscard]] const std::vector<FetchItem>& items() const { return m_items; }  ///< in no order
    /// Partitions that gave records go to the end, so that a small limit starves none.
    void moveToEnd(const FetchItems& items);

private:
    static constexpr std::uint32_t nowhere = 0xFFFFFFFFU;

    [[nodiscard]] std::uint32_t placeOf(Slot slot) const { return slot < m_places.size() ? m_places[slot] : nowhere; }

    std::vector<FetchItem> m_items;
    std::vector<std::uint32_t> m_places;  ///< in m_items, by slot
    std::vector<std::uint32_t> m_awake;   ///< places of those that are awake
    std::size_t m_unknown = 0;            ///< partitions without a slot
    std::uint64_t m_nextTurn = 0;
};

}  // namespace millrace::kafka
