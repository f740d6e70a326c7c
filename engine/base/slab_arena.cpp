#include "engine/base/slab_arena.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>

#include "engine/base/resident.h"

namespace millrace {

namespace {

/// Plain memory comes in pieces that the system can back with large pages: who walks through hundreds of megabytes
/// waits for the translation of addresses as well as for what stands there.
constexpr std::size_t largePageBytes = std::size_t{2} << 20U;
constexpr std::size_t plainPieceBytes = std::size_t{4} << 20U;
constexpr std::size_t extentBytes = std::size_t{64} << 20U;
constexpr std::size_t populateBytes = std::size_t{256} << 10U;

constinit std::atomic<std::size_t> plainBytesNow{SlabArena::plainBytesMax};

/// Fresh pages in one call instead of by a fault for each; a system that cannot do it faults.
void populate(std::byte* at) {
#if defined(MADV_POPULATE_WRITE)
    (void)::madvise(at, populateBytes, MADV_POPULATE_WRITE);
#else
    (void)at;
#endif
}

/// Knows all mappings of the process. Giving back what another thread is just writing is no race: the page stays in the
/// system's cache, and the next touch finds it there.
class Mappings {
public:
    /// Never destroyed: slabs are used until the very end of the program.
    static Mappings& instance() {
        static Mappings* const mappings = new Mappings;
        return *mappings;
    }
    void add(std::byte* extent) {
        const std::lock_guard lock(m_mutex);
        m_extents.push_back(extent);
    }
    void remove(const std::byte* extent) {
        const std::lock_guard lock(m_mutex);
        std::erase(m_extents, extent);
    }
    [[nodiscard]] bool areNone() {
        const std::lock_guard lock(m_mutex);
        return m_extents.empty();
    }
    /// One mapping after the other, until no more than this is resident: what was not reached stays as warm as it is.
    void giveBack(std::size_t target) {
        const std::lock_guard lock(m_mutex);
        for (std::size_t i = 0; i < m_extents.size() && (i == 0 || resident().mapped > target); ++i) {
            m_hand = (m_hand + 1) % m_extents.size();
            (void)::madvise(m_extents[m_hand], extentBytes, MADV_DONTNEED);
        }
        ++m_pageOuts;
    }
    [[nodiscard]] std::uint64_t pageOuts() {
        const std::lock_guard lock(m_mutex);
        return m_pageOuts;
    }

private:
    std::mutex m_mutex;
    std::vector<std::byte*> m_extents;
    std::size_t m_hand = 0;  // the mapping whose pages went last
    std::uint64_t m_pageOuts = 0;
};

}  // namespace

/// An open file that no folder lists and that goes with the process.
int SlabArena::openNameless() const {
    for (const std::string& folder : m_folders) {
        const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (file >= 0) {
            return file;
        }
    }
    return -1;
}

SlabArena::~SlabArena() {
    for (std::byte* const piece : m_plain) {
        ::munmap(piece, plainPieceBytes);
    }
    for (std::byte* const extent : m_extents) {
        Mappings::instance().remove(extent);
        ::munmap(extent, extentBytes);
    }
    if (m_file >= 0) {
        ::close(m_file);
    }
}

void SlabArena::setPlainBytes(std::size_t bytes) {
    plainBytesNow.store(std::min(bytes, plainBytesMax), std::memory_order_relaxed);
}

std::size_t SlabArena::plainBytes() {
    return plainBytesNow.load(std::memory_order_relaxed);
}

void* SlabArena::take() {
    if (m_figures.plainBytes >= plainBytes() && !m_cannotMap) {
        if (m_left == 0 && !map()) {
            m_cannotMap = true;
        } else {
            std::byte* const slab = m_extents.back() + (extentBytes - m_left);
            if (m_left % populateBytes == 0) {
                populate(slab);
            }
            m_left -= slabBytes;
            return slab;
        }
    }
    if (m_plainLeft == 0) {
        addPlain();
    }
    std::byte* const slab = m_plain.back() + (plainPieceBytes - m_plainLeft);
    m_plainLeft -= slabBytes;
    m_figures.plainBytes += slabBytes;
    return slab;
}

/// Another piece of plain memory, at a border of large pages.
void SlabArena::addPlain() {
    constexpr std::size_t room = plainPieceBytes + largePageBytes;
    void* const memory = ::mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::bad_alloc();
    }
    auto* const base = static_cast<std::byte*>(memory);
    const std::size_t beyond = reinterpret_cast<std::uintptr_t>(base) % largePageBytes;
    const std::size_t before = beyond == 0 ? 0 : largePageBytes - beyond;
    std::byte* const piece = base + before;
    if (before > 0) {
        ::munmap(base, before);
    }
    ::munmap(piece + plainPieceBytes, room - before - plainPieceBytes);
    (void)::madvise(piece, plainPieceBytes, MADV_HUGEPAGE);
    m_plain.push_back(piece);
    m_plainLeft = plainPieceBytes;
}

/// Another extent at the end of the file.
bool SlabArena::map() {
    if (m_file < 0) {
        m_file = openNameless();
    }
    const auto at = static_cast<off_t>(m_figures.mappedBytes);
    if (m_file < 0 || ::posix_fallocate(m_file, at, static_cast<off_t>(extentBytes)) != 0) {
        return false;
    }
    void* const base = ::mmap(nullptr, extentBytes, PROT_READ | PROT_WRITE, MAP_SHARED, m_file, at);
    if (base == MAP_FAILED) {
        return false;
    }
    m_extents.push_back(static_cast<std::byte*>(base));
    Mappings::instance().add(m_extents.back());
    m_left = extentBytes;
    m_figures.mappedBytes += extentBytes;
    return true;
}

void SlabArena::pageOut() {
    Mappings::instance().giveBack(0);
}

double SlabArena::pageOutIfLarge() {
    if (Mappings::instance().areNone()) {
        return 0;
    }
    const Resident now = resident();
    const std::size_t plain = now.all - now.mapped;
    const std::size_t limit = std::clamp(plain - std::min(plain, plainBytes()), mappedLimitLeast, mappedLimitMost);
    if (now.mapped > limit) {
        Mappings::instance().giveBack(limit / 3 * 2);
    }
    return static_cast<double>(now.mapped) / static_cast<double>(limit);
}

std::uint64_t SlabArena::pageOuts() {
    return Mappings::instance().pageOuts();
}

}  // namespace millrace
