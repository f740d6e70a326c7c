#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace millrace::kafka {

/// A partition's place in the broker's table. A partition keeps its place for as long as the broker runs.
using Slot = std::uint32_t;
inline constexpr Slot noSlot = 0xFFFFFFFFU;

/// A few slots out of many: those that something has happened to in one handler.
class SlotSet {
public:
    void insert(Slot slot) {
        if (slot >= m_isIn.size()) {
            m_isIn.resize(slot + std::size_t{1}, false);
        }
        if (!m_isIn[slot]) {
            m_isIn[slot] = true;
            m_slots.push_back(slot);
        }
    }
    void clear() {
        for (const Slot slot : m_slots) {
            m_isIn[slot] = false;
        }
        m_slots.clear();
    }
    [[nodiscard]] bool empty() const { return m_slots.empty(); }
    [[nodiscard]] bool contains(Slot slot) const { return slot < m_isIn.size() && m_isIn[slot]; }
    /// In the order in which they were put in.
    [[nodiscard]] const std::vector<Slot>& members() const { return m_slots; }

private:
    std::vector<bool> m_isIn;
    std::vector<Slot> m_slots;
};

/// Finds slots by the hash of what they stand for, in O(1): open addressing, at most half full. Nobody sees its order.
class SlotTable {
public:
    /// The first slot of that hash of which `isIt` says so.
    template <class IsIt>
    [[nodiscard]] Slot find(std::uint64_t hash, const IsIt& isIt) const {
        for (std::size_t at = hash & m_mask; at < m_entries.size(); at = (at + 1) & m_mask) {
            const Entry& entry = m_entries[at];
            if (entry.slot == noSlot || (entry.hash == hash && isIt(entry.slot))) {
                return entry.slot;
            }
        }
        return noSlot;
    }
    void insert(std::uint64_t hash, Slot slot) {
        if (2 * (m_count + 1) > m_entries.size()) {
            grow();
        }
        ++m_count;
        put({hash, slot});
    }

private:
    struct Entry {
        std::uint64_t hash = 0;
        Slot slot = noSlot;
    };

    void put(Entry entry) {
        std::size_t at = entry.hash & m_mask;
        while (m_entries[at].slot != noSlot) {
            at = (at + 1) & m_mask;
        }
        m_entries[at] = entry;
    }
    void grow() {
        const std::vector<Entry> before = std::exchange(m_entries, {});
        m_entries.resize(before.empty() ? 16 : 2 * before.size());
        m_mask = m_entries.size() - 1;
        for (const Entry& entry : before) {
            if (entry.slot != noSlot) {
                put(entry);
            }
        }
    }

    std::vector<Entry> m_entries;
    std::size_t m_mask = 0;
    std::size_t m_count = 0;
};

}  // namespace millrace::kafka
