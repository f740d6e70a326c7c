#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/kafka/types.h"
#include "engine/sim/disk.h"

namespace millrace::kafka {

/// One offset for each partition, as a broker's log folder keeps them in `replication-offset-checkpoint` and
/// `recovery-point-offset-checkpoint`: a line with the version, one with the count, then a line for each partition.
/// Source: CheckpointFile and OffsetCheckpointFile of Kafka 3.9.
using OffsetCheckpoint = std::vector<std::pair<TopicPartition, Offset>>;

/// Lines that say nothing are passed over.
[[nodiscard]] OffsetCheckpoint readOffsetCheckpoint(std::string_view text);
/// Empty when there is no file.
[[nodiscard]] OffsetCheckpoint readOffsetCheckpoint(const sim::File* file);
[[nodiscard]] std::string writeOffsetCheckpoint(const OffsetCheckpoint& entries);

}  // namespace millrace::kafka
