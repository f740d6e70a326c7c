#pragma once

namespace millrace::pool {

/// Does nothing; whoever calls it is linked with the heap that counts.
void useCountedHeap() noexcept;

}  // namespace millrace::pool
