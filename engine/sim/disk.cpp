#include "engine/sim/disk.h"

#include <algorithm>

namespace millrace::sim {

namespace {

SimDuration timeFor(ByteCount bytes, ByteCount rate, double slowFactor) {
    const double ns = static_cast<double>(bytes) / static_cast<double>(rate) * 1e9 * slowFactor;
    return SimDuration{static_cast<std::int64_t>(ns)};
}

}  // namespace

// --- File

ByteCount File::bytesOf(std::uint64_t from, std::uint64_t end) const {
    ByteCount bytes = 0;
    for (std::uint64_t i = std::max(from, m_chunks.firstIndex()); i < end; ++i) {
        bytes += m_chunks[i]->size();
    }
    return bytes;
}

void File::append(ChunkRef chunk, ByteCount size, SimTime now) {
    if (now >= m_nextMark) {
        m_marks.append(Mark{m_chunks.endIndex(), now});
        m_nextMark = now + markEvery;
    }
    m_length += size;
    m_unflushed += size;
    m_chunks.append(std::move(chunk));
}

void File::truncate(std::uint64_t end) {
    if (end >= m_chunks.endIndex()) {
        return;
    }
    m_length -= bytesOf(end, m_chunks.endIndex());
    m_unflushed -= bytesOf(std::max(end, m_flushedEnd), m_chunks.endIndex());
    m_chunks.truncate(end);
    m_flushedEnd = std::min(m_flushedEnd, m_chunks.endIndex());
    while (!m_marks.empty() && m_marks.back().first >= end) {
        m_marks.truncate(m_marks.endIndex() - 1);
    }
    m_nextMark = m_marks.empty() ? SimTime::min() : m_marks.back().at + markEvery;
}

void File::dropFront(std::uint64_t first) {
    if (first <= m_chunks.firstIndex()) {
        return;
    }
    first = std::min(first, m_chunks.endIndex());
    m_length -= bytesOf(m_chunks.firstIndex(), first);
    m_unflushed -= bytesOf(m_flushedEnd, first);
    m_flushedEnd = std::max(m_flushedEnd, first);
    m_chunks.dropFront(first);
    while (m_marks.size() > 1 && m_marks[m_marks.firstIndex() + 1].first <= first) {
        m_marks.dropFront(m_marks.firstIndex() + 1);
    }
}

void File::flushTo(std::uint64_t end) {
    end = std::min(end, m_chunks.endIndex());
    if (end > m_flushedEnd) {
        m_unflushed -= bytesOf(m_flushedEnd, end);
        m_flushedEnd = end;
    }
}

std::uint64_t File::endBy(SimTime time) const {
    std::uint64_t mark = m_marks.endIndex();
    std::uint64_t end = m_chunks.endIndex();
    while (mark > m_marks.firstIndex() && m_marks[mark - 1].at + markEvery > time) {
        end = m_marks[--mark].first;
    }
    return end;
}

// --- Disk

const File* Disk::find(std::string_view name) const {
    const FileId* id = m_names.find(name);
    return id == nullptr ? nullptr : find(*id);
}

const File* Disk::find(FileId id) const {
    const Place& place = *m_places.at(id.value);
    return place.isThere ? &place.file : nullptr;
}

FileId Disk::idOf(const std::string& name) {
    if (const FileId* known = m_names.find(name)) {
        return *known;
    }
    const FileId id{static_cast<std::uint32_t>(m_places.endIndex())};
    m_places.append(makeRef<Place>());
    m_names.set(name, id);
    return id;
}

std::vector<std::string> Disk::list(std::string_view prefix) const {
    std::vector<std::string> names;
    for (auto it = m_names.lowerBound(prefix); it != m_names.end() && it->first.starts_with(prefix); ++it) {
        if (find(it->second) != nullptr) {
            names.push_back(it->first);
        }
    }
    return names;
}

const File* ProcessDisk::find(std::string_view name) const {
    return m_disk->find(m_folder + std::string{name});
}

std::vector<std::string> ProcessDisk::list(std::string_view prefix) const {
    std::vector<std::string> names = m_disk->list(m_folder + std::string{prefix});
    for (std::string& name : names) {
        name.erase(0, m_folder.size());
    }
    return names;
}

void Disk::append(FileId id, ChunkRef chunk, SimTime now) {
    const ByteCount size = chunk->size();
    m_used += size;
    Place& at = place(id);
    at.isThere = true;
    at.file.append(std::move(chunk), size, now);
}

void Disk::replace(FileId id, ChunkRef chunk, SimTime now) {
    // Rename is atomic: after a power loss either the old content or the new stands there. The new one counts as
    // flushed, because the rule is to flush before the rename.
    remove(id);
    append(id, std::move(chunk), now);
    place(id).file.flushTo(1);
}

void Disk::truncate(FileId id, std::uint64_t chunksEnd) {
    if (File* file = writableFile(id)) {
        m_used -= file->length();
        file->truncate(chunksEnd);
        m_used += file->length();
    }
}

void Disk::dropFront(FileId id, std::uint64_t firstChunk) {
    if (File* file = writableFile(id)) {
        m_used -= file->length();
        file->dropFront(firstChunk);
        m_used += file->length();
    }
}

void Disk::remove(FileId id) {
    if (const File* file = find(id)) {
        m_used -= file->length();
        place(id) = Place{};
    }
}

SimTime Disk::startFlush(FileId id, SimTime now) {
    const File* file = find(id);
    const ByteCount dirty = file == nullptr ? 0 : file->unflushedBytes();
    const SimDuration takes =
        timeFor(dirty, m_spec.writeRate, slowFactor) +
        SimDuration{static_cast<std::int64_t>(static_cast<double>(m_spec.flushLatency.count()) * slowFactor)};
    m_busyUntil = std::max(m_busyUntil, now) + takes;
    m_busyTime += takes;
    return m_busyUntil;
}

void Disk::finishFlush(FileId id, std::uint64_t flushedEnd) {
    if (File* file = writableFile(id)) {
        file->flushTo(flushedEnd);
    }
}

void Disk::losePower(SimTime now) {
    for (std::uint64_t i = m_places.firstIndex(); i < m_places.endIndex(); ++i) {
        const FileId id{static_cast<std::uint32_t>(i)};
        if (const File* file = find(id)) {
            truncate(id, std::max(file->flushedEnd(), file->endBy(now - m_spec.writeback)));
        }
    }
    m_busyUntil = now;
}

}  // namespace millrace::sim
