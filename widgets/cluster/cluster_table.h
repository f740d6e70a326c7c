#pragma once

#include <QString>
#include <map>
#include <string>
#include <vector>

#include "engine/observe/snapshot.h"

namespace millrace::widgets {

/// From where to where the strips of a topic reach: one scale for all of its replicas, so that what stayed behind is
/// shorter wherever it stands.
struct StripScale {
    std::int64_t first = 0;
    std::int64_t last = 0;
};

/// A row of the machines' face: one partition, at one height in the columns of all brokers.
struct ClusterRow {
    std::string topic;
    std::int32_t partition = 0;
    std::int32_t leader = -1;
    std::int64_t logEnd = 0;
    std::int64_t highWatermark = 0;
    std::int64_t position = -1;  ///< of its slowest reader, -1 when nobody reads
    std::int64_t unread = -1;    ///< by that reader, -1 when nobody ever read
    bool isBeingRead = false;    ///< somebody reads now
    bool isThin = false;         ///< fewer in sync than replicas, or without a leader
    StripScale scale;
    std::vector<int> replicas;  ///< by broker: where in its list, or one of the two below

    static constexpr int absent = -1;   ///< the broker has no part in it
    static constexpr int unknown = -2;  ///< it is assigned to the broker, which knows nothing of it now

    [[nodiscard]] QString id() const;
};

/// Topics that Kafka keeps for itself, such as `__consumer_offsets` with its fifty partitions.
[[nodiscard]] bool isInternalTopic(std::string_view name);

/// All partitions as rows, in the order of topics and numbers. Which there are follows from what the cluster knows of
/// its topics and not from who lives.
[[nodiscard]] std::vector<ClusterRow> clusterRows(const observe::Snapshot& snapshot, bool withInternal);

[[nodiscard]] std::size_t internalPartitions(const observe::ClusterView& cluster);

/// How full a strip is drawn up to an offset, linear over its topic. What lacks anything to its partition's end ends
/// visibly before it: one record behind can be seen among millions.
[[nodiscard]] double stripShare(std::int64_t offset, std::int64_t first, std::int64_t partitionEnd, std::int64_t last);

}  // namespace millrace::widgets
