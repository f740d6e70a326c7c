#include "engine/hadoop/mapreduce/reduce_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/hadoop/cost.h"
#include "engine/hadoop/mapreduce/job_kinds.h"

namespace millrace::hadoop {

namespace {

constexpr SimDuration firstPenalty = std::chrono::seconds{10};
constexpr double penaltyGrowth = 1.3;
constexpr SimDuration fetchPatience = std::chrono::minutes{3};

class MergeChunk final : public sim::Chunk {
public:
    explicit MergeChunk(ByteCount bytes) : m_bytes(bytes) {}
    [[nodiscard]] ByteCount size() const override { return m_bytes; }
    [[nodiscard]] std::uint64_t digest() const override { return static_cast<std::uint64_t>(m_bytes); }

private:
    ByteCount m_bytes;
};

}  // namespace

ReduceTask::ReduceTask(ClusterRef cluster, const TaskPlace& place, AttemptId id, JobRef job)
    : m_body(std::move(cluster), place, id, job), m_job(std::move(job)) {
    m_runs.resize(m_job->splits.size());
}

void ReduceTask::start(sim::Context& context) {
    m_body.start(context);
    m_body.status.phase = TaskPhase::Shuffle;
    if (m_runs.empty()) {
        sort(context);
    }
}

void ReduceTask::handle(sim::Context& context, const sim::Message& message) {
    std::vector<DfsEvent> events;
    const bool isDone = m_body.handle(context, message, events);
    if (m_body.hasEnded()) {
        return;
    }
    for (const DfsEvent& event : events) {
        onDfs(context, event);
    }
    if (isDone) {
        updateProgress();
        return;
    }
    if (!m_body.news.empty()) {
        takeNews(context);
    } else if (m_body.mayCommit && m_output.isPending()) {
        m_output.commit(context, m_body);
    } else if (const auto* timer = message.as<TaskTimer>()) {
        if (timer->purpose == TaskTimer::Purpose::Fetch) {
            fetch(context);
        } else if (timer->purpose == TaskTimer::Purpose::FetchSilent) {
            onFetchSilent(context, sim::ConnectionId{timer->argument});
        } else if (timer->purpose == TaskTimer::Purpose::Work && m_stage == Stage::Sort) {
            reduce(context);
        } else if (timer->purpose == TaskTimer::Purpose::Work && m_stage == Stage::Reduce) {
            write(context);
        }
    } else {
        for (auto& [tracker, source] : m_sources) {
            if (source.link.owns(context.connection())) {
                onSource(context, tracker, source, message);
                break;
            }
        }
    }
    updateProgress();
}

void ReduceTask::updateProgress() {
    const double copied = m_runs.empty() ? 1.0 : static_cast<double>(m_copied) / static_cast<double>(m_runs.size());
    double thirds = copied;
    if (m_stage == Stage::Sort) {
        thirds = 1 + m_body.workProgress();
    } else if (m_stage == Stage::Reduce) {
        thirds = 2 + m_body.workProgress();
    } else if (m_stage != Stage::Copy) {
        thirds = 3;
    }
    m_body.status.progress = thirds / 3;
}

// --- copy -----------------------------------------------------------------------------------------------------------

void ReduceTask::takeNews(sim::Context& context) {
    for (const MapEvent& event : std::exchange(m_body.news, {})) {
        for (auto& [tracker, source] : m_sources) {
            if (event.isObsolete && tracker == event.tracker) {
                source.maps.erase(event.map);
            }
        }
        if (!event.isObsolete && event.map < m_runs.size() && !m_runs[event.map]) {
            m_sources[event.tracker].maps[event.map] = event.attempt;
        }
    }
    fetch(context);
}

void ReduceTask::fetch(sim::Context& context) {
    if (m_stage != Stage::Copy) {
        return;
    }
    for (auto& [tracker, source] : m_sources) {
        if (m_active >= m_job->conf.parallelCopies) {
            return;
        }
        while (!source.maps.empty() && m_runs[source.maps.begin()->first]) {
            source.maps.erase(source.maps.begin());
        }
        if (source.isFetching || source.maps.empty() || context.now() < source.restsUntil) {
            continue;
        }
        const auto& [map, attempt] = *source.maps.begin();
        if (!source.link.isConnected()) {
            const DaemonAddress& address = m_body.cluster().trackers[tracker];
            source.link.open(context, address.host, address.port, fetchPatience);
        }
        source.isFetching = true;
        source.map = map;
        ++m_active;
        auto request = makeRef<FetchOutput>();
        request->map = {m_body.id().job, TaskType::Map, map, attempt};
        request->reduce = m_body.id().task;
        m_body.work(context, cost::fetch);
        source.link.transmit(context, std::move(request));
        source.link.watchSilence(context, fetchPatience,
                                 makeRef<TaskTimer>(TaskTimer::Purpose::FetchSilent, source.link.connection().value));
    }
}

void ReduceTask::onFetchSilent(sim::Context& context, sim::ConnectionId connection) {
    for (auto& [tracker, source] : m_sources) {
        if (!source.isFetching || source.link.connection() != connection) {
            continue;
        }
        const SimDuration silent = context.now() - source.link.heardAt();
        if (silent >= fetchPatience) {
            failFetch(context, tracker, source, false);
        } else {
            source.link.watchSilence(context, fetchPatience - silent,
                                     makeRef<TaskTimer>(TaskTimer::Purpose::FetchSilent, connection.value));
        }
        return;
    }
}

void ReduceTask::onSource(sim::Context& context, NodeIndex tracker, Source& source, const sim::Message& message) {
    if (source.link.read(context, message) == sim::Link::News::Lost) {
        if (source.isFetching) {
            failFetch(context, tracker, source, false);
        } else {
            source.link.close(context);
        }
        return;
    }
    const auto* fetched = message.as<FetchedOutput>();
    if (fetched == nullptr || !source.isFetching) {
        return;
    }
    if (!fetched->run) {
        failFetch(context, tracker, source, true);
        return;
    }
    source.isFetching = false;
    --m_active;
    source.failures = 0;
    source.maps.erase(fetched->map.task);
    keep(context, fetched->map.task, fetched->run);
    fetch(context);
}

/// The tracker is left alone for a while. The JobTracker learns of it when the output is not there any more, and after
/// so many failures otherwise.
void ReduceTask::failFetch(sim::Context& context, NodeIndex tracker, Source& source, bool isToldAtOnce) {
    const std::uint32_t map = source.map;
    source.isFetching = false;
    --m_active;
    source.link.close(context);
    const double pause = std::pow(penaltyGrowth, static_cast<double>(source.failures++));
    const SimDuration rest = fromSeconds(seconds(firstPenalty) * pause);
    source.restsUntil = context.now() + rest;
    const std::uint32_t failures = ++m_failures[map];
    if (isToldAtOnce || failures % m_job->conf.fetchFailures == 0) {
        m_body.status.fetchFailures.push_back(map);
        m_body.report(context);
    }
    context.journal({"hadoop.fetch-failed",
                     sim::Severity::Detail,
                     fmt::format("Attempt {} could not fetch the output of map {} from TaskTracker {}",
                                 toText(m_body.id()), map, m_body.cluster().trackers[tracker].name),
                     {{"map", std::to_string(map)}, {"tasktracker", m_body.cluster().trackers[tracker].name}},
                     fmt::format("{} {}", m_body.cluster().trackers[tracker].name, toText(m_body.id()))});
    context.waitFor(m_body.cluster().trackers[tracker].host, rest, makeRef<TaskTimer>(TaskTimer::Purpose::Fetch));
    fetch(context);
}

void ReduceTask::keep(sim::Context& context, std::uint32_t map, RunRef run) {
    if (m_runs[map]) {
        return;
    }
    constexpr double largest = 0.25;
    const ByteCount bytes = run->size();
    const double memory = static_cast<double>(m_job->conf.heap) * m_job->conf.shuffleInputPercent;
    m_body.status.counters.add(Count::ReduceShuffleBytes, bytes);
    if (static_cast<double>(bytes) > memory * largest) {
        ++m_onDisk;
        m_bytesOnDisk += bytes;
        m_recordsOnDisk += run->records();
        m_body.status.counters.add(Count::FileBytesWritten, bytes);
        (void)context.append("merge", makeRef<MergeChunk>(bytes));
    } else {
        m_inMemory += bytes;
        ++m_runsInMemory;
        m_recordsInMemory += run->records();
    }
    m_runs[map] = std::move(run);
    ++m_copied;
    if (static_cast<double>(m_inMemory) > memory * m_job->conf.shuffleMergePercent ||
        m_runsInMemory >= m_job->conf.inMemoryMergeThreshold) {
        mergeInMemory(context);
    }
    if (m_copied == m_runs.size()) {
        sort(context);
    }
}

void ReduceTask::mergeInMemory(sim::Context& context) {
    m_body.work(context, cost::mergedRecord * static_cast<std::int64_t>(m_recordsInMemory));
    m_body.status.counters.add(Count::SpilledRecords, static_cast<std::int64_t>(m_recordsInMemory));
    m_body.status.counters.add(Count::FileBytesWritten, m_inMemory);
    if (!context.append("merge", makeRef<MergeChunk>(m_inMemory))) {
        m_body.fail(context, "the disk takes no more of the shuffle");
        return;
    }
    ++m_onDisk;
    m_bytesOnDisk += m_inMemory;
    m_recordsOnDisk += m_recordsInMemory;
    m_inMemory = 0;
    m_recordsInMemory = 0;
    m_runsInMemory = 0;
}

// --- sort, reduce, write --------------------------------------------------------------------------------------------

void ReduceTask::sort(sim::Context& context) {
    if (m_runsInMemory > 0) {  // nothing of it stays in memory: mapred.job.reduce.input.buffer.percent is 0
        mergeInMemory(context);
    }
    m_stage = Stage::Sort;
    m_body.status.phase = TaskPhase::Sort;
    for (auto& [tracker, source] : m_sources) {
        source.link.close(context);
    }
    KeyTable all;
    std::uint64_t records = 0;
    const BrokenRules& broken = m_body.cluster().broken;
    std::int64_t shuffled = 0;
    for (std::size_t map = 0; map < m_runs.size(); ++map) {
        const bool isFirst = map == 0 && m_body.id().task == 0;
        int times = 1;
        times -= broken.reduceLosesARun && isFirst ? 1 : 0;
        times += broken.reduceTakesARunTwice && isFirst ? 1 : 0;
        for (int i = 0; i < times; ++i) {
            all.add(*m_runs[map]);
            records += m_runs[map]->records();
            ++shuffled;
        }
    }
    m_runs.clear();
    m_body.status.counters.add(Count::ShuffledMaps, shuffled);
    m_merged = all.sorted(1, false, m_job->kind->valueBytes).front();
    Counters& counters = m_body.status.counters;
    counters.add(Count::ReduceInputRecords, static_cast<std::int64_t>(records));
    counters.add(Count::ReduceInputGroups, static_cast<std::int64_t>(m_merged->groups().size()));
    std::int64_t passes = 1;
    for (std::uint32_t left = m_onDisk; left > m_job->conf.sortFactor;
         left = (left + m_job->conf.sortFactor - 1) / m_job->conf.sortFactor) {
        ++passes;
    }
    if (m_onDisk > 0) {
        counters.add(Count::FileBytesRead, m_bytesOnDisk * passes);
        counters.add(Count::FileBytesWritten, m_bytesOnDisk * (passes - 1));
        counters.add(Count::SpilledRecords, static_cast<std::int64_t>(m_recordsOnDisk) * (passes - 1));
    }
    m_body.begin(context, cost::mergedRecord * (static_cast<std::int64_t>(records) * passes));
}

void ReduceTask::reduce(sim::Context& context) {
    m_stage = Stage::Reduce;
    m_body.status.phase = TaskPhase::Reduce;
    std::string text;
    m_outputRecords = reduceTo(text, *m_merged, *m_job);
    m_text = Slice(makeRef<Bytes>(std::move(text)));
    const auto records = static_cast<std::int64_t>(m_merged->records());
    m_merged = nullptr;
    m_body.begin(context, cost::reducedRecord * records + cost::outputByte * static_cast<std::int64_t>(m_text.size()));
}

void ReduceTask::write(sim::Context& context) {
    m_stage = Stage::Write;
    m_output.create(context, m_body);
    m_output.append(context, m_body, std::exchange(m_text, {}));
    m_output.close(context, m_body);
}

void ReduceTask::onDfs(sim::Context& context, const DfsEvent& event) {
    switch (m_output.take(context, m_body, event)) {
        case TaskOutput::News::None:
        case TaskOutput::News::Failed:
            break;
        case TaskOutput::News::Written:
            m_body.status.counters.add(Count::ReduceOutputRecords, static_cast<std::int64_t>(m_outputRecords));
            context.remove("merge");
            updateProgress();
            m_body.report(context);
            break;
        case TaskOutput::News::Committed:
            m_body.succeed(context);
            break;
    }
}

}  // namespace millrace::hadoop
