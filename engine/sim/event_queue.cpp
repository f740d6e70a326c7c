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

constexpr std::size_t sortMax = 32;  ///< a bucket of at most this many events is sorted rather than redistributed
constexpr std::size_t dueMax = 96;   ///< longest sorted run, events of one instant aside

template <class Block>
Block* newBlock(Block* older) {
    void* const memory = Counted::operator new(sizeof(Block));
    auto* block = static_cast<Block*>(memory);
    block->count = 1;
    block->size = 0;
    block->older = older;
    return block;
}

template <class Block>
void freeBlock(Block* block) noexcept {
    Counted::operator delete(block, sizeof(Block));
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
      m_digits(other.m_digits),
      m_positions(other.m_positions),
      m_due(other.m_due.begin() + static_cast<std::ptrdiff_t>(other.m_dueAt), other.m_due.end()),
      m_dueEnd(other.m_dueEnd),
      m_base(other.m_base),
      m_popped(other.m_popped),
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
      m_digits(std::exchange(other.m_digits, {})),
      m_positions(std::exchange(other.m_positions, 0)),
      m_due(std::move(other.m_due)),
      m_dueAt(std::exchange(other.m_dueAt, 0)),
      m_dueEnd(other.m_dueEnd),
      m_base(other.m_base),
      m_popped(other.m_popped),
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
        m_digits = std::exchange(other.m_digits, {});
        m_positions = std::exchange(other.m_positions, 0);
        m_due = std::move(other.m_due);
        other.m_due.clear();
        m_dueAt = std::exchange(other.m_dueAt, 0);
        m_dueEnd = other.m_dueEnd;
        m_base = other.m_base;
        m_popped = other.m_popped;
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
    m_digits = {};
    m_positions = 0;
    m_size = 0;
}

