#include "engine/base/ref.h"

#include <utility>

#include "engine/base/cold_frees.h"
#include "engine/base/counted_heap.h"
#include "engine/base/slab_arena.h"

namespace millrace::pool {

namespace {

/// Never destroyed: objects held by statics may be released after the thread's destructors have run.
SlabArena& arena() {
    thread_local SlabArena* const instance = new SlabArena;
    return *instance;
}

constinit thread_local std::array<FreeCell*, classCount> coldCells{};

}  // namespace

/// What is freed joins the cold cells, without a look at any of them. Meanwhile they stand in one place only.
ColdFrees::ColdFrees() : m_hot(std::exchange(heads.free, std::exchange(coldCells, {}))) {}

ColdFrees::~ColdFrees() {
    for (std::size_t i = 0; i < classCount; ++i) {
        while (FreeCell* const cell = coldCells[i]) {  // of one that lived within this one
            coldCells[i] = cell->next;
            cell->next = heads.free[i];
            heads.free[i] = cell;
        }
    }
    coldCells = std::exchange(heads.free, m_hot);
}

void* takeFromHeap(std::size_t size) {
    useCountedHeap();
    return ::operator new(size);
}

void giveToHeap(void* memory) noexcept {
    ::operator delete(memory);
}

/// Cells of one slab go into the list in the order of their addresses.
void* refill(std::size_t index) {
    if (arena().isExhausted() && coldCells[index] != nullptr) {
        heads.free[index] = std::exchange(coldCells[index], nullptr);
        FreeCell* const cell = heads.free[index];
        heads.free[index] = cell->next;
        return cell;
    }
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
