#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace millrace {

/// Gives the pools of Counted objects their slabs. The first 192 MiB, or less where that is set, are plain memory; what
/// comes later lies in a temporary file without a name that is mapped into memory, because most of a long run is past
/// that nobody looks at: records that were consumed, samples, checkpoints. When much of it is resident, pages of all
/// mappings are given back to the system, which keeps them in its cache or in the file and brings each back at its next
/// touch. Nothing is ever lost by it, and nothing that runs can see it. Who watches the process asks for it.
///
/// The space in the file is reserved before it is used, so a full disk means plain memory and not a crash. One arena a
/// thread; slabs are returned with it. Where the file cannot be made, all is plain memory.
class SlabArena {
public:
    SlabArena() = default;
    ~SlabArena();
    SlabArena(const SlabArena&) = delete;
    SlabArena& operator=(const SlabArena&) = delete;

    static constexpr std::size_t slabBytes = std::size_t{64} << 10U;
    static constexpr std::size_t plainBytesMax = std::size_t{192} << 20U;

    /// Where the file may lie, best first; without it /var/tmp (for /tmp is memory on many systems), then /tmp.
    void useFolders(std::vector<std::string> folders) { m_folders = std::move(folders); }

    /// How much of each arena is plain. Plain slabs are never given back to the system, so a process that may not take
    /// much has to have fewer of them. Concerns slabs that are taken later. Any thread.
    static void setPlainBytes(std::size_t bytes);
    [[nodiscard]] static std::size_t plainBytes();

    /// Memory for one slab, aligned to 64 bytes.
    [[nodiscard]] void* take();

    /// Of all mapped files of the process: beyond as much as is resident beside them and the plain slabs, within these
    /// bounds, pages are given back. What is in use comes back at once and should not be thrown out again and again.
    static constexpr std::size_t mappedLimitLeast = std::size_t{128} << 20U;
    static constexpr std::size_t mappedLimitMost = std::size_t{192} << 20U;

    /// The mapping cannot grow: what more is taken is plain memory.
    [[nodiscard]] bool isExhausted() const { return m_cannotMap; }

    struct Figures {
        std::size_t plainBytes = 0;
        std::size_t mappedBytes = 0;
    };
    [[nodiscard]] const Figures& figures() const { return m_figures; }
    /// Gives all pages of all mappings of the process back, whatever its size. These three: any thread.
    static void pageOut();
    /// Gives pages back when more are resident than shall be. Returns how much was, as a share of that: who watches may
    /// look again the later, the less it is. Some ten microseconds.
    static double pageOutIfLarge();
    /// How often that was done in this process.
    [[nodiscard]] static std::uint64_t pageOuts();

private:
    [[nodiscard]] bool map();
    void addPlain();
    [[nodiscard]] int openNameless() const;

    std::vector<std::string> m_folders{"/var/tmp", "/tmp"};
    int m_file = -1;
    bool m_cannotMap = false;
    std::vector<std::byte*> m_plain;
    std::size_t m_plainLeft = 0;  // of the newest piece
    std::vector<std::byte*> m_extents;
    std::size_t m_left = 0;  // of the newest extent
    Figures m_figures;
};

}  // namespace millrace
