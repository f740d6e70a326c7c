#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/base/ref.h"
#include "engine/sim/ids.h"
#include "engine/sim/message.h"

namespace millrace::sim {

enum class EventKind : std::uint8_t {
    Mail,          ///< target: actor slot; a message of its own process, or from outside
    Timer,         ///< target: actor slot; token: timer id
    HandlerDone,   ///< target: actor slot: the processor time of its handler has passed
    Arrival,       ///< target: connection; token: direction
    Retransmit,    ///< target: connection; token: direction
    GiveUp,        ///< target: connection; token: direction: TCP's own time-out
    ConnectTry,    ///< target: connection; token: attempt
    ConnectDone,   ///< target: connection: the answer reaches the connecting end
    FlushDone,     ///< target: actor slot
    ProcessStart,  ///< target: process
    Fault,         ///< target: index of the fault to come
    FaultEnd       ///< target: index of the fault record
};

/// A plain record of 32 bytes. Total order is (time, order of insertion).
struct Event {
    std::int64_t time = 0;             ///< nanoseconds
    const Message* message = nullptr;  ///< counted by the queue
    std::uint64_t word = 0;            ///< kind: 4 bits, generation: 16 bits, token: 44 bits
    std::uint32_t target = 0;
    JournalId cause = noEntry;

    [[nodiscard]] EventKind kind() const { return static_cast<EventKind>(word >> 60U); }
    [[nodiscard]] std::uint32_t generation() const { return static_cast<std::uint32_t>(word >> 44U) & 0xFFFFU; }
    [[nodiscard]] std::uint64_t token() const { return word & ((std::uint64_t{1} << 44U) - 1); }
    static std::uint64_t pack(EventKind kind, std::uint32_t generation, std::uint64_t token) {
        return (static_cast<std::uint64_t>(kind) << 60U) | (static_cast<std::uint64_t>(generation & 0xFFFFU) << 44U) |
               token;
    }
};
static_assert(sizeof(Event) == 32);

/// A monotone radix heap of events in blocks of 126. Events of equal time leave in the order they came. Copies share
/// blocks: a bucket is a chain from its newest block to older ones, which are never written again while shared. push
/// amortised O(1); pop amortised O(log range); copy O(buckets + events due at this very instant). Never push before the
/// time of the last popped event.
class EventQueue {
public:
    static constexpr std::size_t blockEvents = 126;

    EventQueue() = default;
    EventQueue(const EventQueue& other);
    EventQueue& operator=(const EventQueue& other);
    EventQueue(EventQueue&& other) noexcept;
    EventQueue& operator=(EventQueue&& other) noexcept;
    ~EventQueue();

    [[nodiscard]] std::uint64_t size() const { return m_size; }
    [[nodiscard]] bool empty() const { return m_size == 0; }
    /// Time of the earliest event; the queue must not be empty. O(events of the lowest bucket), remembered.
    [[nodiscard]] std::int64_t minTime() const;

    /// Takes over one count of `event.message`.
    void push(const Event& event);
    /// The caller takes over the count of the message. The queue must not be empty.
    Event pop();

private:
    struct Block;
    struct Bucket {
        Block* newest = nullptr;
    };
    void append(Bucket& bucket, const Event& event);
    void refill();
    void clear() noexcept;

    std::array<Bucket, 64> m_buckets{};
    std::uint64_t m_occupied = 0;  // bit b: bucket b holds something
    std::vector<Event> m_due;      // events of time m_last, in order
    std::size_t m_dueAt = 0;
    std::int64_t m_last = 0;
    std::uint64_t m_size = 0;
    mutable std::int64_t m_minTime = -1;  // -1: not known
};

}  // namespace millrace::sim
