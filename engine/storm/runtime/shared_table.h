#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/ref.h"
#include "engine/base/shared_map.h"

namespace millrace::storm {

/// Spreads the difference of two numbers over all bits (splitmix64's last steps): neighbours do not stay together.
[[nodiscard]] constexpr std::uint64_t mixBits(std::uint64_t x) {
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31U);
}

/// How a SharedTable hashes and compares: the result depends on the content only, so that the order of the entries
/// does.
struct TextKey {
    using Stored = std::string;
    using View = std::string_view;
    static std::uint64_t hash(std::string_view text) {
        Digest digest;  // eight bytes a step
        digest.add(text);
        return digest.value();
    }
    /// Words are short: no call for a few bytes.
    static bool same(std::string_view a, std::string_view b) {
        if (a.size() != b.size()) {
            return false;
        }
        if (a.size() > 16) {
            return a == b;
        }
        if (a.size() >= 8) {
            return load<std::uint64_t>(a, 0) == load<std::uint64_t>(b, 0) &&
                   load<std::uint64_t>(a, a.size() - 8) == load<std::uint64_t>(b, a.size() - 8);
        }
        if (a.size() >= 4) {
            return load<std::uint32_t>(a, 0) == load<std::uint32_t>(b, 0) &&
                   load<std::uint32_t>(a, a.size() - 4) == load<std::uint32_t>(b, a.size() - 4);
        }
        return a == b;
    }

private:
    template <class T>
    static T load(std::string_view text, std::size_t at) {
        T word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        return word;
    }
};
/// A hash table in shared segments (extendible hashing: a directory of segments of at most 24 of 32 places). Copying a
/// table copies the directory and shares the segments; the first write to a segment after that clones it alone. Where
/// SharedMap keeps order, this one is for counts of the hot path, whose keys come in no order: find, insert and erase
/// are O(1) amortised. The order of `forEach` is a function of the keys and the history of writes, never of addresses.
///
/// That holds whatever the keys are: the directory never has more slots than the table has had entries since it was
/// made anew (or `directoryMin`), and what then finds its segment full goes into a sorted map beside the segments,
/// where it costs O(log n). It is made anew, smaller, when three quarters of the entries have gone.
template <class Key, class Value>
class SharedTable {
    static constexpr std::size_t places = 32;
    static constexpr std::size_t fill = 24;
    static constexpr std::size_t directoryMin = 64;
    using Stored = typename Key::Stored;
    using View = typename Key::View;

    struct Entry {
        Stored key{};
        Value value{};
    };
    struct Segment final : Counted {
        std::uint8_t depth = 0;
        std::uint8_t size = 0;
        bool isCrowded = false;                   // some entries of this segment's hashes are in m_crowd
        std::array<std::uint8_t, places> tags{};  // 0: free; else a few bits of the hash
        std::array<Entry, places> entries{};
    };

public:
    [[nodiscard]] std::uint64_t size() const { return m_size; }
    [[nodiscard]] bool empty() const { return m_size == 0; }
    void clear() { *this = SharedTable{}; }

    [[nodiscard]] const Value* find(const View& key) const {
        if (m_directory.empty()) {
            return nullptr;
        }
        const std::uint64_t hash = Key::hash(key);
        const Segment& segment = *m_directory[slotOf(hash)];
        const std::size_t at = locate(segment, hash, key);
        if (at < places) {
            return &segment.entries[at].value;
        }
        return segment.isCrowded ? m_crowd.find(key) : nullptr;
    }

    /// Tells the processor that the key will be asked for soon: its place is mostly in none of the near caches.
    void expect(const View& key) const {
        if (m_directory.empty()) {
            return;
        }
        const std::uint64_t hash = Key::hash(key);
        const Segment& segment = *m_directory[slotOf(hash)];
        __builtin_prefetch(&segment.tags);
        __builtin_prefetch(&segment.entries[homeOf(hash)]);
        __builtin_prefetch(&segment.entries[(homeOf(hash) + 1) % places].value);
    }

