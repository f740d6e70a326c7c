#include "engine/hadoop/mapreduce/map_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/hadoop/cost.h"

namespace millrace::hadoop {

namespace {

constexpr ByteCount readAhead = 64LL << 10U;
constexpr ByteCount indexOfRecord = 16;
constexpr const char* spillFile = "spill";

CpuTime sortTime(std::uint64_t records) {
    return cost::sortedRecord *
           static_cast<std::int64_t>(records * static_cast<std::uint64_t>(std::bit_width(records)));
}

/// What stands for bytes on the disk whose content the task still has.
class SpillChunk final : public sim::Chunk {
public:
    explicit SpillChunk(ByteCount bytes) : m_bytes(bytes) {}
    [[nodiscard]] ByteCount size() const override { return m_bytes; }
    [[nodiscard]] std::uint64_t digest() const override { return static_cast<std::uint64_t>(m_bytes); }

private:
    ByteCount m_bytes;
};

}  // namespace

// --- the buffer -----------------------------------------------------------------------------------------------------

bool MapBuffer::isFull() const {
    const JobConf& conf = m_job->conf;
    const double index = static_cast<double>(conf.sortBytes) * conf.sortRecordPercent;
    const double data = static_cast<double>(conf.sortBytes) - index;
    const auto records = static_cast<double>(m_table.records());
    const double bytes =
        static_cast<double>(m_table.keyBytes()) + records * static_cast<double>(m_job->kind->valueBytes);
    return bytes >= data * conf.spillPercent ||
           records * static_cast<double>(indexOfRecord) >= index * conf.spillPercent;
}

MapBuffer::Work MapBuffer::spill(Counters& counters) {
    Work work;
    const std::uint64_t records = m_table.records();
    work.time = sortTime(records);
    if (m_job->combines) {
        work.time += cost::combinedRecord * static_cast<std::int64_t>(records);
        counters.add(Count::CombineInputRecords, static_cast<std::int64_t>(records));
    }
    std::vector<RunRef> runs = m_table.sorted(m_job->reduces, m_job->combines, m_job->kind->valueBytes);
    for (const RunRef& run : runs) {
        work.written += run->size();
        counters.add(Count::SpilledRecords, static_cast<std::int64_t>(run->records()));
        if (m_job->combines) {
            counters.add(Count::CombineOutputRecords, static_cast<std::int64_t>(run->records()));
        }
    }
    m_spills.push_back(std::move(runs));
    m_table.clear();
    return work;
}

/// In passes of `io.sort.factor`; with enough spills the combiner runs once more.
MapBuffer::Work MapBuffer::merge(Counters& counters) {
    Work work;
    if (m_spills.size() <= 1) {
        return work;
    }
    const JobConf& conf = m_job->conf;
    std::int64_t passes = 0;
    for (std::size_t left = m_spills.size(); left > 1; left = (left + conf.sortFactor - 1) / conf.sortFactor) {
        ++passes;
    }
    std::uint64_t records = 0;
    ByteCount bytes = 0;
    KeyTable all;
    for (const std::vector<RunRef>& spill : m_spills) {
        for (const RunRef& run : spill) {
            all.add(*run);
            records += run->records();
            bytes += run->size();
        }
    }
    const bool combines = m_job->combines && m_spills.size() >= conf.combineSpills;
    std::vector<RunRef> merged = all.sorted(m_job->reduces, combines, m_job->kind->valueBytes);
    std::uint64_t after = 0;
    ByteCount written = 0;
    for (const RunRef& run : merged) {
        after += run->records();
        written += run->size();
    }
    if (combines) {
        counters.add(Count::CombineInputRecords, static_cast<std::int64_t>(records));
        counters.add(Count::CombineOutputRecords, static_cast<std::int64_t>(after));
    }
    counters.add(Count::SpilledRecords,
                 static_cast<std::int64_t>(records) * (passes - 1) + static_cast<std::int64_t>(after));
    counters.add(Count::FileBytesRead, bytes * passes);
    work.time = cost::mergedRecord * (static_cast<std::int64_t>(records) * passes);
    work.written = bytes * (passes - 1) + written;
    m_spills.clear();
    m_spills.push_back(std::move(merged));
    return work;
}

// --- the task -------------------------------------------------------------------------------------------------------

MapTask::MapTask(ClusterRef cluster, const TaskPlace& place, AttemptId id, JobRef job)
    : m_body(std::move(cluster), place, id, job), m_job(std::move(job)), m_buffer(*m_job) {
    const Split& split = m_job->splits[id.task];
    m_lines = LineReader(split.offset, split.length);
    if (m_body.cluster().broken.splitsOverlap) {
        m_lines.keepFirst();
    }
    m_readTo = split.offset + split.length;
}

void MapTask::start(sim::Context& context) {
    m_body.start(context);
    m_body.status.phase = TaskPhase::Map;
    m_read = m_body.dfs.read(context, m_job->splits[m_body.id().task].path, m_lines.from(), m_readTo);
    if (m_job->reduces == 0) {
        m_output.create(context, m_body);
    }
}

void MapTask::handle(sim::Context& context, const sim::Message& message) {
    std::vector<DfsEvent> events;
    if (m_body.handle(context, message, events)) {
        for (const DfsEvent& event : events) {
            if (!m_body.hasEnded()) {
                onDfs(context, event);
            }
        }
        return;
    }
    if (m_body.mayCommit && m_output.isPending()) {
        m_output.commit(context, m_body);
        return;
    }
    const auto* timer = message.as<TaskTimer>();
    if (timer == nullptr || m_body.hasEnded()) {
        return;
    }
    if (timer->purpose == TaskTimer::Purpose::Work && m_stage == Stage::Sorting) {
        write(context);
    } else if (timer->purpose == TaskTimer::Purpose::Flushed && m_stage == Stage::Writing) {
        auto output = makeRef<MapOutput>();
        auto sizes = makeRef<OutputSizes>();
        output->runs = m_buffer.runs();
        for (const RunRef& run : output->runs) {
            output->bytes += run->size();
            sizes->bytes.push_back(run->size());
        }
        m_body.status.sizes = std::move(sizes);
        context.remove(spillFile);
        m_body.succeed(context, std::move(output));
    }
}

void MapTask::onOutput(sim::Context& context, const DfsEvent& event) {
    switch (m_output.take(context, m_body, event)) {
        case TaskOutput::News::None:
        case TaskOutput::News::Failed:
            break;
        case TaskOutput::News::Written:
            m_body.report(context);
            break;
        case TaskOutput::News::Committed:
            m_body.succeed(context);
            break;
    }
}

void MapTask::onDfs(sim::Context& context, const DfsEvent& event) {
    if (event.token != m_read) {
        onOutput(context, event);
        return;
    }
    if (m_stage != Stage::Reading && m_stage != Stage::Finishing) {
        return;
    }
    switch (event.kind) {
        case DfsEvent::Kind::Data:
            feed(context, event.data.text());
            break;
        case DfsEvent::Kind::End:
            endReading(context, event.length <= m_readTo);
            break;
        case DfsEvent::Kind::Failed:
            m_body.fail(context, fmt::format("{}: {}", m_job->splits[m_body.id().task].path, reasonOf(event.error)));
            break;
        case DfsEvent::Kind::Answered:
        case DfsEvent::Kind::Flushed:
        case DfsEvent::Kind::Closed:
            break;
    }
}

void MapTask::charge(sim::Context& context, std::size_t bytes, std::uint64_t lines, const Emitter& emitter) {
    m_body.work(context, cost::inputByte * static_cast<std::int64_t>(bytes) +
                             cost::inputRecord * static_cast<std::int64_t>(lines) +
                             cost::mapOutputRecord * static_cast<std::int64_t>(emitter.emitted) + emitter.time);
    Counters& counters = m_body.status.counters;
    counters.add(Count::MapInputRecords, static_cast<std::int64_t>(lines));
    counters.add(Count::HdfsBytesRead, static_cast<std::int64_t>(bytes));
    counters.add(Count::MalformedRecords, static_cast<std::int64_t>(emitter.malformed));
    counters.add(Count::MapOutputRecords, static_cast<std::int64_t>(emitter.emitted));
    counters.add(Count::MapOutputBytes,
                 emitter.keyBytes + m_job->kind->valueBytes * static_cast<std::int64_t>(emitter.emitted));
    if (m_job->reduces == 0) {
        m_body.work(context, cost::outputByte * static_cast<std::int64_t>(m_text.size()));
        m_output.append(context, m_body, Slice(makeRef<Bytes>(std::exchange(m_text, {}))));
    } else if (m_buffer.isFull()) {
        const MapBuffer::Work work = m_buffer.spill(counters);
        m_body.work(context, work.time);
        m_toWrite += work.written;
    }
}

void MapTask::feed(sim::Context& context, std::string_view text) {
    Counters& counters = m_body.status.counters;
    Emitter emitter = m_job->reduces == 0 ? Emitter(m_text, *m_job->kind) : Emitter(m_buffer.table());
    std::uint64_t lines = 0;
    m_lines.feed(text, [&](std::string_view line, ByteCount position) {
        m_job->kind->map(line, position, *m_job, emitter);
        counters.add(Count::MapInputBytes, static_cast<std::int64_t>(line.size()) + 1);
        ++lines;
    });
    charge(context, text.size(), lines, emitter);
    const Split& split = m_job->splits[m_body.id().task];
    m_bytesIn += static_cast<ByteCount>(text.size());
    m_body.status.progress = std::min(1.0, static_cast<double>(m_bytesIn) / static_cast<double>(split.length));
    if (m_stage == Stage::Finishing && m_lines.isDone()) {
        m_body.dfs.stop(context, m_read);
        sort(context);
    }
}

/// The split is read; its last line may end beyond it.
void MapTask::endReading(sim::Context& context, bool isEndOfFile) {
    if (m_lines.needsMore() && !isEndOfFile) {
        m_stage = Stage::Finishing;
        const ByteCount from = m_readTo;
        m_readTo += readAhead;
        m_read = m_body.dfs.read(context, m_job->splits[m_body.id().task].path, from, m_readTo);
        return;
    }
    Emitter emitter = m_job->reduces == 0 ? Emitter(m_text, *m_job->kind) : Emitter(m_buffer.table());
    std::uint64_t lines = 0;
    m_lines.finish([&](std::string_view line, ByteCount position) {
        m_job->kind->map(line, position, *m_job, emitter);
        m_body.status.counters.add(Count::MapInputBytes, static_cast<std::int64_t>(line.size()));
        ++lines;
    });
    charge(context, 0, lines, emitter);
    sort(context);
}

void MapTask::sort(sim::Context& context) {
    if (m_job->reduces == 0) {
        m_stage = Stage::Writing;
        m_output.close(context, m_body);
        return;
    }
    m_stage = Stage::Sorting;
    m_body.status.phase = TaskPhase::Sort;
    Counters& counters = m_body.status.counters;
    CpuTime time{0};
    if (m_buffer.table().records() > 0 || m_buffer.spills() == 0) {
        const MapBuffer::Work last = m_buffer.spill(counters);
        time += last.time;
        m_toWrite += last.written;
    }
    const MapBuffer::Work merge = m_buffer.merge(counters);
    m_toWrite += merge.written;
    m_body.begin(context, time + merge.time);
}

void MapTask::write(sim::Context& context) {
    m_stage = Stage::Writing;
    m_body.status.counters.add(Count::FileBytesWritten, m_toWrite);
    if (!context.append(spillFile, makeRef<SpillChunk>(m_toWrite))) {
        m_body.fail(context, "the disk takes no more spills");
        return;
    }
    context.flush(spillFile, makeRef<TaskTimer>(TaskTimer::Purpose::Flushed));
}

// --- setup and cleanup ----------------------------------------------------------------------------------------------

HouseTask::HouseTask(ClusterRef cluster, const TaskPlace& place, AttemptId id, JobRef job)
    : m_body(std::move(cluster), place, id, std::move(job)) {}

void HouseTask::start(sim::Context& context) {
    m_body.start(context);
    m_work.begin(context, m_body.dfs, m_body.job(), m_body.id().type, m_body.id().task);
}

void HouseTask::handle(sim::Context& context, const sim::Message& message) {
    std::vector<DfsEvent> events;
    (void)m_body.handle(context, message, events);
    for (const DfsEvent& event : events) {
        if (m_body.hasEnded()) {
            continue;
        }
        switch (m_work.take(context, m_body.dfs, m_body.job(), event)) {
            case HouseWork::News::None:
                break;
            case HouseWork::News::Done:
                m_body.succeed(context);
                break;
            case HouseWork::News::Failed:
                m_body.fail(context, std::string{reasonOf(event.error)});
                break;
        }
    }
}

}  // namespace millrace::hadoop
