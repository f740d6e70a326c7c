#include "engine/run/position_set.h"

#include <algorithm>
#include <bit>

namespace millrace::run {

bool PositionSet::mark(std::int64_t position) {
    Ref<Leaf>* known = m_leaves.update(position / leafSize);
    if (known == nullptr) {
        m_leaves.set(position / leafSize, makeRef<Leaf>());
        known = m_leaves.update(position / leafSize);
    } else if (!*known) {
        return false;
    }
    Leaf& leaf = writable(*known);
    std::uint64_t& word = leaf.words[static_cast<std::size_t>(position % leafSize / 64)];
    const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(position % 64);
    if ((word & bit) != 0) {
        return false;
    }
    word |= bit;
    ++m_count;
    if (++leaf.count == leafSize) {
        *known = nullptr;
    }
    return true;
}

bool PositionSet::erase(std::int64_t position) {
    if (!contains(position)) {
        return false;
    }
    Ref<Leaf>& known = *m_leaves.update(position / leafSize);
    if (!known) {
        known = makeRef<Leaf>();
        known->words.fill(~std::uint64_t{0});
        known->count = leafSize;
    }
    Leaf& leaf = writable(known);
    leaf.words[static_cast<std::size_t>(position % leafSize / 64)] &=
        ~(std::uint64_t{1} << static_cast<unsigned>(position % 64));
    --leaf.count;
    --m_count;
    return true;
}

bool PositionSet::contains(std::int64_t position) const {
    const Ref<Leaf>* leaf = m_leaves.find(position / leafSize);
    if (leaf == nullptr) {
        return false;
    }
    return !*leaf || (((*leaf)->words[static_cast<std::size_t>(position % leafSize / 64)] >>
                       static_cast<unsigned>(position % 64)) &
                      1U) != 0;
}

std::int64_t PositionSet::countIn(const PositionSet& other) const {
    std::int64_t count = 0;
    for (const auto& [number, leaf] : m_leaves) {
        const Ref<Leaf>* there = other.m_leaves.find(number);
        if (there == nullptr) {
            continue;
        }
        if (!leaf || !*there) {  // all of it are in one of the two
            count += leaf ? leaf->count : (*there ? (*there)->count : leafSize);
            continue;
        }
        for (std::size_t i = 0; i < leaf->words.size(); ++i) {
            count += std::popcount(leaf->words[i] & (*there)->words[i]);
        }
    }
    return count;
}

std::vector<std::pair<std::int64_t, std::int64_t>> PositionSet::ranges(std::size_t most) const {
    std::vector<std::pair<std::int64_t, std::int64_t>> all;
    const auto add = [&](std::int64_t from, std::int64_t to) {
        if (!all.empty() && all.back().second == from) {
            all.back().second = to;
        } else {
            all.emplace_back(from, to);
        }
    };
    for (const auto& [number, leaf] : m_leaves) {
        const std::int64_t base = number * leafSize;
        if (!leaf) {
            add(base, base + leafSize);
        }
        for (std::int64_t i = 0; leaf && i < leafSize; ++i) {
            if (((leaf->words[static_cast<std::size_t>(i / 64)] >> static_cast<unsigned>(i % 64)) & 1U) != 0) {
                add(base + i, base + i + 1);
            }
        }
        if (all.size() > most) {
            all.resize(most);
            break;
        }
    }
    return all;
}

std::uint64_t Stretches::firstEndingAt(std::int64_t at) const {
    std::uint64_t low = m_all.firstIndex();
    std::uint64_t high = m_all.endIndex();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (m_all[middle].second < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void Stretches::add(std::int64_t from, std::int64_t to) {
    if (from >= to) {
        return;
    }
    if (m_all.empty() || from > m_all.back().second) {
        m_all.append({from, to});
        return;
    }
    if (from == m_all.back().second) {
        m_all.update(m_all.endIndex() - 1).second = to;
        return;
    }
    // Somewhere before the end: what it touches becomes one, and what lies behind it is put back.
    const std::uint64_t first = firstEndingAt(from);
    std::uint64_t last = first;
    for (; last < m_all.endIndex() && m_all[last].first <= to; ++last) {
        from = std::min(from, m_all[last].first);
        to = std::max(to, m_all[last].second);
    }
    std::vector<Stretch> behind;
    for (; last < m_all.endIndex(); ++last) {
        behind.push_back(m_all[last]);
    }
    m_all.truncate(first);
    m_all.append({from, to});
    for (const Stretch& stretch : behind) {
        m_all.append(stretch);
    }
}

void Stretches::dropBelow(std::int64_t horizon) {
    std::uint64_t first = m_all.firstIndex();
    while (first < m_all.endIndex() && m_all[first].second <= horizon) {
        ++first;
    }
    m_all.dropFront(first);
}

std::vector<Stretches::Stretch> Stretches::cut(std::int64_t from) {
    std::vector<Stretch> gone;
    while (!m_all.empty() && m_all.back().second > from) {
        const Stretch last = m_all.back();
        gone.emplace_back(std::max(from, last.first), last.second);
        if (last.first >= from) {
            m_all.truncate(m_all.endIndex() - 1);
        } else {
            m_all.update(m_all.endIndex() - 1).second = from;
        }
    }
    std::reverse(gone.begin(), gone.end());
    return gone;
}

bool Stretches::contains(std::int64_t at) const {
    const std::uint64_t which = firstEndingAt(at + 1);
    return which < m_all.endIndex() && m_all[which].first <= at;
}

std::vector<Stretches::Stretch> Stretches::all() const {
    std::vector<Stretch> all;
    for (const Stretch& stretch : m_all) {
        all.push_back(stretch);
    }
    return all;
}

std::int64_t Stretches::count() const {
    std::int64_t sum = 0;
    for (const auto& [from, to] : m_all) {
        sum += to - from;
    }
    return sum;
}

}  // namespace millrace::run
