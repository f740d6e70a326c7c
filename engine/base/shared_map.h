#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/pool_allocator.h"
#include "engine/base/ref.h"

namespace millrace {

/// A sorted map in shared nodes (a B+ tree with leaves of at most 32). Copying shares everything; the first write after
/// a copy clones one leaf and the nodes above it. Iterates in key order, so it may stand wherever hash order may not.
/// Complexity: find, update, erase O(log n); copy O(1); iteration O(1) amortised a step.
/// Erasing removes nodes that become empty and does not rebalance the others.
template <class Key, class Value, class Less = std::less<>>
class SharedMap {
    static constexpr std::size_t nodeMax = 32;

    struct Node : Counted {
        bool isLeaf = true;
        explicit Node(bool leaf) : isLeaf(leaf) {}
    };
    struct Leaf final : Node {
        PooledVector<std::pair<Key, Value>> items;
        Leaf() : Node(true) {}
    };
    struct Inner final : Node {
        PooledVector<Key> lows;  // lows[i] <= every key below children[i]; lows[0] is not looked at
        PooledVector<Ref<Node>> children;
        Inner() : Node(false) {}
    };

public:
    using Item = std::pair<Key, Value>;

    [[nodiscard]] std::uint64_t size() const { return m_size; }
    [[nodiscard]] bool empty() const { return m_size == 0; }

    void clear() {
        m_root = nullptr;
        m_size = 0;
    }

    template <class K>
    [[nodiscard]] const Value* find(const K& key) const {
        const Node* node = m_root.get();
        if (node == nullptr) {
            return nullptr;
        }
        while (!node->isLeaf) {
            const auto& inner = static_cast<const Inner&>(*node);
            node = inner.children[childFor(inner, key)].get();
        }
        const auto& items = static_cast<const Leaf&>(*node).items;
        const auto at = lowerBound(items, key);
        return at != items.end() && !Less{}(key, at->first) ? &at->second : nullptr;
    }
    template <class K>
    [[nodiscard]] bool contains(const K& key) const {
        return find(key) != nullptr;
    }
    template <class K>
    [[nodiscard]] const Value& at(const K& key) const {
        const Value* value = find(key);
        MILLRACE_CHECK(value != nullptr);
        return *value;
    }

    /// Write access to the value of `key`, which is made (default) when absent.
    Value& operator[](const Key& key) { return insert(key).first; }

    /// The same, and whether it is new.
    std::pair<Value&, bool> insert(const Key& key) {
        if (!m_root) {
            m_root = makeRef<Leaf>();
        }
        const Found found = locate(key);
        if (found.isThere) {
            return {found.isShared ? descend(m_root, key) : found.leaf->items[found.at].second, false};
        }
        if (!found.isShared && found.leaf->items.size() < nodeMax) {
            ++m_size;
            const auto place = found.leaf->items.begin() + static_cast<std::ptrdiff_t>(found.at);
            return {found.leaf->items.insert(place, Item{key, Value{}})->second, true};
        }
        Value* made = nullptr;
        if (auto split = insertIn(m_root, key, made)) {
            auto root = makeRef<Inner>();
            root->lows = {Key{}, std::move(split->first)};
            root->children = {std::move(m_root), std::move(split->second)};
            m_root = std::move(root);
        }
        ++m_size;
        return {*made, true};
    }

    /// Write access, or null when absent. Does not clone when absent.
    template <class K>
    [[nodiscard]] Value* update(const K& key) {
        if (!m_root) {
            return nullptr;
        }
        const Found found = locate(key);
        if (!found.isThere) {
            return nullptr;
        }
        return found.isShared ? &descend(m_root, key) : &found.leaf->items[found.at].second;
    }

    /// Sets the value; true when the key is new.
    bool set(const Key& key, Value value) {
        auto [place, isNew] = insert(key);
        place = std::move(value);
        return isNew;
    }

    /// True when there was something to erase.
    template <class K>
    bool erase(const K& key) {
        if (!m_root) {
            return false;
        }
        const Found found = locate(key);
        if (found.isThere) {
            eraseFound(found, key);
        }
        return found.isThere;
    }
    /// Erases it and gives what stood there.
    template <class K>
    [[nodiscard]] std::optional<Value> take(const K& key) {
        std::optional<Value> taken;
        if (!m_root) {
            return taken;
        }
        const Found found = locate(key);
        if (found.isThere) {
            taken = found.leaf->items[found.at].second;
            eraseFound(found, key);
        }
        return taken;
    }

    class Iterator {
    public:
        using value_type = Item;
        using difference_type = std::ptrdiff_t;
        using reference = const Item&;
        Iterator() = default;

