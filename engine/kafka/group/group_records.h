#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/kafka/group/group.h"

namespace millrace::kafka {

/// What a record of `__consumer_offsets` says, in Kafka's own bytes: a key of version 1 with a value of version 3 for
/// an offset, a key of version 2 with a value of version 3 for a group. No value (a tombstone) removes what the key
/// names.
struct OffsetRecord {
    std::string group;
    TopicPartition partition;
    std::optional<CommittedOffset> committed;
};
struct GroupRecord {
    std::string group;
    std::optional<Group> state;  ///< members with their assignments; no offsets, nothing parked
};

[[nodiscard]] std::string offsetKey(std::string_view group, const TopicPartition& partition);
[[nodiscard]] std::string offsetValue(const OffsetCommitRequest::Partition& committed, std::int64_t clockMillis);
[[nodiscard]] std::string groupKey(std::string_view group);
/// About as much as a group's record takes; never much less.
[[nodiscard]] std::int64_t recordSizeOf(const Group& group);
[[nodiscard]] std::string groupValue(const Group& group, std::int64_t clockMillis);

/// Nothing when the bytes are of another kind or version.
[[nodiscard]] std::optional<std::variant<OffsetRecord, GroupRecord>> readGroupRecord(
    std::string_view key, std::optional<std::string_view> value);

}  // namespace millrace::kafka
