#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace millrace::kafka {

/// A set of small numbers: the places of partitions in the broker's table. The first 256 need no memory of their own,
/// because every parked request carries such a set.
class SlotSet {
public:
    void insert(std::uint32_t slot) {
        m_isEmpty = false;
        if (slot < inlineSlots) {
            m_first[slot / 64] |= std::uint64_t{1} << (slot % 64U);
            return;
        }
        const std::size_t word = (slot - inlineSlots) / 64;
        if (word >= m_rest.size()) {
            m_rest.resize(word + 1);
        }
        m_rest[word] |= std::uint64_t{1} << (slot % 64U);
    }
    void clear() {
        if (!m_isEmpty) {
            m_first = {};
            m_rest.assign(m_rest.size(), 0);
            m_isEmpty = true;
        }
    }
    [[nodiscard]] bool empty() const { return m_isEmpty; }
    [[nodiscard]] bool meets(const SlotSet& other) const {
        std::uint64_t common = 0;
        for (std::size_t i = 0; i < m_first.size(); ++i) {
            common |= m_first[i] & other.m_first[i];
        }
        const std::size_t words = m_rest.size() < other.m_rest.size() ? m_rest.size() : other.m_rest.size();
        for (std::size_t i = 0; i < words; ++i) {
            common |= m_rest[i] & other.m_rest[i];
        }
        return common != 0;
    }

private:
    static constexpr std::uint32_t inlineSlots = 256;

    std::array<std::uint64_t, inlineSlots / 64> m_first{};
    std::vector<std::uint64_t> m_rest;
    bool m_isEmpty = true;
};

}  // namespace millrace::kafka
