#include "engine/base/ref.h"

#include <array>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace millrace {

namespace {

constexpr std::size_t classStep = 16;
constexpr std::size_t classCount = 32;  // up to 512 bytes; larger objects are rare and go to the heap
constexpr std::size_t slabBytes = 64 * 1024;

struct FreeCell {
    FreeCell* next;
};

/// Free lists of one thread. Slabs live as long as the thread; a world never outlives the thread that made it.
class ThreadPool {
public:
    void* take(std::size_t index) {
        FreeCell*& head = m_free[index];
        if (head == nullptr) [[unlikely]] {
            refill(index);
        }
        FreeCell* cell = head;
        head = cell->next;
        return cell;
    }

    void give(void* memory, std::size_t index) noexcept {
        auto* cell = static_cast<FreeCell*>(memory);
        cell->next = m_free[index];
        m_free[index] = cell;
    }

private:
    void refill(std::size_t index) {
        const std::size_t cellBytes = (index + 1) * classStep;
        m_slabs.push_back(std::make_unique<Slab>());
        std::byte* base = m_slabs.back()->bytes.data();
        for (std::size_t at = slabBytes / cellBytes; at > 0; --at) {
            give(base + (at - 1) * cellBytes, index);
        }
    }

    struct Slab {
        alignas(64) std::array<std::byte, slabBytes> bytes;
    };
    std::array<FreeCell*, classCount> m_free{};
    std::vector<std::unique_ptr<Slab>> m_slabs;
};

#if defined(__SANITIZE_ADDRESS__)
constexpr bool usePools = false;  // Let the sanitizer see every object's life.
#else
constexpr bool usePools = true;
#endif

/// Never destroyed: objects held by statics may be released after the thread's destructors have run.
ThreadPool& pool() {
    thread_local ThreadPool* instance = new ThreadPool;
    return *instance;
}

}  // namespace

void* Counted::operator new(std::size_t size) {
    const std::size_t index = (size - 1) / classStep;
    if (!usePools || index >= classCount) {
        return ::operator new(size);
    }
    return pool().take(index);
}

void Counted::operator delete(void* memory, std::size_t size) noexcept {
    const std::size_t index = (size - 1) / classStep;
    if (!usePools || index >= classCount) {
        ::operator delete(memory);
        return;
    }
    pool().give(memory, index);
}

}  // namespace millrace
