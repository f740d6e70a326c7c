#include "engine/storm/operators/offset_manager.h"

#include <algorithm>

namespace millrace::storm {

void OffsetManager::markDone(std::int64_t first, std::int64_t end) {
    first = std::max(first, m_base);
    if (first >= end) {
        return;
    }
    // Ranges that touch [first, end) become one with it.
    auto from = std::lower_bound(m_done.begin(), m_done.end(), first,
                                 [](const auto& range, std::int64_t offset) { return range.second < offset; });
    auto to = from;
    for (; to != m_done.end() && to->first <= end; ++to) {
        first = std::min(first, to->first);
        end = std::max(end, to->second);
    }
    if (first == m_base) {
        m_base = end;
        m_done.erase(from, to);
        return;
    }
    if (from == to) {
        m_done.insert(from, {first, end});
        return;
    }
    *from = {first, end};
    m_done.erase(from + 1, to);
}

}  // namespace millrace::storm
