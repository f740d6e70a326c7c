#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/kafka/types.h"

namespace millrace::kafka {

/// What clients write into JoinGroup and SyncGroup; the broker does not look into it. Kafka's ConsumerProtocol, version
/// 0.
[[nodiscard]] BytesRef encodeSubscription(const std::vector<TopicName>& topics);
[[nodiscard]] std::vector<TopicName> decodeSubscription(std::string_view bytes);
[[nodiscard]] BytesRef encodeAssignment(const std::vector<TopicPartition>& partitions);
[[nodiscard]] std::vector<TopicPartition> decodeAssignment(std::string_view bytes);

struct MemberSubscription {
    std::string memberId;
    std::vector<TopicName> topics;
};

/// Kafka's range assignor: for each topic its partitions in order, cut into contiguous blocks for the members in order
/// of their ids; the first members get one more when it does not divide evenly.
[[nodiscard]] std::map<std::string, std::vector<TopicPartition>> assignRanges(
    const std::vector<MemberSubscription>& members, const std::map<TopicName, std::int32_t>& partitionCounts);

}  // namespace millrace::kafka
