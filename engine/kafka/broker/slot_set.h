#pragma once

#include <cstdint>
#include <vector>

namespace millrace::kafka {

/// A set of small numbers: the places of partitions in the broker's table.
class SlotSet {
public:
    void insert(std::uint32_t slot) {
        const std::size_t word = slot / 64;
        if (word >= m_words.size()) {
            m_words.resize(word + 1);
        }
        m_words[word] |= std::uint64_t{1} << (slot % 64U);
        m_isEmpty = false;
    }
    void clear() {
        if (!m_isEmpty) {
            m_words.assign(m_words.size(), 0);
            m_isEmpty = true;
        }
    }
    [[nodiscard]] bool empty() const { return m_isEmpty; }
    [[nodiscard]] bool meets(const SlotSet& other) const {
        const std::size_t words = m_words.size() < other.m_words.size() ? m_words.size() : other.m_words.size();
        for (std::size_t i = 0; i < words; ++i) {
            if ((m_words[i] & other.m_words[i]) != 0) {
                return true;
            }
        }
        return false;
    }

private:
    std::vector<std::uint64_t> m_words;
    bool m_isEmpty = true;
};

}  // namespace millrace::kafka