        const Item& operator*() const { return m_leaf->items[m_at]; }
        const Item* operator->() const { return &m_leaf->items[m_at]; }
        Iterator& operator++() {
            if (++m_at == m_leaf->items.size()) {
                climb();
            }
            return *this;
        }
        Iterator operator++(int) {
            Iterator old = *this;
            ++*this;
            return old;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) {
            return a.m_leaf == b.m_leaf && a.m_at == b.m_at;
        }

    private:
        friend class SharedMap;
        void climb() {
            while (m_depth > 0) {
                auto& [inner, at] = m_path[m_depth - 1];
                if (++at < inner->children.size()) {
                    dive(inner->children[at].get());
                    return;
                }
                --m_depth;
            }
            m_leaf = nullptr;
            m_at = 0;
        }
        void dive(const Node* node) {
            while (!node->isLeaf) {
                const auto* inner = static_cast<const Inner*>(node);
                MILLRACE_CHECK(m_depth < m_path.size());
                m_path[m_depth++] = {inner, 0};
                node = inner->children.front().get();
            }
            m_leaf = static_cast<const Leaf*>(node);
            m_at = 0;
        }

        std::array<std::pair<const Inner*, std::size_t>, 16> m_path{};
        std::size_t m_depth = 0;
        const Leaf* m_leaf = nullptr;
        std::size_t m_at = 0;
    };

    [[nodiscard]] Iterator begin() const {
        Iterator it;
        if (m_root) {
            it.dive(m_root.get());
        }
        return it;
    }
    [[nodiscard]] Iterator end() const { return {}; }

    /// The first item whose key is not less than `key`.
    template <class K>
    [[nodiscard]] Iterator lowerBound(const K& key) const {
        Iterator it;
        const Node* node = m_root.get();
        if (node == nullptr) {
            return it;
        }
        while (!node->isLeaf) {
            const auto* inner = static_cast<const Inner*>(node);
            const std::size_t at = childFor(*inner, key);
            it.m_path[it.m_depth++] = {inner, at};
            node = inner->children[at].get();
        }
        it.m_leaf = static_cast<const Leaf*>(node);
        it.m_at = static_cast<std::size_t>(lowerBound(it.m_leaf->items, key) - it.m_leaf->items.begin());
        if (it.m_at == it.m_leaf->items.size()) {
            it.climb();
        }
        return it;
    }
    /// The last item, or null when empty. O(log n).
    [[nodiscard]] const Item* last() const {
        const Node* node = m_root.get();
        if (node == nullptr) {
            return nullptr;
        }
        while (!node->isLeaf) {
            node = static_cast<const Inner*>(node)->children.back().get();
        }
        return &static_cast<const Leaf*>(node)->items.back();
    }

private:
    /// Where a key stands, or would: the leaf may be written to if nothing on the way to it is shared.
    struct Found {
        Leaf* leaf;
        std::size_t at;
        bool isShared;
        bool isThere;
    };
    template <class K>
    [[nodiscard]] Found locate(const K& key) const {
        Node* node = m_root.get();
        bool isShared = node->isShared();
        while (!node->isLeaf) {
            auto& inner = static_cast<Inner&>(*node);
            node = inner.children[childFor(inner, key)].get();
            isShared = isShared || node->isShared();
        }
        auto& leaf = static_cast<Leaf&>(*node);
        const auto at = static_cast<std::size_t>(lowerBound(leaf.items, key) - leaf.items.begin());
        return {&leaf, at, isShared, at < leaf.items.size() && !Less{}(key, leaf.items[at].first)};
    }
    template <class K>
    void eraseFound(const Found& found, const K& key) {
        --m_size;
        if (!found.isShared && found.leaf->items.size() > 1) {
            found.leaf->items.erase(found.leaf->items.begin() + static_cast<std::ptrdiff_t>(found.at));
            return;
        }
        eraseIn(m_root, key);
        if (m_size == 0) {
            m_root = nullptr;
            return;
        }
        while (!m_root->isLeaf && static_cast<Inner&>(*m_root).children.size() == 1) {
            m_root = Ref<Node>(static_cast<Inner&>(*m_root).children.front());
        }
    }
    /// How many of the first `count` come before a place, of which `isBefore` tells. Halves are chosen without a
    /// branch, which a processor would guess wrong every other time.
    template <class T, class IsBefore>
    [[nodiscard]] static std::size_t countBefore(const T* const begin, std::size_t count, const IsBefore& isBefore) {
        const T* first = begin;
        while (count > 1) {
            const std::size_t half = count / 2;
            first += isBefore(first[half - 1]) ? half : 0;
            count -= half;
        }
        return static_cast<std::size_t>(first - begin) + (count == 1 && isBefore(*first) ? 1 : 0);
    }
    template <class K>
    [[nodiscard]] static std::size_t childFor(const Inner& inner, const K& key) {
        return countBefore(inner.lows.data() + 1, inner.lows.size() - 1,
                           [&](const Key& low) { return !Less{}(key, low); });
    }
    template <class Items, class K>
    [[nodiscard]] static auto lowerBound(Items& items, const K& key) {
        const std::size_t at =
            countBefore(items.data(), items.size(), [&](const Item& item) { return Less{}(item.first, key); });
        return items.begin() + static_cast<std::ptrdiff_t>(at);
    }

