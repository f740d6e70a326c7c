#include "engine/base/ref.h"

#include "engine/base/slab_arena.h"

namespace millrace::pool {

namespace {

/// Never destroyed: objects held by statics may be released after the thread's destructors have run.
SlabArena& arena() {
    thread_local SlabArena* const instance = new SlabArena;
    return *instance;
}

}  // namespace

void trim() {
    arena().pageOutIfLarge();
}

/// Cells of one slab go into the list in the order of their addresses.
void* refill(std::size_t index) {
    const std::size_t cellBytes = bytesOf(index);
    auto* const base = static_cast<std::byte*>(arena().take());
    FreeCell* next = heads.free[index];
    for (std::size_t at = SlabArena::slabBytes / cellBytes - 1; at > 0; --at) {
        next = ::new (base + at * cellBytes) FreeCell{next};
    }
    heads.free[index] = next;
    return base;
}

}  // namespace millrace::pool
