#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/kafka/broker/fetch_session.h"
#include "engine/kafka/protocol/produce.h"
#include "engine/sim/context.h"

namespace millrace::kafka {

/// Wakes whoever holds delayed operations when one's time may be up.
struct PurgatorySweep final : sim::MessageBase<PurgatorySweep> {
    static constexpr std::string_view Name = "kafka.PurgatorySweep";
    void digest(Digest&) const override {}
};

/// One alarm for the earliest of many deadlines: armed when a deadline comes before all others, and left to fire in
/// vain when what it was for is done.
class ExpirationAlarm {
public:
    void watch(sim::Context& context, SimTime deadline) {
        if (!m_at || deadline < *m_at) {
            m_at = deadline;
            context.arm(std::max(deadline - context.now(), SimDuration{0}), makeRef<PurgatorySweep>());
        }
    }
    /// Whether an alarm that fires now is the one that counts; if so none is set any more.
    [[nodiscard]] bool fires(SimTime now) {
        if (m_at && *m_at > now) {
            return false;
        }
        m_at.reset();
        return true;
    }

private:
    std::optional<SimTime> m_at;
};

/// Requests that wait for something to happen or for their deadline, in the order in which they came. An `Operation`
/// has a `deadline`; whether one is done is its holder's to say, who also answers it. Source: DelayedOperationPurgatory
/// of Kafka 3.9; without its lists by key, as a follower's fetch waits for all of its session at once.
template <class Operation>
class DelayedOperations {
public:
    [[nodiscard]] std::size_t size() const { return m_operations.size(); }
    void add(Operation operation) { m_operations.push_back(std::move(operation)); }
    /// Tries each, in order: those that `isDone` are gone.
    template <class IsDone>
    void complete(IsDone&& isDone) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < m_operations.size(); ++i) {
            if (isDone(m_operations[i])) {
                continue;
            }
            if (kept != i) {
                m_operations[kept] = std::move(m_operations[i]);
            }
            ++kept;
        }
        m_operations.erase(m_operations.begin() + static_cast<std::ptrdiff_t>(kept), m_operations.end());
    }
    /// Those are for nobody any more.
    template <class IsGone>
    void forget(IsGone&& isGone) {
        std::erase_if(m_operations, isGone);
    }
    /// The earliest of what is left.
    [[nodiscard]] std::optional<SimTime> deadline() const {
        std::optional<SimTime> first;
        for (const Operation& operation : m_operations) {
            first = first ? std::min(*first, operation.deadline) : operation.deadline;
        }
        return first;
    }

private:
    std::vector<Operation> m_operations;
};

/// Records that wait for followers (acks = all), a client's or the broker's own.
struct DelayedProduce {
    struct Item {
        Slot slot = noSlot;
        Offset required;  ///< the high watermark must reach this
        bool isDone = false;
        ProduceResponse::Partition answer;
    };
    sim::ConnectionId connection = sim::noConnection;
    CorrelationId correlationId;
    std::int16_t version = 0;
    std::optional<std::uint64_t> token;  ///< of an own append
    SimTime deadline;
    PooledVector<Item> items;

    [[nodiscard]] bool concerns(const SlotSet& touched) const {
        return std::any_of(items.begin(), items.end(),
                           [&](const Item& item) { return touched.contains(item.slot == noSlot ? 0 : item.slot); });
    }
};

/// A fetch that waits for enough records.
struct DelayedFetch {
    sim::ConnectionId connection;
    Ref<const FetchRequest> request;
    SimTime deadline;
    PooledVector<FetchItem> items;  ///< empty when it has a session, which holds them
    PooledVector<Slot> reads;       ///< the places of these items, sorted

    [[nodiscard]] bool isFollowers() const { return request->replica != consumerReplica; }
    [[nodiscard]] bool concerns(const FetchSession* session, const SlotSet& touched) const {
        return std::any_of(touched.members().begin(), touched.members().end(), [&](Slot slot) {
            return session != nullptr ? session->contains(slot) : std::binary_search(reads.begin(), reads.end(), slot);
        });
    }
    /// What an answer has to look at: all, or of a session that goes on what is awake.
    [[nodiscard]] FetchItems itemsToRead(FetchSession* session) {
        if (session != nullptr) {
            return request->sessionEpoch > 0 ? session->awake() : session->all();
        }
        FetchItems read;
        for (FetchItem& item : items) {
            read.push_back(&item);
        }
        return read;
    }
};

}  // namespace millrace::kafka
