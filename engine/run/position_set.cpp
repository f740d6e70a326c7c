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

void Stretches::add(std::int64_t from, std::int64_t to) {
    if (m_all.empty() || from > m_all.back().second) {
        m_all.emplace_back(from, to);
        return;
    }
    if (from == m_all.back().second) {
        m_all.back().second = to;
        return;
    }
    // Somewhere before the end: what it touches becomes one.
    const auto first = std::lower_bound(m_all.begin(), m_all.end(), from,
                                        [](const Stretch& each, std::int64_t at) { return each.second < at; });
    auto last = first;
    for (; last != m_all.end() && last->first <= to; ++last) {
        from = std::min(from, last->first);
        to = std::max(to, last->second);
    }
    if (first == last) {
        m_all.insert(first, {from, to});
        return;
    }
    *first = {from, to};
    m_all.erase(first + 1, last);
}

std::vector<Stretches::Stretch> Stretches::cut(std::int64_t from) {
    std::vector<Stretch> gone;
    while (!m_all.empty() && m_all.back().second > from) {
        gone.emplace_back(std::max(from, m_all.back().first), m_all.back().second);
        m_all.back().second = from;
        if (m_all.back().first >= from) {
            m_all.pop_back();
        }
    }
    std::reverse(gone.begin(), gone.end());
    return gone;
}

bool Stretches::contains(std::int64_t at) const {
    const auto after = std::upper_bound(m_all.begin(), m_all.end(), at,
                                        [](std::int64_t wanted, const Stretch& each) { return wanted < each.first; });
    return after != m_all.begin() && at < std::prev(after)->second;
}

std::int64_t Stretches::count() const {
    std::int64_t sum = 0;
    for (const auto& [from, to] : m_all) {
        sum += to - from;
    }
    return sum;
}

}  // namespace millrace::run
