#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/pool_allocator.h"
#include "engine/base/ref.h"

namespace millrace {

/// First in, first out, in shared chunks of 64. Copying shares; the first write after a copy clones one chunk.
/// An empty queue holds no memory beyond its handle. push and pop O(1) amortised.
template <class T>
class SharedQueue {
public:
    static constexpr std::size_t chunkSize = 64;

    [[nodiscard]] bool empty() const { return m_size == 0; }
    [[nodiscard]] std::uint64_t size() const { return m_size; }

    void push(T item) {
        if (m_chunks.empty() || m_chunks.back()->items.size() == chunkSize) {
            m_chunks.push_back(makeRef<Chunk>());
        }
        writable(m_chunks.back()).items.push_back(std::move(item));
        ++m_size;
    }

    [[nodiscard]] const T& front() const {
        MILLRACE_CHECK(m_size > 0);
        return m_chunks[m_firstChunk]->items[m_firstItem];
    }

    T pop() {
        MILLRACE_CHECK(m_size > 0);
        Ref<Chunk>& chunk = m_chunks[m_firstChunk];
        T item = chunk->isShared() ? chunk->items[m_firstItem] : std::move(chunk->items[m_firstItem]);
        --m_size;
        if (m_size == 0) {
            recycle();
        } else if (++m_firstItem == chunkSize) {
            dropFirstChunk();
        }
        return item;
    }

    void clear() {
        m_chunks.clear();
        m_firstChunk = m_firstItem = 0;
        m_size = 0;
    }

    /// Calls `visit(const T&)` from first to last.
    template <class Visit>
    void forEach(Visit visit) const {
        std::size_t item = m_firstItem;
        for (std::size_t chunk = m_firstChunk; chunk < m_chunks.size(); ++chunk) {
            for (; item < m_chunks[chunk]->items.size(); ++item) {
                visit(m_chunks[chunk]->items[item]);
            }
            item = 0;
        }
    }

private:
    struct Chunk : Counted {
        PooledVector<T> items;
    };

    /// Keeps one unshared chunk for the next push, so that a queue that is filled and drained does not allocate.
    void recycle() {
        m_firstItem = 0;
        if (m_chunks.back()->isShared()) {
            clear();
            return;
        }
        Ref<Chunk> kept = std::move(m_chunks.back());
        kept->items.clear();
        m_chunks.clear();
        m_chunks.push_back(std::move(kept));
        m_firstChunk = 0;
    }
    void dropFirstChunk() {
        m_firstItem = 0;
        m_chunks[m_firstChunk++] = nullptr;
        if (m_firstChunk >= 64 && m_firstChunk * 2 >= m_chunks.size()) {
            m_chunks.erase(m_chunks.begin(), m_chunks.begin() + static_cast<std::ptrdiff_t>(m_firstChunk));
            m_firstChunk = 0;
        }
    }

    std::vector<Ref<Chunk>> m_chunks;
    std::size_t m_firstChunk = 0;
    std::size_t m_firstItem = 0;
    std::uint64_t m_size = 0;
};

}  // namespace millrace
