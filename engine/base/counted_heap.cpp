#include "engine/base/counted_heap.h"

#include <cstdlib>
#include <new>

#include "engine/base/ref.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// The heap of the standard library, with what each thread asks of it counted: only so does a budget of checkpoints know
// of the vectors that an actor's clone brings along.
void* operator new(std::size_t size) {
    millrace::pool::heads.heapTaken += size;
    while (true) {
        if (void* const memory = std::malloc(size == 0 ? 1 : size)) {
            return memory;
        }
        if (const std::new_handler handler = std::get_new_handler()) {
            handler();
        } else {
            throw std::bad_alloc();
        }
    }
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
#endif

namespace millrace::pool {

void useCountedHeap() noexcept {}

}  // namespace millrace::pool
