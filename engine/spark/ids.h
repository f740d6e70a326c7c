#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "engine/base/strong.h"

namespace millrace::spark {

using RddId = Strong<struct RddIdTag, std::int32_t>;
using ShuffleId = Strong<struct ShuffleIdTag, std::int32_t>;
using StageId = Strong<struct StageIdTag, std::int32_t>;
using JobId = Strong<struct JobIdTag, std::int32_t>;
using TaskId = Strong<struct TaskIdTag, std::int64_t>;
/// Counts from 0 in an application and is never given twice: who takes a lost executor's place has another.
using ExecutorId = Strong<struct ExecutorIdTag, std::int32_t>;
/// A DStream: its place in the program.
using StreamId = Strong<struct StreamIdTag, std::int32_t>;
using Partition = std::int32_t;

inline constexpr RddId noRdd{-1};
inline constexpr ExecutorId noExecutor{-1};

/// What an executor's block manager keeps under one name.
struct BlockId {
    enum class Kind : std::uint8_t { Rdd, Input, Shuffle };
    Kind kind = Kind::Rdd;
    std::int32_t owner = 0;   ///< RDD, input stream or shuffle
    std::int64_t number = 0;  ///< partition; of an input, its number; of a shuffle, the map task

    friend auto operator<=>(const BlockId&, const BlockId&) = default;
    [[nodiscard]] std::string toText() const {
        switch (kind) {
            case Kind::Rdd:
                return "rdd_" + std::to_string(owner) + "_" + std::to_string(number);
            case Kind::Input:
                return "input-" + std::to_string(owner) + "-" + std::to_string(number);
            case Kind::Shuffle:
                break;
        }
        return "shuffle_" + std::to_string(owner) + "_" + std::to_string(number);
    }
};

[[nodiscard]] inline BlockId rddBlock(RddId rdd, Partition partition) {
    return {BlockId::Kind::Rdd, rdd.value, partition};
}
[[nodiscard]] inline BlockId inputBlock(StreamId stream, std::int64_t number) {
    return {BlockId::Kind::Input, stream.value, number};
}

}  // namespace millrace::spark
