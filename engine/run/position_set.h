#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"

namespace millrace::run {

/// A set of positions or offsets that lie densely, as bits in shared leaves of 4,096; a full leaf is folded to its
/// number. So it costs one bit a record at worst and next to nothing where all are in. Mark, erase and ask: O(log n).
class PositionSet {
public:
    /// True when it was not in before.
    bool mark(std::int64_t position);
    /// True when it was in.
    bool erase(std::int64_t position);
    [[nodiscard]] bool contains(std::int64_t position) const;
    [[nodiscard]] std::int64_t count() const { return m_count; }
    [[nodiscard]] bool empty() const { return m_count == 0; }
    /// How many are in the other one, too. O(leaves).
    [[nodiscard]] std::int64_t countIn(const PositionSet& other) const;
    /// The first `most` runs of what is in: [from, to).
    [[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> ranges(std::size_t most) const;

private:
    static constexpr std::int64_t leafSize = 4096;
    struct Leaf final : Counted {
        std::array<std::uint64_t, leafSize / 64> words{};
        std::int64_t count = 0;
    };
    SharedMap<std::int64_t, Ref<Leaf>> m_leaves;  // by position / 4096; null: all are in
    std::int64_t m_count = 0;
};

/// Stretches [from, to) in rising order that grow at their end nearly always. Copies share; what lies below a horizon
/// can be dropped.
class Stretches {
public:
    using Stretch = std::pair<std::int64_t, std::int64_t>;

    void add(std::int64_t from, std::int64_t to);
    /// What lies wholly below is not asked for any more.
    void dropBelow(std::int64_t horizon);
    /// Takes out what lies at or above; gives what that was.
    std::vector<Stretch> cut(std::int64_t from);
    [[nodiscard]] bool contains(std::int64_t at) const;
    [[nodiscard]] std::int64_t end() const { return m_all.empty() ? 0 : m_all.back().second; }
    [[nodiscard]] std::int64_t count() const;
    [[nodiscard]] std::vector<Stretch> all() const;

private:
    /// The first that ends at or behind `at`.
    [[nodiscard]] std::uint64_t firstEndingAt(std::int64_t at) const;

    SharedLog<Stretch, 64> m_all;
};

}  // namespace millrace::run
