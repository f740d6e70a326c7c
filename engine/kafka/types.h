#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/strong.h"
#include "engine/kafka/error_code.h"
#include "engine/kafka/shared_name.h"

namespace millrace::kafka {

/// Partitions of topics that have no more are measured one by one; of larger ones only their topic is, so that what is
/// kept of a run does not grow with the square of a cluster.
constexpr std::int32_t measuredPartitionsMax = 100;

using BrokerId = Strong<struct BrokerIdTag, std::int32_t>;
using PartitionIndex = Strong<struct PartitionIndexTag, std::int32_t>;
using LeaderEpoch = Strong<struct LeaderEpochTag, std::int32_t>;
using ControllerEpoch = Strong<struct ControllerEpochTag, std::int32_t>;
/// czxid of the broker's registration: grows with each registration, tells a broker's incarnations apart.
using BrokerEpoch = Strong<struct BrokerEpochTag, std::int64_t>;
using CorrelationId = Strong<struct CorrelationIdTag, std::int32_t>;
/// A distance between two offsets: a number of records, gaps included.
using OffsetDelta = std::int64_t;

/// A place in a partition's log. Offsets do not add up; an offset and a distance do.
struct Offset : Strong<struct OffsetTag, std::int64_t> {
    using Strong::Strong;
    friend constexpr auto operator<=>(const Offset&, const Offset&) = default;
    friend constexpr OffsetDelta operator-(Offset a, Offset b) { return a.value - b.value; }
    friend constexpr Offset operator+(Offset a, OffsetDelta d) { return Offset{a.value + d}; }
    friend constexpr Offset operator-(Offset a, OffsetDelta d) { return Offset{a.value - d}; }
    constexpr Offset& operator+=(OffsetDelta d) {
        value += d;
        return *this;
    }
};

inline constexpr BrokerId noBroker{-1};
inline constexpr Offset noOffset{-1};
inline constexpr LeaderEpoch noEpoch{-1};
inline constexpr std::int64_t noTimestamp = -1;

/// A leader epoch and the offset at which it ends in the answerer's log.
struct EpochEnd {
    LeaderEpoch epoch = noEpoch;
    Offset endOffset = noOffset;
    static void fields(auto& v, auto& end) {
        v.field(end.epoch);
        v.field(end.endOffset);
    }
    friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
};

/// A replica that fetches as a consumer, not as a follower.
inline constexpr BrokerId consumerReplica{-1};

struct TopicPartition {
    TopicName topic;
    PartitionIndex partition;

    friend bool operator==(const TopicPartition&, const TopicPartition&) = default;
    friend std::strong_ordering operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

[[nodiscard]] inline std::string toText(Offset offset) {
    return std::to_string(offset.value);
}
/// "access-0"
[[nodiscard]] inline std::string toText(const TopicPartition& tp) {
    return tp.topic.text() + '-' + std::to_string(tp.partition.value);
}
/// "1,2,3"
[[nodiscard]] inline std::string toText(const std::vector<BrokerId>& brokers) {
    std::string text;
    for (const BrokerId broker : brokers) {
        text += (text.empty() ? "" : ",") + std::to_string(broker.value);
    }
    return text;
}

[[nodiscard]] inline bool holds(const std::vector<BrokerId>& brokers, BrokerId broker) {
    return std::find(brokers.begin(), brokers.end(), broker) != brokers.end();
}

inline void addTo(Digest& digest, const TopicPartition& tp) {
    digest.add(tp.topic.hash());
    digest.add(tp.partition.value);
}
inline void addTo(Digest& digest, const std::vector<BrokerId>& brokers) {
    digest.add(static_cast<std::uint64_t>(brokers.size()));
    for (const BrokerId broker : brokers) {
        digest.add(broker.value);
    }
}

inline constexpr std::string_view consumerOffsetsTopic = "__consumer_offsets";
/// As whom a scenario's topics are asked for. They may be as large as the cluster takes: ZooKeeper mode knows no bound
/// for one request; the one that `partitionsPerRequestMax` sets is for whoever goes by another name.
inline constexpr std::string_view topicSetupClient = "admin";

}  // namespace millrace::kafka
