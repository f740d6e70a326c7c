#include "engine/hadoop/mapreduce/job.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::hadoop {

std::string_view toText(JobState state) {
    switch (state) {
        case JobState::Prep:
            return "PREP";
        case JobState::Running:
            return "RUNNING";
        case JobState::Succeeded:
            return "SUCCEEDED";
        case JobState::Failed:
            return "FAILED";
        case JobState::Killed:
            return "KILLED";
    }
    return {};
}

namespace {

std::string numbersOf(JobId job) {
    return fmt::format("{}_{:04}", job >> 32U, job & 0xFFFFFFFFU);
}

}  // namespace

std::string jobText(JobId job) {
    return "job_" + numbersOf(job);
}

std::string toText(const AttemptId& attempt) {
    const bool isReduce = attempt.type == TaskType::Reduce;
    const std::string_view extra = attempt.type == TaskType::Setup     ? "_setup"
                                   : attempt.type == TaskType::Cleanup ? "_cleanup"
                                                                       : "";
    return fmt::format("attempt_{}_{}_{:06}{}_{}", numbersOf(attempt.job), isReduce ? 'r' : 'm', attempt.task, extra,
                       attempt.attempt);
}

std::string mapPartName(std::uint32_t map) {
    return fmt::format("part-m-{:05}", map);
}

std::string partName(std::uint32_t reduce) {
    return fmt::format("part-r-{:05}", reduce);
}

ByteCount splitSize(const JobConf& conf, ByteCount total, ByteCount blockSize) {
    const ByteCount goal = total / static_cast<ByteCount>(std::max<std::uint32_t>(conf.mapsWanted, 1));
    return std::max({conf.splitMin, std::min(std::max<ByteCount>(goal, 1), blockSize), ByteCount{1}});
}

std::vector<std::pair<ByteCount, ByteCount>> splitsOf(ByteCount length, ByteCount size) {
    constexpr double slop = 1.1;
    std::vector<std::pair<ByteCount, ByteCount>> splits;
    ByteCount at = 0;
    while (static_cast<double>(length - at) / static_cast<double>(size) > slop) {
        splits.emplace_back(at, size);
        at += size;
    }
    if (at < length) {
        splits.emplace_back(at, length - at);
    }
    return splits;
}

}  // namespace millrace::hadoop