EventQueue::Events EventQueue::eventsOf(const Block* block) {
    return {block->events.data(), block->size, block->older};
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

/// Puts an event that is not due into its bucket.
void EventQueue::file(const Event& event) {
    const auto difference = static_cast<std::uint64_t>(event.time ^ m_base);
    const auto position = static_cast<std::size_t>(63 - std::countl_zero(difference)) / 4;
    const std::size_t digit = (static_cast<std::uint64_t>(event.time) >> (position * 4)) & 15U;
    append(m_buckets[position * 16 + digit], event);
    m_digits[position] = static_cast<std::uint16_t>(m_digits[position] | (1U << digit));
    m_positions |= 1U << position;
}

std::size_t EventQueue::lowestBucket() const {
    MILLRACE_CHECK(m_positions != 0);
    const auto position = static_cast<std::size_t>(std::countr_zero(m_positions));
    return position * 16 + static_cast<std::size_t>(std::countr_zero(m_digits[position]));
}

EventQueue::Block* EventQueue::takeBucket(std::size_t index) {
    const std::size_t position = index / 16;
    m_digits[position] = static_cast<std::uint16_t>(m_digits[position] & ~(1U << (index % 16)));
    if (m_digits[position] == 0) {
        m_positions &= ~(1U << position);
    }
    m_minTime = -1;
    return std::exchange(m_buckets[index].newest, nullptr);
}

void EventQueue::push(const Event& event) {
    MILLRACE_CHECK(event.time >= m_popped, event.time, m_popped);
    ++m_size;
    if (static_cast<std::uint64_t>(event.time) < m_dueEnd) {
        insertDue(event);
        return;
    }
    file(event);
    if (m_minTime >= 0 && event.time < m_minTime) {
        m_minTime = event.time;
    }
}

/// Most of what comes is due soon: the shorter part of the run makes room, the earlier one into places of events that
/// have left.
void EventQueue::insertDue(const Event& event) {
    const std::size_t end = m_due.size();
    const std::size_t middle = m_dueAt + (end - m_dueAt) / 2;
    if (m_dueAt > 0 && middle < end && event.time < m_due[middle].time) {
        --m_dueAt;
        std::size_t at = m_dueAt;
        for (; m_due[at + 1].time <= event.time; ++at) {
            m_due[at] = m_due[at + 1];
        }
        m_due[at] = event;
    } else {
        m_due.push_back(event);
        std::size_t at = end;
        for (; at > m_dueAt && m_due[at - 1].time > event.time; --at) {
            m_due[at] = m_due[at - 1];
        }
        m_due[at] = event;
    }
    if (m_due.size() - m_dueAt > dueMax) {
        shortenDue();
    }
}

/// Keeps the sorted run short: its later half goes back to the buckets. Events of one instant stay together: they are
/// appended at the end of the run, which costs nothing however many they are.
void EventQueue::shortenDue() {
    const std::int64_t first = m_due[m_dueAt].time;
    const std::int64_t middle = m_due[m_dueAt + (m_due.size() - m_dueAt) / 2].time;
    const std::int64_t end = middle > first ? middle : first + 1;
    if (m_due.back().time < end) {
        m_dueEnd = static_cast<std::uint64_t>(end);
        return;
    }
    std::size_t from = m_due.size();
    while (m_due[from - 1].time >= end) {
        --from;
    }
    m_dueEnd = static_cast<std::uint64_t>(end);
    for (std::size_t i = from; i < m_due.size(); ++i) {
        file(m_due[i]);
    }
    m_due.resize(from);
    m_minTime = -1;
}

std::int64_t EventQueue::minTime() const {
    if (m_dueAt < m_due.size()) {
        return m_due[m_dueAt].time;
    }
    if (m_minTime < 0) {
        std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
        for (const Block* block = m_buckets[lowestBucket()].newest; block != nullptr; block = block->older) {
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
    const Event event = m_due[m_dueAt++];
    m_popped = event.time;
    if (m_dueAt + 1 < m_due.size()) {
        __builtin_prefetch(m_due[m_dueAt + 1].message, 1);
    }
    return event;
}

void EventQueue::refill() {
    MILLRACE_CHECK(m_size > 0);
    m_due.clear();
    m_dueAt = 0;
    const std::size_t at = lowestBucket();
    const Block* newest = m_buckets[at].newest;
    if (newest->older == nullptr && newest->size <= sortMax) {
        sortOut(takeBucket(at), at);
        return;
    }
    m_base = minTime();
    m_dueEnd = static_cast<std::uint64_t>(m_base) + 1;
    redistribute(takeBucket(at));
}

/// A short bucket becomes the sorted run as a whole; the run then stands for the bucket's whole range of times.
void EventQueue::sortOut(Block* block, std::size_t bucket) {
    const bool lent = block->count > 1;
    for (std::uint32_t i = 0; i < block->size; ++i) {
        const Event& event = block->events[i];
        if (event.message != nullptr) {
            if (lent) {
                event.message->retain();
            }
            __builtin_prefetch(event.message, 1);
        }
        m_due.push_back(event);
        std::size_t at = m_due.size() - 1;
        for (; at > 0 && m_due[at - 1].time > event.time; --at) {
            m_due[at] = m_due[at - 1];
        }
        m_due[at] = event;
    }
    const std::size_t shift = bucket / 16 * 4;
    m_base = m_due.front().time;
    m_dueEnd = ((static_cast<std::uint64_t>(m_base) >> shift) + 1) << shift;
    if (lent) {
        releaseChain(block);
    } else {
        freeBlock(block);
    }
}

/// Moves a bucket into lower ones (oldest block first, which keeps equal times in order) and its earliest events into
/// the run. Every event moves at most once a hexadecimal digit of its distance.
void EventQueue::redistribute(Block* chain) {
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
    const auto blockAt = [&](std::size_t i) { return i < few.size() ? few[i] : many[i - few.size()]; };
    std::size_t owned = 0;
    while (owned < count && blockAt(owned)->count == 1) {
        ++owned;
    }
    for (std::size_t i = count; i > 0; --i) {
        Block* block = blockAt(i - 1);
        const bool lent = i - 1 >= owned;
        for (std::uint32_t e = 0; e < block->size; ++e) {
            const Event& event = block->events[e];
            if (lent && event.message != nullptr) {
                event.message->retain();
            }
            if (event.time == m_base) {
                if (event.message != nullptr) {
                    __builtin_prefetch(event.message, 1);
                }
                m_due.push_back(event);
            } else {
                file(event);
            }
        }
    }
    Block* lentChain = owned < count ? blockAt(owned) : nullptr;
    for (std::size_t i = 0; i < owned; ++i) {
        freeBlock(blockAt(i));
    }
    if (lentChain != nullptr) {
        releaseChain(lentChain);
    }
}

}  // namespace millrace::sim
