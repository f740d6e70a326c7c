#include "engine/kafka/log/partition_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/base/check.h"

namespace millrace::kafka {

namespace {

constexpr std::string_view logSuffix = ".log";
constexpr const char* epochFile = "leader-epoch-checkpoint";

/// "broker-1/access-0/00000000000000000042.log" -> 42
std::optional<Offset> baseOfFile(std::string_view name) {
    const std::size_t slash = name.rfind('/');
    if (slash == std::string_view::npos || !name.ends_with(logSuffix)) {
        return std::nullopt;
    }
    const std::string_view digits = name.substr(slash + 1, name.size() - slash - 1 - logSuffix.size());
    std::int64_t base = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), base);
    return error == std::errc{} && end == digits.data() + digits.size() ? std::optional(Offset{base}) : std::nullopt;
}

}  // namespace

std::string PartitionLog::folder() const {
    return fmt::format("{}/{}/", m_directory, toText(m_partition));
}

std::string PartitionLog::segmentFile(Offset base) const {
    return fmt::format("{}{:020}{}", folder(), base.value, logSuffix);
}

std::vector<PartitionLog::Stored> PartitionLog::onDisk(const sim::ProcessDisk& disk, std::string_view directory) {
    std::vector<Stored> partitions;
    const std::string root = fmt::format("{}/", directory);
    for (const std::string& path : disk.list(root)) {
        const std::string_view name = std::string_view{path}.substr(root.size());
        const std::size_t slash = name.find('/');
        const std::size_t dash = name.rfind('-', slash);
        const std::optional<Offset> base = baseOfFile(name);
        if (slash == std::string_view::npos || dash == std::string_view::npos || !base) {
            continue;
        }
        std::int32_t index = -1;
        const auto [end, error] = std::from_chars(name.data() + dash + 1, name.data() + slash, index);
        if (error != std::errc{} || end != name.data() + slash) {
            continue;
        }
        const TopicPartition partition{TopicName(name.substr(0, dash)), PartitionIndex{index}};
        if (partitions.empty() || !(partitions.back().partition == partition)) {
            partitions.push_back({partition, *base, *base, noEpoch, 0});
        }
        const sim::File& file = *disk.find(path);
        if (const auto* last = static_cast<const RecordBatch*>(file.last())) {
            partitions.back().end = last->nextOffset();
            partitions.back().epoch = last->leaderEpoch();
            partitions.back().bytes += file.length();
        }
    }
    return partitions;
}

Batches PartitionLog::batchesOnDisk(const sim::ProcessDisk& disk, std::string_view directory,
                                    const TopicPartition& partition) {
    Batches batches;
    for (const std::string& path : disk.list(fmt::format("{}/{}/", directory, toText(partition)))) {
        if (baseOfFile(path)) {
            for (const sim::ChunkRef& chunk : disk.find(path)->chunks()) {
                batches.emplace_back(static_cast<const RecordBatch*>(chunk.get()));
            }
        }
    }
    return batches;
}

PartitionLog PartitionLog::recover(sim::Context& context, std::string directory, TopicPartition partition,
                                   LogConfig config) {
    PartitionLog log(std::move(directory), std::move(partition), config);
    bool isBroken = false;
    for (const std::string& name : context.disk().list(log.folder())) {
        const std::optional<Offset> base = baseOfFile(name);
        if (!base) {
            continue;
        }
        const sim::File& file = *context.disk().find(name);
        const bool follows = !isBroken && (log.m_segments.empty() || *base == log.m_end);
        if (!follows) {
            context.remove(name);
            isBroken = true;
            continue;
        }
        if (log.m_segments.empty()) {
            log.m_start = log.m_end = *base;
        }
        log.m_segments.push_back(
            {*base, log.m_batches.endIndex(), 0, noTimestamp, noTimestamp, context.now(), context.file(name)});
        for (const sim::ChunkRef& chunk : file.chunks()) {
            const BatchRef batch(static_cast<const RecordBatch*>(chunk.get()));
            MILLRACE_CHECK(batch->baseOffset() == log.m_end, toText(log.m_partition), batch->baseOffset().value);
            log.take(batch);
        }
    }
    // Epochs without records are only in the checkpoint; a file lost with the power is made up for by the batches.
    if (const sim::File* file = context.disk().find(log.folder() + epochFile);
        file != nullptr && file->last() != nullptr) {
        const auto& text = static_cast<const sim::TextChunk&>(*file->last());
        if (const auto stored = LeaderEpochs::fromCheckpoint(text.text())) {
            for (const LeaderEpochs::Entry& entry : stored->entries()) {
                if (entry.start >= log.m_end) {
                    log.m_epochs.assign(entry.epoch, log.m_end);
                }
            }
        }
    }
    log.m_highWatermark = log.m_start;
    return log;
}

