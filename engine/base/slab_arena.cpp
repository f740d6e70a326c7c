#include "engine/base/slab_arena.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "engine/base/resident.h"

namespace millrace {

namespace {

constexpr std::align_val_t slabAlignment{64};
constexpr std::size_t plainBytesMax = std::size_t{64} << 20U;
constexpr std::size_t extentBytes = std::size_t{64} << 20U;

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
    for (void* const slab : m_plain) {
        ::operator delete(slab, slabAlignment);
    }
    for (std::byte* const extent : m_extents) {
        ::munmap(extent, extentBytes);
    }
    if (m_file >= 0) {
        ::close(m_file);
    }
}

void* SlabArena::take() {
    if (m_figures.plainBytes >= plainBytesMax && !m_cannotMap) {
        if (m_left == 0 && !map()) {
            m_cannotMap = true;
        } else {
            void* const slab = m_extents.back() + (extentBytes - m_left);
            m_left -= slabBytes;
            return slab;
        }
    }
    m_figures.plainBytes += slabBytes;
    m_plain.push_back(::operator new(slabBytes, slabAlignment));
    return m_plain.back();
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
    m_left = extentBytes;
    m_figures.mappedBytes += extentBytes;
    pageOutIfLarge();
    return true;
}

void SlabArena::pageOutIfLarge() {
    if (!m_extents.empty() && residentBytes() > std::max(residentLimit, m_residentAfter + residentGrowth)) {
        pageOut();
    }
}

void SlabArena::pageOut() {
    for (std::byte* const extent : m_extents) {
        (void)::madvise(extent, extentBytes, MADV_DONTNEED);
    }
    ++m_figures.pageOuts;
    m_residentAfter = residentBytes();
}

}  // namespace millrace
