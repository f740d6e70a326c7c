#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "engine/base/shared_map.h"

namespace millrace::storm {

/// Buckets that are turned by a tick: what is not erased in time comes out at the end, between N-1 and N turns after it
/// was put in (Storm's RotatingMap). Sorted, for trees come and go in about the order of their roots: what is written
/// lies together, and a copy of a million pending ones shares all but the ends.
template <class Key, class Value, std::size_t buckets>
class RotatingMap {
public:
    using Map = SharedMap<Key, Value>;

    /// The value of `key` wherever it stands, and whether it is new; a new one goes into the youngest bucket.
    std::pair<Value&, bool> insert(const Key& key) {
        for (std::size_t i = 1; i < buckets; ++i) {
            if (Value* value = m_maps[i].update(key)) {
                return {*value, false};
            }
        }
        return m_maps[0].insert(key);
    }
    /// Erases it and gives what stood there.
    [[nodiscard]] std::optional<Value> take(const Key& key) {
        for (Map& map : m_maps) {
            if (std::optional<Value> value = map.take(key)) {
                return value;
            }
        }
        return std::nullopt;
    }
    bool erase(const Key& key) {
        for (Map& map : m_maps) {
            if (map.erase(key)) {
                return true;
            }
        }
        return false;
    }
    /// Gives the oldest bucket away and opens a new one.
    [[nodiscard]] Map rotate() {
        Map oldest = std::move(m_maps[buckets - 1]);
        for (std::size_t i = buckets - 1; i > 0; --i) {
            m_maps[i] = std::move(m_maps[i - 1]);
        }
        m_maps[0] = Map{};
        return oldest;
    }
    [[nodiscard]] std::uint64_t size() const {
        std::uint64_t sum = 0;
        for (const Map& map : m_maps) {
            sum += map.size();
        }
        return sum;
    }

private:
    std::array<Map, buckets> m_maps;
};

}  // namespace millrace::storm