/// Adds a batch that stands on the disk, or is about to.
void PartitionLog::take(BatchRef batch) {
    m_epochs.assign(batch->leaderEpoch(), batch->baseOffset());
    Segment& segment = m_segments.back();
    const std::int64_t time = batch->maxTimestamp();
    segment.firstTimestamp = segment.bytes == 0 ? time : segment.firstTimestamp;
    segment.bytes += batch->size();
    segment.maxTimestamp = std::max(segment.maxTimestamp, time);
    m_bytes += batch->size();
    m_end = batch->nextOffset();
    m_batches.append(std::move(batch));
}

Result<void, sim::DiskError> PartitionLog::write(sim::Context& context, BatchRef batch) {
    rollIfDue(context, *batch);
    if (const auto written = context.append(m_segments.back().file, batch); !written) {
        return written;
    }
    const LeaderEpoch before = m_epochs.latest();
    take(std::move(batch));
    if (m_epochs.latest() != before) {
        writeEpochs(context);
    }
    return {};
}

Result<BatchRef, sim::DiskError> PartitionLog::appendAsLeader(sim::Context& context, const RecordBatch& batch,
                                                              LeaderEpoch epoch) {
    BatchRef numbered = batch.rebased(m_end, epoch);
    if (auto written = write(context, numbered); !written) {
        return tl::unexpected(written.error());
    }
    return numbered;
}

Result<void, sim::DiskError> PartitionLog::appendAsFollower(sim::Context& context, BatchRef batch) {
    MILLRACE_CHECK(batch->baseOffset() == m_end, toText(m_partition), batch->baseOffset().value, m_end.value);
    return write(context, std::move(batch));
}

void PartitionLog::rollIfDue(sim::Context& context, const RecordBatch& next) {
    if (m_segments.empty()) {
        openSegment(context, m_end);
        return;
    }
    const Segment& active = m_segments.back();
    const bool isFull = active.bytes + next.size() > m_config.segmentBytes;
    if (active.bytes == 0) {
        return;
    }
    // By the time stamps of its first batch and of the next one; only without them by its time of opening. So a restart
    // changes nothing. Source: LogSegment.timeWaitedForRoll.
    const std::int64_t firstTime = active.firstTimestamp;
    constexpr std::int64_t forEver = std::chrono::milliseconds{std::chrono::hours{24 * 7300}}.count();
    const std::int64_t apart =
        std::clamp(next.maxTimestamp(), firstTime, std::max(firstTime, firstTime + forEver)) - firstTime;
    const SimDuration waited =
        firstTime >= 0 ? SimDuration{std::chrono::milliseconds{apart}} : SimDuration{context.now() - active.opened};
    const bool isOld = waited > m_config.segmentAge;
    if (isFull || isOld) {
        context.flush(active.file, makeRef<LogFlushed>());
        openSegment(context, m_end);
    }
}

void PartitionLog::openSegment(sim::Context& context, Offset base) {
    m_segments.push_back(
        {base, m_batches.endIndex(), 0, noTimestamp, noTimestamp, context.now(), context.file(segmentFile(base))});
}

/// Its file stands there from now on, so that a broker that starts again knows where the log begins.
void PartitionLog::openEmptySegment(sim::Context& context, Offset base) {
    openSegment(context, base);
    if (context.append(m_segments.back().file, makeRef<sim::TextChunk>(std::string{}))) {
        context.truncate(m_segments.back().file, 0);
    }
}

