#include "engine/sim/event_queue.h"

#include <bit>
#include <limits>
#include <utility>

#include "engine/base/check.h"

namespace millrace::sim {

/// Up to 126 events and the older block below. Shared between copies of a queue by `count`; written only when unshared.
struct EventQueue::Block {
    std::uint32_t count = 1;
    std::uint32_t size = 0;
    Block* older = nullptr;
    std::array<Event, blockEvents> events;
};

namespace {

/// Blocks are taken and given back for every bucket that fills and empties: keep some at hand.
struct FreeBlock {
    FreeBlock* next;
};
thread_local FreeBlock* freeBlocks = nullptr;

}  // namespace

namespace {

template <class Block>
Block* newBlock(Block* older) {
    void* memory = freeBlocks;
    if (memory != nullptr) {
        freeBlocks = freeBlocks->next;
    } else {
        memory = ::operator new(sizeof(Block));
    }
    auto* block = static_cast<Block*>(memory);
    block->count = 1;
    block->size = 0;
    block->older = older;
    return block;
}

template <class Block>
void freeBlock(Block* block) noexcept {
#if defined(__SANITIZE_ADDRESS__)
    ::operator delete(block);
#else
    auto* cell = reinterpret_cast<FreeBlock*>(block);
    cell->next = freeBlocks;
    freeBlocks = cell;
#endif
}

/// Drops one share of a chain: blocks nobody else holds are freed with their messages.
template <class Block>
void releaseChain(Block* block) noexcept {
    while (block != nullptr && --block->count == 0) {
        for (std::uint32_t i = 0; i < block->size; ++i) {
            if (block->events[i].message != nullptr) {
                block->events[i].message->release();
            }
        }
        Block* older = block->older;
        freeBlock(block);
        block = older;
    }
}

}  // namespace

EventQueue::EventQueue(const EventQueue& other)
    : m_buckets(other.m_buckets),
      m_occupied(other.m_occupied),
      m_due(other.m_due.begin() + static_cast<std::ptrdiff_t>(other.m_dueAt), other.m_due.end()),
      m_last(other.m_last),
      m_size(other.m_size),
      m_minTime(other.m_minTime) {
    for (const Bucket& bucket : m_buckets) {
        if (bucket.newest != nullptr) {
            ++bucket.newest->count;
        }
    }
    for (const Event& event : m_due) {
        if (event.message != nullptr) {
            event.message->retain();
        }
    }
}

EventQueue::EventQueue(EventQueue&& other) noexcept
    : m_buckets(std::exchange(other.m_buckets, {})),
      m_occupied(std::exchange(other.m_occupied, 0)),
      m_due(std::move(other.m_due)),
      m_dueAt(std::exchange(other.m_dueAt, 0)),
      m_last(other.m_last),
      m_size(std::exchange(other.m_size, 0)),
      m_minTime(std::exchange(other.m_minTime, -1)) {
    other.m_due.clear();
}

EventQueue& EventQueue::operator=(const EventQueue& other) {
    if (this != &other) {
        *this = EventQueue(other);
    }
    return *this;
}

EventQueue& EventQueue::operator=(EventQueue&& other) noexcept {
    if (this != &other) {
        clear();
        m_buckets = std::exchange(other.m_buckets, {});
        m_occupied = std::exchange(other.m_occupied, 0);
        m_due = std::move(other.m_due);
        other.m_due.clear();
        m_dueAt = std::exchange(other.m_dueAt, 0);
        m_last = other.m_last;
        m_size = std::exchange(other.m_size, 0);
        m_minTime = std::exchange(other.m_minTime, -1);
    }
    return *this;
}

EventQueue::~EventQueue() {
    clear();
}

void EventQueue::clear() noexcept {
    for (Bucket& bucket : m_buckets) {
        releaseChain(std::exchange(bucket.newest, nullptr));
    }
    for (std::size_t i = m_dueAt; i < m_due.size(); ++i) {
        if (m_due[i].message != nullptr) {
            m_due[i].message->release();
        }
    }
    m_due.clear();
    m_dueAt = 0;
    m_occupied = 0;
    m_size = 0;
}

void EventQueue::append(Bucket& bucket, const Event& event) {
    Block* block = bucket.newest;
    if (block == nullptr || block->size == blockEvents) {
        block = newBlock<Block>(block);
        bucket.newest = block;
    } else if (block->count > 1) {
        Block* mine = newBlock<Block>(block->older);
        if (mine->older != nullptr) {
            ++mine->older->count;
        }
        mine->size = block->size;
        for (std::uint32_t i = 0; i < block->size; ++i) {
            mine->events[i] = block->events[i];
            if (mine->events[i].message != nullptr) {
                mine->events[i].message->retain();
            }
        }
        --block->count;
        block = mine;
        bucket.newest = block;
    }
    block->events[block->size++] = event;
}

void EventQueue::push(const Event& event) {
    MILLRACE_CHECK(event.time >= m_last, event.time, m_last);
    ++m_size;
    if (event.time == m_last) {
        m_due.push_back(event);
        return;
    }
    const auto difference = static_cast<std::uint64_t>(event.time ^ m_last);
    const int at = 63 - std::countl_zero(difference);
    append(m_buckets[static_cast<std::size_t>(at)], event);
    m_occupied |= std::uint64_t{1} << static_cast<unsigned>(at);
    if (m_minTime >= 0 && event.time < m_minTime) {
        m_minTime = event.time;
    }
}

std::int64_t EventQueue::minTime() const {
    if (m_dueAt < m_due.size()) {
        return m_last;
    }
    if (m_minTime < 0) {
        MILLRACE_CHECK(m_occupied != 0);
        std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
        const auto at = static_cast<std::size_t>(std::countr_zero(m_occupied));
        for (const Block* block = m_buckets[at].newest; block != nullptr; block = block->older) {
            for (std::uint32_t i = 0; i < block->size; ++i) {
                lowest = std::min(lowest, block->events[i].time);
            }
        }
        m_minTime = lowest;
    }
    return m_minTime;
}

Event EventQueue::pop() {
    if (m_dueAt == m_due.size()) {
        refill();
    }
    --m_size;
    return m_due[m_dueAt++];
}

/// Moves the lowest bucket into lower ones (oldest block first, which keeps equal times in order) and its earliest
/// events into `m_due`. Every event moves at most once a bit of its distance.
void EventQueue::refill() {
    MILLRACE_CHECK(m_size > 0);
    m_due.clear();
    m_dueAt = 0;
    const std::int64_t lowest = minTime();
    const auto at = static_cast<std::size_t>(std::countr_zero(m_occupied));
    Block* chain = std::exchange(m_buckets[at].newest, nullptr);
    m_occupied &= ~(std::uint64_t{1} << at);
    m_last = lowest;
    m_minTime = -1;

    // Turn the chain over. From the first block that somebody else holds, the rest is only lent to us.
    std::array<Block*, 64> few{};
    std::vector<Block*> many;
    std::size_t count = 0;
    for (Block* block = chain; block != nullptr; block = block->older) {
        if (count < few.size()) {
            few[count] = block;
        } else {
            many.push_back(block);
        }
        ++count;
    }
    std::size_t owned = 0;
    while (owned < count && (owned < few.size() ? few[owned] : many[owned - few.size()])->count == 1) {
        ++owned;
    }
    for (std::size_t i = count; i > 0; --i) {
        Block* block = i - 1 < few.size() ? few[i - 1] : many[i - 1 - few.size()];
        const bool lent = i - 1 >= owned;
        for (std::uint32_t e = 0; e < block->size; ++e) {
            const Event& event = block->events[e];
            if (event.message != nullptr) {
                if (lent) {
                    event.message->retain();
                }
                __builtin_prefetch(event.message, 1);
            }
            if (event.time == lowest) {
                m_due.push_back(event);
            } else {
                const auto difference = static_cast<std::uint64_t>(event.time ^ lowest);
                const int bucket = 63 - std::countl_zero(difference);
                append(m_buckets[static_cast<std::size_t>(bucket)], event);
                m_occupied |= std::uint64_t{1} << static_cast<unsigned>(bucket);
            }
        }
    }
    for (std::size_t i = 0; i < owned; ++i) {
        Block* block = i < few.size() ? few[i] : many[i - few.size()];
        Block* older = block->older;
        freeBlock(block);
        if (i + 1 == owned && older != nullptr) {
            releaseChain(older);
        }
    }
    if (owned == 0 && chain != nullptr) {
        releaseChain(chain);
    }
}

}  // namespace millrace::sim
