#include "engine/storm/operators/offset_manager.h"

#include <algorithm>
#include <bit>

namespace millrace::storm {

namespace {

/// Bits `from` (0 to 63) up to but without `to` (1 to 64).
constexpr std::uint64_t bitsBetween(unsigned from, unsigned to) {
    const std::uint64_t below = to == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << to) - 1;
    return below & (~std::uint64_t{0} << from);
}

}  // namespace

void OffsetManager::markDone(std::int64_t first, std::int64_t end) {
    first = std::max(first, m_base);
    if (first >= end) {
        return;
    }
    if (first > m_base) {
        setBits(first, end);
        return;
    }
    m_base = end;
    if (!m_done.empty()) {
        m_done.dropFront(wordOf(m_base));
        advance();
    }
}

void OffsetManager::setBits(std::int64_t first, std::int64_t end) {
    if (m_done.empty()) {
        m_done.clear();
        m_origin = m_base;
    }
    while (m_done.endIndex() <= wordOf(end - 1)) {
        m_done.append(0);
    }
    while (first < end) {
        const std::int64_t next = std::min(end, first - static_cast<std::int64_t>(bitOf(first)) + 64);
        const unsigned to = bitOf(next) == 0 ? 64 : bitOf(next);
        m_done.update(wordOf(first)) |= bitsBetween(bitOf(first), to);
        first = next;
    }
}

/// Over everything that is done from the base on.
void OffsetManager::advance() {
    while (!m_done.empty()) {
        const std::uint64_t word = wordOf(m_base);
        const unsigned bit = bitOf(m_base);
        const auto done = static_cast<unsigned>(std::countr_one(m_done[word] >> bit));
        m_base += done;
        if (bit + done < 64) {
            return;
        }
        m_done.dropFront(word + 1);
    }
}

}  // namespace millrace::storm
