#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/base/strong.h"
#include "engine/flow/operator.h"
#include "engine/ingest/row_graph.h"
#include "engine/sim/ids.h"

namespace millrace::hadoop {

struct JobKind;

/// Of a job's configuration, with the defaults of Hadoop 1.2.
struct JobConf {
    ByteCount sortBytes = 100LL << 20U;
    double sortRecordPercent = 0.05;
    double spillPercent = 0.80;
    std::uint32_t sortFactor = 10;
    std::uint32_t combineSpills = 3;
    std::uint32_t mapAttempts = 4;
    std::uint32_t reduceAttempts = 4;
    bool speculativeMaps = true;
    bool speculativeReduces = true;
    double slowStart = 0.05;
    std::uint32_t parallelCopies = 5;
    ByteCount heap = 200LL << 20U;
    double shuffleInputPercent = 0.70;
    double shuffleMergePercent = 0.66;
    std::uint32_t inMemoryMergeThreshold = 1000;
    SimDuration taskTimeout = std::chrono::minutes{10};
    std::uint32_t trackerFailures = 4;
    std::uint32_t fetchFailures = 10;
    ByteCount splitMin = 1;
    std::uint32_t mapsWanted = 2;
    std::uint32_t submitReplication = 10;
    std::uint32_t outputReplication = 3;
    // On YARN
    std::uint32_t mapMemory = 1024;  ///< MB of a container
    std::uint32_t reduceMemory = 1024;
    std::uint32_t appMasterMemory = 1536;
    std::uint32_t appMasterAttempts = 2;
    bool recovers = true;  ///< a second ApplicationMaster goes on with what the first had finished
    SimDuration allocateEvery = std::chrono::seconds{1};
};

enum class Priority : std::uint8_t { VeryHigh, High, Normal, Low, VeryLow };
enum class TaskType : std::uint8_t { Setup, Map, Reduce, Cleanup };
/// The cleanup task of a job that failed has this number: it leaves no _SUCCESS behind.
inline constexpr std::uint32_t clearingUp = 1;
enum class JobState : std::uint8_t { Prep, Running, Succeeded, Failed, Killed };
[[nodiscard]] std::string_view toText(JobState state);

/// What one map reads: lines that begin in it.
struct Split {
    std::string path;
    ByteCount offset = 0;
    ByteCount length = 0;
    std::vector<sim::HostId> hosts;  ///< that have its block
};

/// A job as it was submitted. Immutable and shared by all of its tasks.
struct JobSpec final : Counted {
    std::string name;
    const JobKind* kind = nullptr;
    flow::ParameterValues parameters;
    std::string input;          ///< a file, or a folder of files
    std::string output;         ///< a folder that must not be there
    std::uint32_t reduces = 1;  ///< 0: the maps write the output
    bool combines = false;
    Priority priority = Priority::Normal;
    JobConf conf;
    Ref<const ingest::RowGraph> graph;  ///< of a job that computes a drawn pipeline
    std::vector<Split> splits;

    [[nodiscard]] std::string temporaryFolder() const { return output + "/_temporary"; }
};
using JobRef = Ref<const JobSpec>;

/// Where jobs' own files lie on YARN, a folder for each job.
inline constexpr std::string_view yarnStaging = "/tmp/hadoop-yarn/staging/hadoop/.staging";

/// "job_1_0003" of a JobTracker's first incarnation: its upper bits are the incarnation.
using JobId = std::uint64_t;
[[nodiscard]] std::string jobText(JobId job);

/// One attempt at a task.
struct AttemptId {
    JobId job = 0;
    TaskType type = TaskType::Map;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;

    void digest(Digest& digest) const {
        digest.add(job);
        digest.add(static_cast<std::uint32_t>(type));
        digest.add(task);
        digest.add(attempt);
    }
    friend auto operator<=>(const AttemptId&, const AttemptId&) = default;
};
/// "attempt_1_0003_m_000007_0"
[[nodiscard]] std::string toText(const AttemptId& attempt);
/// "part-m-00007": of a job without reduces
[[nodiscard]] std::string mapPartName(std::uint32_t map);
/// "part-r-00007"
[[nodiscard]] std::string partName(std::uint32_t reduce);

/// FileInputFormat's rule: max(least, min(total / wanted maps, block size)), the last one up to a tenth longer.
[[nodiscard]] ByteCount splitSize(const JobConf& conf, ByteCount total, ByteCount blockSize);
/// The splits of a file: offset and length.
[[nodiscard]] std::vector<std::pair<ByteCount, ByteCount>> splitsOf(ByteCount length, ByteCount size);

}  // namespace millrace::hadoop
