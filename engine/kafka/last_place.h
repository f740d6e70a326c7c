#pragma once

#include <algorithm>
#include <cstddef>

namespace millrace::kafka {

/// Finds places in a vector in order of its items' keys. Who handles a message asks for the same connection or broker
/// several times, so the place that was found last is looked at first.
class LastPlace {
public:
    /// The place of the item of that key, or the size of the vector when there is none.
    template <class Items, class Key, class KeyOf>
    [[nodiscard]] std::size_t find(const Items& items, const Key& key, const KeyOf& keyOf) const {
        if (m_place < items.size() && keyOf(items[m_place]) == key) {
            return m_place;
        }
        const auto at = std::lower_bound(items.begin(), items.end(), key,
                                         [&](const auto& item, const Key& sought) { return keyOf(item) < sought; });
        if (at == items.end() || keyOf(*at) != key) {
            return items.size();
        }
        return m_place = static_cast<std::size_t>(at - items.begin());
    }

private:
    mutable std::size_t m_place = 0;
};

}  // namespace millrace::kafka
