#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/sim/ids.h"

namespace millrace::sim {

/// An immutable piece of a file. Systems derive their own (a record batch is one object shared by log and network).
class Chunk : public Counted {
public:
    [[nodiscard]] virtual ByteCount size() const = 0;
    [[nodiscard]] virtual std::uint64_t digest() const = 0;
};
using ChunkRef = Ref<const Chunk>;

/// Plain text or bytes as a chunk.
class TextChunk final : public Chunk {
public:
    explicit TextChunk(std::string text) : m_bytes(makeRef<Bytes>(std::move(text))) {}
    [[nodiscard]] ByteCount size() const override { return static_cast<ByteCount>(m_bytes->size()); }
    [[nodiscard]] std::uint64_t digest() const override { return m_bytes->digest(); }
    [[nodiscard]] std::string_view text() const { return m_bytes->text(); }

private:
    BytesRef m_bytes;
};

enum class DiskError : std::uint8_t { Full, NoSuchFile };

struct DiskSpec {
    ByteCount capacity = 256LL << 30U;                          ///< bytes
    ByteCount writeRate = 500LL << 20U;                         ///< bytes/s to the medium
    ByteCount readRate = 500LL << 20U;                          ///< bytes/s; every read is a cache hit in this model
    SimDuration flushLatency = std::chrono::microseconds{160};  ///< of one flush, beside the bytes
    SimDuration writeback = std::chrono::seconds{30};  ///< dirty pages older than this have been written by the system
};

/// One named file: chunks in order. A process crash keeps it whole; a power loss keeps the flushed chunks and those
/// that the operating system had written back by then. A log has as many chunks as its producers sent batches, so a
/// chunk costs one handle here: positions in bytes are kept at the ends and at the flushed place only.
class File {
public:
    [[nodiscard]] const SharedLog<ChunkRef, 64>& chunks() const { return m_chunks; }
    [[nodiscard]] const Chunk* last() const { return m_chunks.empty() ? nullptr : m_chunks.back().get(); }
    [[nodiscard]] ByteCount length() const { return m_length; }
    /// Index past the last chunk known to be on the medium.
    [[nodiscard]] std::uint64_t flushedEnd() const { return m_flushedEnd; }
    [[nodiscard]] ByteCount unflushedBytes() const { return m_unflushed; }

private:
    friend class Disk;
    /// Chunks from `first` up to that of the next mark were appended at `at` or less than `markEvery` later.
    struct Mark {
        std::uint64_t first = 0;
        SimTime at;
    };
    static constexpr SimDuration markEvery = std::chrono::milliseconds{100};

    void append(ChunkRef chunk, ByteCount size, SimTime now);
    void truncate(std::uint64_t end);
    void dropFront(std::uint64_t first);
    void flushTo(std::uint64_t end);
    /// Index past the last chunk that had been appended by `time`, to the accuracy of the marks.
    [[nodiscard]] std::uint64_t endBy(SimTime time) const;
    [[nodiscard]] ByteCount bytesOf(std::uint64_t from, std::uint64_t end) const;

    SharedLog<ChunkRef, 64> m_chunks;
    SharedLog<Mark, 16> m_marks;
    SimTime m_nextMark = SimTime::min();  // from then on an append has a mark of its own
    ByteCount m_length = 0;
    ByteCount m_unflushed = 0;
    std::uint64_t m_flushedEnd = 0;
};

/// The durable state of a host: named files of immutable chunks, a queue for flushes, capacity. Copy-on-write inside.
/// Each name that was ever used has a number, by which it is written to: a look-up by name for each appended chunk cost
/// more than the append.
class Disk {
public:
    Disk() = default;
    explicit Disk(DiskSpec spec) : m_spec(spec) {}

    [[nodiscard]] const DiskSpec& spec() const { return m_spec; }
    [[nodiscard]] ByteCount used() const { return m_used; }
    [[nodiscard]] ByteCount free() const { return m_fullByFault ? 0 : m_spec.capacity - m_used; }
    [[nodiscard]] bool isFull() const { return free() <= 0; }
    [[nodiscard]] const File* find(std::string_view name) const;
    /// Names that start with `prefix`, in order.
    [[nodiscard]] std::vector<std::string> list(std::string_view prefix) const;

    /// The number of that name. No file stands there before something is written.
    [[nodiscard]] FileId idOf(const std::string& name);
    /// Null when nothing stands there.
    [[nodiscard]] const File* find(FileId id) const;

    // The world calls these when the effects of a handler take place. What is not there stays so, but for the first
    // two.
    void append(FileId id, ChunkRef chunk, SimTime now);
    void replace(FileId id, ChunkRef chunk, SimTime now);
    void truncate(FileId id, std::uint64_t chunksEnd);
    void dropFront(FileId id, std::uint64_t firstChunk);
    void remove(FileId id);
    /// Starts a flush; gives the time at which it is done.
    SimTime startFlush(FileId id, SimTime now);
    void finishFlush(FileId id, std::uint64_t flushedEnd);
    void losePower(SimTime now);

    double slowFactor = 1.0;  ///< 1 = as specified; 10 = ten times slower
    void setFull(bool full) { m_fullByFault = full; }
    [[nodiscard]] SimDuration busyTime() const { return m_busyTime; }

private:
    struct Place final : Counted {
        File file;
        bool isThere = false;
    };
    [[nodiscard]] Place& place(FileId id) { return writable(m_places.update(id.value)); }
    [[nodiscard]] File* writableFile(FileId id) { return find(id) == nullptr ? nullptr : &place(id).file; }

    DiskSpec m_spec;
    SharedMap<std::string, FileId> m_names;
    SharedLog<Ref<Place>, 64> m_places;  // by number
    ByteCount m_used = 0;
    bool m_fullByFault = false;
    SimTime m_busyUntil;
    SimDuration m_busyTime{0};
};

/// What a process sees of its host's disk: the room on it, and its own files by the names that it gave them. Each
/// process has a folder of its own there, so that processes of one host never meet in a file; a process that starts
/// again finds what it had.
class ProcessDisk {
public:
    ProcessDisk(const Disk& disk, std::string_view process) : m_disk(&disk), m_folder(folderOf(process)) {}

    [[nodiscard]] static std::string folderOf(std::string_view process) { return std::string{process} + "/"; }

    [[nodiscard]] ByteCount free() const { return m_disk->free(); }
    [[nodiscard]] bool isFull() const { return m_disk->isFull(); }
    /// How many times as long as specified it takes; above 1 while a fault makes it so.
    [[nodiscard]] double slowness() const { return m_disk->slowFactor; }
    [[nodiscard]] const File* find(std::string_view name) const;
    /// Names that start with `prefix`, in order.
    [[nodiscard]] std::vector<std::string> list(std::string_view prefix) const;

private:
    const Disk* m_disk;
    std::string m_folder;
};

}  // namespace millrace::sim
