#pragma once

#include <cstddef>
#include <vector>

#include "engine/base/ref.h"

namespace millrace {

/// Takes the memory of a container from the pools of Counted objects: for the short vectors inside of messages, which
/// come and go with them, and those of shared containers, which checkpoints keep. What is larger than the pools'
/// classes comes from the heap.
template <class T>
struct PoolAllocator {
    using value_type = T;

    PoolAllocator() = default;
    template <class U>
    PoolAllocator(const PoolAllocator<U>&) noexcept {}  // NOLINT(google-explicit-constructor): allocators convert

    [[nodiscard]] T* allocate(std::size_t count) { return static_cast<T*>(Counted::operator new(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t count) noexcept { Counted::operator delete(memory, count * sizeof(T)); }

    friend bool operator==(const PoolAllocator&, const PoolAllocator&) { return true; }
};

template <class T>
using PooledVector = std::vector<T, PoolAllocator<T>>;

}  // namespace millrace
