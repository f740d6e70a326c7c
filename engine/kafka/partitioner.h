#pragma once

#include <cstdint>
#include <string_view>

#include "engine/kafka/types.h"

namespace millrace::kafka {

/// Austin Appleby's MurmurHash2 with the seed that Kafka's Java clients use.
[[nodiscard]] std::int32_t murmur2(std::string_view bytes);

/// The partition of a keyed record: (murmur2(key) & 0x7fffffff) mod count.
[[nodiscard]] PartitionIndex partitionOfKey(std::string_view key, std::int32_t partitionCount);

/// java.lang.String.hashCode() of ASCII text; the partition of `__consumer_offsets` that a group belongs to comes from
/// it.
[[nodiscard]] std::int32_t javaHashCode(std::string_view text);
[[nodiscard]] PartitionIndex offsetsPartitionOf(std::string_view group, std::int32_t partitionCount);

}  // namespace millrace::kafka
