#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/sim_time.h"

namespace millrace::kafka {

/// One moment each for numbered things, of which the first is at hand: a binary heap that knows where each thing
/// stands. Setting a moment costs O(log n) of the things that have one, finding the first nothing.
class DueTimes {
public:
    struct Entry {
        SimTime at;
        std::uint32_t index = 0;
    };

    /// Things are only ever added.
    void resize(std::size_t count) { m_places.resize(count, none); }
    /// SimTime::max(): it has no moment any more.
    void set(std::size_t index, SimTime at) {
        std::uint32_t place = m_places[index];
        if (at == SimTime::max()) {
            if (place != none) {
                remove(place);
            }
            return;
        }
        if (place == none) {
            place = static_cast<std::uint32_t>(m_heap.size());
            m_heap.push_back({at, static_cast<std::uint32_t>(index)});
            m_places[index] = place;
            rise(place);
            return;
        }
        const SimTime before = std::exchange(m_heap[place].at, at);
        at < before ? rise(place) : sink(place);
    }
    [[nodiscard]] SimTime first() const { return m_heap.empty() ? SimTime::max() : m_heap.front().at; }
    /// Whose moment is the first, which it then has no more.
    std::uint32_t takeFirst() {
        MILLRACE_CHECK(!m_heap.empty());
        const std::uint32_t index = m_heap.front().index;
        remove(0);
        return index;
    }
    /// All that have a moment, in no order that means anything.
    [[nodiscard]] const std::vector<Entry>& entries() const { return m_heap; }

private:
    static constexpr std::uint32_t none = 0xFFFFFFFFU;

    void put(std::uint32_t place, Entry entry) {
        m_heap[place] = entry;
        m_places[entry.index] = place;
    }
    void rise(std::uint32_t place) {
        const Entry entry = m_heap[place];
        while (place > 0 && entry.at < m_heap[(place - 1) / 2].at) {
            put(place, m_heap[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        put(place, entry);
    }
    void sink(std::uint32_t place) {
        const Entry entry = m_heap[place];
        for (std::size_t child = 2 * std::size_t{place} + 1; child < m_heap.size();
             child = 2 * std::size_t{place} + 1) {
            child += child + 1 < m_heap.size() && m_heap[child + 1].at < m_heap[child].at ? 1 : 0;
            if (entry.at <= m_heap[child].at) {
                break;
            }
            put(place, m_heap[child]);
            place = static_cast<std::uint32_t>(child);
        }
        put(place, entry);
    }
    void remove(std::uint32_t place) {
        m_places[m_heap[place].index] = none;
        const Entry last = m_heap.back();
        m_heap.pop_back();
        if (place == m_heap.size()) {
            return;
        }
        const SimTime before = m_heap[place].at;
        put(place, last);
        last.at < before ? rise(place) : sink(place);
    }

    std::vector<Entry> m_heap;
    std::vector<std::uint32_t> m_places;  ///< in the heap, by index
};

}  // namespace millrace::kafka
