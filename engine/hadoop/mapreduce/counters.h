#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace millrace::hadoop {

/// What a job counts, by the names that its web page has.
enum class Count : std::uint8_t {
    LaunchedMaps,
    LaunchedReduces,
    DataLocalMaps,
    RackLocalMaps,
    OtherLocalMaps,
    FailedMaps,
    FailedReduces,
    KilledMaps,
    KilledReduces,
    MapInputRecords,
    MapInputBytes,
    MapOutputRecords,
    MapOutputBytes,
    CombineInputRecords,
    CombineOutputRecords,
    ShuffledMaps,
    ReduceShuffleBytes,
    ReduceInputGroups,
    ReduceInputRecords,
    ReduceOutputRecords,
    SpilledRecords,
    MalformedRecords,
    HdfsBytesRead,
    HdfsBytesWritten,
    FileBytesRead,
    FileBytesWritten,
    CpuMilliseconds,
    End
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(Count::End)> countNames{
    "Launched map tasks",    "Launched reduce tasks", "Data-local map tasks",   "Rack-local map tasks",
    "Other local map tasks", "Failed map tasks",      "Failed reduce tasks",    "Killed map tasks",
    "Killed reduce tasks",   "Map input records",     "Map input bytes",        "Map output records",
    "Map output bytes",      "Combine input records", "Combine output records", "Shuffled Maps",
    "Reduce shuffle bytes",  "Reduce input groups",   "Reduce input records",   "Reduce output records",
    "Spilled Records",       "Malformed records",     "HDFS_BYTES_READ",        "HDFS_BYTES_WRITTEN",
    "FILE_BYTES_READ",       "FILE_BYTES_WRITTEN",    "CPU time spent (ms)"};

/// A task's, or the sum of a job's.
struct Counters {
    std::array<std::int64_t, static_cast<std::size_t>(Count::End)> values{};

    [[nodiscard]] std::int64_t operator[](Count count) const { return values[static_cast<std::size_t>(count)]; }
    void add(Count count, std::int64_t value) { values[static_cast<std::size_t>(count)] += value; }
    void add(const Counters& other) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] += other.values[i];
        }
    }
    void subtract(const Counters& other) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] -= other.values[i];
        }
    }
};

}  // namespace millrace::hadoop