    /// Write access, or null when absent; clones nothing when absent.
    [[nodiscard]] Value* update(const View& key) {
        if (m_directory.empty()) {
            return nullptr;
        }
        const std::uint64_t hash = Key::hash(key);
        const std::size_t slot = slotOf(hash);
        const std::size_t at = locate(*m_directory[slot], hash, key);
        if (at < places) {
            return &segmentAt(slot).entries[at].value;
        }
        return m_directory[slot]->isCrowded ? m_crowd.update(key) : nullptr;
    }

    /// The value of `key`, made (default) when absent, and whether it is new.
    std::pair<Value&, bool> insert(const View& key) {
        if (m_directory.empty()) {
            m_directory.push_back(makeRef<Segment>());
        }
        const std::uint64_t hash = Key::hash(key);
        std::size_t slot = slotOf(hash);
        const std::size_t known = locate(*m_directory[slot], hash, key);
        if (known < places) {
            return {segmentAt(slot).entries[known].value, false};
        }
        if (m_directory[slot]->isCrowded) {
            if (Value* crowded = m_crowd.update(key)) {
                return {*crowded, false};
            }
        }
        m_peak = std::max(m_peak, m_size + 1);
        while (m_directory[slot]->size >= fill && split(slot)) {
            slot = slotOf(hash);
        }
        if (m_directory[slot]->size >= fill) {
            if (!m_directory[slot]->isCrowded) {
                segmentAt(slot).isCrowded = true;
            }
            ++m_size;
            return {m_crowd[Stored{key}], true};
        }
        Segment& segment = segmentAt(slot);
        const std::size_t at = freePlace(segment, hash);
        segment.tags[at] = tagOf(hash);
        segment.entries[at].key = Stored{key};
        segment.entries[at].value = Value{};
        ++segment.size;
        ++m_size;
        return {segment.entries[at].value, true};
    }

    bool erase(const View& key) {
        if (m_directory.empty()) {
            return false;
        }
        const std::uint64_t hash = Key::hash(key);
        const std::size_t slot = slotOf(hash);
        const std::size_t at = locate(*m_directory[slot], hash, key);
        if (at < places) {
            removeAt(segmentAt(slot), at);
        } else if (!m_directory[slot]->isCrowded || !m_crowd.erase(key)) {
            return false;
        }
        --m_size;
        if (m_directory.size() >= 16 && m_size < m_peak / 4) {
            shrink();
        }
        return true;
    }

    /// Calls `visit(key, value)` for each entry.
    template <class Visit>
    void forEach(Visit visit) const {
        for (std::size_t slot = 0; slot < m_directory.size(); ++slot) {
            const Segment& segment = *m_directory[slot];
            if (slot >> segment.depth != 0) {
                continue;  // Stands at a lower slot already.
            }
            for (std::size_t i = 0; i < places; ++i) {
                if (segment.tags[i] != 0) {
                    visit(segment.entries[i].key, segment.entries[i].value);
                }
            }
        }
        for (const auto& [key, value] : m_crowd) {
            visit(key, value);
        }
    }

private:
    [[nodiscard]] std::size_t slotOf(std::uint64_t hash) const {
        return static_cast<std::size_t>(hash) & (m_directory.size() - 1);
    }
    static std::size_t homeOf(std::uint64_t hash) { return static_cast<std::size_t>(hash >> 40U) % places; }
    static std::uint8_t tagOf(std::uint64_t hash) { return static_cast<std::uint8_t>((hash >> 48U) | 1U); }

