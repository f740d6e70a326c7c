#include "engine/base/resident.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/base/ref.h"

namespace millrace {

/// By the system's calls alone, for it is asked while the program ends, too.
Resident resident() {
    const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return {};
    }
    std::array<char, 128> text{};
    const ssize_t length = ::read(file, text.data(), text.size());
    ::close(file);
    const char* at = text.data();
    const char* const end = at + std::max<ssize_t>(0, length);
    std::array<std::size_t, 3> pages{};  // of the address space, resident, of these mapped from files
    for (std::size_t& each : pages) {
        at = std::from_chars(at, end, each).ptr;
        at += at != end ? 1 : 0;
    }
    const auto pageBytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return {pages[1] * pageBytes, pages[2] * pageBytes};
}

std::size_t residentBytes() {
    return resident().all;
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