ByteCount PartitionLog::bytesFrom(Offset point) const {
    ByteCount bytes = 0;
    for (std::size_t i = 0; i < m_segments.size(); ++i) {
        const Offset end = i + 1 < m_segments.size() ? m_segments[i + 1].base : m_end;
        bytes += end > point ? m_segments[i].bytes : 0;
    }
    return bytes;
}

void PartitionLog::beginEpoch(sim::Context& context, LeaderEpoch epoch) {
    if (m_epochs.assign(epoch, m_end)) {
        writeEpochs(context);
    }
}

void PartitionLog::writeEpochs(sim::Context& context) {
    const std::string file = folder() + epochFile;
    // A full disk shows at the next batch; the epochs of the batches themselves are never lost.
    if (context.replace(file, makeRef<sim::TextChunk>(m_epochs.toCheckpoint()))) {
        context.flush(file, makeRef<LogFlushed>());
    }
}

std::uint64_t PartitionLog::batchHolding(Offset offset) const {
    // Readers are mostly near the end: widen from there, then halve.
    std::uint64_t high = m_batches.endIndex();
    std::uint64_t low = high;
    std::uint64_t step = 1;
    while (low > m_batches.firstIndex()) {
        const std::uint64_t probe = low - std::min(step, low - m_batches.firstIndex());
        low = probe;
        if (m_batches[probe]->nextOffset() <= offset) {
            low = probe + 1;
            break;
        }
        high = probe;
        step *= 2;
    }
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (m_batches[middle]->nextOffset() <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

ByteCount PartitionLog::read(Offset from, Offset limit, ByteCount maxBytes, bool atLeastOne, Batches& out) const {
    ByteCount bytes = 0;
    for (std::uint64_t at = batchHolding(from); at < m_batches.endIndex(); ++at) {
        const BatchRef& batch = m_batches[at];
        const bool fits = bytes + batch->size() <= maxBytes;
        if (batch->nextOffset() > limit || (!fits && (bytes > 0 || !atLeastOne))) {
            break;
        }
        bytes += batch->size();
        out.push_back(batch);
    }
    return bytes;
}

ByteCount PartitionLog::bytesBetween(Offset from, Offset limit, ByteCount enough) const {
    ByteCount bytes = 0;
    if (from >= limit) {
        return 0;
    }
    for (std::uint64_t at = batchHolding(from); at < m_batches.endIndex() && bytes < enough; ++at) {
        if (m_batches[at]->nextOffset() > limit) {
            break;
        }
        bytes += m_batches[at]->size();
    }
    return bytes;
}

std::optional<PartitionLog::Found> PartitionLog::findTimestamp(std::int64_t timestamp, Offset limit) const {
    for (std::uint64_t at = m_batches.firstIndex(); at < m_batches.endIndex(); ++at) {
        const RecordBatch& batch = *m_batches[at];
        if (batch.baseOffset() >= limit) {
            break;
        }
        if (batch.maxTimestamp() < timestamp) {
            continue;
        }
        const std::string plain = batch.codec() == Codec::None ? std::string{} : batch.payload().unpacked();
        for (const RecordView& record : plain.empty() ? batch.records() : batch.recordsIn(plain)) {
            if (record.timestamp >= timestamp && record.offset < limit) {
                return Found{record.offset, record.timestamp, batch.leaderEpoch()};
            }
        }
    }
    return std::nullopt;
}

Offset PartitionLog::truncateTo(sim::Context& context, Offset end) {
    if (end >= m_end) {
        // Nothing to cut, but an epoch that never got a record must not be claimed any more.
        if (m_epochs.truncateEnd(end)) {
            writeEpochs(context);
        }
        return m_end;
    }
    const std::uint64_t keep = batchHolding(end);
    const Offset newEnd = keep < m_batches.endIndex() ? m_batches[keep]->baseOffset() : m_end;
    for (std::uint64_t at = keep; at < m_batches.endIndex(); ++at) {
        m_bytes -= m_batches[at]->size();
    }
    m_batches.truncate(keep);
    while (m_segments.size() > 1 && m_segments.back().firstBatch >= keep) {
        context.remove(m_segments.back().file);
        m_segments.pop_back();
    }
    if (!m_segments.empty()) {
        Segment& last = m_segments.back();
        context.truncate(last.file, keep - last.firstBatch);
        last.bytes = 0;
        last.maxTimestamp = noTimestamp;
        for (std::uint64_t at = last.firstBatch; at < keep; ++at) {
            last.bytes += m_batches[at]->size();
            last.maxTimestamp = std::max(last.maxTimestamp, m_batches[at]->maxTimestamp());
        }
    }
    m_end = std::max(newEnd, m_start);
    m_highWatermark = std::min(m_highWatermark, m_end);
    if (m_epochs.truncateEnd(m_end)) {
        writeEpochs(context);
    }
    checkOrder();
    return m_end;
}

void PartitionLog::truncateFullyTo(sim::Context& context, Offset start) {
    for (const Segment& segment : m_segments) {
        context.remove(segment.file);
    }
    m_segments.clear();
    m_batches.clear();
    m_bytes = 0;
    m_start = m_end = m_highWatermark = start;
    m_epochs = {};
    openEmptySegment(context, start);
    writeEpochs(context);
}

void PartitionLog::removeFiles(sim::Context& context) {
    truncateFullyTo(context, Offset{0});
    context.remove(m_segments.back().file);
    m_segments.clear();
    context.remove(folder() + epochFile);
}

ByteCount PartitionLog::deleteOldSegments(sim::Context& context) {
    const ByteCount before = m_bytes;
    const std::int64_t oldest =
        m_config.retentionAge.count() < 0
            ? std::numeric_limits<std::int64_t>::min()
            : context.clockMillis() -
                  std::chrono::duration_cast<std::chrono::milliseconds>(m_config.retentionAge).count();
    const auto isDue = [&](const Segment& segment) {
        const bool isOverSize = m_config.retentionBytes >= 0 && m_bytes - segment.bytes >= m_config.retentionBytes;
        return isOverSize || (segment.bytes > 0 && segment.maxTimestamp < oldest);
    };
    while (!m_segments.empty() && isDue(m_segments.front())) {
        const bool isActive = m_segments.size() == 1;
        const Offset end = isActive ? m_end : m_segments[1].base;
        if (end > m_highWatermark || (isActive && m_segments.front().bytes == 0)) {
            break;
        }
        if (isActive) {
            openEmptySegment(context, m_end);
        }
        dropFirstSegment(context);
    }
    return before - m_bytes;
}

void PartitionLog::dropFirstSegment(sim::Context& context) {
    const Segment& first = m_segments.front();
    context.remove(first.file);
    m_bytes -= first.bytes;
    m_segments.erase(m_segments.begin());
    m_batches.dropFront(m_segments.front().firstBatch);
    m_start = m_segments.front().base;
    if (m_epochs.truncateStart(m_start)) {
        writeEpochs(context);
    }
    checkOrder();
}

void PartitionLog::flush(sim::Context& context) {
    if (!m_segments.empty() && m_segments.back().bytes > 0) {
        context.flush(m_segments.back().file, makeRef<LogFlushed>());
    }
}

bool PartitionLog::raiseHighWatermark(Offset to) {
    const Offset bounded = std::min(to, m_end);
    if (bounded <= m_highWatermark) {
        return false;
    }
    m_highWatermark = bounded;
    return true;
}

void PartitionLog::setHighWatermark(Offset to) {
    m_highWatermark = std::clamp(to, m_start, m_end);
}

void PartitionLog::checkOrder() const {
    MILLRACE_CHECK(m_start <= m_highWatermark, toText(m_partition), m_start.value, m_highWatermark.value);
    MILLRACE_CHECK(m_highWatermark <= m_end, toText(m_partition), m_highWatermark.value, m_end.value);
}

}  // namespace millrace::kafka