    static bool isSame(const Stored& stored, const View& key) {
        if constexpr (requires { Key::same(stored, key); }) {
            return Key::same(stored, key);
        } else {
            return stored == key;
        }
    }
    static std::size_t locate(const Segment& segment, std::uint64_t hash, const View& key) {
        const std::uint8_t tag = tagOf(hash);
        for (std::size_t at = homeOf(hash); segment.tags[at] != 0; at = (at + 1) % places) {
            if (segment.tags[at] == tag && isSame(segment.entries[at].key, key)) {
                return at;
            }
        }
        return places;
    }
    static std::size_t freePlace(const Segment& segment, std::uint64_t hash) {
        std::size_t at = homeOf(hash);
        while (segment.tags[at] != 0) {
            at = (at + 1) % places;
        }
        return at;
    }
    Segment& segmentAt(std::size_t slot) {
        Ref<Segment>& handle = m_directory[slot];
        const std::size_t sharers = m_directory.size() >> handle->depth;  // slots of this very table
        if (handle->useCount() > sharers) {
            const Ref<Segment> old = handle;
            const auto fresh = cloned([&] { return makeRef<Segment>(*old); });
            const std::size_t step = std::size_t{1} << old->depth;
            for (std::size_t i = slot & (step - 1); i < m_directory.size(); i += step) {
                m_directory[i] = fresh;
            }
        }
        return *m_directory[slot];
    }

    /// After a peak: else each later write would fall into a segment of its own, and each copy would clone them all.
    /// Three quarters of the entries were erased one by one to come here, which pays for it.
    void shrink() {
        SharedTable fresh;
        forEach([&fresh](const Stored& key, const Value& value) { fresh.insert(key).first = value; });
        *this = std::move(fresh);
    }

    /// False when the directory would have to grow beyond what the table's size allows.
    bool split(std::size_t slot) {
        const Ref<Segment> old = m_directory[slot];
        const std::uint8_t depth = old->depth;
        if ((std::size_t{1} << depth) == m_directory.size()) {
            const std::size_t size = m_directory.size();
            if (size * 2 > std::max<std::uint64_t>(directoryMin, m_peak)) {
                return false;
            }
            m_directory.reserve(size * 2);
            for (std::size_t i = 0; i < size; ++i) {
                m_directory.push_back(m_directory[i]);
            }
        }
        const Ref<Segment> halves[2] = {makeRef<Segment>(), makeRef<Segment>()};
        for (const Ref<Segment>& half : halves) {
            half->depth = static_cast<std::uint8_t>(depth + 1U);
            half->isCrowded = old->isCrowded;
        }
        for (std::size_t i = 0; i < places; ++i) {
            if (old->tags[i] == 0) {
                continue;
            }
            const std::uint64_t hash = Key::hash(old->entries[i].key);
            Segment& half = *halves[(hash >> depth) & 1U];
            const std::size_t at = freePlace(half, hash);
            half.tags[at] = tagOf(hash);
            half.entries[at] = old->entries[i];
            ++half.size;
        }
        const std::size_t step = std::size_t{1} << depth;
        for (std::size_t i = slot & (step - 1); i < m_directory.size(); i += step) {
            m_directory[i] = halves[(i >> depth) & 1U];
        }
        return true;
    }

    /// Closes the gap: entries behind it move up, as linear probing needs it.
    static void removeAt(Segment& segment, std::size_t gap) {
        --segment.size;
        for (std::size_t at = (gap + 1) % places; segment.tags[at] != 0; at = (at + 1) % places) {
            const std::size_t home = homeOf(Key::hash(segment.entries[at].key));
            const bool stays = gap < at ? (gap < home && home <= at) : (gap < home || home <= at);
            if (!stays) {
                segment.tags[gap] = segment.tags[at];
                segment.entries[gap] = std::move(segment.entries[at]);
                gap = at;
            }
        }
        segment.tags[gap] = 0;
        segment.entries[gap] = Entry{};
    }

    std::vector<Ref<Segment>> m_directory;  // size is a power of two, or 0
    SharedMap<Stored, Value> m_crowd;       // what found no place in its segment
    std::uint64_t m_size = 0;
    std::uint64_t m_peak = 0;  // most entries since the table was made (anew)
};

}  // namespace millrace::storm
