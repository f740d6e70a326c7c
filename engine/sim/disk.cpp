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

void File::append(ChunkRef chunk, SimTime now) {
    if (m_marks.empty() || now - m_marks.back().at >= markEvery) {
        m_marks.append(Mark{m_chunks.endIndex(), now});
    }
    m_length += chunk->size();
    m_unflushed += chunk->size();
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

std::vector<std::string> Disk::list(std::string_view prefix) const {
    std::vector<std::string> names;
    for (auto it = m_files.lowerBound(prefix); it != m_files.end() && it->first.starts_with(prefix); ++it) {
        names.push_back(it->first);
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

void Disk::append(const std::string& name, ChunkRef chunk, SimTime now) {
    m_used += chunk->size();
    m_files[name].append(std::move(chunk), now);
}

void Disk::replace(const std::string& name, ChunkRef chunk, SimTime now) {
    // Rename is atomic: after a power loss either the old content or the new stands there. The new one counts as
    // flushed, because the rule is to flush before the rename.
    remove(name);
    append(name, std::move(chunk), now);
    m_files[name].flushTo(1);
}

void Disk::truncate(const std::string& name, std::uint64_t chunksEnd) {
    if (File* file = m_files.update(name)) {
        m_used -= file->length();
        file->truncate(chunksEnd);
        m_used += file->length();
    }
}

void Disk::dropFront(const std::string& name, std::uint64_t firstChunk) {
    if (File* file = m_files.update(name)) {
        m_used -= file->length();
        file->dropFront(firstChunk);
        m_used += file->length();
    }
}

void Disk::remove(const std::string& name) {
    if (const File* file = m_files.find(name)) {
        m_used -= file->length();
        m_files.erase(name);
    }
}

SimTime Disk::startFlush(const std::string& name, SimTime now) {
    const File* file = m_files.find(name);
    const ByteCount dirty = file == nullptr ? 0 : file->unflushedBytes();
    const SimDuration takes =
        timeFor(dirty, m_spec.writeRate, slowFactor) +
        SimDuration{static_cast<std::int64_t>(static_cast<double>(m_spec.flushLatency.count()) * slowFactor)};
    m_busyUntil = std::max(m_busyUntil, now) + takes;
    m_busyTime += takes;
    return m_busyUntil;
}

void Disk::finishFlush(const std::string& name, std::uint64_t flushedEnd) {
    if (File* file = m_files.update(name)) {
        file->flushTo(flushedEnd);
    }
}

void Disk::losePower(SimTime now) {
    for (const std::string& name : list("")) {
        const File& file = m_files.at(name);
        truncate(name, std::max(file.flushedEnd(), file.endBy(now - m_spec.writeback)));
    }
    m_busyUntil = now;
}

}  // namespace millrace::sim
