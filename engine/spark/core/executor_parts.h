#pragma once

#include "engine/sim/message.h"
#include "engine/spark/ids.h"

namespace millrace::spark {

// What the parts of an executor (executor*.cpp) have in common.

/// A receiver's block is not where it should be in its time.
struct PutOverdue final : sim::MessageBase<PutOverdue> {
    static constexpr std::string_view Name = "spark.PutOverdue";
    BlockId block;
    explicit PutOverdue(const BlockId& which) : block(which) {}
    void digest(Digest& digest) const override { digest.add(block.number); }
};

/// A storage token holds a task and which of its needs; those of receivers' blocks are marked.
inline constexpr std::uint64_t needsMax = 4096;
inline constexpr std::uint64_t logMark = std::uint64_t{1} << 63U;
[[nodiscard]] inline std::uint64_t logToken(const BlockId& block) {
    constexpr std::uint32_t numberBits = 44;  // milliseconds since 1970
    return logMark | (static_cast<std::uint64_t>(block.owner) << numberBits) | static_cast<std::uint64_t>(block.number);
}

}  // namespace millrace::spark
