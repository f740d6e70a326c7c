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

/// A monotone radix heap (radix 16) of events in blocks of 126, whose lowest buckets are taken out as short sorted
/// runs. Events of equal time leave in the order they came. Copies share blocks: a bucket is a chain from its newest
/// block to older ones, which are never written again while shared. push amortised O(1); pop amortised O(log range);
/// copy O(buckets + length of the sorted run). Never push before the time of the last popped event.
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
    void push(SimTime at, EventKind kind, std::uint32_t target, std::uint32_t generation, std::uint64_t token,
              MessageRef message, JournalId cause) {
        push({nanoseconds(at), message.detach(), Event::pack(kind, generation, token), target, cause});
    }
    /// Calls `visit(const Event&)` for every pending event, in no particular order. Looks only.
    template <class Visit>
    void forEach(Visit visit) const {
        for (std::size_t i = m_dueAt; i < m_due.size(); ++i) {
            visit(m_due[i]);
        }
        for (const Bucket& bucket : m_buckets) {
            forEachOf(bucket.newest, visit);
        }
    }
    /// The caller takes over the count of the message. The queue must not be empty.
    Event pop();
    /// The n-th of those that come next, or null when that is not known yet.
    [[nodiscard]] const Event* upcoming(std::size_t n) const {
        return m_due.size() - m_dueAt > n ? &m_due[m_dueAt + n] : nullptr;
    }

private:
    struct Block;
    struct Bucket {
        Block* newest = nullptr;
    };
    struct Events {
        const Event* first;
        std::uint32_t size;
        const Block* older;
    };
    [[nodiscard]] static Events eventsOf(const Block* block);
    template <class Visit>
    static void forEachOf(const Block* block, Visit& visit) {
        while (block != nullptr) {
            const Events events = eventsOf(block);
            for (std::uint32_t i = 0; i < events.size; ++i) {
                visit(events.first[i]);
            }
            block = events.older;
        }
    }
    void append(Bucket& bucket, const Event& event);
    void file(const Event& event);
    void insertDue(const Event& event);
    void shortenDue();
    void refill();
    void sortOut(Block* block, std::size_t bucket);
    void redistribute(Block* chain);
    void clear() noexcept;

    [[nodiscard]] std::size_t lowestBucket() const;
    Block* takeBucket(std::size_t index);

    // Bucket of an event: the highest hexadecimal digit in which its time differs from m_base, and that digit.
    std::array<Bucket, 256> m_buckets{};
    std::array<std::uint16_t, 16> m_digits{};  // by position: which digits hold something
    std::uint32_t m_positions = 0;             // which positions hold something
    std::vector<Event> m_due;                  // the earliest events, sorted; those before m_dueAt have left
    std::size_t m_dueAt = 0;
    std::uint64_t m_dueEnd = 1;  // all events before this time are in m_due, all others in buckets
    std::int64_t m_base = 0;     // a time not after any event of the buckets
    std::int64_t m_popped = 0;   // time of the last popped event
    std::uint64_t m_size = 0;
    mutable std::int64_t m_minTime = -1;  // of the buckets; -1: not known
};

}  // namespace millrace::sim
