#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/pool_allocator.h"
#include "engine/base/ref.h"

namespace millrace {

/// An append-only sequence in shared chunks (of 256 unless told). Copying shares everything; the first append after a
/// copy clones one chunk and one page of the spine, so what is copied often and grows little wants short chunks. The
/// front and the tail can be cut off, as a log's retention and truncation do. Indices are absolute and never change:
/// the first element is at `firstIndex()`, the next to come at `endIndex()`. Complexity: index O(1); append amortised
/// O(1); copy O(chunks / 64); truncate and dropFront O(chunks removed).
template <class T, std::uint64_t itemsPerChunk = 256>
class SharedLog {
public:
    static constexpr std::uint64_t chunkSize = itemsPerChunk;
    static constexpr std::uint64_t pageSize = 64;

    [[nodiscard]] std::uint64_t firstIndex() const { return m_first; }
    [[nodiscard]] std::uint64_t endIndex() const { return m_end; }
    [[nodiscard]] std::uint64_t size() const { return m_end - m_first; }
    [[nodiscard]] bool empty() const { return m_end == m_first; }

    [[nodiscard]] const T& operator[](std::uint64_t index) const {
        return chunkOf(index).items[static_cast<std::size_t>(index % chunkSize)];
    }
    [[nodiscard]] const T& at(std::uint64_t index) const {
        MILLRACE_CHECK(index >= m_first && index < m_end, index, m_first, m_end);
        return (*this)[index];
    }
    [[nodiscard]] const T& front() const { return at(m_first); }
    [[nodiscard]] const T& back() const { return at(m_end - 1); }

    void append(T item) {
        if (m_end % chunkSize == 0 || m_tail == nullptr || m_tailPage->isShared() || m_tail->isShared()) {
            m_tail = &writableChunk(m_end);
            m_tailPage = m_pages.back().get();
        }
        m_tail->items.push_back(std::move(item));
        ++m_end;
    }

    /// Write access to one element; clones its chunk when shared.
    [[nodiscard]] T& update(std::uint64_t index) {
        MILLRACE_CHECK(index >= m_first && index < m_end, index, m_first, m_end);
        return writableChunk(index).items[static_cast<std::size_t>(index % chunkSize)];
    }

    /// Removes the elements from `end` on. `end` at or past the end does nothing.
    void truncate(std::uint64_t end) {
        if (end >= m_end) {
            return;
        }
        m_tail = nullptr;
        if (end <= m_first) {
            const std::uint64_t first = m_first;
            clear();
            m_first = m_end = first;
            restartAt(first);
            return;
        }
        const std::uint64_t lastChunk = (end - 1) / chunkSize - m_chunkBase;
        const std::uint64_t lastPage = lastChunk / pageSize;
        m_pages.resize(static_cast<std::size_t>(lastPage) + 1);
        Page& page = writable(m_pages.back());
        page.chunks.resize(static_cast<std::size_t>(lastChunk % pageSize) + 1);
        Chunk& chunk = writable(page.chunks.back());
        chunk.items.resize(static_cast<std::size_t>((end - 1) % chunkSize) + 1);
        m_end = end;
    }

    /// Forgets the elements before `first`; whole pages of chunks are released, so the spine of a page may
    /// stay in memory.
    void dropFront(std::uint64_t first) {
        if (first <= m_first) {
            return;
        }
        m_tail = nullptr;
        if (first >= m_end) {
            const std::uint64_t end = m_end;
            clear();
            restartAt(end);
            return;
        }
        m_first = first;
        const std::uint64_t pagesGone = (first / chunkSize - m_chunkBase) / pageSize;
        m_pages.erase(m_pages.begin(), m_pages.begin() + static_cast<std::ptrdiff_t>(pagesGone));
        m_chunkBase += pagesGone * pageSize;
        // Within the first page, chunks before the first element give up their items.
        const std::uint64_t firstChunk = first / chunkSize - m_chunkBase;
        if (firstChunk > 0 && m_pages.front()->chunks[static_cast<std::size_t>(firstChunk) - 1]) {
            Page& page = writable(m_pages.front());
            for (std::uint64_t i = firstChunk; i > 0 && page.chunks[static_cast<std::size_t>(i) - 1]; --i) {
                page.chunks[static_cast<std::size_t>(i) - 1] = nullptr;
            }
        }
    }

    void clear() {
        m_tail = nullptr;
        m_pages.clear();
        m_first = m_end = m_chunkBase = 0;
    }

    class Iterator {
    public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        Iterator() = default;
        Iterator(const SharedLog* log, std::uint64_t index) : m_log(log), m_index(index) {}
        const T& operator*() const { return (*m_log)[m_index]; }
        const T* operator->() const { return &(*m_log)[m_index]; }
        Iterator& operator++() {
            ++m_index;
            return *this;
        }
        Iterator operator++(int) {
            Iterator old = *this;
            ++m_index;
            return old;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) { return a.m_index == b.m_index; }

    private:
        const SharedLog* m_log = nullptr;
        std::uint64_t m_index = 0;
    };
    [[nodiscard]] Iterator begin() const { return Iterator(this, m_first); }
    [[nodiscard]] Iterator end() const { return Iterator(this, m_end); }

private:
    struct Chunk : Counted {
        PooledVector<T> items;
        Chunk() = default;
        Chunk(const Chunk& other) : Counted(other) {
            items.reserve(chunkSize);
            items = other.items;
        }
    };
    struct Page : Counted {
        PooledVector<Ref<Chunk>> chunks;
    };

    [[nodiscard]] const Chunk& chunkOf(std::uint64_t index) const {
        const std::uint64_t chunk = index / chunkSize - m_chunkBase;
        return *m_pages[static_cast<std::size_t>(chunk / pageSize)]->chunks[static_cast<std::size_t>(chunk % pageSize)];
    }

    /// An empty log whose next element has index `first`: chunks before it hold nothing.
    void restartAt(std::uint64_t first) {
        m_first = m_end = first;
        m_chunkBase = first / chunkSize;
        const auto padding = static_cast<std::size_t>(first % chunkSize);
        if (padding > 0) {
            Chunk& chunk = writableChunk(first);
            chunk.items.resize(padding);
        }
    }

    Chunk& writableChunk(std::uint64_t index) {
        m_tail = nullptr;  // it may be left to a copy
        const std::uint64_t chunk = index / chunkSize - m_chunkBase;
        const auto pageAt = static_cast<std::size_t>(chunk / pageSize);
        const auto chunkAt = static_cast<std::size_t>(chunk % pageSize);
        if (pageAt == m_pages.size()) {
            m_pages.push_back(makeRef<Page>());
        }
        Page& page = writable(m_pages[pageAt]);
        if (chunkAt == page.chunks.size()) {
            page.chunks.push_back(makeRef<Chunk>());
            page.chunks.back()->items.reserve(m_end == m_first ? 4 : chunkSize);
        }
        return writable(page.chunks[chunkAt]);
    }

    std::vector<Ref<Page>> m_pages;
    // Where the last element was appended, and the page of it: kept by m_pages. Whoever appends to one of thousands of
    // logs finds their memory cold, and looks at both at once rather than at one after the other. Copies look at the
    // same, which is shared then.
    Chunk* m_tail = nullptr;
    Page* m_tailPage = nullptr;
    std::uint64_t m_chunkBase = 0;  // number of chunks dropped before the first page
    std::uint64_t m_first = 0;
    std::uint64_t m_end = 0;
};

}  // namespace millrace
