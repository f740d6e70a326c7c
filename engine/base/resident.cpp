#include "engine/base/resident.h"

#include <malloc.h>
#include <unistd.h>

#include <fstream>

#include "engine/base/ref.h"

namespace millrace {

std::size_t residentBytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    statm >> total >> resident;
    return statm ? resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

std::int64_t heapBytes() {
    if (!pool::isUsed) {
        return 0;
    }
    const struct mallinfo2 heap = ::mallinfo2();
    return static_cast<std::int64_t>(heap.uordblks + heap.hblkhd);
}

std::int64_t liveBytes() {
    return pool::isUsed ? static_cast<std::int64_t>(pool::heads.bytesInUse) + heapBytes() : 0;
}

}  // namespace millrace
