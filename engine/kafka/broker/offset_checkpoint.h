#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/kafka/types.h"
#include "engine/sim/context.h"

namespace millrace::kafka {

/// One offset for each partition, as a broker's log folder keeps them in `replication-offset-checkpoint` and
/// `recovery-point-offset-checkpoint`: a line with the version, one with the count, then a line for each partition.
/// Source: CheckpointFile and OffsetCheckpointFile of Kafka 3.9.
using OffsetCheckpoint = std::vector<std::pair<TopicPartition, Offset>>;

/// Lines that say nothing are passed over.
[[nodiscard]] OffsetCheckpoint readOffsetCheckpoint(std::string_view text);
[[nodiscard]] std::string writeOffsetCheckpoint(const OffsetCheckpoint& entries);

/// One of these files of a broker's disk.
class OffsetCheckpointFile {
public:
    explicit constexpr OffsetCheckpointFile(std::string_view name) : m_name(name) {}

    /// Empty when there is no file.
    [[nodiscard]] OffsetCheckpoint read(const sim::ProcessDisk& disk) const;
    /// Replaces it whole and flushes it. False when the disk takes no more: the broker must halt.
    [[nodiscard]] bool write(sim::Context& context, const OffsetCheckpoint& entries) const;

private:
    std::string_view m_name;
};

}  // namespace millrace::kafka
