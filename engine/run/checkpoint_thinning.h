#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/strong.h"

namespace millrace::run {

/// What is known of a checkpoint when some have to go.
struct CheckpointTrace {
    std::uint64_t number = 0;  ///< the same in all branches that have it
    double work = 0;           ///< seconds of processor time from the start to it
    ByteCount cloned = 0;      ///< bytes, from it to the next one: of state that was written and that it holds
    ByteCount other = 0;       ///< what memory grew beside: what it holds that is gone, and what the present has kept
    [[nodiscard]] ByteCount most() const { return cloned + other; }
};

/// How long the way from one checkpoint to the next may become, in seconds of processor time: some of it for all, and
/// more with the distance from the end.
struct CheckpointWays {
    double least = 0;
    double perDistance = 0;

    /// Ways that become longer with each round.
    [[nodiscard]] static CheckpointWays ofRound(std::size_t round, double shortest);
    static constexpr std::size_t roundsMost = 24;
};

/// Which of them go (true), so that about `wanted` bytes come back: those first that may hold most, and none that would
/// leave a longer way. The first and the last stay, and what `mayGo` does not let go (by index). `all` is in
/// order of work. O(n log n).
[[nodiscard]] std::vector<bool> chooseGone(std::span<const CheckpointTrace> all, const std::vector<bool>& mayGo,
                                           const CheckpointWays& ways, ByteCount wanted);

}  // namespace millrace::run