    static Node& writableNode(Ref<Node>& handle) {
        if (handle->isShared()) {
            if (handle->isLeaf) {
                handle = cloned([&] { return makeRef<Leaf>(static_cast<const Leaf&>(*handle)); });
            } else {
                handle = cloned([&] { return makeRef<Inner>(static_cast<const Inner&>(*handle)); });
            }
        }
        return *handle;
    }

    template <class K>
    static Value& descend(Ref<Node>& handle, const K& key) {
        Node* node = &writableNode(handle);
        while (!node->isLeaf) {
            auto& inner = static_cast<Inner&>(*node);
            node = &writableNode(inner.children[childFor(inner, key)]);
        }
        return lowerBound(static_cast<Leaf&>(*node).items, key)->second;
    }

    using Split = std::optional<std::pair<Key, Ref<Node>>>;

    /// `made` is where its value stands.
    static Split insertIn(Ref<Node>& handle, const Key& key, Value*& made) {
        Node& node = writableNode(handle);
        if (node.isLeaf) {
            auto& items = static_cast<Leaf&>(node).items;
            const bool atEnd = items.empty() || Less{}(items.back().first, key);
            const auto place = items.insert(atEnd ? items.end() : lowerBound(items, key), Item{key, Value{}});
            if (items.size() <= nodeMax) {
                made = &place->second;
                return std::nullopt;
            }
            const auto index = place - items.begin();
            // Keys that come in rising order fill their leaves: only the newcomer moves on.
            auto right = makeRef<Leaf>();
            const auto from = static_cast<std::ptrdiff_t>(atEnd ? items.size() - 1 : items.size() / 2);
            right->items.assign(std::make_move_iterator(items.begin() + from), std::make_move_iterator(items.end()));
            items.erase(items.begin() + from, items.end());
            made = index < from ? &items[static_cast<std::size_t>(index)].second
                                : &right->items[static_cast<std::size_t>(index - from)].second;
            Key low = right->items.front().first;
            return std::pair<Key, Ref<Node>>{std::move(low), std::move(right)};
        }
        auto& inner = static_cast<Inner&>(node);
        const std::size_t at = childFor(inner, key);
        Split split = insertIn(inner.children[at], key, made);
        if (!split) {
            return std::nullopt;
        }
        const auto place = static_cast<std::ptrdiff_t>(at) + 1;
        const bool atEnd = at + 1 == inner.children.size();
        inner.lows.insert(inner.lows.begin() + place, std::move(split->first));
        inner.children.insert(inner.children.begin() + place, std::move(split->second));
        if (inner.children.size() <= nodeMax) {
            return std::nullopt;
        }
        auto right = makeRef<Inner>();
        const auto from = static_cast<std::ptrdiff_t>(atEnd ? inner.children.size() - 1 : inner.children.size() / 2);
        right->lows.assign(inner.lows.begin() + from, inner.lows.end());
        right->children.assign(std::make_move_iterator(inner.children.begin() + from),
                               std::make_move_iterator(inner.children.end()));
        inner.lows.erase(inner.lows.begin() + from, inner.lows.end());
        inner.children.erase(inner.children.begin() + from, inner.children.end());
        Key low = right->lows.front();
        return std::pair<Key, Ref<Node>>{std::move(low), std::move(right)};
    }

    template <class K>
    static void eraseIn(Ref<Node>& handle, const K& key) {
        Node& node = writableNode(handle);
        if (node.isLeaf) {
            auto& items = static_cast<Leaf&>(node).items;
            items.erase(lowerBound(items, key));
            return;
        }
        auto& inner = static_cast<Inner&>(node);
        const std::size_t at = childFor(inner, key);
        eraseIn(inner.children[at], key);
        if (isEmpty(*inner.children[at])) {
            const auto place = static_cast<std::ptrdiff_t>(at);
            inner.children.erase(inner.children.begin() + place);
            inner.lows.erase(inner.lows.begin() + place);
        }
    }
    [[nodiscard]] static bool isEmpty(const Node& node) {
        return node.isLeaf ? static_cast<const Leaf&>(node).items.empty()
                           : static_cast<const Inner&>(node).children.empty();
    }

    Ref<Node> m_root;
    std::uint64_t m_size = 0;
};

}  // namespace millrace
