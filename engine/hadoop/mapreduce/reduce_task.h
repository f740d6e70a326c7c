#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/hadoop/mapreduce/run.h"
#include "engine/hadoop/mapreduce/task_body.h"
#include "engine/hadoop/mapreduce/task_output.h"
#include "engine/sim/link.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// One attempt at a reduce: fetches its part of each map's output from the trackers, five at a time and one from each,
/// keeps it in memory or merges it to disk, merges it all, reduces, writes its part to a folder of its own in HDFS and
/// renames it when the JobTracker lets it. A tracker that fails is left alone for 10 s, each time 1.3 times longer.
/// Source: Hadoop 1.2, ReduceTask (ReduceCopier, ShuffleRamManager), FileOutputCommitter.
/// Left out: the combiner in merges of the shuffle.
class ReduceTask final : public sim::ActorBase<ReduceTask> {
public:
    ReduceTask(ClusterRef cluster, const TaskPlace& place, AttemptId id, JobRef job);

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;

    [[nodiscard]] const TaskStatus& status() const { return m_body.status; }
    [[nodiscard]] ByteCount heap() const { return m_job->conf.heap; }

private:
    enum class Stage : std::uint8_t { Copy, Sort, Reduce, Write };
    /// What is to be fetched from a tracker, and how that goes.
    struct Source {
        std::map<std::uint32_t, std::uint32_t> maps;  ///< and their attempts
        sim::Link link{sim::LinkWatch::FirstOfConnection};
        bool isFetching = false;
        std::uint32_t map = 0;  ///< that is being fetched
        std::uint32_t failures = 0;
        SimTime restsUntil;
    };

    void takeNews(sim::Context& context);
    void fetch(sim::Context& context);
    void onFetchSilent(sim::Context& context, sim::ConnectionId connection);
    void onSource(sim::Context& context, NodeIndex tracker, Source& source, const sim::Message& message);
    void failFetch(sim::Context& context, NodeIndex tracker, Source& source, bool isToldAtOnce);
    void keep(sim::Context& context, std::uint32_t map, RunRef run);
    void mergeInMemory(sim::Context& context);
    void sort(sim::Context& context);
    void reduce(sim::Context& context);
    void write(sim::Context& context);
    void onDfs(sim::Context& context, const DfsEvent& event);
    void updateProgress();

    TaskBody m_body;
    JobRef m_job;
    Stage m_stage = Stage::Copy;
    std::map<NodeIndex, Source> m_sources;
    std::vector<RunRef> m_runs;  ///< by map; null: not here yet
    std::uint32_t m_copied = 0;
    std::uint32_t m_active = 0;
    std::map<std::uint32_t, std::uint32_t> m_failures;  ///< of fetching a map's output
    ByteCount m_inMemory = 0;
    std::uint64_t m_recordsInMemory = 0;
    std::uint32_t m_runsInMemory = 0;
    std::uint32_t m_onDisk = 0;
    ByteCount m_bytesOnDisk = 0;
    std::uint64_t m_recordsOnDisk = 0;
    RunRef m_merged;
    Slice m_text;  ///< of the output
    TaskOutput m_output;
    std::uint64_t m_outputRecords = 0;
};

}  // namespace millrace::hadoop
