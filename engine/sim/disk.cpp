#include "engine/sim/disk.h"

#include <algorithm>

namespace millrace::sim {

namespace {

SimDuration timeFor(ByteCount bytes, ByteCount rate, double slowFactor) {
    const double ns = static_cast<double>(bytes) / static_cast<double>(rate) * 1e9 * slowFactor;
    return SimDuration{static_cast<std::int64_t>(ns)};
}

}  // namespace

std::vector<std::string> Disk::list(std::string_view prefix) const {
    std::vector<std::string> names;
    for (auto it = m_files.lowerBound(prefix); it != m_files.end() && it->first.starts_with(prefix); ++it) {
        names.push_back(it->first);
    }
    return names;
}

void Disk::append(const std::string& name, ChunkRef chunk, SimTime now) {
    File& file = m_files[name];
    const ByteCount size = chunk->size();
    const ByteCount before = file.pieces.empty() ? 0 : file.pieces.back().end;
    m_used += size;
    file.pieces.append(File::Piece{std::move(chunk), now, before + size});
}

void Disk::replace(const std::string& name, ChunkRef chunk, SimTime now) {
    // Rename is atomic: after a power loss either the old content or the new stands there. The new one counts as
    // flushed, because the rule is to flush before the rename.
    remove(name);
    append(name, std::move(chunk), now);
    m_files[name].flushedEnd = 1;
}

void Disk::truncate(const std::string& name, std::uint64_t chunksEnd) {
    File* file = m_files.update(name);
    if (file == nullptr) {
        return;
    }
    m_used -= file->length();
    file->pieces.truncate(chunksEnd);
    file->flushedEnd = std::min(file->flushedEnd, file->pieces.endIndex());
    m_used += file->length();
}

void Disk::dropFront(const std::string& name, std::uint64_t firstChunk) {
    File* file = m_files.update(name);
    if (file == nullptr) {
        return;
    }
    m_used -= file->length();
    file->pieces.dropFront(firstChunk);
    m_used += file->length();
}

void Disk::remove(const std::string& name) {
    if (const File* file = m_files.find(name)) {
        m_used -= file->length();
        m_files.erase(name);
    }
}

SimTime Disk::startFlush(const std::string& name, SimTime now) {
    ByteCount dirty = 0;
    if (const File* file = m_files.find(name); file != nullptr && !file->pieces.empty()) {
        const std::uint64_t from = std::max(file->flushedEnd, file->pieces.firstIndex());
        if (from < file->pieces.endIndex()) {
            const auto& first = file->pieces[from];
            dirty = file->pieces.back().end - first.end + first.chunk->size();
        }
    }
    const SimDuration takes =
        timeFor(dirty, m_spec.writeRate, slowFactor) +
        SimDuration{static_cast<std::int64_t>(static_cast<double>(m_spec.flushLatency.count()) * slowFactor)};
    m_busyUntil = std::max(m_busyUntil, now) + takes;
    m_busyTime += takes;
    return m_busyUntil;
}

void Disk::finishFlush(const std::string& name, std::uint64_t flushedEnd) {
    if (File* file = m_files.update(name)) {
        file->flushedEnd = std::max(file->flushedEnd, std::min(flushedEnd, file->pieces.endIndex()));
    }
}

void Disk::losePower(SimTime now) {
    for (const std::string& name : list("")) {
        const File& file = m_files.at(name);
        std::uint64_t kept = std::max(file.flushedEnd, file.pieces.firstIndex());
        while (kept < file.pieces.endIndex() && file.pieces[kept].appended + m_spec.writeback <= now) {
            ++kept;
        }
        if (kept < file.pieces.endIndex()) {
            truncate(name, kept);
        }
    }
    m_busyUntil = now;
}

}  // namespace millrace::sim
